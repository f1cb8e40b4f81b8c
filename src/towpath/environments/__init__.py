"""Interpreters, and the virtual environments made of them outside the project."""
