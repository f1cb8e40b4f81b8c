"""`invoke notes`: a version's release notes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline


def notes_task(_pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="notes",
        help={"version": "the version; the one that is there now if left out", "json": "print the notes as JSON"},
    )
    def notes(context: Context, version: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Print a version's release notes: from the changelog, else from the commits."""
        from towpath.gates.notes import notes_of
        from towpath.reports.bump import notes_data
        from towpath.reports.data import as_json

        with ending(context, as_json=json):
            found = notes_of(Path.cwd(), version)
            sys.stdout.write(as_json(notes_data(found)) + "\n" if json else found.text)

    made: Task[Any] = notes
    return made
