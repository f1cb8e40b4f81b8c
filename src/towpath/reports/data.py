"""The same as data: JSON with the fields of the values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.errors import Problem
    from towpath.walk.plan import Plan
    from towpath.walk.release import Report
    from towpath.walk.runner import Event


def as_json(value: dict[str, Any]) -> str:
    """A document of ours."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan."""
    return {
        "project": plan.project,
        "version": plan.version,
        "target": plan.target,
        "rehearsal": plan.rehearsal,
        "remarks": list(plan.remarks),
        "changes": list(plan.changes),
        "gates": [
            {
                "session": step.session,
                "summary": step.summary,
                "needs": list(step.needs),
                "effect": step.effect,
                "where": step.where,
                "state": step.state.value,
                "why": step.why,
                "proven_at": step.proven_at,
                "after_point_of_no_return": step.after_point_of_no_return,
            }
            for step in plan.steps
        ],
    }


def report_data(report: Report, page: str = "") -> dict[str, Any]:
    """How a release ended; `page` is where its report was written, below the project's folder."""
    return {
        "done": report.done,
        "nothing_done": report.nothing_done,
        "seconds": report.seconds,
        "next": report.next_command,
        "report": page,
        "plan": plan_data(report.plan),
        "gates": [_event(event) for event in report.events],
        "distributions": [
            {"filename": file.filename, "size": file.size, "sha256": file.sha256} for file in report.distributions
        ],
    }


def problems_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems, with every field of theirs."""
    return [
        {
            "id": problem.id,
            "cause": problem.cause,
            "fix": problem.fix,
            "exit_code": problem.exit_code,
            "detail": problem.detail,
            "log": problem.log,
        }
        for problem in problems
    ]


def _event(event: Event) -> dict[str, Any]:
    return {
        "session": event.session,
        "state": event.state.value,
        "seconds": event.seconds,
        "notes": list(event.notes),
        "proven_at": event.proven_at,
        "started": event.started,
        "problems": problems_data(event.problems),
        "log": event.log,
    }
