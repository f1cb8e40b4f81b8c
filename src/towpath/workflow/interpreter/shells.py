"""How a script is run: https://docs.github.com/actions/reference/workflow-syntax (jobs.<job_id>.steps[*].shell)."""

from __future__ import annotations

import shlex
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COMMANDS = MappingProxyType(
    {
        "": ("bash -e {0}", ".sh"),
        "bash": ("bash --noprofile --norc -eo pipefail {0}", ".sh"),
        "sh": ("sh -e {0}", ".sh"),
        "python": ("python {0}", ".py"),
        "pwsh": ("pwsh -command \". '{0}'\"", ".ps1"),
        "powershell": ("powershell -command \". '{0}'\"", ".ps1"),
    }
)
_POWERSHELL_BEGIN = "$ErrorActionPreference = 'stop'\n"
_POWERSHELL_END = "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n"


def command(shell: str, source: str, script: Path) -> list[str]:
    """Write the script and give the command that runs it; a shell of the file's own stands with its `{0}`."""
    if not shell and sys.platform == "win32":
        shell = "pwsh"
    template, suffix = _COMMANDS.get(shell, (shell, ""))
    if suffix == ".ps1":
        source = f"{_POWERSHELL_BEGIN}{source}{_POWERSHELL_END}"
    path = script.with_name(script.name + suffix)
    path.write_bytes(source.encode())
    return [part.replace("{0}", path.as_posix()) for part in shlex.split(template)]
