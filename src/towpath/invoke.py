"""Verbs as invoke tasks. In a tasks.py:

from towpath.invoke import tasks
ns = tasks()
"""  # noqa: D415 - the lines below are the sentence's end

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.collection import Collection
from invoke.exceptions import Exit
from invoke.tasks import task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.bump.plan import Plan
    from towpath.errors import TowpathError
    from towpath.gates.gate import Pipeline


def tasks(pipeline: Pipeline | None = None) -> Collection:
    """The collection of tasks about this pipeline; about `towpath.pipeline.RELEASE`, if none is given."""
    return Collection(_plan(pipeline), _audit(pipeline), _bump(pipeline), _notes(pipeline))


def _plan(pipeline: Pipeline | None) -> Task[Any]:
    @task(
        name="plan",
        help={
            "to": "where the release would go: rehearsal (default), testpypi, pypi, or an index of yours",
            "part": "plan the rehearsal of this bump: major, minor, patch, …",
            "json": "print the plan as JSON",
        },
    )
    def plan(_context: Context, to: str = "rehearsal", part: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Show what `nox -s release` would do, and run nothing."""
        from towpath.pipeline import RELEASE  # late: its gates cost more than many a task
        from towpath.reports.data import as_json, plan_data
        from towpath.reports.terminal import console, show_plan
        from towpath.walk.release import Options, planned

        with _ending(as_json=json):
            found = planned(pipeline or RELEASE, Path.cwd(), os.environ, Options(to=to, part=part))
            if json:
                sys.stdout.write(as_json(plan_data(found)) + "\n")
            else:
                show_plan(console(os.environ), found)

    made: Task[Any] = plan
    return made


def _audit(_pipeline: Pipeline | None) -> Task[Any]:
    @task(
        name="audit",
        help={
            "offline": "ask neither the index nor the remote; what they hold is unknown then",
            "since": "show older versions without judging them",
            "json": "print the audit as JSON",
        },
    )
    def audit(_context: Context, offline: bool = False, since: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Compare tags, places, changelog and index for every version ever; exit 1 if they disagree."""
        from towpath.bump.audit import audit as audited
        from towpath.reports.audit import audit_data, show_audit
        from towpath.reports.data import as_json
        from towpath.reports.terminal import console

        with _ending(as_json=json):
            found = audited(Path.cwd(), offline=offline, since=since)
            if json:
                sys.stdout.write(as_json(audit_data(found)) + "\n")
            else:
                show_audit(console(os.environ), found)
        if found.problems:
            raise Exit(code=1)

    made: Task[Any] = audit
    return made


def _bump(pipeline: Pipeline | None) -> Task[Any]:
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
        _context: Context,
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

        with _ending(as_json=json):
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
        report.show(report.bumped_lines(plan, done))


def _notes(_pipeline: Pipeline | None) -> Task[Any]:
    @task(
        name="notes",
        help={"version": "the version; the one that is there now if left out", "json": "print the notes as JSON"},
    )
    def notes(_context: Context, version: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Print a version's release notes: from the changelog, else from the commits."""
        from towpath.gates.notes import notes_of
        from towpath.reports.bump import notes_data
        from towpath.reports.data import as_json

        with _ending(as_json=json):
            found = notes_of(Path.cwd(), version)
            sys.stdout.write(as_json(notes_data(found)) + "\n" if json else found.text)

    made: Task[Any] = notes
    return made


@contextmanager
def _ending(*, as_json: bool) -> Iterator[None]:
    """Whatever goes wrong ends in cause, fix and the right exit code."""
    from towpath.entry import ending

    def end(error: TowpathError) -> None:
        raise Exit(code=error.exit_code)

    with ending("tasks.py", end, as_json=as_json):
        yield
