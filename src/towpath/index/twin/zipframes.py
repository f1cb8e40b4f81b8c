"""Whether a ZIP archive says the same to a reader of its directory and to one that streams it.

PyPI refuses archives in which the two could differ (https://docs.pypi.org/archives); the record layout is
that of PKWARE's APPNOTE.TXT, whose sections are named below.
"""

from __future__ import annotations

import os
import struct
import zipfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_DATA_DESCRIPTOR = 0x08
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
_FULL = 0xFFFFFFFF
_END64_SIZE = 44
_MALFORMED = "Malformed zip file"


class _FaultError(Exception):
    """What PyPI would object to."""


@dataclass(slots=True)
class _Scan:
    """What has been read so far."""

    file: IO[bytes]
    sizes: dict[str, tuple[int, int]]
    local: set[bytes] = field(default_factory=set)
    central: set[bytes] = field(default_factory=set)
    records: int = 0
    directory_at: int | None = None
    directory_size: int = 0
    end64: tuple[int, int, int] | None = None
    locator_seen: bool = False


def framing_fault(path: Path) -> str:
    """What PyPI would object to, or nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.orig_filename: (info.compress_size, info.file_size) for info in archive.filelist}
    except zipfile.BadZipFile as error:
        return str(error)
    with path.open("rb") as file:
        scan = _Scan(file, sizes)
        try:
            while _record(scan):
                pass
        except _FaultError as fault:
            return str(fault)
        if scan.central != scan.local:
            return "Mis-matched local headers and central directory"
        return "Trailing data" if file.read(1) else ""


def _record(scan: _Scan) -> bool:
    """Read the next record; False after the last."""
    signature = _read(scan, 4)
    if signature == _LOCAL:
        _local_header(scan)
    elif signature == _CENTRAL:
        _central_header(scan)
    elif signature == _END64:
        scan.end64 = _end64(scan)
    elif signature == _LOCATOR64:
        _read(scan, 16)
        scan.locator_seen = True
    elif signature == _END:
        _end(scan)
        return False
    else:
        _reject("Unknown record signature")
    return True


def _reject(fault: str) -> NoReturn:
    raise _FaultError(fault)


def _read(scan: _Scan, amount: int) -> bytes:
    content = scan.file.read(amount)
    if len(content) != amount:
        _reject(_MALFORMED)
    return content


def _local_header(scan: _Scan) -> None:
    """Section 4.3.7."""
    flags, method, packed, size, name_size, extra_size = struct.unpack("<2xHH8xLLHH", _read(scan, 26))
    name, extra = _read(scan, name_size), _read(scan, extra_size)
    _check_printable(name)
    packed, size = _extra_sizes(extra, method, packed, size)
    if flags & _DATA_DESCRIPTOR:
        _reject("ZIP contains a data descriptor")
    try:
        expected = scan.sizes.get(name.decode("utf-8"))
    except UnicodeDecodeError:
        _reject("Filename not unicode")
    if expected is None:
        _reject("Filename not in central directory")
    if expected[0] != packed:
        _reject("Mis-matched data size")
    if expected[1] != size:
        _reject("Mis-matched file size")
    scan.file.seek(packed, os.SEEK_CUR)
    if name in scan.local:
        _reject("Duplicate filename in local headers")
    scan.local.add(name)


def _extra_sizes(extra: bytes, method: int, packed: int, size: int) -> tuple[int, int]:
    """Sections 4.5.3 and 4.6.9: the sizes with ZIP64's, where they are given there."""
    seen = set()
    while extra:
        if len(extra) < 4:  # noqa: PLR2004 - id and length
            _reject(_MALFORMED)
        kind, length = struct.unpack("<HH", extra[:4])
        if length + 4 > len(extra):
            _reject(_MALFORMED)
        if kind in seen and kind in (_ZIP64, _UNICODE_PATH):
            _reject("Invalid duplicate extra in local file")
        seen.add(kind)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _ZIP64:
            packed, size = _zip64_sizes(content, method, packed, size)
        elif kind == _UNICODE_PATH:
            _check_unicode_path(content[5:])
    return packed, size


def _zip64_sizes(content: bytes, method: int, packed: int, size: int) -> tuple[int, int]:
    if len(content) not in (0, 8, 16, 24, 28):
        _reject(_MALFORMED)
    if not content:
        if _FULL in (packed, size):
            _reject(_MALFORMED)
        return packed, size
    (real,) = struct.unpack("<Q", content[:8])
    if len(content) == 8:  # noqa: PLR2004 - the size alone, which says the packed size only if nothing is packed
        if method != zipfile.ZIP_STORED:
            _reject(_MALFORMED)
        return real, real if size == _FULL else size
    (real_packed,) = struct.unpack("<Q", content[8:16])
    return real_packed, real if size == _FULL else size


def _check_unicode_path(name: bytes) -> None:
    _check_printable(name)
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        _reject("Filename not valid UTF-8")


def _central_header(scan: _Scan) -> None:
    """Section 4.3.12."""
    if scan.directory_at is None:
        scan.directory_at = scan.file.tell() - 4
    scan.records += 1
    name_size, extra_size, comment_size = struct.unpack("<24xHHH12x", _read(scan, 42))
    if comment_size:
        _reject("Comment in central directory")
    name = _read(scan, name_size)
    _read(scan, extra_size)
    _check_printable(name)
    scan.directory_size += 46 + name_size + extra_size
    if name in scan.central:
        _reject("Duplicate filename in central directory")
    if name not in scan.local:
        _reject("Missing filename in local headers")
    scan.central.add(name)


def _end64(scan: _Scan) -> tuple[int, int, int]:
    """Section 4.3.14: records, size and offset of the directory."""
    length, here, records, size, offset = struct.unpack("<Q12xQQQQ", _read(scan, 52))
    if here != records:
        _reject(_MALFORMED)
    if length != _END64_SIZE:
        _reject("ZIP64 extensible data not allowed")
    return records, size, offset


def _end(scan: _Scan) -> None:
    """Section 4.3.16."""
    if scan.end64 is not None and not scan.locator_seen:
        _reject(_MALFORMED)
    if scan.directory_at is None:
        scan.directory_at = scan.file.tell() - 4
    here, records, size, offset, comment_size = struct.unpack("<4xHHLLH", _read(scan, 18))
    if here != records:
        _reject(_MALFORMED)
    scan.file.seek(comment_size, os.SEEK_CUR)
    if scan.end64 is not None:
        records, size, offset = scan.end64
    if records != scan.records:
        _reject("Mismatched central directory records")
    if offset != scan.directory_at:
        _reject("Mismatched central directory offset")
    if size != scan.directory_size:
        _reject("Mismatched central directory size")


def _check_printable(name: bytes) -> None:
    if any(byte < ord(" ") or byte == 0x7F for byte in name):  # noqa: PLR2004 - DEL
        _reject("Invalid character in filename")
