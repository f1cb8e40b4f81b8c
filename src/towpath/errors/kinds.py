"""What an error is: its kind, one occurrence of it, and the exception that carries occurrences."""

from __future__ import annotations

import string
from dataclasses import dataclass, field

DOCS = "docs/reference/errors.md"


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

    @property
    def link(self) -> str:
        """Where the documentation explains this error."""
        return f"{DOCS}#{self.id}"


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
    """An entry of the catalogue: the cause and the fix as templates over named facts."""

    id: str
    cause: str
    fix: str
    exit_code: int = 1
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
