"""One run of each kind: it goes wrong as ordered, nothing public is wrong then, and running it again finishes it.

Each returns in words how it ended; what must never be is asserted here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from faults.world import WORLD_GATES

if TYPE_CHECKING:
    from faults.matrix import Case, Point
    from faults.situations import Situation
    from faults.world import Lab, Walked, World
    from universe import Project

MENDED, DONE = "mended", "finished"
_UNEXPLAINED = {"crash", "gate-broken"}


def struck(lab: Lab, case: Case) -> str:
    """A fault at a request, with the gates before it open; then the whole walk again without it."""
    with lab.world(case.place.gate) as world:
        world.arm(case)
        walked = world.walk(_from(case.place.gate))
        assert world.struck, "the fault was never met"
        world.assert_unharmed()
        world.heal()
        _finish(world)
    return MENDED if walked.done else _words(walked)


def killed(lab: Lab, point: Point) -> str:
    """kill -9 at a point of the whole walk, and the whole walk again."""
    with lab.world() as world:
        if point.moment in _ON_THE_WIRE:
            world.order_ssh("push", _ON_THE_WIRE[point.moment], 0, 1)
            walked = world.walk()
        else:
            walked = world.walk(kill_at=point.traced)
            assert walked.points[-1] == point.text
            assert len(walked.points) == point.traced + 1
        assert walked.killed
        world.assert_unharmed()
        world.heal()
        _finish(world)
    return DONE


_ON_THE_WIRE = {"connected": "kill-before", "taken": "kill-after"}


def overtaken(lab: Lab, point: Point) -> str:
    """A walk stops at a point while another of the same commit, in another clone, goes all the way."""
    with lab.world() as world:
        other = world.cloned("other")
        first, second = _race(world, point.traced, other)
        assert second.done, (first, second)
        world.assert_finished(other)
        _finish(world)
        _finish(world, other)
    return _of_two(first, second)


def rivalled(lab: Lab, point: Point) -> str:
    """The same, of another commit with the same version: one of the two wins for good."""
    with lab.world() as world:
        rival = world.rival()
        first, second = _race(world, point.traced, rival)
        assert first.done != second.done, (first, second)
        winner, loser = (world.project, rival) if first.done else (rival, world.project)
        world.assert_finished(winner)
        refused = world.walk(root=loser.root)
        assert not refused.done
        assert "tag-elsewhere" in refused.problems, refused
        world.assert_finished(winner)
        _finish(world, winner)
    return _of_two(first, second)


def at_once(lab: Lab, *, same_commit: bool) -> str:
    """Two walks that begin at the same moment."""
    with lab.world() as world:
        other = world.cloned("other") if same_commit else world.rival()
        walks = lab.order([world.ordered(), world.ordered(root=other.root)])
        for one in walks:
            assert _UNEXPLAINED.isdisjoint(one.problems), one.causes
        winner = other if walks[1].done else world.project
        _finish(world, winner)
        again = world.walk(root=(world.project if winner is other else other).root)
        assert again.done == same_commit, again
        world.assert_finished(winner)
    return _of_two(*walks)


def met(lab: Lab, situation: Situation) -> str:
    """A world that somebody else has changed: it is refused rightly, and again, until it is as it should be."""
    with lab.world(situation.gate) as world, situation.arranged(world):
        walked = world.walk(_from(situation.gate))
        assert not walked.done
        before = world.public()
        again = world.walk()
        assert again.problems == walked.problems, again
        assert world.public() == before, "a refusal has published something"
        if situation.healed is None:
            return _words(walked)
        situation.healed(world)
        _finish(world)
    return f"{_words(walked)}; then {DONE}"


def parent_killed(lab: Lab, case: Case) -> str:
    """`nox -s release` itself is killed while the session that it has started waits for an answer; then run again.

    The session that is left alone may go on: two walks at once, then.
    """
    with lab.world() as world:
        world.arm(case)
        usual = {name: value for name, value in world.environ.items() if not name.startswith("UV_")}
        project = replace(world.project, environ={**usual, **_uv(lab)})
        argv = [sys.executable, "-m", "nox", "-s", "release", "--", "--to", "main", "--yes"]
        with subprocess.Popen(
            argv, cwd=project.root, env=project.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as walk:
            _wait_until_struck(world, walk)
            alone = _descendants(walk.pid)
            walk.kill()
        world.assert_unharmed()
        world.heal()
        again = project.nox("-s", "release", "--", "--to", "main", "--yes", "--json")
        assert again.json()["done"], again.all
        world.assert_finished()
        for pid in alone:  # so that none of them reaches the next world
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return DONE


_PATIENCE_SECONDS = 120.0


def _uv(lab: Lab) -> dict[str, str]:
    """Where uv looks on this machine: gates before tag may have to be proven again."""
    return {name: value for name, value in lab.environ.items() if name.startswith("UV_")}


def _wait_until_struck(world: World, walk: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not world.struck:
        assert walk.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _descendants(pid: int) -> list[int]:
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return children + [one for child in children for one in _descendants(child)]


def _from(gate: str) -> tuple[str, ...]:
    return WORLD_GATES[WORLD_GATES.index(gate) :]


def _finish(world: World, project: Project | None = None) -> None:
    again = world.walk(root=(project or world.project).root)
    assert again.done, (again.closed, again.problems, again.causes)
    world.assert_finished(project)


def _race(world: World, stop_at: int, other: Project) -> tuple[Walked, Walked]:
    here = world.lab.here
    stopped, done = str(here / "stopped"), str(here / "done")
    first = world.ordered(stop_at=stop_at, stopped=stopped, until=done)
    second = world.ordered(root=other.root, start_when=stopped, done=done)
    walks = world.lab.order([first, second])
    for one in walks:
        assert _UNEXPLAINED.isdisjoint(one.problems), one.causes
    return walks[0], walks[1]


def _of_two(first: Walked, second: Walked) -> str:
    said = [DONE if one.done else _words(one) for one in (first, second)]
    return "both finished" if said == [DONE, DONE] else f"first: {said[0]}; second: {said[1]}"


def _words(walked: Walked) -> str:
    assert walked.problems
    assert _UNEXPLAINED.isdisjoint(walked.problems), walked.causes
    return ", ".join(dict.fromkeys(walked.problems))
