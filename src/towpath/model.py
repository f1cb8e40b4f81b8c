"""The nouns. They know nothing of git, indexes or the terminal, and import nothing of ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Effect(Enum):
    """How far a gate's act reaches."""

    NONE = "none"
    LOCAL = "local"
    SHARED = "shared"  # others see it
    PERMANENT = "permanent"  # it cannot be undone


class About(Enum):
    """What a gate's evidence is about."""

    TREE = "tree"
    COMMIT = "commit"  # and the distributions
    WORLD = "world"  # commit, distributions, and a target


class State(Enum):
    """Where a gate stands in a walk."""

    WAITING = "waiting"
    RUNNING = "running"
    PROVEN = "proven"
    ALREADY_PROVEN = "already proven"
    PASSED_UNSEALED = "passed, not sealed"
    NO_TESTS = "no tests"
    CLOSED = "closed"
    STOPPED = "stopped"
    FAILED_AFTER = "failed after the release"
    NOT_HERE = "not here"
    BY_CI = "by CI"
    NOT_REHEARSED = "not rehearsed"
    NOT_ON_THE_ROUTE = "not on the route"
    NOT_REACHED = "not reached"

    @property
    def is_open(self) -> bool:
        """Whether what needs the gate may go on."""
        return self in {State.PROVEN, State.ALREADY_PROVEN, State.NO_TESTS, State.BY_CI}

    @property
    def is_left_out(self) -> bool:
        """Whether the gate was not to be walked, for a reason that is told."""
        return self in {State.NOT_HERE, State.NOT_REHEARSED, State.NOT_ON_THE_ROUTE}


@dataclass(frozen=True, slots=True, order=True)
class Distribution:
    """An sdist or a wheel: file name, size in bytes, sha256 in hexadecimal."""

    filename: str
    size: int
    sha256: str

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; otherwise it is an sdist."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True, slots=True)
class Subject:
    """What evidence is about. `commit` is None where the tree holds uncommitted work."""

    project: str
    version: str
    tree: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class IndexAddress:
    """A package index: its name, where files are sent, and its simple API (PEP 503/691).

    `credentials` is where the credential comes from: `trusted`, `environment`, `keyring`, `pypirc`; empty means
    trusted publishing where the environment offers it, else the variable. `username` goes with the token.
    """

    name: str
    upload_url: str
    simple_url: str
    token_variable: str = ""
    credentials: str = ""
    username: str = "__token__"


@dataclass(frozen=True, slots=True)
class Login:
    """What an index is shown with an upload; the password never appears in its representation.

    `expires` is when it ends, in Unix seconds; None where that is not known.
    """

    username: str
    password: str = field(repr=False)
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class ForgeAddress:
    """A forge: the root of its REST API and the repository as owner/name."""

    api_url: str
    repository: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a gate found when it opened.

    `notes` are for people; `facts` are data for the record; `distributions` are the files that it is about.
    `verdict` is what is shown in place of "proven" where that would say too much, else empty.
    `valid_for` is how many seconds the finding holds where it is about something that moves (the vulnerabilities
    known today); None where it holds as long as the subject is the same.
    """

    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    distributions: tuple[Distribution, ...] = ()
    valid_for: int | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where effects go. `rehearsal` is the id of a rehearsal, empty in the real world."""

    name: str
    remote: str
    test_index: IndexAddress
    index: IndexAddress
    forge: ForgeAddress | None
    rehearsal: str = ""

    @property
    def id(self) -> str:
        """What evidence about this target is bound to: every address, and the rehearsal."""
        forge = f"{self.forge.api_url} {self.forge.repository}" if self.forge else ""
        parts = (self.remote, self.test_index.upload_url, self.index.upload_url, forge, self.rehearsal)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def counted(number: int, what: str) -> str:
    """How many of a thing there are, in words: `1 file`, `2 files`, `3 dependencies`."""
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number} {what if number == 1 else several}"
