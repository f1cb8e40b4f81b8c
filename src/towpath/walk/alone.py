"""One gate, whoever asked for it: the evidence that it needs, its act, the seal."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.config.durations import duration
from towpath.evidence.handover import announce, handed, require_handed
from towpath.evidence.record import Record, digest_of
from towpath.evidence.store import MANIFEST
from towpath.evidence.weighing import Claim, require
from towpath.model import About, Outcome, State
from towpath.walk.routes import as_recorded
from towpath.walk.routes import on_record as left_out_on_record

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def needed(pipeline: Pipeline, step: Step, workspace: Workspace) -> tuple[Step, ...]:
    """What a step needs: all variants of the gates before it; one that closes its gate, also the other variants."""
    before = [one for need in step.gate.needs for one in steps(pipeline[need], workspace)]
    if step.variant and step.variant == step.gate.closing:
        before += [one for one in steps(step.gate, workspace) if one.variant != step.variant]
    return tuple(before)


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
        max_age=None if gate.afterwards else duration(workspace.settings.evidence.max_age),
        once=gate.afterwards,
    )


def opened_by(pipeline: Pipeline, step: Step, workspace: Workspace) -> dict[str, str]:
    """The evidence that opens a step: path → sha256. Raises everything that keeps it closed, together."""
    if step.gate.about is not About.TREE and workspace.subject.commit is None:
        raise errors.DIRTY_TREE.error(gate=step.gate.name)
    digests = handed(workspace.environ)
    found: list[Sealed] = []
    problems: list[errors.Problem] = []
    for before in needed(pipeline, step, workspace):
        try:
            sealed = require(workspace.store, claim(before, workspace))
            require_handed(digests, sealed)
            _require_same_needs(pipeline, before, sealed, workspace)
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
    relied_on = opened_by(pipeline, step, workspace)
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
        changes=_on_record(pipeline, gate, relied_on, workspace),
        started=started.isoformat(timespec="milliseconds"),
    )
    try:
        outcome = gate.act(replace(workspace, relied_on=relied_on), step.variant)
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
        relied_on={**relied_on, **_manifest(workspace, outcome)},
        notes=outcome.notes,
        facts=outcome.facts,
        distributions=outcome.distributions,
        expires=_expires(started, outcome),
        verdict=outcome.verdict,
        **_time(began),
    )
    sealed = _seal(step, workspace, passed)
    if not workspace.rehearsing:
        announce(workspace.environ, sealed)
    return Result(step.session, state_of(sealed.record), **_time(began), outcome=outcome, record=sealed.path)


def state_of(record: Record) -> State:
    """What is shown of a record that opens what comes next: proven, unless its verdict is another."""
    return State(record.verdict) if record.verdict else State.PROVEN


def _require_same_needs(pipeline: Pipeline, step: Step, sealed: Sealed, workspace: Workspace) -> None:
    """Evidence from where a gate was left out (a rehearsal, another pipeline) opens nothing where it is needed.

    What the record says was left out with a reason is not asked for.
    """
    pipeline = as_recorded(pipeline, sealed.record.changes)
    for before in needed(pipeline, replace(step, gate=pipeline[step.gate.name]), workspace):
        gate, target = before.gate, workspace.target.name if before.gate.about is About.WORLD else ""
        path = workspace.store.path(gate.name, before.variant, target)
        below = workspace.store.load(path)
        if path not in sealed.record.relied_on:
            if below is None and gate.may_lack(workspace, before.variant):
                continue  # it is here, and was not where this evidence was made
            raise errors.EVIDENCE_STALE.error(
                gate=step.session,
                what="pipeline",
                then=f"without {before.session}",
                now="with it",
                session=step.session,
            )
        if below is not None:
            _require_same_needs(pipeline, before, below, workspace)


def _on_record(pipeline: Pipeline, gate: Gate, relied_on: Mapping[str, str], workspace: Workspace) -> tuple[str, ...]:
    """What is special about the pipeline: changed here or for what this relies on, and what is not on the route."""
    route = pipeline.off_route if gate.about is About.WORLD else ()
    below = [sealed.record for path in relied_on if (sealed := workspace.store.load(path))]
    carried = (
        f"without {name}: {reason}"
        for record in below
        for name, reason in left_out_on_record(record.changes).items()
        if _comes_after(pipeline, record.gate, name)
    )
    return tuple(dict.fromkeys((*pipeline.changes, *carried, *route)))


def _comes_after(pipeline: Pipeline, gate: str, left_out: str) -> bool:
    """Whether what was left out was missing below a gate; what stands before it was not concerned."""
    names = pipeline.names
    return left_out in names and gate in names and names.index(gate) > names.index(left_out)


def _manifest(workspace: Workspace, outcome: Outcome) -> dict[str, str]:
    """The list of the sealed files, where the outcome is about just those: they are kept and put back by it."""
    _, listed = workspace.store.manifest()
    same = bool(listed) and sorted(listed) == sorted(outcome.distributions)
    return {MANIFEST: workspace.store.digest(MANIFEST)} if same else {}


def _seal(step: Step, workspace: Workspace, draft: Record) -> Sealed:
    """Complete the record with what is known only now: the tools are those that the run has installed."""
    said = claim(step, workspace, with_tools=True)
    record = replace(draft, configuration=said.configuration, tools=dict(said.tools))
    with errors.disk("keep the evidence"):
        return workspace.store.seal(record, said.target)


def _require_same_tree(gate: Gate, workspace: Workspace) -> None:
    repository = workspace.repository
    now = repository.working_tree()
    if now != workspace.subject.tree:
        changed = repository.changed_paths(workspace.subject.tree, now)
        raise errors.TREE_CHANGED.error(gate=gate.name, detail="\n".join(changed[:20]))


def _expires(started: datetime, outcome: Outcome) -> str:
    """Counted from the start: what was asked first is the oldest."""
    if outcome.valid_for is None:
        return ""
    return (started + timedelta(seconds=outcome.valid_for)).isoformat(timespec="milliseconds")


def _unforeseen(gate: Gate, error: BaseException) -> errors.Problem:
    return errors.GATE_BROKEN.problem(gate=gate.name, why=type(error).__name__, detail=str(error))


def _time(began: float) -> dict[str, Any]:
    return {"seconds": round(time.monotonic() - began, 2)}


def _as_data(problem: errors.Problem) -> dict[str, Any]:
    return {"id": problem.id, "cause": problem.cause, "fix": problem.fix, "detail": problem.detail}
