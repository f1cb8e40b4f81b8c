"""What is wrong with `[tool.towpath.after-release]`, though its types are right."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from towpath.config.routes import SPELLED
from towpath.config.words import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import AfterRelease, Settings

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# The sessions that are there already: those of the gates, and that of the whole walk.
_TAKEN = (
    *("release", "distributions", "lint", "test", "security", "build", "verify-install", "tag", "publish-test"),
    *("publish", "verify-published", "github-release"),
)
# As GitHub takes a secret's name, by which its job is given it.
_VARIABLE = re.compile(r"(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]*")


def wrong_after_release(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every complaint about what comes after the release, with its table and what is near."""
    for name, declared in settings.after_release.items():
        table = f"after-release.{name}"
        if name in _TAKEN or not _NAME.fullmatch(name):
            yield table, f"{name!r} cannot be a gate's name: small letters, digits and dashes, and no other gate's", ""
        for what, near in _wrong(declared):
            yield table, what, near


def _wrong(declared: AfterRelease) -> Iterator[tuple[str, str]]:
    try:
        words = shlex.split(declared.command) if isinstance(declared.command, str) else declared.command
    except ValueError as error:
        yield f"the command {declared.command!r} cannot be split into words: {str(error).lower()}", ""
        words = ("?",)
    if not words or not words[0] or any("\0" in word for word in words):
        yield f"the command {declared.command!r} names no program, or holds a NUL", ""
    if not declared.reason.strip():
        yield "reason is empty: say what it is for", ""
    if not declared.kinds:
        yield f"kinds is empty: choose of {', '.join(SPELLED)}", ""
    for kind in declared.kinds:
        if kind not in SPELLED:
            yield f"kinds: {kind!r} is none of {', '.join(SPELLED)}", suggest(kind, tuple(SPELLED))
    for variable in declared.variables:
        if not _VARIABLE.fullmatch(variable):
            yield f"variables: {variable!r} cannot be the name of a variable and of a secret", ""
    if declared.limit < 1:
        yield f"limit is {declared.limit}: it must be at least one second", ""
