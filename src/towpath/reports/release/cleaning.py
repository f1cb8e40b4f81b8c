"""Texts of logs, notes and problems without secrets, whoever wrote them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from towpath.credentials.environment import without_credentials
from towpath.credentials.redaction import HIDDEN, without_secrets
from towpath.walk.logs import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.errors import Problem

_SHORTEST = 8  # characters; what is shorter stands in any text by chance
_PLACES = ("GIT_CONFIG_", "SSH_", "GPG_")  # where an agent or a folder is


def cleaner(environ: Mapping[str, str]) -> Callable[[str], str]:
    """What hides secrets by their form, and the values of this environment's credentials; control characters go.

    Lone surrogates, as names of files that are not UTF-8 bring them, become question marks.
    """
    kept = without_credentials(environ)
    secret = {value for name, value in environ.items() if name not in kept and not name.startswith(_PLACES)}
    values = sorted((value for value in secret if len(value) >= _SHORTEST), key=len, reverse=True)

    def clean(text: str) -> str:
        text = plain(text.encode("utf-8", "replace").decode("utf-8"))
        for value in values:
            text = text.replace(value, HIDDEN)
        return without_secrets(text)

    return clean


def clean_problem(problem: Problem, clean: Callable[[str], str]) -> Problem:
    """A problem in clean words."""
    return replace(problem, cause=clean(problem.cause), fix=clean(problem.fix), detail=clean(problem.detail))
