"""Taking towpath up: what a project is, and the few files that it needs."""
