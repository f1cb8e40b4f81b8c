"""build: the distributions, made once from the commit, inspected, sealed, and put into dist/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.gates.gate import Gate
from towpath.model import About, Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome

FROM = "--from"


def build() -> Gate:
    """The gate."""
    return Gate(
        "build",
        "Build the sdist and the wheel, once, inspect and seal them.",
        act,
        needs=("lint", "test", "security"),
        effect=Effect.LOCAL,
        about=About.COMMIT,
        configuration=configuration,
        tools=tools,
        options=(FROM,),
        restore=restore,
        acts_on=lambda _: "dist/",
        runs_project_code=True,
        loads=(
            "towpath.gates.acts.build",
            "towpath.gates.complete",
            "towpath.gates.inspection",
            "towpath.gates.making",
            "towpath.index.rules",
            "towpath.index.twin.uploads",
            "twine.commands.check",
        ),
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Build, inspect, keep and put into dist/. Raises what `acts.build` raises."""
    from towpath.gates.acts import build as work

    return work.act(workspace, variant)


def restore(workspace: Workspace) -> None:
    """Put the sealed files into dist/ again. Raises file-foreign and evidence-missing."""
    from towpath.gates.acts import build as work

    work.restore(workspace)


def configuration(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """All of `[tool.towpath.build]`."""
    from towpath.gates.acts import build as work

    return work.configuration(workspace, variant)


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python, the front end, what installs the backend, and what inspects the files."""
    from towpath.gates.acts import build as work

    return work.tools(workspace, variant)
