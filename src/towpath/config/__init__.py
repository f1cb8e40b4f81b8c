"""`[tool.towpath]` in pyproject.toml: strict, every key with a default that fits an ordinary project."""
