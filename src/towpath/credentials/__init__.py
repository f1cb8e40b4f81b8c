"""Credentials: who may be given one, and how one is had."""
