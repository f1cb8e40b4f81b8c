"""What the report is made of: the records and logs that are kept, the last walk as it ended, and the world if asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from towpath import errors
from towpath.evidence.store import FOLDER, Store, write_atomically
from towpath.model import About, State
from towpath.walk.plan import Plan, PlannedStep  # at run time, for msgspec
from towpath.walk.runner import Event  # noqa: TC001 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from towpath.evidence.store import Sealed
    from towpath.gates.gate import Pipeline
    from towpath.walk.status import Status

WALK = "walk.jsonl"  # no *.json, as records are found by that


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk as it ended: kept beside the evidence about its target, for the gates that left none."""

    plan: Plan
    events: tuple[Event, ...]
    started: str
    ended: str
    seconds: float
    next_command: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """All that a report is made of.

    `holds` says of the sessions whose evidence was weighed why it opens nothing, "" where it does; `asked` is the
    world, None where it was not asked. `clean` takes secrets out of a text. `wanted` says of each gate which sessions
    prove it here, and `absent` of those that are not here why; empty where that is not known.
    """

    root: Path
    version: str
    target: str
    pipeline: Pipeline
    clean: Callable[[str], str]
    prefix: str = ""
    walked: Walked | None = None
    off: Mapping[str, str] = field(default_factory=dict)
    wanted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    holds: Mapping[str, str] = field(default_factory=dict)
    asked: Status | None = None

    @property
    def store(self) -> Store:
        """The evidence of the version."""
        return Store(self.root / FOLDER, self.version)

    @property
    def steps(self) -> tuple[PlannedStep, ...]:
        """What was planned; without a walk, each gate with the variants that left a record."""
        return self.walked.plan.steps if self.walked else tuple(_by_records(self))

    @property
    def events(self) -> Mapping[str, Event]:
        """Session → how it ended in the walk."""
        return {event.session: event for event in self.walked.events} if self.walked else {}

    def sealed(self, session: str) -> Sealed | None:
        """The record of a session, about this target or about none. Raises evidence-broken."""
        return self.store.load(f"{self.target}/{session}.json") or self.store.load(f"{session}.json")


def keep_walk(root: Path, walked: Walked) -> None:
    """Write it whole or not at all. Raises OSError."""
    write_atomically(_place(root, walked.plan.version, walked.plan.target), msgspec.json.encode(walked) + b"\n")


def last_walk(root: Path, version: str, target: str) -> Walked | None:
    """The last walk of a version to a target; None where there was none, or what is kept of it cannot be read."""
    try:
        return msgspec.json.decode(_place(root, version, target).read_bytes(), type=Walked)
    except (OSError, msgspec.DecodeError):
        return None


def targets(root: Path, version: str) -> tuple[str, ...]:
    """The targets that a version was walked to, the last one first."""
    walks = {path.parent.name: path.stat().st_mtime for path in (root / FOLDER / version).glob(f"*/{WALK}")}
    return tuple(sorted(walks, key=lambda name: walks[name], reverse=True))


def _place(root: Path, version: str, target: str) -> Path:
    return root / FOLDER / version / target / WALK


def _by_records(source: Source) -> Iterator[PlannedStep]:
    names, last_exit = source.pipeline.names, source.pipeline.point_of_no_return
    line = names.index(last_exit) if last_exit else len(names)
    for number, gate in enumerate(source.pipeline):
        off = source.off.get(gate.name, "")
        step = PlannedStep(
            session=gate.name,
            summary=gate.summary,
            needs=gate.needs,
            effect=gate.effect.value,
            where="",
            state=State.NOT_ON_THE_ROUTE if off else State.WAITING,
            after_point_of_no_return=number >= line,
            why=off,
        )
        known = source.wanted.get(gate.name) or _sessions(source, gate.name, in_world=gate.about is About.WORLD)
        yield from (replace(step, session=session) for session in known or [gate.name])
        for session, why in source.absent.get(gate.name, {}).items():
            yield replace(step, session=session, state=State.NOT_HERE, why=why)


def _sessions(source: Source, gate: str, *, in_world: bool) -> list[str]:
    """The gate's variants that left a record: what a record says, not what its file is named."""
    folder = source.root / FOLDER / source.version / (source.target if in_world else "")
    found = []
    for path in sorted(folder.glob(f"{gate}*.json")):
        if path.name.endswith(".again.json"):
            continue
        try:
            sealed = source.sealed(path.stem)
        except errors.TowpathError:
            sealed = None
        if path.stem == gate or (sealed and sealed.record.gate == gate):
            found.append(path.stem)
    return found
