"""The modules that a project's build writes, as its configuration names them."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Where each tool is told what file it writes the version into.
_PLACES = (
    ("setuptools_scm", "version_file"),
    ("setuptools_scm", "write_to"),
    ("setuptools-scm", "version_file"),
    ("setuptools-scm", "write_to"),
    ("vcs-versioning", "version_file"),
    ("hatch", "build", "hooks", "vcs", "version-file"),
    ("hatch", "build", "hooks", "version", "path"),
    ("hatch", "build", "targets", "wheel", "hooks", "vcs", "version-file"),
    ("hatch", "build", "targets", "sdist", "hooks", "vcs", "version-file"),
    ("pdm", "version", "write_to"),
    ("versioningit", "write", "file"),
    ("versioneer", "versionfile_source"),
    ("versioneer", "versionfile_build"),
)
# What would let every file differ, or every one beside pyproject.toml.
_EVERYTHING = ("*.py", "**/*.py", "**.py")
_POETRY = "poetry-dynamic-versioning"
# Its own default but for `*.py`, by 1.10.1 of https://github.com/mtkennerly/poetry-dynamic-versioning.
_POETRY_DEFAULT = ("*/__init__.py", "*/__version__.py", "*/_version.py")


def by_configuration(pyproject: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Paths or patterns of what setuptools-scm, hatch-vcs and their like write, relative to the project."""
    tool = pyproject.get("tool", {})
    found = [path for place in _PLACES for path in _texts(_at(tool, place))]
    return tuple(dict.fromkeys((*found, *_poetry(tool, folder), *_versioneer(folder))))


def _poetry(tool: Any, folder: Path) -> Iterator[str]:  # noqa: ANN401 - as below
    """poetry-dynamic-versioning gives patterns to pathlib, whose `*` ends at a folder; here it would not.

    So what they find in the commit is named, file by file.
    """
    default = _POETRY_DEFAULT if _at(tool, (_POETRY, "enable")) is True else ()
    files = _at(tool, (_POETRY, "substitution", "files"))
    files = default if files is None else files
    for place in ({"path": "."}, *_tables(_at(tool, (_POETRY, "substitution", "folders")))):
        for pattern in _texts(place.get("files", files)):
            yield from _globbed(folder, str(place.get("path", ".")), pattern)
    anew = _at(tool, (_POETRY, "files"))
    yield from _texts(list(anew)) if isinstance(anew, dict) else ()


def _globbed(folder: Path, below: str, pattern: str) -> Iterator[str]:
    try:
        yield from (path.relative_to(folder).as_posix() for path in (folder / below).glob(pattern))
    except (ValueError, NotImplementedError):
        return  # no pattern to pathlib, or one that leads out of the project


def _versioneer(folder: Path) -> Iterator[str]:
    """versioneer's older place is setup.cfg."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(folder / "setup.cfg", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return
    for option in ("versionfile_source", "versionfile_build"):
        if parser.has_option("versioneer", option):
            yield parser.get("versioneer", option)


def _at(table: Any, place: tuple[str, ...]) -> Any:  # noqa: ANN401 - TOML holds anything
    for key in place:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - as above
    values = value if isinstance(value, (list, tuple)) else [value]
    return [one for one in values if isinstance(one, str) and one.endswith(".py") and one not in _EVERYTHING]


def _tables(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
