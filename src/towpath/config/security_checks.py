"""What is wrong with `[tool.towpath.security]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath.config.words import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Security, Settings

_CHOICES = {
    "severity": ("low", "medium", "high"),
    "workflow-severity": ("informational", "low", "medium", "high"),
    "workflow-persona": ("regular", "pedantic", "auditor"),
}
_SERVICES = ("pypi", "osv")
# A secret that may be published is none: it is marked, or listed in a baseline.
_MAY_FAIL = ("bandit", "zizmor", "pip-audit")


def wrong_security(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every value that the scans have no meaning for, and what is declared without a reason."""
    for what, near in (*_wrong_choices(settings.security), *_without_reason(settings.security)):
        yield "security", what, near


def _wrong_choices(chosen: Security) -> Iterator[tuple[str, str]]:
    values = {
        "severity": chosen.severity,
        "workflow-severity": chosen.workflow_severity,
        "workflow-persona": chosen.workflow_persona,
    }
    for key, value in values.items():
        if value not in _CHOICES[key]:
            yield f"{key}: {value!r} is none of {', '.join(_CHOICES[key])}", suggest(value, _CHOICES[key])
    if chosen.audit_service not in _SERVICES and not re.fullmatch(r"https?://\S+", chosen.audit_service):
        yield f"audit-service: {chosen.audit_service!r} is neither of {', '.join(_SERVICES)} nor a URL", ""
    for tool in chosen.allowed_to_fail:
        if tool not in _MAY_FAIL:
            yield f"allowed-to-fail: {tool!r} is none of {', '.join(_MAY_FAIL)}", suggest(tool, _MAY_FAIL)


def _without_reason(chosen: Security) -> Iterator[tuple[str, str]]:
    declared = {
        "ignore-vulnerabilities": chosen.ignore_vulnerabilities,
        "unaudited": chosen.unaudited,
        "allowed-to-fail": chosen.allowed_to_fail,
    }
    for key, reasons in declared.items():
        for name, reason in reasons.items():
            if not reason.strip():
                yield f"{key}: {name!r} has no reason: say why", ""
