"""Where a value stands in a TOML text.

tomllib reads the value and says nothing of where it stands; tomlkit knows, and does not keep every byte
(mixed newlines). So each quoted occurrence of the value is tried: it is the right one if another text in its
stead changes the wanted key, as tomllib reads it, and nothing else.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PROBE = "towpath-probe"


def read(path: str, data: bytes) -> dict[str, Any]:
    """The table that a TOML file holds; a byte order mark is skipped.

    Raises:
        TowpathError: `bad-toml`.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise errors.BAD_TOML.error(path=path, why=error) from error


def get(table: Mapping[str, Any], *keys: str) -> Any:  # noqa: ANN401 - a TOML value is of any type
    """The value under nested keys, or None."""
    value: Any = table
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def locate(text: str, keys: Sequence[str], table: dict[str, Any] | None = None) -> tuple[int, int] | None:
    """The span of the string under `keys` within its quotes; None if there is none or it has escapes.

    `table` is what the text parses to, where the caller knows it already.
    """
    table = tomllib.loads(text) if table is None else table
    value = get(table, *keys)
    if not isinstance(value, str) or not value:
        return None
    wanted = _with(table, keys)
    for start, end in _candidates(text, keys[-1], value):
        if _reads(text[:start] + _PROBE + text[end:]) == wanted:
            return start, end
    return None


def _candidates(text: str, key: str, value: str) -> Iterator[tuple[int, int]]:
    quoted = rf"""["']{re.escape(value)}(?=["'])"""
    likely = [match.end() for match in re.finditer(rf"""{re.escape(key)}["']?[ \t]*=[ \t]*{quoted}""", text)]
    others = [match.end() for match in re.finditer(quoted, text)]
    for end in dict.fromkeys(likely + others):
        yield end - len(value), end


def _with(table: dict[str, Any], keys: Sequence[str]) -> str:
    changed = dict(table)
    inner = changed
    for key in keys[:-1]:
        inner[key] = dict(inner[key])
        inner = inner[key]
    inner[keys[-1]] = _PROBE
    return repr(changed)  # compared as text, because nan is not equal to itself


def _reads(text: str) -> str:
    try:
        return repr(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return ""
