"""What the scans of the security gate have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEVERITIES = ("low", "medium", "high")
SHOWN = 20
# How zizmor and pip-audit take options from the environment; https://docs.zizmor.sh/usage/, pip_audit/_cli.py
OPTION_VARIABLES = ("ZIZMOR_", "PIP_AUDIT_", "GH_HOST")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan came to.

    `note` says in one line what was looked at and found, `facts` the same as data. `problem` is what was found that
    closes the gate. `looked` is whether there was anything to look at.
    """

    note: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: errors.Problem | None = None
    looked: bool = True


def parsed(text: str, tool: str, stderr: str) -> Any:  # noqa: ANN401 - JSON, of the tool's own form
    """A tool's report. Raises unreadable-report: one that cannot be read is a failure, never a clean bill."""
    try:
        return json.loads(text)
    except ValueError:
        raise errors.UNREADABLE_REPORT.error(tool=tool, detail=stderr or text) from None


def listed(lines: Iterable[str]) -> str:
    """The first of many, and how many more there are."""
    every = list(lines)
    more = [f"and {len(every) - SHOWN} more"] if len(every) > SHOWN else []
    return "\n".join([*every[:SHOWN], *more])
