"""test: the project's tests, on every Python that it lists, against the project as installed."""

from __future__ import annotations

import shlex
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates import dependencies
from towpath.gates.gate import Gate
from towpath.gates.tooling import Tools, check, toolbox, versions, where_it_runs, words
from towpath.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    with ExitStack() as stack:
        box = stack.enter_context(toolbox(workspace, _tools(workspace, variant), workspace.settings.test.environment))
        folder = stack.enter_context(where_it_runs(workspace))
        reports = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-")))
        commands = [(*words(command), *workspace.arguments) for command in _commands(workspace)]
        for number, command in enumerate(commands):
            counting = [f"--junitxml={reports / str(number)}.xml"] if _is_pytest(command) else []
            check(box.run((*command, *counting), folder), command)
        return _counted(reports, [command for command in commands if _is_pytest(command)])


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The commands, with their environment."""
    settings = workspace.settings.test
    return {"commands": list(map(words, _commands(workspace))), "environment": settings.environment}


def _commands(workspace: Workspace) -> tuple[str | tuple[str, ...], ...]:
    return workspace.settings.test.commands or (_PYTEST,)


def _is_pytest(command: tuple[str, ...]) -> bool:
    """Whether a command runs pytest, so that its tests can be counted: also by `python -m` or `coverage run -m`."""
    return command[0] in {"pytest", "py.test"} or "-m pytest" in " ".join(command)


def _tools(workspace: Workspace, variant: str) -> Tools:
    pyproject, root, settings = workspace.configuration.pyproject, workspace.root, workspace.settings.test
    wanted = dependencies.configured(settings, pyproject, root)
    if wanted is None:
        wanted = dependencies.for_tests(pyproject, root, runner="pytest")
    return Tools(variant, wanted, with_project=True)


def _counted(reports: Path, commands: Sequence[tuple[str, ...]]) -> Outcome:
    """How many tests ran. pytest ends with 0 when every test was skipped, which proves nothing.

    Raises no-test-ran, and unreadable-report where pytest ended with 0 and left no whole report.
    """
    if not commands:
        return Outcome(notes=("the commands ended with 0; their tests are not counted",))
    counts = [_count(path) for path in sorted(reports.glob("*.xml"))]
    if len(counts) != len(commands):
        raise errors.UNREADABLE_REPORT.error(tool="pytest", detail="it ended with 0 and wrote no report")
    total, skipped = (sum(column) for column in zip(*counts, strict=True))
    if total == skipped:
        raise errors.NO_TEST_RAN.error(command=shlex.join(commands[0]), skipped=skipped)
    passed = total - skipped
    note = f"{passed} test{'' if passed == 1 else 's'} passed" + (f", {skipped} skipped" if skipped else "")
    return Outcome(notes=(note,), facts={"tests": total, "skipped": skipped})


def _count(report: Path) -> tuple[int, int]:
    """Tests and skipped ones. Raises unreadable-report."""
    import xml.etree.ElementTree as ET

    try:
        suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  # nosec B314 - pytest's own
    except (OSError, ET.ParseError) as error:
        raise errors.UNREADABLE_REPORT.error(tool="pytest", detail=str(error)) from None
    return sum(int(suite.get("tests", 0)) for suite in suites), sum(int(suite.get("skipped", 0)) for suite in suites)
