"""The report of a release: one model, made of what is sealed and kept; HTML, JSON and Markdown are made of it."""
