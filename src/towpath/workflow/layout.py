"""What the jobs of a project's workflows are made from: the pipeline, the configuration, and where things lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.distributions.expected import ANY
from towpath.model import Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.gates.gate import Gate, Pipeline

PLAN = "plan"
INDEX = "index"  # what the plan says besides: where this run's version is published
_NO_LINUX = ("windows", "macos")
_OF_ONE_MACHINE = "linux-x86_64"
# https://docs.github.com/en/actions/reference/runners/github-hosted-runners
_RUNNERS = {
    "linux-x86_64": "ubuntu-latest",
    "linux-aarch64": "ubuntu-24.04-arm",
    "macos-arm64": "macos-latest",
    "macos-x86_64": "macos-15-intel",
    "windows-amd64": "windows-latest",
    "windows-arm64": "windows-11-arm",
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One session of a gate, about one Python, on one operating system.

    The evidence of the first system is handed on, and of several Pythons without a variant of their own, that of the
    one that runs the pipeline everywhere.
    """

    session: str
    variant: str
    python: str
    system: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A project as its workflows see it.

    `variants` are the Pythons of each gate, `closing` the variant that comes after them or ""; `python` runs the
    pipeline itself; `lock` is the path of the file with the hashes of its packages; `read_by_pipeline` are the files
    that a job without the project's code needs; `from_checkout` says that the project is the pipeline's own repository.
    """

    configuration: Configuration
    pipeline: Pipeline
    variants: Mapping[str, tuple[str, ...]]
    closing: Mapping[str, str]
    python: str
    lock: str
    read_by_pipeline: tuple[str, ...]
    from_checkout: bool = False

    @property
    def settings(self) -> Settings:
        """`[tool.towpath]`."""
        return self.configuration.settings

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms whose files are made apart, and then sealed together; empty where one machine makes all."""
        named = {file.platform for file in self.settings.build.expect} - {ANY}
        return tuple(sorted(named)) if named - {_OF_ONE_MACHINE} else ()

    def runner(self, platform: str) -> str:
        """The label of the machine that makes a platform's files. Raises unknown-name."""
        known = {**_RUNNERS, **self.settings.workflow.runners}
        if platform not in known:
            facts = {"kind": "runner for the platform", "name": platform, "known": ", ".join(known)}
            raise errors.UNKNOWN_NAME.error(**facts, suggestion="Set it in [tool.towpath.workflow] runners. ")
        return known[platform]

    @property
    def system(self) -> str:
        """The runner of every job that is no leg: steps are written for Linux, and PyPA's action is a container."""
        named = self.settings.workflow.operating_systems
        return next((name for name in named if not name.startswith(_NO_LINUX)), "ubuntu-latest")

    def legs(self, gate: Gate) -> tuple[Leg, ...]:
        """Every session of a gate, on every operating system that it is checked on."""
        systems = self.settings.workflow.operating_systems if gate.per_python else ()
        systems = systems or (self.system,)
        first = self.system if self.system in systems else systems[0]  # its evidence opens what comes after
        return tuple(
            Leg(session(gate.name, variant), variant, python, system, sealed)
            for system in systems
            for variant, python in self._pythons(gate)
            for sealed in [system == first and (bool(variant) or python == self.python)]
        )

    def _pythons(self, gate: Gate) -> tuple[tuple[str, str], ...]:
        """Each variant with its Python; where the only one has no name, also the further ones of the configuration."""
        variants = self.variants[gate.name]
        if variants != ("",) or not gate.per_python:
            return tuple((variant, variant or self.python) for variant in variants)
        return tuple(("", python) for python in dict.fromkeys((self.python, *self.settings.workflow.pythons)))

    def before(self, gate: Gate) -> tuple[Gate, ...]:
        """The gates whose evidence opens a gate, in the pipeline's order: its needs.

        One that the route may leave out stands for what it needs itself, too. What lies further back is in their
        evidence: each record names those that it relied on by their sha256, and is handed on together with them.
        """
        wanted = set(gate.needs)
        for known in reversed(self.pipeline.gates):
            if known.name in wanted and not self.is_before_tag(known):
                wanted.update(known.needs)
        return tuple(known for known in self.pipeline if known.name in wanted)

    def comes_after(self, gate: Gate, name: str) -> bool:
        """Whether a gate needs another one, at whatever distance."""
        return any(need == name or self.comes_after(self.pipeline[need], name) for need in gate.needs)

    def sessions(self, gates: tuple[Gate, ...]) -> tuple[str, ...]:
        """The sessions whose evidence those gates hand on."""
        return tuple(name for gate in gates for name in (*self.legs_sealed(gate), *self.closing_session(gate)))

    def legs_sealed(self, gate: Gate) -> tuple[str, ...]:
        """The sessions of a gate's own job whose evidence counts."""
        return tuple(leg.session for leg in self.legs(gate) if leg.sealed)

    def closing_session(self, gate: Gate) -> tuple[str, ...]:
        """The session that closes a gate, after those of all its Pythons; it has a job of its own."""
        variant = self.closing[gate.name]
        return (session(gate.name, variant),) if variant else ()

    def jobs(self, gate: Gate) -> tuple[str, ...]:
        """The jobs of a gate."""
        return (gate.name, *self.closing_session(gate))

    def output(self, name: str, what: str) -> str:
        """An expression for what the job of a session said: `evidence`, `artifact` or `distributions`."""
        gate = max((gate for gate in self.pipeline if name.startswith(gate.name)), key=lambda gate: len(gate.name))
        if name in self.closing_session(gate):
            return f"${{{{ needs.{name}.outputs.{what} }}}}"
        variant = name.removeprefix(gate.name).removeprefix("-")
        return f"${{{{ needs.{gate.name}.outputs.{output_name(what, variant)} }}}}"

    def is_before_tag(self, gate: Gate) -> bool:
        """Whether neither a gate nor one that it needs touches what others see."""
        local = gate.effect in {Effect.NONE, Effect.LOCAL}
        return local and all(self.is_before_tag(self.pipeline[need]) for need in gate.needs)


def command(layout: Layout, session: str) -> str:
    """How a session is called."""
    return f"nox -s {layout.settings.prefix}{session}"


def session(gate: str, variant: str) -> str:
    """The nox session of a variant."""
    return f"{gate}-{variant}" if variant else gate


def output_name(what: str, variant: str) -> str:
    """The name of a job's output: each leg of a matrix has its own, as the last one would win otherwise."""
    return f"{what}-{re.sub(r'[^A-Za-z0-9_-]', '-', variant)}" if variant else what
