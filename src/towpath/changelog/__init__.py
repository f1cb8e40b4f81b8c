"""The changelog: sections in, sections out."""
