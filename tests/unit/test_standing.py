"""The state of a version: facts in, a name and the one safe next command out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import product

import pytest

from towpath.index.client import IndexFile
from towpath.walk.standing import OPEN_FOR, Facts, Held, Level, Standing, closing, next_command, standing_of

C, OTHER = "c" * 40, "d" * 40
OFF, UNKNOWN, NONE, PART, ALL, UNSURE, WRONG = Level
TAGGED = Facts(C, tag_here=C, tag_there=C)
WANTED = {"a.whl": "1" * 64, "a.tar.gz": "2" * 64}
WHEEL, SDIST = (IndexFile(name, "", sha256) for name, sha256 in WANTED.items())


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # before anything is public
        (Facts(C, bumped=False), Standing.NOTHING_YET),
        (Facts(C), Standing.BUMPED),
        (Facts(C, proven=True), Standing.PROVEN),
        (Facts(C, proven=True, tag_here=C), Standing.TAGGED_HERE),
        (TAGGED, Standing.TAGGED),
        (Facts(C, tag_there=C), Standing.TAGGED),
        # a final by way of the test index
        (replace(TAGGED, test=PART), Standing.PARTLY_ON_TEST_INDEX),
        (replace(TAGGED, test=ALL), Standing.ON_TEST_INDEX),
        (Facts(C, test=ALL), Standing.ON_TEST_INDEX),
        (replace(TAGGED, test=ALL, index=PART), Standing.PARTLY_PUBLISHED),
        (replace(TAGGED, test=ALL, index=ALL), Standing.PUBLISHED),
        (replace(TAGGED, test=ALL, index=ALL, verified=True), Standing.VERIFIED),
        (replace(TAGGED, test=ALL, index=ALL, forge=PART), Standing.PUBLISHED),
        (replace(TAGGED, test=ALL, index=ALL, forge=ALL), Standing.RELEASED),
        # straight to the index, and without a forge
        (replace(TAGGED, index=PART), Standing.PARTLY_PUBLISHED),
        (replace(TAGGED, index=ALL, forge=OFF), Standing.RELEASED),
        (replace(TAGGED, index=ALL, test=UNKNOWN, forge=ALL), Standing.RELEASED),
        # a pre-release, to the test index only
        (replace(TAGGED, index=OFF, test=NONE), Standing.TAGGED),
        (replace(TAGGED, index=OFF, test=PART), Standing.PARTLY_ON_TEST_INDEX),
        (replace(TAGGED, index=OFF, test=ALL), Standing.ON_TEST_INDEX),
        (replace(TAGGED, index=OFF, test=ALL, forge=ALL), Standing.RELEASED),
        # what is not known here
        (replace(TAGGED, index=UNSURE), Standing.PUBLIC),
        (replace(TAGGED, test=UNSURE), Standing.PUBLIC),
        (replace(TAGGED, index=OFF, test=UNSURE), Standing.PUBLIC),
        # what could not be asked
        (replace(TAGGED, index=UNKNOWN), Standing.UNKNOWN),
        (Facts(C, tag_unknown=True), Standing.UNKNOWN),
        (Facts(C, tag_unknown=True, index=ALL), Standing.UNKNOWN),
        (replace(TAGGED, test=UNKNOWN), Standing.UNKNOWN),
        (replace(TAGGED, index=OFF, test=UNKNOWN), Standing.UNKNOWN),
        (replace(TAGGED, index=ALL, forge=UNKNOWN), Standing.UNKNOWN),
        (replace(TAGGED, index=PART, forge=UNKNOWN), Standing.PARTLY_PUBLISHED),
        # too late
        (replace(TAGGED, index=PART, closed=True), Standing.CLOSED_HALF_WAY),
        (replace(TAGGED, index=OFF, test=PART, closed=True), Standing.CLOSED_HALF_WAY),
        (replace(TAGGED, index=ALL, forge=ALL, closed=True), Standing.RELEASED),
        # withdrawn, however much of it was there
        (replace(TAGGED, index=PART, yanked=True), Standing.WITHDRAWN),
        (replace(TAGGED, index=ALL, forge=ALL, yanked=True), Standing.WITHDRAWN),
        # contradictions
        (replace(TAGGED, tag_there=OTHER), Standing.INCONSISTENT),
        (replace(TAGGED, tag_here=OTHER), Standing.INCONSISTENT),
        (replace(TAGGED, index=WRONG), Standing.INCONSISTENT),
        (replace(TAGGED, test=WRONG, index=ALL), Standing.INCONSISTENT),
        (replace(TAGGED, index=ALL, forge=WRONG), Standing.INCONSISTENT),
        (Facts(C, index=ALL), Standing.INCONSISTENT),
        (Facts(C, tag_here=C, index=PART), Standing.INCONSISTENT),
    ],
)
def test_the_table(facts: Facts, expected: Standing) -> None:
    assert standing_of(facts) is expected


def every() -> list[Facts]:
    levels = product(Level, Level, Level)
    flags = list(product((False, True), repeat=3))
    tags = [("", "", False), (C, "", False), (C, C, False), (C, OTHER, False), (C, "", True)]
    return [
        Facts(C, here, there, unknown, test, index, forge, yanked, verified=verified, closed=closed)
        for test, index, forge in levels
        for yanked, verified, closed in flags
        for here, there, unknown in tags
    ]


def test_whatever_is_the_case_nothing_is_guessed() -> None:
    for facts in every():
        standing = standing_of(facts)
        last = facts.test if facts.index is OFF else facts.index
        if standing is Standing.RELEASED:
            assert last is ALL
            assert facts.forge in {ALL, OFF}
            assert WRONG not in {facts.test, facts.index}
        if standing in {Standing.PUBLISHED, Standing.VERIFIED, Standing.RELEASED} and facts.index is not OFF:
            assert facts.tag_there == C
        if facts.index is UNKNOWN:
            assert standing in {Standing.UNKNOWN, Standing.INCONSISTENT, Standing.WITHDRAWN}
        if WRONG in {facts.test, facts.index, facts.forge}:
            assert standing is Standing.INCONSISTENT


@pytest.mark.parametrize("standing", Standing)
def test_one_next_command(standing: Standing) -> None:
    here = next_command(standing, to="pypi", at_head=True, tag="v1.0")
    elsewhere = next_command(standing, to="pypi", at_head=False, tag="v1.0")
    if "--to pypi" in here:
        assert here == "nox -s release -- --to pypi"
        assert elsewhere == "git switch --detach v1.0"
    else:
        assert here == elsewhere
    assert (here == "") == (standing is Standing.RELEASED)


@pytest.mark.parametrize(
    ("files", "wanted", "expected"),
    [
        ((), WANTED, NONE),
        ((), {}, NONE),
        ((WHEEL,), WANTED, PART),
        ((WHEEL, SDIST), WANTED, ALL),
        ((WHEEL, SDIST), {}, UNSURE),
        ((WHEEL, replace(SDIST, sha256="")), WANTED, UNSURE),
        ((replace(WHEEL, sha256="3" * 64),), WANTED, WRONG),
        ((WHEEL, SDIST, replace(SDIST, filename="b.whl")), WANTED, WRONG),
        ((replace(WHEEL, filename="b.whl", sha256=""),), WANTED, WRONG),
    ],
)
def test_how_much_is_there(files: tuple[IndexFile, ...], wanted: dict[str, str], expected: Level) -> None:
    assert Held("pypi", files).level(wanted) is expected
    assert Held("pypi", files, on_route=False).level(wanted) is OFF
    assert Held("pypi", unknown="it did not answer").level(wanted) is UNKNOWN


def test_yanked_is_all_of_it() -> None:
    yanked = replace(WHEEL, yanked=True)
    assert Held("pypi", (yanked,)).yanked
    assert not Held("pypi", (yanked, SDIST)).yanked
    assert not Held("pypi").yanked


def test_fourteen_days_from_the_first_file() -> None:
    first = datetime(2026, 11, 1, 12, tzinfo=timezone.utc)
    files = [replace(WHEEL, uploaded=first + timedelta(hours=3)), replace(SDIST, uploaded=first)]
    assert closing(files) == first + OPEN_FOR == datetime(2026, 11, 15, 12, tzinfo=timezone.utc)
    assert closing([WHEEL]) is None
    assert closing([]) is None
