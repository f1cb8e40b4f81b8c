"""What a check is, what it may say, and what a question to the world came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.doctor.facts import Facts
    from towpath.errors import Kind, Problem

T = TypeVar("T")


class Severity(Enum):
    """How much a finding matters: a problem keeps a release from ending well; advice does not."""

    PROBLEM = "problem"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend, with cause and fix."""

    severity: Severity
    problem: Problem


@dataclass(frozen=True, slots=True)
class Well:
    """What was looked at and found well, in words."""

    said: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """What could not be asked, and why: never the same as well."""

    why: str


Answer = Finding | Well | Unasked


@dataclass(frozen=True, slots=True)
class Check:
    """A question with its name, the part that it belongs to, and the kinds of findings that are its own.

    `look` gives what it finds, what it finds well, and what it could not ask. `online` is whether it needs an answer of
    the remote, the forge or an index.
    """

    part: str
    name: str
    asks: str
    look: Callable[[Facts], Iterator[Answer]]
    kinds: tuple[Kind, ...] = ()
    online: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What a check came to."""

    check: Check
    findings: tuple[Finding, ...] = ()
    well: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """`problem`, `advice`, `not asked` or `ok`; ok only where everything was asked and nothing found."""
        severities = {finding.severity for finding in self.findings}
        worst = next((one.value for one in Severity if one in severities), "")
        return worst or ("not asked" if self.unasked else "ok")


@dataclass(frozen=True, slots=True)
class Form:
    """What an index's form for a trusted publisher wants, letter by letter, and where the form is.

    `pending` is whether the project is new there, None where that is not known.
    """

    index: str
    project: str
    owner: str
    repository: str
    workflow: str
    environment: str
    address: str
    pending: bool | None


@dataclass(frozen=True, slots=True)
class Report:
    """All of it."""

    project: str
    offline: bool
    results: tuple[Result, ...]
    forms: tuple[Form, ...]

    @property
    def has_problems(self) -> bool:
        """Whether any finding is a problem."""
        return any(result.state == Severity.PROBLEM.value for result in self.results)


class NotAskedError(Exception):
    """What a check needs is not known; the message says why."""


def unasked(why: str) -> NotAskedError:
    """The error that ends a check which cannot be made."""
    return NotAskedError(why)


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """An answer of the world, or why there is none."""

    answer: T | None = None
    why: str = ""

    def get(self) -> T:
        """The answer. Raises NotAskedError where there is none."""
        if self.why or self.answer is None:
            raise unasked(self.why or "nothing was said")
        return self.answer


def problem(kind: Kind, **facts: object) -> Finding:
    """A finding that keeps a release from ending well."""
    return Finding(Severity.PROBLEM, kind.problem(detail="", log="", **facts))


def advice(kind: Kind, **facts: object) -> Finding:
    """A finding that a release may be made with."""
    return Finding(Severity.ADVICE, kind.problem(detail="", log="", **facts))
