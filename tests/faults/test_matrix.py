"""The fault matrix: a sample of it in the ordinary run, all of it by `python -m pytest tests/faults --all-faults`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faults import record, runs
from faults.matrix import CASES, KNOWN, LEFT_ALONE, OVERTAKEN, POINTS, RIVALLED, SAMPLE, Case, Point
from faults.situations import SITUATIONS, Situation

if TYPE_CHECKING:
    from faults.world import Lab

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="walks are forked, and Windows has no SIGKILL"),
    pytest.mark.slow,
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    everything = metafunc.config.getoption("--all-faults", default=False)
    for name, way, values in _PARAMETERS:
        if name in metafunc.fixturenames and metafunc.function.__name__ == f"test_{way}":
            prefix = "" if way in {"struck", "met"} else f"{way}/"
            chosen = [value for value in values if everything or f"{prefix}{value.id}" in SAMPLE]
            metafunc.parametrize(name, chosen, ids=[value.id for value in chosen])


_PARAMETERS = (
    ("case", "struck", CASES),
    ("point", "killed", POINTS),
    ("point", "overtaken", OVERTAKEN),
    ("point", "rivalled", RIVALLED),
    ("situation", "met", SITUATIONS),
    ("case", "parent_killed", LEFT_ALONE),
)


class Ledger:
    """Compares how a run ended with what is known, or keeps it."""

    def __init__(self, seen: dict[str, str], *, recording: bool) -> None:
        self._seen, self._recording, self._known = seen, recording, record.known()

    def enter(self, name: str, ended: str) -> None:
        self._seen[name] = ended
        assert self._recording or self._known[name] == ended, (
            f"{name} ended otherwise than docs/reference/faults.md says"
        )


@pytest.fixture
def ledger(seen: dict[str, str], *, recording: bool) -> Ledger:
    return Ledger(seen, recording=recording)


def test_a_walk_touches_the_world_where_it_is_known_to(laboratory: Lab, *, recording: bool) -> None:
    """So a new request, or a new record, cannot be left out of the matrix."""
    with laboratory.world() as world:
        walked = world.walk()
        assert walked.done, walked
        world.assert_finished()
    points = list(walked.points)
    pushing = points.index("tag|git push|before") + 1
    points[pushing:pushing] = ["tag|git push|connected", "tag|git push|taken"]
    if recording and points != [point.text for point in POINTS]:
        KNOWN.write_text(json.dumps(points, indent=0) + "\n", encoding="utf-8")
        pytest.fail("the points have changed, and are kept: run it once more")
    assert points == [point.text for point in POINTS]


def test_struck(laboratory: Lab, ledger: Ledger, case: Case) -> None:
    ledger.enter(case.id, runs.struck(laboratory, case))


def test_killed(laboratory: Lab, ledger: Ledger, point: Point) -> None:
    ledger.enter(f"killed/{point.id}", runs.killed(laboratory, point))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="whom a process has started is read in /proc")
def test_parent_killed(laboratory: Lab, ledger: Ledger, case: Case) -> None:
    ledger.enter(f"parent_killed/{case.id}", runs.parent_killed(laboratory, case))


def test_overtaken(laboratory: Lab, ledger: Ledger, point: Point) -> None:
    ledger.enter(f"overtaken/{point.id}", runs.overtaken(laboratory, point))


def test_rivalled(laboratory: Lab, ledger: Ledger, point: Point) -> None:
    ledger.enter(f"rivalled/{point.id}", runs.rivalled(laboratory, point))


def test_met(laboratory: Lab, ledger: Ledger, situation: Situation) -> None:
    ledger.enter(situation.id, runs.met(laboratory, situation))


@pytest.mark.parametrize("name", record.AT_ONCE)
def test_at_once(laboratory: Lab, seen: dict[str, str], name: str) -> None:
    """Which of the two wins is chance: how it ended is kept, and not compared."""
    seen[name] = runs.at_once(laboratory, same_commit=record.AT_ONCE[name])


def test_the_page_is_what_is_known() -> None:
    known = record.known()
    assert record.PAGE.read_text(encoding="utf-8") == record.page(known), "run it with --record-faults"
    names = {*(case.id for case in CASES), *(one.id for one in SITUATIONS), *record.AT_ONCE}
    ways = {"killed": POINTS, "overtaken": OVERTAKEN, "rivalled": RIVALLED}
    names |= {f"{way}/{point.id}" for way, points in ways.items() for point in points}
    names |= {f"parent_killed/{case.id}" for case in LEFT_ALONE}
    assert set(known) == names
    assert names >= set(SAMPLE)
