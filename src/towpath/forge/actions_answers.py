"""What the double answers about Actions: runs, jobs, pending deployments, artifacts and dispatches.

It keeps to https://docs.github.com/en/rest/actions as far as a release asks: runs of a workflow's file or of all,
filtered by event, branch, status and head_sha; a run, its jobs, what it waits for, its artifacts; an archive by
redirect, to a token only, and gone (410) when it has expired; a dispatch, refused (422) for a workflow without that
trigger, unknown inputs, or a ref that is not there. Nothing runs here: `RunsDouble` says what the runs are.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

Json = dict[str, Any]
FRESH: Json = {"next": 7_000_000_001, "workflows": {}, "runs": [], "dispatches": []}
_JSON = ("", "*/*", "application/json", "application/vnd.github+json", "application/vnd.github.v3+json")
_FILTERS = {"event": "event", "branch": "head_branch", "head_sha": "head_sha", "status": "status"}


@dataclass(frozen=True, slots=True)
class Question:
    """A request below `/actions/`; `held` is what the double knows of them, changed in place."""

    method: str
    rest: str
    query: Mapping[str, str]
    sent: Json
    accept: str
    authorized: bool
    held: Json
    base: str
    repository: str


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: data, status, and where a redirect leads."""

    data: Any
    status: int = 200
    location: str = ""
    paged: str = ""


def actions_answer(question: Question) -> Said:
    """The answer to one question."""
    for method, pattern, verb in _ROUTES:
        if question.method == method and (found := re.fullmatch(pattern, question.rest)):
            return verb(question, *found.groups())
    return MISSING


MISSING = Said({"message": "Not Found", "status": "404"}, 404)


def _runs(question: Question, workflow: str = "") -> Said:
    if workflow and workflow not in question.held["workflows"]:
        return MISSING
    found = [run for run in question.held["runs"] if not workflow or run["path"].endswith(f"/{workflow}")]
    for parameter, name in _FILTERS.items():
        if parameter in question.query:
            found = [run for run in found if run[name] == question.query[parameter]]
    return Said([_shown(question, run) for run in reversed(found)], paged="workflow_runs")


def _run(question: Question, number: str) -> Said:
    run = _of(question, number)
    if run is None:
        return MISSING
    if run["stages"]:
        run |= run["stages"].pop(0)
    return Said(_shown(question, run))


def _jobs(question: Question, number: str) -> Said:
    run = _of(question, number)
    return Said(run["jobs"], paged="jobs") if run else MISSING


def _pending(question: Question, number: str) -> Said:
    run = _of(question, number)
    return Said(run["pending"]) if run else MISSING


def _artifacts(question: Question, number: str) -> Said:
    run = _of(question, number)
    return Said([_without(one, "file") for one in run["artifacts"]], paged="artifacts") if run else MISSING


def _archive(question: Question, number: str) -> Said:
    every = (one for run in question.held["runs"] for one in run["artifacts"])
    artifact = next((one for one in every if one["id"] == int(number)), None)
    if not question.authorized:
        return Said({"message": "Requires authentication", "status": "401"}, 401)
    if question.accept not in _JSON:
        return Said({"message": f"Unsupported 'Accept' header: '{question.accept}'.", "status": "415"}, 415)
    if artifact is None:
        return MISSING
    if artifact["expired"]:
        return Said({"message": "Artifact has expired", "status": "410"}, 410)
    return Said(None, 302, f"{question.base}/storage/{artifact['file']}")


def _dispatch(question: Question, workflow: str) -> Said:
    known = question.held["workflows"].get(workflow)
    if known is None:
        return MISSING
    inputs, ref = question.sent.get("inputs") or {}, question.sent.get("ref")
    if known["inputs"] is None:
        return _invalid("Workflow does not have 'workflow_dispatch' trigger")
    if not ref:
        return _invalid('Invalid request.\n\n"ref" wasn\'t supplied.')
    if set(inputs) - set(known["inputs"]):
        return _invalid(f"Unexpected inputs provided: {sorted(set(inputs) - set(known['inputs']))}")
    if lacking := [name for name in known["required"] if name not in inputs]:
        return _invalid(f"Required input '{lacking[0]}' not provided")
    question.held["dispatches"].append({"workflow": workflow, "ref": ref, "inputs": inputs})
    return Said(None, 204)


def _invalid(message: str) -> Said:
    return Said({"message": message, "status": "422"}, 422)


_ROUTES: tuple[tuple[str, str, Callable[..., Said]], ...] = (
    ("GET", r"runs", _runs),
    ("GET", r"workflows/([^/]+)/runs", _runs),
    ("GET", r"runs/(\d+)", _run),
    ("GET", r"runs/(\d+)/jobs", _jobs),
    ("GET", r"runs/(\d+)/pending_deployments", _pending),
    ("GET", r"runs/(\d+)/artifacts", _artifacts),
    ("GET", r"artifacts/(\d+)/zip", _archive),
    ("POST", r"workflows/([^/]+)/dispatches", _dispatch),
)


def _of(question: Question, number: str) -> Json | None:
    return next((run for run in question.held["runs"] if run["id"] == int(number)), None)


def _shown(question: Question, run: Json) -> Json:
    page = f"{question.base}/{question.repository}/actions/runs/{run['id']}"
    return _without(run, "stages", "jobs", "pending", "artifacts") | {"html_url": page}


def _without(data: Json, *names: str) -> Json:
    return {name: value for name, value in data.items() if name not in names}


@dataclass(frozen=True, slots=True)
class RunsDouble:
    """What the runs of a double are: put there and changed by a test, or by what runs the workflow here."""

    changing: Callable[[], AbstractContextManager[Json]]
    files: Path

    def workflow(self, name: str, inputs: Mapping[str, bool] | None = None) -> None:
        """The forge knows a workflow; `inputs` of its dispatch say whether each is required, None: no dispatch."""
        required = [key for key, needed in (inputs or {}).items() if needed]
        with self.changing() as held:
            held["workflows"][name] = {"inputs": None if inputs is None else list(inputs), "required": required}

    def add(self, workflow: str, event: str, sha: str, ref: str, **more: Any) -> int:  # noqa: ANN401 - a run's fields
        """A run, queued unless `more` says otherwise; `stages` are changes that it goes through as it is asked for."""
        with self.changing() as held:
            held["workflows"].setdefault(workflow, {"inputs": None, "required": []})
            number: int = held["next"]
            held["next"] += 1
            made = {"created_at": f"2026-01-01T00:00:{len(held['runs']):02d}Z", "run_attempt": 1}
            state: Json = {
                "status": "queued",
                "conclusion": None,
                "stages": [],
                "jobs": [],
                "pending": [],
                "artifacts": [],
            }
            told = {"id": number, "event": event, "head_sha": sha, "head_branch": ref}
            held["runs"].append({**told, "path": f".github/workflows/{workflow}", **made, **state, **more})
        return number

    def change(self, number: int, **fields: Any) -> None:  # noqa: ANN401 - a run's fields
        """Change a run's fields."""
        with self.changing() as held:
            next(run for run in held["runs"] if run["id"] == number).update(fields)

    def artifact(self, number: int, name: str, files: Mapping[str, bytes], *, expired: bool = False) -> None:
        """An artifact of a run, of these files."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        self.archive(number, name, packed.getvalue(), expired=expired)

    def archive(self, number: int, name: str, packed: bytes, *, expired: bool = False) -> None:
        """The same as the zip archive that it is."""
        with self.changing() as held:
            made: int = held["next"]
            held["next"] += 1
            (self.files / str(made)).write_bytes(packed)
            digest = f"sha256:{hashlib.sha256(packed).hexdigest()}"
            artifact = {"id": made, "name": name, "size_in_bytes": len(packed), "digest": digest, "expired": expired}
            run = next(run for run in held["runs"] if run["id"] == number)
            run["artifacts"].append({**artifact, "file": made})

    @property
    def dispatches(self) -> list[Json]:
        """What was dispatched, in order."""
        with self.changing() as held:
            found: list[Json] = held["dispatches"]
            return found


def job(name: str, conclusion: str | None, *, failed: str = "", status: str = "completed") -> Json:
    """A job as the API shows it; `failed` is the step that failed."""
    steps = [{"name": failed, "status": "completed", "conclusion": "failure", "number": 1}] if failed else []
    return {"id": 1, "name": name, "status": status, "conclusion": conclusion, "html_url": "", "steps": steps}


def pending(environment: str, reviewer: str) -> Json:
    """A pending deployment as the API shows it."""
    who = [{"type": "User", "reviewer": {"login": reviewer}}]
    return {"environment": {"id": 1, "name": environment, "html_url": ""}, "wait_timer": 0, "reviewers": who}
