"""Who publishes a release: this machine, or a workflow on the forge; and what stands against either."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.set_off import Publisher, Setting, publishers
from towpath.gates.tag import on_remote
from towpath.walk.routes import route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.config.configuration import Configuration
    from towpath.gates.gate import Pipeline, Workspace
    from towpath.repository.git import Repository
    from towpath.walk.routes import Route

_INDEX_GATES = ("publish-test", "publish")
_ACTS = {"tag": "pushes the tag", "release": "creates the release"}
_DONE_BY_OURS = "github-release"


@dataclass(frozen=True, slots=True)
class About:
    """The release that is asked about: `names` are the pipeline's gates, `to` as the caller said."""

    names: tuple[str, ...]
    configuration: Configuration
    repository: Repository
    version: str
    tag: str
    environ: Mapping[str, str]
    to: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def route(self) -> Route:
        """Where this walk leads."""
        return route(self.names, self.configuration, self.version, self.to)


@dataclass(frozen=True, slots=True)
class ByCI:
    """A release that a workflow publishes, and what starts it: `tag`, `release` or `dispatch`.

    `gates` are those that the run stands for, by name with its file; `left_out` says of what it leaves out why.
    """

    publisher: Publisher
    trigger: str
    gates: Mapping[str, str]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """Who publishes: `by_ci` is None for this machine. `problems` stand against it."""

    by_ci: ByCI | None = None
    problems: tuple[errors.Problem, ...] = ()


def of_workspace(pipeline: Pipeline, workspace: Workspace, to: str, left_out: Mapping[str, str]) -> About:
    """What a walk asks about."""
    configuration, repository = workspace.configuration, workspace.repository
    version, tag = workspace.subject.version, workspace.tag
    return About(pipeline.names, configuration, repository, version, tag, workspace.environ, to, left_out)


def decide(about: About) -> Decision:
    """Who publishes, by the configuration and the workflows of the repository.

    Inside GitHub Actions it is always the gates themselves. A route on which no tag is pushed starts nothing.
    """
    found, chosen = about.route, about.configuration.settings.publish.from_
    remote = about.repository.remote_url(about.configuration.settings.tag.remote)
    forge = about.configuration.forge(remote)
    if about.environ.get("GITHUB_ACTIONS") == "true" or "tag" in found.off:
        return Decision()
    if forge is None:
        return _none(chosen, "no forge is known on which it could run")
    known = _known(about, found, forge.repository)
    acts = [event for event, gate in (("tag", "tag"), ("release", _DONE_BY_OURS)) if gate in about.names]
    set_off = [(one, event) for one in known for event in acts if event in one.triggers]
    if chosen == "here":
        return Decision(problems=tuple(_refused(about, known, acts)))
    if not known:
        return _none(chosen, "no workflow of the repository publishes this version")
    own = route(about.names, about.configuration, about.version)
    if found.indexes != own.indexes or about.left_out:
        return Decision(problems=tuple(_elsewhere(about, found, own, set_off)))
    return _chosen(about, found, known, acts)


def require_from_here(gate: str, pipeline: Pipeline, workspace: Workspace, left_out: Mapping[str, str]) -> None:
    """Raise where a gate that publishes is called by itself, and a workflow would publish the same version.

    Raises ci-publishes, and what stands against publishing from here: publishes-in-ci, ci-several, ci-no-workflow.
    """
    if gate not in _INDEX_GATES:
        return
    decided = decide(of_workspace(pipeline, workspace, "", left_out))
    if decided.problems:
        raise errors.TowpathError(*decided.problems)
    if decided.by_ci is not None and gate in decided.by_ci.gates:
        version, to = workspace.subject.version, workspace.settings.publish.index
        raise errors.CI_PUBLISHES.error(path=decided.by_ci.publisher.path, version=version, gate=gate, to=to)


def problems_of(workspace: Workspace, decided: ByCI) -> Iterator[errors.Problem]:
    """What is known beforehand to keep a run from being started or followed."""
    forge = workspace.target.forge
    if not (workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")):
        yield errors.NO_FORGE_TOKEN.problem(forge=forge.api_url if forge else "the forge")
    if decided.trigger == "dispatch":
        yield from _undispatchable(workspace, decided)
    yield from _taken(workspace, decided)


def inputs_of(publisher: Publisher, version: str) -> tuple[dict[str, str], list[str]]:
    """The inputs of a dispatch, and the names of those that it requires and a release does not know."""
    given, unknown = {}, []
    for name, declared in publisher.inputs.items():
        if name == "version":
            given[name] = version
        elif name in {"dry-run", "dry_run"}:
            given[name] = "false"
        elif declared.get("required") and "default" not in declared:
            unknown.append(name)
    return given, unknown


def _none(chosen: str, why: str) -> Decision:
    return Decision(problems=(errors.CI_NO_WORKFLOW.problem(why=why),) if chosen == "ci" else ())


def _known(about: About, found: Route, repository: str) -> list[Publisher]:
    """The workflows that publish to an index of the route; what cannot be told counts."""
    declared = about.configuration.settings.publish.other_workflows
    urls = {about.configuration.index(name).upload_url for name in found.indexes}

    def elsewhere(index: str) -> bool:
        by_url = index.startswith(("http:", "https:")) and index not in urls
        return by_url or (index == "testpypi" and "testpypi" not in found.indexes)

    every = publishers(about.repository.root, Setting(about.tag, repository))
    return [one for one in every if one.name not in declared and not all(map(elsewhere, one.indexes))]


def _refused(about: About, known: list[Publisher], acts: list[str]) -> Iterator[errors.Problem]:
    for one in known:
        for event in [event for event in acts if event in one.triggers][:1]:
            yield errors.PUBLISHES_IN_CI.problem(path=one.path, version=about.version, event=_ACTS[event])


def _elsewhere(
    about: About, found: Route, own: Route, set_off: list[tuple[Publisher, str]]
) -> Iterator[errors.Problem]:
    left_out = f"without {', '.join(about.left_out)}" if about.left_out else f"to {' and '.join(found.indexes)} only"
    for one, event in set_off[:1]:
        yield errors.CI_OTHER_ROUTE.problem(
            path=one.path, version=about.version, event=_ACTS[event], own=own.name, what=f"cannot go {left_out}"
        )


def _chosen(about: About, found: Route, known: list[Publisher], acts: list[str]) -> Decision:
    last = {"", found.name, about.configuration.index(found.name).upload_url}
    last |= {"pypi"} if found.name != "testpypi" else set()
    main = [one for one in known if last & set(one.indexes)]
    started = [one for one in main if set(acts) & set(one.triggers)]
    others = [one for one in main if one.generated] or main
    candidates = started or others
    chosen = about.configuration.settings.publish.from_
    if len(candidates) > 1 and not started and chosen != "ci":
        return Decision()  # each of them waits for somebody to start it, and nobody says which
    if len(candidates) > 1:
        paths = ", ".join(one.path for one in candidates)
        return Decision(problems=(errors.CI_SEVERAL.problem(version=about.version, paths=paths),))
    if not candidates:
        return _none(chosen, f"no workflow publishes to {found.name}")
    (publisher,) = candidates
    trigger = next((event for event in acts if event in publisher.triggers), "dispatch")
    if trigger not in publisher.triggers:
        return _none("ci", f"nothing that a release does starts {publisher.path}")
    return Decision(_by_ci(about, found, publisher, known, trigger))


def _by_ci(about: About, found: Route, publisher: Publisher, known: list[Publisher], trigger: str) -> ByCI:
    settings = about.configuration.settings
    sent = {index for one in known for index in one.indexes}
    gates, off = {}, {}
    for name in [gate for gate in about.names if gate not in found.off]:
        address = about.configuration.index(settings.publish_test.index if name == "publish-test" else found.index)
        if name == "publish-test" and not sent & {"", address.name, address.upload_url}:
            off[name] = f"{publisher.path} does not send to {address.name}"
        elif name in _INDEX_GATES or (publisher.generated and name in {_DONE_BY_OURS, *settings.after_release}):
            gates[name] = f"by {publisher.path}"
    return ByCI(publisher, trigger, gates, off)


def _undispatchable(workspace: Workspace, decided: ByCI) -> Iterator[errors.Problem]:
    path, wanted = decided.publisher.path, workspace.settings.workflow.branch
    branch = workspace.repository.branch()
    if branch != wanted:
        yield errors.CI_BRANCH.problem(path=path, wanted=wanted, branch=branch or "no branch")
    unknown = inputs_of(decided.publisher, workspace.subject.version)[1]
    if unknown:
        yield errors.CI_INPUTS.problem(path=path, inputs=", ".join(unknown))


def _taken(workspace: Workspace, decided: ByCI) -> Iterator[errors.Problem]:
    """Before the tag is there, nothing of this version can be public that is ours."""
    from towpath.gates.before_upload import look_before
    from towpath.index.client import IndexClient

    try:
        started = bool(on_remote(workspace).commit)
    except errors.TowpathError:
        return  # the tag's own check says it
    addresses = {"publish-test": workspace.target.test_index, "publish": workspace.target.index}
    for address in [one for name, one in addresses.items() if name in decided.gates and not started]:
        try:
            with IndexClient(address, loopback_only=False) as client:
                look_before(client, workspace.subject, ())
        except errors.TowpathError as error:
            yield from error.problems
