"""`invoke audit`: what was released, compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.tasks import task

from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline


def audit_task(_pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="audit",
        help={
            "offline": "ask neither the index nor the remote; what they hold is unknown then",
            "since": "the first version to be judged; older ones are only shown",
            "json": "print the audit as JSON",
        },
    )
    def audit(context: Context, offline: bool = False, since: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Compare tags, places, changelog and index for every version ever; exit 1 if they disagree."""
        from towpath.bump.audit import audit as audited
        from towpath.entry import prefix
        from towpath.reports.audit import audit_data, show_audit
        from towpath.reports.data import as_json
        from towpath.reports.terminal import console

        with ending(context, as_json=json):
            found = audited(Path.cwd(), offline=offline, since=since)
            if json:
                sys.stdout.write(as_json(audit_data(found)) + "\n")
            else:
                show_audit(console(os.environ), found, prefix())
        if found.problems:
            raise Exit(code=1)

    made: Task[Any] = audit
    return made
