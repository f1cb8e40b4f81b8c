"""The publishing gates against twins: what they close for, what they never install, and where no token ever shows."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from releases import altered, sdist, seal_build, wheel
from universe import PYPROJECT, Project

from towpath.credentials import trusted
from towpath.errors import TowpathError
from towpath.evidence.store import measure
from towpath.gates.gate import Pipeline, Workspace
from towpath.gates.publish import publish, publish_test
from towpath.gates.verify_published import verify_published
from towpath.index.twin import Fault, Issuer, Twin
from towpath.index.upload import upload
from towpath.model import Effect, Login
from towpath.walk import alone
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class World:
    """A project whose build is sealed, and two twins."""

    def __init__(self, project: Project, index: Twin, test_index: Twin, environ: dict[str, str]) -> None:
        self.project, self.index, self.test_index = project, index, test_index
        self.tokens = {"TOWPATH_TOKEN_MAIN": index.token(), "TOWPATH_TOKEN_STAGING": test_index.token()}
        # What the user installs from; a package of its own there, so that nothing comes from elsewhere.
        self.environ = {**environ, **self.tokens, "UV_DEFAULT_INDEX": index.simple_url}
        # A twin of an earlier test may have had the same port, and the same names.
        self.environ["UV_CACHE_DIR"] = str(index.folder.parent / "uv-cache")
        self.told: list[str] = []

    def seal(self, *files: Path) -> None:
        seal_build(self.workspace(), *files)

    def workspace(self) -> Workspace:
        opened = open_workspace(self.project.root, self.environ)
        return replace(opened, tell=self.told.append)

    def run(self, gate: Any) -> tuple[str, ...]:
        notes: tuple[str, ...] = gate.act(self.workspace(), "").notes
        return notes

    def closed(self, gate: Any) -> str:
        with pytest.raises(TowpathError) as caught:
            self.run(gate)
        return caught.value.problems[0].id

    def given(self, twin: Twin, *paths: Path) -> None:
        for path in paths:
            answer = upload(twin.address, path, login=Login("__token__", twin.token()), loopback_only=True)
            assert answer.status == 200, answer


@pytest.fixture
def world(make_project: Callable[..., Project], environ: dict[str, str], tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        index = stack.enter_context(Twin.serve(tmp_path / "pypi", "pypi"))
        test_index = stack.enter_context(Twin.serve(tmp_path / "testpypi", "testpypi"))
        configured = f"""{PYPROJECT}
[tool.towpath]
publish.index = "main"
publish.patience = 3
publish-test.index = "staging"
publish-test.patience = 3
verify-published.wait = 1
[tool.towpath.index.main]
upload-url = "{index.upload_url}"
simple-url = "{index.simple_url}"
[tool.towpath.index.staging]
upload-url = "{test_index.upload_url}"
simple-url = "{test_index.simple_url}"
"""
        project = make_project(files={"pyproject.toml": configured, ".gitignore": "dist/\n"})
        dist = project.root / "dist"
        dist.mkdir()
        made = World(project, index, test_index, environ)
        made.seal(wheel(dist), sdist(dist))
        yield made


class TestPublish:
    def test_it_sends_what_is_missing_and_says_what_it_did(self, world: World) -> None:
        first = world.run(publish())
        assert first[0] == "2 of 2 files sent, all there with the sealed sha256"
        assert world.told == [
            f"sending {path.name} to main, {path.stat().st_size} bytes"
            for path in sorted((world.project.root / "dist").iterdir())
        ]
        assert len(world.index.files("sample-pkg")) == 2

    def test_again_nothing_is_sent_and_no_credential_is_asked_for(self, world: World) -> None:
        world.run(publish())
        world.environ = {name: value for name, value in world.environ.items() if "TOKEN" not in name}
        assert world.run(publish())[0] == "0 of 2 files sent, all there with the sealed sha256"

    def test_one_of_two_was_there(self, world: World) -> None:
        world.given(world.index, world.project.root / "dist" / "sample_pkg-1.0.0-py3-none-any.whl")
        notes = world.run(publish())
        assert notes[0] == "1 of 2 files sent, all there with the sealed sha256"
        assert any("takes the others until" in note for note in notes)

    def test_nothing_is_sent_if_the_last_file_would_be_refused(self, world: World, tmp_path: Path) -> None:
        world.given(world.index, sdist(tmp_path).rename(tmp_path / "sample_pkg-1.0.0.tar.gz"))
        world.seal(wheel(world.project.root / "dist"), altered(world.project.root / "dist"))
        assert world.closed(publish()) == "index-other-bytes"
        assert list(world.index.files("sample-pkg")) == ["sample_pkg-1.0.0.tar.gz"], "the wheel alone would be free"

    def test_an_archived_project_is_called_so(self, world: World) -> None:
        world.index.create_project("sample-pkg")
        world.index.set_status("sample-pkg", "archived")
        assert world.closed(publish()) == "project-closed"
        assert not [exchange for exchange in world.index.log if exchange.method == "POST"]

    def test_without_a_credential_nothing_is_sent(self, world: World) -> None:
        del world.environ["TOWPATH_TOKEN_MAIN"]
        assert world.closed(publish()) == "no-own-credential"
        assert not [exchange for exchange in world.index.log if exchange.method == "POST"]

    def test_a_page_that_stays_stale_does_not_close_it(self, world: World) -> None:
        """What the JSON API shows is published; that pip sees it is verify-published's to wait for."""
        world.index.faults.add(Fault("stale", on="simple", times=None))
        assert any("still an old one" in note for note in world.run(publish()))


class TestCandidate:
    """The test index is a place where anybody may register any name."""

    @pytest.mark.parametrize("installer", ["uv", "pip"])
    def test_what_it_needs_never_comes_from_there(self, world: World, tmp_path: Path, installer: str) -> None:
        world.project.replace("pyproject.toml", "[tool.towpath]\n", f'[tool.towpath]\ninstaller = "{installer}"\n')
        world.project.commit("Choose")
        dist = world.project.root / "dist"
        world.seal(wheel(dist, more="Requires-Dist: sample-dep\n"), sdist(dist))
        world.given(world.index, wheel(tmp_path, "sample-dep", "1.0"))
        world.given(world.test_index, wheel(tmp_path, "sample-dep", "99.0", body="raise SystemExit('stolen')\n"))
        world.environ["PIP_INDEX_URL"] = world.index.simple_url
        notes = world.run(publish_test())
        assert "2 files downloaded from staging, sha256 as sealed" in notes
        assert any(
            note.endswith("by its URL and hash, and 1 that it needs, from the main index alone") for note in notes
        )
        asked = [
            exchange.path for exchange in world.test_index.log if "dep" in exchange.path and "GET" in exchange.method
        ]
        assert asked == []
        assert [e.path for e in world.index.log if e.path.endswith("sample_dep-1.0-py3-none-any.whl")]

    def test_what_the_main_index_lacks_is_not_looked_for_elsewhere(self, world: World, tmp_path: Path) -> None:
        dist = world.project.root / "dist"
        world.seal(wheel(dist, more="Requires-Dist: sample-dep\n"), sdist(dist))
        world.given(world.test_index, wheel(tmp_path, "sample-dep", "99.0"))
        notes = world.run(publish_test())
        assert any("installed alone: what it needs is not all there as wheels" in note for note in notes)
        assert not [exchange for exchange in world.test_index.log if exchange.path.startswith("/simple/sample-dep")]

    def test_a_wheel_of_another_platform_is_not_installed(self, world: World, tmp_path: Path) -> None:
        """Of native wheels the first by its name may be for any platform."""
        dist = world.project.root / "dist"
        wheel(tmp_path, body="HERE = False\n").rename(dist / "sample_pkg-1.0.0-cp39-abi3-macosx_10_9_ppc64.whl")
        world.seal(*dist.iterdir())
        notes = world.run(publish_test())
        assert notes[0].startswith("3 of 3 files sent")
        assert any(note.startswith("sample_pkg-1.0.0-py3-none-any.whl installed by its URL") for note in notes)

    def test_a_candidate_that_is_changed_between_comparing_and_installing(self, world: World) -> None:
        world.environ["UV_HTTP_RETRIES"] = "0"
        world.test_index.faults.add(Fault("other-bytes", on="file", after=2, times=None))
        assert world.closed(publish_test()) == "not-installed"

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            ("other-bytes", "download-differs"),
            ("cut-short", "download-differs"),
            ("drop-within-answer", "index-unreachable"),
        ],
    )
    def test_a_download_that_is_broken(
        self, world: World, monkeypatch: pytest.MonkeyPatch, fault: str, expected: str
    ) -> None:
        monkeypatch.setattr("towpath.gates.downloads._PAUSES", (0.0,))
        world.test_index.faults.add(Fault(fault, on="file", times=None))
        assert world.closed(publish_test()) == expected


class TestVerifyPublished:
    @pytest.fixture(autouse=True)
    def published(self, world: World) -> None:
        world.given(world.index, *sorted((world.project.root / "dist").iterdir()))

    def test_it_is_installed_by_name(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("towpath.gates.downloads._PAUSES", (0.0,))
        world.index.faults.add(Fault("drop-within-answer", on="file"), Fault("stale", on="simple-html", times=None))
        world.index.yank("sample-pkg", "1.0.0", "a test")
        notes = world.run(verify_published())
        assert notes[0] == "2 files downloaded, sha256 as sealed"
        assert "installed sample-pkg==1.0.0" in notes[1]
        assert "sample_pkg-1.0.0.tar.gz is yanked: a test" in notes
        assert any(line.startswith("downloading sample_pkg-1.0.0.tar.gz") for line in world.told)

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (Fault("other-bytes", on="file", times=None), "download-differs"),
            (Fault("cut-short", on="file", times=None), "download-differs"),
            (Fault("drop-within-answer", on="file", times=None), "index-unreachable"),
            (Fault("error-before-commit", on="file", times=None), "index-unreachable"),
            (Fault("error-before-commit", on="simple", times=None), "index-unreachable"),
        ],
        ids=lambda value: getattr(value, "kind", ""),
    )
    def test_it_closes(self, world: World, monkeypatch: pytest.MonkeyPatch, fault: Fault, expected: str) -> None:
        monkeypatch.setattr("towpath.gates.downloads._PAUSES", (0.0,))
        world.index.faults.add(fault)
        assert world.closed(verify_published()) == expected

    def test_absent_and_stale_are_different(self, world: World) -> None:
        world.index.delete_release("sample-pkg", "1.0.0")
        assert world.closed(verify_published()) == "index-incomplete"
        world.index.faults.add(Fault("stale", on="simple", times=None))
        world.environ["TOWPATH_TOKEN_MAIN"] = world.index.token()
        dist = world.project.root / "dist"
        for path in dist.iterdir():
            path.unlink()
        world.project.replace("pyproject.toml", 'version = "1.0.0"', 'version = "1.0.1"')
        world.project.commit("Bump")
        world.seal(wheel(dist, version="1.0.1"), sdist(dist, version="1.0.1"))
        world.given(world.index, *sorted(dist.iterdir()))
        assert world.closed(verify_published()) == "index-stale"

    def test_progress_is_told_while_it_waits(self, world: World) -> None:
        world.index.delete_file("sample_pkg-1.0.0.tar.gz")
        assert world.closed(verify_published()) == "index-incomplete"
        assert any("waiting for main since" in line and "1 served, 1 absent" in line for line in world.told)


# ---- the canary: a token that may be seen nowhere -----------------------------------------------------------


def run_alone(world: World) -> str:
    """The gate as nox runs it, its record sealed; returns all that was told, tracebacks included."""
    gate = replace(publish(), needs=(), effect=Effect.SHARED)
    workspace = world.workspace()
    try:
        result = alone.run(Pipeline(gate), alone.Step(gate, ""), workspace)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is looked through
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return f"{trace}{error!r}{error.args}{world.told}"
    return f"{result}{world.told}"


def seen(world: World, canary: str) -> list[str]:
    """Every file of the project, `.towpath` included, in which a canary or its encoded form stands."""
    forms = [canary.encode(), base64.b64encode(f"__token__:{canary}".encode())]
    files = [path for path in world.project.root.rglob("*") if path.is_file()]
    assert any(".towpath" in str(path) and path.name == "publish.json" for path in files)
    return [str(path) for path in files if any(form in path.read_bytes() for form in forms)]


@pytest.mark.parametrize("way", ["published", "refused", "broken", "an exception", "an index that repeats it"])
def test_a_token_is_seen_nowhere(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    canary = world.tokens["TOWPATH_TOKEN_MAIN"]
    if way == "refused":
        world.index.revoke(canary)
    elif way == "broken":
        world.index.faults.add(Fault("drop-after-body", times=None))
    elif way == "an exception":

        def fail(*_: object, **__: object) -> None:
            message = f"cannot send with {canary}"
            raise RuntimeError(message)

        monkeypatch.setattr("twine.commands.upload.upload", fail)
    elif way == "an index that repeats it":
        monkeypatch.setattr("towpath.index.upload.said", lambda *_: f"403 you sent {canary}")
        world.index.revoke(canary)
    told = run_alone(world)
    assert ("PROVEN" in told) == (way == "published")
    assert canary not in told
    assert canary not in "".join(capfd.readouterr())
    assert seen(world, canary) == []


@pytest.mark.parametrize("way", ["published", "refused"])
def test_a_minted_token_and_the_jobs_own_are_seen_nowhere(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    minted: list[str] = []

    real = trusted.exchange
    monkeypatch.setattr(trusted, "exchange", lambda *given, **options: kept(minted, real(*given, **options)))
    with Issuer.serve() as issuer, Twin.serve(tmp_path / "trusting", issuer=issuer) as twin:
        twin.create_project("sample-pkg")
        twin.add_publisher(issuer.publisher("sample-pkg"))
        if way == "refused":
            twin.set_limits("sample-pkg", total_size=10 * 1024**3)
        world.project.replace("pyproject.toml", world.index.url, twin.url)
        world.project.commit("Elsewhere")
        world.seal(*sorted((world.project.root / "dist").iterdir()))
        world.environ |= issuer.environment
        told = run_alone(world)
    assert ("PROVEN" in told) == (way == "published"), told
    assert "TOWPATH_TOKEN_MAIN is set beside the trusted publisher" in told or way == "refused"
    everything = told + "".join(capfd.readouterr())
    for canary in (*minted, issuer.request_token, world.tokens["TOWPATH_TOKEN_MAIN"]):
        assert canary not in everything
        assert seen(world, canary) == []
    assert len(minted) == 1


def kept(minted: list[str], login: Login | None) -> Login | None:
    assert login is not None
    minted.append(login.password)
    return login


def session(world: World) -> subprocess.Popen[str]:
    """The gate as a session of its own, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nox", "-s", "publish"],
        cwd=world.project.root,
        env=world.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def alone_in_its_noxfile(world: World) -> None:
    world.project.write("noxfile.py", NOXFILE)
    world.project.commit("One gate alone")
    world.seal(*sorted((world.project.root / "dist").iterdir()))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.usefixtures("alone_in_its_noxfile")
@pytest.mark.parametrize("kind", ["silence-before-commit", "silence-after-commit"])
def test_killed_while_it_waits_for_the_second_answer_and_run_again(world: World, kind: str) -> None:
    world.index.faults.add(Fault(kind, after=1))
    with session(world) as child:
        deadline = time.monotonic() + 30
        while len(world.index.files("sample-pkg")) < (1 if kind == "silence-before-commit" else 2):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
    world.index.faults.clear()
    with session(world) as child:
        out, _ = child.communicate()
    assert child.returncode == 0, out
    assert world.index.files("sample-pkg") == {
        path.name: measure(path).sha256 for path in (world.project.root / "dist").iterdir()
    }


@pytest.mark.usefixtures("alone_in_its_noxfile")
def test_two_at_once_end_in_the_same_files(world: World) -> None:
    """PyPI answers 500 to one of two that come at the same moment; neither fails for it."""
    world.index.faults.add(Fault("slow", seconds=0.3, times=2))
    with session(world) as first, session(world) as second:
        told = [child.communicate()[0] for child in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], told
    assert len(world.index.files("sample-pkg")) == 2


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the command lines of others are read in /proc")
def test_a_token_is_in_nobodys_command_line(world: World) -> None:
    """While the gate runs as a session, all its children and theirs are looked at again and again."""
    canary = world.tokens["TOWPATH_TOKEN_MAIN"]
    caught: list[bytes] = []
    lines: set[bytes] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            for entry in Path("/proc").iterdir():
                try:
                    line = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
                except OSError:
                    continue  # it has ended
                lines.add(line)
                if canary.encode() in line:
                    caught.append(line)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        world.project.write("noxfile.py", NOXFILE)
        world.project.commit("One gate alone")
        world.seal(*sorted((world.project.root / "dist").iterdir()))
        done = subprocess.run(
            [sys.executable, "-m", "nox", "-s", "publish"],
            cwd=world.project.root,
            env=world.environ,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        over.set()
        watching.join()
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(b"nox" in line for line in lines), "the watch saw the session"
    assert caught == []
    assert canary not in done.stdout + done.stderr
    assert world.index.files("sample-pkg")


NOXFILE = """\
from dataclasses import replace

from towpath.gates.gate import Pipeline
from towpath.gates.publish import publish
from towpath.model import Effect
from towpath.nox import sessions

sessions(Pipeline(replace(publish(), needs=(), effect=Effect.SHARED)))
"""
