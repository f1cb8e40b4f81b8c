"""The pipeline proves itself when it is made, and is changed by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.gates.gate import Gate, Pipeline
from towpath.model import About, Effect, ForgeAddress, IndexAddress, Outcome, Target
from towpath.pipeline import RELEASE

if TYPE_CHECKING:
    from towpath.gates.gate import Workspace

ADDRESS = IndexAddress("pypi", "https://upload.pypi.org/legacy/", "https://pypi.org/simple/")
TARGET = Target("pypi", "git@example.org:a/b.git", ADDRESS, ADDRESS, ForgeAddress("https://api.github.com", "a/b"))


def nothing(_workspace: Workspace, _variant: str) -> Outcome:
    return Outcome()


def gate(name: str, *needs: str, **more: Any) -> Gate:
    return Gate(name, f"Does {name}.", nothing, needs=needs, **more)


def clean(name: str, *needs: str) -> Gate:
    return gate(name, *needs, installs_clean=True)


def permanent(name: str, *needs: str) -> Gate:
    return gate(name, *needs, effect=Effect.PERMANENT)


class TestTheReleaseItself:
    def test_its_gates_in_order(self) -> None:
        assert RELEASE.names == (
            "lint", "test", "security", "build", "verify-install",
            "tag", "publish-test", "publish", "verify-published", "github-release",
        )  # fmt: skip

    def test_what_each_needs(self) -> None:
        assert {gate.name: gate.needs for gate in RELEASE} == {
            "lint": (),
            "test": (),
            "security": (),
            "build": ("lint", "test", "security"),
            "verify-install": ("build",),
            "tag": ("verify-install",),
            "publish-test": ("tag",),
            "publish": ("publish-test",),
            "verify-published": ("publish",),
            "github-release": ("verify-published",),
        }

    def test_how_far_each_reaches(self) -> None:
        reach = {gate.name: gate.effect for gate in RELEASE if gate.effect is not Effect.NONE}
        assert reach == {
            "build": Effect.LOCAL,
            "tag": Effect.SHARED,
            "publish-test": Effect.SHARED,
            "publish": Effect.PERMANENT,
            "github-release": Effect.SHARED,
        }

    def test_the_point_of_no_return_is_publish(self) -> None:
        assert RELEASE.point_of_no_return == "publish"

    def test_what_evidence_is_about(self) -> None:
        about = {gate.name: gate.about for gate in RELEASE}
        assert [about[name] for name in RELEASE.names] == [About.TREE] * 3 + [About.COMMIT] * 2 + [About.WORLD] * 5

    def test_whatever_others_see_is_about_the_world(self) -> None:
        seen = [gate for gate in RELEASE if gate.effect in {Effect.SHARED, Effect.PERMANENT}]
        assert seen
        assert all(gate.about is About.WORLD for gate in seen)

    def test_no_gate_holds_a_credential_beside_project_code(self) -> None:
        assert {gate.name: gate.credential for gate in RELEASE if gate.credential}.items() >= {
            ("publish-test", "test-index"),
            ("publish", "index"),
            ("github-release", "forge"),
        }
        assert not [gate.name for gate in RELEASE if gate.credential and gate.runs_project_code]

    def test_all_of_it_is_rehearsed(self) -> None:
        assert RELEASE.rehearsal() == RELEASE

    def test_nothing_was_removed(self) -> None:
        assert RELEASE.changes == ()

    def test_a_bare_nox_runs_lint_and_test(self) -> None:
        assert [gate.name for gate in RELEASE if gate.by_default] == ["lint", "test"]

    def test_every_effect_says_where_it_goes(self) -> None:
        assert all(gate.acts_on(TARGET) for gate in RELEASE if gate.effect is not Effect.NONE)

    def test_every_summary_is_a_sentence(self) -> None:
        assert all(gate.summary[0].isupper() and gate.summary.endswith(".") for gate in RELEASE)

    def test_a_run_is_altered_by_what_leaves_tests_out(self) -> None:
        assert {"PYTEST_ADDOPTS", "PYTHONOPTIMIZE"} <= set(RELEASE["test"].altered_by)
        assert "SKIP" in RELEASE["lint"].altered_by


class TestSelfChecks:
    def test_a_name_twice(self) -> None:
        with pytest.raises(ValueError, match="'a' stands twice"):
            Pipeline(gate("a"), gate("a"))

    @pytest.mark.parametrize("need", ["b", "nowhere", "a"])
    def test_a_need_that_does_not_stand_before(self, need: str) -> None:
        with pytest.raises(ValueError, match=f"'a' needs '{need}', which does not stand before it"):
            Pipeline(gate("a", need), gate("b"))

    def test_nothing_permanent_without_a_clean_installation(self) -> None:
        with pytest.raises(ValueError, match="nothing before it installs the files cleanly"):
            Pipeline(gate("a"), permanent("b", "a"))

    def test_a_clean_installation_beside_the_path_does_not_count(self) -> None:
        with pytest.raises(ValueError, match="nothing before it installs"):
            Pipeline(clean("check"), gate("a"), permanent("b", "a"))

    def test_its_own_clean_installation_comes_too_late(self) -> None:
        with pytest.raises(ValueError, match="nothing before it installs"):
            Pipeline(gate("a", effect=Effect.PERMANENT, installs_clean=True))

    def test_a_clean_installation_counts_from_afar(self) -> None:
        assert Pipeline(clean("check"), gate("a", "check"), permanent("b", "a")).point_of_no_return == "b"

    def test_no_credential_beside_project_code(self) -> None:
        with pytest.raises(ValueError, match="credential beside the project's own code"):
            Pipeline(gate("a", credential="index", runs_project_code=True))

    @pytest.mark.parametrize(
        "name", ["release", "distributions", "", "Lint", "a b", "a/b", "../a", "a_b", "a-", "3.12"]
    )
    def test_names_that_are_taken_or_no_names(self, name: str) -> None:
        with pytest.raises(ValueError, match="cannot be named"):
            Pipeline(gate(name))

    def test_an_empty_pipeline_has_no_point_of_no_return(self) -> None:
        assert Pipeline().point_of_no_return is None

    @given(st.lists(st.integers(0, 7), max_size=12), st.data())
    def test_needs_point_backwards_or_it_is_refused(self, order: list[int], data: st.DataObject) -> None:
        gates = [gate(f"g{n}", *(f"g{m}" for m in data.draw(st.lists(st.integers(0, 7), max_size=3)))) for n in order]
        names = [one.name for one in gates]
        safe = len(set(names)) == len(names) and all(
            need in names[:place] for place, one in enumerate(gates) for need in one.needs
        )
        try:
            Pipeline(*gates)
        except ValueError:
            assert not safe
        else:
            assert safe


class TestReplacing:
    def test_the_place_and_the_needs_stay(self) -> None:
        changed = RELEASE.replacing("test", gate("whatever"))
        assert changed.names == RELEASE.names
        assert changed["test"].summary == "Does whatever."
        assert changed["test"].needs == ()
        assert RELEASE["test"].summary != "Does whatever.", "the old one is as it was"

    def test_needs_of_its_own_are_kept(self) -> None:
        assert RELEASE.replacing("test", gate("mine", "lint"))["test"].needs == ("lint",)

    def test_the_needs_of_the_replaced(self) -> None:
        assert RELEASE.replacing("build", gate("mine"))["build"].needs == ("lint", "test", "security")

    def test_an_unknown_gate_names_the_known(self) -> None:
        with pytest.raises(ValueError, match="no gate 'lnit'; the pipeline has lint, test"):
            RELEASE.replacing("lnit", gate("x"))

    def test_the_clean_installation_cannot_be_replaced_by_none(self) -> None:
        with pytest.raises(ValueError, match="installs the files cleanly"):
            RELEASE.replacing("verify-install", gate("mine"))

    def test_a_removal_stays_on_record(self) -> None:
        assert RELEASE.without("security").replacing("lint", gate("mine")).changes == (
            "without security",
            "lint replaced",
        )


class TestInserting:
    def test_it_stands_after_and_is_waited_for(self) -> None:
        changed = RELEASE.inserting(gate("docs"), after="test")
        assert changed.names[:4] == ("lint", "test", "docs", "security")
        assert changed["docs"].needs == ("test",)
        assert changed["build"].needs == ("lint", "test", "security", "docs")

    def test_at_the_end(self) -> None:
        changed = RELEASE.inserting(gate("announce"), after="github-release")
        assert changed.names[-1] == "announce"
        assert changed["announce"].needs == ("github-release",)

    def test_needs_of_its_own_are_kept(self) -> None:
        assert RELEASE.inserting(gate("docs", "lint"), after="build")["docs"].needs == ("lint",)

    def test_needs_that_come_later_are_refused(self) -> None:
        with pytest.raises(ValueError, match="does not stand before it"):
            RELEASE.inserting(gate("docs", "publish"), after="test")

    def test_an_unknown_place_names_the_known(self) -> None:
        with pytest.raises(ValueError, match="no gate 'tests'; the pipeline has lint"):
            RELEASE.inserting(gate("docs"), after="tests")

    def test_a_second_permanent_effect_needs_the_clean_installation(self) -> None:
        with pytest.raises(ValueError, match="installs the files cleanly"):
            RELEASE.inserting(permanent("conda"), after="build")
        assert RELEASE.inserting(permanent("conda"), after="tag").point_of_no_return == "conda"


class TestWithout:
    def test_needs_pass_through(self) -> None:
        changed = RELEASE.without("publish-test")
        assert "publish-test" not in changed.names
        assert changed["publish"].needs == ("tag",)
        assert changed.changes == ("without publish-test",)

    def test_a_gate_that_needs_nothing(self) -> None:
        assert RELEASE.without("security")["build"].needs == ("lint", "test")

    def test_needs_are_never_doubled(self) -> None:
        chain = Pipeline(gate("a"), gate("b", "a"), gate("c", "a", "b"))
        assert chain.without("b")["c"].needs == ("a",)

    def test_the_clean_installation_cannot_go(self) -> None:
        with pytest.raises(ValueError, match="installs the files cleanly"):
            RELEASE.without("verify-install")

    def test_an_unknown_gate_names_the_known(self) -> None:
        with pytest.raises(ValueError, match="no gate 'nope'"):
            RELEASE.without("nope")

    @given(st.lists(st.sampled_from(RELEASE.names), unique=True))
    def test_what_is_left_still_waits_for_all_that_is_left_before_it(self, names: list[str]) -> None:
        part = RELEASE
        try:
            for name in names:
                part = part.without(name)
        except ValueError:
            assert "verify-install" in names
            return
        assert part.changes == tuple(f"without {name}" for name in names)
        for one in part:
            assert _before(part, one.name) == _before(RELEASE, one.name) & set(part.names)


def _before(pipeline: Pipeline, name: str) -> set[str]:
    """Everything that a gate waits for, near and far."""
    near = set(pipeline[name].needs)
    return near.union(*(_before(pipeline, need) for need in near))


class TestRehearsal:
    def test_foreign_effects_are_left_out_and_not_on_record(self) -> None:
        own = RELEASE.inserting(gate("deploy", effect=Effect.SHARED), after="publish-test")
        part = own.rehearsal()
        assert part.names == RELEASE.names
        assert part["publish"].needs == ("publish-test",)
        assert part.changes == ()

    def test_a_local_effect_is_rehearsed(self) -> None:
        own = RELEASE.inserting(gate("docs", effect=Effect.LOCAL), after="test")
        assert own.rehearsal() == own

    def test_earlier_removals_stay_on_record(self) -> None:
        assert RELEASE.without("security").rehearsal().changes == ("without security",)


def test_a_gate_by_name() -> None:
    assert RELEASE["build"].name == "build"
    with pytest.raises(KeyError):
        RELEASE["nope"]


def test_pipelines_are_values() -> None:
    assert Pipeline(gate("a")) == Pipeline(gate("a"))
    with pytest.raises(AttributeError):
        RELEASE.gates = ()  # type: ignore[misc]  # the very point
