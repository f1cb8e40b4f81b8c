"""The journey of asynkit's shape: setuptools with an optional C extension, uv.lock, a tag that starts ci.yml.

What is like asynkit: the extension that is built where there is a compiler and left out by ASYNKIT_DISABLE_CEXT; the
version in `[project]` and uv.lock and in no module; CHANGES.md with and without dates; light and annotated tags, and
the bad one `v.0.4.1`; the group dev and the extra trio; tests in tests and examples; ruff, ty and mdformat; the branch
master; trusted publishing by PyPA's action as environment `pypi` of ci.yml, and nothing on TestPyPI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from journeys import Journey, Shape, on_the_way, problems, results
from universe import RUNNING, problem_ids, states

from towpath.index.twin import Fault

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """\
[project]
name = "asynkit"
version = "{version}"
description = "A toolkit for Python coroutines"
authors = [
    {{name = "Ada", email = "ada@example.org"}}
]
readme = "README.md"
keywords = ["asyncio", "eventloop"]
license = "MIT"
classifiers = ["Framework :: AsyncIO", "Programming Language :: Python :: Implementation :: CPython"]
requires-python = ">={python}"
dependencies = [
    "typing-extensions>=4.4.0",
]

[project.urls]
Repository = "https://github.com/kristjanvalur/py-asynkit"

[dependency-groups]
dev = [
    "pytest>=7.1.1",
    "ruff>=0.4.0",
    "anyio>=4.0.0",
    "mdformat>=0.7.0",
    "ty",
]

[project.optional-dependencies]
# trio 0.31.0 supports Python 3.13+
trio = [
    "trio>=0.31.0",
]

[build-system]
requires = ["setuptools>=77", "wheel"]
build-backend = "setuptools.build_meta"

[tool.setuptools.packages.find]
where = ["src"]
exclude = ["asynkit._cext"]

[tool.setuptools.package-data]
asynkit = ["py.typed"]

[tool.pytest.ini_options]
python_files = ["test_*.py", "example_*.py"]
testpaths = ["tests", "examples"]

[tool.ruff]
src = ["src"]

[tool.ruff.lint]
select = ["E", "F", "I", "UP"]

[tool.ty.src]
include = ["src/asynkit"]
"""
SETUP = '''\
"""Setup script for asynkit with optional C extension."""

import os

from setuptools import setup
from setuptools.extension import Extension

ext_modules = []
if os.environ.get("ASYNKIT_DISABLE_CEXT", "").lower() not in ("1", "true", "yes"):
    ext_modules.append(
        Extension(
            name="asynkit._cext",
            sources=["src/asynkit/_cext/corostart.c"],
            optional=True,
        )
    )

if __name__ == "__main__":
    setup(ext_modules=ext_modules, zip_safe=False)
'''
EXTENSION = """\
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_cext", NULL, -1, NULL};

PyMODINIT_FUNC PyInit__cext(void)
{
    return PyModule_Create(&module);
}
"""
COROUTINE = '''\
from collections.abc import Coroutine
from typing import Any

from typing_extensions import deprecated

try:
    from . import _cext
except ImportError:
    _cext = None  # type: ignore[assignment]

IMPLEMENTATION = "C" if _cext else "Python"


class CoroStart:
    """Start a coroutine and keep what it yielded first."""

    def __init__(self, coro: Coroutine[Any, Any, Any]) -> None:
        self.coro = coro
        self.value: Any = None

    def start(self) -> "CoroStart":
        try:
            self.coro.send(None)
        except StopIteration as stop:
            self.value = stop.value
        return self

    @deprecated("use `value`")
    def result(self) -> Any:
        return self.value
'''
EXAMPLE = """\
from asynkit import CoroStart


async def soon() -> str:
    return "now"


def test_example() -> None:
    assert CoroStart(soon()).start().value == "now"
"""
CHANGES = """\
# Changelog

## [Unreleased]
{unreleased}
## [0.20.0] - 2026-07-02

### Added

- `CoroStart` in C

## [0.19.0]

- An entry that nobody dated

## [0.4.1] - 2023-05-06

- Tagged as `v.0.4.1`
"""
UNRELEASED = """
### Added

- `CoroStart.start()` returns itself
"""
LOCKED = """\
version = 1
revision = 3
requires-python = ">={python}"

[[package]]
name = "asynkit"
version = "{version}"
source = {{ editable = "." }}
dependencies = [
    {{ name = "typing-extensions" }},
]

[[package]]
name = "typing-extensions"
version = "4.15.0"
source = {{ registry = "https://pypi.org/simple" }}
"""
CI = """\
name: CI

on:
  push:
    branches: [master]
    tags: ["v*"]
  pull_request:

jobs:
  tests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - uses: astral-sh/setup-uv@v4
      - run: uv run pytest tests examples
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - run: uv run ruff check .
  build-n-publish:
    name: Build and publish Python distributions to PyPI
    runs-on: ubuntu-latest
    if: startsWith(github.ref, 'refs/tags/v')
    needs: [tests, lint]
    environment:
      name: pypi
      url: https://pypi.org/p/asynkit
    permissions:
      id-token: write
    steps:
      - uses: actions/checkout@v3
      - run: uv build
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def files(version: str) -> dict[str, str]:
    """Every file of the project at a version."""
    return {
        "pyproject.toml": PYPROJECT.format(version=version, python=RUNNING),
        "uv.lock": LOCKED.format(version=version, python=RUNNING),
        "setup.py": SETUP,
        "README.md": "# asynkit\n\nA toolkit for Python coroutines.\n",
        "CHANGES.md": CHANGES.format(unreleased=""),
        ".gitignore": "dist/\nbuild/\n*.egg-info/\n.venv/\n",
        "src/asynkit/__init__.py": 'from .coroutine import IMPLEMENTATION, CoroStart\n\n__all__ = ["IMPLEMENTATION", '
        '"CoroStart"]\n',
        "src/asynkit/coroutine.py": COROUTINE,
        "src/asynkit/py.typed": "",
        "src/asynkit/_cext/corostart.c": EXTENSION,
        "tests/test_coroutine.py": "import asynkit\n\n\nasync def soon() -> int:\n    return 42\n\n\n"
        "def test_start() -> None:\n    assert asynkit.CoroStart(soon()).start().value == 42\n",
        "tests/test_trio.py": "import trio\n\n\ndef test_trio() -> None:\n    assert trio.run(trio.sleep, 0) is None\n",
        "examples/example_start.py": EXAMPLE,
        ".github/workflows/ci.yml": CI,
    }


ASYNKIT = Shape(
    name="asynkit",
    repository="kristjanvalur/py-asynkit",
    workflow="ci.yml",
    files=files,
    past=(
        ("0.4.0", "v0.4.0", False),
        ("0.4.1", "v.0.4.1", False),
        ("0.19.0", "v0.19.0", False),
        ("0.20.0", "v0.20.0", True),
    ),
    work={"CHANGES.md": CHANGES.format(unreleased=UNRELEASED)},
    published=("0.20.0",),
    environments={"pypi": "pypi"},
    branch="master",
)


CONFIGURED = {
    "build": 'environment = { ASYNKIT_DISABLE_CEXT = "1" }',
    "test": 'groups = ["dev"]\nextras = ["trio"]',
    "routes": 'prerelease = ["pypi"]',
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_journey(tmp_path: Path, environ: dict[str, str]) -> None:
    with on_the_way(ASYNKIT, tmp_path, environ) as journey:
        adopted = take_up(journey)
        first_release(journey)
        second_release_with_half_an_upload(journey)
        pre_release(journey)
        hotfix(journey, adopted)
        audit(journey)


def take_up(journey: Journey) -> str:
    """`init` finds the linters and the publisher; the maintainer makes the environment that the doctor misses."""
    found = journey.init()
    configured = {f"{key['table']}.{key['key']}": key["value"] for key in found["configuration"]}
    assert configured["tool.towpath.workflow.release"] == "ci.yml"
    assert configured["tool.towpath.workflow.branch"] == "master"
    assert configured["tool.towpath.workflow.publish-by"] == "action"
    assert [one["command"] for one in found["found"]["linters"]] == ["ruff check .", "ty check", "mdformat --check ."]
    assert found["found"]["tests"] == [
        "examples/example_start.py", "tests/test_coroutine.py", "tests/test_trio.py"
    ]  # fmt: skip
    journey.configure(CONFIGURED)
    journey.generate()
    adopted = journey.commit("Take up towpath")
    journey.unchanged()
    missed = [finding["id"] for check in journey.doctor()["checks"] for finding in check["findings"]]
    assert "environment-missing" in missed
    journey.settle("pypi")
    assert journey.doctor()["problems"] == 0
    return adopted


def first_release(journey: Journey) -> None:
    """Bump, rehearsal, and one command that pushes the tag, follows the run of ci.yml and compares."""
    assert journey.bump("--part", "minor") == "0.21.0"
    assert journey.project.git("show", "--format=", "--name-only").split() == [
        "CHANGES.md",
        "pyproject.toml",
        "uv.lock",
    ]
    journey.unchanged("CHANGES.md", "uv.lock")
    report = journey.rehearse()
    assert set(states(report).values()) == {"proven"}
    assert [file["filename"] for file in report["distributions"]] == [
        "asynkit-0.21.0-py3-none-any.whl", "asynkit-0.21.0.tar.gz"
    ]  # fmt: skip
    report = journey.release()
    assert report["done"], (problem_ids(report), [problems(one) for one in journey.runs])
    assert states(report)["publish"] == states(report)["github-release"] == "by CI"
    assert states(report)["tag"] == states(report)["verify-published"] == "proven"
    (leg,) = journey.runs[-1].jobs["upload-publish"].legs
    assert (leg.environment, leg.permissions) == ("pypi", {"id-token": "write"})
    assert leg.step("Compare the files with what was sealed").conclusion == "success"
    assert leg.step("Send the files to pypi").facts["trusted"] is True
    journey.assert_released("0.21.0", tag="v0.21.0", latest="v0.21.0")
    journey.assert_metadata("0.21.0")
    assert journey.status()["state"] == "released"


def second_release_with_half_an_upload(journey: Journey) -> None:
    """A light tag pushed by hand, as the guide says; a file is refused; the failed jobs, run again, end it."""
    note(journey, "A fix")
    assert journey.bump("--part", "patch") == "0.21.1"
    journey.index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
    half = journey.push_tag("v0.21.1", annotated=False)
    assert results(half)["upload-publish"] == "failure"
    assert results(half)["github-release"] == "skipped"
    there = journey.public("0.21.1")
    assert len(there) == 1
    told = journey.status()
    assert told["state"] == "public"
    assert told["next"].startswith("gh run rerun ")
    journey.index.faults.clear()
    again = journey.rerun()
    assert again.result == "success", problems(again)
    assert journey.public("0.21.1").items() >= there.items()
    journey.assert_released("0.21.1", tag="v0.21.1", latest="v0.21.1")
    assert journey.status()["state"] == "released"


def pre_release(journey: Journey) -> None:
    """The project has no account on TestPyPI: by its route, a pre-release goes to PyPI, and is not the latest."""
    note(journey, "Something to try")
    assert journey.bump("--part", "minor,rc") == "0.22.0rc0"
    early = journey.push_tag("v0.22.0rc0")
    assert early.result == "success", problems(early)
    journey.assert_released("0.22.0rc0", tag="v0.22.0rc0", latest="v0.21.1")


def hotfix(journey: Journey, adopted: str) -> None:
    """A line from before towpath takes the one commit over, and gets its next version; latest stays."""
    project = journey.project
    project.git("switch", "--quiet", "--create", "0.20.x", "v0.20.0")
    project.git("cherry-pick", adopted)
    note(journey, "Mended")
    assert journey.bump("--part", "patch") == "0.20.1"
    done = journey.push_tag("v0.20.1")
    assert done.result == "success", problems(done)
    journey.assert_released("0.20.1", tag="v0.20.1", latest="v0.21.1")


def audit(journey: Journey) -> None:
    """The defects of the past are told; of the versions that were released here there is nothing to tell."""
    ended = journey.project.invoke("audit", "--json")
    assert ended.code == 1
    told = {row["version"]: row["problems"] for row in ended.json()["versions"] if row["problems"]}
    assert told == {
        "0.4.0": ["audit-unpublished", "audit-no-entry"],
        "0.4.1": ["audit-entry-alone"],
        "0.19.0": ["audit-unpublished"],
        None: ["audit-unreadable-tag"],
    }


def note(journey: Journey, line: str) -> None:
    """Something that is worth a line of the changelog, committed."""
    journey.project.replace("CHANGES.md", "## [Unreleased]\n", f"## [Unreleased]\n\n### Fixed\n\n- {line}\n")
    journey.project.commit(line)
