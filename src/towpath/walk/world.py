"""Opening the workspace: the real world by the configuration, or the one that a walk hands to its children."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from towpath import errors, loopback
from towpath.config import reading
from towpath.evidence.store import FOLDER, Store
from towpath.gates.chosen import current, version_of
from towpath.gates.gate import Workspace
from towpath.gates.tag import misfit, tag_of_run
from towpath.model import About, Subject, Target
from towpath.repository.git import Repository
from towpath.walk import routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from towpath.config.configuration import Configuration
    from towpath.gates.gate import Gate, Pipeline
    from towpath.walk.routes import Route

VARIABLE = "TOWPATH_WORLD"
OUTCOME_VARIABLE = "TOWPATH_OUTCOME"


@dataclass(frozen=True, slots=True)
class World:
    """What a walk tells its children: where evidence is kept, where effects go, and which gates are left out.

    `off` says of the gates that are not on the route why, `without` of those that the caller left out.
    """

    state: str
    target: Target
    off: dict[str, str] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it to a file, whose path the children get in TOWPATH_WORLD."""
        path.write_bytes(msgspec.json.encode(self))


def handed_down(environ: Mapping[str, str]) -> World | None:
    """The world that a walk handed to this process; None if there is none.

    Raises bad-world for a file that cannot be read, and outside-rehearsal for a rehearsal that is not held to this
    machine.
    """
    path = environ.get(VARIABLE)
    if not path:
        return None
    try:
        world = msgspec.json.decode(Path(path).read_bytes(), type=World)
    except (OSError, msgspec.DecodeError) as error:
        raise errors.BAD_WORLD.error(path=path, why=error) from None
    if world.target.rehearsal:
        for url in _urls(world.target):
            loopback.require_loopback(url)
    return world


def open_workspace(
    root: Path, environ: Mapping[str, str], *, world: World | None = None, arguments: tuple[str, ...] = ()
) -> Workspace:
    """The workspace of the project in `root`.

    Raises not-a-repository, no-commit, and what reading the configuration and the version raises.
    """
    repository = Repository(root)
    configuration = reading.load(root)
    found = current(repository, configuration.settings.tag.format).version
    version = str(found)
    tree = repository.working_tree()
    commit = repository.head if tree == repository.head_tree else None
    return Workspace(
        root=root,
        repository=repository,
        configuration=configuration,
        subject=Subject(configuration.name, version, tree, commit),
        store=Store(root / (world.state if world else FOLDER), version),
        target=world.target if world else _by_route(configuration, repository, version),
        environ=environ,
        arguments=arguments,
        tag_as_made="" if world and world.target.rehearsal else _tag_as_made(repository, configuration, found, environ),
    )


def _by_route(configuration: Configuration, repository: Repository, version: str) -> Target:
    return real_target(configuration, repository, routes.route((), configuration, version))


def real_target(configuration: Configuration, repository: Repository, route: Route) -> Target:
    """Where a route leads. Raises unknown-name."""
    settings = configuration.settings
    remote = repository.remote_url(settings.tag.remote)
    return Target(
        name=route.name,
        remote=remote or "",
        test_index=configuration.index(settings.publish_test.index),
        index=configuration.index(route.index),
        forge=configuration.forge(remote),
    )


def part_of_gate(
    pipeline: Pipeline, gate: Gate, workspace: Workspace, world: World | None, without: Mapping[str, str]
) -> tuple[Pipeline, str]:
    """The gates among which one runs that was called by its own name, and why it is not among them, or "".

    In the world of a walk they are those of that walk, else those that the version passes by the configuration.

    Raises:
        TowpathError: no-route, tag-misfit, not-left-out and no-reason, for a gate whose evidence is about the world.
    """
    if world is not None and world.target.rehearsal:
        part = pipeline.rehearsal()
        return part, "" if gate.name in part.names else "a rehearsal leaves out what others would see"
    if world is not None:
        return part_walked(pipeline, world.off, world.without), {**world.off, **world.without}.get(gate.name, "")
    if gate.about is not About.WORLD:
        return pipeline, ""
    found = routes.route(pipeline.names, workspace.configuration, workspace.subject.version)
    routes.require_dispensable(pipeline.names, found, without)
    problems = [problem for problem in (found.problem, misfit(workspace)) if problem]
    if problems:
        raise errors.TowpathError(*problems)
    return part_walked(pipeline, found.off, without), {**found.off, **without}.get(gate.name, "")


def part_walked(
    pipeline: Pipeline, off: Mapping[str, str] | None = None, without: Mapping[str, str] | None = None
) -> Pipeline:
    """The gates that are walked: those on the route, less what the caller left out with a reason."""
    part = pipeline.along(off or {})
    for name, reason in (without or {}).items():
        part = part.without(name, reason=reason) if name in part.names else part
    return part


def _tag_as_made(
    repository: Repository, configuration: Configuration, version: Version, environ: Mapping[str, str]
) -> str:
    """The tag that started this run, or that HEAD has, where it spells the version in another way; else ""."""
    tag_format = configuration.settings.tag.format
    usual = tag_format.format(version=version)
    pushed = tag_of_run(environ)
    if pushed:
        return pushed if pushed != usual and version_of(pushed, tag_format) == version else ""
    if not (version.is_prerelease or version.is_postrelease):
        return ""  # the other spellings are those of its suffix
    here = [tag for tag in repository.tags_on(repository.head) if version_of(tag, tag_format) == version]
    return "" if usual in here else next(iter(here), "")


def _urls(target: Target) -> list[str]:
    indexes = (target.test_index, target.index)
    urls = [url for index in indexes for url in (index.upload_url, index.simple_url)]
    return [*urls, target.forge.api_url] if target.forge else urls
