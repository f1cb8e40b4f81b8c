from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from towpath.errors import TowpathError
from towpath.versions import numbers, spelling

numbers_ = st.integers(min_value=0, max_value=30)
releases = st.lists(numbers_, min_size=1, max_size=5).map(lambda parts: ".".join(map(str, parts)))
pres = st.one_of(
    st.just(""), st.tuples(st.sampled_from(["a", "b", "rc"]), numbers_).map(lambda one: f"{one[0]}{one[1]}")
)
posts = st.one_of(st.just(""), numbers_.map(lambda number: f".post{number}"))
devs = st.one_of(st.just(""), numbers_.map(lambda number: f".dev{number}"))
versions = st.builds(
    lambda epoch, release, pre, post, dev: Version(f"{epoch}!{release}{pre}{post}{dev}"),
    st.integers(min_value=0, max_value=2),
    releases,
    pres,
    posts,
    devs,
)
parts = st.sampled_from([*numbers.PARTS, "1", "2", "4", "6", "minor,rc", "patch,dev", "major,b,dev", "rc,post", "4,a"])

SPELLINGS = [
    "1.2.0",
    "v1.2.0",
    "0.2.0-beta.1",
    "v1.4.5.1-dev1",
    "1.4.5.1.dev1",
    "1.0.0-rc.1",
    "1.0.0-alpha2",
    "2025.01.05",
    "1.0-1",
    "1.0.0.post1",
    "1.0_rc1",
    "1.0.0preview3",
    "not a version",
    "",
]


def bumped(version: Version, part: str, pre: str) -> tuple[Version | None, list[str]]:
    try:
        return numbers.bump(version, part, pre=pre), []
    except TowpathError as error:
        return None, [problem.id for problem in error.problems]


@given(versions, parts, st.sampled_from(["", "a", "b", "rc"]))
def test_a_bump_is_newer_or_refused(version: Version, part: str, pre: str) -> None:
    result, refusals = bumped(version, part, pre)
    assert refusals == ["not-newer"] if result is None else result > version


@given(
    versions, st.sampled_from(["major", "minor", "patch", "3", "pre", "dev", "post", "epoch", "premajor", "preminor"])
)
def test_no_ordinary_part_is_ever_refused(version: Version, part: str) -> None:
    assert numbers.bump(version, part) > version


@given(versions, st.lists(st.sampled_from(SPELLINGS), max_size=3))
def test_every_spelling_equals_its_pep_440_form(version: Version, like: list[str]) -> None:
    assert Version(spelling.spell(version, like)) == version


@pytest.mark.parametrize("text", [one for one in SPELLINGS if one and one != "not a version"])
def test_a_spelling_is_written_as_it_was_read(text: str) -> None:
    assert spelling.spell(Version(text), [text]) == text


@pytest.mark.parametrize(
    ("version", "part", "expected"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.4", "minor", "1.5"),
        ("1.4", "patch", "1.4.1"),
        ("1.4.7.6", "patch", "1.4.8.0"),
        ("1.4.7.6", "4", "1.4.7.7"),
        ("1.2.3", "4", "1.2.3.1"),
        ("1.3.0rc1", "minor", "1.3.0"),
        ("1.3.1rc1", "minor", "1.4.0"),
        ("1.3.0rc1", "minor,rc", "1.4.0rc0"),
        ("1.2.3", "premajor", "2.0.0a0"),
        ("1.2.3", "preminor", "1.3.0a0"),
        ("1.2.3", "prepatch", "1.2.4a0"),
        ("1.2.3", "minor,rc", "1.3.0rc0"),
        ("1.2.3", "minor,rc,dev", "1.3.0rc0.dev0"),
        ("0.2.0rc1", "pre", "0.2.0rc2"),
        ("0.2.0b3", "rc", "0.2.0rc0"),
        ("1.2.3", "pre", "1.2.4a0"),
        ("1.0.0rc1", "final", "1.0.0"),
        ("1.0.0.post1.dev2", "final", "1.0.0.post1"),
        ("1.0.0", "post", "1.0.0.post0"),
        ("1.0.0.post1", "post", "1.0.0.post2"),
        ("1.0.0", "dev", "1.0.1.dev0"),
        ("1.0.1.dev0", "dev", "1.0.1.dev1"),
        ("1.0.0rc1", "dev", "1.0.0rc2.dev0"),
        ("2025.1.5", "epoch", "1!2025.1.5"),
    ],
)
def test_the_parts(version: str, part: str, expected: str) -> None:
    assert str(numbers.bump(Version(version), part)) == expected


def test_the_kind_of_a_pre_release_is_chosen() -> None:
    assert str(numbers.bump(Version("1.2.3"), "preminor", pre="rc")) == "1.3.0rc0"
    assert str(numbers.bump(Version("1.3.0b2"), "pre", pre="rc")) == "1.3.0rc0"


@pytest.mark.parametrize(("version", "part"), [("1.0.0", "final"), ("1.0.0rc1", "a"), ("1.0.0.post1", "final")])
def test_going_back_is_refused(version: str, part: str) -> None:
    with pytest.raises(TowpathError) as caught:
        numbers.bump(Version(version), part)
    assert caught.value.problems[0].id == "not-newer"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("part", ["micro", "", "0", "99", "minor,", "-1", "²", "Minor"])
def test_an_unknown_part_is_refused(part: str) -> None:
    with pytest.raises(TowpathError) as caught:
        numbers.bump(Version("1.0.0"), part)
    assert caught.value.problems[0].id == "bad-part"
    assert "minor" in caught.value.problems[0].fix


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(TowpathError, match="gamma"):
        numbers.bump(Version("1.0.0"), "pre", pre="gamma")


def test_what_is_no_version_is_refused_with_its_place() -> None:
    with pytest.raises(TowpathError) as caught:
        numbers.parse("1.2.x", where="VERSION, line 1,")
    assert caught.value.problems[0].cause == "VERSION, line 1, says '1.2.x', which is not a version by PEP 440."


def test_a_version_that_is_set_must_be_newer() -> None:
    assert str(numbers.advance(Version("1.4.5.dev1"), "v1.4.5.1-dev1")) == "1.4.5.1.dev1"
    for refused, why in (("1.4.5", "not-newer"), ("1.4.5.0", "not-newer"), ("next", "bad-version")):
        with pytest.raises(TowpathError) as caught:
            numbers.advance(Version("1.4.5"), refused)
        assert caught.value.problems[0].id == why


@pytest.mark.parametrize(
    ("former", "part", "expected"),
    [
        (["0.2.0-beta.1"], "pre", "0.2.0-beta.2"),
        (["0.2.0-beta.1"], "rc", "0.2.0-rc.0"),
        (["0.2.0-beta.1"], "final", "0.2.0"),
        (["v1.4.5.1-dev1"], "dev", "v1.4.5.1-dev2"),
        (["1.4.5.1-dev1"], "minor,a", "1.5.0.0-a0"),
        (["1.2.0", "1.2.0-rc.3", "1.1.0"], "minor,b", "1.3.0-beta.0"),
        (["2025.01.05"], "minor", "2025.02.00"),
    ],
)
def test_the_next_version_is_written_in_the_projects_style(former: list[str], part: str, expected: str) -> None:
    assert spelling.spell(numbers.bump(Version(former[0]), part), former) == expected
