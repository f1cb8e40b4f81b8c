"""arshai's journey: poetry without a changelog, a release made by hand on GitHub, an API token.

Of its own: the version in `[tool.poetry]`, as a string and as a tuple in `_version.py` and in docs/conf.py, a copy that
went stale; a stub setup.py; a lock file that git ignores; checks that `|| true` keeps from failing. A maintainer writes
the release's notes on GitHub, and that publishes: the release is completed, and never rewritten.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from journeys import Journey, Shape, on_the_way, problems, results
from universe import RUNNING, problem_ids, states

from towpath.index.twin import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


AFTER_NEXT = f"{sys.version_info.major}.{sys.version_info.minor + 2}"
PYPROJECT = """\
[tool.poetry]
name = "arshai"
version = "{version}"
description = "An agent framework for conversational systems"
authors = ["Ada <ada@example.org>"]
readme = "README.md"
license = "MIT"
repository = "https://github.com/nimunzn/arshai"
documentation = "https://arshai.example.org"
keywords = ["agents", "workflow"]
classifiers = [
    "Development Status :: 4 - Beta",
    "License :: OSI Approved :: MIT License",
    "Programming Language :: Python :: 3",
]
packages = [
    {{include = "arshai"}}
]
include = [
    "LICENSE",
    "README.md",
    "pyproject.toml",
]

[tool.poetry.dependencies]
python = ">={running},<{after_next}"
typing-extensions = "^4.12"
redis = {{version = "^5.0.0", optional = true}}

[tool.poetry.extras]
redis = ["redis"]
production = ["redis"]

[tool.poetry.group.dev.dependencies]
pytest = ">=7.0.0"
black = ">=23.0.0"
isort = ">=5.12.0"
bandit = "^1.7.5"
safety = "^3.0.0"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"

[tool.black]
line-length = 88

[tool.isort]
profile = "black"
line_length = 88

[tool.pytest.ini_options]
testpaths = ["tests"]
python_files = "test_*.py"
"""
VERSION = """\
\"""Version information for arshai package.\"""

__version__ = "{version}"
__version_info__ = ({tuple})
__author__ = "Ada"
"""
PACKAGE = """\
\"""Arshai: agents.\"""

from arshai._version import __author__, __version__, __version_info__

__all__ = ["__author__", "__version__", "__version_info__"]
"""
AGENTS = """\
\"""Agents.\"""

from typing_extensions import TypedDict


class Message(TypedDict):
    \"""What is said.\"""

    text: str


def answer(message: Message) -> str:
    \"""Say it again.\"""
    return message["text"]
"""
MEMORY = """\
\"""Memory in Redis, an extra.\"""

try:
    import redis
except ImportError:  # the extra is not installed
    redis = None


def is_available() -> bool:
    \"""Whether the extra is there.\"""
    return redis is not None
"""
TEST = """\
from arshai.core.agents import answer


def test_answer():
    assert answer({"text": "yes"}) == "yes"
"""
CHECK = """\
set -e
poetry run black --check .
poetry run isort --check-only .
poetry run bandit -r arshai || true
poetry run safety check || true
poetry run pytest || true
"""
CI = """\
name: CI

on:
  push:
    branches: [main]

jobs:
  test:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
    - uses: actions/setup-python@v5
      with:
        python-version: '3.11'
    - name: Install
      run: |
        pip install poetry
        poetry install
    - name: Tests
      run: poetry run pytest || true
"""
PUBLISH = """\
name: Publish to PyPI

on:
  release:
    types: [published]

jobs:
  build-and-publish:
    runs-on: ubuntu-latest

    steps:
    - uses: actions/checkout@v4

    - name: Set up Python
      uses: actions/setup-python@v5
      with:
        python-version: '3.11'

    - name: Install Poetry
      uses: snok/install-poetry@v1
      with:
        version: latest
        virtualenvs-create: true
        virtualenvs-in-project: true

    - name: Install dependencies
      run: poetry install --no-interaction --no-root

    - name: Build package
      run: poetry build

    - name: Publish to PyPI
      env:
        POETRY_PYPI_TOKEN_PYPI: ${{ secrets.PYPI_TOKEN }}
      run: poetry publish
"""
STALE = "docs/_version.py"


def files(version: str) -> dict[str, str]:
    return {
        "pyproject.toml": PYPROJECT.format(version=version, running=RUNNING, after_next=AFTER_NEXT),
        "setup.py": '"""A stub, so that older tools find something."""\n\nfrom setuptools import setup\n\nsetup()\n',
        "README.md": "# Arshai\n\nAn agent framework.\n",
        "LICENSE": "MIT License\n",
        ".gitignore": "poetry.lock\ndist/\n__pycache__/\n",
        "poetry.lock": "# never committed\n",
        "arshai/__init__.py": PACKAGE,
        "arshai/_version.py": VERSION.format(version=version, tuple=version.replace(".", ", ")),
        "arshai/core/__init__.py": '"""What agents are made of."""\n',
        "arshai/core/agents.py": AGENTS,
        "arshai/memory/__init__.py": '"""Memory."""\n',
        "arshai/memory/redis_memory.py": MEMORY,
        "docs/conf.py": f'project = "Arshai"\nrelease = "{version}"\n',
        STALE: '__version__ = "0.2.0"\n',
        "scripts/check.sh": CHECK,
        "tests/__init__.py": "",
        "tests/test_agents.py": TEST,
        ".github/workflows/publish.yml": PUBLISH,
        ".github/workflows/ci.yml": CI,
    }


SHAPE = Shape(
    name="arshai",
    repository="nimunzn/arshai",
    workflow="publish.yml",
    files=files,
    past=(("1.6.1", "v1.6.1", False), ("1.6.2", "v1.6.2", True)),
    work={"arshai/core/tools.py": '"""Tools of agents."""\n'},
    published=("1.6.1", "1.6.2"),
    secrets={"pypi": "PYPI_TOKEN"},
)
# What a maintainer adds to what `init` found: nothing of it is code.
CONFIGURATION = {
    "": f'python = ["{RUNNING}"]',
    "bump": 'message = "chore: bump version to {version}"',
    # There is no project on TestPyPI
    "routes": 'prerelease = ["pypi"]',
    "security.allowed-to-fail": 'zizmor = "ci.yml is older than this, and goes when check.yml has proven itself"',
}
NOTES = "## What's new\n\n- Tools, in my own words.\n"


@pytest.fixture
def arshai(tmp_path: Path, environ: dict[str, str]) -> Iterator[Journey]:
    with on_the_way(SHAPE, tmp_path / "arshai", environ) as journey:
        yield journey


@pytest.mark.slow
@pytest.mark.timeout(900)  # four runs of a workflow, on a machine that may be busy
def test_from_the_first_release_to_a_hotfix(arshai: Journey) -> None:
    take_it_up(arshai)
    failing_tests_close_the_gate(arshai)
    a_release_by_hand_that_stops_half_way(arshai)
    the_next_release(arshai)
    a_prerelease(arshai)
    a_hotfix_by_one_command(arshai)
    arshai.unchanged("arshai/_version.py", "arshai/core/fix.py", "docs/conf.py")


def take_it_up(arshai: Journey) -> None:
    made = arshai.init()
    keys = {(one["table"], one["key"]): one["value"] for one in made["configuration"]}
    assert keys == {
        ("tool.towpath.bump", "places"): [{"path": "docs/conf.py", "pattern": 'release = "{version}"'}],
        ("tool.towpath.workflow", "release"): "publish.yml",
        ("tool.towpath.workflow", "triggers"): ["release"],
        ("tool.towpath.workflow.secrets", "pypi"): "PYPI_TOKEN",
    }
    found = made["found"]
    assert (found["backend"], found["version"], found["changelog"]) == ("poetry.core.masonry.api", "1.6.2", "")
    assert [one for one in made["remarks"] if f"{STALE}, line 1, says 0.2.0" in one]
    arshai.configure(CONFIGURATION)
    arshai.commit("Take towpath up")
    before = arshai.doctor()
    assert {"gate-cannot-fail", "action-unpinned"} <= {one["id"] for one in found_by(before, "problem")}
    arshai.generate()
    arshai.settle("pypi")
    arshai.commit("Let the pipeline publish")
    after = found_by(arshai.doctor(), "problem")
    assert [(one["id"], ".github/workflows/ci.yml" in one["cause"]) for one in after] == [("gate-cannot-fail", True)]


def found_by(doctor: Any, severity: str) -> list[dict[str, str]]:
    listed = [one for check in doctor["checks"] for one in check["findings"]]
    return [one for one in listed if one["severity"] == severity]


def failing_tests_close_the_gate(arshai: Journey) -> None:
    """Failure 10: their own script ends with 0 whatever pytest says."""
    arshai.project.replace("tests/test_agents.py", '== "yes"', '== "no"')
    ended = arshai.project.nox("-s", "test")
    assert ended.code == 1, ended.all
    assert "test_answer" in ended.out
    arshai.project.git("checkout", "--quiet", "--", "tests")


def a_release_by_hand_that_stops_half_way(arshai: Journey) -> None:
    """What their guide does by hand after the bump; the upload of the second file is refused, and then goes through."""
    assert arshai.bump("--part", "minor") == "1.7.0"
    project = arshai.project
    assert project.git("log", "-1", "--format=%s") == "chore: bump version to 1.7.0"
    changed = project.git("show", "--format=", "--name-only", "HEAD").splitlines()
    assert changed == ["arshai/_version.py", "docs/conf.py", "pyproject.toml"]
    assert "__version_info__ = (1, 7, 0)" in (project.root / "arshai/_version.py").read_text(encoding="utf-8")
    report = arshai.rehearse()
    assert states(report)[f"verify-install-{RUNNING}"] == "proven"

    arshai.index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
    first = arshai.publish_release("v1.7.0", NOTES)
    assert first.jobs["publish"].result == "failure", problems(first)
    assert len(arshai.public("1.7.0")) == 1
    half = arshai.status()
    assert half["state"] == "partly-published"

    arshai.index.faults.clear()
    again = arshai.rerun()
    assert again.result == "success", problems(again)
    assert results(again)["publish-test"] == "skipped"
    arshai.assert_released("1.7.0", tag="v1.7.0", latest="v1.7.0")
    arshai.assert_metadata("1.7.0")
    (release,) = [one for one in arshai.forge.releases if one["tag_name"] == "v1.7.0"]
    assert (release["name"], release["body"]) == ("v1.7.0", NOTES), "what somebody has written stays"
    assert arshai.status()["state"] == "released"


def the_next_release(arshai: Journey) -> None:
    work(arshai, "arshai/core/more.py", "Add more")
    assert arshai.bump("--part", "minor") == "1.8.0"
    run = arshai.publish_release("v1.8.0", "Once more.")
    assert run.result == "success", problems(run)
    arshai.assert_released("1.8.0", tag="v1.8.0", latest="v1.8.0")


def a_prerelease(arshai: Journey) -> None:
    work(arshai, "arshai/core/next.py", "Add what comes next")
    assert arshai.bump("--part", "minor,rc") == "1.9.0rc0"
    run = arshai.publish_release("v1.9.0rc0")
    assert run.result == "success", problems(run)
    arshai.assert_released("1.9.0rc0", tag="v1.9.0rc0", latest="v1.8.0")


def a_hotfix_by_one_command(arshai: Journey) -> None:
    """On a branch of an older line: the command makes the release, of the commits, and never as the latest."""
    project = arshai.project
    project.git("switch", "--quiet", "--create", "release/1.7", "v1.7.0")
    work(arshai, "arshai/core/fix.py", "Mend a leak")
    assert arshai.bump("--part", "patch") == "1.7.1"
    report = arshai.release()
    assert report["done"], (problem_ids(report), problems(arshai.runs[-1]))
    assert states(report)["publish"] == states(report)["github-release"] == "by CI"
    arshai.assert_released("1.7.1", tag="v1.7.1", latest="v1.8.0")
    (release,) = [one for one in arshai.forge.releases if one["tag_name"] == "v1.7.1"]
    assert "- Mend a leak" in release["body"]
    assert "compare/v1.7.0...v1.7.1" in release["body"]
    assert arshai.status()["state"] == "released"


def work(arshai: Journey, path: str, message: str) -> None:
    arshai.project.write(path, f'"""{message}."""\n')
    arshai.project.commit(message)
