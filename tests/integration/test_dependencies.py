"""What a project declares for its developers, found wherever projects write it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from towpath.config.sections import Commands
from towpath.errors import TowpathError
from towpath.gates.dependencies import TEST_NAMES, Requirements, configured, declared, for_tests, found

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

GROUPS = """
[dependency-groups]
test = ["pytest>=9", {include-group = "cover"}]
cover = ["coverage>=7"]
"""


def parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


@pytest.mark.parametrize(
    ("pyproject", "lines"),
    [
        pytest.param(GROUPS, ("pytest>=9", "coverage>=7"), id="dependency groups"),
        pytest.param(
            '[tool.poetry.group.test.dependencies]\npytest = "^9.1"\n', ("pytest (>=9.1,<10.0)",), id="Poetry"
        ),
        pytest.param(
            '[tool.poetry.dev-dependencies]\npytest = ">=9"\n', ("pytest (>=9)",), id="Poetry before its groups"
        ),
        pytest.param('[tool.pdm.dev-dependencies]\ntest = ["pytest>=9"]\n', ("pytest>=9",), id="PDM"),
        pytest.param('[tool.uv]\ndev-dependencies = ["pytest>=9"]\n', ("pytest>=9",), id="uv before the groups"),
        pytest.param(
            '[tool.hatch.envs.default]\ndependencies = ["pytest>=9", "other @ {root:uri}/other"]\n',
            ("pytest>=9",),
            id="Hatch's default environment",
        ),
        pytest.param(
            '[tool.hatch.envs.hatch-test]\ndependencies = ["pytest>=9"]\nextra-dependencies = ["attrs"]\n',
            ("pytest>=9", "attrs"),
            id="Hatch's tests",
        ),
    ],
)
def test_what_running_the_tests_takes(tmp_path: Path, pyproject: str, lines: tuple[str, ...]) -> None:
    assert for_tests(parsed(pyproject), tmp_path, runner="pytest") == Requirements(lines)


def test_a_groups_standard_table_is_stronger_than_a_tools_own(tmp_path: Path) -> None:
    both = GROUPS + '[tool.pdm.dev-dependencies]\ntest = ["pytest<8"]\n'
    assert found(parsed(both), tmp_path, TEST_NAMES).lines == ("pytest>=9", "coverage>=7")


def test_an_extra_is_taken_by_its_name(tmp_path: Path) -> None:
    pyproject = parsed('[project.optional-dependencies]\ntests = ["pytest"]\nfast = ["orjson"]\n')
    assert for_tests(pyproject, tmp_path, runner="pytest") == Requirements(extras=("tests",))


@pytest.mark.parametrize(
    "file", ["requirements-test.txt", "requirements_tests.txt", "test-requirements.txt", "requirements/test.txt"]
)
def test_a_requirements_file_is_taken_by_its_path(tmp_path: Path, file: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("-r base.txt\npytest==9.1  # the runner\n", encoding="utf-8")
    assert for_tests({}, tmp_path, runner="pytest") == Requirements(files=(file,))


def test_what_is_for_development_is_taken_only_where_the_tests_lack_their_runner(tmp_path: Path) -> None:
    separate = parsed('[dependency-groups]\ntest = ["pytest"]\ndev = ["sphinx"]\n')
    assert for_tests(separate, tmp_path, runner="pytest").lines == ("pytest",)
    together = parsed('[dependency-groups]\ntest = ["hypothesis"]\ndev = ["pytest", "sphinx"]\n')
    assert for_tests(together, tmp_path, runner="pytest").lines == ("hypothesis", "pytest", "sphinx")


def test_a_runner_that_nobody_declares_is_added(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.txt").write_text("# pytest is run by hand\npytest-cov\n", encoding="utf-8")
    wanted = for_tests({}, tmp_path, runner="pytest")
    assert wanted == Requirements(lines=("pytest",), files=("requirements-dev.txt",))


def test_a_tool_in_the_version_that_the_project_declares(tmp_path: Path) -> None:
    assert declared({}, tmp_path, "ruff") == ("ruff",)
    assert declared(parsed('[dependency-groups]\nlint = ["Ruff==0.17.5"]\n'), tmp_path, "ruff") == ("Ruff==0.17.5",)
    assert declared(parsed('[project.optional-dependencies]\ndev = ["ruff<1"]\n'), tmp_path, "ruff") == ("ruff<1",)


def test_a_tool_that_is_declared_apart_for_each_python(tmp_path: Path) -> None:
    """Taking the first line alone would install nothing where its marker does not hold."""
    pyproject = parsed(
        '[project.optional-dependencies]\ndev = ["mypy<1; sys_platform == \\"aix\\"", "mypy>=2", "ruff"]\n'
    )
    assert declared(pyproject, tmp_path, "mypy") == ('mypy<1; sys_platform == "aix"', "mypy>=2")


@pytest.mark.parametrize(
    "text",
    [
        "bandit[toml]==1.9  # security\n",
        "--index-url https://example.org/simple\nbandit[toml]==1.9\n",
        "bandit[toml]==1.9 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\nother==1\n",
    ],
)
def test_a_requirements_file_is_read_as_requirements_alone(tmp_path: Path, text: str) -> None:
    """The line goes to the installer as a requirement, where a comment or an option would be refused."""
    (tmp_path / "dev-requirements.txt").write_text(text, encoding="utf-8")
    assert declared({}, tmp_path, "bandit") == ("bandit[toml]==1.9",)


def test_what_the_configuration_names(tmp_path: Path) -> None:
    settings = Commands(groups=("test",), requirements=("more.txt",))
    (tmp_path / "more.txt").touch()
    assert configured(settings, parsed(GROUPS), tmp_path) == Requirements(("pytest>=9", "coverage>=7"), ("more.txt",))
    assert configured(Commands(), parsed(GROUPS), tmp_path) is None


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (Commands(groups=("tset",)), "tset"),
        (Commands(extras=("fast",)), "fast"),
        (Commands(requirements=("gone.txt",)), "gone.txt"),
    ],
)
def test_a_name_that_does_not_exist_is_refused(tmp_path: Path, settings: Commands, named: str) -> None:
    with pytest.raises(TowpathError) as caught:
        configured(settings, parsed(GROUPS), tmp_path)
    assert [problem.id for problem in caught.value.problems] == ["unknown-name"]
    assert named in caught.value.problems[0].cause
