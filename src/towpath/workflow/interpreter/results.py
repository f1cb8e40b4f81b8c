"""What a run came to, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.workflow.interpreter.events import Event

Result = Literal["success", "failure", "cancelled", "skipped"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A notice, warning or error that a step wrote; places as it gave them, 0 and "" where it gave none."""

    level: str
    message: str
    job: str
    step: str
    file: str = ""
    line: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Uploaded files as one zip archive; the digest is the archive's sha256 in hexadecimal."""

    id: int
    name: str
    digest: str
    size: int
    archive: Path
    job: str
    attempt: int


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step: `outcome` is before, `conclusion` after continue-on-error.

    `facts` is what an action's handler recorded; for every `uses` also `uses` itself, for every `run` its `command`.
    """

    name: str
    id: str
    outcome: Result
    conclusion: Result
    outputs: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leg:
    """One run of a job: the only one, or that of one combination of its matrix.

    `outcome` is before, `result` after the job's continue-on-error. `folder` holds workspace, temporary files and log.
    `not_here` is whether it was left out because its system is another one; it is cancelled then.
    """

    name: str
    matrix: dict[str, Any]
    result: Result
    outcome: Result
    attempt: int
    outputs: dict[str, str] = field(default_factory=dict)
    steps: tuple[StepResult, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    summary: str = ""
    log: Path | None = None
    folder: Path | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    environment: str = ""
    environment_url: str = ""
    runs_on: tuple[str, ...] = ()
    concurrency: Any = None
    not_here: bool = False

    def step(self, name: str) -> StepResult:
        """The step with this id or name. Raises KeyError."""
        for step in self.steps:
            if name in {step.id, step.name}:
                return step
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class JobResult:
    """A job: what `needs.<job>` says to those after it, and its legs (none where it was skipped)."""

    id: str
    result: Result
    outputs: dict[str, str] = field(default_factory=dict)
    legs: tuple[Leg, ...] = ()

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """The steps of all legs, in order."""
        return tuple(step for leg in self.legs for step in leg.steps)

    @property
    def log(self) -> str:
        """The logs of all legs, secrets masked."""
        return "".join(leg.log.read_text(encoding="utf-8") for leg in self.legs if leg.log)


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run: its jobs by id in the order in which they ran, and what they left behind."""

    workflow: str
    workflow_sha256: str
    name: str
    event: Event
    sha: str
    run_id: int
    attempt: int
    result: Result
    jobs: dict[str, JobResult]
    artifacts: tuple[Artifact, ...]
    concurrency: Any = None

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Every annotation of the run."""
        return tuple(annotation for leg in self.legs() for annotation in leg.annotations)

    @property
    def summary(self) -> str:
        """The step summaries of all jobs, in Markdown."""
        return "\n".join(leg.summary for leg in self.legs() if leg.summary)

    @property
    def not_here(self) -> tuple[Leg, ...]:
        """The legs that this machine could not run: what the run came to says nothing of them."""
        return tuple(leg for leg in self.legs() if leg.not_here)

    def legs(self) -> Iterator[Leg]:
        """The legs of all jobs."""
        return (leg for job in self.jobs.values() for leg in job.legs)


def conclusion(results: list[Result]) -> Result:
    """What several results come to together."""
    order: tuple[Result, ...] = ("failure", "cancelled", "success")
    return next((worst for worst in order if worst in results), "skipped")
