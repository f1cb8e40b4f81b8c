"""A walk in the real world of a project whose indexes and forge are doubles on loopback, with API tokens.

PyPI and GitHub themselves cannot be asked here. What differs from a rehearsal is all the rest: the project's own
folder and remote, its configured indexes, tokens in variables, and evidence that is about that target.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from universe import GATES, PYPROJECT, Project, problem_ids, states

from towpath.forge.double import ForgeDouble
from towpath.index.twin import Fault, Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class World:
    project: Project
    index: Twin
    test_index: Twin
    forge: ForgeDouble
    tokens: dict[str, str]

    def release(self, to: str) -> dict[str, object]:
        ended = self.project.nox("-s", "release", "--", "--to", to, "--json", **self.tokens)
        report: dict[str, object] = ended.json()
        return report


@pytest.fixture
def world(make_project: Callable[..., Project], tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        index = stack.enter_context(Twin.serve(tmp_path / "pypi", "pypi"))
        test_index = stack.enter_context(Twin.serve(tmp_path / "testpypi", "testpypi"))
        forge = stack.enter_context(ForgeDouble.serve(tmp_path / "forge", "ada/sample"))
        configured = f"""{PYPROJECT}
[tool.towpath]
publish.index = "main"
publish-test.index = "staging"
github-release.repository = "ada/sample"
github-release.api-url = "{forge.address.api_url}"

[tool.towpath.index.main]
upload-url = "{index.upload_url}"
simple-url = "{index.simple_url}"

[tool.towpath.index.staging]
upload-url = "{test_index.upload_url}"
simple-url = "{test_index.simple_url}"
token-variable = "STAGING_TOKEN"
"""
        project = make_project(files={"pyproject.toml": configured, ".gitignore": "dist/\n"})
        project.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
        project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
        tokens = {
            "TOWPATH_TOKEN_MAIN": index.token(),
            "STAGING_TOKEN": test_index.token(),
            "GITHUB_TOKEN": forge.token,
        }
        yield World(project, index, test_index, forge, tokens)


def sealed(project: Project) -> dict[str, str]:
    manifest = json.loads(project.evidence("distributions.json").read_text(encoding="utf-8"))
    return {file["filename"]: file["sha256"] for file in manifest["files"]}


def assert_finished(world: World) -> None:
    """One tag on the right commit, both indexes with exactly the sealed bytes, one release with all files."""
    project = world.project
    peeled = project.git("ls-remote", "--tags", "origin", "refs/tags/v1.0.0^{}").split()[0]
    assert peeled == project.git("rev-parse", "HEAD")
    assert world.index.files("sample-pkg") == sealed(project)
    assert world.test_index.files("sample-pkg") == sealed(project)
    (release,) = world.forge.releases
    assert release["tag_name"] == "v1.0.0"
    assert not release["draft"]
    pack = "sample_pkg-1.0.0.evidence.zip"
    assert sorted(asset["name"] for asset in release["assets"]) == sorted([*sealed(project), pack])


def test_a_release_and_the_same_again(world: World) -> None:
    report = world.release("main")
    assert report["done"], report
    assert list(states(report)) == list(GATES)
    assert_finished(world)
    assert (world.project.root / "dist" / "sample_pkg-1.0.0.tar.gz").exists()

    again = world.release("main")
    assert again["done"], again
    assert states(again)["verify-install"] == "already proven"
    assert states(again)["publish"] == "proven", "what happened in the world is asked anew"
    assert again["nothing_done"]
    assert_finished(world)
    for token in world.tokens.values():
        written = [path for path in (world.project.root / ".towpath").rglob("*") if path.is_file()]
        assert not [path for path in written if token.encode() in path.read_bytes()]


def test_a_rehearsal_first_then_the_same_bytes(world: World) -> None:
    rehearsed = world.project.release()
    assert rehearsed["done"], rehearsed
    assert world.index.files("sample-pkg") == {}, "a rehearsal touches no configured index"
    assert world.forge.releases == []
    report = world.release("main")
    assert report["done"], report
    assert states(report)["build"] == "already proven"
    assert_finished(world)
    assert report["distributions"] == rehearsed["distributions"]


def test_a_fault_half_way_is_mended_on_the_way(world: World) -> None:
    world.index.faults.add(Fault("drop-after-commit"), Fault("drop-within-body", after=1))
    report = world.release("main")
    assert report["done"], report
    assert_finished(world)


def test_a_refusal_half_way_and_running_it_again(world: World) -> None:
    world.index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
    first = world.release("main")
    assert states(first)["publish"] == "closed"
    assert problem_ids(first) == ["upload-refused"]
    (sent,) = world.index.files("sample-pkg")
    told = json.dumps(first)
    assert f"{sent}: there" in told, "what is known of the state stands beside the refusal"
    assert "not there" in told
    rehearsed = world.project.release()
    assert rehearsed["next"] == "nox -s release -- --to main", "what was begun comes first"
    assert any("has not ended: `invoke status`" in remark for remark in rehearsed["plan"]["remarks"])
    world.index.faults.clear()
    again = world.release("main")
    assert again["done"], again
    assert_finished(world)


def test_a_wrong_token_is_told(world: World) -> None:
    world.index.revoke(world.tokens["TOWPATH_TOKEN_MAIN"])
    report = world.release("main")
    assert states(report)["publish"] == "closed"
    assert problem_ids(report) == ["token-refused"]
    (cause,) = [p["cause"] for gate in report["gates"] for p in gate["problems"]]  # type: ignore[attr-defined]
    assert "403 Invalid" in cause
    assert world.index.files("sample-pkg") == {}


def test_to_the_test_index_only(world: World) -> None:
    report = world.release("staging")
    assert report["done"], report
    assert list(states(report)) == ["lint", "test", "security", "build", "verify-install", "publish-test"]
    assert world.project.git("ls-remote", "--tags", "origin") == "", "no tag for what may still change"
    assert world.test_index.files("sample-pkg") == sealed(world.project)
    assert world.index.files("sample-pkg") == {}


def test_preflight_reports_everything_at_once(world: World) -> None:
    project = world.project
    project.write("src/sample_pkg/more.py", "X = 1\n")
    project.git("remote", "remove", "origin")
    ended = project.nox("-s", "release", "--", "--to", "main", "--json")
    assert ended.code == 1
    assert set(problem_ids(ended.json())) == {"dirty-tree", "no-remote", "no-own-credential", "no-forge-token"}
    assert not project.evidence("lint.json").exists(), "nothing was run"


def test_a_version_that_is_taken_is_known_beforehand(world: World) -> None:
    assert world.release("main")["done"]
    for path in (world.project.root / ".towpath").rglob("distributions.json"):
        path.unlink()
    world.project.git("push", "--quiet", "--delete", "origin", "v1.0.0")  # with the tag, it would be this version's
    world.project.git("tag", "--delete", "v1.0.0")
    report = world.release("main")
    assert problem_ids(report) == ["version-taken", "version-taken"]


def test_each_gate_alone_does_the_same(world: World) -> None:
    for gate in GATES:
        ended = world.project.nox("-s", gate, **world.tokens)
        assert ended.code == 0, ended.all
    assert_finished(world)


def test_a_tag_on_another_commit_is_never_moved(world: World) -> None:
    project = world.project
    project.git("tag", "--annotate", "--message", "x", "v1.0.0")
    project.git("push", "--quiet", "origin", "main", "v1.0.0")
    project.write("src/sample_pkg/more.py", "X = 1\n")
    project.commit("More")
    report = world.release("main")
    assert problem_ids(report) == ["tag-elsewhere", "tag-elsewhere"]


def test_somebody_elses_push_in_between_refuses_the_tag(world: World) -> None:
    project = world.project
    for gate in GATES[:5]:
        assert project.nox("-s", gate).code == 0
    other = project.root.parent / "other"
    project.git("push", "--quiet", "origin", "main")
    project.git("clone", "--quiet", "--branch", "main", str(project.root.parent / "remote.git"), str(other))
    elsewhere = Project(other, project.environ)
    elsewhere.write("new.txt", "x")
    elsewhere.commit("Somebody else's")
    elsewhere.git("push", "--quiet", "origin", "main")
    ended = project.nox("-s", "tag")
    assert ended.code == 1
    assert "origin has commits of main that are not here" in ended.out
    assert project.git("ls-remote", "--tags", "origin") == ""
