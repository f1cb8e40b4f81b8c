"""How a step calls an action, and what the action gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.workflow.interpreter.artifacts import Artifacts
    from towpath.workflow.interpreter.log import Log
    from towpath.workflow.interpreter.machine import Machine


class ActionFailed(Exception):  # noqa: N818 - how an action ends, not a fault of the program
    """The action fails its step; the message says why, as GitHub's would."""


@dataclass(frozen=True, slots=True)
class Call:
    """A step's call of an action.

    `inputs` holds every input that the handler knows, those not given with their defaults. `environ` is the whole
    environment of the step, `github` the context of that name as plain data, `permissions` those of the job.
    """

    action: str
    inputs: Mapping[str, str]
    environ: Mapping[str, str]
    github: Mapping[str, Any]
    permissions: Mapping[str, str]
    workspace: Path
    temporary: Path
    tools: Path
    machine: Machine
    artifacts: Artifacts
    log: Log

    def flag(self, name: str) -> bool:
        """A boolean input, spelled as YAML spells it. Raises ActionFailed."""
        value = self.inputs[name].strip()
        if value not in {"true", "True", "TRUE", "false", "False", "FALSE"}:
            message = f"the input {name!r} is {value!r}, neither true nor false"
            raise ActionFailed(message)
        return value.lower() == "true"

    def lines(self, name: str) -> list[str]:
        """The lines of an input that are not empty."""
        return [line.strip() for line in self.inputs[name].splitlines() if line.strip()]

    def path(self, name: str) -> Path:
        """An input as a path in the workspace."""
        return self.workspace / self.inputs[name]

    def refuse(self, name: str, *accepted: str) -> None:
        """Raise ActionFailed if the input asks for something that is not done here."""
        if self.inputs[name].strip().lower() not in accepted:
            message = f"{self.action} with {name}: {self.inputs[name]!r} is not done on this machine"
            raise ActionFailed(message)


@dataclass(frozen=True, slots=True)
class Done:
    """What an action gives: outputs, variables and program folders for later steps, facts for the record."""

    outputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handler:
    """An action: its inputs with their defaults (None where one must be given), its outputs, and what it does.

    An input that is not listed is an error; so is, in `checking`, an output.
    """

    inputs: Mapping[str, str | None]
    outputs: tuple[str, ...]
    act: Callable[[Call], Done]
