"""Workflow files as values: strict reading, matrices, filters, inputs, step files and our own checks."""

from __future__ import annotations

import pytest

from towpath.errors import TowpathError
from towpath.gates.filters import matches
from towpath.workflow.interpreter.actions.calling import Done, Handler
from towpath.workflow.interpreter.checking import check
from towpath.workflow.interpreter.events import Event, lets_through
from towpath.workflow.interpreter.inputs import typed_inputs
from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.matrix import combinations
from towpath.workflow.interpreter.nouns import Input, Trigger
from towpath.workflow.interpreter.reading import load, read
from towpath.workflow.interpreter.stepfiles import StepFileError, pairs
from towpath.workflow.interpreter.values import Object, plain, value_of

PATH = ".github/workflows/x.yml"
GOOD = """\
on:
  push:
    tags: ["v*"]
  workflow_dispatch:
    inputs:
      dry-run: {type: boolean, default: true}
permissions: {}
jobs:
  plan:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    outputs:
      version: ${{ steps.plan.outputs.version }}
    steps:
      - uses: actions/checkout@v7
        with: {fetch-depth: 0}
      - id: plan
        run: echo version=1 >> $GITHUB_OUTPUT
        env: {DRY: "${{ inputs.dry-run }}"}
  build:
    needs: plan
    if: needs.plan.outputs.version != ''
    runs-on: ${{ matrix.os }}
    strategy: {matrix: {os: [ubuntu-latest, macos-latest]}}
    outputs:
      id: ${{ steps.up.outputs.artifact-id }}
    steps:
      - id: up
        uses: actions/upload-artifact@v7
        with: {path: dist}
"""


def said(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.message) for finding in check(text, PATH)]


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_a_good_workflow_is_read_whole_and_has_no_findings() -> None:
    assert check(GOOD, PATH) == ()
    workflow = load(GOOD, PATH)
    assert [trigger.event for trigger in workflow.on] == ["push", "workflow_dispatch"]
    assert workflow.on[0].filters == {"tags": ("v*",)}
    assert workflow.on[1].inputs == (Input("dry-run", "boolean", default=True),)
    assert workflow.permissions == {}
    assert workflow.jobs["plan"].permissions == {"contents": "read"}
    assert workflow.jobs["build"].needs == ("plan",)
    assert [step.uses for step in workflow.jobs["plan"].steps] == ["actions/checkout@v7", ""]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("needs: plan", "needs: plans", 21, "job 'build' needs 'plans', which is no job"),
        ("needs: plan", "need: plan", 21, "job 'build' has no key 'need'"),
        ("    permissions: {contents: read}", "    needs: build", 10, "job 'plan' needs itself, in a circle"),
        ("contents: read", "content: read", 11, "permissions has no key 'content'"),
        ("contents: read", "contents: reed", 11, "permission 'contents' cannot be 'reed'"),
        ("contents: read", "id-token: read", 11, "permission 'id-token' cannot be 'read'"),
        ("  plan:\n", "  1plan:\n", 9, "'1plan' cannot be the id of a job"),
        ("id: plan", "id: a.b", 17, "'a.b' cannot be the id of a step"),
        ("- uses: actions", "- id: Plan\n        uses: actions", 18, "two steps with the id 'plan'"),
        ("        run: echo", "        uses: x@v1\n        run: echo", 17, "needs one of run and uses"),
        ("with: {fetch-depth: 0}", "shell: bash", 15, "'shell', which does not go with 'uses'"),
        ("if: needs.plan", "if: secrets.X && needs.plan", 22, "'secrets' is no context that can be had here"),
        ("if: needs.plan", "if: need.plan", 22, "'need' is no context"),
        ("outputs.version != ''", 'outputs.version != ""', 22, "unexpected symbol"),
        ("if: needs.plan.outputs.version != ''", "if: ${{ needs.plan.result }} == 'x'", 22, "always true"),
        ("${{ matrix.os }}", "${{ matrix.os }", 23, "not closed by `}}`"),
        ("${{ matrix.os }}", "${{ steps.a.outcome }}", 23, "'steps' is no context"),
        ("${{ matrix.os }}", "${{ contain(matrix.os, 'x') }}", 23, "'contain' is no function"),
        ("on:\n  push:", "on:\n  pushed:", 2, "the workflow is started by 'pushed'"),
        ("tags: [", "tag: [", 3, "on.push has no key 'tag'"),
        ("default: true", "default: 'yes'", 6, "the default of the input 'dry-run' is no boolean"),
        ("type: boolean", "type: bool", 6, "the input 'dry-run' cannot be a 'bool'"),
        ("    needs: plan\n", "    needs: plan\n    services: {db: {image: x}}\n", 22, "job 'build' has 'services'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file(old: str, new: str, line: int, message: str) -> None:
    _, findings = read(changed(old, new), PATH)
    found = [(finding.line, finding.message) for finding in findings]
    assert any(abs(place - line) <= 1 and message in text for place, text in found), found


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("needs.plan.outputs.version", "needs.plan.outputs.verson", 20, "job 'plan' has no output 'verson'"),
        ("needs.plan.outputs.version", "needs.plan.output.version", 20, "outputs and a result, no 'output'"),
        ("    needs: plan\n", "", 20, "does not need 'plan'"),
        ("steps.plan.outputs", "steps.plans.outputs", 13, "has no step 'plans' before it"),
        ("steps.plan.outputs", "steps.plan.output", 13, "outputs, outcome and conclusion, no 'output'"),
        ("steps.up.outputs.artifact-id", "steps.up.outputs.id", 26, "actions/upload-artifact has no output 'id'"),
        ("fetch-depth: 0", "fetch-dept: 0", 15, "actions/checkout has no input 'fetch-dept'"),
        ("with: {path: dist}", "with: {name: dist}", 28, "actions/upload-artifact needs the input 'path'"),
        ("actions/checkout@v7", "actions/checkout", 15, "names no version"),
        ("actions/checkout@v7", "actions/cache@v4", 15, "the action 'actions/cache@v4' is not known"),
        ("inputs.dry-run", "inputs.dryrun", 19, "the workflow has no input 'dryrun'"),
        ("strategy: {matrix: {os: [ubuntu-latest, macos-latest]}}", "name: x", 23, "matrix.os, and has no matrix"),
        ("inputs.dry-run", "steps.plan.outcome", 19, "has no step 'plan' before it"),
    ],
)  # fmt: skip
def test_what_our_own_checks_find(old: str, new: str, line: int, message: str) -> None:
    found = said(changed(old, new))
    assert [text for place, text in found if abs(place - line) <= 1 and message in text], found
    assert len(found) == 1


def test_a_handler_of_the_caller_is_known() -> None:
    text = changed("actions/checkout@v7\n        with: {fetch-depth: 0}", "mine/own@v1")
    assert len(check(text, PATH)) == 1
    assert check(text, PATH, {"mine/own": Handler({}, (), lambda _: Done())}) == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("on: [push", "it is no YAML"),
        ("", "it is empty"),
        ("on: push\non: push\n", "'on' stands there twice"),
        ("a: &a {b: 1}\nc: {<<: *a}\n", "a key must be a plain word"),
    ],
)
def test_what_is_no_workflow_at_all(text: str, what: str) -> None:
    with pytest.raises(TowpathError) as caught:
        load(text, PATH)
    assert caught.value.problems[0].id == "bad-workflow"
    assert what in caught.value.problems[0].cause


def test_all_faults_are_told_together() -> None:
    text = changed("needs: plan", "needs: plans").replace("contents: read", "contents: reed")
    with pytest.raises(TowpathError) as caught:
        load(text, PATH)
    assert len(caught.value.problems) == 2


def test_numbers_and_words_are_those_of_yaml_1_2() -> None:
    env = "{A: 3.10, B: yes, C: 0o14, D: 1_0, E: ~, F: 2026-01-01}"
    text = f"on: push\njobs: {{a: {{runs-on: ubuntu-latest, steps: [{{run: x, env: {env}}}]}}}}"
    step = load(text, PATH).jobs["a"].steps[0]
    values = {name: template.constant for name, template in step.env.items()}
    assert values == {"A": 3.1, "B": "yes", "C": 12.0, "D": "1_0", "E": None, "F": "2026-01-01"}


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ({"a": [1, 2], "b": ["x"]}, [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]),
        ({"a": [1, 2], "exclude": [{"a": 1}]}, [{"a": 2}]),
        ({"include": [{"a": 1}, {"b": 2}]}, [{"a": 1}, {"b": 2}]),
        ({"a": [1], "include": [{"b": 2}, {"a": 1, "c": 3}, {"a": 9}]}, [{"a": 1, "b": 2, "c": 3}, {"a": 9}]),
        (  # the example of GitHub's documentation
            {
                "fruit": ["apple", "pear"],
                "animal": ["cat", "dog"],
                "include": [
                    {"color": "green"},
                    {"color": "pink", "animal": "cat"},
                    {"fruit": "apple", "shape": "circle"},
                    {"fruit": "banana"},
                    {"fruit": "banana", "animal": "cat"},
                ],
            },
            [
                {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
                {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
                {"fruit": "pear", "animal": "cat", "color": "pink"},
                {"fruit": "pear", "animal": "dog", "color": "green"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        ),
    ],
)
def test_the_combinations_of_a_matrix(matrix: object, expected: object) -> None:
    assert [plain(Object(one)) for one in combinations(value_of(matrix))] == expected


@pytest.mark.parametrize(
    "matrix",
    [{}, {"a": []}, {"a": 1}, {"include": []}, {"a": [1], "include": "x"}, {"a": [1], "exclude": [{"a": 1}]}, [1], None,
     {"a": list(range(257))}],
)  # fmt: skip
def test_a_matrix_that_github_refuses(matrix: object) -> None:
    with pytest.raises(ExpressionError):
        combinations(value_of(matrix))


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (("main",), "main", True),
        (("main",), "mainx", False),
        (("release/*",), "release/1", True),
        (("release/*",), "release/1/2", False),
        (("release/**",), "release/1/2", True),
        (("*",), "a/b", False),
        (("**",), "a/b", True),
        (("v[0-9]+.[0-9]+.[0-9]+",), "v1.20.3", True),
        (("v[0-9]+.[0-9]+.[0-9]+",), "v1.20.3rc1", False),
        (("v1?",), "v", True),
        (("**", "!old/**"), "old/1", False),
        (("**", "!old/**", "old/keep"), "old/keep", True),
        (("!main",), "other", False),
        (("docs/**/*.md",), "docs/a.md", True),
        (("**.py",), "src/a.py", True),
    ],
)
def test_filter_patterns(patterns: tuple[str, ...], name: str, *, expected: bool) -> None:
    assert matches(patterns, name) is expected


@pytest.mark.parametrize(
    ("filters", "event", "expected"),
    [
        ({}, Event.push_tag("v1"), True),
        ({"branches": ("main",)}, Event.push_tag("v1"), False),
        ({"tags": ("v*",)}, Event.push_branch("main"), False),
        ({"branches": ("main",), "tags": ("v*",)}, Event.push_tag("v1"), True),
        ({"tags-ignore": ("v1",)}, Event.push_tag("v2"), True),
        ({"tags-ignore": ("v1",)}, Event.push_tag("v1"), False),
        ({"paths": ("src/**",)}, Event.push_branch("main", paths=("docs/a",)), False),
        ({"paths": ("src/**",)}, Event.push_branch("main", paths=("docs/a", "src/b")), True),
        ({"paths-ignore": ("docs/**",)}, Event.push_branch("main", paths=("docs/a",)), False),
        ({"paths": ("src/**",)}, Event.push_tag("v1"), True),
    ],
)
def test_triggers(filters: dict[str, tuple[str, ...]], event: Event, *, expected: bool) -> None:
    assert lets_through(Trigger("push", 1, filters), event) is expected


def test_a_filter_on_paths_needs_the_changed_files() -> None:
    with pytest.raises(TowpathError) as caught:
        lets_through(Trigger("push", 1, {"paths": ("src/**",)}), Event.push_branch("main"))
    assert caught.value.problems[0].id == "bad-event"


def test_a_required_input_must_be_given() -> None:
    known = (Input("version", required=True),)
    assert typed_inputs(known, {"version": "1.0"}) == {"version": "1.0"}
    with pytest.raises(TowpathError) as caught:
        typed_inputs(known, {})
    assert caught.value.problems[0].id == "bad-input"


def test_inputs_have_their_types() -> None:
    known = (Input("a", "boolean"), Input("b", "number", default=2.0), Input("c"), Input("d", "boolean", default=True))
    assert typed_inputs(known, {"a": "TRUE", "b": "3"}) == {"a": True, "b": 3.0, "c": "", "d": True}


def test_pairs_of_a_step_file() -> None:
    assert pairs("a=1\nb=x=y\n\nc<<E O F\nl1\n\nl=3\nE O F\nd=\n") == {"a": "1", "b": "x=y", "c": "l1\n\nl=3", "d": ""}


@pytest.mark.parametrize("text", ["plain\n", "a<<END\nx\n", "=x\n", "<<END\nEND\n"])
def test_pairs_that_cannot_be_read(text: str) -> None:
    with pytest.raises(StepFileError):
        pairs(text)
