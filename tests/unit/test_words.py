"""Values in words and as data."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.model import Distribution, State, counted
from towpath.reports import data, words
from towpath.walk.plan import Plan, PlannedStep
from towpath.walk.release import Report
from towpath.walk.runner import Event

PROBLEM = errors.COMMAND_FAILED.problem(command="pytest", code=1, detail="E assert 1 == 2\nlast", log="x.log")
STEP = PlannedStep(
    "test-3.12",
    "Run.",
    ("lint",),
    "none",
    "",
    State.ALREADY_PROVEN,
    "2026-11-21T02:00:00+00:00",
    after_point_of_no_return=True,
)
PLAN = Plan("p", "1.0", "rehearsal", rehearsal=True, remarks=("a remark",), steps=(STEP,), changes=("security",))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0 s"), (0.04, "0.0 s"), (0.4, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (10, "10 s"), (12.4, "12 s"),
        (59.4, "59 s"), (59.7, "1 min 0 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (119.9, "2 min 0 s"),
        (3600, "60 min 0 s"),
    ],
)  # fmt: skip
def test_a_duration(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


@given(st.floats(0, 1e5))
def test_a_duration_never_reads_60_seconds(seconds: float) -> None:
    assert "60 s" not in words.duration(seconds)
    assert words.duration(seconds) != "10.0 s"


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (-30, "just now"), (0, "just now"), (55, "just now"), (65, "1 min ago"),
        (3590, "59 min ago"), (3610, "1 h ago"),
        (86_300, "23 h ago"), (86_500, "1 d ago"), (40 * 86_400, "40 d ago"),
    ],
)  # fmt: skip
def test_an_age(ago: int, expected: str) -> None:
    moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=ago)
    assert words.age(moment.isoformat()) == expected
    elsewhere = moment.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert words.age(elsewhere.isoformat()) == expected, "whatever the time zone"


def test_the_note_beside_a_step() -> None:
    now = dt.datetime.now(dt.timezone.utc).isoformat()
    assert words.note_of(None) == ""
    assert words.note_of(Event("a", State.PROVEN, notes=("one", "two"))) == "one"
    assert words.note_of(Event("a", State.PROVEN)) == ""
    assert words.note_of(Event("a", State.ALREADY_PROVEN, notes=("one",), proven_at=now)) == "just now; one"
    assert words.note_of(Event("a", State.ALREADY_PROVEN, proven_at=now)) == "just now"
    assert words.note_of(Event("a", State.ALREADY_PROVEN, notes=("one",))) == "one"
    assert words.note_of(Event("a", State.CLOSED, problems=(PROBLEM,))) == "`pytest` ended with 1."
    assert words.note_of(Event("a", State.CLOSED)) == ""


def test_a_problem_in_words() -> None:
    assert words.problem_lines(PROBLEM) == [
        "closed: `pytest` ended with 1.",
        f"   fix: {PROBLEM.fix}",
        "        E assert 1 == 2",
        "        last",
        "   log: x.log",
        "  more: invoke explain command-failed",
    ]
    assert len(words.problem_lines(errors.NO_GIT.problem())) == 3


def test_the_line_before_the_point_of_no_return() -> None:
    assert words.rule_of_no_return(rehearsal=True) == "point of no return (harmless here)"
    assert words.rule_of_no_return(rehearsal=False) == "point of no return"


def test_a_plan_as_data() -> None:
    found = json.loads(data.as_json(data.plan_data(PLAN)))
    assert set(found) == {"project", "version", "target", "rehearsal", "remarks", "changes", "gates"}
    assert found["gates"] == [
        {
            "session": "test-3.12",
            "summary": "Run.",
            "needs": ["lint"],
            "effect": "none",
            "where": "",
            "state": "already proven",
            "why": "",
            "proven_at": "2026-11-21T02:00:00+00:00",
            "after_point_of_no_return": True,
        }
    ]
    assert found["changes"] == ["security"], "a gate that was removed is told"


def test_a_report_as_data() -> None:
    events = (Event("test-3.12", State.CLOSED, 1.5, problems=(PROBLEM,), log="x.log"),)
    report = Report(PLAN, events, (Distribution("p-1.0.tar.gz", 5, "a" * 64),), 2.0, "nox -s release")
    found = json.loads(data.as_json(data.report_data(report)))
    assert found["done"] is False
    assert found["next"] == "nox -s release"
    assert found["distributions"] == [{"filename": "p-1.0.tar.gz", "size": 5, "sha256": "a" * 64}]
    assert found["gates"][0]["problems"] == data.problems_data([PROBLEM])
    assert found["gates"][0]["state"] == "closed"


@pytest.mark.parametrize("state", State)
def test_done_means_that_every_gate_is_proven_or_declared_to_have_nothing_to_prove(state: State) -> None:
    events = (Event("a", State.PROVEN), Event("b", state))
    declared = {State.NO_TESTS, State.NOT_HERE, State.BY_CI, State.FAILED_AFTER}  # the last is none of the release's
    assert Report(PLAN, events, (), 0.0, "").done is (state in {State.PROVEN, State.ALREADY_PROVEN} | declared)


def test_problems_read_back_are_the_same() -> None:
    told = json.loads(data.as_json({"problems": data.problems_data([PROBLEM])}))
    assert [errors.Problem(**one) for one in told["problems"]] == [PROBLEM]


def test_data_keeps_every_letter() -> None:
    assert "ä漢" in data.as_json({"a": "ä漢"})


@pytest.mark.parametrize(
    ("number", "what", "said"),
    [(0, "file", "0 files"), (1, "file", "1 file"), (2, "file", "2 files"), (1, "dependency", "1 dependency"),
     (3, "dependency", "3 dependencies")],
)  # fmt: skip
def test_how_many(number: int, what: str, said: str) -> None:
    assert counted(number, what) == said


def test_no_cause_counts_in_the_plural_by_itself() -> None:
    """The noun comes with the number, so that one is not told as `1 files`."""
    plural = re.compile(r"\{count\} [a-z]+s\b")
    assert [kind.id for kind in errors.catalogue().values() if plural.search(kind.cause)] == []
