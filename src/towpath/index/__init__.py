"""Package indexes: reading them, sending files to them, and the twin that answers as PyPI answers."""
