"""test: the project's tests, on every Python that comes into question, against the project as installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.gates.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome

_PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


def test() -> Gate:
    """The gate."""
    return Gate(
        "test",
        "Run the tests on every supported Python.",
        act,
        configuration=configuration,
        tools=tools,
        # PYTHONOPTIMIZE takes every assert out
        altered_by=(*_PYTEST_VARIABLES, "PYTHONOPTIMIZE", "COVERAGE_RCFILE"),
        per_python=True,
        closing="coverage",
        by_default=True,
        takes_arguments=True,
        runs_project_code=True,
        loads=("towpath.gates.acts.test",),
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Run the test commands in order, or judge what they covered. Raises what `acts.test` raises."""
    from towpath.gates.acts import test as work

    return work.act(workspace, variant)


def configuration(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The commands, with their environment, and what they must show."""
    from towpath.gates.acts import test as work

    return work.configuration(workspace, variant)


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python, and what its environment holds; nothing where nothing runs."""
    from towpath.gates.acts import test as work

    return work.tools(workspace, variant)
