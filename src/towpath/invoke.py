"""Verbs as invoke tasks. In a tasks.py:

from towpath.invoke import tasks
ns = tasks()
"""  # noqa: D415 - the lines below are the sentence's end

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.collection import Collection

from towpath.tasks.audit import audit_task
from towpath.tasks.bump import bump_task
from towpath.tasks.doctor import doctor_task
from towpath.tasks.explain import explain_task
from towpath.tasks.init import init_task
from towpath.tasks.notes import notes_task
from towpath.tasks.plan import plan_task
from towpath.tasks.report import report_task
from towpath.tasks.status import status_task
from towpath.tasks.withdraw import withdraw_task
from towpath.tasks.workflow import workflow_task

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from towpath.gates.gate import Pipeline

TASKS = (
    bump_task,
    plan_task,
    status_task,
    report_task,
    audit_task,
    doctor_task,
    notes_task,
    withdraw_task,
    workflow_task,
    init_task,
    explain_task,
)


def tasks(pipeline: Pipeline | None = None, *, beside: str = "", into: Collection | None = None) -> Collection:
    """The collection of tasks about this pipeline; about `towpath.pipeline.RELEASE`, if none is given.

    In a tasks.py with tasks of its own they come besides those: `ns = tasks(beside=__name__)`, or where it makes its
    own collection, `tasks(into=ns)`. What `prefix` of `[tool.towpath]` says stands before each name.
    """
    collection = into if into is not None else _beside(beside) if beside else Collection()
    prefix = _prefix()
    for made in (made(pipeline) for made in TASKS):
        collection.add_task(made, name=f"{prefix}{made.name}")
    return collection


def _beside(name: str) -> Collection:
    return Collection.from_module(sys.modules[name])


def _prefix() -> str:
    """Read without checking the configuration: listing tasks must stay quick and never fail."""
    try:
        text = Path("pyproject.toml").read_text(encoding="utf-8-sig")
        return str(tomllib.loads(text)["tool"]["towpath"]["prefix"]) if "prefix" in text else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
