"""What is wrong with a configuration, all of it together."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from towpath import errors
from towpath.config.after_checks import wrong_after_release
from towpath.config.build_checks import wrong_build
from towpath.config.durations import duration
from towpath.config.index_checks import wrong_publishing
from towpath.config.install_checks import wrong_verify_install
from towpath.config.routes import wrong_routes
from towpath.config.sections import Command
from towpath.config.security_checks import wrong_security
from towpath.config.test_checks import wrong_test
from towpath.config.words import suggest, table_of
from towpath.config.workflow_checks import wrong_workflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.config.sections import Build, Commands, Settings

_MESSAGE_FIELDS = ("version", "old", "tag")
_PREFIX = re.compile(r"([a-z][a-z0-9]*-)*")
_CHOICES = {"installer": ("auto", "uv", "pip")}


def wrong_choices(settings: Settings) -> Iterator[errors.Problem]:
    """What the types allow and no gate could use."""
    ours = (_choices, _commands, _texts, _names, _ages)
    theirs = (wrong_publishing, wrong_routes, wrong_security, wrong_test, wrong_verify_install, wrong_workflow)
    checks = (*ours, *theirs, wrong_after_release)
    for where, what, *near in (wrong for check in checks for wrong in check(settings)):
        yield errors.BAD_CONFIGURATION.problem(where=table_of(where), what=what, suggestion="".join(near))


def _choices(settings: Settings) -> Iterator[tuple[str, str, str]]:
    chosen = {"installer": settings.installer}
    for where, value in chosen.items():
        if value not in _CHOICES[where]:
            yield where, f"{value!r} is none of {', '.join(_CHOICES[where])}", suggest(value, _CHOICES[where])


def _commands(settings: Settings) -> Iterator[tuple[str, str]]:
    for where, section in (("lint", settings.lint), ("test", settings.test)):
        for what in _wrong_commands(section):
            yield where, what
    for what in (*wrong_build(settings.build), *_wrong_making(settings.build)):
        yield "build", what


def _texts(settings: Settings) -> Iterator[tuple[str, str]]:
    if not _is_tag_format(settings.tag.format):
        wanted = "it must hold {version}, once, and no other braces or blanks"
        yield "tag", f"format is {settings.tag.format!r}: {wanted}"
    if not _is_message(settings.bump.message):
        yield "bump", f"message is {settings.bump.message!r}: its fields are {', '.join(_MESSAGE_FIELDS)}"


def _names(settings: Settings) -> Iterator[tuple[str, str]]:
    if not _PREFIX.fullmatch(settings.prefix):
        yield "", f"prefix is {settings.prefix!r}: write small letters and digits, ending with a dash, such as towpath-"


def _ages(settings: Settings) -> Iterator[tuple[str, str]]:
    try:
        duration(settings.evidence.max_age)
    except ValueError as error:
        yield "evidence", f"max-age: {error}"


def _wrong_commands(section: Commands) -> Iterator[str]:
    """What no system could start: a command without a program, or what its environment cannot hold."""
    yield from _wrong_environment(section.environment)
    for one in section.commands:
        command = one if isinstance(one, Command) else Command(one)
        yield from _wrong_words(command.run)
        yield from _wrong_environment(command.environment)
        if command.allowed_to_fail is not None and not command.allowed_to_fail.strip():
            yield f"the command {command.run!r} is allowed to fail without a reason: say why"


def _wrong_making(build: Build) -> Iterator[str]:
    for command in build.before:
        yield from _wrong_words(command)
    if build.command:
        yield from _wrong_words(build.command)
    yield from _wrong_environment(build.environment)


def _wrong_words(command: str | tuple[str, ...]) -> Iterator[str]:
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as error:
        yield f"the command {command!r} cannot be split into words: {str(error).lower()}"
        return
    if not words or not words[0] or any("\0" in word for word in words):
        yield f"the command {command!r} names no program, or holds a NUL"


def _wrong_environment(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
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
