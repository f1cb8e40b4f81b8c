"""`invoke init`: take towpath up in a project, or begin one."""

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

    from towpath.adopt.plan import Plan
    from towpath.gates.gate import Pipeline


def init_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="init",
        help={
            "yes": "do not ask; where there is no terminal, nothing is written without it",
            "name": "the name of a new project; that of its folder if left out",
            "prefix": "what stands before the names of sessions and tasks, such as towpath-",
            "changelog": "begin a CHANGES.md where there is no changelog",
            "known-failures": "declare what lint and security find in the project as it is, each with its reason",
            "workflows": "write the GitHub workflows, too; with --no-workflows, `invoke workflow` does so later",
            "json": "print findings and files as JSON; without --yes nothing is written",
        },
    )
    def init(  # noqa: PLR0913, PLR0917 - invoke makes an option of each
        context: Context,
        yes: bool = False,  # noqa: FBT001, FBT002 - invoke makes options of them
        name: str = "",
        prefix: str = "",
        changelog: bool = False,  # noqa: FBT001, FBT002 - the same
        known_failures: bool = False,  # noqa: FBT001, FBT002 - the same
        workflows: bool = True,  # noqa: FBT001, FBT002 - the same
        json: bool = False,  # noqa: FBT001, FBT002 - the same
    ) -> None:
        """Adopt towpath in this project, or begin a new one in an empty folder; shows what it writes, then asks."""
        from towpath.adopt.plan import Wish, make_plan

        with ending(context, as_json=json):
            wish = Wish(name=name, prefix=prefix, changelog=changelog, workflows=workflows, known=known_failures)
            planned = make_plan(Path.cwd(), os.environ, pipeline_here(pipeline), wish)
            _carry_out(planned, yes=yes, as_json=json)

    made: Task[Any] = init
    return made


def _carry_out(plan: Plan, *, yes: bool, as_json: bool) -> None:
    from towpath import errors
    from towpath.adopt.write import write
    from towpath.reports import adopt as report
    from towpath.reports.data import as_json as document

    if as_json:
        done = yes and bool(plan.files)
        if done:
            write(plan)
        sys.stdout.write(document(report.plan_data(plan, written=done)) + "\n")
        return
    report.show(report.plan_lines(plan))
    if not plan.files:
        return
    if not yes:
        if not report.can_ask(os.environ):
            raise errors.INIT_NOT_CONFIRMED.error()
        if not report.confirm(report.question(plan), os.environ):
            raise errors.NOT_CONFIRMED.error()
    write(plan)
    report.show(report.written_lines(plan))
