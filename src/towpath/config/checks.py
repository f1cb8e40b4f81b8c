"""What is wrong with a configuration, all of it together."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from towpath import errors
from towpath.config.words import suggest, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Commands, Settings

_INDEX_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NOT_AN_INDEX = ("rehearsal", "dist", "logs")  # what else stands beside the indexes' evidence
_MESSAGE_FIELDS = ("version", "old", "tag")
_CHOICES = {"installer": ("auto", "uv", "pip"), "security.severity": ("low", "medium", "high")}


def wrong_choices(settings: Settings) -> Iterator[errors.Problem]:
    """What the types allow and no gate could use."""
    chosen = {"installer": settings.installer, "security.severity": settings.security.severity}
    for where, value in chosen.items():
        if value not in _CHOICES[where]:
            what = f"{value!r} is none of {', '.join(_CHOICES[where])}"
            near = suggest(value, _CHOICES[where])
            yield errors.BAD_CONFIGURATION.problem(where=table_of(where), what=what, suggestion=near)
    for where, section in (("lint", settings.lint), ("test", settings.test)):
        for what in _wrong_commands(section):
            yield errors.BAD_CONFIGURATION.problem(where=table_of(where), what=what, suggestion="")
    if not _is_tag_format(settings.tag.format):
        what = f"format is {settings.tag.format!r}: it must hold {{version}}, once, and no other braces or blanks"
        yield errors.BAD_CONFIGURATION.problem(where=table_of("tag"), what=what, suggestion="")
    if not _is_message(settings.bump.message):
        what = f"message is {settings.bump.message!r}: its fields are {', '.join(_MESSAGE_FIELDS)}"
        yield errors.BAD_CONFIGURATION.problem(where=table_of("bump"), what=what, suggestion="")
    for name in settings.index:
        if name in _NOT_AN_INDEX or not _INDEX_NAME.fullmatch(name):
            what = f"an index cannot be named {name!r}"
            yield errors.BAD_CONFIGURATION.problem(where=table_of("index"), what=what, suggestion="")


def _wrong_commands(section: Commands) -> Iterator[str]:
    """What no system could start: a command without a program, or what its environment cannot hold."""
    for command in section.commands:
        try:
            words = shlex.split(command) if isinstance(command, str) else command
        except ValueError as error:
            yield f"the command {command!r} cannot be split into words: {str(error).lower()}"
            continue
        if not words or not words[0] or any("\0" in word for word in words):
            yield f"the command {command!r} names no program, or holds a NUL"
    for name, value in section.environment.items():
        if not name or "=" in name or "\0" in name + value:
            yield f"environment cannot hold {name!r}: a name must not be empty nor hold '=', and nothing a NUL"


def _is_tag_format(text: str) -> bool:
    around = text.replace("{version}", "", 1)
    return around != text and not re.search(r"[{}\s]", around)


def _is_message(text: str) -> bool:
    try:
        said = text.format_map(dict.fromkeys(_MESSAGE_FIELDS, "x"))
    except (KeyError, ValueError, IndexError, AttributeError):
        return False
    return bool(said.strip())
