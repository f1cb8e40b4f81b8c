"""The pipeline as GitHub Actions: generated, kept current, and run on this machine."""
