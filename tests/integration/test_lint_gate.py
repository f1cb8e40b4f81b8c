"""The lint gate with real linters: what is found, at which version, and what each of them decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from universe import PYPROJECT

from towpath.errors import TowpathError
from towpath.gates.acts import lint
from towpath.gates.hooks import HOOKS
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from universe import Project

    from towpath.model import Outcome

GROUP = (
    '\n[dependency-groups]\nlint = ["ruff==0.12.0", "black==24.10.0", "isort>=5.13,<6", "flake8>=7", "mypy>=1.10,<2"]\n'
)
FOUR = PYPROJECT + GROUP + "\n[tool.mypy]\nstrict = true\n"
FLAKE8 = "[flake8]\nmax-line-length = 100\nextend-ignore = E203\n"
BROKEN = {
    "black": ("x = {  'a':1 }\n", "`black --check .` ended with 1."),
    "isort": (
        '"""Two."""\n\nimport sys\nimport os\n\nPATH = (os.sep, sys.path)\n',
        "`isort --check-only .` ended with 1.",
    ),
    "flake8": ("import os\n", "`flake8 --benchmark` ended with 1."),
    "mypy": ("def half(x):\n    return x / 2\n", "`mypy src` ended with 1."),
}
LENIENT = "[flake8]\nextend-ignore = E2\n"  # so that it leaves blanks to black


def act(project: Project) -> Outcome:
    workspace = open_workspace(project.root, environ=project.environ)
    return lint.act(workspace, "")


def closed(project: Project) -> dict[str, str]:
    """Cause → id of everything that keeps the gate closed."""
    with pytest.raises(TowpathError) as caught:
        act(project)
    return {problem.cause: problem.id for problem in caught.value.problems}


@pytest.fixture
def four(make_project: Callable[..., Project]) -> Callable[[Mapping[str, str]], Project]:
    """A project of four linters, one configured in a file of its own, one in a table, two only declared."""

    def make(files: Mapping[str, str]) -> Project:
        return make_project(files={"pyproject.toml": FOUR.replace('"ruff==0.12.0", ', ""), ".flake8": FLAKE8, **files})

    return make


class TestFound:
    """What the project says it uses is run, each with its own verdict."""

    def test_each_has_its_verdict_its_version_and_its_reason(self, four: Callable[..., Project]) -> None:
        outcome = act(four({"src/sample_pkg/py.typed": ""}))
        checks = {one["tool"]: one for one in outcome.facts["checks"]}
        assert {one["verdict"] for one in checks.values()} == {"passed"}
        assert checks["black"]["version"] == "24.10.0"
        assert checks["isort"]["version"].startswith("5.")
        assert checks["mypy"]["version"].startswith("1.")
        assert {tool: one["because"] for tool, one in checks.items()} == {
            "black": "declared in group lint",
            "isort": "declared in group lint",
            "flake8": ".flake8",
            "mypy": "[tool.mypy]",
        }
        assert outcome.notes[1] == "passed: black --check .; black 24.10.0, declared in group lint"

    @pytest.mark.parametrize("tool", BROKEN)
    def test_one_that_fails_closes_the_gate_alone(self, four: Callable[..., Project], tool: str) -> None:
        text, cause = BROKEN[tool]
        assert closed(four({"src/sample_pkg/bad.py": text, ".flake8": LENIENT})) == {cause: "command-failed"}

    def test_all_that_fail_are_told_together(self, four: Callable[..., Project]) -> None:
        text = "import sys\nimport os\ndef f(x): return os.path.join(  x)\n"
        problems = closed(four({"src/sample_pkg/bad.py": text}))
        assert list(problems) == [cause for _, cause in BROKEN.values()]

    def test_none_means_ruff_and_says_so(self, make_project: Callable[..., Project]) -> None:
        outcome = act(make_project())
        (check,) = outcome.facts["checks"]
        assert check["command"] == "ruff check ."
        assert check["because"] == "no linter is configured, so with its defaults"

    def test_one_that_cannot_be_installed_closes_the_gate(self, make_project: Callable[..., Project]) -> None:
        text = PYPROJECT + '\n[dependency-groups]\ndev = ["black==0.0.1"]\n'
        assert list(closed(make_project(files={"pyproject.toml": text})).values()) == ["unresolvable"]

    def test_what_the_user_configures_for_themselves_does_not_decide(
        self, make_project: Callable[..., Project]
    ) -> None:
        files = {"pyproject.toml": PYPROJECT + GROUP, "src/sample_pkg/bad.py": "def f() -> int:\n    return 'a'\n"}
        project = make_project(files=files)
        Path(project.environ["HOME"], ".mypy.ini").write_text("[mypy]\nignore_errors = true\n")
        assert "`mypy --config-file= src` ended with 1." in closed(project)

    def test_a_namespace_package_beside_a_module_is_looked_at(self, make_project: Callable[..., Project]) -> None:
        files = {"pyproject.toml": PYPROJECT + GROUP, "hatch_build.py": "", "company/bad.py": "a: int = 'a'\n"}
        assert "`mypy --config-file= company hatch_build.py src` ended with 1." in closed(make_project(files=files))

    def test_a_program_that_we_do_not_know_is_installed_as_declared(self, make_project: Callable[..., Project]) -> None:
        group = '\n[dependency-groups]\nspelling = ["codespell==2.3.0"]\n'
        text = f'{PYPROJECT}{group}[tool.towpath.lint]\ncommands = ["codespell src"]\n'
        project = make_project(files={"pyproject.toml": text, "src/sample_pkg/a.py": "# langauge\n"})
        (cause,) = closed(project)
        assert cause == "`codespell src` ended with 65."


class TestNothingToLookAt:
    """Ending with 0 is no pass where a linter read nothing."""

    def test_everything_is_excluded(self, make_project: Callable[..., Project]) -> None:
        tables = (
            "[tool.ruff]\nexclude = ['*']\n[tool.ruff.format]\n[tool.black]\nforce-exclude = '.*'\n"
            "[tool.isort]\nskip_glob = ['*']\n"
        )
        files = {"pyproject.toml": PYPROJECT + GROUP.replace(', "mypy>=1.10,<2"', "") + tables}
        problems = closed(make_project(files={**files, ".flake8": "[flake8]\nexclude = *.py\n"}))
        assert set(problems.values()) == {"nothing-linted"}
        assert [cause.split("`")[1] for cause in problems] == [
            "ruff check .",
            "ruff format --check .",
            "black --check .",
            "isort --check-only .",
            "flake8 --benchmark",
        ]

    SILENT = (
        '\n[dependency-groups]\nlint = ["pylint>=3", "mdformat>=0.7", "isort>=5.13,<6", "flake8>=7"]\n'
        "[tool.towpath.lint]\ncommands = {}\n"
    )
    ASKED = (
        "pylint src --disable=all --enable=E --jobs=2",
        "mdformat --check docs",
        "isort . --check-only --skip src --skip tests --skip noxfile.py --skip tasks.py",
        "flake8 docs",
    )

    def test_one_that_says_nothing_of_it_is_asked(self, make_project: Callable[..., Project]) -> None:
        """pylint and mdformat never say it, isort and flake8 not in a command of the project's own."""
        text = PYPROJECT + self.SILENT.format(list(self.ASKED))
        ignored = '[tool.pylint.main]\nignore-paths = [".*"]\n'
        project = make_project(files={"pyproject.toml": text + ignored, "docs/index.txt": ""})
        problems = closed(project)
        assert set(problems.values()) == {"nothing-linted"}
        assert [cause.split("`")[1] for cause in problems] == list(self.ASKED)
        project.write("pyproject.toml", text)
        project.write("docs/index.md", "# Docs\n")
        project.write("docs/conf.py", "")
        project.commit("Something to look at")
        checks = act(project).facts["checks"]
        assert [(one["verdict"], "not-known" in one) for one in checks] == [("passed", False)] * 4

    def test_where_it_cannot_be_known_it_is_told(self, make_project: Callable[..., Project]) -> None:
        text = PYPROJECT + self.SILENT.format(["ruff check --quiet src", "python -c pass"])
        project = make_project(files={"pyproject.toml": text})
        outcome = act(project)
        assert [one["not-known"] for one in outcome.facts["checks"]] == ["whether it looked at a file"] * 2
        assert outcome.notes[1].endswith(", [tool.towpath.lint], not known whether it looked at a file")


class TestCommands:
    """The project's own commands, and what it declares about them."""

    def with_commands(self, make_project: Callable[..., Project], commands: str, **files: str) -> Project:
        text = f"{PYPROJECT}{GROUP}\n[tool.towpath.lint]\ncommands = {commands}\n"
        return make_project(files={"pyproject.toml": text, **files})

    def test_a_failure_that_is_allowed_stays_visible(self, make_project: Callable[..., Project]) -> None:
        commands = '["ruff check .", { run = "black --check .", allowed-to-fail = "the tree is being reformatted" }]'
        project = self.with_commands(make_project, commands, **{"src/sample_pkg/bad.py": "x = {  'a':1 }\n"})
        outcome = act(project)
        assert outcome.notes[0] == "ruff check .; black --check . failed, allowed: the tree is being reformatted"
        failed = outcome.facts["checks"][1]
        assert failed["verdict"] == "failed, as it may"
        assert failed["allowed-to-fail"] == "the tree is being reformatted"
        assert failed["problem"] == "`black --check .` ended with 1."

    def test_what_is_not_there_is_never_allowed_to_fail(self, make_project: Callable[..., Project]) -> None:
        commands = """[{ run = "no-such-linter .", allowed-to-fail = "whatever" }, "ruff check ."]"""
        project = self.with_commands(make_project, commands, **{"src/sample_pkg/bad.py": "import os\n"})
        assert list(closed(project).values()) == ["command-not-found", "command-failed"]

    def test_what_reads_nothing_is_never_allowed_to_fail(self, make_project: Callable[..., Project]) -> None:
        commands = '[{ run = "ruff check docs", allowed-to-fail = "whatever" }, "ruff check src"]'
        project = self.with_commands(make_project, commands, **{"docs/index.md": "# Docs\n"})
        assert list(closed(project).values()) == ["nothing-linted"]

    def test_a_script_of_the_project_and_its_environment(self, make_project: Callable[..., Project]) -> None:
        script = "import os, sys, sample_pkg\n\nsys.exit(os.environ['WANTED'] != open('x.txt').read())\n"
        commands = (
            """[{ run = "python -c 'import runpy; runpy.run_path(\\"check.py\\")'", environment = { WANTED = "a" } }]"""
        )
        project = self.with_commands(make_project, commands, **{"check.py": script, "x.txt": "a"})
        assert act(project).facts["checks"][0]["verdict"] == "passed"
        project.write("x.txt", "b")
        assert list(closed(project).values()) == ["command-failed"]

    def test_evidence_is_bound_to_what_is_declared(self, make_project: Callable[..., Project]) -> None:
        project = self.with_commands(make_project, '["ruff check .", "ruff check src"]')
        before = open_workspace(project.root, environ=project.environ)
        project.replace(
            "pyproject.toml", '["ruff check .",', '[{ run = "ruff check .", allowed-to-fail = "a reason" },'
        )
        after = open_workspace(project.root, environ=project.environ)
        assert lint.configuration(before, "") != lint.configuration(replace(after, subject=before.subject), "")


class TestHooks:
    """pre-commit, by its own program."""

    LOCAL = (
        "repos:\n- repo: local\n  hooks:\n  - {{id: a, name: a, language: system, entry: {entry}, types: [{kind}]}}\n"
    )

    def with_hooks(self, make_project: Callable[..., Project], hooks: str) -> Project:
        return make_project(files={HOOKS: hooks, ".gitignore": "x\n"})

    def test_local_hooks_decide(self, make_project: Callable[..., Project]) -> None:
        project = self.with_hooks(make_project, self.LOCAL.format(entry="python -m py_compile", kind="python"))
        (check,) = act(project).facts["checks"]
        assert (check["tool"], check["because"], check["verdict"]) == ("pre-commit", HOOKS, "passed")
        project.write(HOOKS, self.LOCAL.format(entry="python -m no_such_module", kind="python"))
        (problem,) = closed(project).values()
        assert problem == "command-failed"

    def test_hooks_that_have_no_file_to_look_at(self, make_project: Callable[..., Project]) -> None:
        project = self.with_hooks(make_project, self.LOCAL.format(entry="python -m py_compile", kind="rust"))
        assert list(closed(project).values()) == ["nothing-linted"]

    def test_hooks_that_cannot_be_fetched(self, make_project: Callable[..., Project]) -> None:
        hooks = "repos:\n- repo: http://127.0.0.1:9/hooks\n  rev: v1\n  hooks:\n  - id: a\n"
        assert list(closed(self.with_hooks(make_project, hooks)).values()) == ["hooks-not-ready"]

    @pytest.mark.parametrize("text", ["repos: [", "- a\n", "repos: 3\n", "repos: [a]\n"])
    def test_a_configuration_that_is_none(self, make_project: Callable[..., Project], text: str) -> None:
        assert list(closed(self.with_hooks(make_project, text)).values()) == ["bad-hooks"]
