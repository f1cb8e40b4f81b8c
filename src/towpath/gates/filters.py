"""GitHub's filter patterns, as the triggers of a workflow have them for branches, tags and paths.

See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def matches(patterns: Iterable[str], name: str) -> bool:
    """Whether a name fits GitHub's filter patterns: the last that fits decides, `!` takes out again."""
    fits = False
    for pattern in patterns:
        if re.fullmatch(_expression(pattern.removeprefix("!")), name):
            fits = not pattern.startswith("!")
    return fits


def _expression(pattern: str) -> str:
    """GitHub's filter patterns as a regular expression; `?` and `+` are about the character before."""
    pieces = re.findall(r"\*\*/?|\*|\?|\+|\[[^\]]*\]|\\.|.", pattern, re.DOTALL)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
    return "".join(known.get(piece) or (piece if piece[0] in "[\\" else re.escape(piece)) for piece in pieces)
