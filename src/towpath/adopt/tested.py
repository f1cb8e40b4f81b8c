"""Whether a project has tests: what pytest would collect, by its own configuration and the files' text."""

from __future__ import annotations

import configparser
import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# https://docs.pytest.org/en/stable/reference/customize.html: the first file with such a section decides
_SECTIONS = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
_USUAL_FILES = ("test_*.py", "*_test.py")
_HOLDS_TEST = re.compile(rb"^[ \t]*(?:async[ \t]+)?def[ \t]+(?:test|it_)|^[ \t]*class[ \t]+\w*Test", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """What pytest is told: its options, the patterns of file names, and where it looks ("" where it is not said)."""

    options: tuple[str, ...] = ()
    files: tuple[str, ...] = _USUAL_FILES
    paths: tuple[str, ...] = ()

    @property
    def reads_doctests(self) -> bool:
        """Whether tests may stand in any module's docstrings."""
        return any(word.startswith(("--doctest-modules", "--doctest-glob", "--doctest-plus")) for word in self.options)


def settings(pyproject: Mapping[str, Any], root: Path) -> Settings:
    """What the project tells pytest, wherever it says so."""
    said = _configured(pyproject, root)
    options = _words(said.get("addopts"), quoted=True)
    return Settings(options, _words(said.get("python_files")) or _USUAL_FILES, _words(said.get("testpaths")))


def test_files(told: Settings, root: Path, listed: Iterable[str]) -> tuple[str, ...]:
    """The files among `listed` (posix, relative to the root) that hold a test which pytest would collect."""
    return tuple(path for path in listed if _is_named(path, told) and _holds_test(root / path))


def section_of(path: Path, section: str) -> dict[str, str]:
    """A section of an INI file; empty where it is not there or cannot be read."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return {}  # not ours to report: the tool that reads it will
    return dict(parser[section]) if parser.has_section(section) else {}


def _is_named(path: str, told: Settings) -> bool:
    named = path.endswith(".py") and any(
        fnmatch(PurePosixPath(path).name, pattern) or fnmatch(path, pattern) for pattern in told.files
    )
    # pytest takes testpaths that are not there for none
    return named and (not told.paths or any(PurePosixPath(path).is_relative_to(one) for one in _plain(told.paths)))


def _plain(paths: Iterable[str]) -> Iterator[str]:
    return (re.sub(r"^\./|/$|/?\*.*$", "", path) for path in paths)


def _holds_test(path: Path) -> bool:
    try:
        return bool(_HOLDS_TEST.search(path.read_bytes()))
    except OSError:
        return False


def _configured(pyproject: Mapping[str, Any], root: Path) -> Mapping[str, Any]:
    for name, section in _SECTIONS[:2]:
        if (root / name).is_file():
            return section_of(root / name, section)
    tool = pyproject.get("tool", {}).get("pytest", {})
    if isinstance(tool, dict) and tool:
        options = tool.get("ini_options", tool)
        return options if isinstance(options, dict) else {}
    return next((found for name, section in _SECTIONS[2:] if (found := section_of(root / name, section))), {})


def _words(value: object, *, quoted: bool = False) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    text = value if isinstance(value, str) else ""
    try:
        return tuple(shlex.split(text)) if quoted else tuple(text.split())
    except ValueError:
        return tuple(text.split())
