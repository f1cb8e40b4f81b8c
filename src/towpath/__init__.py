"""towpath: the release pipeline for Python packages."""

__version__ = "0.1.0"
