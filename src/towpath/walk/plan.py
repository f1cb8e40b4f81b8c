"""The plan: every gate in order, what it will do and where, and what is proven already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.weighing import usable_again
from towpath.model import About, State
from towpath.walk.alone import Step, claim, opened_by, state_of, steps
from towpath.walk.routes import on_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.evidence.store import Sealed
    from towpath.gates.gate import Gate, Pipeline, Workspace


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One line of the plan.

    `state` is waiting, already proven or no tests (since `proven_at`), not rehearsed, not on the route, or not here.
    `why` is the reason for the last two: the version's kind, what the caller gave, or why a Python may be missing.
    """

    session: str
    summary: str
    needs: tuple[str, ...]
    effect: str
    where: str
    state: State
    proven_at: str = ""
    after_point_of_no_return: bool = False
    why: str = ""


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
        one
        for gate in whole
        for one in _of_gate(gate, walked, workspace, after=names.index(gate.name) >= line, again=again)
    ]
    subject = workspace.subject
    return Plan(
        project=subject.project,
        version=subject.version,
        target=workspace.target.name,
        rehearsal=workspace.rehearsing,
        remarks=remarks,
        steps=tuple(planned),
        changes=walked.changes,
    )


def already_proven(pipeline: Pipeline, step: Step, workspace: Workspace) -> Sealed | None:
    """The evidence that may stand for a run of this step now; None if it has to run."""
    if step.gate.about is About.WORLD and not step.gate.afterwards:
        return None  # what happened in the world is asked for again
    if not step.gate.afterwards and not step.gate.has_record(workspace, step.variant):
        return None  # nothing to weigh, and what to weigh it by need not be found out
    try:
        relied_on = opened_by(pipeline, step, workspace)
        return usable_again(workspace.store, claim(step, workspace, with_tools=True), relied_on)
    except errors.TowpathError:
        return None


def already(sealed: Sealed) -> State:
    """What is shown of evidence that stands for a run."""
    return State.ALREADY_PROVEN if state_of(sealed.record) is State.PROVEN else state_of(sealed.record)


def not_here(gate: Gate, workspace: Workspace) -> tuple[tuple[Step, str], ...]:
    """The variants that are not walked because their Python is not on this machine and need not be, with the reason."""
    return tuple((Step(gate, variant), why) for variant, why in gate.choice(workspace).absent.items())


def _of_gate(gate: Gate, walked: Pipeline, workspace: Workspace, *, after: bool, again: bool) -> Iterator[PlannedStep]:
    for step in _steps(gate, walked, workspace):
        yield _planned(step, walked, workspace, after=after, again=again)
    for step, why in not_here(gate, workspace) if gate.name in walked.names else ():
        yield replace(_planned(step, walked, workspace, after=after, again=True), state=State.NOT_HERE, why=why)


def _steps(gate: Gate, walked: Pipeline, workspace: Workspace) -> tuple[Step, ...]:
    """The steps as they are walked: needs pass through what is left out."""
    return steps(walked[gate.name], workspace) if gate.name in walked.names else (Step(gate, ""),)


def _planned(step: Step, walked: Pipeline, workspace: Workspace, *, after: bool, again: bool) -> PlannedStep:
    gate = step.gate
    state, proven_at, why = State.WAITING, "", ""
    if gate.name not in walked.names:
        state = State.NOT_REHEARSED if workspace.rehearsing and not gate.rehearsed else State.NOT_ON_THE_ROUTE
        why = _reason(gate.name, walked)
    elif not again and (sealed := already_proven(walked, step, workspace)):
        state, proven_at = already(sealed), sealed.latest.started
    return PlannedStep(
        session=step.session,
        summary=gate.summary,
        needs=gate.needs,
        effect=gate.effect.value,
        where=gate.acts_on(workspace.target),
        state=state,
        proven_at=proven_at,
        after_point_of_no_return=after,
        why=why,
    )


def _reason(name: str, walked: Pipeline) -> str:
    """Why a gate is not on the route: by the version's kind, or as the caller said."""
    off = dict(said.split(" not on the route: ", 1) for said in walked.off_route)
    left_out = on_record(walked.changes)
    return f"left out: {left_out[name]}" if name in left_out else off.get(name, "")
