"""lint: the project's own linters, else ruff with its defaults; each with its own verdict."""

from __future__ import annotations

from towpath.gates.gate import Gate
from towpath.gates.late import Late

_DOES = Late("lint")


def lint() -> Gate:
    """The gate."""
    return Gate(
        "lint",
        "Check the code by the project's own linters.",
        _DOES.act,
        configuration=_DOES.configuration,
        tools=_DOES.tools,
        # By SKIP pre-commit leaves hooks out; the others bring configuration or stubs of the caller's own.
        altered_by=("MYPYPATH", "MYPY_ALT_LIB_PATH", "PYLINTRC", "TY_CONFIG_FILE", "SKIP"),
        by_default=True,
        runs_project_code=True,
        loads=(_DOES.module,),
    )
