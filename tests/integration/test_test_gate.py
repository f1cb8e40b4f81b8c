"""The test gate: for each of its checks a project that breaks just that, and one that passes."""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from universe import FILES, PYPROJECT, RUNNING, Project

from towpath.config.sections import Command as Configured
from towpath.config.sections import Test
from towpath.environments.interpreters import current
from towpath.errors import TowpathError
from towpath.gates import counting, coverage, dependencies, pythons
from towpath.gates.coverage import Measured
from towpath.gates.gate import Pipeline
from towpath.gates.test import test as the_gate
from towpath.gates.tooling import children
from towpath.model import Outcome, State
from towpath.walk import alone
from towpath.walk.plan import make_plan, not_here
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.gates.gate import Workspace

SKIPPED = "import pytest\n\n\n@pytest.mark.skip\ndef test_it() -> None:\n    pass\n"
FAILING = "def test_it() -> None:\n    assert 1 == 2\n"
UNITTEST = (
    "import unittest\n\nfrom sample_pkg.core import answer\n\n\nclass CoreTest(unittest.TestCase):\n"
    "    def test_answer(self):\n        self.assertEqual(answer(), 42)\n\n"
    "    @unittest.skip('never')\n    def test_other(self):\n        pass\n"
)
SKIPPED_MODULE = f"{UNITTEST}\n\ndef setUpModule():\n    raise unittest.SkipTest('no server')\n"
SKIPPED_SUBTESTS = (
    "import unittest\n\n\nclass CoreTest(unittest.TestCase):\n    def test_all(self):\n"
    "        for number in range({number}):\n            with self.subTest(number=number):\n"
    "                if number < 2:\n                    self.skipTest('never')\n"
)
FLAT = {
    "src/sample_pkg/__init__.py": None,
    "src/sample_pkg/core.py": None,
    "sample_pkg/__init__.py": FILES["src/sample_pkg/__init__.py"],
    "sample_pkg/core.py": FILES["src/sample_pkg/core.py"],
}
INSTALLED = "import sample_pkg\n\n\ndef test_it():\n    assert 'site-packages' in sample_pkg.__file__\n"
SPOILS = "import os, pathlib; pathlib.Path(os.environ['COVERAGE_FILE'] + '.x').write_text('no')"
UNUSED = "def never(number: int) -> int:\n    if number:\n        return 1\n    return 2\n"


def configured(table: str, *, top: str = "") -> str:
    return f"{PYPROJECT}\n[tool.towpath]\n{top}\n[tool.towpath.test]\n{table}\n"


@pytest.fixture
def opened(make_project: Callable[..., Project]) -> Callable[..., Workspace]:
    """A maker of workspaces: the sample with this table for the test gate, and some files replaced."""

    def make(table: str = "", *, top: str = "", **files: str | None) -> Workspace:
        whole = {"pyproject.toml": configured(table, top=top), **files}
        project = make_project(files=whole)
        return open_workspace(project.root, project.environ)

    return make


def run(workspace: Workspace, variant: str = "") -> Outcome:
    return the_gate().act(workspace, variant)


def closed(workspace: Workspace, variant: str = "") -> tuple[str, str]:
    """The id of the problem, and all of it in words."""
    with pytest.raises(TowpathError) as caught:
        run(workspace, variant)
    (problem,) = caught.value.problems
    return problem.id, f"{problem.cause}\n{problem.detail}"


class TestWhatRan:
    def test_tests_are_counted(self, opened: Callable[..., Workspace]) -> None:
        found = run(opened())
        assert found.notes == ("1 test passed",)
        facts = {name: found.facts[name] for name in ("tests", "skipped", "failed", "python", "pythons")}
        assert facts == {"tests": 1, "skipped": 0, "failed": 0, "python": platform.python_version(), "pythons": {}}
        assert found.facts["seconds"] > 0

    @pytest.mark.parametrize(
        ("table", "test"),
        [
            ("", "x = 1\n"),
            ("", SKIPPED),
            ('commands = ["python -m unittest discover tests"]', "x = 1\n"),
            ('commands = ["python -m unittest discover tests"]', UNITTEST.replace("def test_answer", "def other")),
            ('commands = ["python -W error -m unittest discover tests"]', "x = 1\n"),
            ('commands = ["coverage run -m unittest discover tests"]\ncoverage = 1', "x = 1\n"),
            ('commands = ["python -m unittest discover tests"]', SKIPPED_MODULE),
            ('commands = ["python -m unittest discover tests"]', SKIPPED_SUBTESTS.format(number=2)),
            ('commands = [{ run = "pytest", allowed-to-fail = "flaky" }, "python -c pass"]', "x = 1\n"),
        ],
        ids=[
            *("none", "all skipped", "unittest, none", "unittest, all skipped", "unittest after an option, none"),
            *("unittest by coverage, none", "unittest, a skipped module", "unittest, skipped subtests"),
            "none, in a command that may fail",
        ],
    )
    def test_no_test_proves_nothing(self, opened: Callable[..., Workspace], table: str, test: str) -> None:
        assert closed(opened(table, **{"tests/test_core.py": test}))[0] == "no-test-ran"

    def test_unittest_is_counted(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened('commands = ["python -m unittest discover tests"]', **{"tests/test_core.py": UNITTEST})
        found = run(workspace)
        assert found.notes == ("1 test passed, 1 skipped",)
        assert (found.facts["tests"], found.facts["skipped"]) == (2, 1)

    def test_a_test_whose_subtests_were_skipped_in_part_has_run(self, opened: Callable[..., Workspace]) -> None:
        files = {"tests/test_core.py": SKIPPED_SUBTESTS.format(number=3)}
        assert run(opened('commands = ["python -m unittest discover tests"]', **files)).notes == ("1 test passed",)

    @pytest.mark.parametrize(
        ("argv", "kind"),
        [
            (("python", "-bb", "-X", "dev", "-m", "unittest"), counting.UNITTEST),
            (("python", "-m", "coverage", "run", "-m", "unittest", "-v"), counting.UNITTEST),
            ((".venv/bin/pytest", "-q"), counting.PYTEST),
            (("python", "-W", "error", "-m", "pytest"), counting.PYTEST),
            (("tox", "-m", "unittest"), counting.UNCOUNTED),
        ],
    )
    def test_which_runner_a_command_starts(self, argv: tuple[str, ...], kind: str, tmp_path: Path) -> None:
        assert counting.kind_of(argv) == kind
        if kind == counting.UNITTEST:
            shown = counting.counted(argv, kind, tmp_path)
            at = argv.index("unittest") - 1
            assert (shown[:at], shown[at + 2 :]) == (argv[:at], argv[at + 2 :])

    def test_a_failing_unittest(self, opened: Callable[..., Workspace]) -> None:
        table = 'commands = ["python -m unittest discover tests"]'
        assert closed(opened(table, **{"tests/test_core.py": UNITTEST.replace("42", "43")}))[0] == "command-failed"

    def test_unittest_that_ends_the_process_with_0(self, opened: Callable[..., Workspace]) -> None:
        table = 'commands = ["python -m unittest discover tests"]'
        ending = UNITTEST.replace("self.assertEqual(answer(), 42)", "import os; os._exit(0)")
        assert closed(opened(table, **{"tests/test_core.py": ending}))[0] == "unreadable-report"

    def test_what_cannot_be_counted_is_said_to_be(self, opened: Callable[..., Workspace]) -> None:
        found = run(opened("""commands = ["python -c 'import sample_pkg.core'"]"""))
        assert found.notes == ("the commands ended with 0; their tests are not counted",)
        assert found.facts["tests"] is None


class TestCommands:
    def test_several_in_order_with_their_environment(self, opened: Callable[..., Workspace]) -> None:
        say = "import os, sys; sys.exit(os.environ['WORD'] + os.environ['OTHER'] != {!r})"
        table = (
            'environment = { WORD = "a", OTHER = "b" }\ncommands = [\n'
            f'["python", "-c", "{say.format("ab")}"],\n'
            f'{{ run = ["python", "-c", "{say.format("cb")}"], environment = {{ WORD = "c" }} }},\n]'
        )
        assert run(opened(table)).notes == ("the commands ended with 0; their tests are not counted",)

    def test_the_first_that_fails_closes_the_gate(self, opened: Callable[..., Workspace], tmp_path: Path) -> None:
        later = tmp_path / "later"
        table = f"commands = [\"python -c 'raise SystemExit(3)'\", ['python', '-c', 'open(r\"{later}\", \"w\")']]"
        assert closed(opened(table)) == ("command-failed", "`python -c 'raise SystemExit(3)'` ended with 3.\n")
        assert not later.exists()

    def test_a_failure_that_is_allowed_stays_visible(self, opened: Callable[..., Workspace]) -> None:
        table = (
            'commands = [{ run = "pytest tests/test_new.py", allowed-to-fail = "see issue 7" },'
            ' "pytest tests/test_core.py"]'
        )
        workspace = opened(table, **{"tests/test_new.py": FAILING})
        found = run(workspace)
        assert found.notes == (
            "1 test passed, 1 failed, `pytest tests/test_new.py` ended with 1, as it may: see issue 7",
        )
        allowed = {"command": "pytest tests/test_new.py", "code": 1, "reason": "see issue 7"}
        assert found.facts["allowed-failures"] == [allowed]
        assert the_gate().configuration(workspace, "") != the_gate().configuration(opened_with(workspace), "")

    def test_with_arguments_of_the_callers_own_the_floor_is_not_judged(self, opened: Callable[..., Workspace]) -> None:
        workspace = replace(opened("coverage = 100", **{"src/sample_pkg/more.py": UNUSED}), arguments=("-k", "answer"))
        assert run(workspace).notes == ("1 test passed",)


def opened_with(workspace: Workspace) -> Workspace:
    """The same without the failure being allowed."""
    test = Test(commands=(Configured("pytest tests/test_new.py"), "pytest tests/test_core.py"))
    settings = msgspec.structs.replace(workspace.settings, test=test)
    return replace(workspace, configuration=replace(workspace.configuration, settings=settings))


class TestCoverage:
    def test_a_floor_that_is_reached(self, opened: Callable[..., Workspace]) -> None:
        found = run(opened("coverage = 100"))
        assert found.notes == ("1 test passed", "100.00 % covered, at least 100 % wanted")
        assert found.facts["covered"] == 100.0
        read = coverage.unpacked(found.facts["measured"])
        assert set(read.lines) == {"src/sample_pkg/__init__.py", "src/sample_pkg/core.py"}

    def test_a_file_that_no_test_imports_counts(self, opened: Callable[..., Workspace]) -> None:
        kind, words = closed(opened("coverage = 80", **{"src/sample_pkg/more.py": UNUSED}))
        assert kind == "coverage-below"
        assert "cover 42.85 % of" in words, "three of seven statements, rounded down"
        assert "0.00 %  src/sample_pkg/more.py" in words

    def test_branches_count_where_the_project_says_so(self, opened: Callable[..., Workspace]) -> None:
        core = "def answer(given=0):\n    found = 41\n    if not given:\n        found += 1\n    return found\n"
        lines = run(opened("coverage = 100", **{"src/sample_pkg/core.py": core}))
        assert lines.facts["covered"] == 100.0

    def test_branches_lower_the_figure(self, opened: Callable[..., Workspace]) -> None:
        core = "def answer(given=0):\n    found = 41\n    if not given:\n        found += 1\n    return found\n"
        files = {"src/sample_pkg/core.py": core, ".coveragerc": "[run]\nbranch = true\n"}
        kind, words = closed(opened("coverage = 100", **files))
        assert (kind, "cover 87.50 % of" in words) == ("coverage-below", True)

    def test_what_the_project_leaves_out_is_left_out(self, opened: Callable[..., Workspace]) -> None:
        files = {"src/sample_pkg/more.py": UNUSED, ".coveragerc": "[report]\nomit = src/sample_pkg/more.py\n"}
        assert run(opened("coverage = 100", **files)).facts["covered"] == 100.0

    def test_what_the_projects_own_commands_measured_is_read(self, opened: Callable[..., Workspace]) -> None:
        table = 'coverage = 60\ncommands = ["coverage run --branch --source=sample_pkg -m pytest", "coverage report"]\n'
        found = run(opened(table))
        assert found.facts["covered"] == 100.0
        assert found.facts["tests"] == 1
        assert coverage.unpacked(found.facts["measured"]).arcs

    def test_pytest_cov_that_is_switched_off_leaves_it_to_us(self, opened: Callable[..., Workspace]) -> None:
        files = {
            "pytest.ini": "[pytest]\naddopts = --cov=sample_pkg\n",
            "requirements-test.txt": "pytest\npytest-cov\n",
        }
        found = run(opened('coverage = 100\ncommands = ["pytest --no-cov"]', **files))
        assert found.facts["covered"] == 100.0

    @pytest.mark.parametrize("table", ["coverage = 40", 'coverage = 40\ncommands = ["pytest"]'])
    def test_the_sources_and_what_is_installed_are_the_same(self, opened: Callable[..., Workspace], table: str) -> None:
        """`python -m pytest` imports what lies beside the tests, `pytest` alone what is installed."""
        found = run(opened(table, **FLAT, **{"sample_pkg/more.py": UNUSED}))
        assert found.facts["covered"] == pytest.approx(42.857, abs=0.01)

    @pytest.mark.parametrize(
        "table",
        [
            """coverage = 1\ncommands = ["python -c pass"]""",
            """coverage = 1\ncommands = ["coverage run --source=json -m pytest"]""",
            f"""coverage = 1\ncommands = ["pytest", ["python", "-c", "{SPOILS}"]]""",
        ],
        ids=["no data", "data about something else", "data that cannot be read"],
    )
    def test_a_figure_that_cannot_be_read_closes_the_gate(self, opened: Callable[..., Workspace], table: str) -> None:
        assert closed(opened(table))[0] == "coverage-unreadable"

    def test_a_project_without_a_statement_has_no_figure(self, opened: Callable[..., Workspace]) -> None:
        rc = {".coveragerc": "[report]\nomit = src/*\n"}
        assert closed(opened("coverage = 1", **rc))[0] == "coverage-unreadable"


class TestCoverageOfSeveralPythons:
    """Each Python's record holds what it touched; the closing variant judges them together and nothing else."""

    @pytest.fixture
    def workspace(self, opened: Callable[..., Workspace]) -> Workspace:
        body = "    if sys.version_info < (3, 12):\n        return 42\n    return 42\n"
        core = f"import sys\n\n\ndef answer() -> int:\n{body}"
        top = 'python = ["3.11", "3.12"]'
        return opened("coverage = 100", top=top, **{"src/sample_pkg/core.py": core})

    def seal(self, workspace: Workspace, variant: str, facts: dict[str, Any]) -> None:
        gate = replace(the_gate(), act=lambda *_: Outcome(facts=facts), tools=lambda *_: {})
        alone.run(Pipeline(gate), alone.Step(gate, variant), workspace)

    def measured(self, *core: int) -> dict[str, Any]:
        lines = {"src/sample_pkg/__init__.py": [1, 3], "src/sample_pkg/core.py": list(core)}
        return {"measured": Measured(lines, {}, {}, ("src/sample_pkg",)).packed()}

    def judge(self, workspace: Workspace) -> alone.Result:
        gate = the_gate()
        return alone.run(Pipeline(gate), alone.Step(gate, "coverage"), workspace)

    def test_neither_alone_and_both_together(self, workspace: Workspace) -> None:
        self.seal(workspace, "3.11", self.measured(1, 4, 5, 6))
        self.seal(workspace, "3.12", self.measured(1, 4, 5))
        with pytest.raises(TowpathError, match=r"cover 83\.33 % of"):
            self.judge(workspace)
        self.seal(workspace, "3.12", self.measured(1, 4, 5, 7))
        result = self.judge(workspace)
        assert result.outcome.notes == ("100.00 % covered, at least 100 % wanted, on 3.11, 3.12 together",)
        sealed = workspace.store.load("test-coverage.json")
        assert sealed is not None
        assert set(sealed.record.relied_on) == {"test-3.11.json", "test-3.12.json"}
        self.seal(workspace, "3.12", self.measured(1, 4, 5))
        with pytest.raises(TowpathError, match=r"cover 83\.33 % of"):
            self.judge(workspace)

    def test_it_waits_for_every_python(self, workspace: Workspace) -> None:
        self.seal(workspace, "3.11", self.measured(1, 4, 5, 6, 7))
        with pytest.raises(TowpathError) as caught:
            self.judge(workspace)
        assert [problem.fix for problem in caught.value.problems] == ["Run `nox -s test-3.12` first."]

    @pytest.mark.parametrize("facts", [{}, {"measured": "x"}, {"measured": "eA=="}])
    def test_a_record_without_a_measurement_closes_it(self, workspace: Workspace, facts: dict[str, Any]) -> None:
        self.seal(workspace, "3.11", facts)
        self.seal(workspace, "3.12", self.measured(1, 4, 5, 6, 7))
        with pytest.raises(TowpathError, match="No figure for the coverage can be read"):
            self.judge(workspace)

    def test_the_next_gate_needs_the_judgement_too(self, workspace: Workspace) -> None:
        for variant in ("3.11", "3.12"):
            self.seal(workspace, variant, self.measured(1, 4, 5, 6, 7))
        after = replace(
            the_gate(), name="after", needs=("test",), per_python=False, closing="", act=lambda *_: Outcome()
        )
        whole = Pipeline(the_gate(), after)
        step = alone.Step(after, "")
        with pytest.raises(TowpathError) as caught:
            alone.opened_by(whole, step, workspace)
        assert [problem.fix for problem in caught.value.problems] == ["Run `nox -s test-coverage` first."]
        self.judge(workspace)
        assert set(alone.opened_by(whole, step, workspace)) == {
            "test-3.11.json", "test-3.12.json", "test-coverage.json"
        }  # fmt: skip


class TestAgainst:
    def test_a_flat_layout_is_imported_from_the_checkout(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened('against = "source"', **FLAT, **{"tests/test_core.py": INSTALLED})
        assert closed(workspace)[0] == "command-failed"

    def test_the_wheel_is_what_is_tested(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened('against = "wheel"\ncoverage = 30', **FLAT, **{"tests/test_core.py": INSTALLED})
        found = run(workspace)
        assert found.notes[0] == "1 test passed"
        assert found.facts["covered"] < 100, "core was not imported"

    def test_a_copy_that_would_be_imported_instead(self, opened: Callable[..., Workspace]) -> None:
        files = {**FLAT, "copy/sample_pkg/__init__.py": "", "copy/sample_pkg/core.py": "def answer():\n    return 42\n"}
        kind, words = closed(opened('against = "wheel"\nenvironment = { PYTHONPATH = "copy" }', **files))
        assert kind == "tested-elsewhere"
        assert "sample_pkg from elsewhere" in words

    def test_a_test_that_writes_the_package_anew(self, opened: Callable[..., Workspace]) -> None:
        body = "    Path('sample_pkg').mkdir()\n    Path('sample_pkg/x.py').touch()\n"
        writes = f"from pathlib import Path\n\n\ndef test_it():\n{body}"
        assert closed(opened('against = "wheel"', **FLAT, **{"tests/test_core.py": writes}))[0] == "tree-changed"


class TestNoTests:
    TABLE = 'tests = "none"\nreason = "it only holds data"'

    def test_it_is_never_called_proven(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened(self.TABLE, **{"tests/test_core.py": FAILING})
        gate = the_gate()
        result = alone.run(Pipeline(gate), alone.Step(gate, ""), workspace)
        assert result.state is State.NO_TESTS
        assert result.outcome.notes == ("no tests: it only holds data",)
        sealed = workspace.store.load("test.json")
        assert sealed is not None
        assert sealed.record.verdict == "no tests"
        assert (workspace.store.folder / "1.0.0" / "test.json").read_text().count('"WARNED"') == 1

    @pytest.mark.parametrize(
        ("table", "said"),
        [
            ('tests = "none"', "wants a reason"),
            ('reason = "x"', 'tests is not "none"'),
            ('tests = "none"\nreason = "x"\ncoverage = 3', "coverage has no meaning"),
            ('tests = "nothing"', "none of run, none"),
            ("coverage = 101", "at most 100 percent"),
            ('against = "weel"', "Did you mean 'wheel'?"),
            ('commands = [{ run = "pytest", allowed-to-fail = "why not" }]', "so the gate could not"),
            ('commands = [{ run = "pytest", allowed-to-fail = " " }, "x"]', "without a reason"),
        ],
    )
    def test_what_the_configuration_cannot_mean(self, opened: Callable[..., Workspace], table: str, said: str) -> None:
        with pytest.raises(TowpathError) as caught:
            opened(table)
        assert said in " ".join(problem.cause + problem.fix for problem in caught.value.problems)


class TestWhichPythons:
    TOP = 'python = ["3.98", "{}"]\nmissing-pythons = {{ "{}" = "no build of it" }}'

    def test_one_that_is_declared_missing_stays_visible(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened("", top=self.TOP.format(RUNNING, "3.98"))
        assert the_gate().variants(workspace) == (RUNNING,)
        found = run(workspace, RUNNING)
        assert found.notes[1] == "not here: Python 3.98 (it may be missing: no build of it)"
        standing = {RUNNING: "required", "3.98": "not here: it may be missing: no build of it"}
        assert found.facts["pythons"] == standing

    def test_one_that_is_required_and_missing_closes_the_gate(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened("", top=f'python = ["3.98", "{RUNNING}"]')
        assert the_gate().variants(workspace) == (RUNNING, "3.98")
        kind, words = closed(workspace, "3.98")
        assert kind == "python-not-found"
        assert "Python 3.98 is required" in words

    def test_all_that_no_request_can_be_is_told_together(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened("", top=f'python = ["3.x", "3.98", "3.y", "{RUNNING}"]')
        found = pythons.problems(workspace, ("3.x", "3.98", "3.y", RUNNING))
        assert sorted(one.id for one in found) == ["bad-python-request", "bad-python-request", "python-not-found"]

    def test_an_exception_that_names_no_python_of_the_project(self, opened: Callable[..., Workspace]) -> None:
        with pytest.raises(TowpathError, match=r"There is no Python that may be missing '3\.97'"):
            the_gate().variants(opened("", top=self.TOP.format(RUNNING, "3.97")))

    def test_nothing_that_may_all_be_missing(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened("", top='python = ["3.98"]\nmissing-pythons = { "3.98" = "not out yet" }')
        with pytest.raises(TowpathError, match="nothing would run"):
            the_gate().variants(workspace)

    def test_uv_that_cannot_fetch_one_is_quoted(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened("", top='python = ["3.9.2"]\nfetch-pythons = true')
        if pythons.is_here(workspace, "3.9.2"):
            pytest.skip("it is here")
        refused = {"UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0"}
        workspace = replace(workspace, environ={**workspace.environ, **refused})
        kind, words = closed(workspace, "3.9.2")
        assert kind == "python-not-fetched"
        assert "127.0.0.1:9" in words


class TestOptionalPythons:
    """Named by a classifier alone: 3.98 is never here, unless a test says so."""

    @pytest.fixture
    def workspace(self, opened: Callable[..., Workspace]) -> Workspace:
        classified = 'classifiers = ["Programming Language :: Python :: 3.98"]\nlicense = "MIT"'
        workspace = opened()
        pyproject = workspace.root / "pyproject.toml"
        pyproject.write_text(pyproject.read_text().replace('license = "MIT"', classified))
        project = Project(workspace.root, workspace.environ)
        project.commit("Classify")
        return open_workspace(workspace.root, workspace.environ)

    GATE = replace(the_gate(), act=lambda *_: Outcome(), tools=lambda *_: {})
    NEXT = replace(GATE, name="next", needs=("test",), per_python=False, closing="")
    LAST = replace(GATE, name="last", needs=("next",), per_python=False, closing="")
    WHOLE = Pipeline(GATE, NEXT, LAST)

    def run(self, workspace: Workspace, gate: str, variant: str = "") -> None:
        alone.run(self.WHOLE, alone.Step(self.WHOLE[gate], variant), workspace)

    def fail(self, workspace: Workspace) -> None:
        def act(*_: object) -> Outcome:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            alone.run(self.WHOLE, alone.Step(replace(self.GATE, act=act), "3.98"), workspace)

    def closed(self, workspace: Workspace, gate: str) -> str:
        with pytest.raises(TowpathError) as caught:
            self.run(workspace, gate)
        (problem,) = caught.value.problems
        return problem.id

    def test_one_that_is_not_here_is_neither_needed_nor_forgotten(self, workspace: Workspace) -> None:
        assert self.GATE.variants(workspace) == (RUNNING,)
        (absent,) = not_here(self.GATE, workspace)
        assert (absent[0].session, absent[1]) == ("test-3.98", "named by a classifier alone")
        plan = make_plan(self.WHOLE, self.WHOLE, workspace)
        assert [(step.session, step.state.value) for step in plan.steps][:2] == [
            (f"test-{RUNNING}", "waiting"), ("test-3.98", "not here")
        ]  # fmt: skip
        self.run(workspace, "test", RUNNING)
        self.run(workspace, "next")

    def test_its_failure_closes_what_comes_after(self, workspace: Workspace) -> None:
        self.run(workspace, "test", RUNNING)
        self.run(workspace, "next")
        self.fail(workspace)
        assert self.closed(workspace, "next") == "evidence-failed"
        assert self.closed(workspace, "last") == "evidence-stale"

    def test_a_failure_on_other_files_does_not(self, workspace: Workspace) -> None:
        self.fail(replace(workspace, subject=replace(workspace.subject, tree="0" * 40)))
        self.run(workspace, "test", RUNNING)
        self.run(workspace, "next")

    def test_a_record_of_it_that_cannot_be_read_closes(self, workspace: Workspace) -> None:
        self.run(workspace, "test", RUNNING)
        (workspace.store.folder / "1.0.0" / "test-3.98.json").write_text("{")
        assert self.closed(workspace, "next") == "evidence-broken"

    def test_one_that_is_here_has_to_run(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run(workspace, "test", RUNNING)
        self.run(workspace, "next")
        monkeypatch.setattr(pythons, "is_here", lambda *_: True)
        assert self.closed(workspace, "next") == "evidence-missing"
        self.run(workspace, "last")  # what was proven where it was not here holds

    def test_a_session_of_a_walk_does_not_look_for_them_again(
        self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = pythons.told_to_sessions(workspace)
        monkeypatch.setattr(pythons, "search", None)
        session = replace(workspace, environ={**workspace.environ, **told})
        assert pythons.found(session, RUNNING) == current()
        assert self.GATE.choice(session).absent == {"3.98": "named by a classifier alone"}
        assert children(session).keys() == children(workspace).keys(), "the project's code is not told"

    @pytest.mark.parametrize("told", ["", "{", "[]", '{"3.98": 1}', '{"3.98": ["python"]}'])
    def test_what_no_walk_has_told_is_not_believed(self, workspace: Workspace, told: str) -> None:
        session = replace(workspace, environ={**workspace.environ, pythons.VARIABLE: told})
        assert pythons.found(session, "3.98") is None

    def test_a_required_one_that_came_since_is_found(self, workspace: Workspace) -> None:
        session = replace(workspace, environ={**workspace.environ, pythons.VARIABLE: f'{{"{RUNNING}": null}}'})
        assert pythons.require(session, RUNNING) == current()


class TestRequirementFiles:
    def test_the_project_itself_is_not_installed_from_its_folder(self, opened: Callable[..., Workspace]) -> None:
        files = {
            "requirements-dev.txt": "-r more.txt\n-e .[dev]\n",
            "more.txt": "pytest\n--editable=.\n",
            "tests/test_core.py": INSTALLED,
        }
        workspace = opened(**files)
        pyproject = workspace.root / "pyproject.toml"
        pyproject.write_text(
            pyproject.read_text().replace(
                "[tool.flit", "[project.optional-dependencies]\ndev = ['idna']\n\n[tool.flit", 1
            )
        )
        workspace = open_workspace(workspace.root, workspace.environ)
        found = run(workspace)
        note = "requirements-dev.txt: the line for the project itself is left out; it is installed as built"
        assert found.notes == ("1 test passed", note)

    def test_the_lines_of_others_are_kept(self, tmp_path: Path) -> None:
        (tmp_path / "libs" / "other").mkdir(parents=True)
        (tmp_path / "ci").mkdir()
        (tmp_path / "limits.txt").touch()
        (tmp_path / "ci" / "dev.txt").write_text(
            "-c ../limits.txt\n-r all.txt\n../libs/other  # ours too\n.. ; python_version > '3'\n", encoding="utf-8"
        )
        (tmp_path / "ci" / "all.txt").write_text("attrs \\\n  --hash=sha256:00\n-e ..[a, b]\n", encoding="utf-8")
        found = dependencies.without_project(tmp_path, "ci/dev.txt")
        assert [" ".join(line.split()) for line in found.lines] == [
            f"--constraint {tmp_path / 'limits.txt'}",
            "attrs --hash=sha256:00",
            str(tmp_path / "libs" / "other"),
        ]
        assert found.left_out == ("-e ..[a, b]", ".. ; python_version > '3'")
        assert found.extras == ("a", "b")
