"""The report as it is made of records, logs and files on the disk, also where they contradict one another."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import releases

from towpath import errors
from towpath.evidence.record import Record
from towpath.evidence.store import FOLDER, Store
from towpath.model import About, Outcome, State
from towpath.pipeline import RELEASE
from towpath.reports import github
from towpath.reports.github import tell_plan
from towpath.reports.release import kept
from towpath.reports.release.asking import Question, ask
from towpath.reports.release.assembling import assemble
from towpath.reports.release.cleaning import cleaner
from towpath.reports.release.data import told_data
from towpath.reports.release.markdown import told_markdown
from towpath.reports.release.nouns import Ending, Place, World
from towpath.reports.release.page import page
from towpath.reports.release.source import Source, Walked, keep_walk, last_walk
from towpath.walk import logs
from towpath.walk.alone import Result
from towpath.walk.plan import Plan, PlannedStep
from towpath.walk.release import Report
from towpath.walk.runner import Event

if TYPE_CHECKING:
    from universe import Project

    from towpath.reports.release.nouns import File, GateTold, Told

BEGAN = datetime(2026, 11, 21, 2, tzinfo=timezone.utc)
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "report.md"


def at(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def record(gate: str, second: float = 1.0, **more: Any) -> Record:
    return Record(
        gate=gate, variant=more.pop("variant", ""), passed=more.pop("passed", True), project="sample-pkg",
        version="1.0.0", tree="a" * 40, commit="b" * 40, configuration="c" * 64, started=at(second),
        seconds=more.pop("seconds", 2.0), **more,
    )  # fmt: skip


def step(gate: str, **more: Any) -> PlannedStep:
    known = RELEASE[gate.partition("-3")[0]]
    return PlannedStep(
        gate, known.summary, known.needs, known.effect.value, more.pop("where", ""), more.pop("state", State.WAITING),
        **more,
    )  # fmt: skip


def walked(*events: Event, rehearsal: bool = True, **more: Any) -> Walked:
    target = "rehearsal" if rehearsal else "pypi"
    steps = more.pop("steps", None) or tuple(step(event.session) for event in events)
    plan = Plan(
        "sample-pkg", "1.0.0", target, rehearsal=rehearsal, remarks=more.pop("remarks", ()), steps=steps,
        changes=more.pop("changes", ()),
    )  # fmt: skip
    return Walked(plan, events, at(0), at(60), 60.0, "nox -s release -- --to pypi")


def source(root: Path, walk: Walked | None = None, environ: dict[str, str] | None = None, **more: Any) -> Source:
    target = walk.plan.target if walk else more.pop("target", "pypi")
    return Source(root, "1.0.0", target, RELEASE, cleaner(environ or {}), walked=walk, **more)


def seal(root: Path, made: Record) -> None:
    Store(root / FOLDER, "1.0.0").seal(made, "rehearsal" if made.target else "")


def write_log(root: Path, session: str, text: str, ended: float) -> Path:
    log = root / FOLDER / "1.0.0" / "logs" / f"{session}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(text.encode("utf-8", "surrogateescape"))
    os.utime(log, ((BEGAN + timedelta(seconds=ended)).timestamp(),) * 2)
    return log


def gate_of(told: Told, session: str) -> GateTold:
    return next(gate for gate in told.gates if gate.session == session)


class TestWhatIsShownOfAGate:
    def test_a_walk_that_proved_it(self, tmp_path: Path) -> None:
        checks = {"checks": [{"command": "mypy .", "verdict": "failed, as it may", "allowed-to-fail": "under way"}]}
        seal(tmp_path, record("lint", notes=("all good",), facts=checks, tools={"ruff": "1"}))
        told = assemble(source(tmp_path, walked(Event("lint", State.PROVEN, 2.5, started=at(0.5)))))
        lint = gate_of(told, "lint")
        assert (lint.state, lint.seconds, lint.started) == (State.PROVEN, 2.5, at(0.5))
        assert lint.evidence
        assert lint.evidence.sha256 == Store(tmp_path / FOLDER, "1.0.0").digest("lint.json")
        assert lint.ran[0].allowed == "under way"
        assert told.ending is Ending.COMPLETE
        assert any("under way" in mark for mark in told.marks), "a declared failure stands at the top"

    def test_a_proof_of_the_walk_whose_record_is_gone_is_none(self, tmp_path: Path) -> None:
        told = assemble(source(tmp_path, walked(Event("lint", State.PROVEN, 2.5, started=at(0.5)))))
        assert gate_of(told, "lint").state is State.NOT_REACHED
        assert "not here any more" in gate_of(told, "lint").why
        assert told.ending is Ending.UNFINISHED

    def test_a_failure_after_the_walk_counts(self, tmp_path: Path) -> None:
        problem = {"id": "command-failed", "cause": "It failed.", "fix": "Mend it.", "detail": "line"}
        seal(tmp_path, record("lint", second=100, passed=False, problems=(problem,)))
        told = assemble(source(tmp_path, walked(Event("lint", State.PROVEN, 2.5, started=at(0.5)))))
        assert told.ending is Ending.CLOSED
        assert gate_of(told, "lint").problems[0].cause == "It failed."
        assert any("run again after the walk" in mark for mark in told.marks)

    def test_a_record_that_says_failed_is_never_shown_as_proven(self, tmp_path: Path) -> None:
        seal(tmp_path, record("lint", passed=False))
        for walk in (walked(Event("lint", State.PROVEN, 2.5, started=at(0.5))), None):
            assert gate_of(assemble(source(tmp_path, walk)), "lint").state is State.CLOSED

    def test_a_broken_record_is_a_closed_gate(self, tmp_path: Path) -> None:
        seal(tmp_path, record("lint"))
        path = tmp_path / FOLDER / "1.0.0" / "lint.json"
        path.write_bytes(path.read_bytes().replace(b"PASSED", b"FAILED"))
        told = assemble(source(tmp_path, walked(Event("lint", State.PROVEN, 2.5, started=at(0.5)))))
        assert gate_of(told, "lint").problems[0].id == "evidence-broken"
        assert told.ending is Ending.CLOSED

    def test_one_that_ended_without_a_record_keeps_its_cause(self, tmp_path: Path) -> None:
        problem = errors.SESSION_ENDED.problem(session="lint", code=-9, detail="Killed")
        closed = Event("lint", State.CLOSED, 1.0, problems=(problem,), started=at(1))
        told = assemble(source(tmp_path, walked(closed, Event("test", State.NOT_REACHED))))
        assert told.closed[0].problems[0].detail == "Killed"
        for text in (page(told), told_markdown(told), json.dumps(told_data(told))):
            assert "Killed" in text

    def test_without_a_walk_nothing_unweighed_is_complete(self, tmp_path: Path) -> None:
        for gate in RELEASE:
            in_world = gate.about is About.WORLD
            made = record(gate.name, target="d" * 64 if in_world else "")
            Store(tmp_path / FOLDER, "1.0.0").seal(made, "pypi" if in_world else "")
        assert assemble(source(tmp_path)).ending is Ending.UNFINISHED
        all_hold = dict.fromkeys(RELEASE.names, "")
        assert assemble(source(tmp_path, holds=all_hold)).ending is Ending.COMPLETE
        told = assemble(source(tmp_path, holds={**all_hold, "build": "It is about another commit."}))
        assert told.ending is Ending.UNFINISHED
        assert any("build" in mark for mark in told.marks)

    def test_a_variant_that_is_wanted_and_left_no_record_is_a_gap(self, tmp_path: Path) -> None:
        seal(tmp_path, record("test", variant="3.12"))
        wanted = {gate: (gate,) for gate in RELEASE.names} | {"test": ("test-3.12", "test-3.13")}
        absent = {"test": {"test-3.14": "named by a classifier alone"}}
        told = assemble(source(tmp_path, wanted=wanted, absent=absent, holds={"test-3.12": ""}))
        assert gate_of(told, "test-3.12").state is State.PROVEN
        assert gate_of(told, "test-3.13").state is State.NOT_REACHED
        assert gate_of(told, "test-3.14").state is State.NOT_HERE
        assert told.ending is Ending.UNFINISHED

    def test_a_gate_off_the_route_is_no_gap(self, tmp_path: Path) -> None:
        seal(tmp_path, record("lint"))
        off = step("publish-test", state=State.NOT_ON_THE_ROUTE, why="left out: TestPyPI is down")
        walk = walked(
            Event("lint", State.PROVEN, 1.0, started=at(0)), rehearsal=False, steps=(step("lint"), off),
            remarks=("uncommitted work is taken along as a snapshot",), changes=("without security",),
        )  # fmt: skip
        told = assemble(source(tmp_path, walk))
        assert told.ending is Ending.COMPLETE
        for mark in ("TestPyPI is down", "uncommitted work", "without security"):
            assert any(mark in one for one in told.marks)


class TestLogs:
    def test_the_log_of_just_that_run(self, tmp_path: Path) -> None:
        seal(tmp_path, record("lint"))
        walk = walked(Event("lint", State.PROVEN, 2.0, started=at(1)))
        write_log(tmp_path, "lint", "All checks passed!\n", ended=3.2)
        log = gate_of(assemble(source(tmp_path, walk)), "lint").log
        assert log
        assert log.excerpt.first == ("All checks passed!",)
        assert log.path == ".towpath/1.0.0/logs/lint.log"
        write_log(tmp_path, "lint", "of another walk\n", ended=300)
        told = assemble(source(tmp_path, walk))
        assert gate_of(told, "lint").log is None
        assert "not kept here" in page(told)

    def test_what_is_shown_is_bounded(self, tmp_path: Path) -> None:
        log = write_log(tmp_path, "test", "".join(f"line {number} {'x' * 600}\n" for number in range(5000)), ended=1)
        shown = logs.excerpt(log, cleaner({}))
        assert shown.first[0].startswith("line 0 ")
        assert shown.last[-1].startswith("line 4999 ")
        assert len(shown.first) + shown.omitted + len(shown.last) == 5000
        assert max(map(len, (*shown.first, *shown.last))) == 500

    def test_what_is_kept_is_bounded(self, tmp_path: Path) -> None:
        log = tmp_path / "big.log"
        log.write_bytes(b"first\n" + b"x" * (logs.MOST_BYTES + 5000) + b"\nlast\n")
        logs.bound(log)
        text = log.read_bytes()
        assert len(text) <= logs.MOST_BYTES + 200
        assert text.startswith(b"first\n")
        assert text.endswith(b"\nlast\n")
        assert re.search(rb"towpath has left out \d+ bytes", text)
        before = log.read_bytes()[:100]
        logs.bound(tmp_path / "not there")
        log.write_bytes(before)
        logs.bound(log)
        assert log.read_bytes() == before, "a small one stays as it is"

    def test_bars_of_progress_and_steering_are_gone(self, tmp_path: Path) -> None:
        log = write_log(tmp_path, "test", "10 %\r50 %\r100 %\r\n\x1b[31mred\x1b[0m\n\udcff", ended=1)
        assert logs.excerpt(log, cleaner({})).first == ("100 %", "red", "\ufffd")


CANARY = "canary-of-any-form-17"
FORMS = ("pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4OTAxMjM0", "ghp_abcdefghijklmnopqrstuvwx1234")


def test_no_secret_reaches_the_report(tmp_path: Path) -> None:
    leaked = f"{CANARY} {' '.join(FORMS)}"
    allowed = {"allowed-failures": [{"command": leaked, "code": 1, "reason": leaked}], "commands": [leaked]}
    seal(tmp_path, record("lint", notes=(leaked,), facts=allowed))
    write_log(tmp_path, "lint", f"{leaked}\n" * 3, ended=3.2)
    problem = errors.COMMAND_FAILED.problem(command=leaked, code=1, detail=leaked)
    walk = walked(
        Event("lint", State.PROVEN, 2.0, notes=(leaked,), started=at(1)),
        Event("test", State.CLOSED, 2.0, problems=(problem,), started=at(1)),
        remarks=(leaked,),
    )
    told = assemble(source(tmp_path, walk, environ={"TOWPATH_TOKEN_MAIN": CANARY}))
    for text in (page(told), told_markdown(told), json.dumps(told_data(told))):
        assert "hidden" in text
        for secret in (CANARY, *FORMS):
            assert secret not in text


class TestTheWorld:
    def test_a_rehearsal_is_marked_and_links_nowhere(self, tmp_path: Path) -> None:
        facts = {"page": "http://127.0.0.1:1/release"}
        seal(tmp_path, record("github-release", target="d" * 64, facts=facts, notes=("all there",)))
        told = assemble(source(tmp_path, walked(Event("github-release", State.PROVEN, 1.0, started=at(1)))))
        assert told.rehearsal
        assert "Nothing of it was ever public" in told.world.how
        assert told.world.places[0].page == ""
        assert "127.0.0.1" not in page(told)

    def test_a_closed_gate_says_nothing_of_the_world(self, tmp_path: Path) -> None:
        problem = errors.SESSION_ENDED.problem(session="publish", code=1)
        walk = walked(
            Event("publish", State.CLOSED, 1.0, problems=(problem,), started=at(1)),
            Event("verify-published", State.NOT_REACHED),
        )
        (place,) = assemble(source(tmp_path, walk)).world.places
        assert place.good is False
        assert "stayed closed" in place.said


class TestFiles:
    def test_members_and_what_changed(self, tmp_path: Path) -> None:
        store = Store(tmp_path / FOLDER, "1.0.0")
        (tmp_path / "made").mkdir()
        wheel = releases.wheel(tmp_path / "made")
        store.keep([wheel], "b" * 40)
        change = {
            wheel.name: {"against": "0.9", "appeared": ["new.py"], "vanished": ["old.py"], "bytes": [10, 30]},
        }
        seal(tmp_path, record("build", facts={"last_release": change}))
        (file,) = assemble(source(tmp_path)).files
        assert "sample_pkg/__init__.py" in file.members
        assert file.changed
        assert (file.changed.against, file.changed.appeared, file.changed.vanished) == ("0.9", ("new.py",), ("old.py",))
        said = page(assemble(source(tmp_path)))
        assert "+20 bytes unpacked, against 0.9" in said
        assert "new.py" in said

    def test_members_are_those_of_the_sealed_bytes_only(self, tmp_path: Path) -> None:
        store = Store(tmp_path / FOLDER, "1.0.0")
        (tmp_path / "made").mkdir()
        store.keep([releases.sdist(tmp_path / "made")], "b" * 40)
        kept_file = next(store.distributions_folder.iterdir())
        kept_file.write_bytes(kept_file.read_bytes() + b"\0")
        (file,) = assemble(source(tmp_path)).files
        assert not file.members
        assert "another than the sealed one" in file.unread
        kept_file.unlink()
        assert assemble(source(tmp_path)).files[0].unread == "the file is not kept here"


class TestTestsByPython:
    def test_counts_only_of_what_passed(self, tmp_path: Path) -> None:
        counts = {"tests": 10, "failed": 1, "skipped": 2, "python": "3.12.1", "seconds": 0.5}
        seal(tmp_path, record("test", variant="3.12", facts=counts))
        seal(tmp_path, record("test", variant="3.13", passed=False, facts={"tests": 10, "failed": 0, "skipped": 0}))
        seal(tmp_path, record("test", variant="3.14", facts={"tests": None, "failed": None, "skipped": None}))
        events = (Event(f"test-{name}", State.PROVEN, 1.0, started=at(1)) for name in ("3.12", "3.13", "3.14"))
        absent = Event("test-3.15", State.NOT_HERE, notes=("named by a classifier alone",))
        rows = {one.session: one for one in assemble(source(tmp_path, walked(*events, absent))).tests}
        assert (rows["test-3.12"].passed, rows["test-3.12"].failed, rows["test-3.12"].skipped) == (7, 1, 2)
        assert rows["test-3.12"].python == "3.12.1"
        assert rows["test-3.13"].state is State.CLOSED
        assert rows["test-3.13"].passed is None
        assert rows["test-3.14"].passed is None
        assert "no tests were counted" in rows["test-3.14"].remark
        assert rows["test-3.15"].remark == "named by a classifier alone"

    def test_no_tests(self, tmp_path: Path) -> None:
        reason = "they live elsewhere"
        seal(tmp_path, record("test", facts={"tests": 0, "reason": reason}, verdict=State.NO_TESTS.value))
        told = assemble(source(tmp_path, walked(Event("test", State.NO_TESTS, 1.0, started=at(1)))))
        assert told.tests[0].passed is None
        assert told.tests[0].remark == reason
        assert any("no tests were run" in mark for mark in told.marks)


def report_of(walk: Walked) -> Report:
    return Report(walk.plan, walk.events, (), walk.seconds, walk.next_command)


class TestKeeping:
    def test_what_is_kept_is_read_again(self, project: Project) -> None:
        problem = errors.SESSION_ENDED.problem(session="lint", code=1, detail="x")
        walk = walked(Event("lint", State.CLOSED, 1.0, problems=(problem,), started=at(1)))
        keep_walk(project.root, walk)
        assert last_walk(project.root, "1.0.0", "rehearsal") == walk
        assert last_walk(project.root, "1.0.0", "pypi") is None
        (project.root / FOLDER / "1.0.0" / "rehearsal" / "walk.jsonl").write_text("{", encoding="utf-8")
        assert last_walk(project.root, "1.0.0", "rehearsal") is None

    def test_a_report_that_cannot_be_written_is_a_warning(self, project: Project) -> None:
        (project.root / FOLDER).write_text("in the way", encoding="utf-8")
        done = kept.keep(RELEASE, report_of(walked(Event("lint", State.PROVEN, 1.0))), project.root, {})
        assert not done.path
        assert "could not be written" in done.warning

    def test_in_ci_the_step_is_told_the_same(self, project: Project, tmp_path: Path) -> None:
        seal(project.root, record("lint", notes=("all good",)))
        summary = tmp_path / "summary.md"
        environ = {**project.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        walk = walked(Event("lint", State.PROVEN, 2.0, started=at(1)))
        assert kept.keep(RELEASE, report_of(walk), project.root, environ).path == ".towpath/1.0.0/rehearsal/report.html"
        told = ask(Question(project.root, project.environ, RELEASE, offline=True))
        said = summary.read_text(encoding="utf-8")
        assert said.splitlines()[0] == told_markdown(told).splitlines()[0]
        assert "| lint | proven |" in said

    def test_the_last_gate_alone_in_ci_writes_the_page(self, project: Project, tmp_path: Path) -> None:
        assert kept.keep_alone(RELEASE, project.root, project.environ) == kept.Kept(), "only in CI"
        summary = tmp_path / "summary.md"
        environ = {**project.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        assert "No evidence of 1.0.0" in kept.keep_alone(RELEASE, project.root, environ).warning
        seal(project.root, record("lint", notes=("all good",)))
        done = kept.keep_alone(RELEASE, project.root, environ)
        assert done == kept.Kept(".towpath/1.0.0/pypi/report.html")
        assert "Release of sample-pkg 1.0.0" in (project.root / done.path).read_text(encoding="utf-8")
        assert summary.read_text(encoding="utf-8").startswith("## Release of sample-pkg 1.0.0: not finished")

    def test_a_finished_release_keeps_the_report_of_its_walk(self, project: Project) -> None:
        walk = walked(Event("lint", State.PROVEN, 2.0, started=at(1)), rehearsal=False)
        page_there = project.root / FOLDER / "1.0.0" / "pypi" / "report.html"
        page_there.parent.mkdir(parents=True)
        page_there.write_text("of the walk", encoding="utf-8")
        again = replace(report_of(walk), nothing_done=True)
        assert kept.keep(RELEASE, again, project.root, {}).path == ".towpath/1.0.0/pypi/report.html"
        assert page_there.read_text(encoding="utf-8") == "of the walk"


def test_a_gate_alone_writes_the_same_markdown(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "MY_TOKEN": CANARY}
    outcome = Outcome(notes=(f"<b>3</b> tests, {CANARY}",), facts={"allowed-failures": [
        {"command": "pytest slow", "code": 1, "reason": "flaky"}]})  # fmt: skip
    github.tell_result(environ, Result("test", State.PROVEN, 1.0, outcome, record="test.json"))
    github.tell_result(environ, Result("lint", State.PASSED_UNSEALED, 1.0, Outcome(), reasons=("arguments -x",)))
    said = summary.read_text(encoding="utf-8")
    assert "### test: proven, 1.0 s" in said
    assert r"\<b\>3\</b\> tests" in said
    assert "flaky" in said
    assert "evidence test.json" in said
    assert "### lint: passed, not sealed" in said
    assert "not sealed: arguments -x" in said
    assert CANARY not in said


class TestAsking:
    def test_nothing_to_report(self, project: Project) -> None:
        with pytest.raises(errors.TowpathError) as caught:
            ask(Question(project.root, project.environ, RELEASE))
        assert caught.value.problems[0].id == "nothing-to-report"

    def test_what_is_here_is_weighed(self, project: Project) -> None:
        assert project.nox("-s", "lint").code == 0
        told = ask(Question(project.root, project.environ, RELEASE, offline=True))
        lint = gate_of(told, "lint")
        assert lint.evidence
        assert (lint.evidence.weighed, lint.evidence.fails) == (True, "")
        assert told.ending is Ending.UNFINISHED
        assert told.target == "pypi"
        project.write("src/sample_pkg/core.py", "def answer() -> int:\n    return 43\n")
        told = ask(Question(project.root, project.environ, RELEASE, offline=True))
        changed = gate_of(told, "lint").evidence
        assert changed
        assert "tree" in changed.fails
        assert any("does not hold" in mark for mark in told.marks)


def test_every_name_of_the_data_is_documented(tmp_path: Path) -> None:
    """Each key of a full report stands in docs/reference/report.md as code."""
    seal(tmp_path, record("lint", facts={"commands": ["x"]}))
    write_log(tmp_path, "lint", "x\n", ended=3.2)
    problem = errors.SESSION_ENDED.problem(session="test", code=1)
    walk = walked(
        Event("lint", State.PROVEN, 2.0, started=at(1)), Event("test", State.CLOSED, 1.0, problems=(problem,))
    )
    world = World("asked", (Place("pypi", "2 files", good=True),))
    told = replace(assemble(source(tmp_path, walk)), files=files_of(tmp_path / "other"), world=world)
    documented = set(re.findall(r"`([a-z_0-9]+)`", REFERENCE.read_text(encoding="utf-8")))
    assert set(_keys(told_data(told))) <= documented


def files_of(root: Path) -> tuple[File, ...]:
    """One file with all that can be said of it."""
    made = root / "made"
    made.mkdir(parents=True)
    wheel = releases.wheel(made)
    Store(root / FOLDER, "1.0.0").keep([wheel], "b" * 40)
    change = {"against": "0.9", "appeared": [], "vanished": [], "bytes": [1, 2]}
    seal(root, record("build", facts={"last_release": {wheel.name: change}}))
    return assemble(source(root)).files


def _keys(value: Any) -> list[str]:
    """The names that are ours: not those of tools, records and files, which are keys of other people's."""
    if isinstance(value, list):
        return [key for one in value for key in _keys(one)]
    if not isinstance(value, dict):
        return []
    named = {"tools", "relied_on", "files"}
    return [key for name, one in value.items() for key in (name, *([] if name in named else _keys(one)))]


def planned(session: str, needs: tuple[str, ...] = (), effect: str = "none", where: str = "") -> PlannedStep:
    return PlannedStep(session, f"{session}.", needs, effect, where, State.WAITING)


def test_the_summary_of_a_plan_has_the_table_and_the_diagram(tmp_path: Path) -> None:
    steps = (
        planned("test-3.11"),
        planned("test-3.12"),
        planned("build", ("test",)),
        planned("publish", ("build",), "permanent", "<pypi>"),
    )
    plan = Plan("sample", "1.0", "pypi", rehearsal=False, remarks=(), steps=steps, changes=())
    summary = tmp_path / "summary"
    tell_plan({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}, plan)
    lines = summary.read_text(encoding="utf-8").splitlines()
    assert "| publish | waiting | permanent | \\<pypi\\> | build |" in lines
    at = lines.index("```mermaid")
    assert lines[at + 1 : lines.index("```", at + 1)] == [
        "flowchart LR",
        '  test-3_11["test-3.11"]',
        '  test-3_12["test-3.12"]',
        '  build["build"]',
        "  test-3_11 --> build",
        "  test-3_12 --> build",
        '  publish{{"publish"}}',
        "  build --> publish",
    ]
    tell_plan({}, plan)
    assert summary.read_text(encoding="utf-8").count("```mermaid") == 1, "outside of Actions nobody is told"
