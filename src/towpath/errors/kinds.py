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
    stays closed or a problem was found, 2 where the call or the configuration is wrong. `prefix` stands before the
    names of the project's tasks.
    """

    id: str
    cause: str
    fix: str
    exit_code: int = 1
    detail: str = ""
    log: str = ""
    prefix: str = ""

    def respelled(self, prefix: str) -> Problem:
        """The same for a project whose sessions and tasks have a prefix."""
        if not prefix:
            return self
        return replace(self, cause=respelled(self.cause, prefix), fix=respelled(self.fix, prefix), prefix=prefix)

    @property
    def more(self) -> str:
        """The command that explains this error; the documentation has it, too, but not beside the project."""
        return f"invoke {self.prefix}explain {self.id}"


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


ANY = "…"


def phrase_pattern(phrase: str) -> str:
    """The regular expression for a phrase that a kind recognises: its words, whole, whatever stands for `…`."""
    fixed = r".{0,200}?".join(re.escape(part) for part in phrase.split(ANY))
    return r"(?<!\w)" * phrase[0].isalnum() + fixed + r"(?!\w)" * phrase[-1].isalnum()


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

    def is_said_in(self, text: str) -> bool:
        """Whether a text of one line holds a phrase that this kind recognises."""
        return any(re.search(phrase_pattern(phrase), text, re.IGNORECASE) for phrase in self.recognises)

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
