"""Runs of GitHub Actions: found by their commit, followed, and their artifacts; and the dispatch that starts one.

See https://docs.github.com/en/rest/actions/workflow-runs, /actions/workflow-jobs, /actions/artifacts and
/actions/workflows#create-a-workflow-dispatch-event.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from towpath import errors
from towpath.forge.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from towpath.model import ForgeAddress

CHUNK_BYTES = 1 << 20
_JSON = "application/vnd.github+json"  # of an artifact's archive, too: anything else is refused with 415


@dataclass(frozen=True, slots=True)
class Run:
    """A run; `ref` is the tag or branch by its short name, `conclusion` "" until it has ended.

    `workflow` is the file's path, `page` where people see it, `created` an ISO 8601 time.
    """

    id: int
    attempt: int
    status: str
    conclusion: str
    event: str
    sha: str
    ref: str
    workflow: str
    page: str
    created: str

    @property
    def ended(self) -> bool:
        """Whether nothing of it is under way."""
        return self.status == "completed"

    @property
    def succeeded(self) -> bool:
        """Whether every job of it that counts has succeeded, or was skipped."""
        return self.ended and self.conclusion == "success"


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a run's last attempt; `step` is the one that failed, or else runs, "" for none."""

    name: str
    status: str
    conclusion: str
    page: str
    step: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An environment whose approval (or timer) a run waits for, and who may approve it."""

    environment: str
    page: str
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunArtifact:
    """An artifact; `sha256` is that of its zip archive, None where the forge gives none."""

    id: int
    name: str
    sha256: str | None
    expired: bool


class Actions:
    """The runs of a repository. Use it in a `with` statement.

    Raises those of a request everywhere: forge-out-of-reach, forge-unauthorized, forge-forbidden, forge-rate-limited,
    forge-not-found, forge-refused, forge-moved, forge-broken, forge-garbled, forge-other-shape.
    """

    def __init__(self, address: ForgeAddress, token: str | None, *, loopback_only: bool) -> None:
        """Connect to nothing yet. Raises `outside-rehearsal` if held to loopback and sent elsewhere."""
        self.address = address
        self._transport = Transport(address, token, loopback_only=loopback_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    def runs(self, sha: str, workflow: str = "") -> tuple[Run, ...]:
        """The runs for a commit, newest first, of one workflow's file or of all.

        A workflow that the forge does not know yet has none.
        """
        of = f"/workflows/{quote(workflow, safe='')}" if workflow else ""
        found = self._transport.listed_under("workflow_runs", f"/actions{of}/runs", head_sha=sha)
        return tuple(
            sorted(
                (self._transport.read(read_run, data) for data in found),
                key=lambda run: (run.created, run.id),
                reverse=True,
            )
        )

    def run(self, number: int) -> Run:
        """A run as it stands now. Raises forge-not-found where it has been deleted."""
        found = self._transport.get(f"/actions/runs/{number}")
        if found is None:
            detail = f"the run {number} has been deleted"
            host, repository = self._transport.host, self._transport.repository
            raise errors.FORGE_NOT_FOUND.error(host=host, repository=repository, detail=detail)
        return self._transport.read(read_run, found)

    def jobs(self, run: Run) -> tuple[Job, ...]:
        """The jobs of the last attempt."""
        return tuple(
            self._transport.read(read_job, data)
            for data in self._transport.listed_under("jobs", f"/actions/runs/{run.id}/jobs", filter="latest")
        )

    def waits_for(self, run: Run) -> tuple[Waiting, ...]:
        """The environments whose approval the run waits for."""
        return tuple(
            self._transport.read(read_waiting, data)
            for data in self._transport.listed(f"/actions/runs/{run.id}/pending_deployments")
        )

    def artifacts(self, run: Run) -> tuple[RunArtifact, ...]:
        """The artifacts of all attempts."""
        found = self._transport.listed_under("artifacts", f"/actions/runs/{run.id}/artifacts")
        return tuple(self._transport.read(read_artifact, data) for data in found)

    def download(self, artifact: RunArtifact, to: Path) -> str:
        """Download an artifact's zip archive in pieces, and return the sha256 of what came."""
        digest = hashlib.sha256()
        path = f"/actions/artifacts/{artifact.id}/zip"
        with self._transport.content(path, accept=_JSON) as answer, to.open("wb") as opened:
            for chunk in answer.iter_content(CHUNK_BYTES):
                digest.update(chunk)
                opened.write(chunk)
        return digest.hexdigest()

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow's file on a branch or tag. Raises ci-dispatch-refused."""
        body: dict[str, object] = {"ref": ref, "inputs": dict(inputs)}
        answer = self._transport.change("POST", f"/actions/workflows/{quote(workflow, safe='')}/dispatches", body)
        if answer.status_code not in {requests.codes.ok, requests.codes.no_content}:
            raise errors.CI_DISPATCH_REFUSED.error(
                host=self._transport.host,
                path=workflow,
                branch=ref,
                status=answer.status_code,
                detail=self._transport.refused(answer).problems[0].detail,
            )


def read_run(data: Mapping[str, Any]) -> Run:
    """A run from the JSON of GitHub's API."""
    return Run(
        id=data["id"],
        attempt=data.get("run_attempt") or 1,
        status=data.get("status") or "",
        conclusion=data.get("conclusion") or "",
        event=data["event"],
        sha=data["head_sha"],
        ref=data.get("head_branch") or "",
        workflow=(data.get("path") or "").partition("@")[0],
        page=data["html_url"],
        created=data["created_at"],
    )


def read_job(data: Mapping[str, Any]) -> Job:
    """A job from the JSON of GitHub's API."""
    steps = data.get("steps") or ()
    failed = [step["name"] for step in steps if step.get("conclusion") in {"failure", "cancelled", "timed_out"}]
    running = [step["name"] for step in steps if step.get("status") == "in_progress"]
    return Job(
        name=data["name"],
        status=data["status"],
        conclusion=data.get("conclusion") or "",
        page=data.get("html_url") or "",
        step=next(iter((*failed, *running)), ""),
    )


def read_waiting(data: Mapping[str, Any]) -> Waiting:
    """A pending deployment from the JSON of GitHub's API."""
    who = [one.get("reviewer") or {} for one in data.get("reviewers") or ()]
    names = tuple(str(one.get("login") or one.get("slug") or one.get("name")) for one in who)
    environment = data["environment"]
    return Waiting(environment["name"], environment.get("html_url") or "", names)


def read_artifact(data: Mapping[str, Any]) -> RunArtifact:
    """An artifact from the JSON of GitHub's API."""
    algorithm, _, digest = (data.get("digest") or "").partition(":")
    return RunArtifact(data["id"], data["name"], digest if algorithm == "sha256" else None, bool(data.get("expired")))
