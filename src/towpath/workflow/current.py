"""The workflows of a project together with their lock file: current, drifted, or written anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.workflow import files, lock
from towpath.workflow.files import WorkflowFile
from towpath.workflow.project import installed, layout_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Pipeline


@dataclass(frozen=True, slots=True)
class Workflows:
    """What lies in a project's folder, and what should: the files, and what the lock file is to hold."""

    root: Path
    wanted: tuple[WorkflowFile, ...]
    requirements: tuple[str, ...]
    python: str

    def drift(self) -> str:
        """The difference of the workflows on the disk, as a unified diff, and what is missing; "" if there is none."""
        return files.drift(self.root, self.wanted)

    def require_current(self) -> None:
        """Raise workflow-drifted and no-lock, together."""
        problems = []
        if self.drift():
            problems.append(errors.WORKFLOW_DRIFTED.problem())
        if not self._is_locked():
            problems.append(errors.NO_LOCK.problem(path=lock.PATH))
        if problems:
            raise errors.TowpathError(*problems)

    def write(self, *, replace: bool, upgrade: bool, environ: Mapping[str, str]) -> tuple[str, ...]:
        """Write what is not as it should be, and return the paths; `upgrade` makes the lock file anew in any case.

        Raises workflow-by-hand, lock-without-uv and not-locked, all before anything is written.
        """
        wanted = self.wanted
        if upgrade or not self._is_locked():
            text = lock.locked(self.requirements, environ, python=self.python)
            wanted = (*wanted, WorkflowFile(lock.PATH, text))
        return files.write(self.root, wanted, replace=replace)

    def _is_locked(self) -> bool:
        path = self.root / lock.PATH
        return path.is_file() and lock.is_whole(path.read_text(encoding="utf-8"), self.requirements)


def open_workflows(root: Path, environ: Mapping[str, str], pipeline: Pipeline) -> Workflows:
    """The workflows of the project in `root`. Raises what reading the project raises."""
    layout = layout_of(root, environ, pipeline)
    pythons = (layout.python, *layout.settings.workflow.pythons)
    lowest = min(pythons, key=lambda version: [int(part) for part in version.split(".")])
    return Workflows(root, files.wanted(layout), installed(layout), lowest)
