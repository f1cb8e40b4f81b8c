"""The bump: the next version, in every place where it is written."""
