"""A gate that ran alone, as the report of a release would tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.reports.release import findings
from towpath.reports.release.cleaning import cleaner
from towpath.reports.release.nouns import GateTold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.walk.alone import Result


def gate_told(result: Result, environ: Mapping[str, str]) -> GateTold:
    """What it found, and why it is no proof if it is none."""
    clean = cleaner(environ)
    sealed = (f"evidence {result.record}",) if result.record else ()
    return GateTold(
        session=result.session,
        summary="",
        effect="",
        where="",
        state=result.state,
        command=f"nox -s {result.session}",
        why=clean(f"not sealed: {', '.join(result.reasons)}") if result.reasons else "",
        seconds=result.seconds,
        ran=findings.ran(result.outcome.facts, clean),
        notes=(*map(clean, result.outcome.notes), *sealed),
    )
