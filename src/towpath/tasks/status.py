"""`invoke status`: where a version stands."""

from __future__ import annotations

import os
import sys
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


def status_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="status",
        help={"version": "the version; the one that is there now if left out", "json": "print it as JSON"},
    )
    def status(context: Context, version: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Show how far a version is in the world, read afresh, and the one safe thing to do next."""
        from towpath.reports.data import as_json
        from towpath.reports.status import show_status, status_data
        from towpath.reports.terminal import console
        from towpath.walk.status import status as asked

        with ending(context, as_json=json):
            found = asked(Path.cwd(), os.environ, version, pipeline_here(pipeline).names)
            if json:
                sys.stdout.write(as_json(status_data(found)) + "\n")
            else:
                show_status(console(os.environ), found)
        if found.troubled:
            raise Exit(code=1)

    made: Task[Any] = status
    return made
