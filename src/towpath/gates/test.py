"""test: the project's tests, on every Python that it lists, against the project as installed."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates import dependencies
from towpath.gates.gate import Gate
from towpath.gates.tooling import Tools, check, toolbox, versions, words
from towpath.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace

_PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
_PYTEST = ("python", "-m", "pytest")


def test() -> Gate:
    """The gate."""
    return Gate(
        "test",
        "Run the tests on every supported Python.",
        act,
        configuration=configuration,
        tools=lambda workspace, variant: versions(workspace, _tools(workspace, variant)),
        # PYTHONOPTIMIZE takes every assert out
        altered_by=(*_PYTEST_VARIABLES, "PYTHONOPTIMIZE", "COVERAGE_RCFILE"),
        per_python=True,
        by_default=True,
        takes_arguments=True,
        runs_project_code=True,
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Run the test commands in order. Raises command-failed, and no-test-ran where pytest found none to run."""
    with toolbox(workspace, _tools(workspace, variant), workspace.settings.test.environment) as box:
        chosen = workspace.settings.test.commands
        for command in map(words, chosen):
            check(box.run((*command, *workspace.arguments), workspace.root), command)
        if chosen:
            return Outcome(notes=tuple(shlex.join(words(command)) for command in chosen))
        with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
            report = Path(folder, "junit.xml")
            command = (*_PYTEST, *workspace.arguments)
            done = box.run((*command, f"--junitxml={report}"), workspace.root)
            check(done, command)
            return _counted(report, shlex.join(command))


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The commands, with their environment."""
    settings = workspace.settings.test
    commands = [words(command) for command in settings.commands] or [_PYTEST]
    return {"commands": commands, "environment": settings.environment}


def _tools(workspace: Workspace, variant: str) -> Tools:
    pyproject, root, settings = workspace.configuration.pyproject, workspace.root, workspace.settings.test
    wanted = dependencies.configured(settings, pyproject, root)
    if wanted is None:
        wanted = dependencies.for_tests(pyproject, root, runner="pytest")
    return Tools(variant, wanted, with_project=True)


def _counted(report: Path, command: str) -> Outcome:
    """pytest ends with 0 when every test was skipped; that proves nothing."""
    import xml.etree.ElementTree as ET

    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  # nosec B314 - pytest wrote it a moment ago
    counts = [(int(suite.get("tests", 0)), int(suite.get("skipped", 0))) for suite in suites]
    total, skipped = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    if total == skipped:
        raise errors.NO_TEST_RAN.error(command=command, skipped=skipped)
    passed = total - skipped
    note = f"{passed} test{'' if passed == 1 else 's'} passed" + (f", {skipped} skipped" if skipped else "")
    return Outcome(notes=(note,), facts={"tests": total, "skipped": skipped})
