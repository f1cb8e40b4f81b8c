"""security: insecure code, secrets in the files, unsafe workflows, and dependencies with known vulnerabilities.

Each scan has its own verdict, and all are made before the gate opens or stays closed. Only the audit of dependencies
asks anybody outside, and it is made where the configuration asks for it.
"""

from __future__ import annotations

from towpath.gates.gate import Gate
from towpath.gates.late import Late

_DOES = Late("security")


def security() -> Gate:
    """The gate."""
    return Gate(
        "security",
        "Look for insecure code, secrets, unsafe workflows and, if asked to, vulnerable dependencies.",
        _DOES.act,
        configuration=_DOES.configuration,
        tools=_DOES.tools,
        # building the project to see what it depends on does
        runs_project_code=True,
        loads=(_DOES.module,),
    )
