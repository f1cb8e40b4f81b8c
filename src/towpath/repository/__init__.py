"""git, through GitPython, behind one door."""
