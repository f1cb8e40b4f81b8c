"""The report as data. docs/reference/report.md describes it; a name that is there keeps its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.reports.data import problems_data

if TYPE_CHECKING:
    from towpath.reports.release.nouns import Evidence, File, GateTold, Log, OnPython, Place, Ran, Told

FORMAT = 1


def told_data(told: Told) -> dict[str, Any]:
    """All of it."""
    return {
        "format": FORMAT,
        "project": told.project,
        "version": told.version,
        "target": told.target,
        "rehearsal": told.rehearsal,
        "commit": told.commit,
        "state": told.ending.value,
        "started": told.started,
        "seconds": told.seconds,
        "made": told.made,
        "by": told.by,
        "evidence": told.folder,
        "marks": list(told.marks),
        "next": told.next_command,
        "gates": [_gate(gate) for gate in told.gates],
        "distributions": [_file(file) for file in told.files],
        "tests": [_tests(tests) for tests in told.tests],
        "world": {
            "known": told.world.how,
            "state": told.world.standing,
            "troubled": told.world.troubled,
            "remarks": list(told.world.remarks),
            "places": [_place(place) for place in told.world.places],
        },
    }


def _gate(gate: GateTold) -> dict[str, Any]:
    return {
        "session": gate.session,
        "summary": gate.summary,
        "effect": gate.effect,
        "where": gate.where,
        "after_point_of_no_return": gate.after_point_of_no_return,
        "state": gate.state.value,
        "open": gate.is_open,
        "why": gate.why,
        "started": gate.started,
        "seconds": gate.seconds,
        "before_this_walk": gate.earlier,
        "command": gate.command,
        "ran": [_ran(one) for one in gate.ran],
        "notes": list(gate.notes),
        "problems": problems_data(gate.problems),
        "evidence": _evidence(gate.evidence) if gate.evidence else None,
        "log": _log(gate.log) if gate.log else None,
    }


def _ran(one: Ran) -> dict[str, str]:
    return {"command": one.command, "verdict": one.verdict, "tool": one.tool, "allowed_to_fail": one.allowed}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "path": evidence.path,
        "sha256": evidence.sha256,
        "passed": evidence.passed,
        "sealed": evidence.sealed,
        "latest": evidence.latest,
        "expires": evidence.expires,
        "tree": evidence.tree,
        "commit": evidence.commit,
        "tools": dict(evidence.tools),
        "relied_on": dict(evidence.relied_on),
        "weighed": evidence.weighed,
        "fails": evidence.fails,
    }


def _log(log: Log) -> dict[str, Any]:
    shown = log.excerpt
    return {"path": log.path, "first": list(shown.first), "omitted": shown.omitted, "last": list(shown.last)}


def _file(file: File) -> dict[str, Any]:
    changed = file.changed
    return {
        "filename": file.filename,
        "size": file.size,
        "sha256": file.sha256,
        "origin": file.origin,
        "members": [{"path": path, "size": size} for path, size in file.members.items()],
        "unread": file.unread,
        "not_compared": file.unchanged_why,
        "changed": {
            "against": changed.against,
            "appeared": list(changed.appeared),
            "vanished": list(changed.vanished),
            "bytes_before": changed.before,
            "bytes_after": changed.after,
        }
        if changed
        else None,
    }


def _tests(tests: OnPython) -> dict[str, Any]:
    return {
        "session": tests.session,
        "python": tests.python,
        "state": tests.state.value,
        "passed": tests.passed,
        "failed": tests.failed,
        "skipped": tests.skipped,
        "seconds": tests.seconds,
        "coverage": tests.coverage,
        "allowed_failures": [_ran(one) for one in tests.allowed],
        "remark": tests.remark,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "said": place.said,
        "good": place.good,
        "files": dict(place.files),
        "page": place.page,
    }
