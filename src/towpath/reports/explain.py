"""Entries of the catalogue in words and as data: of an id, of a pasted text, or all of them."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from towpath.errors import respelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from towpath.errors import Kind
    from towpath.errors.explaining import Match

STATE = "What the version's state is, nobody can tell from the text: `invoke status` reads it afresh from the world."
_TAIL = 40  # lines of an unknown text that are shown
_WORDS = {  # for facts that the text does not tell
    "index": "the index",
    "file": "the file",
    "project": "the project",
    "version": "the version",
    "host": "the server",
    "forge": "the forge",
    "repository": "the repository",
    "remote": "the remote",
    "tag": "the tag",
    "branch": "the branch",
    "gate": "the gate",
    "tool": "the tool",
    "folder": "the folder",
    "variable": "its variable",
    "status": "",
    "hint": "",
    "reason": "…",
    "why": "…",
    "what": "…",
}
_HELD = re.compile(r"(?:^|\W)(?:the|an?|its|no|this|another|each)(?: \w+)? $", re.IGNORECASE)  # has its article already


def show_matches(console: Console, matches: tuple[Match, ...], prefix: str = "") -> None:
    """The first entry in full, the others that fit as well by a line each."""
    best, *others = matches
    _show(console, best, prefix)
    if others:
        console.print()
        console.print("The text speaks of this, too:", soft_wrap=False)
    for other in others:
        said = Text.assemble((other.kind.id, "bold"), ": ", cause_of(other))
        console.print(Padding(said, (0, 0, 0, 2)), soft_wrap=False)


def show_unknown(console: Console, text: str, near: tuple[Kind, ...], prefix: str = "") -> None:
    """A text that no entry fits: as it came, what is known of the state, and what may be meant."""
    console.print(Text("No entry of the catalogue fits. The text as it came:", style="bold red"), soft_wrap=False)
    lines = text.strip("\n").splitlines()
    if len(lines) > _TAIL:
        console.print(f"  ({len(lines) - _TAIL} lines before these)", soft_wrap=False)
    for line in lines[-_TAIL:]:
        console.print(Padding(Text(line), (0, 0, 0, 2)), soft_wrap=False)
    console.print()
    console.print(Text(respelled(STATE, prefix)), soft_wrap=False)
    if near:
        console.print("Perhaps one of these is meant:", soft_wrap=False)
    _list(console, near)


def show_rooms(console: Console, rooms: Mapping[str, Iterable[Kind]]) -> None:
    """Every id with one line, by room."""
    for title, kinds in rooms.items():
        console.print()
        console.print(Text(title, style="bold"), soft_wrap=False)
        _list(console, kinds)


def matches_data(matches: Iterable[Match], prefix: str = "") -> list[dict[str, Any]]:
    """Matches as data, the most telling first."""
    return [
        {
            "id": match.kind.id,
            "cause": respelled(cause_of(match), prefix),
            "fix": respelled(_filled(match.kind.fix, match.facts), prefix),
            "retry": match.kind.retry.name.lower().replace("_", "-"),
            "said_by": match.kind.said_by or "towpath",
            "known_by": match.by,
            "line": match.line,
            "weight": match.weight,
        }
        for match in matches
    ]


def kinds_data(kinds: Iterable[Kind]) -> list[dict[str, Any]]:
    """Entries as data, with their facts in braces."""
    return [{"id": kind.id, "cause": kind.cause, "fix": kind.fix} for kind in kinds]


def cause_of(match: Match) -> str:
    """The cause with what the text says of its facts, and plain words for those of which it says nothing."""
    return _filled(match.kind.cause, match.facts)


def _show(console: Console, match: Match, prefix: str) -> None:
    kind = match.kind
    console.print(Text.assemble((kind.id, "bold"), f"  (said by {kind.said_by})" if kind.said_by else ""))
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(overflow="fold", ratio=1)
    rows = {
        "text": match.line,
        "cause": respelled(cause_of(match), prefix),
        "fix": respelled(_filled(kind.fix, match.facts), prefix),
        "try again": kind.retry.value,
    }
    for name, value in rows.items():
        if value:
            table.add_row(f"{name}:", Text(value))
    console.print(table, soft_wrap=False)


def _list(console: Console, kinds: Iterable[Kind]) -> None:
    for kind in kinds:
        line = Text.assemble("  ", (kind.id, "bold"), "  ", _filled(kind.cause, {}))
        line.truncate(max(20, console.width - 1), overflow="ellipsis")
        console.print(line, no_wrap=True)


def _filled(template: str, facts: Mapping[str, str]) -> str:
    """The template with the facts that are known, and words for the others; it begins with a capital."""
    text = ""
    for literal, name, _, conversion in string.Formatter().parse(template):
        text += literal
        if name:
            text += facts.get(name) or (f"<{name}>" if conversion else _unknown(name, text))
    text = " ".join(text.split()).replace("….", "…")
    return text[:1].upper() + text[1:] if template.startswith("{") else text


def _unknown(name: str, before: str) -> str:
    """A fact that nobody has told: plain words where the text before them lets them stand, else its place."""
    word, last = _WORDS.get(name), re.findall(r"\w+", before)[-4:]
    as_code = before.count("`") % 2 or before.count('"') % 2
    if (
        word is None
        or as_code
        or _HELD.search(before)
        or name in last
        or (not word and before.endswith((" is ", " for ")))
    ):
        return f"<{name}>"
    return word
