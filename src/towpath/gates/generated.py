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
    ("poetry-dynamic-versioning", "substitution", "files"),
)
# Its own default, but for modules that are no package's (https://github.com/mtkennerly/poetry-dynamic-versioning): that
# pattern would let every file differ here.
_EVERYTHING = ("*.py", "**/*.py", "**.py")
_POETRY_DEFAULT = ("*/__init__.py", "*/__version__.py", "*/_version.py")


def by_configuration(pyproject: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Paths or patterns of what setuptools-scm, hatch-vcs and their like write, relative to the project."""
    tool = pyproject.get("tool", {})
    found = [path for place in _PLACES for path in _texts(_at(tool, place))]
    if _at(tool, ("poetry-dynamic-versioning", "enable")) is True:
        found += _POETRY_DEFAULT
    return tuple(dict.fromkeys((*found, *_versioneer(folder))))


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
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str) and one.endswith(".py") and one not in _EVERYTHING]
