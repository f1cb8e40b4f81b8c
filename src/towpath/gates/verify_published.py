"""verify-published: what the index gives out is downloaded, compared with the sealed files, and installed."""

from __future__ import annotations

from towpath.gates.gate import Gate
from towpath.gates.late import Late
from towpath.model import About

_DOES = Late("verify_published")


def verify_published() -> Gate:
    """The gate."""
    return Gate(
        "verify-published",
        "Download what was published, compare it, and install it by name.",
        _DOES.act,
        needs=("publish",),
        about=About.WORLD,
        runs_project_code=True,
        acts_on=lambda target: target.index.name,
        loads=(
            _DOES.module,
            "towpath.index.client",
            "towpath.index.waiting",
        ),
    )
