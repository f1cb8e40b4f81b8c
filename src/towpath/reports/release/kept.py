"""Writing the report of a walk beside its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from towpath.evidence.store import FOLDER
from towpath.walk.runner import ago

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Pipeline
    from towpath.reports.release.nouns import Told
    from towpath.walk.release import Report

PAGE = "report.html"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the report was written, below the project's folder; or why it was not."""

    path: str = ""
    warning: str = ""


def keep(pipeline: Pipeline, report: Report, root: Path, environ: Mapping[str, str]) -> Kept:
    """Keep a walk, write its page, and in CI the step's summary.

    Whatever goes wrong here is told and does no harm: the release has ended before.
    """
    try:
        return _keep(pipeline, report, root, environ)
    except Exception as error:  # noqa: BLE001 - a report that cannot be written must never close a finished release
        return _not(error)


def keep_alone(pipeline: Pipeline, root: Path, environ: Mapping[str, str]) -> Kept:
    """After the last gate, run alone as a job of CI: write the page, and the whole report to the step's summary.

    The world is not asked; what the gates before have sealed came along with the evidence.
    """
    from towpath.reports.github import inside, tell_release

    if not inside(environ):
        return Kept()
    try:
        from towpath.reports.release.asking import Question, ask

        told = ask(Question(root, environ, pipeline, offline=True))
        path = Path(told.folder, told.target, PAGE)
        write_page(told, root / path, environ)
        tell_release(environ, told)
        return Kept(path.as_posix())
    except Exception as error:  # noqa: BLE001 - as above
        return _not(error)


def load(environ: Mapping[str, str]) -> None:
    """Import and compile what the page takes, which is the greater part of writing it."""
    from towpath.environments.kept import default_cache
    from towpath.reports.release import assembling, cleaning, source
    from towpath.reports.release.page import template_of

    del assembling, cleaning, source
    template_of(default_cache(environ).parent)


def write_page(told: Told, path: Path, environ: Mapping[str, str]) -> None:
    """Write the page, whole or not at all. Raises OSError."""
    from towpath.environments.kept import default_cache
    from towpath.reports.release.page import page

    write_text(page(told, default_cache(environ).parent), path)


def write_text(text: str, path: Path) -> None:
    """Write a text as UTF-8, whole or not at all. Raises OSError."""
    from towpath.evidence.store import write_atomically

    write_atomically(path, text.encode("utf-8", "replace"))


def _keep(pipeline: Pipeline, report: Report, root: Path, environ: Mapping[str, str]) -> Kept:
    from towpath.config import reading
    from towpath.reports.github import tell_release
    from towpath.reports.release.assembling import assemble
    from towpath.reports.release.cleaning import cleaner
    from towpath.reports.release.source import Source, Walked, keep_walk

    plan = report.plan
    path = Path(FOLDER, plan.version, plan.target, PAGE)
    if report.nothing_done and (root / path).exists():
        return Kept(path.as_posix())
    walked = Walked(plan, report.events, ago(report.seconds), ago(0), report.seconds, report.next_command)
    keep_walk(root, walked)
    told = assemble(
        Source(
            root=root,
            version=plan.version,
            target=plan.target,
            pipeline=pipeline,
            clean=cleaner(environ),
            prefix=reading.load(root).settings.prefix,
            walked=walked,
            holds={event.session: "" for event in report.events if event.state.is_open},  # just weighed by the walk
        )
    )
    write_page(told, root / path, environ)
    tell_release(environ, told)
    return Kept(path.as_posix())


def _not(error: Exception) -> Kept:
    return Kept(warning=f"the report could not be written: {type(error).__name__}: {error}")
