"""The walk: each step as the nox session that CI would run, side by side where nothing keeps them apart.

The next ones are started early, and wait for their turn (see `turns`). Order comes from the pipeline and safety from
the evidence: a step counts only if it ended with 0 *and* left evidence that is asked for again here. The first gate
that stays closed ends the walk.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from towpath import errors, loopback, processes
from towpath.credentials import trusted
from towpath.evidence.weighing import require
from towpath.gates import pythons
from towpath.gates.tooling import session_environ
from towpath.model import State
from towpath.walk import logs, turns
from towpath.walk.alone import Step, claim, needed, state_of, steps
from towpath.walk.plan import already, already_proven, not_here
from towpath.walk.world import OUTCOME_VARIABLE, VARIABLE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from towpath.gates.gate import Gate, Pipeline, Workspace

POLL_SECONDS = 0.002
_EARLY = 3  # sessions that wait for their turn at the same time
_FORGE_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
# By which git reaches a remote and signs a tag.
_REMOTE_VARIABLES = ("SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_ASKPASS", "SSH_ASKPASS", "GPG_TTY", *_FORGE_VARIABLES)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a step: it started, ended, or was found proven.

    `started` is when its session's turn came, an ISO 8601 time in UTC; empty where none ran.
    """

    session: str
    state: State
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    proven_at: str = ""
    problems: tuple[errors.Problem, ...] = ()
    log: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """What is walked, in which workspace, with what handed to the children.

    `world_file` goes to every child; `credentials` (`test-index`, `index`, `forge` → variables) only to the gate
    that uses them. `again` ignores the evidence that is there. `scratch` is a folder for what children say. `early` are
    the sessions that `begun` has started.
    """

    pipeline: Pipeline
    workspace: Workspace
    world_file: Path
    scratch: Path
    logs: Path
    credentials: Mapping[str, Mapping[str, str]]
    again: bool = False
    early: Mapping[str, Running] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A session that was started. `ready` is the file by which one that waits for its turn tells that it has loaded."""

    step: Step
    child: subprocess.Popen[bytes]
    began: float
    log: Path
    outcome: Path
    ready: Path | None = None

    @property
    def is_loading(self) -> bool:
        """Whether it still takes a core before its turn."""
        return self.ready is not None and not self.ready.exists() and self.child.poll() is None


@dataclass(slots=True)
class _Progress:
    """Where the walk stands; it lives as long as the call."""

    todo: list[Step]
    needs: Mapping[str, frozenset[str]]  # session → the sessions that come before it
    looked_at: list[Step] = field(default_factory=list)
    running: dict[str, Running] = field(default_factory=dict)
    early: dict[str, Running] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)


@contextmanager
def begun(task: Walk) -> Iterator[Walk]:
    """The walk with its first sessions started: they load while it is planned, and wait for their turn.

    Not those about whose subject there is a record: they may not have to run. Those that were never given their turn
    end with the block.
    """
    early: dict[str, Running] = {}
    try:
        for step in _first(task):
            early[step.session] = _start(task, step, early=True)
        yield replace(task, early=early)
    finally:
        _dismiss(running for running in early.values() if running.child.poll() is None)


def walk(task: Walk, tell: Callable[[Event | None], None]) -> tuple[Event, ...]:
    """Walk to the end or to the first gate that stays closed; returns how each step ended, in order.

    `tell` gets each event as it happens, and None at every turn of the clock in between. Whatever ends the walk,
    Ctrl-C included, no child is left behind.
    """
    whole = [step for gate in task.pipeline for step in steps(gate, task.workspace)]
    needs = {step.session: needed(task.pipeline, step, task.workspace) for step in whole}
    progress = _Progress(
        list(whole),
        {name: frozenset(one.session for one in before) for name, before in needs.items()},
        early=dict(task.early),
    )
    try:
        while progress.todo or progress.running:
            _start_ready(task, progress, tell)
            _collect_ended(task, progress, tell)
            if any(event.state is State.CLOSED for event in progress.events.values()):
                break
            _start_early(task, progress)
            tell(None)
            if progress.running:
                time.sleep(POLL_SECONDS)
    finally:
        for early in progress.early.values():
            turns.withdraw(early.child)
        _dismiss((*progress.running.values(), *progress.early.values()))
    return _finished(task, whole, progress, tell)


def command(step: Step, workspace: Workspace) -> list[str]:
    """The very command that CI runs, by this interpreter's nox."""
    # -P as with the `nox` script itself: a nox.py in the project's folder must not be taken for nox
    safe = ["-P"] if sys.version_info >= (3, 11) else []
    return [sys.executable, *safe, "-m", "nox", "--session", f"{workspace.settings.prefix}{step.session}"]


def ago(seconds: float) -> str:
    """When it was so many seconds ago, as ISO 8601 in UTC."""
    return (datetime.now(timezone.utc) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def credential_variables(task_target: Workspace, kind: str) -> tuple[str, ...]:
    """The variables that a gate with this kind of credential is given."""
    target = task_target.target
    known = {
        "test-index": trusted.variables(target.test_index),
        "index": trusted.variables(target.index),
        "forge": _FORGE_VARIABLES,
        "remote": _REMOTE_VARIABLES,
    }
    return known.get(kind, ())


def _first(task: Walk) -> list[Step]:
    found = [step for gate in task.pipeline if not gate.needs for step in steps(gate, task.workspace)]
    ready = [step for step in found if not needed(task.pipeline, step, task.workspace)]
    new = [step for step in ready if task.again or not step.gate.has_record(task.workspace, step.variant)]
    return new[: _cores()]  # a further one would only hold up those


def _at_once() -> int:
    """How many sessions may run at the same time."""
    return max(3, _cores())


def _cores() -> int:
    """How many sessions may load at the same time."""
    return max(2, os.cpu_count() or 1)


def _dismiss(sessions: Iterable[Running]) -> None:
    for running in sessions:
        turns.withdraw(running.child)
        processes.end(running.child)


def _start_ready(task: Walk, progress: _Progress, tell: Callable[[Event | None], None]) -> None:
    for step in list(progress.todo):
        if not progress.needs[step.session] <= progress.events.keys():
            continue
        if step not in progress.looked_at:
            progress.looked_at.append(step)
            sealed = None if task.again else already_proven(task.pipeline, step, task.workspace)
            if sealed is not None and _restored(step.gate, task.workspace):
                progress.todo.remove(step)
                _withdraw(progress, step)
                notes, since = sealed.latest.notes, sealed.latest.started
                _note(progress, Event(step.session, already(sealed), notes=notes, proven_at=since), tell)
                continue
        if len(progress.running) < _at_once() and not _waits_for_core(progress, step):
            progress.todo.remove(step)
            progress.running[step.session] = _on_its_turn(task, progress, step)
            tell(Event(step.session, State.RUNNING, log=str(progress.running[step.session].log)))


def _waits_for_core(progress: _Progress, step: Step) -> bool:
    """Whether it would only slow down others that are still loading; one that was started early takes no more."""
    loading = sum(one.is_loading for one in progress.running.values())
    return step.session not in progress.early and loading >= _cores()


def _on_its_turn(task: Walk, progress: _Progress, step: Step) -> Running:
    early = progress.early.pop(step.session, None)
    if early is None:
        return _start(task, step)
    turns.give(early.child)
    return replace(early, began=time.monotonic())


def _start_early(task: Walk, progress: _Progress) -> None:
    """The next step that has to wait for those that run; one loads at a time, and while a core is free for it."""
    early, cores = progress.early, _cores()
    waiting = [step for step in progress.todo if not progress.needs[step.session] <= progress.events.keys()]
    waiting = [step for step in waiting if step.session not in early]
    loading = any(one.is_loading for one in early.values())
    if waiting and not loading and len(early) < _EARLY and 0 < len(progress.running) < cores:
        early[waiting[0].session] = _start(task, waiting[0], early=True)


def _withdraw(progress: _Progress, step: Step) -> None:
    early = progress.early.pop(step.session, None)
    if early is not None:
        turns.withdraw(early.child)
        processes.end(early.child)


def _restored(gate: Gate, workspace: Workspace) -> bool:
    """Put back what the outcome left in the workspace; where that fails, the gate runs and says why."""
    try:
        if gate.restore is not None:
            gate.restore(workspace)
    except errors.TowpathError:
        return False
    return True


def _start(task: Walk, step: Step, *, early: bool = False) -> Running:
    task.logs.mkdir(parents=True, exist_ok=True)
    log = task.logs / f"{step.session}.log"
    outcome = task.scratch / f"{step.session}.json"
    outcome.unlink(missing_ok=True)
    temporary = task.scratch / "tmp"
    temporary.mkdir(exist_ok=True)
    environ = {
        **_clean(task.workspace),
        **task.credentials.get(step.gate.credential, {}),
        **_variables(task.workspace, step.gate),
        **pythons.told_to_sessions(task.workspace),
        VARIABLE: str(task.world_file),
        OUTCOME_VARIABLE: str(outcome),
        "NOX_SCRIPT_MODE": "none",  # this interpreter is already the one that the noxfile asks for
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",  # of the log
        # What the project's own tools leave in the temporary folder goes with the walk.
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
    }
    ready = task.scratch / f"{step.session}.loaded" if early else None
    environ |= {turns.VARIABLE: str(ready)} if ready else {}
    child = processes.start(command(step, task.workspace), cwd=task.workspace.root, env=environ, log=log, listens=early)
    return Running(step, child, time.monotonic(), log, outcome, ready)


def _variables(workspace: Workspace, gate: Gate) -> dict[str, str]:
    """What is declared for this gate alone; a rehearsal reads no credential."""
    given = {} if workspace.rehearsing else workspace.environ
    return {name: given[name] for name in gate.variables if name in given}


def _clean(workspace: Workspace) -> dict[str, str]:
    """No credential but for reading an index, nothing of the caller's nox, and in a rehearsal no proxy."""
    passed = {name: value for name, value in workspace.environ.items() if name in workspace.settings.pass_environment}
    kept = {**session_environ(workspace), **passed}
    quiet = {name: value for name, value in kept.items() if not name.startswith("NOX")}
    return loopback.direct_to_loopback(quiet) if workspace.rehearsing else quiet


def _collect_ended(task: Walk, progress: _Progress, tell: Callable[[Event | None], None]) -> None:
    for session, running in list(progress.running.items()):
        code = running.child.poll()
        if code is not None:
            processes.end(running.child)  # what it may have left running
            del progress.running[session]
            event = _judged(task, running, code)
            _note(progress, replace(event, started=ago(event.seconds)), tell)
            logs.bound(running.log)


def _judged(task: Walk, running: Running, code: int) -> Event:
    """Exit code 0 is not enough: the evidence must be there, and must open what comes next."""
    seconds, step = round(time.monotonic() - running.began, 2), running.step
    said = _said(running.outcome)
    problems = tuple(errors.Problem(**problem) for problem in said.get("problems", []))
    reasons = ", ".join(said.get("reasons", []))
    if code == 0 and reasons:
        problems = (errors.NOT_SEALED.problem(gate=step.session, why=reasons),)
    elif code == 0:
        try:
            sealed = require(task.workspace.store, claim(step, task.workspace))
            if said:  # else nothing has run, and the evidence is an earlier run's
                return Event(step.session, state_of(sealed.record), seconds, sealed.latest.notes, log=str(running.log))
        except errors.TowpathError as error:
            problems = error.problems
    if not problems:
        problems = (errors.SESSION_ENDED.problem(session=step.session, code=code),)
    tail = logs.tail(running.log)
    prefix = task.workspace.settings.prefix
    shown = tuple(_with_log(problem, tail, str(running.log)).respelled(prefix) for problem in problems)
    state = State.FAILED_AFTER if step.gate.afterwards else State.CLOSED
    return Event(step.session, state, seconds, problems=shown, log=str(running.log))


def _said(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _with_log(problem: errors.Problem, tail: str, log: str) -> errors.Problem:
    detail = problem.detail or tail
    return errors.Problem(problem.id, problem.cause, problem.fix, problem.exit_code, detail, log)


def _note(progress: _Progress, event: Event, tell: Callable[[Event | None], None]) -> None:
    progress.events[event.session] = event
    tell(event)


def _finished(
    task: Walk, whole: list[Step], progress: _Progress, tell: Callable[[Event | None], None]
) -> tuple[Event, ...]:
    for session, running in progress.running.items():
        seconds = round(time.monotonic() - running.began, 2)
        _note(progress, Event(session, State.STOPPED, seconds, started=ago(seconds)), tell)
    for gate in task.pipeline:
        for step, why in not_here(gate, task.workspace):
            if step not in whole:
                whole.insert(1 + max(at for at, one in enumerate(whole) if one.gate.name == gate.name), step)
                _note(progress, Event(step.session, State.NOT_HERE, notes=(why,)), tell)
    reached = progress.events
    return tuple(reached.get(step.session, Event(step.session, State.NOT_REACHED)) for step in whole)
