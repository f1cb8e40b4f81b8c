"""The files that a version consists of: which are expected, and which platform makes each."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SDIST, ANY = "sdist", "any"
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_INTEL, _ARM = ("x86_64", "amd64"), ("aarch64", "arm64")


@dataclass(frozen=True, slots=True)
class Expected:
    """A file by its pattern, `sdist` or a wheel's tags such as `py3-none-any` or `cp3*-manylinux*_x86_64`.

    `platform` is what makes it, such as `linux-x86_64`, `macos-arm64`, `windows-amd64`, or `any`.
    """

    pattern: str
    platform: str = ANY


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is there, held against what is expected."""

    missing: tuple[Expected, ...]
    elsewhere: tuple[Expected, ...]
    unexpected: tuple[str, ...]
    doubled: tuple[str, ...]


def here() -> str:
    """This machine, as it is named in `platform`."""
    machine, windows = platform.machine().lower(), sys.platform == "win32"
    if machine in _INTEL:
        machine = "amd64" if windows else "x86_64"
    elif machine in _ARM:
        machine = "aarch64" if sys.platform == "linux" else "arm64"
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{machine}"


def by_default(*, sdist: bool) -> tuple[Expected, ...]:
    """One sdist, unless the project makes none, and a wheel of whatever tags."""
    return (*((Expected(SDIST),) if sdist else ()), Expected("*-*-*"))


def weigh(filenames: Iterable[str], expected: Iterable[Expected], where: str) -> Weighed:
    """Compare files with what is expected, on the machine `where`."""
    names, wanted = sorted(filenames), tuple(expected)
    lacking = [one for one in wanted if not any(matches(one, name) for name in names)]
    sdists = [name for name in names if kind(name) == SDIST]
    return Weighed(
        missing=tuple(one for one in lacking if one.platform in {ANY, where}),
        elsewhere=tuple(one for one in lacking if one.platform not in {ANY, where}),
        unexpected=tuple(name for name in names if not any(matches(one, name) for one in wanted)),
        doubled=tuple(sdists if len(sdists) > 1 else ()),
    )


def matches(expected: Expected, filename: str) -> bool:
    """Whether a file is the expected one; of a wheel with several tags, any or all of them may be named."""
    said = kind(filename)
    return any(fnmatchcase(one, expected.pattern) for one in (said, *_single_tags(said)))


def kind(filename: str) -> str:
    """`sdist`, the tags of a wheel, or "" for a file that is neither."""
    if filename.endswith(".tar.gz"):
        return SDIST
    parts = filename.removesuffix(".whl").split("-")
    tags = 3
    return "-".join(parts[-tags:]) if filename.endswith(".whl") and len(parts) >= tags + 2 else ""


def _single_tags(said: str) -> list[str]:
    """The tags of a compressed set, each apart: https://packaging.python.org/specifications/platform-compatibility-tags/."""
    if said.count("-") != 2:  # noqa: PLR2004 - Python, ABI, platform
        return []
    pythons, abis, platforms = (part.split(".") for part in said.split("-"))
    return [f"{python}-{abi}-{one}" for python in pythons for abi in abis for one in platforms]
