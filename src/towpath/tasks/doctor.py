"""`invoke doctor`: everything that can be known beforehand."""

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


def doctor_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="doctor",
        help={"offline": "ask neither the remote, nor the forge, nor an index", "json": "print it as JSON"},
    )
    def doctor(context: Context, offline: bool = False, json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Find what would keep a release from ending well, each with cause and fix; exit 1 for a problem."""
        from towpath.doctor.examine import examine
        from towpath.reports.data import as_json
        from towpath.reports.doctor import doctor_data, show_doctor
        from towpath.reports.terminal import console

        with ending(context, as_json=json):
            report = examine(Path.cwd(), os.environ, pipeline_here(pipeline), offline=offline)
            if json:
                sys.stdout.write(as_json(doctor_data(report)) + "\n")
            else:
                show_doctor(console(os.environ), report)
        if report.has_problems:
            raise Exit(code=1)

    made: Task[Any] = doctor
    return made
