"""`invoke workflow`: the pipeline as GitHub Actions workflows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.tasks import task

from towpath.entry import pipeline_here
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
            "run": "run the committed workflow on this machine, against twins and a double of GitHub",
            "event": "what starts the run: tag (default), release, dispatch, dry-run, push or pull-request",
        },
    )
    def workflow(  # noqa: PLR0913, PLR0917 - invoke makes an option of each
        context: Context,
        check: bool = False,  # noqa: FBT001, FBT002 - invoke makes options of them
        replace: bool = False,  # noqa: FBT001, FBT002 - the same
        upgrade: bool = False,  # noqa: FBT001, FBT002 - the same
        run: bool = False,  # noqa: FBT001, FBT002 - the same
        event: str = "tag",
    ) -> None:
        """Write the GitHub Actions workflows of the pipeline, find their drift, or run one here."""
        from towpath.reports.workflow import show_drift, show_written
        from towpath.workflow import current

        with ending(context, as_json=False):
            if run:
                _run(pipeline_here(pipeline), event)
                return
            made = current.open_workflows(Path.cwd(), os.environ, pipeline_here(pipeline))
            if check:
                show_drift(made.drift())
                made.require_current()
            else:
                show_written(made.write(replace=replace, upgrade=upgrade, environ=os.environ))

    made: Task[Any] = workflow
    return made


def _run(pipeline: Pipeline, event: str) -> None:
    from towpath.reports.workflow import show_run_result
    from towpath.workflow import here

    with here.opened(Path.cwd(), os.environ, pipeline) as opened:
        result = opened.start(event)
        show_run_result(result, here.keep_logs(result, Path.cwd()), Path.cwd())
    if result.result != "success":
        raise Exit(code=1)
