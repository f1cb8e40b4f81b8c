"""The tasks of this repository's own release, by the lines that any project adopts."""

from towpath.invoke import tasks

ns = tasks()
