"""Archives that two readers could understand differently, and what PyPI says of each."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from towpath.index.twin.zipframes import framing_fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = b"pkg/one.py"
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def archive(*, zip64: bool = False, comment: bytes = b"", extra: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        one = zipfile.ZipInfo(NAME.decode())
        one.comment = comment
        one.extra = extra
        with zipped.open(one, "w", force_zip64=zip64) as member:
            member.write(b"1 = one\n")
        zipped.writestr("pkg/two.py", b"2 = two\n")
    return content.getvalue()


def patched(content: bytes, signature: bytes, offset: int, form: str, value: int) -> bytes:
    """The archive with one number after the first such signature replaced."""
    at = content.index(signature) + offset
    size = struct.calcsize(form)
    return content[:at] + struct.pack(form, value) + content[at + size :]


def renamed(content: bytes, signature: bytes, name: bytes) -> bytes:
    """The archive with the member's name replaced after the first such signature."""
    at = content.index(NAME, content.index(signature))
    return content[:at] + name + content[at + len(NAME) :]


def fault(content: bytes, folder: Path) -> str:
    path = folder / "archive.zip"
    path.write_bytes(content)
    return framing_fault(path)


@pytest.mark.parametrize(
    "content",
    [
        archive(),
        archive(zip64=True),
        archive(extra=b"\x75\x70\x09\x00\x01" + b"\0" * 4 + b"name"),
        b"PK\x05\x06" + b"\0" * 18,
    ],
    ids=["plain", "zip64", "unicode path", "empty"],
)
def test_an_archive_that_says_one_thing(content: bytes, tmp_path: Path) -> None:
    assert fault(content, tmp_path) == ""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda whole: whole + b"x", "Trailing data"),
        (lambda whole: renamed(whole, LOCAL, b"pkg/uno.py"), "Filename not in central directory"),
        (lambda whole: renamed(whole, LOCAL, b"pkg/on\x07.py"), "Invalid character in filename"),
        (lambda whole: renamed(whole, LOCAL, b"pkg/on\xff.py"), "Filename not unicode"),
        (lambda whole: renamed(whole, CENTRAL, b"pkg/uno.py"), "Filename not in central directory"),
        (lambda whole: patched(whole, LOCAL, 6, "<H", 0x08), "ZIP contains a data descriptor"),
        (lambda whole: patched(whole, LOCAL, 18, "<L", 7), "Mis-matched data size"),
        (lambda whole: patched(whole, LOCAL, 22, "<L", 7), "Mis-matched file size"),
        (lambda whole: patched(whole, LOCAL, 28, "<H", 3), "Malformed zip file"),
        (lambda whole: patched(whole, END, 8, "<H", 1), "Malformed zip file"),
        (
            lambda whole: patched(patched(whole, END, 8, "<H", 1), END, 10, "<H", 1),
            "Mismatched central directory records",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_archive_that_says_two_things(change: Callable[[bytes], bytes], expected: str, tmp_path: Path) -> None:
    assert fault(change(archive()), tmp_path) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (archive(comment=b"hello"), "Comment in central directory"),
        (archive(extra=b"\x75\x70\x06\x00\x01" + b"\0" * 4 + b"\x07"), "Invalid character in filename"),
        (archive(extra=b"\x75\x70\x06\x00\x01" + b"\0" * 4 + b"\xff"), "Filename not valid UTF-8"),
        (archive(extra=b"\x75\x70\x06\x00\x01\0\0\0\0a" * 2), "Invalid duplicate extra in local file"),
        (archive(extra=b"\x75\x70\xff\x00"), "Corrupt extra field 7075 (size=255)"),
    ],
    ids=["comment", "unprintable path", "path not UTF-8", "duplicate path", "extra too long"],
)
def test_what_stands_beside_a_name(content: bytes, expected: str, tmp_path: Path) -> None:
    assert fault(content, tmp_path) == expected


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (struct.pack("<HHQ", 1, 8, 8), ""),
        (struct.pack("<HHQQ", 1, 16, 8, 8), ""),
        (struct.pack("<HHQQ", 1, 16, 8, 9), "Mis-matched data size"),
        (struct.pack("<HH", 1, 0), ""),
        (struct.pack("<HHL", 1, 4, 8), "Malformed zip file"),
    ],
    ids=["size", "both sizes", "another size", "nothing", "odd length"],
)
def test_sizes_in_a_zip64_field(extra: bytes, expected: str, tmp_path: Path) -> None:
    whole = archive()
    at = whole.index(NAME) + len(NAME)
    grown = whole[:at] + extra + whole[at:]
    grown = patched(grown, LOCAL, 28, "<H", len(extra))
    second = grown.rindex(CENTRAL)
    grown = grown[: second + 42] + struct.pack("<L", grown.rindex(LOCAL)) + grown[second + 46 :]
    grown = patched(grown, END, 16, "<L", grown.index(CENTRAL))
    assert fault(grown, tmp_path) == expected
