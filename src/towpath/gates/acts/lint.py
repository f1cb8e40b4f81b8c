"""lint: the project's own linters, else ruff with its defaults; each with its own verdict."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.environments import environment as environments
from towpath.gates import dependencies, workflow_drift
from towpath.gates.dependencies import Requirements
from towpath.gates.linters import LINT_NAMES, LINTERS, Found, Project, linter_of, linters, required
from towpath.gates.tooling import Command, Toolbox, Tools, command, toolbox, versions, where_it_runs
from towpath.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from towpath import processes
    from towpath.gates.gate import Workspace
    from towpath.gates.linters import Linter

_UNEXPECTED = 3  # pre-commit's own code for what went wrong in itself, such as fetching a repository
_DETAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class Check:
    """A command to run, the linter that it starts if we know it, and why it is run."""

    command: Command
    linter: Linter | None
    because: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check came to: `problem` is None if it passed, `version` empty where the tool's is not known.

    Of one that `may_be_empty` it is not known whether it looked at any file.
    """

    check: Check
    version: str
    problem: errors.Problem | None
    may_be_empty: bool = False

    @property
    def closes(self) -> bool:
        """Whether it closes the gate."""
        return self.problem is not None and not self.is_allowed

    @property
    def is_allowed(self) -> bool:
        """Whether it failed, and may. A command that looked at nothing has not failed: it has not been run."""
        return (
            self.problem is not None
            and self.problem.id == errors.COMMAND_FAILED.id
            and bool(self.check.command.allowed_to_fail)
        )

    @property
    def word(self) -> str:
        """`passed`, `failed` or `failed, as it may`."""
        if self.problem is None:
            return "passed"
        return "failed, as it may" if self.is_allowed else "failed"


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Run every check to its end.

    Raises command-failed, nothing-linted and hooks-not-ready for all that did not pass, together; command-not-found.
    """
    with _where_checks_run(workspace) as (box, folder):
        verdicts = _verdicts(workspace, box, folder)
        if workflow_drift.is_asked_for(workspace):
            check = Check(Command(workflow_drift.command(workspace)), None, "the generated workflows")
            verdicts.append(Verdict(check, "", _problem(check, workflow_drift.ask(workspace, folder), folder)))
        problems = [verdict.problem for verdict in verdicts if verdict.closes and verdict.problem]
        if problems:
            raise errors.TowpathError(*problems)
    return Outcome(notes=(_summary(verdicts), *map(_told, verdicts)), facts={"checks": list(map(_as_data, verdicts))})


def judge(workspace: Workspace) -> list[Verdict]:
    """The verdict of every check, the generated workflows' apart. Raises what an installation raises."""
    with _where_checks_run(workspace) as (box, folder):
        return _verdicts(workspace, box, folder)


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The commands, with their environment."""
    commands = [check.command.as_data() for check in _checks(workspace)]
    return {"commands": commands, "environment": workspace.settings.lint.environment}


def tools(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The Python, and what the linters' environment holds."""
    return versions(workspace, _tools(workspace))


@contextmanager
def _where_checks_run(workspace: Workspace) -> Iterator[tuple[Toolbox, Path]]:
    # What the user has configured for themselves must not decide; where the project has a file of its own, it does.
    environ = {"XDG_CONFIG_HOME": os.devnull, **workspace.settings.lint.environment}
    with toolbox(workspace, _tools(workspace), environ) as box, where_it_runs(workspace) as folder:
        yield box, folder


def _verdicts(workspace: Workspace, box: Toolbox, folder: Path) -> list[Verdict]:
    held = environments.installed(box.environment)
    return [_verdict(check, box, folder, held) for check in _checks(workspace)]


def _checks(workspace: Workspace) -> list[Check]:
    chosen = workspace.settings.lint.commands
    if chosen:
        commands = [command(one) for one in chosen]
        return [Check(one, linter_of(one.argv), "[tool.towpath.lint]") for one in commands]
    default = Found(LINTERS[0], LINTERS[0].command, "no linter is configured, so with its defaults")
    found = linters(_project(workspace)) or (default,)
    return [Check(Command(one.command), one.linter, one.because) for one in found]


def _project(workspace: Workspace) -> Project:
    pyproject = workspace.configuration.pyproject
    return Project(pyproject, workspace.root, workspace.repository.root, workspace.subject.project)


def _verdict(check: Check, box: Toolbox, folder: Path, held: Mapping[str, str]) -> Verdict:
    version = held.get(check.linter.requirement, "") if check.linter else ""
    try:
        done = box.tee(check.command.argv, folder, check.command.environ)
    except errors.TowpathError as error:  # the others are to be heard all the same
        return Verdict(check, version, error.problems[0])
    problem = _problem(check, done, folder)
    has_read = None if problem else _has_read(check, done.stdout, box, folder)
    if has_read is False:
        problem = errors.NOTHING_LINTED.problem(command=check.command.shown, detail=_shown(check, done.stdout, folder))
    return Verdict(check, version, problem, may_be_empty=problem is None and has_read is None)


def _problem(check: Check, done: processes.Completed, folder: Path) -> errors.Problem | None:
    detail = _shown(check, done.stdout, folder)
    if check.linter and check.linter.name == "pre-commit" and done.code == _UNEXPECTED:
        return errors.HOOKS_NOT_READY.problem(detail=detail)
    if done.code != 0:
        return errors.COMMAND_FAILED.problem(command=check.command.shown, code=done.code, detail=detail)
    return None


def _shown(check: Check, printed: str, folder: Path) -> str:
    noise = re.compile(check.linter.noise if check.linter else "")
    printed = printed.replace(f"{folder}{os.sep}", "")  # a place that is gone when this is read
    lines = [line for line in printed.splitlines() if line.strip() and not noise.fullmatch(line)]
    return "\n".join(lines[-_DETAIL_LINES:])


def _has_read(check: Check, printed: str, box: Toolbox, folder: Path) -> bool | None:
    """Whether a check that ended with 0 looked at a file: by what it printed, else by asking; None if not known."""
    linter = check.linter
    if linter is None:
        return None
    if linter.empty and re.search(linter.empty, printed, re.MULTILINE):
        return False
    if linter.read and re.search(linter.read, printed, re.MULTILINE):
        return True
    if linter.name == "pre-commit":
        return False  # it names every hook
    asking = Toolbox(box.environment, {**box.environ, **check.command.environ})
    answers = [asking.capture((*check.command.argv, *question.options), folder) for question in linter.asked]
    for question, answer in zip(linter.asked, answers, strict=True):
        if re.search(question.read, getattr(answer, question.stream), re.MULTILINE):
            return True
    # What ends otherwise has not understood the question.
    return False if answers and not any(answer.code for answer in answers) else None


def _tools(workspace: Workspace) -> Tools:
    checks, project = _checks(workspace), _project(workspace)
    known = [check.linter for check in checks if check.linter]
    # Of a command that we know nothing of (a script, make), we cannot know what it will want.
    unknown = [check.command.argv[0] for check in checks if not check.linter]
    with_project = bool(unknown) or any(linter.reads_imports for linter in known)
    wanted = dependencies.configured(workspace.settings.lint, project.pyproject, project.root)
    if wanted is None:
        wanted = Requirements(tuple(dict.fromkeys(line for linter in known for line in required(project, linter))))
        wanted |= _beside(project, known, unknown)
        # Extras are the project's own, and can only be installed with it.
        with_project = with_project or bool(wanted.extras)
    return Tools("", wanted, with_project=with_project)


def _beside(project: Project, known: Sequence[Linter], unknown: Sequence[str]) -> Requirements:
    """What has to be there besides the linters: their plug-ins and stubs, and what the project's code imports."""
    wanted = Requirements()
    reading = [linter.requirement for linter in known if linter.reads_environment or linter.reads_imports]
    for name in (*reading, *unknown):
        place = dependencies.declaring(project.pyproject, project.root, name)
        own = [line for line in place.lines if not _is_of(line, project.name)] if place else []
        wanted |= Requirements(tuple(own))
    if unknown or any(linter.reads_imports for linter in known):
        names = (*LINT_NAMES, *dependencies.TEST_NAMES, *dependencies.DEVELOPMENT_NAMES)
        wanted |= dependencies.found(project.pyproject, project.root, names)
    return wanted


def _is_of(requirement: str, project: str) -> bool:
    """Whether a requirement is for an extra of the project itself, which an index would answer with a release."""
    from packaging.utils import canonicalize_name

    name = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return name is not None and canonicalize_name(name[0]) == canonicalize_name(project)


def _summary(verdicts: Sequence[Verdict]) -> str:
    """One line, in which what may fail and did is not hidden among the others."""
    passed = ", ".join(verdict.check.command.shown for verdict in verdicts if verdict.problem is None)
    allowed = "; ".join(
        f"{verdict.check.command.shown} failed, allowed: {verdict.check.command.allowed_to_fail}"
        for verdict in verdicts
        if verdict.is_allowed
    )
    return "; ".join(filter(None, (passed, allowed)))


def _told(verdict: Verdict) -> str:
    check = verdict.check
    version = verdict.version or "from elsewhere on PATH"
    tool = f"{check.linter.requirement} {version}" if check.linter else "a command"
    may = f" (allowed to fail: {check.command.allowed_to_fail})" if check.command.allowed_to_fail else ""
    blind = ", not known whether it looked at a file" if verdict.may_be_empty else ""
    return f"{verdict.word}: {check.command.shown}; {tool}, {check.because}{may}{blind}"


def _as_data(verdict: Verdict) -> dict[str, Any]:
    check = verdict.check
    data = {
        "command": check.command.shown,
        "verdict": verdict.word,
        "tool": check.linter.requirement if check.linter else "",
        "version": verdict.version,
        "because": check.because,
        "allowed-to-fail": check.command.allowed_to_fail,
        "problem": verdict.problem.cause if verdict.problem else "",
        "not-known": "whether it looked at a file" if verdict.may_be_empty else "",
    }
    return {name: value for name, value in data.items() if value}
