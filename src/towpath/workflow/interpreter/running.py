"""A job under way: what its steps find and change."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from towpath.workflow.interpreter import contexts
from towpath.workflow.interpreter.evaluating import Scope
from towpath.workflow.interpreter.parsing import Call, nodes
from towpath.workflow.interpreter.values import Object, text, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.workflow.interpreter.log import Log
    from towpath.workflow.interpreter.nouns import Job, Permissions, Step
    from towpath.workflow.interpreter.results import Result, StepResult
    from towpath.workflow.interpreter.runs import Run
    from towpath.workflow.interpreter.templates import Template
    from towpath.workflow.interpreter.values import Value


@dataclass(slots=True)
class Running:
    """One leg of a job. The folders are its own and new; `env` and `paths` are what steps have added."""

    run: Run
    job: Job
    folder: Path
    log: Log
    contexts: Mapping[str, Value]
    permissions: Permissions
    deadline: float
    env: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    step_env: dict[str, str] = field(default_factory=dict)
    identity: Mapping[str, str] = field(default_factory=dict)
    results: list[StepResult] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    status: Result = "success"

    @property
    def workspace(self) -> Path:
        """Where steps begin: …/work/<name>/<name>, as on a hosted runner."""
        name = self.run.machine.slug.partition("/")[2]
        return self.folder / "work" / name / name

    @property
    def temporary(self) -> Path:
        """RUNNER_TEMP, and TMPDIR."""
        return self.folder / "work" / "_temp"

    @property
    def tools(self) -> Path:
        """RUNNER_TOOL_CACHE."""
        return self.folder / "tools"

    @property
    def home(self) -> Path:
        """HOME."""
        return self.folder / "home"

    @property
    def github(self) -> dict[str, Any]:
        """The context `github` of this job."""
        own = {"job": self.job.id, "workspace": str(self.workspace), "event_path": str(self.temporary / "event.json")}
        return {**self.run.github, "token": self.run.token(self.job), **own}

    def scope(self) -> Scope:
        """What a step's expressions know."""
        steps = {step.id: self._told(step) for step in self.results if step.id}
        env = {name: value_of(value) for name, value in {**self.env, **self.step_env}.items()}
        own: dict[str, Value] = {
            "github": value_of(self.github),
            "env": Object(env, sensitive=sys.platform != "win32"),
            "steps": value_of(steps),
            "job": value_of({"status": self.status}),
            "runner": value_of(contexts.runner(self.temporary, self.tools)),
        }
        return Scope({**self.contexts, **own}, self._functions())

    def environ(self, more: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a step: the machine's, the workflow's, the runner's; the last one counts."""
        folders = {"HOME": self.home, "USERPROFILE": self.home}
        folders |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self.temporary)
        made = {**self.run.machine.environ, **{name: str(path) for name, path in folders.items()}}
        made |= {"CI": "true", "GIT_CONFIG_NOSYSTEM": "1", **self.env, **self.step_env}
        made |= contexts.variables(self.github, contexts.runner(self.temporary, self.tools))
        made["PATH"] = os.pathsep.join(filter(None, [*self.paths, made.get("PATH", "")]))
        return {**made, **self.identity, **more}

    def default(self, name: Literal["shell", "working_directory"], own: Template | None) -> str:
        """A step's own value, else the job's default, else the workflow's, else ""."""
        for said in (own, getattr(self.job.defaults, name), getattr(self.run.workflow.defaults, name)):
            if said is not None:
                return text(said.value(self.scope()))
        return ""

    def stopped_for_good(self, step: Step) -> bool:
        """Whether the job ran out of time: only steps that ask for it run then."""
        asks = {"always", "cancelled"}
        asked = any(isinstance(node, Call) and node.name in asks for node in nodes(step.condition))
        if self.status == "cancelled" and asked:
            self.deadline += 300  # seconds of grace, as GitHub gives them
        return self.status == "cancelled" and not asked

    def _told(self, step: StepResult) -> dict[str, Any]:
        return {"outputs": step.outputs, "outcome": step.outcome, "conclusion": step.conclusion}

    def _functions(self) -> dict[str, Any]:
        return {
            "success": lambda _: self.status == "success",
            "failure": lambda _: self.status == "failure",
            "cancelled": lambda _: self.status == "cancelled",
            "always": lambda _: True,
            "hashFiles": lambda patterns: hash_files(self.workspace, patterns),
        }


def hash_files(workspace: Path, patterns: Sequence[Value]) -> str:
    """The sha256 over the sha256 of every file that fits, "" where there is none."""
    lines = [line.strip() for pattern in patterns for line in text(pattern).splitlines() if line.strip()]
    found: set[Path] = set()
    for line in lines:
        fitting = {file for file in workspace.glob(line.removeprefix("!")) if file.is_file()}
        found = found - fitting if line.startswith("!") else found | fitting
    whole = hashlib.sha256()
    for file in sorted(found):
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest() if found else ""
