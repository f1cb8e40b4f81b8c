"""A run under way: what its jobs share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from towpath.workflow.interpreter import contexts
from towpath.workflow.interpreter.evaluating import Scope
from towpath.workflow.interpreter.reading import ancestors
from towpath.workflow.interpreter.values import Object, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from towpath.workflow.interpreter.artifacts import Artifacts
    from towpath.workflow.interpreter.events import Occasion
    from towpath.workflow.interpreter.machine import Machine
    from towpath.workflow.interpreter.nouns import Job, Permissions, Workflow
    from towpath.workflow.interpreter.results import JobResult
    from towpath.workflow.interpreter.values import Value

_READ = {"contents": "read", "packages": "read"}
_WRITE = (
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "issues", "models", "packages",
    "pages", "pull-requests", "repository-projects", "security-events", "statuses",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A run and the results of its jobs so far."""

    workflow: Workflow
    occasion: Occasion
    machine: Machine
    folder: Path
    artifacts: Artifacts
    id: int
    attempt: int
    done: dict[str, JobResult] = field(default_factory=dict)

    @cached_property
    def github(self) -> dict[str, Any]:
        """The context `github`, without what belongs to a job."""
        return contexts.github(self)

    @cached_property
    def contexts(self) -> dict[str, Value]:
        """The contexts that are the same in the whole run."""
        known = {"inputs": value_of(self.occasion.inputs), "vars": value_of(dict(self.machine.variables))}
        return {**known, **self._with_token(self.machine.token)}

    def scope(self, job: Job | None = None) -> Scope:
        """What an expression knows outside of any job, or of a job that has not begun."""
        if job is None:
            return Scope(self.contexts)
        needs = {name: self._need(name) for name in job.needs}
        return Scope({**self.contexts, **self._with_token(self.token(job)), "needs": Object(needs)}, self._status(job))

    def token(self, job: Job) -> str:
        """What `github.token` is in a job."""
        give = self.machine.token_for
        return give(self.permissions(job)) if give else self.machine.token

    def permissions(self, job: Job) -> Permissions:
        """What the job's token may do; what is not named, it may not."""
        for said in (job.permissions, self.workflow.permissions):
            if said is not None:
                return {scope: level for scope, level in said.items() if level != "none"}
        return dict(_READ) if self.machine.default_permissions == "read" else dict.fromkeys(_WRITE, "write")

    def _with_token(self, token: str) -> dict[str, Value]:
        secrets = {**self.machine.secrets, "GITHUB_TOKEN": token}
        return {"github": value_of({**self.github, "token": token}), "secrets": value_of(secrets)}

    def _need(self, name: str) -> Value:
        done = self.done[name]
        return value_of({"result": done.result, "outputs": done.outputs})

    def _status(self, job: Job) -> dict[str, Any]:
        """Status functions ask all jobs before, not only those that are named in `needs`."""
        results = [self.done[name].result for name in ancestors(self.workflow.jobs, job.id)]

        def success(_: Sequence[Value]) -> Value:
            return all(result == "success" for result in results)

        def failure(_: Sequence[Value]) -> Value:
            return "failure" in results

        return {"success": success, "failure": failure, "always": lambda _: True, "cancelled": lambda _: False}
