"""pyproject.toml read, and our settings in it checked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from towpath import errors
from towpath.config.checks import wrong_choices
from towpath.config.configuration import Configuration
from towpath.config.sections import AfterRelease, Command, DeclaredPlace, ExpectedFile, Index, Settings
from towpath.config.words import in_words, suggest, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


# Lists that may hold tables.
_LISTED: dict[str, type[msgspec.Struct]] = {
    "build.expect": ExpectedFile,
    "bump.places": DeclaredPlace,
    "lint.commands": Command,
    "test.commands": Command,
}
# Tables of tables of the project's own names.
_NAMED: dict[str, type[msgspec.Struct]] = {"after-release": AfterRelease, "index": Index}


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
        wrong += wrong_choices(settings)
    except errors.TowpathError as error:
        wrong += error.problems
    if not isinstance(pyproject.get("dependency-groups", {}), dict):
        wrong.append(errors.BAD_DEPENDENCY_GROUPS.problem(why="it must be one table, written [dependency-groups]"))
    if wrong:
        raise errors.TowpathError(*wrong)
    return Configuration(_name(pyproject), pyproject, settings)


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
            yield errors.BAD_CONFIGURATION.problem(where=table_of(where), what=what, suggestion=near)
            continue
        default = fields[key].default
        if isinstance(default, msgspec.Struct):
            yield from _unknown_keys(value, type(default), place)
        elif place in _LISTED and isinstance(value, list):
            for one in value:
                yield from _unknown_keys(one, _LISTED[place], place)
        elif place in _NAMED and isinstance(value, dict):
            for name, one in value.items():
                yield from _unknown_keys(one, _NAMED[place], f"{place}.{name}")


def _convert(table: dict[str, Any]) -> Settings:
    try:
        return _completed(msgspec.convert(table, Settings), table)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at ")
        where = path.strip("`").removeprefix("$").lstrip(".")
        what, suggestion = in_words(said)
        raise errors.BAD_CONFIGURATION.error(where=table_of(where), what=what, suggestion=suggestion) from None


def _completed(settings: Settings, table: dict[str, Any]) -> Settings:
    """With the defaults that depend on what else is written: a test index that is named is one for finals, too."""
    names = {"publish_test": settings.publish_test, "publish": settings.publish}
    usual = {"publish_test": "testpypi", "publish": "pypi"}
    filled = {key: replace(one, index=one.index or usual[key]) for key, one in names.items()}
    routes = settings.routes
    if routes.final is None and settings.publish_test.index and "index" in table.get("publish-test", {}):
        routes = replace(routes, final=(filled["publish_test"].index, filled["publish"].index))
    return replace(settings, routes=routes, **filled)
