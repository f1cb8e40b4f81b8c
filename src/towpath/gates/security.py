"""security: insecure code, secrets in the files, unsafe workflows, and dependencies with known vulnerabilities.

Each scan has its own verdict, and all are made before the gate opens or stays closed. Only the audit of dependencies
asks anybody outside, and it is made where the configuration asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.gates.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome


def security() -> Gate:
    """The gate."""
    return Gate(
        "security",
        "Look for insecure code, secrets, unsafe workflows and, if asked to, vulnerable dependencies.",
        act,
        configuration=configuration,
        tools=tools,
        # building the project to see what it depends on does
        runs_project_code=True,
        loads=("towpath.gates.acts.security",),
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Scan a checkout of exactly the subject's tree. Raises what `acts.security` raises."""
    from towpath.gates.acts import security as work

    return work.act(workspace, variant)


def configuration(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """All of `[tool.towpath.security]`."""
    from towpath.gates.acts import security as work

    return work.configuration(workspace, variant)


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The tools, and what the project's dependencies were resolved to."""
    from towpath.gates.acts import security as work

    return work.tools(workspace, variant)
