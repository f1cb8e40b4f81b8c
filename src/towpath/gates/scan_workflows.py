"""The scan of the GitHub Actions workflows, by zizmor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates.scanning import Scan, listed, parsed
from towpath.model import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.config.sections import Security
    from towpath.gates.tooling import Toolbox

SEVERITIES = ("informational", "low", "medium", "high")
PERSONAS = ("regular", "pedantic", "auditor")
_FOLDER = ".github/workflows"
# https://docs.zizmor.sh/usage/#exit-codes: clean, and findings by severity
_AUDITED = frozenset({0, 10, 11, 12, 13, 14})


def workflow_files(top: Path) -> tuple[str, ...]:
    """The workflows of a repository, relative to its root; those below a folder are none, as GitHub sees it."""
    folder = top / _FOLDER
    return tuple(sorted(f"{_FOLDER}/{path.name}" for path in folder.glob("*.y*ml") if path.suffix in {".yml", ".yaml"}))


def scan_workflows(settings: Security, box: Toolbox, top: Path) -> Scan:
    """Scan the workflows in a checkout. Raises unscanned-workflows and unreadable-report."""
    files = workflow_files(top)
    if not files:
        return Scan("the repository has no workflows", {"files": 0}, looked=False)
    found = _audited(settings, box, top, files)
    ignored = len(_audited(settings, box, top, files, "--no-ignores")) - len(found)
    least = SEVERITIES.index(settings.workflow_severity)
    serious = [one for one in found if _severity(one) >= least]
    facts = {
        "files": len(files),
        "findings": len(serious),
        "below": len(found) - len(serious),
        "ignored": ignored,
        "persona": settings.workflow_persona,
    }
    parts = [
        f"{counted(len(files), 'workflow')}, {counted(len(serious), 'finding')}",
        f"{facts['below']} below {settings.workflow_severity} severity" if facts["below"] else "",
        f"{ignored} ignored by the project" if ignored else "",
    ]
    problem = None
    if serious:
        problem = errors.UNSAFE_WORKFLOWS.problem(
            count=counted(len(serious), "place"),
            severity=settings.workflow_severity,
            detail=listed(map(_told, serious)),
        )
    return Scan(", ".join(filter(None, parts)), facts, problem)


def _audited(settings: Security, box: Toolbox, top: Path, files: Sequence[str], *more: str) -> list[Mapping[str, Any]]:
    # The files by name: of a folder it leaves out what .gitignore names, though it may be committed. Without
    # --strict-collection it leaves out what it cannot read.
    options = ["--offline", "--no-progress", "--quiet", "--format", "json-v1", "--strict-collection"]
    done = box.capture(["zizmor", *options, "--persona", settings.workflow_persona, *more, *files], top)
    if done.code not in _AUDITED:
        raise errors.UNSCANNED_WORKFLOWS.error(detail=_first_lines(done.stderr))
    report = parsed(done.stdout, "zizmor", done.stderr)
    if not isinstance(report, list):
        raise errors.UNREADABLE_REPORT.error(tool="zizmor", detail=done.stdout[:500])
    return report


def _severity(one: Mapping[str, Any]) -> int:
    """A severity that we do not know counts as the highest."""
    name = one["determinations"]["severity"].lower()
    return SEVERITIES.index(name) if name in SEVERITIES else len(SEVERITIES)


def _told(one: Mapping[str, Any]) -> str:
    places = sorted(one["locations"], key=lambda place: place["symbolic"].get("kind") != "Primary")
    key, point = places[0]["symbolic"]["key"], places[0]["concrete"]["location"]["start_point"]
    where = next(iter(key.values())).get("verbatim_path", "") if isinstance(key, dict) else str(key)
    severity = one["determinations"]["severity"].lower()
    return f"{where}:{point['row'] + 1}: {one['ident']} {severity}: {one['desc']}"


def _first_lines(text: str) -> str:
    return text.partition("Stack backtrace:")[0].strip()
