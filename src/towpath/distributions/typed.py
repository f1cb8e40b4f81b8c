"""The marker of a typed package, by https://typing.python.org/en/latest/spec/distributing.html (PEP 561)."""

from __future__ import annotations

import re
import zipfile
from email.parser import BytesHeaderParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from towpath import errors
from towpath.distributions.archive import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MARKER = "py.typed"
_CLASSIFIER = "Typing :: Typed"


def markers(wheel: Path, tracked: Iterable[str]) -> tuple[str, ...]:
    """The py.typed files that an installation must leave, below site-packages.

    They are those of the wheel, those that git tracks in a package of the wheel, and one at least where the classifier
    says that the project is typed, but for packages of stubs alone. Raises damaged-distribution.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            said = _CLASSIFIER in _classifiers(archive, names)
    except UNREADABLE as error:
        raise errors.DAMAGED_DISTRIBUTION.error(file=wheel.name, why=error) from None
    packages = _packages(names)
    there = {name for name in names if PurePosixPath(name).name == MARKER and ".data/" not in name}
    wanted = there | {f"{package}/{MARKER}" for path in tracked if (package := _package_of(path, packages))}
    if said and not wanted and not any(package.split("/")[0].endswith("-stubs") for package in packages):
        wanted.add(f"{min(packages, key=len)}/{MARKER}" if packages else MARKER)
    return tuple(sorted(wanted))


def _classifiers(archive: zipfile.ZipFile, names: list[str]) -> list[str]:
    for name in names:
        if re.fullmatch(r"[^/]+\.dist-info/METADATA", name):
            return BytesHeaderParser().parsebytes(archive.read(name)).get_all("Classifier", [])
    return []


def _packages(names: list[str]) -> set[str]:
    """The folders with a module in them, as they are installed."""
    folders = (re.sub(r"^[^/]+\.data/(purelib|platlib)/", "", name).rpartition("/") for name in names)
    return {folder for folder, _, file in folders if folder and file.endswith((".py", ".pyi", ".so", ".pyd"))}


def _package_of(path: str, packages: set[str]) -> str:
    """The package of the wheel that a file of the source belongs to: `pkg` for `src/pkg/py.typed`; empty if to none."""
    source, _, name = path.rpartition("/")
    if name != MARKER:
        return ""
    fitting = [package for package in packages if source == package or source.endswith(f"/{package}")]
    return max(fitting, key=len, default="")
