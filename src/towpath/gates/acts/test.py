"""test: the project's tests, on every Python that comes into question, against the project as installed."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates import counting, coverage, dependencies, pythons
from towpath.gates.dependencies import Requirements
from towpath.gates.layout import hidden, layout, require_installed
from towpath.gates.test import test
from towpath.gates.tooling import Command, Toolbox, Tools, command, toolbox, versions, where_it_runs
from towpath.model import Outcome, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.gates.layout import Layout

_PYTEST = ("python", "-m", "pytest")


def act(workspace: Workspace, variant: str) -> Outcome:
    """Run the test commands in order; the closing variant judges what they covered.

    Raises command-failed, no-test-ran where tests are counted and there are none, tested-elsewhere where the wheel is
    asked for and something else is imported, and what `coverage` raises.
    """
    if workspace.settings.test.tests == "none":
        return _no_tests(workspace)
    if variant == coverage.CLOSING:
        return _judged_together(workspace)
    pythons.provide(workspace, variant)
    with ExitStack() as stack:
        wanted = _tools(workspace, variant)
        box = stack.enter_context(toolbox(workspace, wanted, workspace.settings.test.environment))
        folder = stack.enter_context(where_it_runs(workspace))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-")))
        return _Run(workspace, variant, box, folder, scratch).outcome(wanted)


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The commands, with their environment, and what they must show."""
    settings = workspace.settings.test
    return {
        "commands": [one.as_data() for one in _commands(workspace)],
        "environment": settings.environment,
        "coverage": settings.coverage,
        "against": settings.against,
        "tests": settings.tests,
    }


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python, and what its environment holds; nothing where nothing runs."""
    return {} if workspace.settings.test.tests == "none" else versions(workspace, _tools(workspace, variant))


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of all commands, in one environment."""

    workspace: Workspace
    variant: str
    box: Toolbox
    folder: Path
    scratch: Path

    def outcome(self, wanted: Tools) -> Outcome:
        """Run them, and say what they showed."""
        settings, began = self.workspace.settings.test, time.monotonic()
        found = self._layout()
        counts, allowed = self._commands(found)
        notes = [counting.told(counts, allowed)]
        facts: dict[str, Any] = {**counting.as_data(counts), "seconds": round(time.monotonic() - began, 2)}
        facts["python"] = self.box.environment.interpreter.version
        facts["commands"] = [one.shown for one in _commands(self.workspace)]
        facts |= {"allowed-failures": [one.as_data() for one in allowed]} if allowed else {}
        if settings.coverage is not None and found is not None and not self.workspace.arguments:
            measured = coverage.read(self.box, self.scratch / "data", found, self.folder)
            facts["measured"] = measured.packed()
            if not self.variant:
                percent = coverage.judge(self.workspace, self.box, measured, self.folder)
                notes.append(coverage.told(percent, settings.coverage))
                facts["covered"] = round(percent, 4)
        notes += [
            f"{path}: the line for the project itself is left out; it is installed as built"
            for path in _own(wanted, self.workspace)
        ]
        choice = self._choice()
        facts["pythons"] = pythons.as_data(self.workspace, choice)
        notes += [f"not here: Python {name} ({why})" for name, why in choice.absent.items()]
        return Outcome(tuple(notes), facts)

    def _layout(self) -> Layout | None:
        settings = self.workspace.settings.test
        if settings.against == "source" and settings.coverage is None:
            return None
        return layout(self.box, self.workspace.subject.project, self.folder)

    def _choice(self) -> pythons.Choice:
        return test().choice(self.workspace)

    def _commands(self, found: Layout | None) -> tuple[list[counting.Count], list[counting.Allowed]]:
        with ExitStack() as stack:
            if found and self.workspace.settings.test.against == "wheel" and not self.workspace.arguments:
                stack.enter_context(hidden(self.folder, found.paths))
                require_installed(self.box, found, self.folder)
            counts, allowed = [], []
            for number, one in enumerate(_commands(self.workspace)):
                count, failure = self._command(one, self.scratch / f"{number}.report", found)
                counts.append(count)
                allowed += [failure] if failure else []
        return counts, allowed

    def _command(
        self, one: Command, report: Path, found: Layout | None
    ) -> tuple[counting.Count, counting.Allowed | None]:
        """Run one command. Raises command-failed and no-test-ran."""
        shown = (*one.argv, *self.workspace.arguments)
        kind = counting.kind_of(shown)
        argv = counting.counted(shown, kind, report)
        environ = {**self.box.environ, **one.environ}
        if found and self.workspace.settings.test.coverage is not None:
            environ = coverage.environ_for(environ, self.scratch / "data")
            pyproject = self.workspace.configuration.pyproject
            if not coverage.measures_itself(shown, self.folder, pyproject):
                argv = coverage.under_coverage(argv, self.box, found, self.folder) or argv
        done = Toolbox(self.box.environment, environ).run(argv, self.folder)
        return counting.judge(one, shown, kind, report, done.code)


def _judged_together(workspace: Workspace) -> Outcome:
    """The floor over all variants, each by its own record; that these are fresh has been asked before."""
    gate, parts = test(), {}
    for variant in gate.choice(workspace).variants:
        sealed = workspace.store.load(workspace.store.path(gate.name, variant))
        if sealed is None:
            raise errors.EVIDENCE_MISSING.error(gate=gate.name, session=f"{gate.name}-{variant}")
        parts[variant] = coverage.unpacked(str(sealed.record.facts.get("measured", "")))
    with toolbox(workspace, _tools(workspace, coverage.CLOSING)) as box, where_it_runs(workspace) as folder:
        percent = coverage.judge(workspace, box, coverage.together(parts.values()), folder)
    note = f"{coverage.told(percent, workspace.settings.test.coverage)}, on {', '.join(parts)} together"
    return Outcome((note,), {"covered": round(percent, 4), "pythons": list(parts)})


def _no_tests(workspace: Workspace) -> Outcome:
    reason = workspace.settings.test.reason
    return Outcome((f"no tests: {reason}",), {"tests": 0, "reason": reason}, verdict=State.NO_TESTS.value)


def _commands(workspace: Workspace) -> tuple[Command, ...]:
    return tuple(map(command, workspace.settings.test.commands or (_PYTEST,)))


def _tools(workspace: Workspace, variant: str) -> Tools:
    pyproject, root, settings = workspace.configuration.pyproject, workspace.root, workspace.settings.test
    measuring = coverage.requirement(pyproject, root) if settings.coverage is not None else Requirements()
    if variant == coverage.CLOSING:
        return Tools("", measuring, with_project=False)
    wanted = dependencies.configured(settings, pyproject, root)
    if wanted is None:
        wanted = dependencies.for_tests(pyproject, root, runner="pytest")
    return Tools(variant, wanted | measuring, with_project=True)


def _own(wanted: Tools, workspace: Workspace) -> list[str]:
    """The requirement files that name the project itself."""
    return [file for file in wanted.wanted.files if dependencies.without_project(workspace.root, file).left_out]
