"""Where a version stands, and what a machine that has lost its sealed files does about it: against twin and double."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from universe import PYPROJECT, Project, hermetic_environment

from towpath.errors import TowpathError
from towpath.evidence.store import measure
from towpath.forge.client import GitHub
from towpath.forge.double import Fault, ForgeDouble
from towpath.forge.releases import ReleaseFile, Wanted
from towpath.gates import making
from towpath.gates.acts import build
from towpath.index.twin import Twin
from towpath.index.upload import upload
from towpath.model import Login
from towpath.pipeline import RELEASE
from towpath.walk.recover import forge_release, recover
from towpath.walk.routes import route
from towpath.walk.status import status
from towpath.walk.withdraw import withdrawal
from towpath.walk.world import open_workspace, part_walked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from towpath.gates.gate import Pipeline, Workspace
    from towpath.walk.status import Status

WHEEL, SDIST = "sample_pkg-1.0.0-py3-none-any.whl", "sample_pkg-1.0.0.tar.gz"


@dataclass
class World:
    """A project with a remote, two twins and a forge double; `home` is where it was sealed first."""

    project: Project
    index: Twin
    test_index: Twin
    forge: ForgeDouble

    @property
    def environ(self) -> dict[str, str]:
        return {**self.project.environ, "GITHUB_TOKEN": self.forge.token}

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.project.root, self.environ)

    @property
    def part(self) -> Pipeline:
        at = self.workspace
        return part_walked(RELEASE, route(RELEASE.names, at.configuration, at.subject.version).off)

    @property
    def kept(self) -> Path:
        return self.workspace.store.distributions_folder

    def status(self, version: str = "") -> Status:
        return status(self.project.root, self.environ, version, RELEASE.names)

    def build(self, out: Path) -> None:
        """As the build gate does, but for what it inspects."""
        out.mkdir()
        at = self.workspace
        at.store.keep(making.make(at, out), at.repository.head)

    def tag(self) -> None:
        self.project.git("tag", "--annotate", "--message", "x", "v1.0.0")
        self.project.git("push", "--quiet", "origin", "main", "v1.0.0")

    def send(self, twin: Twin, *names: str, folder: Path | None = None) -> None:
        address = self.workspace.configuration.index("main" if twin is self.index else "staging")
        for name in names:
            path = (folder or self.kept) / name
            assert upload(address, path, login=Login("__token__", twin.token()), loopback_only=True).status == 200

    def release_on_forge(self, *names: str) -> None:
        files = tuple(ReleaseFile(self.kept / name, measure(self.kept / name).sha256) for name in names)
        wanted = Wanted("v1.0.0", "1.0.0", "notes", prerelease=False, latest=True, files=files)
        with GitHub(self.forge.address, self.forge.token, loopback_only=True) as forge:
            forge.ensure_release(wanted)

    def draft_on_forge(self, *names: str) -> None:
        """A draft that a run has filled, and not published."""
        self.release_on_forge(*names)
        state = json.loads((self.forge.folder / "state.json").read_text(encoding="utf-8"))
        for release in state["releases"]:
            release["draft"] = True
        (self.forge.folder / "state.json").write_text(json.dumps(state), encoding="utf-8")

    def lose(self) -> dict[str, str]:
        """The laptop is lost: a fresh clone takes its place. Returns what was sealed."""
        sealed = {file.filename: file.sha256 for file in self.workspace.store.manifest()[1]}
        shutil.rmtree(self.project.root / ".towpath")
        shutil.rmtree(self.project.root / "dist", ignore_errors=True)
        return sealed

    def recover(self) -> tuple[str, ...]:
        return recover(self.workspace, self.part)

    def now_kept(self) -> dict[str, str]:
        kept = self.workspace.store.kept(self.workspace.repository.head) or ()
        return {file.filename: file.sha256 for file in kept}


@pytest.fixture
def make_world(make_project: Callable[..., Project], tmp_path: Path) -> Iterator[Callable[..., World]]:
    with ExitStack() as stack:
        index = stack.enter_context(Twin.serve(tmp_path / "pypi", "pypi"))
        test_index = stack.enter_context(Twin.serve(tmp_path / "testpypi", "testpypi"))
        forge = stack.enter_context(ForgeDouble.serve(tmp_path / "forge", "ada/sample"))

        def make(more: str = "", **files: str) -> World:
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
{more}
"""
            project = make_project(files={"pyproject.toml": configured, ".gitignore": "dist/\n", **files})
            project.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "remote.git"))
            project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
            return World(project, index, test_index, forge)

        yield make


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Path:
    """Distributions of the sample, made once; where what they were made from does not matter."""
    base = tmp_path_factory.mktemp("built")
    environ = hermetic_environment(base / "home", shared_cache)
    at = open_workspace(Project.make(base / "sample", environ).root, environ)
    out = base / "out"
    out.mkdir()
    making.make(at, out)
    return out


@pytest.fixture
def world(make_world: Callable[..., World], built: Path) -> World:
    made = make_world()
    at = made.workspace
    at.store.keep(built.iterdir(), at.repository.head)
    return made


@pytest.fixture
def built_world(make_world: Callable[..., World], tmp_path: Path) -> World:
    """One whose files were built from its very commit."""
    made = make_world()
    made.build(tmp_path / "built")
    return made


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(TowpathError) as caught:
        act()
    return caught.value.problems[0].id


def state(world: World) -> tuple[str, str]:
    found = world.status()
    return found.standing.value, found.next_command


GO_ON = "nox -s release -- --to main"


def test_from_the_bump_to_the_end(world: World) -> None:
    """The states in their order, as the world changes."""
    assert state(world) == ("bumped", "nox -s release")
    world.project.git("tag", "--annotate", "--message", "x", "v1.0.0")
    assert state(world) == ("tagged-here", GO_ON)
    world.project.git("push", "--quiet", "origin", "main", "v1.0.0")
    assert state(world) == ("tagged", GO_ON)
    world.send(world.test_index, WHEEL)
    assert state(world) == ("partly-on-test-index", GO_ON)
    world.send(world.test_index, SDIST)
    assert state(world) == ("on-test-index", GO_ON)
    world.send(world.index, WHEEL)
    found = world.status()
    assert (found.standing.value, found.next_command) == ("partly-published", GO_ON)
    assert found.closes is not None
    world.send(world.index, SDIST)
    assert state(world) == ("published", GO_ON)
    world.draft_on_forge(WHEEL, SDIST)
    assert state(world) == ("published", GO_ON), "nobody sees a draft"
    world.release_on_forge(WHEEL, SDIST)
    assert state(world) == ("released", "")
    sealed = world.lose()
    again = world.status()
    assert again.standing.value == "released", "the forge's release says what all of it is"
    assert again.wanted == sealed
    world.project.write("more.txt", "x")
    world.project.commit("More")
    moved_on = world.status()
    assert moved_on.standing.value == "released"
    assert "HEAD has moved on" in " ".join(moved_on.remarks)
    world.index.yank("sample-pkg", "1.0.0", "broken")
    assert state(world) == ("withdrawn", "invoke bump --part patch")
    assert world.status("1.0.0").standing.value == "withdrawn"
    assert world.status("9.9").standing.value == "nothing-yet"


def test_a_tag_that_only_the_remote_has(world: World) -> None:
    world.tag()
    world.project.git("tag", "--delete", "v1.0.0")
    assert state(world) == ("tagged", GO_ON)
    world.project.write("more.txt", "x")
    world.project.commit("More")
    assert state(world) == ("tagged", "git fetch --tags"), "HEAD has moved on"
    world.project.git("fetch", "--quiet", "--tags", "origin")
    assert state(world) == ("tagged", "git switch --detach v1.0.0")
    world.project.git("tag", "--delete", "v1.0.0")
    world.project.git("reset", "--quiet", "--hard", "HEAD~1")
    world.project.git("commit", "--quiet", "--amend", "--message", "Another history")
    assert state(world) == ("inconsistent", "invoke audit"), "somebody has tagged another commit"


def test_what_could_not_be_asked_is_never_guessed(world: World) -> None:
    world.tag()
    world.send(world.test_index, WHEEL, SDIST)
    world.project.git("remote", "set-url", "origin", str(world.project.root / "nowhere.git"))
    found = world.status()
    assert (found.standing.value, found.next_command, found.troubled) == ("unknown", "invoke status", True)
    assert found.tag.unknown
    shown = world.project.invoke("status", COLUMNS="80")
    assert shown.code == 1
    assert "could not be asked: " in shown.out
    world.project.git("remote", "set-url", "origin", str(world.project.root.parent / "remote.git"))
    assert state(world) == ("on-test-index", GO_ON)
    world.index.close()
    found = world.status()
    assert found.standing.value == "unknown"
    (main,) = [one for one in found.held if one.name == "main"]
    assert "gave no answer" in main.unknown


def test_contradictions(world: World, tmp_path: Path) -> None:
    world.send(world.index, WHEEL)
    assert state(world) == ("inconsistent", "invoke audit"), "published without a tag"
    world.tag()
    assert state(world)[0] == "partly-published"
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(world.kept / WHEEL, other / WHEEL)
    world.project.write("src/sample_pkg/core.py", "def answer() -> int:\n    return 43\n")
    world.project.commit("Other bytes under the same name")
    world.project.git("tag", "--delete", "v1.0.0")
    world.project.git("tag", "v1.0.0")
    assert state(world)[0] == "inconsistent", "the tag here is another than the remote's"


def test_it_is_shown_at_any_width(world: World) -> None:
    world.tag()
    world.send(world.index, WHEEL)
    for width in (60, 80, 200):
        shown = world.project.invoke("status", COLUMNS=str(width), GITHUB_TOKEN=world.forge.token)
        assert shown.code == 0, shown.all
        assert max(map(len, shown.out.splitlines())) <= width
        assert "partly-published" in shown.out
        assert "Next:" in shown.out
    data = world.project.invoke("status", "--json").json()
    assert data["state"] == "partly-published"
    assert data["tag"]["remote"]["commit"] == data["commit"] == data["head"]
    assert [one["holds"] for one in data["indexes"]] == ["none", "part"]
    assert data["closes"]


def test_the_deadline_and_after_it(world: World) -> None:
    world.tag()
    world.send(world.index, WHEEL)
    age(world.index, timedelta(days=13))
    found = world.status()
    assert found.standing.value == "partly-published"
    assert "0 days and 23 hours" in " ".join(world.project.invoke("status", COLUMNS="200").out.split())
    age(world.index, timedelta(days=15))
    found = world.status()
    assert (found.standing.value, found.next_command) == ("closed-half-way", "invoke withdraw")
    assert world.project.invoke("status").code == 1


def age(twin: Twin, by: timedelta) -> None:
    twin.age_release("sample-pkg", "1.0.0", by)


class TestWithdraw:
    def test_the_plan(self, world: World) -> None:
        world.tag()
        world.send(world.index, WHEEL, SDIST)
        world.release_on_forge(WHEEL, SDIST)
        deeds = withdrawal(world.project.root, world.environ).deeds
        assert [deed.done for deed in deeds] == [False] * 4
        assert [deed.where for deed in deeds][1:3] == ["invoke bump --part patch", "CHANGES.md"]
        world.index.yank("sample-pkg", "1.0.0", "broken")
        world.project.replace("CHANGES.md", "## [1.0.0] - 2026-01-01", "## [1.0.0] - 2026-01-01 [YANKED]")
        deeds = withdrawal(world.project.root, world.environ).deeds
        assert [deed.done for deed in deeds] == [True, False, True, False]

    def test_where_on_pypi(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        from towpath.walk import withdraw

        world.tag()
        world.send(world.index, WHEEL)
        monkeypatch.setattr(withdraw, "_SITES", {"127.0.0.1": "https://pypi.org"})
        (first, *_) = withdraw.withdrawal(world.project.root, world.environ).deeds
        assert first.where == "https://pypi.org/manage/project/sample-pkg/release/1.0.0/"

    def test_nothing_to_withdraw(self, world: World) -> None:
        ended = world.project.invoke("withdraw", "--json")
        assert ended.code == 0
        assert ended.json()["steps"] == []
        assert "nothing to yank" in ended.json()["remarks"][0]
        assert "nothing to yank" in world.project.invoke("withdraw").out

    def test_not_while_something_is_unknown(self, world: World) -> None:
        world.index.close()
        assert refused(lambda: withdrawal(world.project.root, world.environ)) == "withdraw-unknown"


class TestALostLaptop:
    def test_everything_is_public(self, built_world: World) -> None:
        world = built_world
        world.tag()
        world.send(world.test_index, WHEEL, SDIST)
        sealed = world.lose()
        said = world.recover()
        assert world.now_kept() == sealed
        assert said == tuple(f"{name} is taken from staging, where it is public" for name in (WHEEL, SDIST))
        made = build.act(world.workspace, "")
        assert made.facts["recovered"] == dict.fromkeys((WHEEL, SDIST), "staging, where it is public")
        assert "not built here" in made.notes[0]
        assert world.recover() == (), "they are kept now"

    def test_the_rest_is_in_the_draft(self, world: World) -> None:
        """Of a commit that nobody could build again with the same bytes."""
        world.tag()
        world.send(world.index, WHEEL)
        world.draft_on_forge(WHEEL, SDIST)
        sealed = world.lose()
        assert world.recover() == (
            f"{WHEEL} is taken from main, where it is public",
            f"{SDIST} is taken from the draft of v1.0.0 on ada/sample",
        )
        assert world.now_kept() == sealed

    def test_a_source_of_files(self, world: World, tmp_path: Path) -> None:
        world.tag()
        world.send(world.index, WHEEL)
        shutil.copytree(world.kept, tmp_path / "artifacts")
        sealed = world.lose()

        def artifacts(_: Workspace, folder: Path) -> Mapping[Path, str]:
            shutil.copyfile(tmp_path / "artifacts" / SDIST, folder / SDIST)
            return {folder / SDIST: "the run's artifacts"}

        said = recover(world.workspace, world.part, (forge_release, artifacts))
        assert said[1] == f"{SDIST} is taken from the run's artifacts"
        assert world.now_kept() == sealed

    def test_the_rest_is_built_again(self, built_world: World) -> None:
        world = built_world
        world.tag()
        world.send(world.index, WHEEL)
        sealed = world.lose()
        (_, rebuilt) = world.recover()
        assert "a new build of v1.0.0, which makes every public file byte for byte" in rebuilt
        assert world.now_kept() == sealed

    def test_a_build_that_makes_other_bytes_is_not_believed(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.tag()
        world.send(world.index, WHEEL)
        world.lose()
        make = making.make

        def restless(workspace: Workspace, out: Path) -> tuple[Path, ...]:
            built = make(workspace, out)
            for path in built:
                path.write_bytes(path.read_bytes() + b"another day")
            return built

        monkeypatch.setattr(making, "make", restless)
        world.forge.faults.append(Fault("GET", "/releases", status=503, times=9))
        with pytest.raises(TowpathError) as caught:
            world.recover()
        (problem,) = caught.value.problems
        assert problem.id == "not-reproduced"
        assert "Could not be asked: " in problem.detail, "the draft may have it all the same"
        assert world.now_kept() == {}

    def test_nothing_is_public_yet(self, world: World) -> None:
        world.tag()
        world.lose()
        assert world.recover() == ()
        assert world.now_kept() == {}, "building anew is allowed"

    def test_without_a_tag_the_files_are_anybodys(self, world: World) -> None:
        world.send(world.index, WHEEL)
        world.lose()
        assert world.recover() == ()

    def test_of_another_commit(self, world: World) -> None:
        world.tag()
        world.send(world.index, WHEEL)
        world.lose()
        world.project.write("more.txt", "x")
        world.project.commit("More")
        assert world.recover() == ()

    def test_two_indexes_that_disagree(self, world: World, tmp_path: Path) -> None:
        world.tag()
        world.send(world.index, SDIST)
        world.project.write("README.md", "# other\n")
        world.project.commit("Other bytes")
        world.build(tmp_path / "other")
        world.send(world.test_index, SDIST)
        world.project.git("checkout", "--quiet", "v1.0.0")
        world.lose()
        assert refused(world.recover) == "public-differs"

    def test_an_index_that_does_not_answer(self, world: World) -> None:
        world.tag()
        world.lose()
        world.test_index.close()
        assert refused(world.recover) == "index-unreachable"


def test_a_half_published_version_is_finished_elsewhere(built_world: World) -> None:
    """By the command that a user types, on a machine that has nothing but the repository."""
    world = built_world
    world.tag()
    world.send(world.test_index, WHEEL, SDIST)
    world.send(world.index, SDIST)
    sealed = world.lose()
    tokens: dict[str, Any] = {
        "TOWPATH_TOKEN_MAIN": world.index.token(),
        "TOWPATH_TOKEN_STAGING": world.test_index.token(),
        "GITHUB_TOKEN": world.forge.token,
    }
    ended = world.project.nox("-s", "release", "--", "--to", "main", "--json", **tokens)
    report = ended.json()
    assert report["done"], report
    assert any("where it is public" in remark for remark in report["plan"]["remarks"])
    assert world.index.files("sample-pkg") == world.test_index.files("sample-pkg") == sealed
    assert state(world)[0] == "released"
    again = world.project.nox("-s", "release", "--", "--to", "main")
    assert again.code == 0, "a finished one needs no credential"
    assert "is released already" in again.out
