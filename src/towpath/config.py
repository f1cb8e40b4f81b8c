"""`[tool.towpath]` in pyproject.toml: strict, every key with a default that fits an ordinary project."""

from __future__ import annotations

import difflib
import re
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


class _Section(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """A table whose keys are its fields, with dashes."""


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


class Settings(_Section, frozen=True):
    """All of `[tool.towpath]`."""

    python: tuple[str, ...] = ()
    installer: str = "auto"
    pass_environment: tuple[str, ...] = ()
    lint: Commands = Commands()
    test: Commands = Commands()
    security: Security = Security()
    verify_install: VerifyInstall = VerifyInstall()
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
        found = re.search(r"github\.com[:/]([^/]+/[^/]+?)(?:\.git)?/?$", remote_url or "")
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

    Raises no-pyproject, bad-toml, no-project-name and bad-configuration; all that is wrong with
    `[tool.towpath]` is reported together.
    """
    pyproject = read_pyproject(root)
    table = pyproject.get("tool", {}).get("towpath", {})
    wrong = list(_unknown_keys(table, Settings, ""))
    if wrong:
        raise errors.TowpathError(*wrong)
    settings = _convert(table)
    wrong = list(_wrong_choices(settings))
    if wrong:
        raise errors.TowpathError(*wrong)
    return Configuration(_name(pyproject), pyproject, settings)


def suggest(name: str, known: Iterator[str] | dict[str, Any] | tuple[str, ...]) -> str:
    """`Did you mean …? ` for the nearest known name; empty if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}? " if near else ""


def _name(pyproject: dict[str, Any]) -> str:
    project = pyproject.get("project", {}).get("name")
    name = project or pyproject.get("tool", {}).get("poetry", {}).get("name")
    if not isinstance(name, str) or not name:
        raise errors.NO_PROJECT_NAME.error()
    return name


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
    if "{version}" not in settings.tag.format:
        what = f"format is {settings.tag.format!r} and lacks {{version}}"
        yield errors.BAD_CONFIGURATION.problem(where=_table("tag"), what=what, suggestion="")


def _table(where: str) -> str:
    return f"[tool.towpath.{where}]" if where else "[tool.towpath]"
