"""The walk on a terminal: the plan, a live view, the end. Plain lines where the output is no terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from towpath.model import Effect, State
from towpath.reports.words import (
    age,
    duration,
    last_line,
    log_line,
    note_of,
    problem_lines,
    rule_of_no_return,
    side_by_side,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from threading import Thread

    from rich.console import RenderableType

    from towpath.errors import Problem
    from towpath.reports.release.kept import Kept
    from towpath.walk.plan import Plan, PlannedStep
    from towpath.walk.release import Report
    from towpath.walk.runner import Event

_STYLES = {
    State.PROVEN: "green",
    State.ALREADY_PROVEN: "green",
    State.RUNNING: "cyan",
    State.CLOSED: "bold red",
    State.STOPPED: "yellow",
    State.PASSED_UNSEALED: "yellow",
    State.NOT_REHEARSED: "yellow",
    State.FAILED_AFTER: "bold yellow",
    State.NO_TESTS: "yellow",
    State.NOT_HERE: "yellow",
    State.BY_CI: "green",
}
REFRESH_PER_SECOND = 8


def console(environ: Mapping[str, str], *, to_stderr: bool = False) -> Console:
    """A console on our output: colours and the live view only on a terminal outside CI."""
    interactive = sys.stdout.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"
    width = None if interactive else int(environ.get("COLUMNS") or 110)
    return Console(
        stderr=to_stderr, force_interactive=interactive, width=width, highlight=False, soft_wrap=not interactive
    )


class TerminalAudience:
    """Shows a release as it goes; `meanwhile` is begun when the first gate has ended, while others are waited for."""

    def __init__(self, console: Console, meanwhile: Thread | None = None) -> None:
        self._console = console
        self._plan: Plan | None = None
        self._events: dict[str, Event] = {}
        self._began: dict[str, float] = {}
        self._live: Live | None = None
        self._start = time.monotonic()
        self._meanwhile = meanwhile

    def plan(self, plan: Plan) -> None:
        """Print the plan."""
        self._plan = plan
        show_plan(self._console, plan)

    def event(self, event: Event | None) -> None:
        """Show what happened; at a turn of the clock the live view moves on by itself."""
        if event is None:
            self._ensure_live()
            return
        self._events[event.session] = event
        if event.state is State.RUNNING:
            self._began.setdefault(event.session, time.monotonic())
        elif self._meanwhile is not None:
            self._meanwhile.start()
            self._meanwhile = None
        if self._console.is_interactive:
            self._ensure_live()
        else:
            self._console.print(_plain(event))

    def confirm(self, question: str) -> bool:
        """Ask on a terminal; without one there is nobody to ask, and the caller has said where to publish."""
        if not (self._console.is_interactive and sys.stdin.isatty()):
            return True
        return self._console.input(f"{question} [y/N] ", markup=False).strip().lower() in {"y", "yes"}

    def interrupted(self, command: str) -> None:
        """Say what was under way, and what to do: `command` is the one that was interrupted."""
        self.close()
        running = {session for session, event in self._events.items() if event.state is State.RUNNING}
        steps = [step for step in self._plan.steps if step.session in running] if self._plan else []
        sending = bool(self._plan and not self._plan.rehearsal) and any(
            step.effect in {Effect.SHARED.value, Effect.PERMANENT.value} for step in steps
        )
        what = ", ".join(step.session for step in steps) or "the release was prepared"
        self._console.print(f"\nInterrupted while {what}{' ran' if steps else ''}.", style="bold yellow", markup=False)
        if sending:
            self._console.print("What it has sent may arrive all the same. Run again, it asks first what is there.")
        else:
            self._console.print("What was proven before is kept; what was running counts for nothing.")
        self._console.print(f"Next: {command}", markup=False)

    def close(self) -> None:
        """End the live view, whatever happened."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _ensure_live(self) -> None:
        if self._live is None and self._console.is_interactive and self._plan is not None:
            self._live = Live(
                get_renderable=self._view,
                console=self._console,
                refresh_per_second=REFRESH_PER_SECOND,
                transient=True,  # the table at the end says the same
            )
            self._live.start()

    def _view(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        beside = side_by_side(self._plan) if self._plan else {}
        now = time.monotonic()
        for step in self._plan.steps if self._plan else ():
            event = self._events.get(step.session)
            state = event.state if event else step.state
            mark: RenderableType = _mark(state)
            if state is State.RUNNING:
                mark = Spinner("dots", style="cyan")
            seconds = now - self._began[step.session] if state is State.RUNNING else (event.seconds if event else 0)
            note = last_line(event.log) if event and state is State.RUNNING else note_of(event)
            table.add_row(
                Text(beside.get(step.session, " "), style="dim"),
                mark,
                step.session,
                Text(state.value, style=_STYLES.get(state, "dim")),
                duration(seconds) if seconds else "",
                Text(note, style="dim", overflow="ellipsis", no_wrap=True),
            )
        return Group(table, Text(f"elapsed {duration(now - self._start)}", style="dim"))


def show_plan(console: Console, plan: Plan) -> None:
    """The plan as a table, with the point of no return drawn in it."""
    what = "Rehearsal of" if plan.rehearsal else "Release of"
    console.print(Text(f"{what} {plan.project} {plan.version}", style="bold"))
    if plan.rehearsal:
        console.print("Everything happens in a throw-away clone, against twins on this machine.")
    for remark in (*plan.remarks, *(f"the pipeline is changed: {change}" for change in plan.changes)):
        console.print(f"  note: {remark}")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    beside = side_by_side(plan)
    for step in plan.steps:
        if step.session == _first_after(plan):
            table.add_row(
                "", Text("─" * 16, style="yellow"), "", Text(rule_of_no_return(plan.rehearsal), style="yellow")
            )
        table.add_row(Text(beside.get(step.session, " "), style="dim"), *_cells(step))
    console.print(table)
    console.print()


def show_report(console: Console, report: Report, kept: Kept) -> None:
    """The end: each gate with its time, the distributions, the problem if there is one, and what to do next."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("gate")
    table.add_column("state")
    table.add_column("time", justify="right")
    table.add_column("found", overflow="fold")
    for event in report.events:
        time_taken = duration(event.seconds) if event.seconds else ""
        state = Text(event.state.value, style=_STYLES.get(event.state, "dim"))
        table.add_row(event.session, state, time_taken, Text(note_of(event)))
    console.print()
    console.print(table)
    if report.distributions and report.done:
        console.print()
        for file in report.distributions:
            console.print(Text(f"{file.filename}  {file.size} bytes  sha256 {file.sha256}"))
    for event in report.events:
        show_problems(console, event.problems)
    console.print()
    console.print(Text(_verdict(report), style="bold green" if report.done else "bold red"))
    show_kept(console, kept)
    if report.next_command:
        console.print(f"Next: {report.next_command}")


def show_kept(console: Console, kept: Kept) -> None:
    """Where the report lies, or why there is none."""
    if kept.warning:
        console.print(Text(f"warning: {kept.warning}", style="yellow"))
    elif kept.path:
        console.print(Text(f"Report: {kept.path}"), soft_wrap=True)


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Each problem: the cause, the fix, the last lines that matter, and where the whole log lies."""
    for problem in problems:
        console.print()
        for line in problem_lines(problem):
            style = "bold red" if line.startswith("closed: ") else None
            console.print(Text(line, style=style or ""))


def _first_after(plan: Plan) -> str:
    return next((step.session for step in plan.steps if step.after_point_of_no_return), "")


def _cells(step: PlannedStep) -> Iterator[Text]:
    effect = step.effect.upper() if step.effect in {"shared", "permanent"} else step.effect
    since = f", {age(step.proven_at)}" if step.proven_at else ""
    since += f": {step.why}" if step.why else ""
    state = "" if step.state is State.WAITING else f"[{step.state.value}{since}] "
    where = f" → {step.where}" if step.where else ""
    yield Text(step.session)
    yield Text("" if effect == "none" else effect, style="dim")
    yield Text.assemble((state, _STYLES.get(step.state, "")), step.summary, (where, "dim"))


def _mark(state: State) -> Text:
    marks = {State.PROVEN: "✓", State.ALREADY_PROVEN: "✓", State.BY_CI: "✓", State.CLOSED: "✗", State.STOPPED: "-"}
    marks |= {State.FAILED_AFTER: "✗"}
    return Text(marks.get(state, "·"), style=_STYLES.get(state, "dim"))


def _plain(event: Event) -> Text:
    words = [f"{event.session:<17}", event.state.value]
    words += [duration(event.seconds)] if event.seconds else []
    words += [f"- {note_of(event)}"] if note_of(event) else []
    words += [log_line(event.log)] if event.state in {State.CLOSED, State.FAILED_AFTER} else []
    return Text("  ".join(words))


def _verdict(report: Report) -> str:
    what = "The rehearsal" if report.plan.rehearsal else "The release"
    version = f"{report.plan.project} {report.plan.version}"
    if report.nothing_done:
        return f"{version} is released already: the world was asked, and nothing was done. {duration(report.seconds)}"
    if report.done:
        return f"{what} of {version} is complete: every gate is proven{_but(report)}. {duration(report.seconds)}"
    return f"{what} of {version} stopped at a closed gate. {duration(report.seconds)}"


def _but(report: Report) -> str:
    """What was let through without having been proven, as it was declared, and what failed after the release."""
    shown = [event for event in report.events if event.state in {State.NO_TESTS, State.NOT_HERE, State.FAILED_AFTER}]
    return "".join(f"; {event.session}: {event.state.value}" for event in shown)
