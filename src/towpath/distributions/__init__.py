"""sdists and wheels: build, read, and import what was installed."""
