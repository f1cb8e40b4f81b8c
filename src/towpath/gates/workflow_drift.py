"""Whether generated workflows still are what the pipeline asks for: a linter of our own, where there are any.

The question is put to the project's own `invoke workflow --check`, since only its tasks.py knows its pipeline.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from towpath import processes
from towpath.gates.publishers import GENERATED
from towpath.gates.tooling import children

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.gates.gate import Workspace

_WORKFLOWS = ".github/workflows"


def is_asked_for(workspace: Workspace) -> bool:
    """Whether the project has a workflow that was generated, and tasks to ask."""
    chosen = workspace.settings.workflow
    names = [name for name in (chosen.release, chosen.check) if name]
    return (workspace.root / "tasks.py").is_file() and any(
        _is_generated(workspace.root / _WORKFLOWS / name) for name in names
    )


def command(workspace: Workspace) -> tuple[str, ...]:
    """The check."""
    return ("invoke", f"{workspace.settings.prefix}workflow", "--check")


def ask(workspace: Workspace, folder: Path) -> processes.Completed:
    """Run the check in a checkout, by the Python that runs us; its output also goes to ours."""
    return processes.tee([sys.executable, "-m", *command(workspace)], cwd=folder, env=children(workspace))


def _is_generated(path: Path) -> bool:
    try:
        return bool(GENERATED.match(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False
