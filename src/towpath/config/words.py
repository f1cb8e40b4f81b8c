"""How a configuration is spoken of in errors."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {  # msgspec's names of what TOML holds
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_TYPES = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`")


def suggest(name: str, known: Iterator[str] | dict[str, Any] | tuple[str, ...]) -> str:
    """`Did you mean …? ` for the nearest known name; empty if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}? " if near else ""


def table_of(where: str) -> str:
    """A table of ours as it is written in pyproject.toml."""
    return f"[tool.towpath.{where}]" if where else "[tool.towpath]"


def in_words(said: str) -> tuple[str, str]:
    """What msgspec says of a value, in words, and what is to be done about it where that is known; else empty."""
    found = _TYPES.fullmatch(said)
    if found is None:
        return said[:1].lower() + said[1:], ""
    wanted = [kind for kind in found[1].split(" | ") if kind != "null"]
    what = f"{' or '.join(map(_kind, wanted))} is wanted, and {_kind(found[2])} is there"
    if found[2] == "str" and {"int", "float", "bool"} & {*wanted}:
        return what, "Take the quotes off. "
    if found[2] in {"int", "float", "bool"} and "str" in wanted:
        return what, "Put it in quotes. "
    return what, "Put it in square brackets. " if wanted == ["array"] and found[2] == "str" else ""


def _kind(name: str) -> str:
    return _KINDS.get(name, name)
