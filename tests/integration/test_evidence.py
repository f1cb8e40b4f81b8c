"""The store and the weighing: what opens a gate, what is used again, and what is never lost halfway."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from towpath.config.configuration import Configuration
from towpath.config.sections import Settings
from towpath.errors import TowpathError
from towpath.evidence.record import Record
from towpath.evidence.store import Store, measure, write_atomically
from towpath.evidence.weighing import Claim, require, require_files, usable_again
from towpath.gates.gate import Gate, Pipeline, Workspace
from towpath.model import About, Distribution, Effect, IndexAddress, Outcome, Subject, Target
from towpath.pipeline import RELEASE
from towpath.walk import alone, runner
from towpath.walk.plan import already_proven

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUBJECT = Subject("sample", "1.0", "a" * 40, "c" * 40)
LINT = Record(
    "lint", "", passed=True, project="sample", version="1.0", tree="a" * 40, commit="c" * 40, configuration="d" * 64,
    started="2026-01-01T00:00:00+00:00",
)  # fmt: skip
PUBLISH = replace(LINT, gate="publish", target="f" * 64)
CLAIM = Claim("lint", "", About.TREE, SUBJECT, "d" * 64)
COMMIT_CLAIM = replace(CLAIM, about=About.COMMIT)
WORLD_CLAIM = replace(CLAIM, gate="publish", about=About.WORLD, target="pypi", target_id="f" * 64)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".towpath", "1.0")


def refused(store: Store, claim: Claim) -> tuple[str, str]:
    with pytest.raises(TowpathError) as caught:
        require(store, claim)
    (problem,) = caught.value.problems
    return problem.id, problem.cause


class TestWhatOpensAGate:
    def test_the_same_in_every_respect(self, store: Store) -> None:
        sealed = store.seal(LINT)
        assert require(store, CLAIM) == sealed
        assert require(store, COMMIT_CLAIM) == sealed

    def test_none_at_all(self, store: Store) -> None:
        assert refused(store, CLAIM)[0] == "evidence-missing"

    def test_a_failure(self, store: Store) -> None:
        store.seal(replace(LINT, passed=False))
        assert refused(store, CLAIM)[0] == "evidence-failed"

    @pytest.mark.parametrize(
        ("claim", "subject", "words"),
        [
            (CLAIM, replace(SUBJECT, tree="b" * 40), "another tree (aaaaaaaaaaaa, now bbbbbbbbbbbb)"),
            (COMMIT_CLAIM, replace(SUBJECT, commit="b" * 40), "another commit (cccccccccccc, now bbbbbbbbbbbb)"),
            (COMMIT_CLAIM, replace(SUBJECT, commit=None), "another commit (cccccccccccc, now uncommitted work)"),
            (CLAIM, replace(SUBJECT, version="1.0.0.post20261121"), "another version (1.0, now 1.0.0.post20261121)"),
        ],
    )
    def test_another_subject(self, store: Store, claim: Claim, subject: Subject, words: str) -> None:
        store.seal(LINT)
        assert refused(store, replace(claim, subject=subject)) == (
            "evidence-stale",
            f"The evidence of lint is about {words}.",
        )

    def test_what_is_about_the_tree_holds_for_any_commit_of_it(self, store: Store) -> None:
        store.seal(LINT)
        require(store, replace(CLAIM, subject=replace(SUBJECT, commit="b" * 40)))
        require(store, replace(CLAIM, subject=replace(SUBJECT, commit=None)))

    def test_another_project(self, store: Store) -> None:
        store.seal(LINT)
        assert refused(store, replace(CLAIM, subject=replace(SUBJECT, project="other")))[0] == "evidence-broken"

    def test_another_configuration(self, store: Store) -> None:
        store.seal(LINT)
        name, cause = refused(store, replace(CLAIM, configuration="e" * 64))
        assert (name, "another configuration" in cause) == ("evidence-stale", True)

    @pytest.mark.parametrize("other", [{"variant": "3.12"}, {"gate": "test"}])
    def test_another_gate_or_variant(self, store: Store, other: dict[str, str]) -> None:
        sealed = store.seal(LINT)
        claim = replace(CLAIM, **other)  # type: ignore[arg-type]  # both fields are texts
        assert refused(store, claim)[0] == "evidence-missing"
        text = (store.folder / "1.0" / sealed.path).read_bytes()
        (store.folder / "1.0" / store.path(claim.gate, claim.variant)).write_bytes(text)
        assert refused(store, claim)[0] == "evidence-broken", "also where somebody copies it there"

    def test_another_target(self, store: Store) -> None:
        store.seal(PUBLISH, "pypi")
        require(store, WORLD_CLAIM)
        name, cause = refused(store, replace(WORLD_CLAIM, target_id="e" * 64))
        assert (name, "another target" in cause) == ("evidence-stale", True)
        assert refused(store, replace(WORLD_CLAIM, target="testpypi"))[0] == "evidence-missing"

    def test_tools_may_differ(self, store: Store) -> None:
        store.seal(replace(LINT, tools={"ruff": "1"}))
        require(store, replace(CLAIM, tools={"ruff": "2"}))

    @pytest.mark.parametrize("place", [0, 40, -10, -2])
    def test_a_byte_that_has_changed(self, store: Store, place: int) -> None:
        path = store.folder / "1.0" / store.seal(LINT).path
        text = bytearray(path.read_bytes())
        text[place] ^= 1
        path.write_bytes(bytes(text))
        assert refused(store, CLAIM)[0] == "evidence-broken"

    def test_an_empty_file(self, store: Store) -> None:
        (store.folder / "1.0" / store.seal(LINT).path).write_bytes(b"")
        assert refused(store, CLAIM) == (
            "evidence-broken",
            "The record .towpath/1.0/lint.json is not to be trusted: it is cut short or is no record of ours.",
        )


class TestTheChain:
    @pytest.fixture
    def chain(self, store: Store) -> Store:
        lint = store.seal(LINT)
        build = store.seal(replace(LINT, gate="build", relied_on={lint.path: lint.digest}))
        verify = store.seal(replace(LINT, gate="verify-install", relied_on={build.path: build.digest}))
        tag = replace(LINT, gate="tag", target="f" * 64, relied_on={verify.path: verify.digest})
        store.seal(tag, "pypi")
        return store

    CLAIM = replace(WORLD_CLAIM, gate="tag")

    def test_whole(self, chain: Store) -> None:
        require(chain, self.CLAIM)

    @pytest.mark.parametrize("broken", ["lint", "build", "verify-install"])
    @pytest.mark.parametrize("how", ["gone", "another", "failed", "altered"])
    def test_broken_anywhere(self, chain: Store, broken: str, how: str) -> None:
        path = chain.folder / "1.0" / f"{broken}.json"
        sealed = chain.load(f"{broken}.json")
        assert sealed is not None
        if how == "gone":
            path.unlink()
        elif how == "altered":
            path.write_bytes(path.read_bytes().replace(b"sample", b"simple"))
        else:
            chain.seal(replace(sealed.record, tools={"x": "2"}, passed=how != "failed"))
        name, cause = refused(chain, self.CLAIM)
        assert name == ("evidence-broken" if how == "altered" else "evidence-chain")
        assert f"{broken}.json" in cause

    def test_sealed_again_with_the_same_outcome_it_still_holds(self, chain: Store) -> None:
        chain.seal(replace(LINT, started="2027-01-01T00:00:00+00:00", seconds=9.0, notes=("new",)))
        require(chain, self.CLAIM)


class TestWhatIsUsedAgain:
    def test_the_same_in_every_respect(self, store: Store) -> None:
        lint = store.seal(LINT)
        build = replace(LINT, gate="build", tools={"build": "1"}, relied_on={lint.path: lint.digest})
        sealed = store.seal(build)
        claim = replace(CLAIM, gate="build", about=About.COMMIT, tools={"build": "1"})
        assert usable_again(store, claim, {lint.path: lint.digest}) == sealed
        assert usable_again(store, replace(claim, tools={"build": "2"}), {lint.path: lint.digest}) is None
        assert usable_again(store, replace(claim, tools={}), {lint.path: lint.digest}) is None
        assert usable_again(store, claim, {lint.path: "0" * 64}) is None
        assert usable_again(store, claim, {}) is None
        assert usable_again(store, claim, {lint.path: lint.digest, "test.json": "0" * 64}) is None

    def test_nothing_that_would_not_open(self, store: Store) -> None:
        assert usable_again(store, CLAIM, {}) is None
        store.seal(replace(LINT, passed=False))
        assert usable_again(store, CLAIM, {}) is None
        store.seal(LINT)
        assert usable_again(store, replace(CLAIM, configuration="e" * 64), {}) is None
        assert usable_again(store, CLAIM, {}) is not None

    def test_what_happened_in_the_world_never(self, store: Store) -> None:
        store.seal(PUBLISH, "pypi")
        assert require(store, WORLD_CLAIM)
        assert usable_again(store, WORLD_CLAIM, {}) is None


class TestFiles:
    KEPT = (Distribution("a.tar.gz", 1, "1" * 64), Distribution("a.whl", 2, "2" * 64))

    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            (KEPT, ""),
            (KEPT[::-1], ""),
            (KEPT[:1], "file-missing"),
            ((), "file-missing"),
            ((*KEPT, Distribution("b", 1, "3" * 64)), "file-foreign"),
            ((KEPT[0], replace(KEPT[1], sha256="3" * 64)), "file-altered"),
            ((KEPT[0], replace(KEPT[1], size=3)), "file-altered"),
        ],
    )
    def test_exactly_the_sealed_ones(self, found: tuple[Distribution, ...], expected: str) -> None:
        if not expected:
            require_files(self.KEPT, found, "dist")
            return
        with pytest.raises(TowpathError) as caught:
            require_files(self.KEPT, found, "dist")
        assert caught.value.problems[0].id == expected


class TestSealing:
    def test_an_equal_record_stays_in_place(self, store: Store) -> None:
        first, later = store.seal(LINT), replace(LINT, started="later", seconds=3.0)
        assert store.seal(later) == replace(first, latest=later)
        assert store.load("lint.json") == replace(first, latest=later), "the bytes, and so the digest, are the first's"

    def test_a_failure_takes_the_place_of_a_pass(self, store: Store) -> None:
        store.seal(LINT)
        store.seal(replace(LINT, passed=False))
        assert refused(store, CLAIM)[0] == "evidence-failed"

    def test_what_is_broken_is_written_anew(self, store: Store) -> None:
        path = store.folder / "1.0" / store.seal(LINT).path
        path.write_bytes(b"{")
        store.seal(LINT)
        assert require(store, CLAIM)

    def test_the_folder_keeps_itself_out_of_git(self, store: Store) -> None:
        store.seal(LINT)
        assert (store.folder / ".gitignore").read_bytes() == b"*\n"

    def test_variants_and_targets_lie_apart(self, store: Store) -> None:
        records = [LINT, replace(LINT, variant="3.11"), replace(LINT, variant="3.12"), replace(LINT, passed=False)]
        paths = [store.seal(record, target).path for record, target in zip(records, ("", "", "", "pypi"), strict=True)]
        assert paths == ["lint.json", "lint-3.11.json", "lint-3.12.json", "pypi/lint.json"]
        assert require(store, CLAIM).record == LINT

    def test_many_at_once(self, store: Store) -> None:
        """Walks are kept apart by a lock; single gates are not, and must leave whole records all the same."""
        kinds = [replace(LINT, gate=f"gate{n % 4}", tools={"n": str(n)}) for n in range(80)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(store.seal, kinds))
        for number in range(4):
            sealed = store.load(f"gate{number}.json")
            assert sealed is not None
            assert sealed.record in kinds
        assert [path.name for path in (store.folder / "1.0").iterdir() if path.name.startswith(".")] == []


class TestAtomicWriting:
    def test_nothing_is_left_of_a_failure(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "a.json"
        write_atomically(file, b"old")

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_atomically(file, b"new")
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file()] == [("a.json", b"old")]

    @pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
    def test_a_kill_in_between_leaves_the_old(self, tmp_path: Path) -> None:
        file = tmp_path / "a.json"
        write_atomically(file, b"old")
        code = f"""
            import os, signal
            from pathlib import Path
            from towpath.evidence import store
            os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
            store.write_atomically(Path({str(file)!r}), b"new" * 100000)
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert file.read_bytes() == b"old"


class TestKeeping:
    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        found = [tmp_path / "s-1.0.tar.gz", tmp_path / "s-1.0-py3-none-any.whl"]
        for path in found:
            path.write_bytes(path.name.encode())
        return found

    def test_every_byte(self, store: Store, files: list[Path]) -> None:
        kept = store.keep(files, "c" * 40)
        assert kept == tuple(sorted(map(measure, files)))
        assert store.kept("c" * 40) == kept
        assert store.manifest() == ("c" * 40, kept)

    def test_of_another_commit(self, store: Store, files: list[Path]) -> None:
        store.keep(files, "c" * 40)
        assert store.kept("b" * 40) is None

    def test_none_yet(self, store: Store) -> None:
        assert store.kept("c" * 40) is None
        assert store.kept("") is None
        assert store.manifest() == ("", ())

    @pytest.mark.parametrize("how", ["missing", "altered", "shorter", "a folder"])
    def test_a_file_that_is_not_as_it_was(self, store: Store, files: list[Path], how: str) -> None:
        store.keep(files, "c" * 40)
        path = store.distributions_folder / files[1].name
        content = path.read_bytes()
        path.unlink()
        if how == "a folder":
            path.mkdir()
        elif how != "missing":
            path.write_bytes(content[:-1] + (b"" if how == "shorter" else b"?"))
        assert store.kept("c" * 40) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            "{}",
            '{"commit": "c"}',
            '{"commit": "c", "files": [{}]}',
            '{"commit": "c", "files": [1]}',
            "\xff",
        ],
    )
    def test_a_manifest_that_cannot_be_read(self, store: Store, files: list[Path], text: str) -> None:
        store.keep(files, "c")
        (store.folder / "1.0" / "distributions.json").write_bytes(text.encode("latin-1"))
        assert store.kept("c") is None

    def test_a_build_that_was_cut_off_leaves_nothing_that_counts(
        self, store: Store, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.keep(files, "c" * 40)
        with monkeypatch.context() as patch:
            patch.setattr(
                "towpath.evidence.store.write_atomically", lambda *_: (_ for _ in ()).throw(OSError("cut off"))
            )
            with pytest.raises(OSError, match="cut off"):
                store.keep(files, "b" * 40)
        assert store.kept("b" * 40) is None
        assert store.kept("c" * 40) is None
        assert store.keep(files, "b" * 40)

    def test_what_was_kept_before_goes(self, store: Store, files: list[Path]) -> None:
        store.keep(files, "c" * 40)
        assert len(store.keep(files[:1], "b" * 40)) == 1
        assert [path.name for path in store.distributions_folder.iterdir()] == [files[0].name]


# ---- the rules as a walk applies them ------------------------------------------------------------------


class World:
    """A workspace in which gates do nothing, so that only the evidence decides."""

    def __init__(self, folder: Path) -> None:
        address = IndexAddress("pypi", "https://up.example/", "https://simple.example/")
        target = Target("pypi", "remote", address, address, None)
        repository: Any = self
        configuration = Configuration("sample", {}, Settings(python=("3.11", "3.12")))
        store = Store(folder / ".towpath", "1.0")
        self.workspace = Workspace(folder, repository, configuration, SUBJECT, store, target, {})

    def working_tree(self) -> str:
        return SUBJECT.tree

    def run(self, pipeline: Pipeline, *names: str) -> None:
        for name in names:
            for step in alone.steps(pipeline[name], self.workspace):
                alone.run(pipeline, step, self.workspace)

    def closed(self, pipeline: Pipeline, name: str) -> list[str]:
        with pytest.raises(TowpathError) as caught:
            self.run(pipeline, name)
        return [problem.cause for problem in caught.value.problems]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def gate(name: str, *needs: str, **more: Any) -> Gate:
    act: Callable[[Workspace, str], Outcome] = more.pop("act", lambda *_: Outcome())
    return Gate(name, f"Does {name}.", act, needs=needs, **more)


PIPELINE = Pipeline(
    gate("lint"),
    gate("test", per_python=True),
    gate("build", "lint", "test", about=About.COMMIT),
    gate("verify", "build", about=About.COMMIT, installs_clean=True),
    gate("publish", "verify", about=About.WORLD, effect=Effect.PERMANENT, rehearses=True),
)


class TestTheGatesInOrder:
    def test_each_opens_the_next(self, world: World) -> None:
        world.run(PIPELINE, *PIPELINE.names)

    def test_all_that_keeps_a_gate_closed_is_told_together(self, world: World) -> None:
        assert len(world.closed(PIPELINE, "build")) == 3, "lint, and both variants of test"

    def test_every_variant_counts(self, world: World) -> None:
        world.run(PIPELINE, "lint")
        alone.run(PIPELINE, alone.Step(PIPELINE["test"], "3.11"), world.workspace)
        (cause,) = world.closed(PIPELINE, "build")
        assert cause == "The gate test is not proven for this version."

    def test_a_refusal_seals_nothing(self, world: World) -> None:
        world.closed(PIPELINE, "build")
        assert world.workspace.store.load("build.json") is None

    def test_uncommitted_work_is_for_the_first_gates_only(self, world: World) -> None:
        world.workspace = replace(world.workspace, subject=replace(SUBJECT, commit=None))
        world.run(PIPELINE, "lint", "test")
        assert world.closed(PIPELINE, "build") == ["There is uncommitted work, but build is about a commit."]

    def test_a_failure_is_sealed_and_undoes_an_earlier_pass(self, world: World) -> None:
        world.run(PIPELINE, "lint", "test", "build")

        def fail(*_: object) -> Outcome:
            require_files((Distribution("a", 1, "x"),), (), "dist")
            return Outcome()

        assert world.closed(PIPELINE.replacing("lint", gate("lint", act=fail)), "lint")
        assert world.closed(PIPELINE, "build") == ["The gate lint stayed closed when it was last run."]
        assert "lint.json, which has changed" in world.closed(PIPELINE, "verify")[0]

    def test_an_interruption_leaves_the_earlier_evidence(self, world: World) -> None:
        world.run(PIPELINE, "lint")

        def interrupted(*_: object) -> Outcome:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            world.run(PIPELINE.replacing("lint", gate("lint", act=interrupted)), "lint")
        assert require(world.workspace.store, alone.claim(alone.Step(PIPELINE["lint"], ""), world.workspace))

    def test_a_crash_of_the_gate_undoes_the_earlier_evidence(self, world: World) -> None:
        world.run(PIPELINE, "lint")

        def crash(*_: object) -> Outcome:
            raise FileNotFoundError

        crashing = PIPELINE.replacing("lint", gate("lint", act=crash))
        with pytest.raises(FileNotFoundError):
            world.run(crashing, "lint")
        with pytest.raises(TowpathError, match="stayed closed"):
            require(world.workspace.store, alone.claim(alone.Step(PIPELINE["lint"], ""), world.workspace))

    def test_a_narrowed_run_seals_nothing(self, world: World) -> None:
        result = alone.run(PIPELINE, alone.Step(PIPELINE["lint"], ""), world.workspace, narrowed=("arguments -k x",))
        assert result.state.value == "passed, not sealed"
        assert world.workspace.store.load("lint.json") is None

    def test_a_removal_is_on_record(self, world: World) -> None:
        part = PIPELINE.without("lint")
        world.run(part, "test", "build")
        sealed = world.workspace.store.load("build.json")
        assert sealed is not None
        assert sealed.record.changes == ("without lint",)

    def test_a_duplicate_python_is_one(self, world: World) -> None:
        settings = Settings(python=("3.11", "3.11"))
        found = replace(world.workspace, configuration=replace(world.workspace.configuration, settings=settings))
        assert [step.session for step in alone.steps(PIPELINE["test"], found)] == ["test-3.11"]


class TestEvidenceOfAnotherPipeline:
    """Made where a gate was left out, it must not carry the release past that gate."""

    FULL = PIPELINE.inserting(gate("approve", effect=Effect.SHARED), after="lint")

    def test_a_rehearsal_leaves_a_foreign_gate_out(self) -> None:
        assert "approve" not in self.FULL.rehearsal().names

    @pytest.mark.parametrize("closed", ["verify", "publish"])
    def test_near_and_far(self, world: World, closed: str) -> None:
        names = PIPELINE.names[: PIPELINE.names.index(closed)]
        world.run(self.FULL.rehearsal(), *names)
        (cause,) = world.closed(self.FULL, closed)
        assert cause == "The evidence of build is about another pipeline (without approve, now with it)."

    def test_nor_is_it_used_again(self, world: World) -> None:
        world.run(self.FULL.rehearsal(), "lint", "test", "build")
        world.run(self.FULL, "approve")
        assert already_proven(self.FULL, alone.Step(self.FULL["build"], ""), world.workspace) is None
        assert already_proven(self.FULL, alone.Step(self.FULL["lint"], ""), world.workspace) is not None

    def test_once_the_gate_has_run_the_rest_has_to_run_again(self, world: World) -> None:
        world.run(self.FULL.rehearsal(), "lint", "test", "build", "verify")
        world.run(self.FULL, "approve")
        assert world.closed(self.FULL, "publish")
        world.run(self.FULL, "build", "verify", "publish")

    def test_a_shorter_pipeline_takes_the_evidence_of_the_longer(self, world: World) -> None:
        world.run(self.FULL, "lint", "approve", "test", "build")
        world.run(PIPELINE, "verify")


class TestWalking:
    """The walk believes neither an exit code nor a word alone. The children are real, their sessions are stand-ins."""

    def walk(self, world: World, monkeypatch: pytest.MonkeyPatch, code: str, **more: Any) -> list[runner.Event]:
        monkeypatch.setattr(runner, "command", lambda *_: [sys.executable, "-c", textwrap.dedent(code)])
        root = world.workspace.root
        options = {"pipeline": Pipeline(gate("lint")), "credentials": {}, **more}
        task = runner.Walk(
            workspace=world.workspace, world_file=root / "w", scratch=root, logs=root / "logs", again=True, **options
        )
        return list(runner.walk(task, lambda _: None))

    SAID = "import os\nwith open(os.environ['TOWPATH_OUTCOME'], 'w') as file:\n    file.write('{}')\n"

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            (SAID.format('{"problems": [], "reasons": []}'), ""),
            (SAID.format('{"problems": [], "reasons": ["arguments -k x"]}'), "not-sealed"),
            ("pass", "session-ended"),
            (SAID.format("[]"), "session-ended"),
            (SAID.format("{"), "session-ended"),
            ("raise SystemExit(1)", "session-ended"),
            (SAID.format('{"problems": [], "reasons": []}') + "os._exit(1)", "session-ended"),
        ],
    )
    def test_an_earlier_pass_does_not_speak_for_a_session_that_did_not_run(
        self, world: World, monkeypatch: pytest.MonkeyPatch, code: str, expected: str
    ) -> None:
        world.run(PIPELINE, "lint")
        (event,) = self.walk(world, monkeypatch, code)
        assert event.state.value == ("closed" if expected else "proven")
        assert [problem.id for problem in event.problems] == ([expected] if expected else [])

    def test_a_word_without_evidence(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        (event,) = self.walk(world, monkeypatch, self.SAID.format('{"problems": [], "reasons": []}'))
        assert [problem.id for problem in event.problems] == ["evidence-missing"]

    def environment(self, world: World, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, str]:
        code = "import json, os\njson.dump(dict(os.environ), open('environ.json', 'w'))"
        self.walk(world, monkeypatch, code, **more)
        found: dict[str, str] = json.loads((world.workspace.root / "environ.json").read_text())
        return found

    def test_a_rehearsal_goes_through_no_proxy_to_this_machine(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = replace(world.workspace.target, rehearsal="r")
        environ = {**os.environ, "HTTPS_PROXY": "http://proxy.example", "no_proxy": "corp.example"}
        world.workspace = replace(world.workspace, target=target, environ=environ)
        found = self.environment(world, monkeypatch)
        assert found["no_proxy"] == found["NO_PROXY"] == "corp.example,127.0.0.1,localhost,::1"
        assert found["HTTPS_PROXY"] == "http://proxy.example"

    def test_the_gate_that_pushes_is_given_the_agent(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        tag = replace(RELEASE["tag"], needs=())
        world.workspace = replace(world.workspace, environ={**os.environ, "SSH_AUTH_SOCK": "/agent"})
        names = runner.credential_variables(world.workspace, tag.credential)
        given = {tag.credential: {name: "/agent" for name in names if name == "SSH_AUTH_SOCK"}}
        found = self.environment(world, monkeypatch, pipeline=Pipeline(tag), credentials=given)
        assert found.get("SSH_AUTH_SOCK") == "/agent"


def test_the_manifest_lists_what_was_measured(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "s.whl"
    file.write_bytes(b"x" * 3_000_000)
    store.keep([file], "c")
    manifest = json.loads((store.folder / "1.0" / "distributions.json").read_bytes())
    assert manifest["files"][0]["size"] == 3_000_000
