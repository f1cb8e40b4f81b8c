"""What the report of a release says: plain values, clean of secrets, in no language of markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from towpath.model import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.errors import Problem
    from towpath.walk.logs import Excerpt

AS_SEALED = "as sealed"


class Ending(Enum):
    """How far the release is, as far as this folder knows."""

    COMPLETE = "complete"
    CLOSED = "stopped at a closed gate"
    UNFINISHED = "not finished"


@dataclass(frozen=True, slots=True)
class Ran:
    """A command or a check inside a gate: what it came to, by which tool, and the declared reason if it may fail."""

    command: str
    verdict: str = ""
    tool: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record of a gate.

    `path` is below the version's folder, `sealed` when the run began whose record it is, and `latest` when the last run
    began that found the same; ISO 8601 in UTC. `fails` is why it does not open what comes next; `weighed` is whether
    that was asked, since a record about another version or a rehearsal's world cannot be weighed here.
    """

    path: str
    sha256: str
    passed: bool
    sealed: str
    latest: str
    expires: str
    tree: str
    commit: str
    tools: Mapping[str, str]
    relied_on: Mapping[str, str]
    weighed: bool = False
    fails: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """What a session printed: the file, below the project's folder, and an excerpt of it."""

    path: str
    excerpt: Excerpt


@dataclass(frozen=True, slots=True)
class GateTold:
    """A gate, or one variant of it.

    `command` is the session that anybody can run again; `ran` what ran inside. `started` is ISO 8601 in UTC, and
    `seconds` how long it took; empty and 0 where nothing ran. `earlier` is whether that was before this walk.
    """

    session: str
    summary: str
    effect: str
    where: str
    state: State
    command: str
    why: str = ""
    started: str = ""
    seconds: float = 0.0
    earlier: bool = False
    ran: tuple[Ran, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    evidence: Evidence | None = None
    log: Log | None = None
    after_point_of_no_return: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it opens what comes next."""
        return self.state.is_open


@dataclass(frozen=True, slots=True)
class Changed:
    """What a distribution differs in from the one of the last release: member paths, and unpacked sizes in bytes."""

    against: str
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class File:
    """A distribution with its members (path → size in bytes); `unread` is why those are not known."""

    filename: str
    size: int
    sha256: str
    members: Mapping[str, int] = field(default_factory=dict)
    unread: str = ""
    changed: Changed | None = None
    unchanged_why: str = ""  # why it was not compared with the last release
    origin: str = ""  # where it came from, if it was not built here


@dataclass(frozen=True, slots=True)
class OnPython:
    """The tests on one Python; the counts are None where no runner counted them.

    `allowed` are the failures that were declared, each with its reason; `coverage` is in percent.
    """

    session: str
    python: str
    state: State
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None
    seconds: float = 0.0
    coverage: float | None = None
    allowed: tuple[Ran, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the world: what stands there of this version. `files` are name → verdict."""

    name: str
    said: str
    good: bool | None = None  # None where it is neither: nothing there yet, or not asked
    files: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """The state in the world. `how` says from where it is known, with the time; `standing` is as `status` names it."""

    how: str
    places: tuple[Place, ...]
    standing: str = ""
    troubled: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The report of a release.

    `marks` are what must not be overlooked: a changed pipeline, a gate left out, a run that proved less. `started` is
    when the walk, or the first gate, began; `seconds` is how long the walk took, `made` when this was written. `prefix`
    stands before the names of sessions and tasks.
    """

    project: str
    version: str
    target: str
    rehearsal: bool
    commit: str
    ending: Ending
    started: str
    seconds: float
    made: str
    by: str
    folder: str
    marks: tuple[str, ...]
    gates: tuple[GateTold, ...]
    files: tuple[File, ...]
    tests: tuple[OnPython, ...]
    world: World
    next_command: str = ""
    prefix: str = ""

    @property
    def closed(self) -> tuple[GateTold, ...]:
        """The gates that stayed closed."""
        return tuple(gate for gate in self.gates if gate.state is State.CLOSED)
