"""A run that the caller narrowed or altered may pass, and proves nothing."""

from __future__ import annotations

import pytest

from towpath.errors import TowpathError
from towpath.gates.gate import Gate
from towpath.model import Effect, Outcome
from towpath.pipeline import RELEASE
from towpath.walk.narrowing import reasons


def gate(effect: Effect = Effect.NONE) -> Gate:
    return Gate("a", "Does a.", lambda *_: Outcome(), effect=effect, altered_by=("ONE", "TWO"))


def of(found: Gate, arguments: tuple[str, ...] = (), options: tuple[str, ...] = (), **environ: str) -> tuple[str, ...]:
    return reasons(found, environ, arguments=arguments, nox_options=options)


def test_an_ordinary_run_is_a_proof() -> None:
    assert of(gate(), OTHER="x") == ()


def test_each_reason_is_told() -> None:
    found = of(gate(), ("-k", "x"), ("--force-python",), TWO="2", ONE="1")
    assert found == ("arguments -k x", "ONE is set", "TWO is set", "--force-python")


def test_an_empty_variable_alters_nothing() -> None:
    assert of(gate(), ONE="") == ()


def test_the_value_of_a_variable_is_not_told() -> None:
    assert "hunter2" not in " ".join(of(gate(), ONE="hunter2"))


@pytest.mark.parametrize("effect", [Effect.NONE, Effect.LOCAL])
def test_what_stays_here_may_be_narrowed(effect: Effect) -> None:
    assert of(gate(effect), ("x",)) == ("arguments x",)


@pytest.mark.parametrize("effect", [Effect.SHARED, Effect.PERMANENT])
@pytest.mark.parametrize("how", ["arguments", "variable", "option"])
def test_an_effect_that_others_see_is_refused(effect: Effect, how: str) -> None:
    arguments = ("x",) if how == "arguments" else ()
    environ = {"ONE": "1"} if how == "variable" else {}
    options = ("--no-install",) if how == "option" else ()
    with pytest.raises(TowpathError) as caught:
        reasons(gate(effect), environ, arguments=arguments, nox_options=options)
    problem = caught.value.problems[0]
    assert (problem.id, problem.exit_code) == ("narrowed", 2)
    assert of(gate(effect)) == ()


@pytest.mark.parametrize(
    "variable", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTHONOPTIMIZE"]
)
def test_what_alters_the_tests(variable: str) -> None:
    assert reasons(RELEASE["test"], {variable: "1"}, arguments=(), nox_options=()) == (f"{variable} is set",)


def test_what_alters_the_tests_is_nothing_to_the_others() -> None:
    assert of(RELEASE["publish"], PYTEST_ADDOPTS="-x") == ()
