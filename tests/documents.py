"""What a document has its reader do: commands in `console` blocks, files in blocks that follow a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+)`:\n\n$")


@dataclass(frozen=True)
class Command:
    """A command, and what a document shows of it."""

    text: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class File:
    """A file that a document has its reader write; `added` at the end of one that is there."""

    path: str
    text: str
    added: bool


def steps(document: Path) -> Iterator[Command | File]:
    """What a document has its reader do, in order."""
    text = document.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        language, body = found.groups()
        before = text[: found.start()]
        named = _FILE.search(before)
        if language == "console":
            yield from _commands(body)
        elif named:
            paragraph = before.rstrip("\n").rpartition("\n\n")[2]
            yield File(named[1], body, added="at the end of" in paragraph.lower())


def _commands(body: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield Command(command.partition("  #")[0].strip(), tuple(line for line in shown if line.strip()))
