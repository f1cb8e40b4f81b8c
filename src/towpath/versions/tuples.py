"""`__version_info__` tuples: `(1, 2, 0)`, `(1, 2, 0, "rc1")`, `(1, 2, 0, "final", 0)`."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version

Item = int | str
_LEVELS = {"a": "alpha", "b": "beta", "rc": "candidate"}  # as sys.version_info has them
_LEVEL_AND_SERIAL = 2


def agrees(source: str, version: Version) -> bool:
    """Whether the tuple says this version."""
    items = _items(source)
    return items is not None and items == _wanted(items, version)


def written(source: str, version: Version) -> str:
    """The tuple for another version, with layout, quotes and comments as before where it is as long."""
    items = _items(source) or ()
    wanted = _wanted(items, version)
    if len(wanted) == len(items):
        return _replaced(source, wanted)
    quote = "'" if "'" in source else '"'
    texts = [f"{quote}{item}{quote}" if isinstance(item, str) else str(item) for item in wanted]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _items(source: str) -> tuple[Item, ...] | None:
    try:
        value = ast.literal_eval(source)
    except (ValueError, SyntaxError):
        return None
    plain = isinstance(value, tuple) and all(type(item) in {int, str} for item in value)
    return value if plain else None


def _wanted(items: tuple[Item, ...], version: Version) -> tuple[Item, ...]:
    if items and all(isinstance(item, str) for item in items):  # ("1", "2", "0")
        return tuple(str(version).split("."))
    numbers = len(items) - len([item for item in items if isinstance(item, str)])
    if len(items) > _LEVEL_AND_SERIAL and isinstance(items[-2], str) and isinstance(items[-1], int):
        return (
            *_release(version, numbers - 1),
            *_level(version, long=items[-2] in {*_LEVELS.values(), "final"}),
        )
    suffix = str(version).removeprefix(version.base_version).lstrip(".")
    return (*_release(version, numbers), suffix) if suffix else _release(version, numbers)


def _release(version: Version, length: int) -> tuple[int, ...]:
    return version.release + (0,) * (length - len(version.release))


def _level(version: Version, *, long: bool) -> tuple[str, int]:
    if version.dev is not None and version.pre is None:
        return "dev", version.dev
    if version.post is not None:
        return "post", version.post
    if version.pre is None:
        return "final", 0
    kind, number = version.pre
    return (_LEVELS[kind] if long else kind), number


def _replaced(source: str, wanted: tuple[Item, ...]) -> str:
    """Each number and string of the source by the next of `wanted`; the rest, also comments, as it was."""
    lines = source.splitlines(keepends=True)
    tokens = tokenize.generate_tokens(io.StringIO(source, newline="").readline)
    spots = [token for token in tokens if token.type in {tokenize.NUMBER, tokenize.STRING}]
    for token, item in reversed(list(zip(spots, wanted, strict=True))):
        row, start, end = token.start[0] - 1, token.start[1], token.end[1]
        text = f"{token.string[0]}{item}{token.string[-1]}" if token.type == tokenize.STRING else str(item)
        lines[row] = lines[row][:start] + text + lines[row][end:]
    return "".join(lines)
