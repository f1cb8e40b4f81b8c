"""What lint and security find in a project as it is, declared where the caller asks for it."""

from __future__ import annotations

import contextlib
import shlex
import sys
from typing import TYPE_CHECKING

from towpath import errors
from towpath.adopt.configuring import ERRORS_ONLY, Key
from towpath.adopt.workflows import trial
from towpath.gates.acts import lint, security
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.adopt.call import Call, File
    from towpath.gates.gate import Workspace

_UNTIL = "until it is mended and this is taken out, what else it finds does not close the gate either"
# A secret that may be published is none: it is marked, or listed in a baseline.
_SCANS = frozenset({"bandit", "zizmor", "pip-audit"})


def keys(call: Call, files: tuple[File, ...]) -> tuple[Key, ...]:
    """Run the linters and the scans once over the project as it will be, and declare what would close a gate.

    What could not be run or looked at nothing is not declared: that has not failed. Nor are the errors that no project
    can mean, nor secrets, nor tests. What the tools print goes to standard error. Raises what an installation raises.
    """
    with contextlib.redirect_stdout(sys.stderr), trial(call.root, files, unborn=False) as folder:
        workspace = open_workspace(folder, call.environ)
        return (*_of_lint(workspace), *_of_security(workspace))


def _of_lint(workspace: Workspace) -> Iterator[Key]:
    """All commands, since a list of them stands for those that are found; only where they are found."""
    if workspace.settings.lint.commands:
        return
    verdicts = lint.judge(workspace)
    failed = [one for one in verdicts if one.problem and one.problem.id == errors.COMMAND_FAILED.id]
    if failed:
        listed = ", ".join(one.check.command.shown for one in failed)
        # One command at least must be able to close the gate: what cannot be meant always does
        always = () if len(failed) < len(verdicts) else ({"run": ERRORS_ONLY},)
        yield Key("lint", "commands", (*map(_declared, verdicts), *always), f"known now: {listed}; {_UNTIL}")


def _declared(verdict: lint.Verdict) -> dict[str, str]:
    said = {"run": shlex.join(verdict.check.command.argv)}
    if verdict.problem and verdict.problem.id == errors.COMMAND_FAILED.id:
        said["allowed-to-fail"] = _reason(verdict.problem)
    return said


def _of_security(workspace: Workspace) -> Iterator[Key]:
    for verdict in security.judge(workspace):
        if verdict.closes and verdict.scan and verdict.tool in _SCANS:
            (problem,) = verdict.problems
            because = f"known now: {problem.detail or problem.cause}; {_UNTIL}".replace("\n", "; ")
            yield Key("security.allowed-to-fail", verdict.tool, _reason(problem), because)


def _reason(problem: errors.Problem) -> str:
    return f"known when towpath was set up: {problem.cause}"
