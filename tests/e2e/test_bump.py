"""`invoke bump` on projects of the five shapes in five-projects.md, of our own making, and a rehearsal after it.

Failures of their histories: 1 (the tag says another version than the package), 4 (a spelling that hides a development
version), 6 (`__version__` stale), 7 (a bump that breaks tests which assert the version), 11 (back-ups committed),
13 (published and not tagged), 14 (no changelog entry).
"""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from universe import RUNNING, Project, states

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TODAY = dt.datetime.now().astimezone().date().isoformat()
BUILD = '[build-system]\nrequires = ["{0}"]\nbuild-backend = "{1}"\n\n'
SETUPTOOLS = BUILD.format("setuptools>=80", "setuptools.build_meta")
HATCHLING = BUILD.format("hatchling", "hatchling.build")
POETRY = BUILD.format("poetry-core>=2", "poetry.core.masonry.api")
NOTHING_ELSE: Mapping[str, None] = dict.fromkeys(("README.md", "CHANGES.md", "src/sample_pkg/__init__.py"))

# Native code, a version in [project] and uv.lock, CHANGES.md with dated and undated entries.
ASYNC = {
    **NOTHING_ELSE,
    "pyproject.toml": f'{SETUPTOOLS}[project]\nname = "looper"\nversion = "0.20.0" # kept\n',
    "uv.lock": 'version = 1\n\n[[package]]\nname = "other"\nversion = "0.20.0"\n\n'
    '[[package]]\nname = "looper"\nversion = "0.20.0"\nsource = { editable = "." }\n',
    "CHANGES.md": "# Changes\n\n## [Unreleased]\n\n- Fast.\n\n"
    "## [0.20.0] - 2026-07-02\n\n- Two.\n\n## [0.19.0]\n\n- One.\n",
    "src/looper/__init__.py": "",
}
# Four numbers, .dev spelled with a hyphen in tags, a version file of three numbers, a changelog without Unreleased.
FOUR = {
    **NOTHING_ELSE,
    "pyproject.toml": f'{SETUPTOOLS}[project]\nname = "ray"\nversion = "1.4.7.6"\n\n'
    '[[tool.towpath.bump.places]]\npath = ".ray-version"\npattern = "v{major}.{minor}.{patch}"\n',
    ".ray-version": "v1.4.7\n",
    "src/ray/__init__.py": "__version__ = '1.4.7.6'\r\n",
    "CHANGELOG.md": "# Changelog\n\n## [1.4.8.0]\n\n- New core.\n\n## [1.4.7.6] - 2026-01-01\n\n- Old core.\n\n"
    "[1.4.7.6]: https://github.com/ada/ray/compare/v1.4.7.5...v1.4.7.6\n",
}
# hatchling; docstring, README, docs conf.py and tests that assert the version.
LOGGER = {
    **NOTHING_ELSE,
    "pyproject.toml": f'{HATCHLING}[project]\nname = "logger"\nversion = "0.2.8"\n\n[tool.towpath.bump]\nplaces = [\n'
    '  { path = "src/logger/__init__.py", pattern = "Version: {version}" },\n'
    '  { path = "README.md", pattern = "version-{version}-blue" },\n'
    '  { path = "docs/conf.py", pattern = "release = \\"{version}\\"" },\n'
    '  { path = "tests/test_version.py", pattern = "== \\"{version}\\"" },\n]\n',
    "README.md": "![v](https://img.example/version-0.2.8-blue)\n",
    "docs/conf.py": 'release = "0.2.8"\n',
    "src/logger/__init__.py": '"""A logger.\n\nVersion: 0.2.8\n"""\n\n__version__ = "0.2.8"\n',
    "tests/test_core.py": None,
    "tests/test_version.py": "import logger\n\n\n"
    'def test_version() -> None:\n    assert logger.__version__ == "0.2.8"\n',
    "uv.lock": 'version = 1\n\n[[package]]\nname = "logger"\nversion = "0.2.8"\nsource = { editable = "." }\n',
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A level.\n\n"
    "## [0.2.8] - 2025-01-15\n\n### Fixed\n\n- It.\n",
}
# poetry, a stub setup.py, a string and a tuple, a stale copy elsewhere, no changelog, the lock file ignored.
TUPLE = {
    **NOTHING_ELSE,
    "pyproject.toml": f'{POETRY}[tool.poetry]\nname = "atlas"\nversion = "1.6.2"\ndescription = ""\nauthors = []\n',
    "setup.py": "from setuptools import setup\n\nsetup()\n",
    "atlas/__init__.py": "from ._version import __version__ as __version__\n",
    "atlas/_version.py": '__version__ = "1.6.2"\n__version_info__ = (1, 6, 2)\n',
    "atlas/legacy/_version.py": '__version__ = "0.9"\n',
    ".gitignore": "poetry.lock\n",
    "poetry.lock": "# ignored\n",
}
# poetry with badges and docs that were all stale.
BADGES = {
    **NOTHING_ELSE,
    "pyproject.toml": f'{POETRY}[tool.poetry]\nname = "shop"\nversion = "0.6.1"\ndescription = ""\nauthors = []\n\n'
    '[tool.towpath.bump]\nplaces = [\n  { path = "README.md", pattern = "?v={version}" },\n'
    '  { path = "docs/conf.py", pattern = "release = \\"{version}\\"" },\n]\n',
    "README.md": "![a](https://x.example/a.svg?v=0.5.0) ![b](https://x.example/b.svg?v=0.5.0)\n",
    "docs/conf.py": 'release = "0.4.0"\n',
    "shop/__init__.py": '__version__ = "0.6.0"\n',
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n- Goods.\n\n## [0.6.1] - 2026-01-01\n\n- Shelves.\n",
}


def bumped(project: Project, *arguments: str) -> dict[str, Any]:
    """`invoke bump`, which has to succeed: what changed, file by file, as (lines gone, lines come)."""
    ended = project.invoke("bump", "--offline", *arguments)
    assert ended.code == 0, ended.all
    assert project.git("status", "--porcelain") == ""
    assert project.git("tag", "--list", "--points-at", "HEAD") == ""
    changes: dict[str, Any] = {}
    for part in project.git("show", "--format=", "--unified=0", "HEAD").split("diff --git ")[1:]:
        path = part.partition("\n+++ b/")[2].partition("\n")[0]
        gone = re.findall(r"^-(?!--)(.*)$", part, re.MULTILINE)
        changes[path] = (gone, re.findall(r"^\+(?!\+\+)(.*)$", part, re.MULTILINE))
    return changes


def refused(project: Project, *arguments: str) -> list[str]:
    ended = project.invoke("bump", "--offline", "--json", *arguments)
    assert ended.code == 1, ended.all
    return [problem["id"] for problem in ended.json()["problems"]]


def test_a_version_in_project_and_uv_lock(make_project: Callable[..., Project]) -> None:
    project = make_project(files=ASYNC)
    project.git("tag", "v.0.4.1")
    assert bumped(project, "--part", "minor") == {
        "CHANGES.md": ([], [f"## [0.21.0] - {TODAY}", ""]),
        "pyproject.toml": (['version = "0.20.0" # kept'], ['version = "0.21.0" # kept']),
        "uv.lock": (['version = "0.20.0"'], ['version = "0.21.0"']),
    }


def test_four_numbers_and_development_versions(make_project: Callable[..., Project]) -> None:
    """Failures 4 and 14."""
    project = make_project(files=FOUR)
    project.git("tag", "v1.4.5.1-dev1")
    assert refused(project, "--part", "4") == ["no-changelog-entry"]
    changes = bumped(project, "--to", "1.4.8.0")
    assert changes[".ray-version"] == (["v1.4.7"], ["v1.4.8"])
    assert (project.root / "src/ray/__init__.py").read_bytes() == b"__version__ = '1.4.8.0'\r\n"
    assert changes["pyproject.toml"] == (['version = "1.4.7.6"'], ['version = "1.4.8.0"'])
    project.git("tag", "v1.4.8.0")
    project.replace("CHANGELOG.md", "## [1.4.8.0]", "## [1.4.8.1.dev0]\n\n- Try it.\n\n## [1.4.8.0]")
    project.commit("Tell of it")
    changes = bumped(project, "--part", "4,dev")
    assert changes["pyproject.toml"][1] == ['version = "1.4.8.1-dev0"']
    plan = project.invoke("bump", "--part", "4,dev", "--offline", "--dry-run", "--json").json()
    assert plan["new"] == "1.4.8.1.dev0", "every spelling is read as PEP 440 reads it"


def test_docstring_readme_docs_and_the_test_that_asserts_it(make_project: Callable[..., Project]) -> None:
    """Failures 7 and 11: the test that asserts the version passes after the bump, and no back-up is committed."""
    project = make_project(files=LOGGER)
    project.write("pyproject.toml.bak", "left by another tool\n")
    (project.root / ".git" / "info" / "exclude").write_text("*.bak\n", encoding="utf-8")
    changes = bumped(project, "--part", "patch")
    assert set(changes) == {
        "CHANGELOG.md", "README.md", "docs/conf.py", "pyproject.toml", "src/logger/__init__.py",
        "tests/test_version.py", "uv.lock",
    }  # fmt: skip
    for path, (gone, come) in changes.items():
        assert [line.replace("0.2.8", "0.2.9") for line in gone] == come or path == "CHANGELOG.md"
    assert changes["CHANGELOG.md"] == ([], [f"## [0.2.9] - {TODAY}", ""])
    source = os.pathsep.join([str(project.root / "src"), *sys.path])
    ended = project._run("pytest", ("-q", "tests"), {"PYTHONPATH": source})  # noqa: SLF001 - the universe's own runner
    assert "1 passed" in ended.out, ended.all


def test_a_string_and_a_tuple_without_a_changelog(make_project: Callable[..., Project]) -> None:
    project = make_project(files=TUPLE)
    changes = bumped(project, "--part", "minor")
    assert changes == {
        "atlas/_version.py": (
            ['__version__ = "1.6.2"', "__version_info__ = (1, 6, 2)"],
            ['__version__ = "1.7.0"', "__version_info__ = (1, 7, 0)"],
        ),
        "pyproject.toml": (['version = "1.6.2"'], ['version = "1.7.0"']),
    }
    assert "- Release 1.7.0" in project.invoke("notes").out


def test_stale_badges_are_told_and_mended(make_project: Callable[..., Project]) -> None:
    """Failure 6."""
    project = make_project(files=BADGES)
    told = project.invoke("bump", "--part", "prepatch", "--offline")
    assert told.code == 1
    for place in ("README.md, line 1, says 0.5.0", "docs/conf.py, line 1, says 0.4.0", "shop/__init__.py, line 1"):
        assert place in told.out
    assert refused(project, "--part", "prepatch") == ["out-of-step"] * 4
    assert project.git("rev-list", "--count", "HEAD") == "1"
    changes = bumped(project, "--part", "prepatch", "--repair")
    assert changes["README.md"][1] == [
        "![a](https://x.example/a.svg?v=0.6.2a0) ![b](https://x.example/b.svg?v=0.6.2a0)"
    ]
    assert changes["shop/__init__.py"] == (['__version__ = "0.6.0"'], ['__version__ = "0.6.2a0"'])


def test_the_dry_run_is_the_plan_that_runs(make_project: Callable[..., Project]) -> None:
    """Failure 1 begins where one place is forgotten: what was shown is what is written."""
    project = make_project(files=LOGGER)
    shown = project.invoke("bump", "--part", "minor", "--offline", "--dry-run")
    assert shown.code == 0
    assert project.git("status", "--porcelain") == ""
    assert project.git("rev-list", "--count", "HEAD") == "1"
    bumped(project, "--part", "minor")
    committed = project.git("show", "--format=", "HEAD").splitlines()
    lines = [line for line in committed if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))]
    assert sorted(lines) == sorted(
        line for line in shown.out.splitlines() if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    )
    assert "\x1b[" not in shown.out


def test_the_call_is_wrong(project: Project) -> None:
    ended = project.invoke("bump")
    assert ended.code == 2
    assert "invoke bump --part minor" in ended.out


def test_bump_and_rehearsal_make_the_same_edits(make_project: Callable[..., Project]) -> None:
    project = make_project()
    report = project.release("--part", "minor")
    assert report["done"], report
    wheel = project.evidence("dist", "1.1.0") / "sample_pkg-1.1.0-py3-none-any.whl"
    rehearsed = zipfile.ZipFile(wheel).read("sample_pkg/__init__.py")
    bumped(project, "--part", "minor")
    assert (project.root / "src/sample_pkg/__init__.py").read_bytes() == rehearsed


@pytest.mark.slow
def test_a_version_from_git_all_the_way(make_project: Callable[..., Project]) -> None:
    """Failures 1 and 13: the release commit says the version, METADATA says it, and the tag is made last."""
    files = {
        "pyproject.toml": BUILD.format('setuptools>=80", "setuptools-scm>=8', "setuptools.build_meta")
        + '[project]\nname = "sample-pkg"\ndynamic = ["version"]\nreadme = "README.md"\n'
        + f'requires-python = ">={RUNNING}"\n\n'
        + "[tool.setuptools_scm]\n",
        "src/sample_pkg/__init__.py": "",
    }
    project = make_project(files=files)
    project.git("tag", "v1.0.0")
    project.write("src/sample_pkg/more.py", "VALUE = 1\n")
    project.commit("More")
    early = project.nox("-s", "lint")
    assert early.code == 0, early.all
    assert set(bumped(project, "--part", "minor")) == {"CHANGES.md"}
    assert project.git("log", "-1", "--format=%(trailers:key=Release,valueonly)").strip() == "1.1.0"
    report = project.release()
    assert report["done"], report
    assert set(states(report).values()) == {"proven"} | ({"already proven"} & set(states(report).values()))
    wheel = project.evidence("dist", "1.1.0") / "sample_pkg-1.1.0-py3-none-any.whl"
    assert b"Version: 1.1.0\n" in zipfile.ZipFile(wheel).read("sample_pkg-1.1.0.dist-info/METADATA")
    assert project.git("tag", "--list") == "v1.0.0", "the tag was made in the rehearsal's clone alone"
    assert project.invoke("bump", "--part", "minor", "--offline").code == 0
