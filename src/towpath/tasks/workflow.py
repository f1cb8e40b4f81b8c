"""`invoke workflow`: the pipeline as GitHub Actions workflows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline


def workflow_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="workflow",
        help={
            "check": "write nothing; exit 1 with the difference where a workflow is not what it should be",
            "replace": "write also over a workflow that was not generated",
            "upgrade": "find the newest packages anew for the lock file of what the workflows install",
        },
    )
    def workflow(_context: Context, check: bool = False, replace: bool = False, upgrade: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Write the GitHub Actions workflows that the pipeline and the configuration ask for."""
        from towpath.pipeline import RELEASE
        from towpath.reports.workflow import show_drift, show_written
        from towpath.workflow import current

        with ending(as_json=False):
            made = current.open_workflows(Path.cwd(), os.environ, pipeline or RELEASE)
            if check:
                show_drift(made.drift())
                made.require_current()
            else:
                show_written(made.write(replace=replace, upgrade=upgrade, environ=os.environ))

    made: Task[Any] = workflow
    return made
