"""Version numbers, their parts, and the places where a version is written."""
