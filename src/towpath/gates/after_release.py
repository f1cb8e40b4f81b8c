"""What a project does when a release is finished: gates made of `[tool.towpath.after-release]`, after all others.

They build docs or tell people. The release is finished without them, so that one which fails stays a failure of its
own: it is shown and sealed as such, and neither it nor the release has to be done again for the other.
"""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

from towpath.gates.gate import Gate, Pipeline, can_be_named
from towpath.model import About, Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome

KEY = "after-release"


def configured(pipeline: Pipeline, pyproject: Mapping[str, Any]) -> Pipeline:
    """The pipeline with the gates that pyproject.toml declares after it, all of which need its last one.

    It is read without being checked, as loading a noxfile must never fail: what is no table or has no possible name is
    passed over here, and is an error as soon as anything is run.
    """
    last = next((gate.name for gate in reversed(pipeline.gates) if not gate.afterwards), "")
    new = [gate for gate in _declared(pyproject, last) if last and gate.name not in pipeline.names]
    if not new:
        return pipeline
    return Pipeline(*pipeline.gates, *new, changes=pipeline.changes, off_route=pipeline.off_route)


def _declared(pyproject: Mapping[str, Any], last: str) -> Iterator[Gate]:
    table: Any = pyproject
    for key in ("tool", "towpath", KEY):
        table = table.get(key) if isinstance(table, dict) else None
    for name, declared in table.items() if isinstance(table, dict) else ():
        if isinstance(declared, dict) and can_be_named(name):
            yield _gate(name, declared, last)


def _gate(name: str, declared: Mapping[str, Any], last: str) -> Gate:
    command, variables = declared.get("command"), declared.get("variables", ())
    shown = shlex.join(map(str, command)) if isinstance(command, list) else str(command)
    reason = str(declared.get("reason", "")).strip().rstrip(".")
    return Gate(
        name,
        f"{reason}.".capitalize() if reason else "A command of the project's own, after the release.",
        partial(_act, name),
        needs=(last,),
        effect=Effect.SHARED,
        about=About.WORLD,
        configuration=partial(_configuration, name),
        runs_project_code=True,
        rehearses=declared.get("rehearse") is True,
        acts_on=lambda _target: f"`{shown}`",
        variables=tuple(map(str, variables)) if isinstance(variables, list) else (),
        afterwards=True,
        loads=("towpath.gates.acts.after_release",),
    )


def _act(name: str, workspace: Workspace, _variant: str) -> Outcome:
    from towpath.gates.acts.after_release import act

    return act(workspace, name)


def _configuration(name: str, workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    from towpath.gates.acts.after_release import configuration

    return configuration(workspace, name)
