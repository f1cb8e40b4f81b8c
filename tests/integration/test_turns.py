"""Sessions that are started early: they do nothing before their turn, and nothing of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest

from towpath.config.configuration import Configuration
from towpath.config.sections import Settings
from towpath.evidence.record import Record, encode
from towpath.evidence.store import Store
from towpath.gates.gate import Gate, Pipeline, Workspace
from towpath.model import IndexAddress, Outcome, Subject, Target
from towpath.walk import alone, runner, turns

if TYPE_CHECKING:
    from pathlib import Path

SUBJECT = Subject("sample", "1.0", "a" * 40, "c" * 40)
# A session as the walk sees it: it waits for its turn, works, seals, and hands up its word.
SESSION = """
    import os, sys, time
    from pathlib import Path
    from towpath.gates.gate import Gate
    from towpath.walk import turns

    name, root = sys.argv[1], Path(sys.argv[2])
    early = turns.VARIABLE in os.environ
    (root / f"{name}.started").write_text(str(os.getpid()))
    turns.wait(Gate(name, "", lambda *_: None, credential="index"), os.environ)
    assert turns.VARIABLE not in os.environ
    assert sys.stdin.read() == ""
    with (root / "order").open("a") as file:
        file.write(f"{name} {'early' if early else 'at once'} {'twine.package' in sys.modules}\\n")
    time.sleep(float((root / "seconds").read_text()))
    if name == (root / "fails").read_text():
        sys.exit(1)
    (root / ".towpath" / "1.0" / f"{name}.json").write_bytes((root / f"{name}.ready").read_bytes())
    Path(os.environ["TOWPATH_OUTCOME"]).write_text('{"problems": [], "reasons": []}')
"""


def gate(name: str, *needs: str) -> Gate:
    return Gate(name, f"Does {name}.", lambda *_: Outcome(), needs=needs)


PIPELINE = Pipeline(gate("one"), gate("two", "one"), gate("three", "two"))


class Folder:
    """A workspace whose sessions are stand-ins, and what a session of each gate will seal."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        address = IndexAddress("pypi", "https://up.example/", "https://simple.example/")
        repository: Any = self
        self.workspace = Workspace(
            root=root,
            repository=repository,
            configuration=Configuration("sample", {}, Settings()),
            subject=SUBJECT,
            store=Store(root / ".towpath", "1.0"),
            target=Target("pypi", "remote", address, address, None),
            environ=dict(os.environ),
        )
        (root / ".towpath" / "1.0").mkdir(parents=True)
        self.write("seconds", "0.8")
        self.write("fails", "none")
        relied_on: dict[str, str] = {}
        for step in (alone.Step(one, "") for one in PIPELINE):
            said = alone.claim(step, self.workspace)
            record = Record(
                step.session, "", passed=True, project="sample", version="1.0", tree=SUBJECT.tree,
                commit="c" * 40, configuration=said.configuration, relied_on=relied_on,
            )  # fmt: skip
            (root / f"{step.session}.ready").write_bytes(encode(record))
            sealed = Store(root / "scratch", "1.0").seal(record)
            relied_on = {sealed.path: sealed.digest}
        code = textwrap.dedent(SESSION)
        monkeypatch.setattr(runner, "command", lambda step, *_: [sys.executable, "-c", code, step.session, str(root)])

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def task(self, *, again: bool = True) -> runner.Walk:
        return runner.Walk(
            pipeline=PIPELINE, workspace=self.workspace, world_file=self.root / "world", scratch=self.root,
            logs=self.root / "logs", credentials={}, again=again,
        )  # fmt: skip

    def walk(self, tell: Any = lambda _: None, task: runner.Walk | None = None) -> list[str]:
        return [f"{event.session} {event.state.value}" for event in runner.walk(task or self.task(), tell)]

    def order(self) -> list[str]:
        return (self.root / "order").read_text().splitlines()

    def left(self) -> list[int]:
        """The sessions that are still there."""
        pids = [int(path.read_text()) for path in self.root.glob("*.started")]
        return [pid for pid in pids if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path, monkeypatch)


def test_the_next_one_waits_with_all_loaded_and_works_on_its_turn(folder: Folder) -> None:
    assert folder.walk() == ["one proven", "two proven", "three proven"]
    assert folder.order() == ["one at once False", "two early True", "three early True"]
    assert folder.left() == []


def test_the_first_one_loads_while_the_walk_is_planned(folder: Folder) -> None:
    with runner.begun(folder.task()) as task:
        assert list(task.early) == ["one"], "the others have to wait for it"
        _until(lambda: not task.early["one"].is_loading)
        assert not (folder.root / "order").exists()
        assert folder.walk(task=task) == ["one proven", "two proven", "three proven"]
    assert folder.order() == ["one early True", "two early True", "three early True"]
    assert folder.left() == []


def test_where_the_walk_is_refused_the_first_one_does_nothing(folder: Folder) -> None:
    with runner.begun(folder.task()):
        _until((folder.root / "one.started").exists)
    assert folder.left() == []
    assert not (folder.root / "order").exists()


def test_one_with_a_record_is_not_started_before_it_is_known_that_it_has_to_run(folder: Folder) -> None:
    (folder.root / ".towpath" / "1.0" / "one.json").write_bytes((folder.root / "one.ready").read_bytes())
    with runner.begun(folder.task(again=False)) as task:
        assert task.early == {}
    with runner.begun(folder.task()) as task:
        assert list(task.early) == ["one"]


def test_several_wait_for_their_turn(folder: Folder) -> None:
    def stop(_event: object) -> None:
        if (folder.root / "three.started").exists():
            raise KeyboardInterrupt

    folder.write("seconds", "30")
    with pytest.raises(KeyboardInterrupt):
        folder.walk(stop)
    assert folder.order() == ["one at once False"]
    assert folder.left() == []


def test_behind_a_gate_that_stays_closed_it_does_nothing(folder: Folder) -> None:
    folder.write("fails", "one")
    assert folder.walk() == ["one closed", "two not reached", "three not reached"]
    assert (folder.root / "two.started").exists(), "it was waiting"
    assert folder.order() == ["one at once False"]
    assert folder.left() == []


def test_an_interruption_leaves_none(folder: Folder) -> None:
    def interrupt(_event: object) -> None:
        if (folder.root / "two.started").exists():
            raise KeyboardInterrupt

    folder.write("seconds", "30")
    with pytest.raises(KeyboardInterrupt):
        folder.walk(interrupt)
    assert folder.left() == []


def test_one_that_has_died_before_its_turn_closes_its_gate(folder: Folder) -> None:
    killed: list[int] = []

    def kill(_event: object) -> None:
        started = folder.root / "two.started"
        if started.exists() and started.read_text() and not killed:
            killed.append(int(started.read_text()))
            os.kill(killed[0], signal.SIGTERM)

    assert folder.walk(kill) == ["one proven", "two closed", "three not reached"]
    assert killed
    assert folder.order() == ["one at once False"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_when_the_walk_is_killed_it_ends_by_itself(folder: Folder) -> None:
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {textwrap.dedent(SESSION)!r}, 'two', {str(folder.root)!r}],"
        " stdin=subprocess.PIPE)\ntime.sleep(60)\n"
    )
    environ = {
        **os.environ,
        turns.VARIABLE: str(folder.root / "loaded"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with subprocess.Popen([sys.executable, "-c", code], env=environ) as walk:
        _until((folder.root / "two.started").exists)
        walk.kill()
    _until(lambda: not folder.left())
    assert not (folder.root / "order").exists()


def _until(holds: Any) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
