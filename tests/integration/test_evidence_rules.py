"""What time, the files, another job and another walk do to evidence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from towpath.config.configuration import Configuration
from towpath.config.sections import Evidence, Settings
from towpath.errors import TowpathError
from towpath.evidence.handover import announce, handed
from towpath.evidence.record import Record
from towpath.evidence.store import Store
from towpath.evidence.weighing import Claim, require, usable_again
from towpath.gates.gate import Gate, Pipeline, Workspace
from towpath.gates.tooling import children, installer_environ
from towpath.model import About, Effect, IndexAddress, Outcome, Subject, Target
from towpath.walk import alone
from towpath.walk.plan import already_proven, make_plan
from towpath.walk.release import alone as in_a_walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from universe import Project

SUBJECT = Subject("sample", "1.0", "a" * 40, "c" * 40)
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
SECURITY = Record(
    "security", "", passed=True, project="sample", version="1.0", tree="a" * 40, commit="c" * 40,
    configuration="d" * 64, started=NOON.isoformat(),
)  # fmt: skip
CLAIM = Claim("security", "", About.TREE, SUBJECT, "d" * 64)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".towpath", "1.0")


def problem_id(act: Callable[[], object]) -> str:
    with pytest.raises(TowpathError) as caught:
        act()
    (problem,) = caught.value.problems
    return problem.id


class TestAge:
    """Age decides what is used again; it closes nothing."""

    LIMITED = replace(CLAIM, max_age=DAY)

    @pytest.mark.parametrize(
        ("later", "used"),
        [(timedelta(), True), (DAY - HOUR, True), (DAY, False), (30 * DAY, False), (-HOUR, False), (-HOUR / 60, True)],
    )
    def test_young_enough(self, store: Store, later: timedelta, *, used: bool) -> None:
        sealed = store.seal(SECURITY)
        assert usable_again(store, self.LIMITED, {}, now=NOON + later) == (sealed if used else None)
        assert require(store, self.LIMITED, now=NOON + later) == sealed, "it opens what comes next all the same"

    @pytest.mark.parametrize("started", ["", "yesterday", "2026-11-21T12:00:00"])
    def test_a_record_that_says_no_time_is_old(self, store: Store, started: str) -> None:
        store.seal(replace(SECURITY, started=started))
        assert usable_again(store, self.LIMITED, {}, now=NOON) is None
        assert usable_again(store, CLAIM, {}, now=NOON) is not None, "no limit, no question"

    def test_no_age_at_all(self, store: Store) -> None:
        store.seal(SECURITY)
        assert usable_again(store, replace(CLAIM, max_age=timedelta()), {}, now=NOON) is None

    def test_a_run_that_finds_the_same_makes_it_young_and_breaks_no_chain(self, store: Store) -> None:
        first = store.seal(SECURITY)
        build = store.seal(replace(SECURITY, gate="build", relied_on={first.path: first.digest}))
        later = NOON + 3 * DAY
        again = store.seal(replace(SECURITY, started=later.isoformat(), notes=("again",)))
        assert again.digest == first.digest
        found = usable_again(store, self.LIMITED, {}, now=later + HOUR)
        assert found is not None
        assert (found.digest, found.latest.notes) == (first.digest, ("again",))
        assert require(store, replace(CLAIM, gate="build")) == build

    def test_a_renewal_is_no_better_than_what_it_renews(self, store: Store) -> None:
        """Left behind by a record that said something else, cut short, or put there by hand."""
        store.seal(SECURITY)
        later = NOON + 3 * DAY
        store.seal(replace(SECURITY, started=later.isoformat()))
        again = store.folder / "1.0" / "security.again.json"
        kept = again.read_bytes()
        for text in (kept[:-30], b"", kept.replace(b"2026-11-24", b"2036-11-24")):
            again.write_bytes(text)
            assert usable_again(store, self.LIMITED, {}, now=later) is None
        again.write_bytes(kept)
        assert usable_again(store, self.LIMITED, {}, now=later) is not None
        store.seal(replace(SECURITY, passed=False, started=later.isoformat()))
        assert not again.exists()
        again.write_bytes(kept)
        assert problem_id(lambda: require(store, CLAIM)) == "evidence-failed"


class TestWhatHoldsForATime:
    def limited(self, store: Store) -> None:
        store.seal(replace(SECURITY, expires=(NOON + DAY).isoformat()))

    def test_it_opens_and_is_used_again_within_it(self, store: Store) -> None:
        self.limited(store)
        assert require(store, CLAIM, now=NOON + DAY - HOUR)
        assert usable_again(store, CLAIM, {}, now=NOON + DAY - HOUR)

    def test_afterwards_neither(self, store: Store) -> None:
        self.limited(store)
        assert problem_id(lambda: require(store, CLAIM, now=NOON + DAY)) == "evidence-expired"
        assert usable_again(store, CLAIM, {}, now=NOON + DAY) is None

    @pytest.mark.parametrize("expires", ["never", "2036-01-01", "2036-01-01T00:00:00"])
    def test_an_end_that_cannot_be_read_has_come(self, store: Store, expires: str) -> None:
        store.seal(replace(SECURITY, expires=expires))
        assert problem_id(lambda: require(store, CLAIM, now=NOON)) == "evidence-expired"

    def test_a_new_run_renews_it(self, store: Store) -> None:
        self.limited(store)
        store.seal(replace(SECURITY, started=(NOON + DAY).isoformat(), expires=(NOON + 2 * DAY).isoformat()))
        assert require(store, CLAIM, now=NOON + DAY + HOUR)

    def test_what_was_built_on_it_in_time_can_be_finished(self, store: Store) -> None:
        self.limited(store)
        path = "security.json"
        store.seal(replace(SECURITY, gate="build", relied_on={path: store.digest(path)}))
        assert require(store, replace(CLAIM, gate="build"), now=NOON + 9 * DAY)


# ---- the rules as gates and walks apply them ------------------------------------------------------------


class World:
    """A workspace in which gates do nothing, so that only the evidence decides."""

    def __init__(self, folder: Path, **environ: str) -> None:
        address = IndexAddress("pypi", "https://up.example/", "https://simple.example/")
        repository: Any = self
        self.workspace = Workspace(
            root=folder,
            repository=repository,
            configuration=Configuration("sample", {}, Settings(python=("3.11", "3.12"))),
            subject=SUBJECT,
            store=Store(folder / ".towpath", "1.0"),
            target=Target("pypi", "remote", address, address, None),
            environ=environ,
        )

    def working_tree(self) -> str:
        return SUBJECT.tree

    def run(self, *names: str, pipeline: Pipeline | None = None) -> list[alone.Result]:
        part = pipeline or PIPELINE
        steps = [step for name in names for step in alone.steps(part[name], self.workspace)]
        return [alone.run(part, step, self.workspace) for step in steps]

    def closed(self, name: str) -> list[tuple[str, str]]:
        with pytest.raises(TowpathError) as caught:
            self.run(name)
        return [(problem.id, problem.cause) for problem in caught.value.problems]

    def proven(self, name: str) -> bool:
        steps = alone.steps(PIPELINE[name], self.workspace)
        return all(already_proven(PIPELINE, step, self.workspace) for step in steps)

    def set(self, **environ: str) -> None:
        self.workspace = replace(self.workspace, environ=environ)


def _built(workspace: Workspace, _variant: str) -> Outcome:
    kept = workspace.store.kept(SUBJECT.commit or "")
    if kept is None:
        file = workspace.root / "s-1.0.tar.gz"
        file.write_bytes(b"the sdist")
        kept = workspace.store.keep([file], SUBJECT.commit or "")
    return Outcome(distributions=kept)


def _same_files(workspace: Workspace, _variant: str) -> Outcome:
    return Outcome(distributions=workspace.store.manifest()[1])


def gate(name: str, *needs: str, act: Callable[[Workspace, str], Outcome] | None = None, **more: Any) -> Gate:
    return Gate(name, f"Does {name}.", act or (lambda *_: Outcome()), needs=needs, **more)


PIPELINE = Pipeline(
    gate("security", act=lambda *_: Outcome(valid_for=24 * 3600)),
    gate("test", per_python=True),
    gate("build", "security", "test", act=_built, about=About.COMMIT),
    gate("verify", "build", act=_same_files, about=About.COMMIT, installs_clean=True),
    gate("publish", "verify", act=_same_files, about=About.WORLD, effect=Effect.PERMANENT, rehearses=True),
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class TestTimeInAWalk:
    def test_how_long_a_finding_holds_is_recorded(self, world: World) -> None:
        world.run("security", "test")
        found = world.workspace.store.load("security.json")
        assert found is not None
        held = datetime.fromisoformat(found.record.expires) - datetime.fromisoformat(found.record.started)
        assert timedelta(hours=24) <= held <= timedelta(hours=24, seconds=1)
        tested = world.workspace.store.load("test-3.11.json")
        assert tested is not None
        assert tested.record.expires == ""

    def make_old(self, world: World, name: str, by: timedelta) -> None:
        """As if the gate had run that long ago."""
        store = world.workspace.store
        sealed = store.load(f"{name}.json")
        assert sealed is not None
        past: dict[str, Any] = {
            key: (datetime.fromisoformat(value) - by).isoformat() if value else ""
            for key in ("started", "expires")
            for value in [getattr(sealed.latest, key)]
        }
        for path in (store.folder / "1.0").glob(f"{name}*.json"):
            path.unlink()
        store.seal(replace(sealed.record, **past))

    def test_an_expired_finding_keeps_the_gate_that_needs_it_closed(self, world: World) -> None:
        world.run("security", "test")
        self.make_old(world, "security", 2 * DAY)
        ((name, cause),) = world.closed("build")
        assert (name, "What security found held until" in cause) == ("evidence-expired", True)
        assert not world.proven("security")
        world.run("security", "build")

    @pytest.mark.parametrize(("limit", "used"), [("7d", True), ("2d", False), ("0d", False), ("49h", True)])
    def test_the_limit_of_the_configuration(self, world: World, limit: str, *, used: bool) -> None:
        settings = Settings(evidence=Evidence(max_age=limit))
        configuration = replace(world.workspace.configuration, settings=settings)
        world.workspace = replace(world.workspace, configuration=configuration)
        world.run("test")
        self.make_old(world, "test", 2 * DAY)
        assert world.proven("test") is used

    def test_the_plan_says_since_when(self, world: World) -> None:
        world.run("test")
        plan = make_plan(PIPELINE, PIPELINE, world.workspace)
        proven = {step.session: step.proven_at for step in plan.steps if step.proven_at}
        assert set(proven) == {"test-3.11", "test-3.12"}
        assert all(datetime.now(timezone.utc) - datetime.fromisoformat(at) < HOUR for at in proven.values())
        again = make_plan(PIPELINE, PIPELINE, world.workspace, again=True)
        assert {step.state.value for step in again.steps} == {"waiting"}


class TestTheManifest:
    """The list of the sealed files is part of the chain: by it they are kept, put back and promoted."""

    def test_the_records_about_the_files_name_it(self, world: World) -> None:
        world.run(*PIPELINE.names)
        for path, named in (("build.json", True), ("verify.json", True), ("security.json", False)):
            sealed = world.workspace.store.load(path)
            assert sealed is not None
            assert ("distributions.json" in sealed.record.relied_on) is named

    @pytest.mark.parametrize("text", [None, b"", b"{}", b'{"commit": "c", "files": []}'])
    def test_gone_or_changed_it_closes_what_follows(self, world: World, text: bytes | None) -> None:
        world.run("security", "test", "build", "verify")
        manifest = world.workspace.store.folder / "1.0" / "distributions.json"
        manifest.unlink() if text is None else manifest.write_bytes(text)
        ((name, cause),) = world.closed("publish")
        assert (name, "build was proven on the strength of distributions.json" in cause) == ("evidence-chain", True)
        assert not world.proven("build")
        assert not world.proven("verify")

    def test_untouched_it_is_used_again(self, world: World) -> None:
        world.run("security", "test", "build", "verify")
        assert world.proven("build")
        assert world.proven("verify")


class TestFromJobToJob:
    """The digest travels as a job's output, apart from the files."""

    def outputs(self, path: Path) -> dict[str, str]:
        return dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())

    def test_what_a_gate_tells(self, world: World, tmp_path: Path) -> None:
        file = tmp_path / "output"
        file.write_text("mine=1\n")
        world.set(GITHUB_OUTPUT=str(file))
        world.run("test")
        said, store = self.outputs(file), world.workspace.store
        digests = {path: store.digest(path) for path in ("test-3.11.json", "test-3.12.json")}
        assert json.loads(said["evidence-digests"]) == digests, "both variants, though they seal apart"
        assert (said["evidence-path"], said["evidence-digest"]) == ("test-3.12.json", digests["test-3.12.json"])
        assert said["mine"] == "1"

    def test_a_closed_gate_tells_nothing(self, world: World, tmp_path: Path) -> None:
        world.set(GITHUB_OUTPUT=str(tmp_path / "output"))
        world.closed("build")

        def crash(*_: object) -> Outcome:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            world.run("security", pipeline=PIPELINE.replacing("security", gate("security", act=crash)))
        assert not (tmp_path / "output").exists()

    def test_nor_does_a_rehearsal(self, world: World, tmp_path: Path) -> None:
        world.set(GITHUB_OUTPUT=str(tmp_path / "output"))
        world.workspace = replace(world.workspace, target=replace(world.workspace.target, rehearsal="r"))
        world.run("security")
        assert not (tmp_path / "output").exists()

    @pytest.mark.parametrize("spelling", ["json", "a line each", "both"])
    def test_the_next_job_opens_with_them(self, world: World, tmp_path: Path, spelling: str) -> None:
        file = tmp_path / "output"
        world.set(GITHUB_OUTPUT=str(file))
        world.run("security")
        first = self.outputs(file)
        file.unlink()
        world.run("test")
        second = self.outputs(file)["evidence-digests"]
        lines = [f"{path}={digest}" for path, digest in json.loads(second).items()]
        text = {
            "json": f"{first['evidence-digests']}\n{second}",
            "a line each": "\n".join([f"security.json={first['evidence-digest']}", *lines]),
            "both": f"\n{first['evidence-digests']}\n\n  " + "\n  ".join(lines),
        }[spelling]
        world.set(TOWPATH_EVIDENCE_DIGESTS=text)
        world.run("build")

    def digests(self, world: World, **other: str) -> str:
        paths = ("security.json", "test-3.11.json", "test-3.12.json")
        found = {path: world.workspace.store.digest(path) for path in paths}
        return json.dumps({**found, **other})

    def test_another_record_in_its_place_is_named(self, world: World) -> None:
        """Sealed and consistent in itself, as whoever may write the artifact can make it."""
        world.run("security", "test")
        told = self.digests(world)
        store = world.workspace.store
        sealed = store.load("security.json")
        assert sealed is not None
        store.seal(replace(sealed.record, tools={"bandit": "none at all"}))
        world.set(TOWPATH_EVIDENCE_DIGESTS=told)
        ((name, cause),) = world.closed("build")
        assert (name, cause.startswith("security.json is not the record that")) == ("evidence-swapped", True)

    def test_a_record_of_which_nothing_was_said(self, world: World) -> None:
        world.run("security", "test")
        told = json.loads(self.digests(world))
        del told["test-3.12.json"]
        world.set(TOWPATH_EVIDENCE_DIGESTS=json.dumps(told))
        ((name, cause),) = world.closed("build")
        assert (name, "test-3.12.json" in cause) == ("evidence-not-handed", True)

    def test_one_that_lies_deeper_is_held_by_the_chain(self, world: World) -> None:
        world.run("security", "test", "build")
        digest = world.workspace.store.digest("build.json")
        sealed = world.workspace.store.load("security.json")
        assert sealed is not None
        world.set(TOWPATH_EVIDENCE_DIGESTS=f"build.json={digest}")
        world.run("verify")
        world.workspace.store.seal(replace(sealed.record, tools={"bandit": "none at all"}))
        assert [name for name, _ in world.closed("verify")] == ["evidence-chain"]

    @pytest.mark.parametrize(
        "text",
        ["", " \n", "{}", "{", "[]", "security.json", "=", "security.json=", f"={'a' * 64}", f"a={'A' * 64}",
         '{"a": 1}', f"a={'a' * 63}", f"a={'a' * 64}\na={'b' * 64}"],
        ids=range(13),
    )  # fmt: skip
    def test_what_cannot_be_read_opens_nothing(self, world: World, text: str) -> None:
        world.run("security", "test")
        world.set(TOWPATH_EVIDENCE_DIGESTS=text)
        assert [name for name, _ in world.closed("build")] == ["bad-digests"]

    def test_none_is_asked_for_where_none_was_told(self) -> None:
        assert handed({}) is None

    def test_an_output_that_cannot_be_written(self, store: Store, tmp_path: Path) -> None:
        sealed = store.seal(SECURITY)
        with pytest.raises(TowpathError):
            announce({"GITHUB_OUTPUT": str(tmp_path / "none" / "output")}, sealed)

    def test_the_projects_own_code_has_no_say_in_it(self, world: World) -> None:
        names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "TOWPATH_EVIDENCE_DIGESTS")
        world.set(**dict.fromkeys(names, "x"), PLAIN="1")
        assert children(world.workspace) == {"PLAIN": "1"}
        assert installer_environ(world.workspace) == {"PLAIN": "1"}, "a build backend is its code, too"


class TestSideBySide:
    def test_two_builds_at_once_never_mix_their_files(self, store: Store, tmp_path: Path) -> None:
        sources = []
        for number in range(6):
            folder = tmp_path / str(number)
            folder.mkdir()
            for name in ("s-1.0.tar.gz", "s-1.0-py3-none-any.whl"):
                (folder / name).write_bytes(bytes([number]) * 200_000)
            sources.append(sorted(folder.iterdir()))
        started = threading.Barrier(len(sources))

        def keep(number: int) -> set[str]:
            started.wait()
            return {file.sha256 for file in store.keep(sources[number], f"{number}" * 40)}

        with ThreadPoolExecutor(len(sources)) as pool:
            kept = list(pool.map(keep, range(len(sources))))
        assert [len(digests) for digests in kept] == [1] * len(sources), "each saw its own files alone"
        commit, _ = store.manifest()
        assert store.kept(commit) is not None

    def test_a_second_walk_is_refused_while_one_is_under_way(self, tmp_path: Path) -> None:
        state = tmp_path / ".towpath"
        code = (
            "import sys\nfrom pathlib import Path\nfrom towpath.walk.release import alone\n"
            "with alone(Path(sys.argv[1])):\n    print('in', flush=True)\n    sys.stdin.read()\n"
        )
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        first = subprocess.Popen(
            [sys.executable, "-c", code, str(state)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
        )  # fmt: skip
        assert first.stdout is not None
        with first:
            assert first.stdout.readline() == "in\n"
            with pytest.raises(TowpathError) as caught, in_a_walk(state):
                pass
            (problem,) = caught.value.problems
            assert (problem.id, str(first.pid) in problem.cause) == ("walk-busy", True)
            first.kill()
        with in_a_walk(state):
            assert (state / "walk.pid").read_text() == str(os.getpid()), "the lock went with the process"

    @pytest.mark.slow
    def test_two_whole_rehearsals_in_one_folder(self, project: Project) -> None:
        """One walks, the other is refused before it runs anything; or it came later, and found all proven."""
        command = [sys.executable, "-m", "nox", "-s", "release", "--", "--json"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        both = [
            subprocess.Popen(command, cwd=project.root, env=dict(project.environ), text=True, **pipes)  # type: ignore[call-overload]  # the pipes are the same for both
            for _ in range(2)
        ]
        reports = [json.loads(child.communicate(timeout=200)[0]) for child in both]
        refused = [report for report in reports if "gates" not in report]
        assert [problem["id"] for report in refused for problem in report["problems"]] == ["walk-busy"] * len(refused)
        done = [report for report in reports if report not in refused]
        assert done
        assert all(report["done"] for report in done)
        records = list((project.root / ".towpath" / "1.0.0").rglob("*.json"))
        assert len(records) > 5
        assert not list((project.root / ".towpath").rglob("walk.pid"))
