"""What a run of the release workflow is to do, by the event that started it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from towpath import errors
from towpath.gates.tag import misfit, tag_of_run
from towpath.gates.written import unsaid
from towpath.model import Effect
from towpath.walk.routes import route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Pipeline, Workspace

VERSION_VARIABLE = "TOWPATH_CI_VERSION"
DRY_RUN_VARIABLE = "TOWPATH_CI_DRY_RUN"


def gates_of_run(pipeline: Pipeline, workspace: Workspace) -> Mapping[str, bool]:
    """Each gate from the first with an effect on others, and whether this run walks it.

    A tag's run walks the route of its version, and so does a dispatch on the release branch that is no dry run; any
    other dispatch walks what comes before, and publishes nothing.

    Raises:
        TowpathError: no-route, tag-misfit, version-unsaid, and version-not-meant where a dispatch names another
            version.
    """
    found = route(pipeline.names, workspace.configuration, workspace.subject.version)
    asked = (found.problem, misfit(workspace), _other_version(workspace), unsaid(workspace))
    problems = [problem for problem in asked if problem]
    if problems:
        raise errors.TowpathError(*problems)
    acts = _acts(workspace)
    beyond = False
    walked = {}
    for gate in pipeline:
        beyond = beyond or gate.effect in {Effect.SHARED, Effect.PERMANENT}
        if beyond:
            walked[gate.name] = acts and gate.name not in found.off
    return walked


def write_outputs(outputs: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Hand values to the jobs after this one, where GITHUB_OUTPUT says how; elsewhere, do nothing."""
    path = environ.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as opened:
            opened.write("".join(_line(name, value) for name, value in outputs.items()))


def _line(name: str, value: str) -> str:
    if "\n" not in value:
        return f"{name}={value}\n"
    end = secrets.token_hex(16)  # nobody can close the value before its end
    return f"{name}<<{end}\n{value}\n{end}\n"


def _acts(workspace: Workspace) -> bool:
    if workspace.environ.get(DRY_RUN_VARIABLE) == "true":
        return False
    branch = workspace.settings.workflow.branch
    return bool(tag_of_run(workspace.environ)) or workspace.environ.get("GITHUB_REF") == f"refs/heads/{branch}"


def _other_version(workspace: Workspace) -> errors.Problem | None:
    """A dispatch says which version it means, so that it does not release what somebody else has pushed since."""
    meant = workspace.environ.get(VERSION_VARIABLE, "")
    if not meant or _version(meant) == Version(workspace.subject.version):
        return None
    return errors.VERSION_NOT_MEANT.problem(meant=meant, version=workspace.subject.version)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
