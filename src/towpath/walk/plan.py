"""The plan: every gate in order, what it will do and where, and what is proven already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.weighing import usable_again
from towpath.model import State
from towpath.walk.alone import Step, claim, opened_by, steps

if TYPE_CHECKING:
    from towpath.evidence.store import Sealed
    from towpath.gates.gate import Gate, Pipeline, Workspace


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One line of the plan. `state` is waiting, already proven (since `proven_at`), or not rehearsed."""

    session: str
    summary: str
    needs: tuple[str, ...]
    effect: str
    where: str
    state: State
    proven_at: str = ""
    after_point_of_no_return: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a walk is going to do. `remarks` say what is special about it, such as a rehearsed bump."""

    project: str
    version: str
    target: str
    rehearsal: bool
    remarks: tuple[str, ...]
    steps: tuple[PlannedStep, ...]
    changes: tuple[str, ...]


def make_plan(
    whole: Pipeline, walked: Pipeline, workspace: Workspace, *, remarks: tuple[str, ...] = (), again: bool = False
) -> Plan:
    """The plan of walking a part of a pipeline in a workspace; nothing is run."""
    names, last_exit = whole.names, whole.point_of_no_return
    line = names.index(last_exit) if last_exit else len(names)
    planned = [
        _planned(step, walked, workspace, after=names.index(gate.name) >= line, again=again)
        for gate in whole
        for step in _steps(gate, walked, workspace)
    ]
    subject = workspace.subject
    return Plan(
        project=subject.project,
        version=subject.version,
        target=workspace.target.name,
        rehearsal=workspace.rehearsing,
        remarks=remarks,
        steps=tuple(planned),
        changes=whole.changes,
    )


def already_proven(pipeline: Pipeline, step: Step, workspace: Workspace) -> Sealed | None:
    """The evidence that may stand for a run of this step now; None if it has to run."""
    try:
        relied_on = opened_by(pipeline, step.gate, workspace)
        return usable_again(workspace.store, claim(step, workspace, with_tools=True), relied_on)
    except errors.TowpathError:
        return None


def _steps(gate: Gate, walked: Pipeline, workspace: Workspace) -> tuple[Step, ...]:
    """The steps as they are walked: needs pass through what is left out."""
    return steps(walked[gate.name], workspace) if gate.name in walked.names else (Step(gate, ""),)


def _planned(step: Step, walked: Pipeline, workspace: Workspace, *, after: bool, again: bool) -> PlannedStep:
    gate = step.gate
    state, proven_at = State.WAITING, ""
    if gate.name not in walked.names:
        state = State.NOT_REHEARSED if workspace.rehearsing and not gate.rehearsed else State.NOT_ON_THE_ROUTE
    elif not again and (sealed := already_proven(walked, step, workspace)):
        state, proven_at = State.ALREADY_PROVEN, sealed.record.started
    return PlannedStep(
        session=step.session,
        summary=gate.summary,
        needs=gate.needs,
        effect=gate.effect.value,
        where=gate.acts_on(workspace.target),
        state=state,
        proven_at=proven_at,
        after_point_of_no_return=after,
    )
