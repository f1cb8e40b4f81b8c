"""What was done about the workflows, in words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from towpath.workflow.interpreter.results import RunResult


def show_written(paths: Iterable[str]) -> None:
    """Name the files that were written."""
    written = tuple(paths)
    lines = [f"wrote {path}" for path in written] or ["the workflows are current; nothing was written"]
    sys.stdout.write("\n".join(lines) + "\n")


def show_drift(difference: str) -> None:
    """Show the difference, or say that there is none."""
    sys.stdout.write(difference or "the workflows are what the pipeline and the configuration ask for\n")


def show_run(version: str, walked: Mapping[str, bool]) -> None:
    """Say which of the gates that others see a run walks."""
    lines = [f"  {name:<20}{'walked' if on else 'not walked'}" for name, on in walked.items()]
    sys.stdout.write("\n".join([f"version {version}", *lines]) + "\n")


def show_run_result(result: RunResult, logs: Iterable[tuple[str, str, Path]], root: Path) -> None:
    """Say how each job of a run ended, what was wrong, and where the logs lie."""
    missing = len(result.not_here)
    left = f", but for {missing} that {'is' if missing == 1 else 'are'} not here" if missing else ""
    lines = [f"{result.name} for {result.event.name} of {result.event.ref_name}, run here: {result.result}{left}", ""]
    lines += [f"  {job:<22}{ended:<11}{log.relative_to(root)}" for job, ended, log in logs]
    lines += ["", *(f"  {leg.name}: not here, nothing is known of it" for leg in result.not_here)] if left else []
    wrong = [note for note in result.annotations if note.level == "error"]
    lines += ["", *(f"  {note.job}, {note.step}: {note.message}" for note in wrong)] if wrong else []
    sys.stdout.write("\n".join(lines) + "\n")
