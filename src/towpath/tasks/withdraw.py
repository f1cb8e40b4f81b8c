"""`invoke withdraw`: how to take a version back."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline


def withdraw_task(_pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="withdraw",
        help={"version": "the version; the one that is there now if left out", "json": "print the plan as JSON"},
    )
    def withdraw(context: Context, version: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Plan the withdrawal of a version: the yank, the next version, the notes. It changes nothing."""
        from towpath.reports.data import as_json
        from towpath.reports.status import show_withdrawal, withdrawal_data
        from towpath.reports.terminal import console
        from towpath.walk.withdraw import withdrawal

        with ending(context, as_json=json):
            planned = withdrawal(Path.cwd(), os.environ, version)
            if json:
                sys.stdout.write(as_json(withdrawal_data(planned)) + "\n")
            else:
                show_withdrawal(console(os.environ), planned)

    made: Task[Any] = withdraw
    return made
