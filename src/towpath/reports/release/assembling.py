"""Making the report's values from what is kept."""

from __future__ import annotations

import importlib.metadata
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.store import FOLDER
from towpath.model import State
from towpath.reports.release import findings
from towpath.reports.release.cleaning import clean_problem
from towpath.reports.release.nouns import Ending, Evidence, GateTold, Log, Told
from towpath.reports.release.world import world
from towpath.walk.alone import state_of
from towpath.walk.logs import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.evidence.store import Sealed
    from towpath.reports.release.nouns import File, OnPython
    from towpath.reports.release.source import Source
    from towpath.walk.plan import PlannedStep
    from towpath.walk.runner import Event

REHEARSAL = "rehearsal"
_SLACK = timedelta(seconds=20)  # between the end of a gate and that of its session, which writes the log
_CLOCK = timedelta(seconds=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)
_BY_WALK = frozenset({State.PROVEN, State.ALREADY_PROVEN, State.NO_TESTS, State.PASSED_UNSEALED})


def assemble(source: Source, now: datetime | None = None) -> Told:
    """The report. Records that cannot be read are told as closed gates, logs that are gone are left out."""
    made = (now or datetime.now(timezone.utc)).isoformat(timespec="seconds")
    gates = tuple(_gate(source, step) for step in source.steps)
    walked = source.walked
    rehearsal = walked.plan.rehearsal if walked else source.target == REHEARSAL
    files = findings.files(source)
    tests = tuple(_tests(source, gates))
    seen = world(source, gates, made, rehearsal=rehearsal)
    starts = [gate.started for gate in gates if gate.started]
    return Told(
        project=walked.plan.project if walked else _project(source),
        version=source.version,
        target=source.target,
        rehearsal=rehearsal,
        commit=next((gate.evidence.commit for gate in reversed(gates) if gate.evidence and gate.evidence.commit), ""),
        ending=_ending(source, gates),
        started=walked.started if walked else min(starts, default=""),
        seconds=walked.seconds if walked else 0.0,
        made=made,
        by=f"towpath {importlib.metadata.version('towpath')}",
        folder=f"{FOLDER}/{source.version}",
        marks=tuple(map(source.clean, dict.fromkeys(_marks(source, gates, files)))),
        gates=gates,
        files=files,
        tests=tests,
        world=seen,
        next_command=source.clean(walked.next_command) if walked else "",
        prefix=source.prefix,
    )


def _gate(source: Source, step: PlannedStep) -> GateTold:
    event = source.events.get(step.session)
    try:
        sealed = source.sealed(step.session)
        broken: tuple[errors.Problem, ...] = ()
    except errors.TowpathError as error:
        sealed, broken = None, error.problems
    state = State.CLOSED if broken else _state(source, step, event, sealed)
    by_walk = event is not None and bool(event.started) and not _is_newer(source, sealed)
    problems = broken or _problems(source, event, sealed, state)
    notes = sealed.latest.notes if sealed and sealed.record.passed else event.notes if event else ()
    started, seconds = _when(event if by_walk else None, sealed)
    return GateTold(
        session=step.session,
        summary=step.summary,
        effect=step.effect,
        where=source.clean(step.where),
        state=state,
        command=f"nox -s {source.prefix}{step.session}",
        why=source.clean(_why(step, event, sealed, state)),
        started=started,
        seconds=seconds,
        earlier=bool(source.walked and started and _moment(started) < _moment(source.walked.started) - _CLOCK),
        ran=findings.ran(sealed.latest.facts, source.clean) if sealed else (),
        notes=tuple(map(source.clean, notes if state is not State.CLOSED else ())),
        problems=tuple(clean_problem(problem, source.clean) for problem in problems),
        evidence=_evidence(source, step.session, sealed) if sealed else None,
        log=_log(source, step.session, started, seconds),
        after_point_of_no_return=step.after_point_of_no_return,
    )


def _state(source: Source, step: PlannedStep, event: Event | None, sealed: Sealed | None) -> State:
    """As the walk left it, unless the record is newer, says otherwise, or is gone."""
    if event is not None and not _is_newer(source, sealed):
        if event.state in _BY_WALK and (sealed is None or not sealed.record.passed):
            return State.CLOSED if sealed else State.NOT_REACHED
        return event.state
    if sealed is not None:
        return state_of(sealed.record) if sealed.record.passed else _failed(sealed)
    if source.walked or step.state.is_left_out:
        return step.state
    return State.NOT_REACHED


def _failed(sealed: Sealed) -> State:
    ids = {str(one.get("id", "")) for one in sealed.record.problems}
    return State.FAILED_AFTER if errors.AFTER_RELEASE_FAILED.id in ids else State.CLOSED


def _is_newer(source: Source, sealed: Sealed | None) -> bool:
    """Whether a gate was run again, by itself, after the walk."""
    return bool(source.walked and sealed and _moment(sealed.latest.started) > _moment(source.walked.ended))


def _problems(source: Source, event: Event | None, sealed: Sealed | None, state: State) -> tuple[errors.Problem, ...]:
    if state not in {State.CLOSED, State.FAILED_AFTER}:
        return ()
    if event is not None and event.problems and not _is_newer(source, sealed):
        return event.problems
    told = sealed.record.problems if sealed else ()
    return tuple(
        errors.Problem(
            str(one.get("id", "")),
            str(one.get("cause", "")),
            str(one.get("fix", "")),
            detail=str(one.get("detail", "")),
        )
        for one in told
    )


def _why(step: PlannedStep, event: Event | None, sealed: Sealed | None, state: State) -> str:
    if state.is_left_out:
        return step.why or (event.notes[0] if event and event.notes else "")
    if state is State.NOT_REACHED and event and event.state in _BY_WALK and sealed is None:
        return "its evidence is not here any more"
    if state is State.NO_TESTS and sealed:
        return str(sealed.latest.facts.get("reason", ""))
    return ""


def _when(event: Event | None, sealed: Sealed | None) -> tuple[str, float]:
    if event is not None:
        return event.started, event.seconds
    return (sealed.latest.started, sealed.latest.seconds) if sealed else ("", 0.0)


def _evidence(source: Source, session: str, sealed: Sealed) -> Evidence:
    record, latest = sealed.record, sealed.latest
    return Evidence(
        path=sealed.path,
        sha256=sealed.digest,
        passed=record.passed,
        sealed=record.started,
        latest=latest.started,
        expires=latest.expires,
        tree=record.tree,
        commit=record.commit,
        tools={source.clean(name): source.clean(str(version)) for name, version in record.tools.items()},
        relied_on=dict(sorted(record.relied_on.items())),
        weighed=session in source.holds,
        fails=source.clean(source.holds.get(session, "")),
    )


def _log(source: Source, session: str, started: str, seconds: float) -> Log | None:
    """The log of just that run: a later one of another walk is none of it."""
    path = Path(FOLDER, source.version, "logs", f"{session}.log")
    try:
        written = datetime.fromtimestamp((source.root / path).stat().st_mtime, timezone.utc)
        begun = _moment(started)
        if not started or not begun - _CLOCK <= written <= begun + timedelta(seconds=seconds) + _SLACK:
            return None
        return Log(path.as_posix(), excerpt(source.root / path, source.clean))
    except (OSError, ValueError):
        return None


def _tests(source: Source, gates: tuple[GateTold, ...]) -> Iterator[OnPython]:
    for gate in gates:
        if gate.session != "test" and not gate.session.startswith("test-"):
            continue
        try:
            sealed = source.sealed(gate.session)
        except errors.TowpathError:
            sealed = None
        yield findings.tests(gate, sealed, source.clean)


def _ending(source: Source, gates: tuple[GateTold, ...]) -> Ending:
    if any(gate.state is State.CLOSED for gate in gates):
        return Ending.CLOSED
    whole = all(gate.is_open or gate.state.is_left_out or gate.state is State.FAILED_AFTER for gate in gates) and any(
        gate.is_open for gate in gates
    )
    proven = source.walked is not None or all(source.holds.get(gate.session) == "" for gate in gates if gate.is_open)
    return Ending.COMPLETE if whole and proven else Ending.UNFINISHED


def _marks(source: Source, gates: tuple[GateTold, ...], files: tuple[File, ...]) -> Iterator[str]:
    """What must not be overlooked."""
    if source.walked:
        yield from source.walked.plan.remarks
        yield from (f"the pipeline is changed: {change}" for change in source.walked.plan.changes)
    for gate in gates:
        yield from _marks_of(gate)
    records = {gate.session: gate.evidence for gate in gates if gate.evidence}
    failing = [session for session, record in records.items() if record.passed and record.fails]
    if failing:
        yield f"the evidence of {', '.join(failing)} does not hold for what is in this folder now"
    again = [gate.session for gate in gates if _ran_since(source, gate)]
    if again:
        yield f"run again after the walk, by themselves: {', '.join(again)}"
    for file in files:
        if file.origin:
            yield f"{file.filename} was not built here: {file.origin}"


def _marks_of(gate: GateTold) -> Iterator[str]:
    if gate.state is State.NO_TESTS:
        yield f"no tests were run: {gate.why or 'none are declared'}"
    if gate.state is State.FAILED_AFTER:
        yield f"{gate.session} failed after the release, which is finished without it"
    if gate.state is State.PASSED_UNSEALED:
        yield f"{gate.session} passed in a run that proves nothing, and was not sealed"
    if gate.state is State.NOT_ON_THE_ROUTE and gate.why.startswith("left out: "):
        yield f"{gate.session} was {gate.why}"
    for one in gate.ran if gate.is_open else ():
        if one.allowed and "as it may" in one.verdict:
            yield f"{gate.session}: `{one.command}` failed, as it may: {one.allowed}"


def _ran_since(source: Source, gate: GateTold) -> bool:
    return bool(source.walked and gate.evidence and _moment(gate.evidence.latest) > _moment(source.walked.ended))


def _project(source: Source) -> str:
    for step in source.steps:
        try:
            sealed = source.sealed(step.session)
        except errors.TowpathError:
            continue
        if sealed:
            return sealed.record.project
    return ""


def _moment(text: str) -> datetime:
    """A time of a record or a walk; 1970 for what is none, or says no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _BEGINNING
    return moment if moment.tzinfo else _BEGINNING
