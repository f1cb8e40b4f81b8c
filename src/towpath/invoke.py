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

from towpath.pipeline import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.errors import TowpathError
    from towpath.gates.gate import Pipeline


def tasks(pipeline: Pipeline = RELEASE) -> Collection:
    """The collection of tasks about this pipeline."""
    return Collection(_plan(pipeline))


def _plan(pipeline: Pipeline) -> Task[Any]:
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
        from towpath.reports.data import as_json, plan_data
        from towpath.reports.terminal import console, show_plan
        from towpath.walk.release import Options, planned

        with _ending(as_json=json):
            found = planned(pipeline, Path.cwd(), os.environ, Options(to=to, part=part))
            if json:
                sys.stdout.write(as_json(plan_data(found)) + "\n")
            else:
                show_plan(console(os.environ), found)

    made: Task[Any] = plan
    return made


@contextmanager
def _ending(*, as_json: bool) -> Iterator[None]:
    """Whatever goes wrong ends in cause, fix and the right exit code."""
    from towpath.entry import ending

    def end(error: TowpathError) -> None:
        raise Exit(code=error.exit_code)

    with ending("tasks.py", end, as_json=as_json):
        yield
