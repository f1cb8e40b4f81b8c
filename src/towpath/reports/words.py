"""Values in words, one spelling for all reports."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from towpath.model import State

if TYPE_CHECKING:
    from towpath.errors import Problem
    from towpath.walk.plan import Plan
    from towpath.walk.runner import Event

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`."""
    if seconds < 9.95:  # noqa: PLR2004 - below that, tenths are told apart
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def age(moment: str) -> str:
    """How long ago an ISO 8601 time was: `3 min ago`."""
    passed = (dt.datetime.now(dt.timezone.utc) - dt.datetime.fromisoformat(moment)).total_seconds()
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if passed >= unit:
            return f"{int(passed // unit)} {word} ago"
    return "just now"


def moment(text: str) -> str:
    """An ISO 8601 time as people read it, in UTC: `2026-11-21 07:53:44 UTC`; the text itself if it is none."""
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return read.astimezone(dt.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def apart(earlier: str, later: str) -> str:
    """How long before a time another was: `3 min earlier`; empty where that cannot be said."""
    try:
        seconds = (dt.datetime.fromisoformat(later) - dt.datetime.fromisoformat(earlier)).total_seconds()
    except (ValueError, TypeError):
        return ""
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {word} earlier"
    return "just then" if seconds >= -_MINUTE else ""


def file_size(count: int) -> str:
    """`567 bytes`, `12.3 kB`, `4.0 MB`."""
    for unit, word in ((1_000_000, "MB"), (1000, "kB")):
        if count >= 10 * unit or (unit > 1000 and count >= unit):  # noqa: PLR2004 - small files by the byte
            return f"{count / unit:.1f} {word}"
    return f"{count} byte{'' if count == 1 else 's'}"


def note_of(event: Event | None) -> str:
    """The one line beside a step."""
    if event is None:
        return ""
    if event.state is State.ALREADY_PROVEN and event.proven_at:
        return "; ".join([age(event.proven_at), *event.notes[:1]])
    if event.state in {State.CLOSED, State.FAILED_AFTER}:
        return event.problems[0].cause if event.problems else ""
    return event.notes[0] if event.notes else ""


def side_by_side(plan: Plan) -> dict[str, str]:
    """A bracket for each step that runs beside its neighbours: those that need the same."""
    brackets: dict[str, str] = {}
    walked = [step for step in plan.steps if step.state is not State.NOT_ON_THE_ROUTE]
    for _, group in itertools.groupby(walked, key=lambda step: step.needs):
        names = [step.session for step in group]
        if len(names) > 1:
            brackets |= dict.fromkeys(names, "│") | {names[0]: "┌", names[-1]: "└"}
    return brackets


def last_line(log: str) -> str:
    """The newest line of a log that is being written; empty if there is none yet."""
    try:
        with Path(log).open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - 2000))
            lines = opened.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def rule_of_no_return(rehearsal: bool) -> str:  # noqa: FBT001 - one question, asked in one place
    """The line in the plan."""
    return "point of no return" + (" (harmless here)" if rehearsal else "")


def problem_lines(problem: Problem) -> list[str]:
    """A problem in words: cause, fix, detail, log, and the page that explains it."""
    lines = [f"closed: {problem.cause}", f"   fix: {problem.fix}"]
    if problem.detail:
        lines += ["        " + line for line in problem.detail.splitlines()]
    if problem.log:
        lines.append(log_line(problem.log))
    return [*lines, f"  more: {problem.more}"]


def log_line(log: str) -> str:
    """Where the whole log lies."""
    return f"   log: {log}"
