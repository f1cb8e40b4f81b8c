"""A workflow file from its text: strict, every fault with its line, nothing skipped that is not understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath import errors
from towpath.workflow.interpreter import tree, triggers
from towpath.workflow.interpreter.nouns import Defaults, Environment, Job, Step, Strategy, Workflow
from towpath.workflow.interpreter.reader import Reader, nothing
from towpath.workflow.interpreter.templates import Nested, Template
from towpath.workflow.interpreter.tree import Mapping, Scalar, Sequence, Tree

if TYPE_CHECKING:
    from towpath.workflow.interpreter.nouns import Finding, Permissions

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ROOT = ("on", "name", "run-name", "defaults", "env", "permissions", "concurrency", "jobs")
_JOB = (
    "needs", "if", "strategy", "name", "runs-on", "timeout-minutes", "continue-on-error", "env", "environment",
    "permissions", "concurrency", "outputs", "defaults", "steps",
)  # fmt: skip
_NOT_HERE = ("container", "services", "uses", "with", "secrets", "snapshot", "cancel-timeout-minutes")
_STEP = (
    "name", "id", "if", "timeout-minutes", "run", "continue-on-error", "env", "working-directory", "shell", "uses",
    "with",
)  # fmt: skip
_LATER = ("background", "wait", "wait-all", "cancel", "parallel")
_SCOPES = (
    "actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions", "id-token",
    "issues", "models", "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
)  # fmt: skip


def read(text: str, path: str) -> tuple[Workflow, tuple[Finding, ...]]:
    """The workflow as far as it can be read, and what is wrong with it. Raises bad-workflow where it is no YAML."""
    return read_tree(tree.read(text, path), path)


def read_tree(given: Tree, path: str) -> tuple[Workflow, tuple[Finding, ...]]:
    """The same, of a tree that is there already: YAML takes most of the time."""
    reader = Reader(path)
    root = reader.mapping(given, "a workflow", _ROOT)
    workflow = Workflow(
        path,
        triggers.read(reader, root.get("on")),
        _jobs(reader, root.get("jobs")),
        reader.word(root.get("name"), "name"),
        reader.template(root.get("run-name"), "run-name", "run-name"),
        reader.templates(root.get("env"), "env", "env"),
        _permissions(reader, root.get("permissions")),
        reader.pattern(root.get("concurrency"), "concurrency", "concurrency"),
        _defaults(reader, root.get("defaults")),
    )
    _check_needs(reader, workflow.jobs)
    return workflow, tuple(sorted(reader.findings, key=lambda finding: finding.line))


def load(text: str, path: str) -> Workflow:
    """The workflow of a file. Raises bad-workflow and not-interpreted, all faults together."""
    workflow, findings = read(text, path)
    if findings:
        raise errors.TowpathError(*map(problem, findings))
    return workflow


def problem(finding: Finding) -> errors.Problem:
    """A finding as a problem of the catalogue."""
    kind = errors.NOT_INTERPRETED if finding.unknown else errors.BAD_WORKFLOW
    return kind.problem(path=finding.path, line=finding.line, what=finding.message)


def _jobs(reader: Reader, given: Tree | None) -> dict[str, Job]:
    jobs = reader.free(given, "jobs")
    if not jobs.pairs:
        reader.wrong(jobs.line, "a workflow needs jobs")
    return {name: _job(reader, name, line, job) for name, line, job in jobs.items()}


def _job(reader: Reader, name: str, line: int, given: Tree) -> Job:
    what = f"job {name!r}"
    if not _ID.fullmatch(name):
        reader.wrong(line, f"{name!r} cannot be the id of a job")
    job = reader.mapping(given, what, _JOB, elsewhere=_NOT_HERE)
    if job.get("uses") is None and (job.get("runs-on") is None or job.get("steps") is None):
        reader.wrong(line, f"{what} needs runs-on and steps")
    return Job(
        name,
        line,
        reader.condition(job.get("if"), "job if", f"{what}'s if"),
        reader.pattern(job.get("runs-on"), "job", f"{what}'s runs-on") or nothing(line),
        _steps(reader, what, job.get("steps")),
        reader.words(job.get("needs"), f"{what}'s needs"),
        reader.template(job.get("name"), "job", f"{what}'s name"),
        _strategy(reader, what, job.get("strategy")),
        reader.templates(job.get("env"), "job env", f"{what}'s env"),
        reader.templates(job.get("outputs"), "job outputs", f"{what}'s output"),
        _environment(reader, what, job.get("environment")),
        _permissions(reader, job.get("permissions")),
        reader.pattern(job.get("concurrency"), "job", f"{what}'s concurrency"),
        _defaults(reader, job.get("defaults")),
        reader.template(job.get("timeout-minutes"), "job", f"{what}'s timeout-minutes"),
        reader.template(job.get("continue-on-error"), "job", f"{what}'s continue-on-error"),
    )


def _steps(reader: Reader, what: str, given: Tree | None) -> tuple[Step, ...]:
    if given is None:
        return ()
    if not isinstance(given, Sequence) or not given.items:
        reader.wrong(given.line, f"{what}'s steps must be a list of at least one")
        return ()
    steps = tuple(_step(reader, f"step {place} of {what}", step) for place, step in enumerate(given.items, 1))
    known: set[str] = set()
    for step in steps:
        if step.id and step.id.lower() in known:
            reader.wrong(step.line, f"{what} has two steps with the id {step.id!r}")
        known.add(step.id.lower())
    return steps


def _step(reader: Reader, what: str, given: Tree) -> Step:
    step = reader.mapping(given, what, _STEP, elsewhere=_LATER)
    _check_step(reader, what, step)
    return Step(
        step.line,
        reader.condition(step.get("if"), "step if", f"{what}'s if"),
        _step_id(reader, what, step.get("id")),
        reader.template(step.get("name"), "step", f"{what}'s name"),
        reader.template(step.get("run"), "step", f"{what}'s run"),
        reader.word(step.get("uses"), f"{what}'s uses"),
        reader.templates(step.get("with"), "step", f"{what}'s with"),
        reader.templates(step.get("env"), "step", f"{what}'s env"),
        reader.template(step.get("shell"), "defaults", f"{what}'s shell"),
        reader.template(step.get("working-directory"), "step", f"{what}'s working-directory"),
        reader.template(step.get("continue-on-error"), "step", f"{what}'s continue-on-error"),
        reader.template(step.get("timeout-minutes"), "step", f"{what}'s timeout-minutes"),
    )


def _check_step(reader: Reader, what: str, step: Mapping) -> None:
    ways = [key for key in ("run", "uses") if step.get(key) is not None]
    if len(ways) != 1 and not any(step.get(key) for key in _LATER):
        reader.wrong(step.line, f"{what} needs one of run and uses")
    foreign = {"run": ("with",), "uses": ("shell", "working-directory")}
    for way in ways:
        for key in foreign[way]:
            if step.get(key) is not None:
                reader.wrong(step.line, f"{what} has {key!r}, which does not go with {way!r}")


def _step_id(reader: Reader, what: str, given: Tree | None) -> str:
    name = reader.word(given, f"{what}'s id")
    if given is not None and not _ID.fullmatch(name):
        reader.wrong(given.line, f"{name!r} cannot be the id of a step")
    return name


def _strategy(reader: Reader, what: str, given: Tree | None) -> Strategy | None:
    if given is None:
        return None
    strategy = reader.mapping(given, f"{what}'s strategy", ("matrix", "fail-fast", "max-parallel"))
    matrix = reader.pattern(strategy.get("matrix"), "strategy", f"{what}'s matrix")
    if isinstance(matrix, Template) and not matrix.parts:
        reader.wrong(matrix.line, f"{what}'s matrix must be a mapping")
    return Strategy(
        matrix or Nested(given.line, (), ()),
        reader.template(strategy.get("fail-fast"), "strategy", f"{what}'s fail-fast"),
        reader.template(strategy.get("max-parallel"), "strategy", f"{what}'s max-parallel"),
    )


def _environment(reader: Reader, what: str, given: Tree | None) -> Environment | None:
    if given is None:
        return None
    if isinstance(given, Scalar):
        name = reader.template(given, "job", f"{what}'s environment")
        return Environment(name) if name else None
    read = reader.mapping(given, f"{what}'s environment", ("name", "url"), elsewhere=("deployment",))
    name = reader.template(read.get("name"), "job", f"{what}'s environment")
    if read.get("name") is None:
        reader.wrong(given.line, f"{what}'s environment needs a name")
    return Environment(name, reader.template(read.get("url"), "environment url", f"{what}'s url")) if name else None


def _permissions(reader: Reader, given: Tree | None) -> Permissions | None:
    if given is None:
        return None
    if isinstance(given, Scalar) and given.value in {"read-all", "write-all"}:
        level = str(given.value).removesuffix("-all")
        return {scope: level for scope in _SCOPES if scope != "id-token" or level == "write"}
    read = reader.mapping(given, "permissions", _SCOPES)
    levels = {scope: reader.word(level, f"permission {scope!r}") for scope, _, level in read.items()}
    for scope, line, _ in read.items():
        if levels[scope] not in {"read", "write", "none"} or (scope == "id-token" and levels[scope] == "read"):
            reader.wrong(line, f"permission {scope!r} cannot be {levels[scope]!r}")
    return levels


def _defaults(reader: Reader, given: Tree | None) -> Defaults:
    outer = reader.mapping(given, "defaults", ("run",))
    run = reader.mapping(outer.get("run"), "defaults.run", ("shell", "working-directory"))
    shell = reader.template(run.get("shell"), "defaults", "defaults.run.shell")
    return Defaults(shell, reader.template(run.get("working-directory"), "defaults", "defaults.run.working-directory"))


def _check_needs(reader: Reader, jobs: dict[str, Job]) -> None:
    for job in jobs.values():
        for need in job.needs:
            if need not in jobs:
                reader.wrong(job.line, f"job {job.id!r} needs {need!r}, which is no job")
    for job in jobs.values():
        if job.id in ancestors(jobs, job.id):
            reader.wrong(job.line, f"job {job.id!r} needs itself, in a circle")


def ancestors(jobs: dict[str, Job], name: str) -> set[str]:
    """The jobs that a job needs, and those that they need, and so on."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for need in jobs[waiting.pop()].needs:
            if need in jobs and need not in found:
                found.add(need)
                waiting.append(need)
    return found
