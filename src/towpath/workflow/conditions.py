"""When a job of the release workflow runs: each job that it needs must have ended well, by name.

GitHub counts a job that ran out of time as cancelled while the run itself is not, so that neither `failure()` nor
`cancelled()` tells it. A skipped job is well only where the plan says that this run leaves its gate out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.workflow.layout import INDEX, PLAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.workflow.layout import Layout

_SAID = f"needs.{PLAN}.outputs"


def on_route(layout: Layout, gate: str, needs: Iterable[str], *more: str, well: Mapping[str, str] | None = None) -> str:
    """The condition of a job of a gate that a run may leave out, with the jobs that it needs.

    `well` holds for some of those jobs when they count as well; `more` must hold besides.
    """
    known = well or {}
    ended = [known.get(name) or _ended_well(layout, name) for name in needs]
    # A status function has to be there: without one, a skipped job skips all after it.
    every = " && ".join(["!cancelled()", *ended, f"{_SAID}.{gate} == 'true'", *more])
    return f"${{{{ {every} }}}}"


def to_index(index: str) -> str:
    """What holds where this run's version goes to that index."""
    return f"{_SAID}.{INDEX} == '{index}'"


def to_another(index: str) -> str:
    """What holds where it goes elsewhere."""
    return f"{_SAID}.{INDEX} != '{index}'"


def succeeded(job: str) -> str:
    """What holds where a job succeeded."""
    return f"needs.{job}.result == 'success'"


def succeeded_or(job: str, left_out: str) -> str:
    """What holds where a job succeeded, or was skipped by right."""
    return f"({succeeded(job)} || needs.{job}.result == 'skipped' && {left_out})"


def _ended_well(layout: Layout, job: str) -> str:
    if job in layout.pipeline.names and not layout.is_before_tag(layout.pipeline[job]):
        return succeeded_or(job, f"{_SAID}.{job} == 'false'")
    return succeeded(job)
