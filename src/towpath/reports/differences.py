"""Unified differences of files in which little changes.

difflib compares every line with every other where much is alike, which takes minutes for a changelog of 5 MB whose
heading and whose last links change. Here what is equal is stepped over, and only the neighbourhood of a change is
searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.versions.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.versions.places import Edit

_CONTEXT = 3
_ANCHOR = 3  # so many equal lines in a row end a change
_FARTHEST = 200  # lines that are searched for such a row; beyond, all the rest counts as changed


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines `old` of the file before became lines `new` of the file after: half-open ranges from 0."""

    old: tuple[int, int]
    new: tuple[int, int]


def unified(edit: Edit) -> list[str]:
    """The difference as `diff -u` writes it, without line ends; a carriage return is not shown."""
    texts = _without_common_end(*(decoded(edit.path, data).text for data in (edit.before, edit.after)))
    before, after = (text.splitlines() for text in texts)
    changes = list(_changes(before, after))
    lines = [f"--- a/{edit.path}", f"+++ b/{edit.path}"]
    for group in _grouped(changes):
        lines += _hunk(before, after, group)
    return lines if changes else []


def _without_common_end(before: str, after: str) -> tuple[str, str]:
    """Both texts up to a few lines below their last difference."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        equal = before[len(before) - middle : len(before) - low] == after[len(after) - middle : len(after) - low]
        low, high = (middle, high) if equal else (low, middle - 1)
    cut = len(before) - low
    for _ in range(1 + _ANCHOR + _CONTEXT):
        cut = before.find("\n", cut) + 1 or len(before)
    return before[:cut], after[: len(after) - (len(before) - cut)]


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[_Change]:
    old = new = 0
    while old < len(before) or new < len(after):
        if old < len(before) and new < len(after) and before[old] == after[new]:
            old, new = old + 1, new + 1
            continue
        gone, come = _resumed(before, after, old, new)
        yield from _refined(before, after, _Change((old, gone), (new, come)))
        old, new = gone, come


def _refined(before: Sequence[str], after: Sequence[str], whole: _Change) -> Iterator[_Change]:
    """The parts of a change, where a line or two between them are equal."""
    import difflib

    old, new = whole.old[0], whole.new[0]
    matcher = difflib.SequenceMatcher(None, before[slice(*whole.old)], after[slice(*whole.new)], autojunk=False)
    for kind, gone, gone_to, come, come_to in matcher.get_opcodes():
        if kind != "equal":
            yield _Change((old + gone, old + gone_to), (new + come, new + come_to))


def _resumed(before: Sequence[str], after: Sequence[str], old: int, new: int) -> tuple[int, int]:
    """Where the files agree again, with as few lines passed over as can be."""
    for passed in range(1, _FARTHEST):
        for gone in range(passed + 1):
            here, there = old + gone, new + passed - gone
            anchor = before[here : here + _ANCHOR]
            at_end = len(anchor) < _ANCHOR
            if anchor == after[there : there + _ANCHOR] and (not at_end or len(before) - here == len(after) - there):
                return here, there
    return len(before), len(after)


def _grouped(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes whose context would overlap belong to one hunk."""
    group: list[_Change] = []
    for change in changes:
        if group and change.old[0] - group[-1].old[1] > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(before: Sequence[str], after: Sequence[str], group: Sequence[_Change]) -> list[str]:
    start = max(group[0].old[0] - _CONTEXT, 0)
    lead = group[0].old[0] - start
    end = min(group[-1].old[1] + _CONTEXT, len(before))
    trail = end - group[-1].old[1]
    begin, stop = group[0].new[0] - lead, group[-1].new[1] + trail
    lines = [f"@@ -{_range(start, end)} +{_range(begin, stop)} @@"]
    position = start
    for change in group:
        lines += [f" {line}" for line in before[position : change.old[0]]]
        lines += [f"-{line}" for line in before[slice(*change.old)]]
        lines += [f"+{line}" for line in after[slice(*change.new)]]
        position = change.old[1]
    return lines + [f" {line}" for line in before[position:end]]


def _range(start: int, end: int) -> str:
    length = end - start
    return f"{start + 1 if length else start},{length}"
