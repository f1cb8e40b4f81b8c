"""Verbs as invoke tasks. In a tasks.py:

from towpath.invoke import tasks
ns = tasks()
"""  # noqa: D415 - the lines below are the sentence's end

from __future__ import annotations

from typing import TYPE_CHECKING

from invoke.collection import Collection

from towpath.tasks.audit import audit_task
from towpath.tasks.bump import bump_task
from towpath.tasks.notes import notes_task
from towpath.tasks.plan import plan_task
from towpath.tasks.status import status_task
from towpath.tasks.withdraw import withdraw_task
from towpath.tasks.workflow import workflow_task

if TYPE_CHECKING:
    from towpath.gates.gate import Pipeline

TASKS = (bump_task, plan_task, status_task, audit_task, notes_task, withdraw_task, workflow_task)


def tasks(pipeline: Pipeline | None = None) -> Collection:
    """The collection of tasks about this pipeline; about `towpath.pipeline.RELEASE`, if none is given."""
    return Collection(*(made(pipeline) for made in TASKS))
