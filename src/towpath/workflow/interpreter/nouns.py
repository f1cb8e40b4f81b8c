"""What a workflow file says, as values: a workflow, its triggers, jobs and steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from towpath.workflow.interpreter.parsing import Node
    from towpath.workflow.interpreter.templates import Pattern, Template

Permissions = dict[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in a workflow's text. `unknown` is a construct that may be right on GitHub but is not run here."""

    path: str
    line: int
    message: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """An input of workflow_dispatch."""

    name: str
    type: Literal["string", "boolean", "number", "choice", "environment"] = "string"
    required: bool = False
    default: bool | float | str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that starts the workflow; `filters` by their keys (branches, tags-ignore, paths, types …)."""

    event: str
    line: int
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every `run` that says nothing else."""

    shell: Template | None = None
    working_directory: Template | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployment environment."""

    name: Template
    url: Template | None = None


@dataclass(frozen=True, slots=True)
class Strategy:
    """The matrix of a job."""

    matrix: Pattern
    fail_fast: Template | None = None
    max_parallel: Template | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step: either `run` or `uses` is set."""

    line: int
    condition: Node
    id: str = ""
    name: Template | None = None
    run: Template | None = None
    uses: str = ""
    inputs: dict[str, Template] = field(default_factory=dict)
    env: dict[str, Template] = field(default_factory=dict)
    shell: Template | None = None
    working_directory: Template | None = None
    continue_on_error: Template | None = None
    timeout: Template | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job; `permissions` is None where it takes the workflow's."""

    id: str
    line: int
    condition: Node
    runs_on: Pattern
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    name: Template | None = None
    strategy: Strategy | None = None
    env: dict[str, Template] = field(default_factory=dict)
    outputs: dict[str, Template] = field(default_factory=dict)
    environment: Environment | None = None
    permissions: Permissions | None = None
    concurrency: Pattern | None = None
    defaults: Defaults = field(default_factory=Defaults)
    timeout: Template | None = None
    continue_on_error: Template | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file. `permissions` is None where it says nothing: the repository's default holds then."""

    path: str
    on: tuple[Trigger, ...]
    jobs: dict[str, Job]
    name: str = ""
    run_name: Template | None = None
    env: dict[str, Template] = field(default_factory=dict)
    permissions: Permissions | None = None
    concurrency: Pattern | None = None
    defaults: Defaults = field(default_factory=Defaults)
