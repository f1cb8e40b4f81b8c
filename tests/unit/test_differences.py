"""Unified differences: whatever is changed, the difference applied gives the new text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from towpath.reports.differences import unified
from towpath.versions.places import Edit

LINES = st.lists(st.sampled_from(["", "a", "b", "c", "version = 1", "d"]), max_size=30)


def applied(before: list[str], difference: list[str]) -> list[str]:
    """The difference as `patch` would apply it."""
    made, position = [], 0
    for line in difference[2:]:
        hunk = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", line)
        if hunk:
            start = int(hunk[1]) - (1 if int(hunk[2]) else 0)
            made += before[position:start]
            position = start
            assert len(made) == int(hunk[3]) - (1 if int(hunk[4]) else 0)
            continue
        if line[0] in " -":
            assert before[position] == line[1:]
            position += 1
        if line[0] in " +":
            made.append(line[1:])
    return made + before[position:]


@given(LINES, LINES)
def test_a_difference_applied_gives_the_new_text(before: list[str], after: list[str]) -> None:
    text = ["\n".join([*lines, ""]) if lines else "" for lines in (before, after)]
    edit = Edit("file", text[0].encode(), text[1].encode())
    assert applied(before, unified(edit)) == after


def test_changes_at_both_ends_of_a_large_file() -> None:
    lines = [f"line {number % 7}" for number in range(60_000)]
    before = "\n".join(["## Unreleased", *lines, "[old]: x", ""])
    after = "\n".join(["## Unreleased", "", "## 1.0", *lines, "[new]: y", "[old]: x", ""])
    difference = unified(Edit("CHANGES.md", before.encode(), after.encode()))
    assert [line for line in difference if line[0] in "+-"] == [
        "--- a/CHANGES.md", "+++ b/CHANGES.md", "+", "+## 1.0", "+[new]: y",
    ]  # fmt: skip


def test_no_difference() -> None:
    assert unified(Edit("file", b"a\n", b"a\n")) == []
