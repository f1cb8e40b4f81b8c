"""The sessions of this repository's own release, by the lines that any project adopts."""

from towpath.nox import sessions

sessions()
