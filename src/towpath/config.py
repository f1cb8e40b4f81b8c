"""`[tool.towpath]` in pyproject.toml: strict, every key with a default that fits an ordinary project."""

from __future__ import annotations

import difflib
import re
import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from towpath import errors
from towpath.model import ForgeAddress, IndexAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class _Section(msgspec.Struct, frozen=True, rename="kebab"):
    """A table whose keys are its fields, with dashes; any other is found by `_unknown_keys`."""


class Commands(_Section, frozen=True):
    """What a gate runs, and what is installed to run it.

    A command is a string, split as a POSIX shell would split it (no shell is run), or a list of words.
    """

    commands: tuple[str | tuple[str, ...], ...] = ()
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    requirements: tuple[str, ...] = ()
    environment: dict[str, str] = {}


class Security(_Section, frozen=True):
    """bandit's threshold: findings of at least this severity close the gate."""

    severity: str = "medium"


class VerifyInstall(_Section, frozen=True):
    """`skip-imports`: modules that are not imported, each with the reason."""

    skip_imports: dict[str, str] = {}


class Tag(_Section, frozen=True):
    """How tags are spelled, and the remote that they are pushed to."""

    format: str = "v{version}"
    remote: str = "origin"


class Publish(_Section, frozen=True):
    """The name of the index that a publishing gate sends to."""

    index: str = ""


class Index(_Section, frozen=True):
    """An index of your own: `[tool.towpath.index.NAME]`."""

    upload_url: str
    simple_url: str
    token_variable: str = ""


class GithubRelease(_Section, frozen=True):
    """The forge; by default GitHub and the repository that the remote names."""

    repository: str = ""
    api_url: str = "https://api.github.com"


class DeclaredPlace(_Section, frozen=True):
    """A place that a bump writes besides those that it finds: a file, and how the version stands in it."""

    path: str
    pattern: str = "{version}"


class Bump(_Section, frozen=True):
    """What a bump writes, and where it may.

    `message` is the commit's, with `{version}`, `{old}` and `{tag}`; `branch` the only one to bump on, `*` being
    any text ("" for any); `changelog` its path ("" to find it); `changelog_prereleases` is whether a pre-release
    or development version has an entry of its own there.
    """

    places: tuple[DeclaredPlace, ...] = ()
    message: str = "Release {version}"
    branch: str = ""
    changelog: str = ""
    changelog_prereleases: bool = True


class Settings(_Section, frozen=True):
    """All of `[tool.towpath]`."""

    python: tuple[str, ...] = ()
    installer: str = "auto"
    pass_environment: tuple[str, ...] = ()
    lint: Commands = Commands()
    test: Commands = Commands()
    security: Security = Security()
    verify_install: VerifyInstall = VerifyInstall()
    bump: Bump = Bump()
    tag: Tag = Tag()
    publish_test: Publish = Publish(index="testpypi")
    publish: Publish = Publish(index="pypi")
    github_release: GithubRelease = GithubRelease()
    index: dict[str, Index] = {}


# PyPI's own addresses, https://docs.pypi.org/api/upload/ and https://docs.pypi.org/api/index-api/
_KNOWN_INDEXES = {
    "pypi": Index(upload_url="https://upload.pypi.org/legacy/", simple_url="https://pypi.org/simple/"),
    "testpypi": Index(upload_url="https://test.pypi.org/legacy/", simple_url="https://test.pypi.org/simple/"),
}
# A URL, or ssh's short form user@host:path; `github.com` deeper in a path is a folder's name.
_ON_GITHUB = re.compile(
    r"(?:\w+(?:\+\w+)?://)?(?:[^@/]+@)?(?:www\.|ssh\.)?github\.com(?::\d+(?=/))?[:/]/?([^/:]+/[^/]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
_INDEX_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NOT_AN_INDEX = ("rehearsal", "dist", "logs")  # what else stands beside the indexes' evidence
_MESSAGE_FIELDS = ("version", "old", "tag")
_CHOICES = {"installer": ("auto", "uv", "pip"), "security.severity": ("low", "medium", "high")}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A project's pyproject.toml: its name as written, the whole document, and our settings."""

    name: str
    pyproject: dict[str, Any]
    settings: Settings

    def index(self, name: str) -> IndexAddress:
        """The index of that name. Raises unknown-name."""
        known = {**_KNOWN_INDEXES, **self.settings.index}
        if name not in known:
            raise errors.UNKNOWN_NAME.error(
                kind="index", name=name, known=", ".join(known), suggestion=suggest(name, known)
            )
        found = known[name]
        variable = found.token_variable or f"TOWPATH_TOKEN_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
        return IndexAddress(name, found.upload_url, found.simple_url, variable)

    def forge(self, remote_url: str | None) -> ForgeAddress | None:
        """The forge of the configuration, else GitHub where the remote is there; None if neither is known."""
        chosen = self.settings.github_release
        found = _ON_GITHUB.fullmatch(remote_url or "")
        repository = chosen.repository or (found[1] if found else "")
        return ForgeAddress(chosen.api_url, repository) if repository else None


def read_pyproject(root: Path) -> dict[str, Any]:
    """pyproject.toml as a dictionary. Raises no-pyproject and bad-toml."""
    path = root / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise errors.NO_PYPROJECT.error(folder=root) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise errors.BAD_TOML.error(path=path.name, why=error) from None


def load(root: Path) -> Configuration:
    """Read and check the configuration of the project in `root`.

    Raises no-pyproject, bad-toml, no-project-name, bad-dependency-groups and bad-configuration; all that is wrong with
    `[tool.towpath]` is reported together, but for wrong types, of which the first is.
    """
    pyproject = read_pyproject(root)
    table = _subtable(pyproject, "tool").get("towpath", {})
    wrong, settings = list(_unknown_keys(table, Settings, "")), Settings()
    try:
        settings = _convert(table)
        wrong += _wrong_choices(settings)
    except errors.TowpathError as error:
        wrong += error.problems
    if not isinstance(pyproject.get("dependency-groups", {}), dict):
        wrong.append(errors.BAD_DEPENDENCY_GROUPS.problem(why="it must be one table, written [dependency-groups]"))
    if wrong:
        raise errors.TowpathError(*wrong)
    return Configuration(_name(pyproject), pyproject, settings)


def suggest(name: str, known: Iterator[str] | dict[str, Any] | tuple[str, ...]) -> str:
    """`Did you mean …? ` for the nearest known name; empty if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}? " if near else ""


def _name(pyproject: dict[str, Any]) -> str:
    poetry = _subtable(_subtable(pyproject, "tool"), "poetry")
    name = _subtable(pyproject, "project").get("name") or poetry.get("name")
    if not isinstance(name, str) or not name:
        raise errors.NO_PROJECT_NAME.error()
    return name


def _subtable(table: dict[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key, {})
    return found if isinstance(found, dict) else {}


def _unknown_keys(table: object, kind: type[msgspec.Struct], where: str) -> Iterator[errors.Problem]:
    """msgspec stops at the first unknown key and suggests nothing, so they are looked for beforehand."""
    if not isinstance(table, dict):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        place = f"{where}.{key}".lstrip(".")
        if key not in fields:
            what, near = f"unknown key {key!r}", suggest(key, fields)
            yield errors.BAD_CONFIGURATION.problem(where=_table(where), what=what, suggestion=near)
            continue
        default = fields[key].default
        if isinstance(default, msgspec.Struct):
            yield from _unknown_keys(value, type(default), place)
        elif place == "bump.places" and isinstance(value, list):
            for one in value:
                yield from _unknown_keys(one, DeclaredPlace, place)
        elif key == "index" and not where and isinstance(value, dict):
            for name, index in value.items():
                yield from _unknown_keys(index, Index, f"{place}.{name}")


def _convert(table: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at ")
        where = path.strip("`").removeprefix("$").lstrip(".")
        raise errors.BAD_CONFIGURATION.error(
            where=_table(where), what=what[:1].lower() + what[1:], suggestion=""
        ) from None


def _wrong_choices(settings: Settings) -> Iterator[errors.Problem]:
    chosen = {"installer": settings.installer, "security.severity": settings.security.severity}
    for where, value in chosen.items():
        if value not in _CHOICES[where]:
            what = f"{value!r} is none of {', '.join(_CHOICES[where])}"
            near = suggest(value, _CHOICES[where])
            yield errors.BAD_CONFIGURATION.problem(where=_table(where), what=what, suggestion=near)
    for where, section in (("lint", settings.lint), ("test", settings.test)):
        for what in _wrong_commands(section):
            yield errors.BAD_CONFIGURATION.problem(where=_table(where), what=what, suggestion="")
    if not _is_tag_format(settings.tag.format):
        what = f"format is {settings.tag.format!r}: it must hold {{version}}, once, and no other braces or blanks"
        yield errors.BAD_CONFIGURATION.problem(where=_table("tag"), what=what, suggestion="")
    if not _is_message(settings.bump.message):
        what = f"message is {settings.bump.message!r}: its fields are {', '.join(_MESSAGE_FIELDS)}"
        yield errors.BAD_CONFIGURATION.problem(where=_table("bump"), what=what, suggestion="")
    for name in settings.index:
        if name in _NOT_AN_INDEX or not _INDEX_NAME.fullmatch(name):
            what = f"an index cannot be named {name!r}"
            yield errors.BAD_CONFIGURATION.problem(where=_table("index"), what=what, suggestion="")


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


def _table(where: str) -> str:
    return f"[tool.towpath.{where}]" if where else "[tool.towpath]"
