"""The scan for insecure code, by bandit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates.scanning import SEVERITIES, Scan, counted, listed, parsed
from towpath.gates.sources import source_paths

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.gates.tooling import Toolbox

_FILES = ("bandit.yaml", "bandit.yml", ".bandit.yaml", ".bandit.yml")


def scan_code(workspace: Workspace, box: Toolbox, folder: Path) -> Scan:
    """Scan the project's code in a checkout. Raises unscanned-code, nothing-scanned and unreadable-report."""
    paths = source_paths(folder, workspace.subject.project)
    table = workspace.configuration.pyproject.get("tool", {}).get("bandit")
    done = box.capture(
        ["bandit", "--recursive", "--format", "json", "--quiet", *_configured(folder, table), *paths], folder
    )
    report = parsed(done.stdout, "bandit", done.stderr)
    if report["errors"]:  # bandit skips a file that it cannot parse, and ends with 0 all the same
        unread = listed(f"{error['filename']}: {error['reason']}" for error in report["errors"])
        raise errors.UNSCANNED_CODE.error(count=len(report["errors"]), detail=unread)
    totals = report["metrics"]["_totals"]
    if not totals["loc"]:
        raise errors.NOTHING_SCANNED.error(tool="bandit", where=", ".join(paths))
    return _judged(report, totals, workspace.settings.security.severity, (table or {}).get("skips", ()))


def _configured(folder: Path, table: object) -> list[str]:
    """The project's own configuration of bandit, which by itself reads none but `.bandit`."""
    if table is not None:
        return ["--configfile", "pyproject.toml"]
    name = next((name for name in _FILES if (folder / name).is_file()), "")
    initial = ["--ini", ".bandit"] if (folder / ".bandit").is_file() else []
    return ["--configfile", name, *initial] if name else initial


def _judged(report: Mapping[str, Any], totals: Mapping[str, int], threshold: str, skipped: tuple[str, ...]) -> Scan:
    least = SEVERITIES.index(threshold)
    serious = [one for one in report["results"] if SEVERITIES.index(one["issue_severity"].lower()) >= least]
    marked = totals.get("nosec", 0) + totals.get("skipped_tests", 0)
    facts = {
        "lines": totals["loc"],
        "files": len(report["metrics"]) - 1,
        "findings": len(serious),
        "below": len(report["results"]) - len(serious),
        "nosec": marked,
        "skips": list(skipped),
    }
    parts = [
        f"{counted(totals['loc'], 'line')} of code, {counted(len(serious), 'finding')}",
        f"{facts['below']} below {threshold} severity" if facts["below"] else "",
        f"{marked} marked # nosec" if marked else "",
        f"without {', '.join(skipped)} by [tool.bandit]" if skipped else "",
    ]
    problem = None
    if serious:
        problem = errors.INSECURE_CODE.problem(
            count=counted(len(serious), "place"), severity=threshold, detail=listed(map(_finding, serious))
        )
    return Scan(", ".join(filter(None, parts)), facts, problem)


def _finding(one: Mapping[str, Any]) -> str:
    where = f"{one['filename'].removeprefix('./')}:{one['line_number']}"
    return f"{where}: {one['test_id']} {one['issue_severity'].lower()}: {one['issue_text']}"
