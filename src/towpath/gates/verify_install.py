"""verify-install: each distribution installed where nothing else is, all of it imported, its commands run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.gates.gate import Gate
from towpath.model import About

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome


def verify_install() -> Gate:
    """The gate."""
    return Gate(
        "verify-install",
        "Install each distribution in a clean environment, import all of it, run its commands.",
        act,
        needs=("build",),
        about=About.COMMIT,
        configuration=configuration,
        tools=tools,
        per_python=True,
        runs_project_code=True,
        installs_clean=True,
        loads=("towpath.gates.acts.verify_install",),
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Verify each file that this Python can install, apart. Raises what `acts.verify_install` raises."""
    from towpath.gates.acts import verify_install as work

    return work.act(workspace, variant)


def configuration(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """All that is configured of this gate."""
    from towpath.gates.acts import verify_install as work

    return work.configuration(workspace, variant)


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python and the installer."""
    from towpath.gates.acts import verify_install as work

    return work.tools(workspace, variant)
