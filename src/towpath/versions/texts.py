"""A file as text, with the way back to its bytes; and the tree of files that texts are taken from."""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Tree(Protocol):
    """Files by their posix path: a folder on disk, or the tree of a commit."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None if there is no such file."""

    def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in `folder` ("" is the root), sorted; none if there is no such folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The tree on disk below `root`; nothing outside it is read."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None if there is no such file."""
        file = self.root / path
        if not file.is_file() or not file.resolve().is_relative_to(self.root.resolve()):
            return None
        return file.read_bytes()

    def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in `folder`, sorted."""
        inside = self.root / folder
        return tuple(sorted(entry.name for entry in inside.iterdir())) if inside.is_dir() else ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """A tree with other contents for some of its files: what edits would make of it."""

    below: Tree
    files: Mapping[str, bytes]

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None if there is no such file."""
        return self.files[path] if path in self.files else self.below.read(path)

    def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in `folder`, sorted."""
        return self.below.children(folder)


@dataclass(frozen=True, slots=True)
class Recording:
    """A tree that keeps in `opened` the paths of the files that were read."""

    below: Tree
    opened: set[str]

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None if there is no such file."""
        data = self.below.read(path)
        if data is not None:
            self.opened.add(path)
        return data

    def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in `folder`, sorted."""
        return self.below.children(folder)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version is written.

    `path` is posix and relative to the root; `span` counts bytes of the file; `value` is what stands there;
    `line` counts from 1. `template` is how a version is written there: `{version}`, parts such as
    `{major}.{minor}`, or "" for a tuple of numbers.
    """

    path: str
    kind: str
    span: tuple[int, int]
    value: str
    line: int
    encoding: str = "utf-8"
    template: str = "{version}"


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file. Newlines are as in the file; a byte order mark is not part of `text`."""

    path: str
    text: str
    encoding: str
    mark: int  # bytes of the byte order mark

    def place(self, kind: str, span: tuple[int, int], *, template: str = "{version}") -> Place:
        """The place at `span`, which counts characters of `text`."""
        start = self.mark + len(self.text[: span[0]].encode(self.encoding))
        value = self.text[slice(*span)]
        end = start + len(value.encode(self.encoding))
        line = self.text.count("\n", 0, span[0]) + 1
        return Place(self.path, kind, (start, end), value, line, self.encoding, template)


def decoded(path: str, data: bytes) -> Text:
    """Any text file: by its byte order mark, else UTF-8, else byte for byte.

    Latin-1 gives every byte a character, so that a file in an unknown encoding that agrees with ASCII can be
    searched and its other bytes kept.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Text(path, data[len(mark) :].decode(encoding, "surrogatepass"), encoding, len(mark))
    try:
        return Text(path, data.decode("utf-8"), "utf-8", 0)
    except UnicodeDecodeError:
        return Text(path, data.decode("latin-1"), "latin-1", 0)


def decoded_python(path: str, data: bytes) -> Text | None:
    """A Python file by its encoding declaration (PEP 263), or None if it cannot be decoded."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        mark = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
        encoding = "utf-8" if mark else encoding
        text = data[mark:].decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return None
    return Text(path, text, encoding, mark) if text.encode(encoding) == data[mark:] else None
