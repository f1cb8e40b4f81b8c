"""The variants of one gate, side by side: each as the session of its own name, as many at once as there are cores."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors, processes
from towpath.evidence.handover import OUTPUT_VARIABLE, announce
from towpath.evidence.weighing import require
from towpath.gates import pythons
from towpath.model import Outcome
from towpath.walk.alone import Result, claim, needed, state_of
from towpath.walk.runner import command
from towpath.walk.world import OUTCOME_VARIABLE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence

    from towpath.gates.gate import Pipeline, Workspace
    from towpath.walk.alone import Step

_POLL_SECONDS = 0.01
_OUR_PROBLEMS = b"closed: "  # from here on a log says what is told at the end, for all variants together


@dataclass(frozen=True, slots=True)
class Together:
    """What is run: the steps of one gate, by the sessions of that noxfile. `show` gets their output, in order."""

    pipeline: Pipeline
    steps: Sequence[Step]
    workspace: Workspace
    noxfile: str
    show: Callable[[bytes], None]


@dataclass(slots=True)
class _Child:
    """A session that was started; it lives as long as the call."""

    process: subprocess.Popen[bytes]
    log: Path
    outcome: Path
    began: float
    shown: int = 0
    silent: bool = False
    seconds: float = field(default=0.0)


def run_variants(task: Together) -> tuple[Result, ...]:
    """Run every step to its end, and return the results in order.

    A step that needs another of them waits for it, and is left out where that stayed closed. Raises all that kept any
    of them closed, together, after the last one has ended.
    """
    problems: list[errors.Problem] = []
    results: list[Result] = []
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-")))
        sessions = {step.session for step in task.steps}
        closed: set[str] = set()
        todo, children = list(task.steps), dict[str, _Child]()
        stack.callback(_end_all, children)
        for step in task.steps:
            before = {one.session for one in needed(task.pipeline, step, task.workspace)} & sessions
            if before & closed:
                closed.add(step.session)
                continue
            while step.session not in children or _is_running(children[step.session]):
                _start_more(task, todo, children, scratch)
                _show_more(task, children.get(step.session))
                time.sleep(_POLL_SECONDS)
            child = children[step.session]
            _show_more(task, child)
            processes.end(child.process)
            found = _problems(task, step, child)
            problems += found
            if found:
                closed.add(step.session)
            else:
                results.append(_result(task, step, child))
    if problems:
        raise errors.TowpathError(*problems)
    return tuple(results)


def _end_all(children: Mapping[str, _Child]) -> None:
    for child in children.values():
        processes.end(child.process)


def _start_more(task: Together, todo: list[Step], children: dict[str, _Child], scratch: Path) -> None:
    names = {step.session for step in task.steps}
    for step in list(todo):
        running = sum(_is_running(child) for child in children.values())
        before = {one.session for one in needed(task.pipeline, step, task.workspace)} & names
        waits = any(name not in children or _is_running(children[name]) for name in before)
        if running < (os.cpu_count() or 1) and not waits:
            todo.remove(step)
            children[step.session] = _start(task, step, scratch)


def _start(task: Together, step: Step, scratch: Path) -> _Child:
    state = task.workspace.store.folder
    logs = state / task.workspace.subject.version / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    (state / ".gitignore").write_bytes(b"*\n")
    log, outcome = logs / f"{step.session}.log", scratch / f"{step.session}.json"
    kept = {name: value for name, value in task.workspace.environ.items() if not name.startswith("NOX")}
    kept.pop(OUTPUT_VARIABLE, None)  # told in order, by us
    environ = {
        **kept,
        **pythons.told_to_sessions(task.workspace),
        OUTCOME_VARIABLE: str(outcome),
        "NOX_SCRIPT_MODE": "none",  # this interpreter is already the one that the noxfile asks for
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    argv = [*command(step, task.workspace), "--noxfile", task.noxfile]
    return _Child(processes.start(argv, cwd=task.workspace.root, env=environ, log=log), log, outcome, time.monotonic())


def _is_running(child: _Child) -> bool:
    if child.process.poll() is None:
        return True
    child.seconds = child.seconds or round(time.monotonic() - child.began, 2)
    return False


def _show_more(task: Together, child: _Child | None) -> None:
    """Whole lines only, and none of what is told at the end."""
    if child is None or child.silent:
        return
    with child.log.open("rb") as opened:
        opened.seek(child.shown)
        lines = opened.read().splitlines(keepends=True)
    for line in lines:
        if not line.endswith(b"\n") and _is_running(child):
            return
        if line.startswith(_OUR_PROBLEMS):
            child.silent = True
            return
        child.shown += len(line)
        task.show(line)


def _problems(task: Together, step: Step, child: _Child) -> list[errors.Problem]:
    """Why it is not open: its own words, or that it left none."""
    code, log = child.process.returncode, str(child.log)
    try:
        said = [errors.Problem(**one) for one in json.loads(child.outcome.read_text(encoding="utf-8"))["problems"]]
    except (OSError, ValueError, KeyError, TypeError):
        return [errors.SESSION_ENDED.problem(session=step.session, code=code, log=log)]
    if not said and code == 0:
        try:
            require(task.workspace.store, claim(step, task.workspace))
        except errors.TowpathError as error:
            said = list(error.problems)
    elif not said:
        said = [errors.SESSION_ENDED.problem(session=step.session, code=code)]
    return [replace(problem, cause=f"{step.session}: {problem.cause}", log=log) for problem in said]


def _result(task: Together, step: Step, child: _Child) -> Result:
    sealed = require(task.workspace.store, claim(step, task.workspace))
    if not task.workspace.rehearsing:
        announce(task.workspace.environ, sealed)
    outcome = Outcome(notes=sealed.latest.notes, facts=sealed.latest.facts)
    return Result(step.session, state_of(sealed.record), child.seconds, outcome, record=sealed.path)
