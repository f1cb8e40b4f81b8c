"""Every file inside a distribution, and inside the archives that it holds."""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What zipfile and tarfile raise for archives that are cut short, altered, encrypted, or packed in an unknown way.
UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
)
DEPTH = 3
BYTES_INSIDE = 1 << 30  # of all that is unpacked from archives in archives; more is a bomb
_ZIPPED = (".zip", ".whl", ".egg", ".jar")
_TARRED = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a distribution: its path, and what it holds.

    The folder that holds everything in an sdist is left out of the path; what lies in an archive inside is
    `outer.zip!/inner`. `closed` says why an archive inside could not be looked into.
    """

    path: str
    content: bytes
    closed: str = ""


def members(distribution: Path) -> Iterator[Member]:
    """Every member, one after the other, so that no more than one is held in memory. Raises damaged-distribution."""
    budget = [BYTES_INSIDE]
    try:
        if distribution.suffix in {".whl", ".zip"}:
            with zipfile.ZipFile(distribution) as archive:
                yield from _opened(_of_zip(archive), "", 0, budget)
        else:
            with tarfile.open(distribution) as archive:
                below = ((name.partition("/")[2] or name, content) for name, content in _of_tar(archive))
                yield from _opened(below, "", 0, budget)
    except UNREADABLE as error:
        why = error or type(error).__name__
        raise errors.DAMAGED_DISTRIBUTION.error(file=distribution.name, why=why) from None


def listing(distribution: Path) -> dict[str, int]:
    """Path and size in bytes of every file, archives inside not opened. Raises damaged-distribution."""
    try:
        if distribution.suffix in {".whl", ".zip"}:
            with zipfile.ZipFile(distribution) as archive:
                return {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}
        with tarfile.open(distribution) as archive:
            return {one.name.partition("/")[2]: one.size for one in archive if not one.isdir()}
    except UNREADABLE as error:
        raise errors.DAMAGED_DISTRIBUTION.error(file=distribution.name, why=error) from None


def _of_zip(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for info in archive.infolist():
        yield info.filename, b"" if info.is_dir() else archive.read(info)


def _of_tar(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for one in archive:
        opened = archive.extractfile(one) if one.isreg() else None
        yield one.name, opened.read() if opened else b""


def _opened(found: Iterator[tuple[str, bytes]], above: str, depth: int, budget: list[int]) -> Iterator[Member]:
    for path, content in found:
        yield Member(above + path, content)
        if path.lower().endswith((*_ZIPPED, *_TARRED)) and content:
            yield from _inside(f"{above}{path}", content, depth + 1, budget)


def _inside(path: str, content: bytes, depth: int, budget: list[int]) -> Iterator[Member]:
    """What lies in an archive inside; those of tests are often broken on purpose, so that is only said."""
    if depth > DEPTH:
        yield Member(path, b"", closed=f"more than {DEPTH} archives deep")
        return
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as inner:
                _spend(budget, sum(info.file_size for info in inner.infolist()))
                yield from _opened(_of_zip(inner), f"{path}!/", depth, budget)
        else:
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                _spend(budget, sum(one.size for one in tar))
                yield from _opened(_of_tar(tar), f"{path}!/", depth, budget)
    except UNREADABLE as error:
        yield Member(path, b"", closed=str(error) or type(error).__name__)


def _spend(budget: list[int], size: int) -> None:
    budget[0] -= size
    if budget[0] < 0:
        message = f"the archives inside unpack to more than {BYTES_INSIDE >> 20} MiB"
        raise ValueError(message)
