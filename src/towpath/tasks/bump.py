"""`invoke bump`: the next version, everywhere it is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from towpath.entry import prefix
from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.bump.plan import Plan
    from towpath.gates.gate import Pipeline


def bump_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="bump",
        help={
            "part": "major, minor, patch, a position such as 4, pre, final, post, dev, epoch, …; or a chain: minor,rc",
            "pre": "the kind of a pre-release (a, b or rc), for pre, premajor, preminor and prepatch",
            "to": "set this version",
            "repair": "write the version also where it is out of step; alone, mend that and nothing else",
            "dry-run": "show the plan, do nothing",
            "offline": "ask neither remote nor index",
            "yes": "do not ask",
            "json": "print plan and outcome as JSON",
        },
    )
    def bump(  # noqa: PLR0913, PLR0917 - invoke makes an option of each
        context: Context,
        part: str = "",
        pre: str = "",
        to: str = "",
        repair: bool = False,  # noqa: FBT001, FBT002 - invoke makes options of them
        dry_run: bool = False,  # noqa: FBT001, FBT002 - the same
        offline: bool = False,  # noqa: FBT001, FBT002 - the same
        yes: bool = False,  # noqa: FBT001, FBT002 - the same
        json: bool = False,  # noqa: FBT001, FBT002 - the same
    ) -> None:
        """Write the next version wherever it stands, promote the changelog, make one commit; it does not tag."""
        from towpath.bump.plan import make_plan
        from towpath.bump.propose import Wish
        from towpath.bump.world import ALL_INDEXES

        with ending(context, as_json=json):
            gates = pipeline.names if pipeline else ALL_INDEXES
            planned = make_plan(Path.cwd(), Wish(part, pre, to, repair), gates, offline=offline)
            _carry_out(planned, show_only=dry_run, yes=yes, as_json=json)

    made: Task[Any] = bump
    return made


def _carry_out(plan: Plan, *, show_only: bool, yes: bool, as_json: bool) -> None:
    from towpath import errors
    from towpath.bump.execute import execute
    from towpath.reports import bump as report

    if not as_json:
        report.show(report.plan_lines(plan))
    asked = not (yes or show_only or plan.made or plan.empty)
    if asked and not report.confirm(f"{report.title(plan)}: write and commit this?", os.environ):
        raise errors.NOT_CONFIRMED.error()
    done = None if show_only else execute(plan)
    if as_json:
        from towpath.reports.data import as_json as document

        sys.stdout.write(document(report.plan_data(plan, done)) + "\n")
    elif done:
        report.show(report.bumped_lines(plan, done, prefix()))
