"""Expressions, against what GitHub's own library answers (tests/data/expressions.json, made by expressions.mjs)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.workflow.interpreter.evaluating import Scope, evaluate
from towpath.workflow.interpreter.lexing import LONGEST, ExpressionError
from towpath.workflow.interpreter.parsing import Call, Constant, Vocabulary, parse
from towpath.workflow.interpreter.templates import condition, template
from towpath.workflow.interpreter.tree import Scalar
from towpath.workflow.interpreter.values import Array, Object, equal, plain, text, to_json, truthy, value_of

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "expressions.json").read_text(encoding="utf-8"))
CONTEXTS = {name: value_of(value) for name, value in RECORDED["contexts"].items()}
KINDS = {bool: "Boolean", float: "Number", str: "String", Array: "Array", Object: "Dictionary", type(None): "Null"}
# Where the library differs from the runner itself (actions/runner, Expressions2), which is what runs in the end.
RUNNER_SAYS_OTHERWISE = {
    "''''''": "''",  # the library undoes only the first doubled quote of a string
    "join('a',)": None,  # the library lets a comma stand last, the runner's parser does not
    "contains('a', 'b',)": None,
}
SCOPE = Scope(CONTEXTS)


def value(source: str, scope: Scope = SCOPE) -> Any:
    return evaluate(parse(source, Vocabulary(scope.contexts, {})), scope)


def answer(source: str) -> Any:
    """In the form of the recording."""
    try:
        found = value(source)
    except ExpressionError:
        return None
    return {"type": KINDS[type(found)], "text": text(found), "json": to_json(found)}


def test_the_recording_is_large_and_holds_answers_and_errors() -> None:
    assert RECORDED["package"].startswith("@actions/expressions ")
    refused = [one for one in RECORDED["answers"] if "error" in one]
    assert len(RECORDED["answers"]) > 1000
    assert len(refused) > 80


def test_every_recorded_expression_has_the_recorded_answer() -> None:
    different = {}
    for one in RECORDED["answers"]:
        expected = {key: one[key] for key in ("type", "text", "json")} if "type" in one else None
        found = answer(one["expression"])
        if found != expected:
            different[one["expression"]] = found and found["text"]
    assert different == RUNNER_SAYS_OTHERWISE


@pytest.mark.parametrize("source", ["'" + "x" * (LONGEST - 2) + "'", "1" + " " * (LONGEST - 1)])
def test_an_expression_may_be_so_long_and_no_longer(source: str) -> None:
    assert truthy(value(source))
    with pytest.raises(ExpressionError, match="longer"):
        value(source + " ")


def test_a_context_that_is_not_there_is_named() -> None:
    with pytest.raises(ExpressionError, match="'secrets' is no context"):
        value("secrets.TOKEN")


def test_only_what_is_needed_is_evaluated() -> None:
    assert value("true || fromJSON('')") is True
    assert value("false && fromJSON('')") is False


def test_variables_of_the_environment_have_their_case() -> None:
    scope = Scope({"env": Object({"Name": "x"}, sensitive=True)})
    assert value("env.Name", scope) == "x"
    assert value("env.NAME", scope) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plain", "plain"),
        ("${{ github.ref_type }}", "tag"),
        ("${{ matrix.flag }}", True),
        ("a ${{ matrix.flag }} b", "a true b"),
        ("${{ 1 }}${{ 2 }}", "12"),
        ("${{ '}}' }}", "}}"),
        ("${{ 'it''s }}' }}!", "it's }}!"),
        ("${{ null }}", None),
        ("x${{ null }}", "x"),
        ("$ {{ x }}", "$ {{ x }}"),
        (3.1, 3.1),
        (None, None),
    ],
)
def test_a_template(source: Any, expected: Any) -> None:
    assert template(Scalar(1, source), "job").value(SCOPE) == expected


@pytest.mark.parametrize(
    "source", ["${{ github.ref", "${{ 'x }}", "${{ secrets.A }}", "${{ hashFiles('x') }}", "${{ ( }}"]
)
def test_a_template_that_github_refuses(source: str) -> None:
    with pytest.raises(ExpressionError):
        template(Scalar(1, source), "job")


def holds(source: Any, *, success: bool = True) -> bool:
    found = condition(None if source is None else Scalar(1, source), "job if")
    status = {"success": success, "failure": not success, "always": True, "cancelled": False}
    functions = {name: (lambda _, known=known: known) for name, known in status.items()}
    return truthy(evaluate(found, Scope(CONTEXTS, functions)))


@pytest.mark.parametrize(
    ("source", "after_success", "after_failure"),
    [
        (None, True, False),
        ("", True, False),
        ("always()", True, True),
        ("${{ always() }}", True, True),
        ("Failure()", False, True),
        ("!cancelled()", True, True),
        ("!failure() && !cancelled()", True, False),
        ("github.ref_type == 'tag'", True, False),
        ("github.ref_type == 'tag' && always()", True, True),
        ("github.ref_type == 'branch'", False, False),
        ("${{ github.ref_type == 'tag' }}", True, False),
        ("contains(needs.*.result, 'failure')", True, False),
        (False, False, False),
        (True, True, False),
        ("'success()'", True, False),
    ],
)
def test_an_if_asks_for_success_unless_it_asks_for_another_status(
    source: Any, *, after_success: bool, after_failure: bool
) -> None:
    assert holds(source) == after_success
    assert holds(source, success=False) == after_failure


@pytest.mark.parametrize(
    "source", ["${{ false }} && true", "x ${{ true }}", "secrets.A == ''", "steps.a.outcome", "env.A"]
)
def test_an_if_that_would_always_hold_or_that_github_refuses(source: str) -> None:
    with pytest.raises(ExpressionError):
        condition(Scalar(1, source), "job if")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="abc"), inner),
    max_leaves=12,
)


@given(PLAIN)
def test_json_goes_there_and_back(data: Any) -> None:
    written = to_json(value_of(data))
    assert json.loads(written, parse_int=float) == data
    assert plain(evaluate(Call("fromjson", (Constant(written),)), Scope({}))) == data


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_json_is_the_number(number: float) -> None:
    assert float(to_json(number)) == number


@given(st.text())
def test_any_text_is_a_value_or_an_expression_error(source: str) -> None:
    try:
        found = value(source)
    except ExpressionError:
        return
    assert isinstance(found, (bool, float, str, Array, Object, type(None)))


def test_nan_is_equal_to_nothing() -> None:
    assert not equal(math.nan, math.nan)
