"""Reading what is inside an sdist or a wheel."""

from __future__ import annotations

import re
import tarfile
import zipfile
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from towpath import errors
from towpath.distributions.archive import UNREADABLE

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = (".py", ".so", ".pyd")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a distribution says of itself: name, version, and the requirements of what it needs to run."""

    name: str
    version: str
    requires: tuple[str, ...]


def metadata(path: Path) -> Metadata:
    """Read METADATA of a wheel or PKG-INFO of an sdist. Raises damaged-distribution."""
    try:
        text = _from_wheel(path) if path.suffix == ".whl" else _from_sdist(path)
    except (KeyError, StopIteration):
        raise errors.DAMAGED_DISTRIBUTION.error(file=path.name, why="its metadata is missing") from None
    except UNREADABLE as error:
        raise errors.DAMAGED_DISTRIBUTION.error(file=path.name, why=error) from None
    headers = BytesHeaderParser().parsebytes(text)
    name, version = str(headers.get("Name", "")), str(headers.get("Version", ""))
    if not name or not _is_version(version):
        why = f"its metadata gives {name or 'no name'!r} and {version!r} as name and version"
        raise errors.DAMAGED_DISTRIBUTION.error(file=path.name, why=why)
    return Metadata(name, version, tuple(map(str, headers.get_all("Requires-Dist", []))))


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules of a wheel: those to import, and those (`__main__`, names that none can import) only compiled."""

    imported: tuple[str, ...]
    compiled: tuple[str, ...]


def modules(wheel: Path) -> Modules:
    """Every module that a wheel installs. Raises damaged-distribution."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not _is_library(archive, name)]
    except UNREADABLE as error:
        raise errors.DAMAGED_DISTRIBUTION.error(file=wheel.name, why=error) from None
    paths = [path for name in names if (path := _installed_path(name)) and path.endswith(_SUFFIXES)]
    dotted = {path: _dotted(path) for path in paths}
    imported = {name for name in dotted.values() if name}
    compiled = {path for path, name in dotted.items() if name is None and path.endswith(".py")}
    return Modules(tuple(sorted(imported)), tuple(sorted(compiled)))


def _is_library(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a `lib.so` is for ctypes and its like: a module has the function that Python begins with, PyInit_lib.

    Only a name without an ABI leaves it open. https://docs.python.org/3/extending/building.html
    """
    last = name.rpartition("/")[2]
    return last.endswith(".so") and last.count(".") == 1 and b"PyInit" not in archive.read(name)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _from_wheel(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        # Its own, at the top: vendored packages may bring their dist-info folders along, further down.
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return archive.read(name)


def _from_sdist(path: Path) -> bytes:
    with tarfile.open(path) as archive:
        top = next(iter(archive.getnames())).split("/")[0]
        member = archive.extractfile(f"{top}/PKG-INFO")
        if member is None:
            raise KeyError("PKG-INFO")  # noqa: EM101 - what getmember raises too
        return member.read()


def _installed_path(name: str) -> str:
    """Where a member of a wheel is installed below site-packages; empty for what is not installed there.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    first, _, rest = name.partition("/")
    if first.endswith(".dist-info"):
        return ""
    if first.endswith(".data"):
        kind, _, below = rest.partition("/")
        return below if kind in {"purelib", "platlib"} else ""
    return name


def _dotted(path: str) -> str | None:
    """A module's dotted name; None if it is only compiled."""
    parts = path.split("/")
    parts[-1] = parts[-1].partition(".")[0]
    if parts[-1] == "__main__" or not all(part.isidentifier() for part in parts):
        return None
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
