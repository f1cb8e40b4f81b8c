"""Routes in plan and evidence: what is not on the route is said, and what is left out stays on record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from universe import PYPROJECT, Project

from towpath.config import reading
from towpath.errors import TowpathError
from towpath.gates.gate import Pipeline, nothing
from towpath.model import About, Outcome
from towpath.pipeline import RELEASE
from towpath.walk import alone
from towpath.walk.plan import make_plan
from towpath.walk.routes import route
from towpath.walk.world import open_workspace, part_of_gate, part_walked

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.evidence.record import Record
    from towpath.gates.gate import Workspace

# The release as it is, but for what its gates do.
GATES = Pipeline(
    *(
        replace(
            gate,
            act=lambda *_: Outcome(),
            configuration=nothing,
            tools=nothing,
            restore=None,
            per_python=False,
        )
        for gate in RELEASE
    )
)
TESTED_FIRST = '\n[tool.towpath.publish-test]\nindex = "testpypi"\n'
REASON = "TestPyPI is down"


@pytest.fixture
def at(make_project: Callable[..., Project]) -> Callable[..., Workspace]:
    """The workspace of a project of that version and configuration."""

    def make(version: str = "1.0.0", more: str = "") -> Workspace:
        text = PYPROJECT.replace('version = "1.0.0"', f'version = "{version}"') + more
        project = make_project(files={"pyproject.toml": text})
        return open_workspace(project.root, project.environ)

    return make


def part_of(workspace: Workspace, to: str = "", pipeline: Pipeline = GATES) -> Pipeline:
    found = route(pipeline.names, workspace.configuration, workspace.subject.version, to)
    return part_walked(pipeline, found.off)


def run(part: Pipeline, workspace: Workspace, *names: str) -> None:
    for name in names:
        alone.run(part, alone.Step(part[name], ""), workspace)


def record(workspace: Workspace, gate: str) -> Record:
    target = workspace.target.name if RELEASE[gate].about is About.WORLD else ""
    sealed = workspace.store.load(workspace.store.path(gate, "", target))
    assert sealed is not None
    return sealed.record


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(TowpathError) as caught:
        act()
    return [problem.id for problem in caught.value.problems]


BEFORE_TAG = RELEASE.names[: RELEASE.names.index("tag")]


def test_a_prerelease_ends_at_the_test_index_and_on_the_forge(at: Callable[..., Workspace]) -> None:
    workspace = at("1.0.0rc1")
    part = part_of(workspace)
    assert workspace.target.name == "testpypi"
    assert part.names == (*BEFORE_TAG, "tag", "publish-test", "github-release")
    run(part, workspace, *part.names)
    said = ("publish not on the route: pre-release, to testpypi only",)
    assert record(workspace, "github-release").changes[:1] == said
    assert list(record(workspace, "github-release").relied_on) == ["testpypi/publish-test.json"]
    assert record(workspace, "lint").changes == (), "what is about the tree knows of no route"


def test_the_plan_says_it(at: Callable[..., Workspace]) -> None:
    workspace = at("1.0.0.dev1")
    plan = make_plan(GATES, part_of(workspace), workspace)
    off = {step.session: (step.state.value, step.why) for step in plan.steps if step.why}
    assert off == dict.fromkeys(("publish", "verify-published"), ("not on the route", "development, to testpypi only"))


def test_each_gate_alone_gets_the_same(at: Callable[..., Workspace]) -> None:
    workspace = at("1.0.0rc1")
    for gate in GATES:
        part, off = part_of_gate(GATES, gate, workspace, None, {})
        if gate.about is not About.WORLD:
            assert (part, off) == (GATES, "")
            continue
        assert part == part_of(workspace)
        assert off == ("pre-release, to testpypi only" if gate.name in {"publish", "verify-published"} else "")


def test_left_out_of_the_walk_and_for_all_that_comes_after(at: Callable[..., Workspace]) -> None:
    workspace = at(more=TESTED_FIRST)
    whole = part_of(workspace)
    assert "publish-test" in whole.names
    run(whole, workspace, *BEFORE_TAG, "tag")
    assert refused(lambda: run(whole, workspace, "publish")) == ["evidence-missing"]
    part, _ = part_of_gate(GATES, GATES["publish"], workspace, None, {"publish-test": REASON})
    run(part, workspace, "publish")
    for name in ("publish", "verify-published", "github-release"):
        if name != "publish":  # alone, and without being told again
            run(whole, workspace, name)
        assert record(workspace, name).changes == (f"without publish-test: {REASON}",)
    run(whole, workspace, "publish-test", "publish", "verify-published")
    assert record(workspace, "verify-published").changes == (), "made up for"


def test_a_walk_that_leaves_nothing_out_says_nothing_of_the_one_before(at: Callable[..., Workspace]) -> None:
    workspace = at(more=TESTED_FIRST)
    whole = part_of(workspace)
    run(part_walked(whole, {}, {"publish-test": REASON}), workspace, *BEFORE_TAG, "tag", "publish")
    assert record(workspace, "build").changes == (f"without publish-test: {REASON}",), "every record says it"
    run(whole, workspace, "publish-test", "publish")
    assert record(workspace, "publish-test").changes == ()
    assert record(workspace, "publish").changes == ()
    assert "pypi/publish-test.json" in record(workspace, "publish").relied_on


def test_what_was_left_out_without_a_word_opens_nothing(at: Callable[..., Workspace]) -> None:
    workspace = at(more=TESTED_FIRST)
    whole = part_of(workspace)
    run(GATES.without("publish-test"), workspace, *GATES.without("publish-test").names[:-2])
    assert refused(lambda: run(whole, workspace, "verify-published")) == ["evidence-stale"]


def test_another_route_makes_what_was_proven_another_thing(at: Callable[..., Workspace]) -> None:
    """What is about the tree and the files stays; what happened in the world was on another way."""
    workspace = at()
    run(part_of(workspace), workspace, *part_of(workspace).names)
    changed = reading.load(workspace.root).settings
    routes = replace_struct(changed, final=("testpypi", "pypi"))
    other = replace(workspace, configuration=replace(workspace.configuration, settings=routes))
    part = part_of(other)
    assert alone.opened_by(part, alone.Step(part["tag"], ""), other)
    assert refused(lambda: run(part, other, "verify-published")) == ["evidence-stale"]


def replace_struct(settings: Any, **routes: Any) -> Any:
    from msgspec.structs import replace as with_fields

    return with_fields(settings, routes=with_fields(settings.routes, **routes))


def test_routes_credentials_and_environments_are_no_part_of_what_evidence_is_about(
    at: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = at()
    before = {gate.name: alone.claim(alone.Step(gate, ""), workspace).configuration for gate in RELEASE}
    text = (workspace.root / "pyproject.toml").read_text(encoding="utf-8")
    more = """
[tool.towpath]
routes.prerelease = ["pypi"]
routes.final = ["testpypi", "pypi"]
workflow.environments = { pypi = "release" }
workflow.secrets = { pypi = "PYPI_API_TOKEN" }
"""
    (workspace.root / "pyproject.toml").write_text(text + more, encoding="utf-8")
    monkeypatch.setenv("TOWPATH_TOKEN_PYPI", "pypi-made-up")
    again = replace(workspace, configuration=reading.load(workspace.root))
    assert again.settings != workspace.settings
    assert {gate.name: alone.claim(alone.Step(gate, ""), again).configuration for gate in RELEASE} == before


class TestByTheCommandsOfAUser:
    def test_a_prerelease(self, make_project: Callable[..., Project]) -> None:
        project = make_project(files={"pyproject.toml": PYPROJECT.replace('"1.0.0"', '"1.0.0-rc.1"')})
        ended = project.nox("-s", "publish")
        assert ended.code == 0
        assert "publish: not on the route: pre-release, to testpypi only; nothing was done" in ended.out
        assert not project.evidence("", "1.0.0rc1").exists(), "it proves nothing"
        planned = project.invoke("plan", "--to", "pypi")
        assert "[not on the route: pre-release, to testpypi only] Publish to the index" in planned.out
        ended = project.nox("-s", "github-release")
        assert ended.code == 1
        assert "The gate publish-test is not proven" in ended.out

    def test_a_final(self, make_project: Callable[..., Project]) -> None:
        project = make_project()
        planned = project.invoke("plan", "--to", "testpypi", "--json").json()
        off = {gate["session"] for gate in planned["gates"] if gate["why"]}
        assert off == {"tag", "publish", "verify-published", "github-release"}
        planned = project.invoke("plan", "--to", "pypi", "--json").json()
        assert {gate["session"] for gate in planned["gates"] if gate["why"]} == {"publish-test"}

    @pytest.mark.parametrize(
        ("arguments", "id_"),
        [
            (("--without", "publish-test"), "no-reason"),
            (("--without", "verify-install", "--reason", "slow"), "not-left-out"),
            (("--without", "publsh-test", "--reason", "down"), "not-left-out"),
        ],
    )
    def test_what_cannot_be_left_out(
        self, make_project: Callable[..., Project], arguments: tuple[str, ...], id_: str
    ) -> None:
        project = make_project()
        for session in ("publish", "release"):
            to = ("--to", "pypi") if session == "release" else ()
            ended = project.nox("-s", session, "--", *to, *arguments)
            assert ended.code == 2, ended.all
            assert f"invoke explain {id_}" in ended.out

    def test_a_version_that_goes_nowhere(self, make_project: Callable[..., Project]) -> None:
        project = make_project(files={"pyproject.toml": PYPROJECT + "\n[tool.towpath.routes]\nfinal = []\n"})
        for arguments in (("-s", "publish"), ("-s", "tag"), ("-s", "release", "--", "--to", "pypi")):
            ended = project.nox(*arguments)
            assert ended.code == 2, ended.all
            assert "invoke explain no-route" in ended.out
