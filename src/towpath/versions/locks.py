"""The project's own entry in uv.lock; poetry's lock file holds none for the project itself.

The entry alone is parsed, because a lock file of a megabyte takes tomllib a good part of a second. uv writes
each entry as a `[[package]]` table from the start of a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from towpath.versions import toml
from towpath.versions.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.versions.texts import Place, Tree

UV_LOCK = "uv.lock"
_LOCAL_SOURCES = ("editable", "virtual", "directory")


def uv_lock(tree: Tree, project: str) -> Iterator[Place]:
    """The version of the project's own entry in uv.lock, if it is there."""
    data = tree.read(UV_LOCK) if project else None
    if data is None:
        return
    file = decoded(UV_LOCK, data)
    for start, end in _named(file.text, canonicalize_name(project)):
        span = _own_version(file.text[start:end])
        if span:
            yield file.place("uv.lock", (start + span[0], start + span[1]))


def _named(text: str, name: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(rf'^name = "{re.escape(name)}"\r?$', text, re.MULTILINE):
        start = text.rfind("[[package]]", 0, found.start())
        end = text.find("\n[[package]]", found.end())
        if start >= 0:
            yield start, end + 1 if end >= 0 else len(text)


def _own_version(entry: str) -> tuple[int, int] | None:
    table = entry.replace("[[package]]", "[package]  ", 1)  # a table as long, so that a path of keys leads to it
    source = toml.get(toml.read(UV_LOCK, table.encode()), "package", "source")
    local = isinstance(source, dict) and any(source.get(kind) == "." for kind in _LOCAL_SOURCES)
    return toml.locate(table, ("package", "version")) if local else None
