"""The report of a release: one model, three languages of markup, and nobody else's markup in any of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from towpath.errors import Problem
from towpath.model import State
from towpath.reports.release import words
from towpath.reports.release.cleaning import cleaner
from towpath.reports.release.data import told_data
from towpath.reports.release.markdown import code_block, problem_section, told_markdown
from towpath.reports.release.nouns import (
    Changed,
    Ending,
    Evidence,
    File,
    GateTold,
    Log,
    OnPython,
    Place,
    Ran,
    Told,
    World,
)
from towpath.reports.release.page import page
from towpath.reports.release.timeline import timeline
from towpath.reports.words import apart, file_size, moment
from towpath.walk.logs import Excerpt

AT = "2026-11-21T02:00:00.500+00:00"
SHA = "a" * 64
HOSTILE = (
    "<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>' \"`|\n"
    "# [x](javascript:alert(1)) @ada {{7*7}}"
)
SPECIAL = r"<>&\"'`|\\*_#[]()!~{}%@:/=- \n\t$^" + "ab1\u202e\u00e9"
texts = st.text(st.sampled_from(SPECIAL), min_size=1, max_size=30) | st.text(min_size=1, max_size=20)


def told_of(text: str) -> Told:
    """A report in which everything that others may write is that text."""
    problem = Problem("command-failed", text, text, detail=text)
    evidence = Evidence(
        text, SHA, passed=True, sealed=AT, latest=AT, expires=AT, tree="b" * 40, commit="c" * 40, tools={text: text},
        relied_on={text: SHA}, weighed=True, fails=text,
    )  # fmt: skip
    gate = GateTold(
        session=text, summary=text, effect="permanent", where=text, state=State.PROVEN, command=text, why=text,
        started=AT, seconds=1.5, ran=(Ran(text, text, text, text),), notes=(text,), evidence=evidence,
        log=Log(text, Excerpt((text,), 3, (text,))), after_point_of_no_return=True,
    )  # fmt: skip
    closed = replace(gate, state=State.CLOSED, problems=(problem,), evidence=replace(evidence, passed=False))
    file = File(text, 10, SHA, members={text: 3}, origin=text, changed=Changed(text, (text,), (text,), 1, 2))
    return Told(
        project=text, version=text, target=text, rehearsal=True, commit="c" * 40, ending=Ending.CLOSED, started=AT,
        seconds=3.0, made=AT, by="towpath 1", folder=text, marks=(text,), gates=(gate, closed), files=(file,),
        tests=(OnPython("test", text, State.PROVEN, 1, 0, 0, coverage=80.0, allowed=(Ran(text, text, text, text),),
                     remark=text),),
        world=World(text, (Place(text, text, good=True, files={text: text, f"{text}2": "x"}, page=text),), text,
                    troubled=True, remarks=(text,)),
        next_command=text, prefix=text,
    )  # fmt: skip


class Parsed(HTMLParser):
    """The tags with the names of their attributes, the texts, and the addresses that a browser would ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.texts: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.values += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


PLAIN_TAGS = Parsed(page(told_of("word"))).tags


@given(texts)
@settings(deadline=None, max_examples=60)  # a page takes some milliseconds, the first one more
def test_no_text_changes_what_the_page_is_made_of(text: str) -> None:
    assert Parsed(page(told_of(text))).tags == PLAIN_TAGS


def test_hostile_text_is_shown_as_it_is() -> None:
    parsed = Parsed(page(told_of(HOSTILE)))
    assert "".join(parsed.texts).count("<script>alert(1)</script>") > 20
    assert not [tag for tag in parsed.tags if tag[0] in {"script", "img", "iframe", "object", "link", "base", "form"}]
    assert not [name for name, _ in parsed.values if name.startswith("on")]


def test_the_page_asks_nobody_for_anything() -> None:
    text = page(told_of("word"))
    parsed = Parsed(text)
    policy = dict(parsed.values)["content"]
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert policy
    assert not [name for name, _ in parsed.values if name in {"src", "srcset", "background", "action", "data"}]
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"url\(|@import|@font-face", style)


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://github.com/a/b/releases/1", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ('https://x/" onclick=alert(1)', False),
        ("", False),
    ],
)
def test_only_addresses_of_the_web_are_linked(address: str, linked: bool) -> None:  # noqa: FBT001 - a table's column
    base = told_of("word")
    told = replace(base, world=replace(base.world, places=(Place("forge", "there", page=address),)))
    assert ((("href", address)) in Parsed(page(told)).values) is linked
    assert (f"(<{address}>)" in told_markdown(told)) is linked


def kinds_of(text: str) -> list[str]:
    """What a reader of GitHub's Markdown makes of a text, without the plain words."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    every = [one for token in tokens for one in (token, *(token.children or ()))]
    plain = {"text", "text_special", "softbreak", "inline", "code_inline"}  # what can be code is shown as code
    return [token.type for token in every if token.type not in plain]


PLAIN_MARKDOWN = kinds_of(told_markdown(told_of("word")))


@given(texts)
@example("\r")
@example(" \u2028")
@settings(deadline=None, max_examples=60)  # a page takes some milliseconds, the first one more
def test_no_text_changes_what_the_markdown_is_made_of(text: str) -> None:
    assert kinds_of(told_markdown(told_of(text))) == PLAIN_MARKDOWN


@given(texts)
def test_a_block_of_code_is_not_ended_by_its_text(text: str) -> None:
    (token,) = MarkdownIt("commonmark").parse(code_block(text))
    assert token.type == "fence"


def test_nobody_is_called_and_nothing_is_linked_by_a_text() -> None:
    said = problem_section(Problem("x", "@ada see https://evil.example and www.evil.example, #12", "f"))
    assert "@ada" not in said
    assert "https://" not in said
    assert "www.evil" not in said
    assert " #12" not in said


@given(texts)
def test_the_data_says_the_same(text: str) -> None:
    told = told_of(text)
    read = json.loads(json.dumps(told_data(told)))
    assert read["project"] == text
    assert [gate["state"] for gate in read["gates"]] == ["proven", "closed"]
    assert [gate["open"] for gate in read["gates"]] == [True, False]
    assert read["gates"][1]["problems"][0]["cause"] == text
    assert read["distributions"][0]["changed"]["appeared"] == [text]
    assert read["world"]["places"][0]["good"] is True


@pytest.mark.parametrize("render", [page, told_markdown, lambda told: json.dumps(told_data(told))])
class TestWhatMustNotBeOverlooked:
    def test_a_rehearsal(self, render: Any) -> None:
        base = replace(told_of("word"), rehearsal=True)
        assert re.search("rehearsal", render(base), re.IGNORECASE)
        real = replace(base, rehearsal=False)
        assert "This is a rehearsal" not in render(real)
        assert render(base) != render(real)

    def test_a_closed_gate_with_cause_and_fix(self, render: Any) -> None:
        problem = Problem("some-id", "The cause of it.", "The way out.", detail="line 12")
        gate = replace(told_of("word").gates[1], session="test", problems=(problem,))
        said = render(replace(told_of("word"), gates=(gate,)))
        for text in ("The cause of it.", "The way out.", "line 12"):
            assert text in said

    def test_no_tests_and_a_python_that_is_not_here(self, render: Any) -> None:
        rows = (
            OnPython("test", "", State.NO_TESTS, remark="they live in another repository"),
            OnPython("test-3.14", "3.14", State.NOT_HERE, remark="named by a classifier alone"),
        )
        said = render(replace(told_of("word"), tests=rows))
        assert "no tests" in said
        assert "they live in another repository" in said
        assert "not here" in said
        assert "named by a classifier alone" in said

    def test_a_declared_failure(self, render: Any) -> None:
        failure = Ran("mypy", "failed, as it may", "mypy 1.0", "typing is under way")
        gate = replace(told_of("word").gates[0], ran=(failure,))
        rows = (OnPython("test", "3.12", State.PROVEN, 3, 1, 0, allowed=(failure,)),)
        said = render(replace(told_of("word"), gates=(gate,), tests=rows))
        assert "typing is under way" in said
        assert "failed, as it may" in said


def at(second: float) -> str:
    return (datetime(2026, 11, 21, tzinfo=timezone.utc) + timedelta(seconds=second)).isoformat()


def gates_at(*spans: tuple[float, float]) -> tuple[GateTold, ...]:
    base = GateTold("", "", "none", "", State.PROVEN, "")
    return tuple(
        replace(base, session=str(number), started=at(begin), seconds=seconds)
        for number, (begin, seconds) in enumerate(spans)
    )


class TestTheLineOfTime:
    @given(st.lists(st.tuples(st.floats(0, 1e7), st.floats(0, 1e5)), min_size=1, max_size=12))
    def test_every_bar_lies_on_the_line(self, spans: list[tuple[float, float]]) -> None:
        line = timeline(gates_at(*spans))
        assert len(line.bars) == len(spans)
        for bar in line.bars.values():
            assert 0 <= bar.left <= bar.left + bar.width <= 100.02
            assert bar.width > 0.5
        assert all(0 <= tick.left <= 100 for tick in line.ticks)

    def test_side_by_side_is_seen_and_one_after_the_other_too(self) -> None:
        bars = timeline(gates_at((0, 10), (1, 4), (10, 5))).bars
        assert bars["1"].left > bars["0"].left
        assert bars["1"].left + bars["1"].width < bars["0"].left + bars["0"].width
        assert bars["2"].left >= bars["0"].left + bars["0"].width - 0.01
        assert bars["0"].width == pytest.approx(2 * bars["2"].width, rel=0.01)

    def test_a_long_wait_is_drawn_short_and_told(self) -> None:
        line = timeline(gates_at((0, 10), (7200, 10)))
        assert line.bars["0"].width > 40
        assert line.bars["1"].width > 40
        (wait,) = line.ticks
        assert wait.is_wait
        assert "119 min 50 s later" in wait.label

    def test_what_did_not_run_has_no_bar(self) -> None:
        assert timeline((GateTold("x", "", "none", "", State.NOT_REACHED, ""),)).bars == {}
        assert timeline(gates_at((0, 1))).bars["0"].left == 0
        broken = replace(gates_at((0, 1))[0], started="yesterday")
        assert timeline((broken,)).bars == {}


class TestCleaning:
    def test_secrets_by_form_and_by_value(self) -> None:
        clean = cleaner({"TOWPATH_TOKEN_MAIN": "just-any-words-42", "PATH": "/usr/bin", "HOME": "/home/ada"})
        said = clean("a just-any-words-42 b pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4 /usr/bin /home/ada")
        assert "just-any-words-42" not in said
        assert "pypi-AgEI" not in said
        assert "/usr/bin /home/ada" in said

    def test_a_secret_in_colours_is_found(self) -> None:
        assert "pypi-" not in cleaner({})("\x1b[31mpypi-\x1b[0mAgEIcHlwaS5vcmcCJDEyMzQ1Njc4")

    def test_what_steers_a_terminal_or_an_eye_goes(self) -> None:
        said = cleaner({})("\x1b[2Ja\x07b\x1b]8;;http://x\x07c\u202ed\ud800")
        assert said == "abc\\u202ed?"

    def test_short_values_are_no_secrets(self) -> None:
        assert cleaner({"MY_TOKEN": "abc"})("abcdef") == "abcdef"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"passed": False}, "the gate stayed closed"),
        ({"fails": "it is about another commit"}, "another commit"),
        ({"weighed": True, "fails": ""}, "Fresh: weighed at"),
        ({"weighed": False, "fails": ""}, "Not weighed"),
    ],
)
def test_freshness_is_told_only_where_it_was_weighed(evidence: dict[str, Any], expected: str) -> None:
    record = told_of("word").gates[0].evidence
    assert record is not None
    assert expected in words.freshness_words(replace(record, **evidence), AT)


def test_times_and_sizes_in_words() -> None:
    assert moment(AT) == "2026-11-21 02:00:00 UTC"
    assert moment("2026-11-21T03:00:00+01:00") == "2026-11-21 02:00:00 UTC"
    assert moment("soon") == "soon"
    assert apart(AT, "2026-11-21T05:10:00+00:00") == "3 h earlier"
    assert apart("soon", AT) == ""
    assert [file_size(size) for size in (0, 1, 9_999, 10_000, 999_999, 1_500_000)] == [
        "0 bytes", "1 byte", "9999 bytes", "10.0 kB", "1000.0 kB", "1.5 MB",
    ]  # fmt: skip
