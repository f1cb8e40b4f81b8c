"""One job: whether it runs, its combinations, its steps, and what it says to the jobs after it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.workflow.interpreter import contexts
from towpath.workflow.interpreter.evaluating import Scope, evaluate
from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.log import Log
from towpath.workflow.interpreter.matrix import combinations
from towpath.workflow.interpreter.results import JobResult, Leg, conclusion
from towpath.workflow.interpreter.running import Running
from towpath.workflow.interpreter.steps import run_step
from towpath.workflow.interpreter.values import Array, Object, number, plain, text, truthy, value_of

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.workflow.interpreter.matrix import Combination
    from towpath.workflow.interpreter.nouns import Job
    from towpath.workflow.interpreter.runs import Run
    from towpath.workflow.interpreter.templates import Pattern, Template
    from towpath.workflow.interpreter.values import Value

_MINUTES = 360.0  # GitHub's own limit


@dataclass(frozen=True, slots=True)
class _Planned:
    """A leg before it runs."""

    name: str
    matrix: Combination
    scope: Scope
    folder: Path


def run_job(run: Run, job: Job, before: JobResult | None) -> JobResult:
    """Run a job if its condition holds; of the run before, legs that succeeded are kept."""
    scope = run.scope(job)
    try:
        if not truthy(evaluate(job.condition, scope)):
            return JobResult(job.id, "skipped")
        planned = _planned(run, job, scope)
        fail_fast = _flag(job.strategy.fail_fast, scope, default=True) if job.strategy else True
    except ExpressionError as error:
        return JobResult(job.id, "failure", legs=(_broken(run, job, scope, str(error)),))
    legs: list[Leg] = []
    for one in planned:
        kept = _kept(before, one)
        stopped = fail_fast and any(leg.result == "failure" for leg in legs)
        legs.append(kept or (_stopped(run, one) if stopped else _run_leg(run, job, one)))
    return _joined(job, tuple(legs))


def _planned(run: Run, job: Job, scope: Scope) -> list[_Planned]:
    made = combinations(job.strategy.matrix.value(scope)) if job.strategy else [{}]
    most = number(job.strategy.max_parallel.value(scope)) if job.strategy and job.strategy.max_parallel else len(made)
    fail_fast = _flag(job.strategy.fail_fast, scope, default=True) if job.strategy else True
    planned = []
    for place, matrix in enumerate(made):
        strategy = {"fail-fast": fail_fast, "job-index": place, "job-total": len(made), "max-parallel": most}
        own: dict[str, Value] = {"matrix": Object(matrix) if matrix else None, "strategy": value_of(strategy)}
        folder = run.folder / (f"{job.id}-{place + 1}" if len(made) > 1 else job.id)
        inner = Scope({**scope.contexts, **own}, scope.functions)
        planned.append(_Planned(_leg_name(job, matrix, inner), matrix, inner, folder))
    return planned


def _leg_name(job: Job, matrix: Combination, scope: Scope) -> str:
    if job.name:
        return text(job.name.value(scope))
    values = ", ".join(text(value) for value in matrix.values())
    return f"{job.id} ({values})" if matrix else job.id


def _kept(before: JobResult | None, planned: _Planned) -> Leg | None:
    matrix = plain(Object(planned.matrix))
    legs = before.legs if before else ()
    return next((leg for leg in legs if leg.matrix == matrix and leg.result == "success"), None)


def _stopped(run: Run, planned: _Planned) -> Leg:
    return Leg(planned.name, plain(Object(planned.matrix)), "cancelled", "cancelled", run.attempt)


def _broken(run: Run, job: Job, scope: Scope, why: str) -> Leg:
    planned = _Planned(job.id, {}, scope, run.folder / job.id)
    return _refused(run, job, planned, why)


def _refused(run: Run, job: Job, planned: _Planned, why: str, *, not_here: bool = False) -> Leg:
    planned.folder.mkdir(parents=True)
    log = Log(planned.folder / "log.txt", job.id, ())
    log.annotate("warning" if not_here else "error", why)
    result = conclusion(["cancelled" if not_here else "failure"])
    return Leg(
        planned.name,
        plain(Object(planned.matrix)),
        result,
        result,
        run.attempt,
        not_here=not_here,
        annotations=tuple(log.annotations),
        log=log.path,
        folder=planned.folder,
    )


def _run_leg(run: Run, job: Job, planned: _Planned) -> Leg:
    try:
        labels = _labels(job.runs_on.value(planned.scope))
        environment = text(job.environment.name.value(planned.scope)) if job.environment else ""
        minutes = number(job.timeout.value(planned.scope)) if job.timeout else _MINUTES
        env = _environment(run, job, planned.scope)
    except ExpressionError as error:
        return _refused(run, job, planned, str(error))
    if not _ours(labels) and run.machine.other_systems != "as-ubuntu":
        not_here = run.machine.other_systems == "skip"
        return _refused(run, job, planned, f"{', '.join(labels) or 'nothing'} is not run here", not_here=not_here)
    if environment and not run.machine.approve(environment, job.id):
        return _refused(run, job, planned, f"the environment {environment!r} was not approved")
    running = _begin(run, job, planned, env, minutes)
    running.identity = _identity(running, environment)
    for step in job.steps:
        run_step(running, step)
    return _end(running, planned, environment, labels)


def _begin(run: Run, job: Job, planned: _Planned, env: dict[str, str], minutes: float) -> Running:
    planned.folder.mkdir(parents=True)
    secrets = [*run.machine.secrets.values(), run.machine.token, run.token(job)]
    log = Log(planned.folder / "log.txt", job.id, secrets)
    deadline = time.monotonic() + minutes * 60
    permissions = run.permissions(job)
    running = Running(run, job, planned.folder, log, planned.scope.contexts, permissions, deadline, env)
    for folder in (running.workspace, running.temporary, running.tools, running.home):
        folder.mkdir(parents=True)
    (running.temporary / "event.json").write_text(json.dumps(run.occasion.payload), encoding="utf-8")
    (running.home / ".gitconfig").write_text(_git_configuration(running), encoding="utf-8")
    return running


def _git_configuration(running: Running) -> str:
    """A token that may only read cannot push: a local repository would ask for none, so that a hook says it."""
    if running.permissions.get("contents") == "write":
        return ""
    hooks = running.folder / "hooks"
    hooks.mkdir()
    hook = hooks / "pre-push"
    hook.write_text('#!/bin/sh\necho "remote: contents: write is not permitted" >&2\nexit 1\n', encoding="utf-8")
    hook.chmod(0o755)
    return f'[core]\n\thooksPath = "{hooks.as_posix()}"\n'


def _identity(running: Running, environment: str) -> dict[str, str]:
    identity = running.run.machine.identity
    if running.permissions.get("id-token") != "write" or identity is None:
        return {}
    given = dict(identity(contexts.claims(running.run, environment)))
    running.log.mask(given.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""))
    return given


def _end(running: Running, planned: _Planned, environment: str, labels: tuple[str, ...]) -> Leg:
    run, job = running.run, running.job
    outputs, url, concurrency, goes_on = {}, "", None, False
    try:
        outputs = _outputs(running)
        url = text(job.environment.url.value(running.scope())) if job.environment and job.environment.url else ""
        concurrency = plain(job.concurrency.value(planned.scope)) if job.concurrency else None
        goes_on = _flag(job.continue_on_error, planned.scope, default=False)
    except ExpressionError as error:
        running.log.annotate("error", str(error))
        running.status = "failure"
    return Leg(
        planned.name,
        plain(Object(planned.matrix)),
        "success" if goes_on and running.status == "failure" else running.status,
        running.status,
        run.attempt,
        outputs,
        tuple(running.results),
        tuple(running.log.annotations),
        running.log.masked("\n".join(part for part in running.summaries if part.strip())),
        running.log.path,
        running.folder,
        dict(running.permissions),
        environment,
        url,
        labels,
        concurrency,
    )


def _outputs(running: Running) -> dict[str, str]:
    """What the job puts out; a value that holds a secret is left out, as GitHub leaves it out."""
    found = {}
    for name, value in running.job.outputs.items():
        made = text(value.value(running.scope()))
        if running.log.masked(made) != made:
            running.log.annotate("warning", f"the output {name!r} is skipped since it may contain a secret")
        else:
            found[name] = made
    return found


def _joined(job: Job, legs: tuple[Leg, ...]) -> JobResult:
    """All legs as one; an empty output does not take the place of another leg's.

    A leg that is not run here decides nothing, unless none is: of such a job nothing is known, and it is cancelled.
    """
    outputs: dict[str, str] = {}
    for leg in legs:
        outputs |= {name: value for name, value in leg.outputs.items() if value or name not in outputs}
    here = [leg for leg in legs if not leg.not_here]
    return JobResult(job.id, conclusion([leg.result for leg in here or legs]), outputs, legs)


def _labels(value: Value) -> tuple[str, ...]:
    if isinstance(value, Object):
        message = "runs-on with a group is not run here"
        raise ExpressionError(message)
    return tuple(map(text, value.items)) if isinstance(value, Array) else (text(value),)


def _ours(labels: tuple[str, ...]) -> bool:
    return bool(labels) and all(label == "ubuntu-latest" or label.startswith("ubuntu-") for label in labels)


def _environment(run: Run, job: Job, scope: Scope) -> dict[str, str]:
    outer = {name: text(value.value(run.scope())) for name, value in run.workflow.env.items()}
    return {**outer, **{name: text(value.value(scope)) for name, value in job.env.items()}}


def _flag(given: Template | Pattern | None, scope: Scope, *, default: bool) -> bool:
    return default if given is None else truthy(given.value(scope))
