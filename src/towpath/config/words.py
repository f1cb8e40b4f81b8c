"""How a configuration is spoken of in errors."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def suggest(name: str, known: Iterator[str] | dict[str, Any] | tuple[str, ...]) -> str:
    """`Did you mean …? ` for the nearest known name; empty if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}? " if near else ""


def table_of(where: str) -> str:
    """A table of ours as it is written in pyproject.toml."""
    return f"[tool.towpath.{where}]" if where else "[tool.towpath]"
