"""`nox -s release`: the whole journey of a sample project, driven as a user would drive it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from universe import FILES, GATES, PRE_TARGET_GATES, Project, problem_ids, states

if TYPE_CHECKING:
    from collections.abc import Callable


def fingerprint(project: Project) -> dict[str, Any]:
    """Everything of a repository that a rehearsal must leave alone."""
    ours = [path for path in project.root.rglob("*") if path.is_file()]
    kept = [path for path in ours if ".towpath" not in path.parts]
    files = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
    return {
        "files": files,  # the index, refs, stash, configuration and objects lie in .git
        "status": project.git("status", "--porcelain", "--ignored=no"),
        "stash": project.git("stash", "list"),
    }


def left_behind(project: Project) -> list[str]:
    """Temporary folders and processes of a rehearsal."""
    temporary = [path.name for path in Path(project.environ["TMPDIR"]).iterdir()]
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return temporary + [line for line in listed.splitlines() if str(project.root.parent) in line]


def test_a_first_and_a_second_rehearsal(project: Project) -> None:
    before = fingerprint(project)
    first = project.release()
    assert first["done"], first
    assert states(first) == dict.fromkeys(GATES, "proven")
    assert [file["filename"] for file in first["distributions"]] == [
        "sample_pkg-1.0.0-py3-none-any.whl",
        "sample_pkg-1.0.0.tar.gz",
    ]
    assert fingerprint(project) == before
    assert left_behind(project) == []

    second = project.release()
    assert second["done"], second
    assert states(second) == {
        **dict.fromkeys(GATES, "proven"),
        **dict.fromkeys(PRE_TARGET_GATES, "already proven"),
    }
    assert second["distributions"] == first["distributions"]
    assert fingerprint(project) == before


def test_what_the_user_sees(project: Project) -> None:
    ended = project.nox("-s", "release")
    assert ended.code == 0
    plan, _, rest = ended.out.partition("running")
    assert plan.index("publish-test") < plan.index("point of no return") < plan.index("verify-published")
    assert "1 test passed" in rest
    for file in ("sample_pkg-1.0.0-py3-none-any.whl", "sample_pkg-1.0.0.tar.gz"):
        sealed = hashlib.sha256((project.evidence("dist") / file).read_bytes()).hexdigest()
        assert f"{file}  " in rest
        assert f"sha256 {sealed}" in rest
    assert "Next: nox -s release -- --to pypi" in rest
    assert "\x1b[" not in ended.out  # no colours and no cursor where nobody looks


def test_uncommitted_work_is_taken_along_and_marked(project: Project) -> None:
    project.write("src/sample_pkg/fresh.py", "VALUE = 1\n")
    project.replace("src/sample_pkg/core.py", "42", "6 * 7")
    before = fingerprint(project)
    report = project.release()
    assert report["done"], report
    assert "uncommitted work is taken along as a snapshot" in report["plan"]["remarks"]
    assert fingerprint(project) == before
    again = project.release()
    assert states(again)["verify-install"] == "already proven", "equal content has an equal commit id"

    project.commit("The same content, committed")
    committed = states(project.release())
    assert [committed[name] for name in ("lint", "test", "security")] == ["already proven"] * 3
    assert committed["build"] == "proven", "a build is about the commit"


def test_a_tagged_version_rehearses_the_next_patch(project: Project) -> None:
    project.git("tag", "--annotate", "--message", "1.0.0", "v1.0.0")
    report = project.release()
    assert report["done"], report
    assert report["plan"]["version"] == "1.0.1"
    assert "v1.0.0 is tagged already: the next patch version is rehearsed" in report["plan"]["remarks"]
    assert report["next"] == "invoke bump --part patch"
    wheel = project.evidence("dist", "1.0.1") / "sample_pkg-1.0.1-py3-none-any.whl"
    assert wheel.exists()


def test_a_part_rehearses_that_bump(project: Project) -> None:
    report = project.release("--part", "minor")
    assert report["done"], report
    assert report["plan"]["version"] == "1.1.0"
    assert (project.root / "pyproject.toml").read_text(encoding="utf-8") == FILES["pyproject.toml"]
    notes = [gate["notes"][0] for gate in report["gates"] if gate["session"] == "github-release"]
    assert notes == ["rehearsal/project v1.1.0: 2 files, notes from CHANGES.md"]


def test_the_checkout_of_a_tag_is_rehearsed_as_it_is(project: Project) -> None:
    project.git("tag", "--annotate", "--message", "1.0.0", "v1.0.0")
    project.git("checkout", "--quiet", "v1.0.0")
    report = project.release()
    assert report["done"], report
    assert report["plan"]["version"] == "1.0.0"


def test_the_plan_runs_nothing(project: Project) -> None:
    planned = project.invoke("plan", "--json")
    assert planned.code == 0
    plan = planned.json()
    assert [step["session"] for step in plan["gates"]] == list(GATES)
    assert set(states(plan).values()) == {"waiting"}
    assert [step["session"] for step in plan["gates"] if step["after_point_of_no_return"]] == [
        "publish",
        "verify-published",
        "github-release",
    ]
    assert not (project.root / ".towpath").exists()
    shown = project.invoke("plan")
    assert "point of no return" in shown.out


def test_a_gate_of_the_users_own_with_an_effect_is_not_rehearsed(make_project: Callable[..., Project]) -> None:
    noxfile = """\
from pathlib import Path

from towpath.gates.gate import Gate
from towpath.model import About, Effect, Outcome
from towpath.nox import sessions
from towpath.pipeline import RELEASE


def announce(workspace, variant):
    Path("/announced").write_text("must never happen")
    return Outcome()


def check(workspace, variant):
    return Outcome(notes=("checked",))


shout = Gate("announce", "Tell everybody.", announce, effect=Effect.SHARED, about=About.WORLD)
extra = Gate("check-docs", "Check the docs.", check)
sessions(RELEASE.inserting(shout, after="publish").inserting(extra, after="lint"))
"""
    project = make_project(files={"noxfile.py": noxfile})
    report = project.release()
    assert report["done"], report
    assert states(report["plan"])["announce"] == "not rehearsed"
    assert "announce" not in states(report)
    assert states(report)["check-docs"] == "proven"
    build = project.evidence("build.json").read_text(encoding="utf-8")
    assert "check-docs.json" in build, "what needed lint needs the inserted gate too"


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_with_and_without_uv(make_project: Callable[..., Project], installer: str) -> None:
    configured = FILES["pyproject.toml"] + f'\n[tool.towpath]\ninstaller = "{installer}"\n'
    report = make_project(files={"pyproject.toml": configured}).release()
    assert report["done"], report
    assert problem_ids(report) == []
