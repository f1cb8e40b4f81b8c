"""What sessions print: kept in files of bounded size, and read in part."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_BYTES = 8 << 20  # of a log that is kept; what a larger one leaves out stood in its middle
_FIRST_BYTES = 1 << 20
_TAIL_LINES, _WIDTH, _TAIL_BYTES = 25, 500, 1 << 16
_HEAD_SHOWN, _END_SHOWN = 40, 160
_WINDOW_BYTES = 256 << 10
# What would steer the reader's terminal, or turn the direction in which the reader's eye goes.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TURNING = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The first and the last lines of a log; `omitted` lines between them are left out."""

    first: tuple[str, ...]
    omitted: int = 0
    last: tuple[str, ...] = ()


def bound(log: Path) -> None:
    """Cut the middle out of a log of more than 8 MiB; a line in it says how much. What cannot be cut stays whole."""
    with contextlib.suppress(OSError):
        size = log.stat().st_size
        if size <= MOST_BYTES:
            return
        with log.open("r+b") as opened:
            first = opened.read(_FIRST_BYTES)
            opened.seek(size - (MOST_BYTES - _FIRST_BYTES))
            last = opened.read()
            cut = f"\n[towpath has left out {size - len(first) - len(last)} bytes here]\n".encode()
            opened.seek(0)
            opened.write(first + cut + last)
            opened.truncate()


def plain(text: str) -> str:
    """Text without what would steer a terminal; characters that turn the direction of writing are shown by number."""
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", _CONTROL.sub("", text))


def tail(log: Path) -> str:
    """The last lines that matter: without nox's own and without the problem, which is shown anyway."""
    with log.open("rb") as opened:
        opened.seek(max(0, opened.seek(0, os.SEEK_END) - _TAIL_BYTES))
        told = [line[:_WIDTH] for line in _lines(opened.read()) if line and not line.startswith("nox > ")]
    cut = next((number for number, line in enumerate(told) if line.startswith("closed: ")), len(told))
    return "\n".join(told[:cut][-_TAIL_LINES:])


def excerpt(log: Path, clean: Callable[[str], str]) -> Excerpt:
    """What of a log is shown: 40 lines from its beginning and 160 from its end, made clean. Raises OSError.

    What is read at once is more than what is shown, so that a key is not cut in two before it is recognised.
    """
    with log.open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(0)
        if size <= 2 * _WINDOW_BYTES:
            return _shortened(_cleaned(opened.read(), clean))
        first, between = opened.read(_WINDOW_BYTES), 0
        while opened.tell() < size - _WINDOW_BYTES:
            between += opened.read(min(_WINDOW_BYTES, size - _WINDOW_BYTES - opened.tell())).count(b"\n")
        head, end = _cleaned(first, clean)[:_HEAD_SHOWN], _cleaned(opened.read(), clean)
        left_out = first.count(b"\n") - len(head) + between + max(0, len(end) - _END_SHOWN)
        return Excerpt(tuple(head), max(1, left_out), tuple(end[-_END_SHOWN:]))


def _shortened(lines: list[str]) -> Excerpt:
    if len(lines) <= _HEAD_SHOWN + _END_SHOWN:
        return Excerpt(tuple(lines))
    omitted = len(lines) - _HEAD_SHOWN - _END_SHOWN
    return Excerpt(tuple(lines[:_HEAD_SHOWN]), omitted, tuple(lines[-_END_SHOWN:]))


def _cleaned(text: bytes, clean: Callable[[str], str]) -> list[str]:
    return [line[:_WIDTH] for line in clean("\n".join(_lines(text))).split("\n")]


def _lines(text: bytes) -> list[str]:
    """As a terminal would leave them: what a carriage return has overwritten is gone."""
    split = text.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    shown = [plain(line.rstrip("\r").rpartition("\r")[2]).rstrip() for line in split]
    return shown[:-1] if shown and not shown[-1] else shown
