"""The plan of a bump, and what came of it: on the terminal and as data."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from towpath.errors import respelled
from towpath.model import counted
from towpath.reports.differences import unified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.bump.execute import Bumped
    from towpath.bump.plan import Plan
    from towpath.gates.notes import Notes

Line = tuple[str, str]  # text, style
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show(lines: Iterable[Line]) -> None:
    """Print lines: with colours on a terminal, else as they are, which spares the import of rich."""
    sys.stdout.flush()
    if not sys.stdout.isatty():
        sys.stdout.write("".join(f"{text}\n" for text, _ in lines))
        sys.stdout.flush()
        return
    from rich.text import Text

    from towpath.reports.terminal import console

    screen = console(os.environ)
    for text, style in lines:
        screen.print(Text(text, style=style), soft_wrap=True)


def confirm(question: str, environ: Mapping[str, str]) -> bool:
    """Ask on a terminal outside CI; elsewhere there is nobody to ask, and the caller has said what to do."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        return True
    from towpath.reports.terminal import TerminalAudience, console

    return TerminalAudience(console(environ)).confirm(question)


def plan_lines(plan: Plan) -> Iterator[Line]:
    """What the bump writes, as a difference, and the commit that it makes."""
    yield title(plan), "bold"
    for remark in plan.remarks:
        yield f"  note: {remark}", ""
    for edit in plan.edits:
        yield "", ""
        for line in unified(edit):
            yield line, _style(line)
    if not plan.made and not plan.empty:
        what = counted(len(plan.edits), "file") if plan.edits else "no file"
        yield "", ""
        yield f"One commit on {plan.state.branch}, of {what}: {plan.message.splitlines()[0]}", ""


def bumped_lines(plan: Plan, done: Bumped, prefix: str = "") -> Iterator[Line]:
    """The commit, and what to do next; `prefix` stands before the names of the project's sessions."""
    for remark in done.remarks:
        yield f"  note: {remark}", ""
    if not done.commit:
        yield "Every place says so already; nothing was done.", "bold green"
        return
    said = "is committed already" if plan.made else "is committed"
    yield f"{plan.project} {plan.new} {said}: {done.commit[:12]}", "bold green"
    yield respelled("Next: nox -s release", prefix), ""


def title(plan: Plan) -> str:
    """The bump in one line."""
    return f"{plan.project} {plan.old} → {plan.new}" if plan.old != plan.new else f"{plan.project} {plan.new}"


def plan_data(plan: Plan, done: Bumped | None = None) -> dict[str, Any]:
    """A plan, and if it was carried out, what came of it."""
    return {
        "done": done is not None,
        "project": plan.project,
        "old": plan.old,
        "new": plan.new,
        "tag": plan.tag,
        "branch": plan.state.branch,
        "message": plan.message,
        "already_made": plan.made,
        "remarks": [*plan.remarks, *(done.remarks if done else ())],
        "edits": [{"path": edit.path, "diff": "\n".join(unified(edit))} for edit in plan.edits],
        "commit": done.commit if done else "",
        "committed": list(done.paths) if done else [],
    }


def notes_data(notes: Notes) -> dict[str, Any]:
    """Release notes."""
    return {"version": notes.version, "source": notes.source, "notes": notes.text}


def _style(line: str) -> str:
    return "bold" if line.startswith(("--- ", "+++ ")) else _STYLES.get(line[:1], "")
