"""The error catalogue: what can go wrong, why, and what to do about it.

An error is data. A `Kind` stands here once, a `Problem` is one occurrence of it with the facts filled in,
and `TowpathError` carries one or more problems to whoever shows them. Nothing here renders itself.
"""

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
            self.cause.format(**facts),
            self.fix.format(**facts),
            self.exit_code,
            detail.strip("\n"),
            log,
        )

    def error(self, *, detail: str = "", log: str = "", **facts: object) -> TowpathError:
        """The exception that carries this one problem."""
        return TowpathError(self.problem(detail=detail, log=log, **facts))


def catalogue() -> dict[str, Kind]:
    """Every kind of error, by id, in the order of this file."""
    return {kind.id: kind for kind in globals().values() if isinstance(kind, Kind)}


# ---- the call and the configuration (exit 2) -----------------------------------------------------------

UNKNOWN_OPTION = Kind(
    "unknown-option",
    "{option!r} is not an option of {command}.",
    "Use one of: {options}.",
    exit_code=2,
)
MISSING_VALUE = Kind("missing-value", "{option} needs a value.", "Write {option} {example}.", exit_code=2)
UNKNOWN_NAME = Kind(
    "unknown-name",
    "There is no {kind} {name!r}.",
    "{suggestion}Known are: {known}.",
    exit_code=2,
)
BAD_CONFIGURATION = Kind(
    "bad-configuration",
    "In pyproject.toml, {where}: {what}.",
    "{suggestion}Correct [tool.towpath] in pyproject.toml.",
    exit_code=2,
)

# ---- the project --------------------------------------------------------------------------------------

NO_PYPROJECT = Kind(
    "no-pyproject",
    "There is no pyproject.toml in {folder}.",
    "Run towpath from the root of a Python project, beside its pyproject.toml.",
    exit_code=2,
)
BAD_TOML = Kind("bad-toml", "{path} does not parse: {why}.", "Correct the TOML at that place.", exit_code=2)
NO_PROJECT_NAME = Kind(
    "no-project-name",
    "pyproject.toml gives the project no name.",
    "Set name under [project] (or under [tool.poetry]).",
    exit_code=2,
)
NO_VERSION = Kind(
    "no-version",
    "No version was found: {where}.",
    "Set a static version under [project] or [tool.poetry], or a literal __version__ in the file "
    "that the build backend reads it from.",
    exit_code=2,
)
BAD_VERSION = Kind(
    "bad-version",
    "{where} says {version!r}, which is not a version by PEP 440.",
    "Write a version such as 1.2.0, 1.2.0rc1 or 1.2.0.post1.",
    exit_code=2,
)
BAD_PART = Kind(
    "bad-part",
    "There is no part {part!r} of the version {version}.",
    "Use one of: {known}.",
    exit_code=2,
)

# ---- network ------------------------------------------------------------------------------------------

OUTSIDE_REHEARSAL = Kind(
    "outside-rehearsal",
    "The rehearsal tried to reach {host}, which is not this machine; the request was not made.",
    "A rehearsal talks to loopback only. If a gate of your own needs the network, give it a shared effect, "
    "so that it is left out of rehearsals.",
)

# ---- git ----------------------------------------------------------------------------------------------

NO_GIT = Kind("no-git", "git was not found on PATH.", "Install git, or put its folder on PATH.")
NOT_A_REPOSITORY = Kind(
    "not-a-repository",
    "{folder} is not in a git repository.",
    "Run `git init` and commit, or go to the project's repository. A release is of a commit.",
    exit_code=2,
)
NO_COMMIT = Kind(
    "no-commit",
    "The repository of {folder} has no commit yet.",
    "Commit the project first: `git add .`, then `git commit`. A release is of a commit.",
    exit_code=2,
)
GIT_FAILED = Kind(
    "git-failed",
    "`git {command} …` failed with status {status}.",
    "Read git's own words below, and run the command by hand to see more.",
)

# ---- evidence -----------------------------------------------------------------------------------------

EVIDENCE_MISSING = Kind(
    "evidence-missing",
    "The gate {gate} is not proven for this version.",
    "Run `nox -s {session}` first.",
)
EVIDENCE_FAILED = Kind(
    "evidence-failed",
    "The gate {gate} stayed closed when it was last run.",
    "Mend what it named, then run `nox -s {session}` again.",
)
EVIDENCE_STALE = Kind(
    "evidence-stale",
    "The evidence of {gate} is about another {what} ({then}, now {now}).",
    "Run `nox -s {session}` again, about what is there now.",
)
EVIDENCE_BROKEN = Kind(
    "evidence-broken",
    "The record {path} is not to be trusted: {why}.",
    "Delete that file and run its gate again. Nobody but towpath should write there.",
)
EVIDENCE_CHAIN = Kind(
    "evidence-chain",
    "{gate} was proven on the strength of {below}, which has changed or gone since.",
    "Run `nox -s {session}` again; it will name what else it needs.",
)
FILE_MISSING = Kind(
    "file-missing", "{file} was sealed by build and is gone.", "Run `nox -s build`: it puts the sealed files back."
)
FILE_FOREIGN = Kind(
    "file-foreign",
    "{file} was not sealed by build.",
    "Move it away: dist/ holds the sealed files and nothing else, so that nothing unproven is ever sent.",
)
FILE_ALTERED = Kind(
    "file-altered",
    "{file} is not the file that build sealed (sha256 {then}…, now {now}…).",
    "Delete it and run `nox -s build`, which puts the sealed bytes back; then find out who changed it.",
)
