"""Which gates a version passes: by PEP 440 and the configuration alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from towpath import errors
from towpath.config.configuration import Configuration
from towpath.config.routes import DEVELOPMENT, FINAL, POST, PRERELEASE, kind_of, wrong_routes
from towpath.config.sections import Index, Publish, Routes, Settings
from towpath.pipeline import RELEASE
from towpath.walk.routes import as_recorded, on_record, require_dispensable, route
from towpath.walk.world import part_walked

OWN = Index(upload_url="https://devpi.example/", simple_url="https://devpi.example/+simple/")
TESTED_FIRST = Routes(final=("testpypi", "pypi"))
ALL = RELEASE.names


def configuration(routes: Routes = Routes(), **more: Any) -> Configuration:  # noqa: B008 - frozen
    return Configuration("sample", {}, Settings(routes=routes, index={"devpi": OWN}, **more))


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("1.0.0", FINAL), ("1.4.7.6", FINAL), ("2!1.0", FINAL), ("1.0+local", FINAL),
        ("1.0a1", PRERELEASE), ("1.0b2", PRERELEASE), ("1.0rc1", PRERELEASE), ("0.2.0-beta.1", PRERELEASE),
        ("1.0rc1.post2", PRERELEASE),
        ("1.0.dev3", DEVELOPMENT), ("1.4.5.1-dev1", DEVELOPMENT), ("1.0a1.dev2", DEVELOPMENT),
        ("1.0.post1.dev2", DEVELOPMENT),
        ("1.0.post1", POST), ("1.0-1", POST),
    ],
)  # fmt: skip
def test_kinds(version: str, kind: str) -> None:
    assert kind_of(Version(version)) == kind


BEYOND_TEST = {"publish", "verify-published"}
ENDED = {"tag", "publish", "verify-published", "github-release"}


@pytest.mark.parametrize(
    ("routes", "version", "to", "indexes", "off"),
    [
        # by default, what is not final never reaches PyPI, and what is final does not pass TestPyPI
        (Routes(), "1.0", "", ("pypi",), {"publish-test"}),
        (Routes(), "1.0", "pypi", ("pypi",), {"publish-test"}),
        (Routes(), "1.0.post1", "pypi", ("pypi",), {"publish-test"}),
        (Routes(), "1.0rc1", "", ("testpypi",), BEYOND_TEST),
        (Routes(), "1.0rc1", "pypi", ("testpypi",), BEYOND_TEST),
        (Routes(), "1.0.dev1", "pypi", ("testpypi",), BEYOND_TEST),
        # to the test index: all of a pre-release's own route, and no tag for a final
        (Routes(), "1.0rc1", "testpypi", ("testpypi",), BEYOND_TEST),
        (Routes(), "1.0", "testpypi", ("testpypi",), ENDED),
        (TESTED_FIRST, "1.0", "testpypi", ("testpypi",), ENDED),
        # as configured
        (TESTED_FIRST, "1.0", "pypi", ("testpypi", "pypi"), set()),
        (TESTED_FIRST, "1.0.post1", "", ("testpypi", "pypi"), set()),
        (Routes(prerelease=("pypi",)), "1.0rc1", "pypi", ("pypi",), {"publish-test"}),
        (Routes(prerelease=("pypi",)), "1.0.dev1", "", ("pypi",), {"publish-test"}),
        (Routes(prerelease=("testpypi", "pypi")), "1.0rc1", "", ("testpypi", "pypi"), set()),
        (Routes(prerelease=("testpypi", "pypi")), "1.0rc1", "testpypi", ("testpypi",), ENDED),
        (Routes(development=("devpi",)), "1.0.dev1", "", ("devpi",), {"publish-test"}),
        (Routes(development=("devpi",)), "1.0.dev1", "devpi", ("devpi",), {"publish-test"}),
        (Routes(post=("testpypi",)), "1.0.post1", "", ("testpypi",), BEYOND_TEST),
        # to an index of one's own
        (Routes(), "1.0", "devpi", ("devpi",), {"publish-test"}),
        (Routes(), "1.0rc1", "devpi", ("devpi",), {"publish-test"}),
    ],
)
def test_the_table(routes: Routes, version: str, to: str, indexes: tuple[str, ...], off: set[str]) -> None:
    found = route(ALL, configuration(routes), version, to)
    assert found.problem is None
    assert found.indexes == indexes
    assert set(found.off) == off
    assert found.name == indexes[-1]
    assert found.index == next((name for name in indexes if name != "testpypi"), "pypi")
    assert set(part_walked(RELEASE, found.off).names) == set(ALL) - off


def test_needs_pass_through_and_it_stays_on_record() -> None:
    found = route(ALL, configuration(), "1.0rc1")
    part = part_walked(RELEASE, found.off)
    assert part["github-release"].needs == ("publish-test",)
    assert part.changes == ()
    assert part.off_route == (
        "publish not on the route: pre-release, to testpypi only",
        "verify-published not on the route: pre-release, to testpypi only",
    )
    assert part_walked(RELEASE, route(ALL, configuration(), "1.0").off)["publish"].needs == ("tag",)


@pytest.mark.parametrize(
    ("routes", "version", "names", "to", "expected"),
    [
        (Routes(final=()), "1.0", ALL, "pypi", "no-route"),
        (Routes(prerelease=()), "1.0.dev1", ALL, "", "no-route"),
        (Routes(), "1.0rc1", RELEASE.without("publish-test").names, "", "no-route"),
        (Routes(), "1.0rc1", RELEASE.without("publish-test").without("publish").names, "", None),
        (Routes(), "1.0", RELEASE.without("publish-test").names, "", None),
    ],
)
def test_a_version_without_a_route(
    routes: Routes, version: str, names: tuple[str, ...], to: str, expected: str | None
) -> None:
    problem = route(names, configuration(routes), version, to).problem
    assert (problem.id if problem else None) == expected


def test_a_prerelease_reaches_pypi_by_its_route_only() -> None:
    own = configuration(publish=Publish(index="devpi"))
    problem = route(ALL, own, "1.0rc1", "pypi").problem
    assert problem is not None
    assert problem.id == "off-route"
    assert "goes to testpypi" in problem.cause
    assert route(ALL, own, "1.0", "pypi").problem is None


def test_an_unknown_index() -> None:
    with pytest.raises(errors.TowpathError, match="There is no index 'pipy'"):
        route(ALL, configuration(), "1.0", "pipy")


@pytest.mark.parametrize(
    ("left_out", "version", "expected"),
    [
        ({"publish-test": "TestPyPI is down"}, "1.0", None),
        ({"publish-test": "  "}, "1.0", "no-reason"),
        ({"publish-test": "down"}, "1.0rc1", "not-left-out"),
        ({"verify-install": "slow"}, "1.0", "not-left-out"),
        ({"tag": "later"}, "1.0", "not-left-out"),
        ({"publish": "later"}, "1.0", "not-left-out"),
        ({"": "why"}, "1.0", "not-left-out"),
    ],
)
def test_what_may_be_left_out(left_out: dict[str, str], version: str, expected: str | None) -> None:
    found = route(ALL, configuration(TESTED_FIRST), version)
    if expected is None:
        require_dispensable(ALL, found, left_out)
        part = part_walked(RELEASE, found.off, left_out)
        assert part.changes == ("without publish-test: TestPyPI is down",)
        assert part["publish"].needs == ("tag",)
        return
    with pytest.raises(errors.TowpathError) as raised:
        require_dispensable(ALL, found, left_out)
    assert raised.value.problems[0].id == expected


def test_what_a_record_says_was_left_out() -> None:
    said = ("lint replaced", "without security", "without publish-test: TestPyPI: down", "without tag: because")
    assert on_record(said) == {"publish-test": "TestPyPI: down"}, "a safety gate is never left out by a record's word"
    assert as_recorded(RELEASE, said)["publish"].needs == ("tag",)
    assert as_recorded(RELEASE, ("lint replaced",)) == RELEASE


@pytest.mark.parametrize(
    ("routes", "complaints"),
    [
        (Routes(), []),
        (Routes(final=("testpypi", "pypi"), prerelease=("devpi",), development=(), post=("pypi",)), []),
        (Routes(final=("pypi", "testpypi")), ["final is"]),
        (Routes(final=("pypi", "devpi")), ["final is"]),
        (Routes(final=("pypi", "pypi")), ["final is"]),
        (Routes(final=("testpypi", "testpypi")), ["final is"]),
        (Routes(final=("testpypi", "pypi", "devpi")), ["final is"]),
        (Routes(prerelease=("pipy",)), ["prerelease names 'pipy'"]),
    ],
)
def test_wrong_routes(routes: Routes, complaints: list[str]) -> None:
    said = list(wrong_routes(configuration(routes).settings))
    assert [table for table, _ in said] == ["routes"] * len(complaints)
    assert all(what.startswith(begin) for (_, what), begin in zip(said, complaints, strict=True))


def test_one_index_for_both() -> None:
    same = configuration(publish=Publish(index="devpi"), publish_test=Publish(index="devpi")).settings
    assert [table for table, _ in wrong_routes(same)] == ["publish-test"]


NAMES = st.sampled_from(["pypi", "testpypi", "devpi"])
LISTS = st.one_of(st.none(), st.lists(NAMES, max_size=2, unique=True).map(tuple))


@given(
    st.builds(Routes, final=LISTS, prerelease=LISTS, development=LISTS, post=LISTS),
    st.sampled_from(["1.0", "1.0rc1", "1.0.dev1", "1.0.post1"]),
    st.sampled_from(["", "pypi", "testpypi", "devpi"]),
)
def test_no_route_publishes_where_it_does_not_lead(routes: Routes, version: str, to: str) -> None:
    configured = configuration(routes)
    if list(wrong_routes(configured.settings)):
        return
    found = route(ALL, configured, version, to)
    part = part_walked(RELEASE, found.off)
    if found.problem is None:
        assert ("publish-test" in part.names) == ("testpypi" in found.indexes)
        assert ("publish" in part.names) == (found.index in found.indexes)
        assert "verify-install" in part.names
    if version in {"1.0rc1", "1.0.dev1"} and not routes.prerelease and not routes.development:
        assert found.problem is not None or "pypi" not in found.indexes
