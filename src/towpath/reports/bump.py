"""The plan of a bump, and what came of it: on the terminal and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from towpath.reports.differences import unified

if TYPE_CHECKING:
    from rich.console import Console

    from towpath.bump.execute import Bumped
    from towpath.bump.plan import Plan
    from towpath.gates.notes import Notes

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_plan(console: Console, plan: Plan) -> None:
    """What the bump writes, as a difference, and the commit that it makes."""
    console.print(Text(title(plan), style="bold"))
    for remark in plan.remarks:
        console.print(Text(f"  note: {remark}"))
    for edit in plan.edits:
        console.print()
        for line in unified(edit):
            console.print(Text(line, style=_style(line)), soft_wrap=True)
    if not plan.made and not plan.empty:
        what = f"{len(plan.edits)} files" if plan.edits else "no file"
        console.print()
        console.print(Text(f"One commit on {plan.state.branch}, of {what}: {plan.message.splitlines()[0]}"))


def show_bumped(console: Console, plan: Plan, done: Bumped) -> None:
    """The commit, and what to do next."""
    for remark in done.remarks:
        console.print(Text(f"  note: {remark}"))
    if not done.commit:
        console.print(Text("Every place says so already; nothing was done.", style="bold green"))
        return
    said = "is committed already" if plan.made else "is committed"
    console.print(Text(f"{plan.project} {plan.new} {said}: {done.commit[:12]}", style="bold green"))
    console.print("Next: nox -s release")


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
