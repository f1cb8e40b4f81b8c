"""lint: the project's own linters, else ruff with its defaults; each with its own verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.gates.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome


def lint() -> Gate:
    """The gate."""
    return Gate(
        "lint",
        "Check the code by the project's own linters.",
        act,
        configuration=configuration,
        tools=tools,
        # By SKIP pre-commit leaves hooks out; the others bring configuration or stubs of the caller's own.
        altered_by=("MYPYPATH", "MYPY_ALT_LIB_PATH", "PYLINTRC", "TY_CONFIG_FILE", "SKIP"),
        by_default=True,
        runs_project_code=True,
        loads=("towpath.gates.acts.lint",),
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Run every check to its end. Raises what `acts.lint` raises."""
    from towpath.gates.acts import lint as work

    return work.act(workspace, variant)


def configuration(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The commands, with their environment."""
    from towpath.gates.acts import lint as work

    return work.configuration(workspace, variant)


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python, and what the linters' environment holds."""
    from towpath.gates.acts import lint as work

    return work.tools(workspace, variant)
