"""verify-published: what the index gives out is downloaded, compared with the sealed files, and installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.gates.gate import Gate
from towpath.model import About

if TYPE_CHECKING:
    from towpath.gates.gate import Workspace
    from towpath.model import Outcome


def verify_published() -> Gate:
    """The gate."""
    return Gate(
        "verify-published",
        "Download what was published, compare it, and install it by name.",
        act,
        needs=("publish",),
        about=About.WORLD,
        runs_project_code=True,
        acts_on=lambda target: target.index.name,
        loads=(
            "towpath.gates.acts.verify_published",
            "towpath.index.client",
            "towpath.index.waiting",
        ),
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Download, compare and install by name. Raises what `acts.verify_published` raises."""
    from towpath.gates.acts import verify_published as work

    return work.act(workspace, variant)
