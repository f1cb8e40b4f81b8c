"""Releases on the forge: notes and files beside the tag."""
