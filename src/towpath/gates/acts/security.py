"""security: insecure code, secrets in the files, unsafe workflows, and dependencies with known vulnerabilities.

Each scan has its own verdict, and all are made before the gate opens or stays closed. Only the audit of dependencies
asks anybody outside, and it is made where the configuration asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates import dependencies
from towpath.gates.dependencies import Requirements
from towpath.gates.scan_code import scan_code
from towpath.gates.scan_dependencies import VALID_SECONDS, resolved_tools, scan_dependencies
from towpath.gates.scan_secrets import scan_secrets
from towpath.gates.scan_workflows import scan_workflows, workflow_files
from towpath.gates.scanning import OPTION_VARIABLES
from towpath.gates.tooling import Toolbox, Tools, toolbox, versions
from towpath.model import Outcome
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.gates.scanning import Scan


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one tool's scan came to. `problems` are empty if it passed; `allowed` is the reason why it may fail."""

    tool: str
    scan: Scan | None
    problems: tuple[errors.Problem, ...]
    allowed: str

    @property
    def closes(self) -> bool:
        """Whether it closes the gate: what was found may be allowed, but never that nothing was looked at."""
        has_found = self.scan is not None
        return bool(self.problems) and not (has_found and self.allowed)

    @property
    def word(self) -> str:
        """`passed`, `nothing to look at`, `failed, as it may` or `failed`."""
        if not self.problems:
            return "passed" if self.scan is None or self.scan.looked else "nothing to look at"
        return "failed" if self.closes else "failed, as it may"


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Scan a checkout of exactly the subject's tree.

    Raises all that closes the gate, together: insecure-code, unscanned-code, secrets-found, unsafe-workflows,
    vulnerable-dependencies, dependencies-unknown, and nothing-scanned where a tool had nothing to look at.
    """
    verdicts = judge(workspace)
    problems = [problem for verdict in verdicts if verdict.closes for problem in verdict.problems]
    if problems:
        raise errors.TowpathError(*problems)
    return Outcome(
        notes=(_summary(verdicts), *map(_told, verdicts)),
        facts={"checks": {verdict.tool: _as_data(verdict) for verdict in verdicts}},
        valid_for=VALID_SECONDS if workspace.settings.security.audit_dependencies else None,
    )


def judge(workspace: Workspace) -> list[Verdict]:
    """The verdict of every scan. Raises what an installation raises."""
    with (
        toolbox(workspace, _tools(workspace)) as box,
        throwaway_checkout(workspace.repository, workspace.subject.commit) as top,
    ):
        scans = _scans(workspace, Toolbox(box.environment, _undirected(box.environ)), top)
        return [_verdict(tool, scan, workspace) for tool, scan in scans.items()]


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """All of `[tool.towpath.security]`."""
    import msgspec

    found: Mapping[str, Any] = msgspec.to_builtins(workspace.settings.security)
    return found


def tools(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The tools, and what the project's dependencies were resolved to."""
    settings = workspace.settings.security
    held = versions(workspace, _tools(workspace))
    if settings.audit_dependencies:
        resolved = versions(workspace, resolved_tools(settings))
        held |= {f"dependency {name}": version for name, version in resolved.items() if name != "python"}
    return held


def _scans(workspace: Workspace, box: Toolbox, top: Path) -> dict[str, Callable[[], Scan]]:
    settings, folder = workspace.settings.security, top / workspace.repository.prefix
    scans: dict[str, Callable[[], Scan]] = {
        "bandit": lambda: scan_code(workspace, box, folder),
        "detect-secrets": lambda: scan_secrets(box, folder),
        "zizmor": lambda: scan_workflows(settings, box, top),
    }
    if settings.audit_dependencies:
        scans["pip-audit"] = lambda: scan_dependencies(workspace, box)
    return scans


def _undirected(environ: Mapping[str, str]) -> dict[str, str]:
    """Without the variables by which a caller would tell the scanners what to leave out, or whom to ask."""
    return {name: value for name, value in environ.items() if not name.startswith(OPTION_VARIABLES)}


def _verdict(tool: str, scan: Callable[[], Scan], workspace: Workspace) -> Verdict:
    allowed = workspace.settings.security.allowed_to_fail.get(tool, "").strip()
    try:
        made = scan()
    except errors.TowpathError as error:  # the others are to be heard all the same
        return Verdict(tool, None, error.problems, allowed)
    return Verdict(tool, made, (made.problem,) if made.problem else (), allowed)


def _tools(workspace: Workspace) -> Tools:
    pyproject, root = workspace.configuration.pyproject, workspace.root
    names = ["bandit", "detect-secrets"]
    names += ["zizmor"] if workflow_files(workspace.repository.root) else []
    names += ["pip-audit"] if workspace.settings.security.audit_dependencies else []
    lines = tuple(line for name in names for line in dependencies.declared(pyproject, root, name))
    return Tools("", Requirements(lines), with_project=False)


def _summary(verdicts: list[Verdict]) -> str:
    """One line, in which what may fail and did is not hidden among the others."""
    failed = [f"{one.tool} failed, allowed: {one.allowed}" for one in verdicts if one.problems]
    clean = ", ".join(one.tool for one in verdicts if one.word == "passed")
    return "; ".join([*([f"nothing found by {clean}"] if clean else []), *failed])


def _told(verdict: Verdict) -> str:
    may = f" (allowed to fail: {verdict.allowed})" if verdict.allowed else ""
    return f"{verdict.word}: {verdict.tool}: {verdict.scan.note if verdict.scan else ''}{may}"


def _as_data(verdict: Verdict) -> Mapping[str, Any]:
    found = dict(verdict.scan.facts) if verdict.scan else {}
    allowed = {"allowed-to-fail": verdict.allowed} if verdict.allowed else {}
    problems = {"problems": [problem.detail or problem.cause for problem in verdict.problems]} if allowed else {}
    return {"verdict": verdict.word, **found, **allowed, **problems}
