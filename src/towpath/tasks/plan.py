"""`invoke plan`: what a release would do."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from towpath.entry import pipeline_here
from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline


def plan_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="plan",
        help={
            "to": "where the release would go: rehearsal (default), testpypi, pypi, or an index of yours",
            "part": "plan the rehearsal of this bump: major, minor, patch, …",
            "outputs": "in GitHub Actions: tell the jobs after this one which gates this run walks",
            "before-upload": "in GitHub Actions: ask this gate's index, and tell the jobs after this one the files",
            "json": "print the plan as JSON",
        },
    )
    def plan(  # noqa: PLR0913, PLR0917 - invoke makes an option of each
        context: Context,
        to: str = "rehearsal",
        part: str = "",
        outputs: bool = False,  # noqa: FBT001, FBT002 - invoke makes options of them
        before_upload: str = "",
        json: bool = False,  # noqa: FBT001, FBT002 - the same
    ) -> None:
        """Show what `nox -s release` would do, and run nothing."""
        from towpath.reports.data import as_json, plan_data
        from towpath.reports.terminal import console, show_plan
        from towpath.walk.release import Options, planned

        with ending(context, as_json=json):
            if outputs:
                _tell_jobs(pipeline_here(pipeline))
                return
            if before_upload:
                _tell_files(pipeline_here(pipeline), before_upload)
                return
            found = planned(pipeline_here(pipeline), Path.cwd(), os.environ, Options(to=to, part=part))
            if json:
                sys.stdout.write(as_json(plan_data(found)) + "\n")
            else:
                show_plan(console(os.environ), found)

    made: Task[Any] = plan
    return made


def _tell_jobs(pipeline: Pipeline) -> None:
    from towpath.reports.github import tell_plan
    from towpath.reports.workflow import show_run
    from towpath.walk.release import Options, planned
    from towpath.walk.world import open_workspace
    from towpath.workflow.event import gates_of_run, write_outputs

    workspace = open_workspace(Path.cwd(), os.environ)
    walked = gates_of_run(pipeline, workspace)
    version = workspace.subject.version
    said = {"version": version, "index": workspace.target.index.name}
    write_outputs({**said, **{name: str(on).lower() for name, on in walked.items()}}, os.environ)
    show_run(version, walked)
    to = workspace.settings.publish.index
    tell_plan(os.environ, planned(pipeline, Path.cwd(), os.environ, Options(to=to)))


def _tell_files(pipeline: Pipeline, gate: str) -> None:
    from towpath.workflow.event import write_outputs
    from towpath.workflow.to_send import files_to_send

    files = files_to_send(pipeline, gate, Path.cwd(), os.environ)
    write_outputs({"files": files}, os.environ)
    sys.stdout.write(f"{files}\n")
