"""The release as a whole: the world, preflight, the plan, the walk, and what to do next."""

from __future__ import annotations

import os
import shlex
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from towpath import errors
from towpath.evidence.store import FOLDER, Store
from towpath.gates.chosen import current
from towpath.gates.written import unsaid
from towpath.model import About, Effect, State
from towpath.repository.git import Repository
from towpath.walk.plan import make_plan
from towpath.walk.preflight import preflight
from towpath.walk.rehearsal import Rehearsal, rehearsal
from towpath.walk.routes import require_dispensable, route
from towpath.walk.runner import Walk, begun, credential_variables, walk
from towpath.walk.world import World, open_workspace, part_walked, real_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.gates.gate import Pipeline, Workspace
    from towpath.model import Distribution
    from towpath.walk.in_ci import ByCI
    from towpath.walk.plan import Plan, PlannedStep
    from towpath.walk.runner import Event

REHEARSAL = "rehearsal"
NOT_IN_THE_WAY = (State.NOT_HERE, State.FAILED_AFTER)


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller wrote after `--`."""

    to: str = REHEARSAL
    part: str = ""
    again: bool = False
    yes: bool = False
    without: str = ""
    reason: str = ""

    @property
    def left_out(self) -> dict[str, str]:
        """The gate that is left out, with the reason."""
        return {self.without: self.reason} if self.without or self.reason else {}


@dataclass(frozen=True, slots=True)
class Report:
    """How a release ended. `next_command` is the one thing to do now.

    `nothing_done` is whether it was finished before: the world was asked, and no gate was run.
    """

    plan: Plan
    events: tuple[Event, ...]
    distributions: tuple[Distribution, ...]
    seconds: float
    next_command: str
    nothing_done: bool = False

    @property
    def done(self) -> bool:
        """Whether every gate of the release that was to be walked is open; what is not here was not to be walked."""
        return all(event.state.is_open or event.state in NOT_IN_THE_WAY for event in self.events)


class Audience(Protocol):
    """Whoever watches a release."""

    def plan(self, plan: Plan) -> None:
        """The plan, before anything runs."""

    def event(self, event: Event | None) -> None:
        """What happened to a step; None at every turn of the clock."""

    def confirm(self, question: str) -> bool:
        """Whether to go on to effects that others see."""


def release(pipeline: Pipeline, root: Path, environ: Mapping[str, str], options: Options, audience: Audience) -> Report:
    """Walk a release, rehearsed or real.

    Raises everything that preflight finds, together, and not-confirmed where the question is answered with no.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        opened = _world(stack, pipeline, root, environ, options)
        task = opened.task
        stack.enter_context(alone(root / FOLDER))
        if not task.workspace.rehearsing:
            from towpath.walk.finished import finished  # late, as all that a rehearsal does without

            there = finished(task, options.to, opened.whole)
            if there:
                files = task.workspace.store.manifest()[1]
                return Report(_plan(pipeline, opened), there, files, _since(began), "", nothing_done=True)
            opened = _recovered(opened)
        problems = _problems(opened)
        if problems:
            raise errors.TowpathError(*problems)
        opened = replace(opened, task=stack.enter_context(begun(opened.task)))
        plan = _plan(pipeline, opened, again=options.again)
        audience.plan(plan)
        if not task.workspace.rehearsing:
            _ask(plan, task.workspace, options, audience)
        events = _walked(opened, audience)
        _, distributions = task.workspace.store.manifest()
        own = route(pipeline.names, task.workspace.configuration, task.workspace.subject.version).name
    report = Report(plan, events, distributions, _since(began), "")
    prefix = task.workspace.settings.prefix
    own = opened.half_made or own
    return replace(report, next_command=errors.respelled(_next(report, options, own), prefix))


def planned(pipeline: Pipeline, root: Path, environ: Mapping[str, str], options: Options) -> Plan:
    """The very plan that `release` would walk; nothing is run."""
    with ExitStack() as stack:
        return _plan(pipeline, _world(stack, pipeline, root, environ, options), again=options.again)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A world to walk in: what is walked here, who publishes, and `whole`, what is done here and by CI together.

    `problems` are those of deciding who publishes, `half_made` is where a release of HEAD goes that has not ended.
    """

    task: Walk
    whole: Pipeline
    remarks: tuple[str, ...] = ()
    by_ci: ByCI | None = None
    problems: tuple[errors.Problem, ...] = ()
    half_made: str = ""


def _recovered(opened: _Opened) -> _Opened:
    """With the files of a version that is public in part; where CI publishes, its run is asked for them later."""
    from towpath.walk.recover import recover

    if opened.by_ci is not None:
        return opened
    return replace(opened, remarks=(*opened.remarks, *recover(opened.task.workspace, opened.task.pipeline)))


def _problems(opened: _Opened) -> tuple[errors.Problem, ...]:
    task = opened.task
    here = (*opened.problems, *preflight(task.pipeline, task.workspace))
    if opened.by_ci is None:
        return here
    from towpath.walk.in_ci import problems_of

    told = {problem.id for problem in here}
    return (*here, *(one for one in problems_of(task.workspace, opened.by_ci) if one.id not in told))


def _plan(pipeline: Pipeline, opened: _Opened, *, again: bool = False) -> Plan:
    task = opened.task
    plan = make_plan(pipeline, task.pipeline, task.workspace, remarks=opened.remarks, again=again)
    if opened.by_ci is None:
        return plan
    from towpath.walk.through_ci import marked

    return marked(plan, opened.by_ci)


def _walked(opened: _Opened, audience: Audience) -> tuple[Event, ...]:
    if opened.by_ci is None:
        return walk(opened.task, audience.event)
    from towpath.walk.through_ci import walk_through_ci

    return walk_through_ci(opened.task, opened.whole, opened.by_ci, audience.event)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """The right to walk in this repository. Raises walk-busy; the lock ends with the process that holds it."""
    from filelock import FileLock, Timeout

    with errors.disk("keep the evidence"):
        state.mkdir(parents=True, exist_ok=True)
        (state / ".gitignore").write_bytes(b"*\n")
        lock = FileLock(state / "walk.lock")
        holder = state / "walk.pid"
        try:
            lock.acquire(timeout=0)
        except Timeout:
            pid = holder.read_text(encoding="ascii") if holder.exists() else "unknown"
            raise errors.WALK_BUSY.error(pid=pid) from None
    try:
        holder.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _world(stack: ExitStack, pipeline: Pipeline, root: Path, environ: Mapping[str, str], options: Options) -> _Opened:
    if options.to == REHEARSAL:
        if options.left_out:
            raise errors.WITHOUT_REHEARSED.error()
        opened = stack.enter_context(rehearsal(root, environ, part=options.part))
        half_made = _half_made(pipeline, root, opened.workspace)
        remarks = (*opened.remarks, *_for_real(pipeline, opened.workspace), *_told(half_made))
        task = _rehearsed(pipeline, root, opened, options)
        return _Opened(task, task.pipeline, remarks, half_made=half_made)
    if options.part:
        raise errors.PART_FOR_REAL.error(part=options.part)
    return _real(stack, pipeline, root, environ, options)


def _for_real(pipeline: Pipeline, workspace: Workspace) -> Iterator[str]:
    """A rehearsal walks every gate; this says which of them the real walk of this version does not."""
    found = route(pipeline.names, workspace.configuration, workspace.subject.version)
    refused = found.problem or unsaid(workspace)
    if refused:
        yield f"for real it would be refused: {refused.cause}"
    elif found.off:
        goes = " and ".join(found.indexes)
        yield f"for real, this {found.kind} version goes to {goes} only, without {', '.join(found.off)}"


def _half_made(pipeline: Pipeline, root: Path, rehearsed: Workspace) -> str:
    """Where the release of HEAD goes that was begun from here and has not ended; empty if there is none.

    By the evidence alone, for a rehearsal asks nobody. Where a workflow publishes, its evidence is not here.
    """
    repository, configuration = Repository(root), rehearsed.configuration
    version = str(current(repository, configuration.settings.tag.format).version)
    tag, store = configuration.settings.tag.format.format(version=version), Store(root / FOLDER, version)
    begun_to = [path.parent.name for path in sorted((root / FOLDER / version).glob("*/tag.json"))]
    if not begun_to or repository.tag_commit(tag) != repository.head:
        return ""
    from towpath.walk import in_ci

    for target in begun_to:
        found = route(pipeline.names, configuration, version, target)
        asked = in_ci.About(pipeline.names, configuration, repository, version, tag, rehearsed.environ, target)
        if target == REHEARSAL or found.problem or in_ci.decide(asked).by_ci:
            continue
        passed = (gate for gate in pipeline.along(found.off) if gate.about is About.WORLD and not gate.afterwards)
        records = [store.load(store.path(gate.name, "", target)) for gate in passed]
        if not all(sealed and sealed.record.passed for sealed in records):
            return target
    return ""


def _told(half_made: str) -> Iterator[str]:
    if half_made:
        yield f"the release of HEAD to {half_made} was begun and has not ended: `invoke status` says how far it is"


def _rehearsed(pipeline: Pipeline, root: Path, opened: Rehearsal, options: Options) -> Walk:
    version = opened.workspace.subject.version
    return Walk(
        pipeline=pipeline.rehearsal(),
        workspace=opened.workspace,
        world_file=opened.world_file,
        scratch=opened.scratch,
        logs=root / FOLDER / version / "logs",
        credentials=opened.credentials,
        again=options.again,
    )


def _real(stack: ExitStack, pipeline: Pipeline, root: Path, environ: Mapping[str, str], options: Options) -> _Opened:
    import tempfile

    from towpath.walk.in_ci import decide, of_workspace

    workspace = open_workspace(root, environ)
    found = route(pipeline.names, workspace.configuration, workspace.subject.version, options.to)
    require_dispensable(pipeline.names, found, options.left_out)
    if found.problem:
        raise errors.TowpathError(found.problem)
    target = real_target(workspace.configuration, workspace.repository, found)
    workspace = replace(workspace, target=target)
    decision = decide(of_workspace(pipeline, workspace, options.to, options.left_out))
    left = {**found.off, **(decision.by_ci.left_out if decision.by_ci else {})}
    world = World(
        str(root / FOLDER), target, {**left, **(decision.by_ci.gates if decision.by_ci else {})}, options.left_out
    )
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-")))
    world.write(folder / "world.json")
    kinds = {gate.credential for gate in pipeline if gate.credential}
    task = Walk(
        pipeline=part_walked(pipeline, world.off, world.without),
        workspace=workspace,
        world_file=folder / "world.json",
        scratch=folder,
        logs=root / FOLDER / workspace.subject.version / "logs",
        credentials={kind: _given(workspace, kind) for kind in kinds},
        again=options.again,
    )
    whole = part_walked(pipeline, left, world.without)
    return _Opened(task, whole, by_ci=decision.by_ci, problems=decision.problems)


def _given(workspace: Workspace, kind: str) -> dict[str, str]:
    names = credential_variables(workspace, kind)
    return {name: workspace.environ[name] for name in names if workspace.environ.get(name)}


def _ask(plan: Plan, workspace: Workspace, options: Options, audience: Audience) -> None:
    steps = [step for step in plan.steps if step.state in {State.WAITING, State.BY_CI}]
    shared = [step for step in steps if step.effect not in {Effect.NONE.value, Effect.LOCAL.value}]
    effects = [f"{step.session}{_whose(step)} → {step.where}" for step in shared if step.where]
    question = f"{workspace.subject.project} {workspace.subject.version}: {', '.join(effects)}. Go on?"
    if effects and not options.yes and not audience.confirm(question):
        raise errors.NOT_CONFIRMED.error()


def _whose(step: PlannedStep) -> str:
    return f" by {step.why}" if step.state is State.BY_CI else ""


def _next(report: Report, options: Options, own: str) -> str:
    """The one thing to do now; `own` is where the version goes by its own route."""
    words = ["nox", "-s", "release"]
    if options.to != REHEARSAL:
        words += ["--", "--to", options.to]
        words += ["--without", options.without, "--reason", options.reason] if options.without else []
        return _again(report) if report.done else shlex.join(words)
    if not report.done:
        return " ".join([*words, *(["--", "--part", options.part] if options.part else [])])
    if any("uncommitted" in remark for remark in report.plan.remarks):
        return "git commit"
    if any(" has not ended: " in remark for remark in report.plan.remarks):
        return f"nox -s release -- --to {own}"
    if any(" → " in remark for remark in report.plan.remarks):
        refused = any(" would refuse: " in remark for remark in report.plan.remarks)
        return f"invoke bump --part {options.part or 'patch'}{' --dry-run' if refused else ''}"
    return f"nox -s release -- --to {own}"


def _again(report: Report) -> str:
    """The command for what has failed after the release, the first of it."""
    return next((f"nox -s {event.session}" for event in report.events if event.state is State.FAILED_AFTER), "")
