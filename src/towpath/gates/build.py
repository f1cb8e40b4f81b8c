"""build: the distributions, made once from the commit, inspected, sealed, and put into dist/."""

from __future__ import annotations

from towpath.gates.gate import Gate
from towpath.gates.late import Late
from towpath.model import About, Effect

FROM = "--from"

_DOES = Late("build")


def build() -> Gate:
    """The gate."""
    return Gate(
        "build",
        "Build the sdist and the wheel, once, inspect and seal them.",
        _DOES.act,
        needs=("lint", "test", "security"),
        effect=Effect.LOCAL,
        about=About.COMMIT,
        configuration=_DOES.configuration,
        tools=_DOES.tools,
        options=(FROM,),
        restore=_DOES.restore,
        acts_on=lambda _: "dist/",
        runs_project_code=True,
        loads=(
            _DOES.module,
            "towpath.gates.complete",
            "towpath.gates.inspection",
            "towpath.gates.making",
            "towpath.index.rules",
            "towpath.index.twin.uploads",
            "twine.commands.check",
        ),
    )
