"""The sessions of this repository's own release, by the lines that any project adopts, and its documentation."""

import nox

from towpath.nox import sessions

sessions()


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Make the documentation's site in site/; a broken link is an error."""
    session.install(*nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "docs"))
    session.run("sphinx-build", "--fresh-env", "--nitpicky", "--fail-on-warning", "--keep-going", "docs", "site")
