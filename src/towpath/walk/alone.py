"""One gate, whoever asked for it: the evidence that it needs, its act, the seal."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.evidence.record import Record, digest_of
from towpath.evidence.weighing import Claim, require
from towpath.model import About, Outcome, State

if TYPE_CHECKING:
    from towpath.evidence.store import Sealed
    from towpath.gates.gate import Gate, Pipeline, Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """A gate, or one variant of it, with the nox session that runs it."""

    gate: Gate
    variant: str

    @property
    def session(self) -> str:
        """The session's name: `test`, or `test-3.12`."""
        return f"{self.gate.name}-{self.variant}" if self.variant else self.gate.name


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended. `reasons` says why a pass was not sealed; `record` is the path of the evidence."""

    session: str
    state: State
    seconds: float
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    record: str = ""


def steps(gate: Gate, workspace: Workspace) -> tuple[Step, ...]:
    """All variants of a gate."""
    return tuple(Step(gate, variant) for variant in gate.variants(workspace))


def claim(step: Step, workspace: Workspace, *, with_tools: bool = False) -> Claim:
    """What evidence must say to count for a step; `with_tools` also what it must say to be used again."""
    gate, variant = step.gate, step.variant
    in_world = gate.about is About.WORLD
    return Claim(
        gate=gate.name,
        variant=variant,
        about=gate.about,
        subject=workspace.subject,
        configuration=digest_of(dict(gate.configuration(workspace, variant))),
        target=workspace.target.name if in_world else "",
        target_id=workspace.target.id if in_world else "",
        tools=gate.tools(workspace, variant) if with_tools else {},
    )


def opened_by(pipeline: Pipeline, gate: Gate, workspace: Workspace) -> dict[str, str]:
    """The evidence that opens a gate: path → sha256. Raises everything that keeps it closed, together."""
    if gate.about is not About.TREE and workspace.subject.commit is None:
        raise errors.DIRTY_TREE.error(gate=gate.name)
    found: list[Sealed] = []
    problems: list[errors.Problem] = []
    for need in gate.needs:
        for step in steps(pipeline[need], workspace):
            try:
                sealed = require(workspace.store, claim(step, workspace))
                _require_same_needs(pipeline, step, sealed, workspace)
                found.append(sealed)
            except errors.TowpathError as error:
                problems.extend(error.problems)
    if problems:
        raise errors.TowpathError(*problems)
    return {sealed.path: sealed.digest for sealed in found}


def run(pipeline: Pipeline, step: Step, workspace: Workspace, *, narrowed: tuple[str, ...] = ()) -> Result:
    """Run one step for real and seal what it found.

    A refusal raises and seals nothing. A gate that ran and stayed closed raises and is sealed as failed, so that
    an earlier pass no longer counts. A narrowed run (the caller's reasons are given) seals nothing.
    """
    gate = step.gate
    relied_on = opened_by(pipeline, gate, workspace)
    began, started = time.monotonic(), datetime.now(timezone.utc)
    draft = Record(
        gate=gate.name,
        variant=step.variant,
        passed=False,
        project=workspace.subject.project,
        version=workspace.subject.version,
        tree=workspace.subject.tree,
        commit=workspace.subject.commit or "",
        configuration="",
        target=workspace.target.id if gate.about is About.WORLD else "",
        relied_on=relied_on,
        changes=pipeline.changes,
        started=started.isoformat(timespec="seconds"),
    )
    try:
        outcome = gate.act(workspace, step.variant)
        _require_same_tree(gate, workspace)
    except Exception as error:
        # Whatever it was, what was proven before is in doubt. An interruption says nothing either way.
        if not narrowed:
            problems = error.problems if isinstance(error, errors.TowpathError) else (_unforeseen(gate, error),)
            _seal(step, workspace, replace(draft, problems=tuple(map(_as_data, problems)), **_time(began)))
        raise
    if narrowed:
        return Result(step.session, State.PASSED_UNSEALED, **_time(began), outcome=outcome, reasons=narrowed)
    passed = replace(
        draft,
        passed=True,
        notes=outcome.notes,
        facts=outcome.facts,
        distributions=outcome.distributions,
        **_time(began),
    )
    path = _seal(step, workspace, passed)
    return Result(step.session, State.PROVEN, **_time(began), outcome=outcome, record=path)


def _require_same_needs(pipeline: Pipeline, step: Step, sealed: Sealed, workspace: Workspace) -> None:
    """Evidence from where a gate was left out (a rehearsal, another pipeline) opens nothing where it is needed."""
    for need in step.gate.needs:
        for needed in steps(pipeline[need], workspace):
            target = workspace.target.name if needed.gate.about is About.WORLD else ""
            path = workspace.store.path(need, needed.variant, target)
            if path not in sealed.record.relied_on:
                without = f"without {needed.session}"
                raise errors.EVIDENCE_STALE.error(
                    gate=step.session, what="pipeline", then=without, now="with it", session=step.session
                )
            below = workspace.store.load(path)
            if below is not None:
                _require_same_needs(pipeline, needed, below, workspace)


def _seal(step: Step, workspace: Workspace, draft: Record) -> str:
    """Complete the record with what is known only now: the tools are those that the run has installed."""
    said = claim(step, workspace, with_tools=True)
    record = replace(draft, configuration=said.configuration, tools=dict(said.tools))
    with errors.disk("keep the evidence"):
        return workspace.store.seal(record, said.target).path


def _require_same_tree(gate: Gate, workspace: Workspace) -> None:
    repository = workspace.repository
    now = repository.working_tree()
    if now != workspace.subject.tree:
        changed = repository.changed_paths(workspace.subject.tree, now)
        raise errors.TREE_CHANGED.error(gate=gate.name, detail="\n".join(changed[:20]))


def _unforeseen(gate: Gate, error: BaseException) -> errors.Problem:
    return errors.GATE_BROKEN.problem(gate=gate.name, why=type(error).__name__, detail=str(error))


def _time(began: float) -> dict[str, Any]:
    return {"seconds": round(time.monotonic() - began, 2)}


def _as_data(problem: errors.Problem) -> dict[str, Any]:
    return {"id": problem.id, "cause": problem.cause, "fix": problem.fix, "detail": problem.detail}
