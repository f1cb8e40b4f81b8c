"""The report's own phrases, the same in every language of markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.model import State
from towpath.reports.release.nouns import AS_SEALED, Ending
from towpath.reports.words import apart, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.reports.release.nouns import Evidence, File, OnPython, Place, Ran, Told


def ending_words(told: Told) -> str:
    """How it ended, with the gate that stayed closed."""
    if told.ending is Ending.CLOSED:
        return f"stopped at {', '.join(gate.session for gate in told.closed)}"
    done = sum(gate.is_open for gate in told.gates)
    return told.ending.value if told.ending is Ending.COMPLETE else f"not finished, {done} gates are open"


def freshness_words(evidence: Evidence, made: str) -> str:
    """Whether it opens what comes next, as of the report."""
    if not evidence.passed:
        return "It says that the gate stayed closed."
    if evidence.fails:
        return f"It opens nothing in this folder now: {evidence.fails}"
    if evidence.weighed:
        return f"Fresh: weighed at {moment(made)}, it opens what comes next."
    return "Not weighed: it is about another version, or about the world of a rehearsal, which is gone."


def age_words(evidence: Evidence, made: str) -> str:
    """When the last run was that found this, and when it was sealed first."""
    since = apart(evidence.latest, made)
    words = moment(evidence.latest) + (f", {since}" if since and since != "just then" else "")
    return words if evidence.latest == evidence.sealed else f"{words}; first found {moment(evidence.sealed)}"


def allowed_words(one: Ran) -> str:
    """A check that may fail, with the reason."""
    return f"`{one.command}`: {one.verdict}; declared: {one.allowed}"


def told_apart(place: Place) -> Mapping[str, str]:
    """The files of a place, where they are not all as sealed."""
    return {} if set(place.files.values()) <= {AS_SEALED} else place.files


def changed_words(file: File) -> str:
    """What the file differs in from the last release's."""
    if file.changed is None:
        return f"not compared: {file.unchanged_why}"
    grown = file.changed.after - file.changed.before
    parts = [f"{len(file.changed.appeared)} new"] if file.changed.appeared else []
    parts += [f"{len(file.changed.vanished)} gone"] if file.changed.vanished else []
    members = ", ".join(parts) or "the same members"
    return f"{members}, {grown:+d} bytes unpacked, against {file.changed.against}"


def tests_words(tests: OnPython) -> tuple[str, str, str, str, str]:
    """Passed, failed, skipped, coverage, remark; a dash where nothing was counted."""
    counts = ("-" if one is None else str(one) for one in (tests.passed, tests.failed, tests.skipped))
    passed, failed, skipped = counts
    covered = "" if tests.coverage is None else f"{tests.coverage:.1f} %"
    said = "" if tests.state in {State.PROVEN, State.ALREADY_PROVEN} else tests.state.value
    remarks = [said, tests.remark, *map(allowed_words, tests.allowed)]
    return passed, failed, skipped, covered, "; ".join(filter(None, remarks))
