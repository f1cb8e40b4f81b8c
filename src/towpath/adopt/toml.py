"""Tables added at the end of a TOML file, which stays as it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from towpath import errors
from towpath.versions.toml import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value = str | bool | tuple[str, ...] | tuple[dict[str, str], ...]
Tables = dict[str, dict[str, Value]]  # a table's dotted name → its keys

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def appended(path: str, before: bytes, tables: Mapping[str, Mapping[str, Value]]) -> bytes:
    """The file with these tables after what it holds. Raises cannot-append with the lines, where that is no TOML."""
    if not tables:
        return before
    end = b"\r\n" if b"\r\n" in before else b"\n"
    lines = text(tables)
    gap = b"" if not before or before.endswith(b"\n") else end
    after = before + gap + end + lines.encode().replace(b"\n", end)
    try:
        found = read(path, after)
    except errors.TowpathError as error:
        raise errors.CANNOT_APPEND.error(path=path, why=error.problems[0].cause, detail=lines) from None
    if not _holds(found, tables):
        raise errors.CANNOT_APPEND.error(path=path, why="it would be read as something else", detail=lines)
    return after


def text(tables: Mapping[str, Mapping[str, Value]]) -> str:
    """The tables as they are written."""
    return "\n".join(_table(name, keys) for name, keys in tables.items())


def _table(name: str, keys: Mapping[str, Value]) -> str:
    return "".join([f"[{name}]\n", *(f"{_key(key)} = {_value(value)}\n" for key, value in keys.items())])


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key)


def _value(value: Value) -> str:
    """JSON's strings, lists of them and truth values are TOML's, too."""
    if isinstance(value, tuple) and any(isinstance(item, dict) for item in value):
        return "".join(["[\n", *(f"    {inline(item)},\n" for item in value if isinstance(item, dict)), "]"])
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def inline(table: Mapping[str, str]) -> str:
    """A table in one line."""
    return "{ " + ", ".join(f"{_key(key)} = {_string(text)}" for key, text in table.items()) + " }"


def _string(text: str) -> str:
    """With the quotes that leave the text as it is, if there are such."""
    plain = "'" not in text and ("\\" in text or '"' in text)
    return f"'{text}'" if plain and text.isprintable() else json.dumps(text, ensure_ascii=False)


def _holds(found: object, tables: Mapping[str, Mapping[str, Value]]) -> bool:
    return all(_at(found, [*name.split("."), key]) == _plain(value) for name, key, value in _flat(tables))


def _flat(tables: Mapping[str, Mapping[str, Value]]) -> Iterator[tuple[str, str, Value]]:
    return ((name, key, value) for name, keys in tables.items() for key, value in keys.items())


def _at(found: object, keys: list[str]) -> object:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value
