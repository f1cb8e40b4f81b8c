"""What a run, a job and a step know: the contexts, the variables of a runner, the claims of an identity token."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.workflow.interpreter.runs import Run

_REPOSITORY_ID, _OWNER_ID = "2", "1"
_NOT_VARIABLES = ("event", "token", "repositoryUrl")
_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_ARCHITECTURES = {"aarch64": "ARM64", "arm64": "ARM64"}


def github(run: Run) -> dict[str, Any]:
    """The context `github` as far as it is the same for every job."""
    machine, event = run.machine, run.occasion.event
    reference = f"{machine.slug}/{run.workflow.path}@{event.ref}"
    return {
        "token": machine.token,
        "ref": event.ref,
        "ref_name": event.ref_name,
        "ref_type": event.ref_type,
        "ref_protected": "false",
        "sha": run.occasion.sha,
        "head_ref": event.head,
        "base_ref": event.base,
        "event_name": event.name,
        "event": run.occasion.payload,
        "repository": machine.slug,
        "repository_id": _REPOSITORY_ID,
        "repository_owner": machine.owner,
        "repository_owner_id": _OWNER_ID,
        "repositoryUrl": f"git://github.com/{machine.slug}.git",
        "actor": machine.actor,
        "actor_id": "3",
        "triggering_actor": machine.actor,
        "run_id": str(run.id),
        "run_number": "1",
        "run_attempt": str(run.attempt),
        "retention_days": "90",
        "workflow": run.workflow.name or run.workflow.path,
        "workflow_ref": reference,
        "workflow_sha": run.occasion.sha,
        "server_url": machine.server_url,
        "api_url": machine.api_url,
        "graphql_url": f"{machine.api_url}/graphql",
    }


def runner(temporary: Path, tools: Path) -> dict[str, str]:
    """The context `runner`."""
    return {
        "os": _SYSTEMS.get(sys.platform, "Linux"),
        "arch": _ARCHITECTURES.get(platform.machine().lower(), "X64"),
        "name": "towpath",
        "environment": "github-hosted",
        "debug": "",
        "temp": str(temporary),
        "tool_cache": str(tools),
    }


def variables(github_context: Mapping[str, Any], runner_context: Mapping[str, str]) -> dict[str, str]:
    """GITHUB_* and RUNNER_*, as a runner sets them for every step."""
    made = {f"GITHUB_{key.upper()}": str(value) for key, value in github_context.items() if key not in _NOT_VARIABLES}
    made |= {f"RUNNER_{key.upper()}": value for key, value in runner_context.items() if key != "debug"}
    return {**made, "GITHUB_ACTIONS": "true"}


def claims(run: Run, environment: str) -> dict[str, str | None]:
    """What GitHub's token service says of a job.

    See https://docs.github.com/actions/reference/openid-connect-reference.
    """
    known = github(run)
    same = (
        "ref", "ref_type", "ref_protected", "sha", "head_ref", "base_ref", "event_name", "repository",
        "repository_id", "repository_owner", "repository_owner_id", "actor", "actor_id", "run_id", "run_number",
        "run_attempt", "workflow", "workflow_ref", "workflow_sha",
    )  # fmt: skip
    event = run.occasion.event
    about = f"ref:{event.ref}" if event.name != "pull_request" else "pull_request"
    return {
        **{name: str(known[name]) for name in same},
        "sub": f"repo:{run.machine.slug}:{f'environment:{environment}' if environment else about}",
        "environment": environment or None,
        "job_workflow_ref": str(known["workflow_ref"]),
        "job_workflow_sha": run.occasion.sha,
        "repository_visibility": "public",
        "runner_environment": "github-hosted",
    }
