"""Running a workflow: `run(text, event, machine)`.

    machine = Machine(folder, repository=bare, environ=ordinary_environment(os.environ))
    result = run(text, Event.push_tag("v1.0.0"), machine, path=".github/workflows/release.yml")
    again = run(text, result.event, machine, path=…, rerun=result)   # "Re-run failed jobs"

Jobs run one after another in the order of their needs, the legs of a matrix too; each finds a new workspace, a new
home and only the variables that a runner sets. Not the same as on GitHub: processes that a step leaves behind end with
the step; a pull request is checked out at its head; the token of a job opens nothing; caches are never there.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.workflow.interpreter.actions.table import HANDLERS, fault
from towpath.workflow.interpreter.artifacts import Artifacts
from towpath.workflow.interpreter.events import Event, occasion
from towpath.workflow.interpreter.jobs import run_job
from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.machine import Machine, ordinary_environment
from towpath.workflow.interpreter.reading import ancestors, load
from towpath.workflow.interpreter.results import RunResult, conclusion
from towpath.workflow.interpreter.runs import Run
from towpath.workflow.interpreter.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.workflow.interpreter.nouns import Job, Workflow
    from towpath.workflow.interpreter.results import JobResult
    from towpath.workflow.interpreter.templates import Pattern

__all__ = ["Event", "Machine", "RunResult", "ordinary_environment", "run"]


def run(
    source: str,
    event: Event,
    machine: Machine,
    *,
    path: str = ".github/workflows/workflow.yml",
    rerun: RunResult | None = None,
) -> RunResult:
    """Run a workflow's text for an event.

    With `rerun`, the jobs that did not succeed in that run and all that need them run again with the next attempt's
    number; what the others did stays, their artifacts too. `path` is the file's place in the repository: identity
    tokens tell it.

    Raises bad-workflow and not-interpreted (all that is wrong with the file, before anything runs), not-triggered,
    bad-event, bad-input and bad-rerun. A job that fails is no error but a result.
    """
    workflow = load(source, path)
    _require_handlers(workflow, machine)
    digest = hashlib.sha256(source.encode()).hexdigest()
    about = occasion(workflow, event, machine)
    if rerun is not None:
        _require_same(rerun, event, about.sha, digest)
    identifier = rerun.run_id if rerun else int(time.time() * 1000)
    attempt = rerun.attempt + 1 if rerun else 1
    root = machine.folder / f"run-{identifier}"
    artifacts = Artifacts(root / "artifacts", list(rerun.artifacts) if rerun else [])
    under_way = Run(workflow, about, machine, root / f"attempt-{attempt}", artifacts, identifier, attempt)
    under_way.folder.mkdir(parents=True)
    _run_jobs(under_way, rerun)
    return RunResult(
        path,
        digest,
        str(_told(under_way, workflow.run_name) or workflow.name or path),
        event,
        about.sha,
        identifier,
        attempt,
        conclusion([job.result for job in under_way.done.values()]),
        dict(under_way.done),
        tuple(artifacts.kept),
        _told(under_way, workflow.concurrency),
    )


def _run_jobs(under_way: Run, rerun: RunResult | None) -> None:
    again = _again(under_way.workflow, rerun) if rerun else set(under_way.workflow.jobs)
    for job in _ordered(under_way.workflow):
        before = rerun.jobs[job.id] if rerun else None
        if before and job.id not in again:
            under_way.done[job.id] = before
            continue
        # Legs that succeeded stay, unless what they relied on is made anew.
        alone = not ancestors(under_way.workflow.jobs, job.id) & again
        under_way.done[job.id] = run_job(under_way, job, before if alone else None)


def _again(workflow: Workflow, before: RunResult) -> set[str]:
    """The jobs that failed or were cancelled, and those after them."""
    ended = {name for name, job in before.jobs.items() if _unsuccessful(job)}
    return {name for name in workflow.jobs if name in ended or ancestors(workflow.jobs, name) & ended}


def _unsuccessful(job: JobResult) -> bool:
    return job.result in {"failure", "cancelled"}


def _ordered(workflow: Workflow) -> Iterator[Job]:
    """The jobs, each after those that it needs, otherwise as they stand in the file."""
    waiting = dict(workflow.jobs)
    while waiting:
        ready = next(job for job in waiting.values() if not set(job.needs) & set(waiting))
        yield waiting.pop(ready.id)


def _require_handlers(workflow: Workflow, machine: Machine) -> None:
    handlers = {**HANDLERS, **machine.handlers}
    steps = [step for job in workflow.jobs.values() for step in job.steps if step.uses]
    faults = [(step.line, fault(step, handlers)) for step in steps]
    problems = [
        errors.NOT_INTERPRETED.problem(path=workflow.path, line=line, what=what) for line, what in faults if what
    ]
    if problems:
        raise errors.TowpathError(*problems)


def _require_same(before: RunResult, event: Event, sha: str, digest: str) -> None:
    differs = {
        "the workflow has changed": before.workflow_sha256 != digest,
        "it was another event": before.event != event,
        "the branch or tag names another commit now": before.sha != sha,
        "its artifacts are gone": not all(Path(one.archive).is_file() for one in before.artifacts),
        "no job of it failed": not any(_unsuccessful(job) for job in before.jobs.values()),
    }
    for why, found in differs.items():
        if found:
            raise errors.BAD_RERUN.error(why=why)


def _told(under_way: Run, pattern: Pattern | None) -> object:
    """A pattern of the whole workflow as plain data. Raises bad-workflow where it cannot be evaluated."""
    if pattern is None:
        return None
    try:
        return plain(pattern.value(under_way.scope()))
    except ExpressionError as error:
        raise errors.BAD_WORKFLOW.error(path=under_way.workflow.path, line=pattern.line, what=str(error)) from error
