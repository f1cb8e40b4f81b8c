"""Failures from the histories of five projects, each committed alone by a small project and stopped where it belongs.

Those that have a test elsewhere are not doubled here: docs/explanation/failures.md names the tests of all fifteen.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from releases import seal_build, wheel
from universe import FILES, PYPROJECT, RUNNING, Project, problem_ids

from towpath import errors
from towpath.errors import TowpathError
from towpath.gates import tag
from towpath.gates.acts import build, verify_install
from towpath.gates.acts import test as tests_gate
from towpath.gates.gate import Pipeline, nothing
from towpath.gates.sealed import sealed_files
from towpath.gates.written import unsaid
from towpath.model import Outcome
from towpath.pipeline import RELEASE
from towpath.walk import alone
from towpath.walk.world import open_workspace
from towpath.workflow.event import gates_of_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace

BY_PEP_440 = {"tag", "publish-test", "publish", "verify-published", "github-release"}
# The release as it is, but for what lint, test, security and build do.
QUICK = Pipeline(
    *(
        replace(gate, act=lambda *_: Outcome(), configuration=nothing, tools=nothing, restore=None, per_python=False)
        for gate in RELEASE
    )
)


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(TowpathError) as caught:
        act()
    return [problem.id for problem in caught.value.problems]


def opened(project: Project, **environ: str) -> Workspace:
    return open_workspace(project.root, {**project.environ, **environ})


def at(version: str, more: str = "", files: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
    """The sample's files at a version; its changelog ends with 1.0.0 all the same."""
    text = PYPROJECT.replace('version = "1.0.0"', f'version = "{version}"')
    module = FILES["src/sample_pkg/__init__.py"].replace("1.0.0", version)
    return {"pyproject.toml": text + more, "src/sample_pkg/__init__.py": module, **(files or {})}


def installed(project: Project, body: str, metadata: str = "") -> Workspace:
    """A workspace whose sealed wheel has this module."""
    project.write(".gitignore", "dist/\n")
    project.commit("Ignore dist")
    (project.root / "dist").mkdir()
    workspace = opened(project)
    seal_build(workspace, wheel(project.root / "dist", more=metadata, body=body))
    assert sealed_files(workspace)
    return workspace


FORGOTTEN = {
    "uv.lock": 'version = 1\n\n[[package]]\nname = "sample-pkg"\nversion = "1.0.0"\nsource = { editable = "." }\n',
    "src/sample_pkg/_version.py": "__version_info__ = (1, 0, 0)\n",
    "docs/conf.py": 'release = "1.0.0"\n',
    "CHANGES.md": "# Changes\n\n## [1.0.1] - 2026-01-02\n\n- by hand\n",
}
DECLARED = '\n[[tool.towpath.bump.places]]\npath = "docs/conf.py"\npattern = "release = \\"{version}\\""\n'


def test_failure_1_a_version_written_by_hand_in_one_place_only(make_project: Callable[..., Project]) -> None:
    """Also the lock file that is one version behind: the walk is refused, and so is the gate alone, as CI calls it."""
    project = make_project(files=at("1.0.1", DECLARED, FORGOTTEN))
    report = project.release()
    assert problem_ids(report) == ["out-of-step"] * 3
    told = " ".join(problem["cause"] for problem in report["problems"])
    assert all(f"{path}, line" in told for path in ("uv.lock", "src/sample_pkg/_version.py", "docs/conf.py"))
    assert not project.evidence("lint.json", "1.0.1").exists(), "nothing was run"
    assert refused(lambda: build.act(opened(project), "")) == ["out-of-step"] * 3
    (project.root / "docs/conf.py").write_text("release = version\n", encoding="utf-8")
    project.commit("Lose a place")
    assert refused(lambda: build.act(opened(project), "")) == ["place-missing"]


def test_failure_1_the_package_that_is_built_has_another_version(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    """What the backend makes is asked, not what the project says."""
    old = wheel(tmp_path, version="1.0.0")
    copy = f"import shutil, sys; shutil.copy({str(old)!r}, sys.argv[1])"
    lines = f"\n[tool.towpath.build]\nsdist = false\ncommand = {[sys.executable, '-c', copy, '{dist}']!r}\n"
    project = make_project(files=at("1.0.1", lines))
    with pytest.raises(TowpathError) as caught:
        build.act(opened(project), "")
    (problem,) = caught.value.problems
    assert problem.id == "version-differs"
    assert "sample_pkg-1.0.0-py3-none-any.whl says 1.0.0, but the version is 1.0.1" in problem.cause
    assert opened(project).store.manifest() == ("", ()), "nothing is sealed"


def newer_syntax() -> str:
    """What this Python cannot read and a later one can: first of all the f-string that was once published."""
    if sys.version_info < (3, 12):
        return "NAMES = {'a': 1}\nTEXT = f'{NAMES['a']}'\n"
    return "TEXT = t'{1}'\n" if sys.version_info < (3, 14) else "ALL = [*one for one in [[1]]]\n"


def test_failure_2_syntax_of_a_newer_python(project: Project) -> None:
    workspace = installed(project, newer_syntax())
    with pytest.raises(TowpathError) as caught:
        verify_install.act(workspace, "")
    (problem,) = caught.value.problems
    assert (problem.id, "SyntaxError" in problem.detail) == ("import-failed", True)
    lowest = make_lowest(project, "3.4", RUNNING)
    assert lowest == ("3.4", RUNNING), "the lowest that is promised is asked too, or it is missing and closes the gate"


def make_lowest(project: Project, lowest: str, running: str) -> tuple[str, ...]:
    project.replace("pyproject.toml", f">={running}", f">={lowest}")
    return tuple(sorted(RELEASE["verify-install"].variants(opened(project)), key=lambda one: int(one.split(".")[1])))


def test_failure_3_an_optional_dependency_imported_at_the_top(project: Project) -> None:
    """With the extra installed it would be found: packaging is in the cache of every machine that builds."""
    optional = "Provides-Extra: more\nRequires-Dist: packaging; extra == 'more'\n"
    workspace = installed(project, "import packaging\n", optional)
    with pytest.raises(TowpathError) as caught:
        verify_install.act(workspace, "")
    (problem,) = caught.value.problems
    assert problem.id == "import-failed"
    assert "No module named 'packaging'" in problem.detail


@pytest.mark.parametrize("spelled", ["1.4.5.1.dev1", "1.4.5.1-dev1"])
def test_failure_4_a_development_version_whose_tag_has_no_hyphen(
    make_project: Callable[..., Project], spelled: str
) -> None:
    project = make_project(files=at("1.4.5.1.dev1"))
    project.git("tag", f"v{spelled}")
    run = opened(project, GITHUB_REF=f"refs/tags/v{spelled}")
    walked = {name for name, on in gates_of_run(RELEASE, run).items() if on}
    assert BY_PEP_440 - walked == {"publish", "verify-published"}
    alone_said = project.nox("-s", "publish", GITHUB_REF=f"refs/tags/v{spelled}")
    assert alone_said.code == 0
    assert "not on the route: development, to testpypi only; nothing was done" in alone_said.out


def test_failure_8_code_that_is_not_the_code_tested(project: Project) -> None:
    for name in ("lint", "test", "security"):
        alone.run(QUICK, alone.Step(QUICK[name], ""), opened(project))
    project.write("src/sample_pkg/late.py", "X = 1\n")
    project.commit("After the tests")
    build_gate = alone.Step(QUICK["build"], "")
    assert refused(lambda: alone.run(QUICK, build_gate, opened(project))) == ["evidence-stale"] * 3
    project.git("reset", "--quiet", "--hard", "HEAD~1")
    alone.run(QUICK, build_gate, opened(project))


@pytest.mark.parametrize("around", ["", "src/"])
def test_failure_9_an_installation_check_that_tests_the_sources(project: Project, around: str) -> None:
    """The module lies in the checkout and not in the wheel: nothing around the installation may help."""
    project.write(f"{around}sample_pkg/left_out.py", "")
    project.write(f"{around}sample_pkg/__init__.py", "")
    workspace = installed(project, "import sample_pkg.left_out\n")
    workspace = replace(workspace, environ={**workspace.environ, "PYTHONPATH": str(project.root / around)})
    with pytest.raises(TowpathError) as caught:
        verify_install.act(workspace, "")
    (problem,) = caught.value.problems
    assert problem.id == "import-failed"
    assert "No module named 'sample_pkg.left_out'" in problem.detail


def test_failure_10_tests_that_cannot_fail(make_project: Callable[..., Project]) -> None:
    """No shell runs a command, so that none can swallow how it ended."""
    lines = '\n[tool.towpath.test]\ncommands = ["python -m pytest || true"]\n'
    project = make_project(files=at("1.0.0", lines, {"tests/test_core.py": "def test_it():\n    assert 1 == 2\n"}))
    assert refused(lambda: tests_gate.act(opened(project), "")) == ["command-failed"]


@pytest.fixture
def released(make_project: Callable[..., Project]) -> Callable[..., Project]:
    """A maker of projects with a remote."""

    def make(files: Mapping[str, str | None]) -> Project:
        project = make_project(files=files)
        remote = project.root.with_name("remote.git")
        project.git("init", "--quiet", "--bare", "--initial-branch=main", str(remote))
        project.git("remote", "add", "origin", str(remote))
        return project

    return make


def test_failure_12_a_release_that_fails_after_its_tag(released: Callable[..., Project]) -> None:
    """No tag without the proof of all gates before it, one that failed included."""
    project = released({})
    failing = replace(QUICK["test"], act=_fail)
    part = Pipeline(*(failing if gate.name == "test" else gate for gate in QUICK))
    for name in ("lint", "security"):
        alone.run(part, alone.Step(part[name], ""), opened(project))
    assert refused(lambda: alone.run(part, alone.Step(failing, ""), opened(project))) == ["command-failed"]
    expected = {"build": "evidence-failed", "verify-install": "evidence-missing", "tag": "evidence-missing"}
    for name, problem in expected.items():
        gate = RELEASE["tag"] if name == "tag" else part[name]
        assert refused(partial(alone.run, part, alone.Step(gate, ""), opened(project))) == [problem]
    assert project.git("ls-remote", "origin") == ""
    assert project.git("tag", "--list") == ""


def _fail(*_: object) -> Outcome:
    raise errors.COMMAND_FAILED.error(command="pytest", code=1)


UNSAID: dict[str, tuple[str, Mapping[str, str | None], bool]] = {
    "no entry": ("1.0.1", {}, True),
    "an empty one": ("1.0.1", {"CHANGES.md": "# Changes\n\n## 1.0.1\n\n### Added\n\n## 1.0.0\n\n- first\n"}, True),
    "an entry": ("1.0.1", {"CHANGES.md": "# Changes\n\n## v1.0.1\n\n- second\n"}, False),
    "a pre-release": ("1.0.1rc1", {}, False),
    "no changelog": ("1.0.1", {"CHANGES.md": None}, False),
    "one that cannot be read": ("1.0.1", {"CHANGES.md": "See the releases.\n"}, False),
}


@pytest.mark.parametrize("case", UNSAID)
def test_failure_14_a_release_without_a_changelog_entry(released: Callable[..., Project], case: str) -> None:
    """Where the version is written by hand no bump refuses it: the tag does, and the first job of a tag's run."""
    version, files, silent = UNSAID[case]
    project = released(at(version, "", files))
    found, _ = tag.found(opened(project))
    assert [problem.id for problem in found] == (["version-unsaid"] if silent else [])
    run = opened(project, GITHUB_REF=f"refs/tags/v{version}")
    assert (unsaid(run) is not None) is silent
    if silent:
        assert refused(lambda: gates_of_run(RELEASE, run)) == ["version-unsaid"]
    else:
        assert gates_of_run(RELEASE, run)["tag"]


def test_failure_14_is_told_by_the_plan_of_a_rehearsal(make_project: Callable[..., Project]) -> None:
    planned = make_project(files=at("1.0.1")).invoke("plan", "--json").json()
    assert any("for real it would be refused: CHANGES.md has no entry" in said for said in planned["remarks"])


def test_failure_14_a_changelog_of_another_name(make_project: Callable[..., Project]) -> None:
    more = '\n[tool.towpath.bump]\nchangelog = "docs/news.md"\n'
    news = "# News\n\n## 1.0.0\n\n- first\n"
    project = make_project(files=at("1.0.1", more, {"CHANGES.md": None, "docs/news.md": news}))
    problem = unsaid(opened(project))
    assert problem is not None
    assert "docs/news.md has no entry for 1.0.1" in problem.cause
    shutil.rmtree(project.root / "docs")
    assert unsaid(opened(project)) is None
