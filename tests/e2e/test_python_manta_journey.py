"""The journey of python-manta's shape: platform wheels around a prebuilt library, no sdist, versions of four parts.

What is like python-manta: setuptools with a library that is built apart and differs by platform; wheels for three
platforms and no sdist; `1.4.7.6` in `[project]` and `__version__`, the first three parts in `.manta-version`; tags in
many spellings; a changelog without Unreleased, with links at its foot; the extra dev; pytest against the installed
wheel, `--no-cov`; a tag with a hyphen for TestPyPI, one without for PyPI; API tokens in secrets.

What stands in: the library is a file of a few bytes, and the machines of macOS and Windows are this one, told by
GOOS and by what says the platform's name to be those.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jobs
import pytest
from journeys import Journey, Shape, on_the_way, problems, results
from universe import RUNNING, problem_ids, states

from towpath.distributions import expected
from towpath.index.twin import Fault
from towpath.workflow.interpreter.actions.calling import Call, Done, Handler

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77", "wheel"]
build-backend = "setuptools.build_meta"

[project]
name = "python-manta"
version = "{version}"
description = "Python bindings of the Manta replay parser"
readme = "README.md"
requires-python = ">={python}"
license = "MIT"
classifiers = ["Programming Language :: Python :: 3", "Programming Language :: Other"]

[project.optional-dependencies]
dev = ["pytest>=7.0.0", "pytest-cov>=4.0.0"]

[tool.setuptools.packages.find]
where = ["src"]

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "--cov=python_manta --cov-fail-under=80"
"""
SETUP = '''\
"""Platform wheels around the library that was built by Go beforehand."""

import os
import platform
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

GOOS = os.environ.get("GOOS") or {"darwin": "darwin", "win32": "windows"}.get(sys.platform, "linux")
LIBRARY, PLATFORM = {
    "linux": ("libmanta_wrapper.so", f"manylinux2014_{platform.machine()}"),
    "darwin": ("libmanta_wrapper.dylib", "macosx_11_0_arm64"),
    "windows": ("manta_wrapper.dll", "win_amd64"),
}[GOOS]


class WithLibrary(build_py):
    def run(self):
        super().run()
        self.copy_file(f"prebuilt/{LIBRARY}", str(Path(self.build_lib, "python_manta", LIBRARY)))


class PlatformWheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", PLATFORM


setup(cmdclass={"build_py": WithLibrary, "bdist_wheel": PlatformWheel})
'''
PACKAGE = '''\
"""Python bindings of the Manta replay parser."""

from pathlib import Path

__version__ = "{version}"


def library() -> Path:
    """The library that was shipped."""
    (found,) = [path for path in Path(__file__).parent.iterdir() if "manta_wrapper" in path.name]
    return found
'''
TESTS = """\
import python_manta


def test_the_library_is_there() -> None:
    assert python_manta.library().read_bytes().endswith(b"manta")
    assert "site-packages" in python_manta.__file__
"""
CHANGELOG = """\
# Changelog

All notable changes to this project will be documented in this file.
{newest}
## [1.4.7.6] - 2026-01-20

### Fixed

- The parser of combat logs

## [1.4.5.1] - 2025-12-01

### Added

- Entities

{links}[1.4.7.6]: https://github.com/equilibrium-coach/python-manta/compare/v1.4.5.1...v1.4.7.6
[1.4.5.1]: https://github.com/equilibrium-coach/python-manta/releases/tag/v1.4.5.1
"""
WHEELS = """\
name: Build Wheels

on:
  push:
    tags: ['v*']

jobs:
  build_wheels:
    strategy:
      matrix:
        os: [ubuntu-latest, macos-14, windows-latest]
    runs-on: ${{ matrix.os }}
    steps:
      - uses: actions/checkout@v4
      - run: python -m build --wheel
      - uses: actions/upload-artifact@v4
  publish-testpypi:
    needs: build_wheels
    runs-on: ubuntu-latest
    if: startsWith(github.ref, 'refs/tags/v') && contains(github.ref, '-')
    steps:
      - uses: actions/download-artifact@v4
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          password: ${{ secrets.TEST_PYPI_API_TOKEN }}
          repository-url: https://test.pypi.org/legacy/
          skip-existing: true
  publish-pypi:
    needs: build_wheels
    runs-on: ubuntu-latest
    if: startsWith(github.ref, 'refs/tags/v') && !contains(github.ref, '-')
    environment:
      name: pypi
      url: https://pypi.org/p/python-manta
    steps:
      - uses: actions/download-artifact@v4
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          password: ${{ secrets.PYPI_API_TOKEN }}
"""


def files(version: str) -> dict[str, str]:
    """Every file of the project at a version."""
    return {
        "pyproject.toml": PYPROJECT.format(version=version, python=RUNNING),
        "setup.py": SETUP,
        "README.md": "# python-manta\n\nReplays, read.\n",
        "CHANGELOG.md": CHANGELOG.format(newest="", links=""),
        ".gitignore": "dist/\nbuild/\n*.egg-info/\n.coverage\n",
        ".manta-version": "v" + ".".join(version.split(".")[:3]) + "\n",
        "prebuilt/libmanta_wrapper.so": "ELF manta",
        "prebuilt/libmanta_wrapper.dylib": "Mach-O manta",
        "prebuilt/manta_wrapper.dll": "MZ manta",
        "src/python_manta/__init__.py": PACKAGE.format(version=version),
        "tests/test_library.py": TESTS,
        ".github/workflows/build-wheels.yml": WHEELS,
    }


ENTRY = "\n## [1.4.7.7]\n\n### Added\n\n- Fewer copies\n"
LINK = "[1.4.7.7]: https://github.com/equilibrium-coach/python-manta/compare/v1.4.7.6...v1.4.7.7\n"
MANTA = Shape(
    name="python-manta",
    repository="equilibrium-coach/python-manta",
    workflow="build-wheels.yml",
    files=files,
    past=(
        ("0.2.0-beta.1", "v0.2.0-beta.1", False),
        ("1.4.5.1.dev1", "v1.4.5.1-dev1", False),
        ("1.4.5.1", "v1.4.5.1", True),
        ("1.4.7.6", "v1.4.7.6", False),
    ),
    work={"CHANGELOG.md": CHANGELOG.format(newest=ENTRY, links=LINK)},
    published=("1.4.7.6",),
    secrets={"pypi": "PYPI_API_TOKEN", "testpypi": "TEST_PYPI_API_TOKEN"},
)
CONFIGURED = {
    "build": f"""\
sdist = false
expect = [
    {{ file = "py3-none-manylinux2014_*", platform = "{expected.here()}" }},
    {{ file = "py3-none-macosx_*_arm64", platform = "macos-arm64" }},
    {{ file = "py3-none-win_amd64", platform = "windows-amd64" }},
]""",
    "test": 'commands = ["python -m pytest --no-cov"]\nagainst = "wheel"',
    "bump": 'places = [{ path = ".manta-version", pattern = "v{major}.{minor}.{patch}" }]',
}
PLATFORMS = {"manylinux2014", "macosx", "win"}
MACHINES = {2: ("darwin", "macos-arm64"), 3: ("windows", "windows-amd64")}  # the legs of build-parts, by their place


def set_up_python(call: Call) -> Done:
    """The Python of a job; on the machines of macOS and Windows, which are this one, it says that it is there."""
    done = jobs.set_up_python(call)
    found = re.search(r"build-parts-(\d)", str(call.workspace))
    if found is None or int(found[1]) not in MACHINES:
        return done
    goos, platform = MACHINES[int(found[1])]
    (site,) = (call.tools / "python" / "lib").glob("python*/site-packages")
    line = f"import towpath.distributions.expected as it; it.here = lambda: {platform!r}\n"
    site.joinpath("zz-elsewhere.pth").write_text(line, encoding="utf-8")
    return Done(done.outputs, {**done.env, "GOOS": goos}, done.paths, done.facts)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_journey(tmp_path: Path, environ: dict[str, str]) -> None:
    python = jobs.HANDLERS["actions/setup-python"]
    handlers = {"actions/setup-python": Handler(python.inputs, python.outputs, set_up_python)}
    with on_the_way(MANTA, tmp_path, environ, handlers=handlers, other_systems="as-ubuntu") as journey:
        take_up(journey)
        first_release(journey)
        pre_release(journey)
        second_release_with_half_an_upload(journey)
        hotfix(journey)


def take_up(journey: Journey) -> None:
    """`init` finds the workflow that publishes and the secrets; platforms and places are configured."""
    found = journey.init()
    configured = {f"{key['table']}.{key['key']}": key["value"] for key in found["configuration"]}
    assert configured["tool.towpath.workflow.release"] == "build-wheels.yml"
    assert configured["tool.towpath.workflow.publish-by"] == "action"
    assert configured["tool.towpath.workflow.secrets.pypi"] == "PYPI_API_TOKEN"
    assert configured["tool.towpath.workflow.secrets.testpypi"] == "TEST_PYPI_API_TOKEN"
    assert found["found"]["tag_format"] == "v{version}"
    journey.configure(CONFIGURED)
    journey.generate()
    journey.commit("Take up towpath")
    journey.unchanged()
    journey.settle("pypi", "testpypi")
    assert journey.doctor()["problems"] == 0


def first_release(journey: Journey) -> None:
    """The rehearsal goes on with this platform's wheel; in CI each platform makes its own, sealed as one."""
    assert journey.bump("--part", "4") == "1.4.7.7"
    journey.unchanged("CHANGELOG.md", "src/python_manta/__init__.py")
    assert (journey.project.root / ".manta-version").read_text(encoding="utf-8") == "v1.4.7\n"
    report = journey.rehearse()
    assert set(states(report).values()) == {"proven"}
    assert len(report["distributions"]) == 1
    assert "built elsewhere" in str(report)
    report = journey.release()
    assert report["done"], (problem_ids(report), [problems(one) for one in journey.runs])
    assert states(report)["publish"] == "by CI"
    assert {platform_of(name) for name in journey.public("1.4.7.7")} == PLATFORMS
    journey.assert_released("1.4.7.7", tag="v1.4.7.7", latest="v1.4.7.7")
    journey.assert_metadata("1.4.7.7")
    assert journey.status()["state"] == "released"


def pre_release(journey: Journey) -> None:
    """A development version whose tag has no hyphen would have gone to PyPI; by PEP 440 it goes to TestPyPI."""
    note(journey, "1.4.7.8.dev1", "1.4.7.7", "Try it")
    assert journey.bump("--to", "1.4.7.8.dev1") == "1.4.7.8.dev1"
    early = journey.push_tag("v1.4.7.8.dev1", annotated=False)
    assert early.result == "success", problems(early)
    assert results(early)["upload-publish"] == results(early)["publish"] == "skipped"
    journey.assert_released("1.4.7.8.dev1", tag="v1.4.7.8.dev1", latest="v1.4.7.7", on_test_index=True)
    assert {platform_of(name) for name in journey.public("1.4.7.8.dev1", journey.test_index)} == PLATFORMS


def second_release_with_half_an_upload(journey: Journey) -> None:
    """Two of three wheels are there when PyPI refuses the third; the failed jobs, run again, send that one alone."""
    note(journey, "1.4.8.0", "1.4.7.8.dev1", "A parser")
    assert journey.bump("--part", "patch") == "1.4.8.0"
    assert (journey.project.root / ".manta-version").read_text(encoding="utf-8") == "v1.4.8\n"
    journey.index.faults.add(Fault("error-before-commit", after=2, times=None, status=400))
    half = journey.push_tag("v1.4.8.0")
    assert results(half)["upload-publish"] == "failure"
    assert results(half)["github-release"] == "skipped"
    there = journey.public("1.4.8.0")
    assert len(there) == 2
    assert journey.status()["state"] in {"public", "partly-published"}
    journey.index.faults.clear()
    again = journey.rerun()
    assert again.result == "success", problems(again)
    assert journey.public("1.4.8.0").items() >= there.items()
    journey.assert_released("1.4.8.0", tag="v1.4.8.0", latest="v1.4.8.0")
    assert journey.status()["state"] == "released"


def hotfix(journey: Journey) -> None:
    """The line 1.4.7 gets its next version from a branch of its own; latest stays with 1.4.8.0."""
    project = journey.project
    project.git("switch", "--quiet", "--create", "1.4.7.x", "v1.4.7.7")
    note(journey, "1.4.7.8", "1.4.7.7", "Mended")
    assert journey.bump("--part", "4") == "1.4.7.8"
    done = journey.push_tag("v1.4.7.8")
    assert done.result == "success", problems(done)
    journey.assert_released("1.4.7.8", tag="v1.4.7.8", latest="v1.4.8.0")


def note(journey: Journey, version: str, before: str, line: str) -> None:
    """An entry for the next version, as this changelog has them: by hand, without a date, with its link at the foot."""
    changelog = (journey.project.root / "CHANGELOG.md").read_text(encoding="utf-8")
    link = f"https://github.com/equilibrium-coach/python-manta/compare/v{before}...v{version}"
    entered = changelog.replace("\n## [", f"\n## [{version}]\n\n### Added\n\n- {line}\n\n## [", 1)
    entered = entered.replace(f"\n[{before}]: ", f"\n[{version}]: {link}\n[{before}]: ", 1)
    journey.project.write("CHANGELOG.md", entered)
    journey.project.commit(line)


def platform_of(filename: str) -> str:
    """The platform of a wheel, without what differs by machine."""
    return re.sub(r"_.*", "", filename.removesuffix(".whl").rpartition("-")[2])
