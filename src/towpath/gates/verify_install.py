"""verify-install: each distribution installed where nothing else is, all of it imported, its commands run."""

from __future__ import annotations

from towpath.gates.gate import Gate
from towpath.gates.late import Late
from towpath.model import About

_DOES = Late("verify_install")


def verify_install() -> Gate:
    """The gate."""
    return Gate(
        "verify-install",
        "Install each distribution in a clean environment, import all of it, run its commands.",
        _DOES.act,
        needs=("build",),
        about=About.COMMIT,
        configuration=_DOES.configuration,
        tools=_DOES.tools,
        per_python=True,
        runs_project_code=True,
        installs_clean=True,
        loads=(_DOES.module,),
    )
