"""What an error is: its kind, one occurrence of it, and the exception that carries occurrences."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field, replace
from enum import Enum

DOCS = "docs/reference/errors.md"


class Retry(Enum):
    """Whether trying again helps; the value is how people are told."""

    FIXED = "after the fix, not before"
    AS_IT_IS = "yes, as it is"
    LATER = "yes, after waiting"
    NEVER = "no: the same is refused each time; the fix names the other way"


@dataclass(frozen=True, slots=True)
class Problem:
    """One occurrence of an error: what happened, and what to do.

    `detail` holds the last lines that matter of another program's output; `exit_code` is 1 where a gate
    stays closed or a problem was found, 2 where the call or the configuration is wrong.
    """

    id: str
    cause: str
    fix: str
    exit_code: int = 1
    detail: str = ""
    log: str = ""

    def respelled(self, prefix: str) -> Problem:
        """The same for a project whose sessions and tasks have a prefix."""
        return replace(self, cause=respelled(self.cause, prefix), fix=respelled(self.fix, prefix)) if prefix else self

    @property
    def link(self) -> str:
        """Where the documentation explains this error."""
        return f"{DOCS}#{self.id}"


def respelled(text: str, prefix: str) -> str:
    """A text with `prefix` before the names of our sessions and tasks, for a project that has others of these names."""
    return re.sub(r"\b(nox -s |invoke )(?=[a-z{])", rf"\g<1>{prefix}", text) if prefix else text


class TowpathError(Exception):
    """One or more problems, to be shown together."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.cause for problem in problems))
        self.problems = problems

    @property
    def exit_code(self) -> int:
        """2 if any problem lies in the call or the configuration, else 1."""
        return max(problem.exit_code for problem in self.problems)


def _encodable(text: str) -> str:
    """Names of files that are not UTF-8 reach us with lone surrogates, which no report could be written with."""
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the catalogue: the cause and the fix as templates over named facts.

    `recognises` holds phrases of other programs by which a pasted text is known to be this error; `…` in them stands
    for a few words of any kind. `said_by` names who says so, where it is an answer that towpath itself never ends
    with: such an entry explains, is not raised, and has no facts.
    """

    id: str
    cause: str
    fix: str
    exit_code: int = 1
    retry: Retry = field(default=Retry.FIXED, kw_only=True)
    recognises: tuple[str, ...] = field(default=(), kw_only=True)
    said_by: str = field(default="", kw_only=True)
    facts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = {name for text in (self.cause, self.fix) for _, name, _, _ in string.Formatter().parse(text) if name}
        object.__setattr__(self, "facts", frozenset(names))

    def problem(self, *, detail: str = "", log: str = "", **facts: object) -> Problem:
        """This error with its facts. Raises KeyError if a fact that the texts name is missing."""
        return Problem(
            self.id,
            _encodable(self.cause.format(**facts)),
            _encodable(self.fix.format(**facts)),
            self.exit_code,
            _encodable(detail.strip("\n")),
            log,
        )

    def error(self, *, detail: str = "", log: str = "", **facts: object) -> TowpathError:
        """The exception that carries this one problem."""
        return TowpathError(self.problem(detail=detail, log=log, **facts))
