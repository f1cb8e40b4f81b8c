"""The report of a version that was walked before: its evidence is weighed again, and the world asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.store import FOLDER
from towpath.evidence.weighing import require
from towpath.model import About
from towpath.reports.release.assembling import REHEARSAL, assemble
from towpath.reports.release.cleaning import cleaner
from towpath.reports.release.source import Source, last_walk, targets
from towpath.walk.alone import claim, steps
from towpath.walk.plan import not_here
from towpath.walk.routes import Route, route
from towpath.walk.world import handed_down, open_workspace, real_target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Pipeline, Workspace
    from towpath.reports.release.nouns import Told
    from towpath.walk.status import Status


@dataclass(frozen=True, slots=True)
class Question:
    """Which report is wanted: of the version that is there now and of its last walk, where nothing else is said."""

    root: Path
    environ: Mapping[str, str]
    pipeline: Pipeline
    version: str = ""
    to: str = ""
    offline: bool = False


def ask(question: Question) -> Told:
    """The report.

    Raises:
        TowpathError: nothing-to-report where the folder holds nothing of the version, bad-version, and what opening the
            project raises.
    """
    from towpath.versions import numbers

    workspace = open_workspace(question.root, question.environ, world=handed_down(question.environ))
    wanted = numbers.parse(question.version, where="--version") if question.version else None
    version = str(wanted) if wanted else workspace.subject.version
    _require_something(question.root, version)
    target, way = _target(question, workspace, version)
    source = Source(
        root=question.root,
        version=version,
        target=target,
        pipeline=question.pipeline,
        clean=cleaner(question.environ),
        prefix=workspace.settings.prefix,
        walked=last_walk(question.root, version, target),
        off=way.off if way else {},
    )
    if version == workspace.subject.version:
        source = replace(
            source,
            wanted={gate.name: tuple(one.session for one in steps(gate, workspace)) for gate in question.pipeline},
            absent={
                gate.name: {one.session: why for one, why in not_here(gate, workspace)} for gate in question.pipeline
            },
            holds=_weighed(question.pipeline, source, workspace, way),
        )
    if way is not None and not question.offline:
        source = replace(source, asked=_status(question, version))
    return assemble(source)


def _require_something(root: Path, version: str) -> None:
    state = root / FOLDER
    if any((state / version).glob("**/*.json*")):
        return
    known = sorted(path.name for path in state.glob("*") if any(path.glob("*.json")))
    raise errors.NOTHING_TO_REPORT.error(version=version, known=", ".join(known) or "no version")


def _target(question: Question, workspace: Workspace, version: str) -> tuple[str, Route | None]:
    """The name of the target, and the way there; None for a rehearsal's."""
    walked = targets(question.root, version)
    to = question.to or next(iter(walked), "")
    if to == REHEARSAL:
        return REHEARSAL, None
    way = route(question.pipeline.names, workspace.configuration, version, to)
    return way.name, way


def _weighed(pipeline: Pipeline, source: Source, workspace: Workspace, way: Route | None) -> dict[str, str]:
    """Session → why its evidence opens nothing here and now, "" where it does; not of a rehearsal's world."""
    if way is not None and way.name != workspace.target.name:
        workspace = replace(workspace, target=real_target(workspace.configuration, workspace.repository, way))
    found: dict[str, str] = {}
    for gate in pipeline:
        if gate.about is About.WORLD and way is None:
            continue
        for step in steps(gate, workspace):
            if workspace.store.read(workspace.store.path(gate.name, step.variant, _folder(gate.about, source))) is None:
                continue
            try:
                require(workspace.store, claim(step, workspace))
                found[step.session] = ""
            except errors.TowpathError as error:
                found[step.session] = error.problems[0].cause
    return found


def _folder(about: About, source: Source) -> str:
    return source.target if about is About.WORLD else ""


def _status(question: Question, version: str) -> Status | None:
    from towpath.walk.status import status

    return status(question.root, question.environ, version, question.pipeline.names, to=question.to)
