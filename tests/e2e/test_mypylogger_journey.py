"""The journey of mypylogger's shape: hatchling, a version in six places and in a test, a workflow started by hand.

What is like mypylogger: `[project]` with hatchling; the version in the package's docstring, its `__version__`, README,
docs/conf.py, uv.lock and a test that asserts it; a changelog after Keep a Changelog; releases without a tag; dependency
groups dev, security and docs; a script that runs ruff, mypy, pytest with 95 % coverage and bandit; a dispatch with a
version and a dry run; trusted publishing as environment `pypi-publishing` of pypi-publish.yml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from journeys import LOCAL_GATES, Journey, Shape, on_the_way, problems, results
from universe import RUNNING, problem_ids, states

from towpath.index.twin import Fault

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """\
[project]
name = "mypylogger"
version = "{version}"
description = "Zero-dependency JSON logging library with sensible defaults for Python applications"
readme = "README.md"
license = {{text = "MIT"}}
authors = [{{name = "Ada", email = "ada@example.org"}}]
requires-python = ">={python}"
keywords = [
    "logging",
    "json",
    "zero-dependency",
]
classifiers = ["Development Status :: 4 - Beta", "Typing :: Typed"]
dependencies = []

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["src/mypylogger"]

[dependency-groups]
dev = [
    "bandit>=1.7.10",
    "mypy>=1.14.1",
    "pytest>=8.3.5",
    "pytest-cov>=5.0.0",
    "ruff>=0.14.1",
]
security = [
    "pyyaml>=6.0.3",
]
docs = [
    "sphinx>=7.1.0",
]

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = [
    "--cov=mypylogger",
    "--cov-report=term-missing",
    "--cov-fail-under=95",
    "--strict-markers",
    "-v"
]
filterwarnings = ["error"]

[tool.coverage.run]
source = ["src"]
branch = true
omit = ["tests/*", "*/site-packages/*"]

[tool.mypy]
strict = true
mypy_path = "src"
packages = ["mypylogger"]

[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["E", "W", "F", "I", "N", "UP", "S", "B"]

[tool.ruff.lint.per-file-ignores]
"tests/**/*" = ["S101"]
"""
PACKAGE = '''\
"""mypylogger v{version} - Zero-dependency JSON logging with sensible defaults."""

from __future__ import annotations

from .core import format_line

__version__ = "{version}"


def get_version() -> str:
    """Get the version of mypylogger."""
    return __version__


__all__ = ["format_line", "get_version"]
'''
CORE = '''\
"""Lines of JSON."""

from __future__ import annotations

import json
import sys


def format_line(message: str, level: str = "INFO") -> str:
    """One line of JSON."""
    if not message:
        print("mypylogger: an empty message", file=sys.stderr)
    return json.dumps({"level": level, "message": message})
'''
TESTS = """\
import json

import pytest

from mypylogger import format_line


def test_line() -> None:
    assert json.loads(format_line("hello")) == {"level": "INFO", "message": "hello"}


def test_empty(capsys: pytest.CaptureFixture[str]) -> None:
    format_line("")
    assert "empty" in capsys.readouterr().err
"""
VERSION_TEST = """\
import mypylogger


def test_version() -> None:
    assert mypylogger.get_version() == "{version}"
    assert mypylogger.__version__ == "{version}"
"""
README = """\
# mypylogger

![version](https://img.shields.io/badge/version-{version}-blue)

```bash
pip install mypylogger=={version}
```
"""
CHANGELOG = """\
# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.0.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
{unreleased}
## [0.2.8] - 2025-11-02

### Added

- **docs**: a configuration reference

## [0.2.1] - 2025-10-23

### Added

- PyPI publishing automation with OIDC authentication
"""
SCRIPT = """\
#!/bin/bash
set -e
uv run ruff check .
uv run ruff format --check .
uv run mypy src/
uv run pytest --cov=mypylogger --cov-fail-under=95
uv run bandit -r src/
"""
LOCKED = """\
version = 1
revision = 3
requires-python = ">={python}"

[[package]]
name = "mypylogger"
version = "{version}"
source = {{ editable = "." }}

[[package]]
name = "pyyaml"
version = "6.0.3"
source = {{ registry = "https://pypi.org/simple" }}
"""
PUBLISH = """\
name: PyPI Publishing

on:
  workflow_dispatch:
    inputs:
      version:
        description: 'Version to publish'
        required: true
      dry_run:
        description: 'Perform dry run (build only, no publish)'
        default: 'false'

permissions:
  contents: read
  id-token: write

jobs:
  quality-gates:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: ./scripts/run_tests.sh
  publish:
    needs: quality-gates
    if: ${{ github.event.inputs.dry_run != 'true' }}
    runs-on: ubuntu-latest
    environment: pypi-publishing
    steps:
      - uses: actions/checkout@v4
      - run: uv build
      - run: uv publish --trusted-publishing always
"""


def files(version: str) -> dict[str, str]:
    """Every file of the project at a version."""
    return {
        "pyproject.toml": PYPROJECT.format(version=version, python=RUNNING),
        "uv.lock": LOCKED.format(version=version, python=RUNNING),
        "README.md": README.format(version=version),
        "CHANGELOG.md": CHANGELOG.format(unreleased=""),
        ".gitignore": "dist/\n.coverage\nhtmlcov/\n.venv/\n",
        "docs/conf.py": f'"""Sphinx."""\n\nproject = "mypylogger"\nrelease = "{version}"\n',
        "scripts/run_tests.sh": SCRIPT,
        "src/mypylogger/__init__.py": PACKAGE.format(version=version),
        "src/mypylogger/core.py": CORE,
        "src/mypylogger/py.typed": "",
        "tests/unit/test_core.py": TESTS,
        "tests/unit/test_version.py": VERSION_TEST.format(version=version),
        ".github/workflows/pypi-publish.yml": PUBLISH,
    }


UNRELEASED = "\n### Added\n\n- Levels\n"
MYPYLOGGER = Shape(
    name="mypylogger",
    repository="stabbotco1/mypylogger",
    workflow="pypi-publish.yml",
    files=files,
    past=(("0.2.1", "v0.2.1", False), ("0.2.2", "", False), ("0.2.8", "v0.2.8", True)),
    work={"CHANGELOG.md": CHANGELOG.format(unreleased=UNRELEASED)},
    published=("0.2.2", "0.2.8"),
    environments={"pypi": "pypi-publishing", "testpypi": "testpypi"},
)
# Besides those that init finds: the badge, docs/conf.py, and one of the two assertions.
PLACES = """\
places = [
    { path = "src/mypylogger/__init__.py", pattern = "mypylogger v{version} -" },
    { path = "README.md", pattern = "mypylogger=={version}" },
    { path = "tests/unit/test_version.py", pattern = 'get_version() == "{version}"' },
"""
WRITTEN = {
    "pyproject.toml", "uv.lock", "README.md", "CHANGELOG.md", "docs/conf.py", "src/mypylogger/__init__.py",
    "tests/unit/test_version.py",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_journey(tmp_path: Path, environ: dict[str, str]) -> None:
    with on_the_way(MYPYLOGGER, tmp_path, environ) as journey:
        take_up(journey)
        first_release(journey)
        second_release_with_half_an_upload(journey)
        pre_release(journey)
        hotfix(journey)


def take_up(journey: Journey) -> None:
    """`init` finds who publishes and most places; the rest is configured."""
    found = journey.init()
    configured = {f"{key['table']}.{key['key']}": key["value"] for key in found["configuration"]}
    assert configured["tool.towpath.workflow.release"] == "pypi-publish.yml"
    assert configured["tool.towpath.workflow.triggers"] == ["dispatch"]
    assert configured["tool.towpath.workflow.environments.pypi"] == "pypi-publishing"
    assert [one["command"] for one in found["found"]["linters"]] == ["ruff check .", "mypy"]
    # Its own coverage settings leave out site-packages: its tests measure the sources, as its script does.
    journey.configure({"test": 'coverage = 95\nenvironment = { PYTHONPATH = "src" }'})
    journey.project.replace("pyproject.toml", "places = [\n", PLACES)
    journey.generate()
    journey.commit("Take up towpath")
    journey.unchanged()
    assert journey.doctor()["problems"] == 2, "neither environment is there yet"
    journey.settle("pypi-publishing", "testpypi", refs=[("main", "branch"), ("*.x", "branch")])
    assert journey.doctor()["problems"] == 0


def first_release(journey: Journey) -> None:
    """Dry run, a version that is not the commit's, and then the laptop dispatches for real and follows."""
    assert journey.bump("--part", "patch") == "0.2.9"
    journey.unchanged(*WRITTEN)
    assert set(journey.project.git("show", "--format=", "--name-only", "HEAD").splitlines()) == WRITTEN
    assert set(states(journey.rehearse()).values()) == {"proven"}
    before = journey.world()
    dry = journey.dispatch("0.2.9", dry_run=True)
    assert dry.result == "success", problems(dry)
    assert [results(dry)[gate] for gate in LOCAL_GATES] == ["success"] * 5
    assert {results(dry)[gate] for gate in ("tag", "publish", "github-release")} == {"skipped"}
    wrong = journey.dispatch("0.3.0", dry_run=False)
    assert results(wrong)["plan"] == "failure"
    assert "version-not-meant" in problems(wrong)
    after = journey.world()
    assert {**before, "remote": ""} == {**after, "remote": ""}
    assert "refs/tags/v0.2.9" not in after["remote"]

    report = journey.release()
    assert report["done"], (problem_ids(report), problems(journey.runs[-1]))
    assert [states(report)[gate] for gate in ("publish", "github-release")] == ["by CI", "by CI"]
    assert states(report)["verify-published"] == "proven"
    assert len(journey.runs) == 3
    (leg,) = journey.runs[-1].jobs["publish"].legs
    assert (leg.environment, leg.permissions["id-token"]) == ("pypi-publishing", "write")
    journey.assert_released("0.2.9", tag="v0.2.9", latest="v0.2.9")
    journey.assert_metadata("0.2.9")
    assert journey.status()["state"] == "released"


def second_release_with_half_an_upload(journey: Journey) -> None:
    """One file is refused: told here; the failed jobs run again on GitHub, and the same command ends the release."""
    note(journey, "Handlers")
    assert journey.bump("--part", "minor") == "0.3.0"
    journey.index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
    half = journey.release()
    assert not half["done"]
    assert problem_ids(half) == ["ci-run-failed"]
    assert len(journey.public("0.3.0")) == 1
    assert journey.forge.latest == "v0.2.9", "no release of what is not there"
    told = journey.status()
    assert told["state"] == "partly-published", told
    journey.index.faults.clear()
    again = journey.rerun()
    assert again.result == "success", problems(again)
    report = journey.release()
    assert report["done"], problem_ids(report)
    assert len(journey.runs) == 5, "nothing was started again"
    journey.assert_released("0.3.0", tag="v0.3.0", latest="v0.3.0")
    assert journey.status()["state"] == "released"


def pre_release(journey: Journey) -> None:
    """X.Y.Z-SUFFIX is what PEP 440 says that it is, and goes to TestPyPI."""
    note(journey, "Filters")
    assert journey.bump("--to", "0.4.0-beta1") == "0.4.0b1"
    early = journey.dispatch("0.4.0-beta1", dry_run=False)
    assert early.result == "success", problems(early)
    assert results(early)["publish"] == "skipped"
    journey.assert_released("0.4.0b1", tag="v0.4.0b1", latest="v0.3.0", on_test_index=True)


def hotfix(journey: Journey) -> None:
    """An older line is dispatched from a branch of its own, which its configuration names; latest stays."""
    project = journey.project
    project.git("fetch", "--quiet", "--tags", "origin")
    project.git("switch", "--quiet", "--create", "0.2.x", "v0.2.9")
    project.replace("pyproject.toml", "[tool.towpath.workflow]\n", '[tool.towpath.workflow]\nbranch = "0.2.x"\n')
    journey.generate()
    journey.commit("Release this line from its own branch")
    note(journey, "Mended")
    assert journey.bump("--part", "patch") == "0.2.10"
    report = journey.release()
    assert report["done"], (problem_ids(report), problems(journey.runs[-1]))
    journey.assert_released("0.2.10", tag="v0.2.10", latest="v0.3.0")
    assert journey.status()["state"] == "released"


def note(journey: Journey, line: str) -> None:
    """Something that is worth a line of the changelog, committed."""
    journey.project.replace("CHANGELOG.md", "## [Unreleased]\n", f"## [Unreleased]\n\n### Added\n\n- {line}\n")
    journey.project.commit(line)
