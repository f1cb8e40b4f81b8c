"""Opening the workspace: the real world by the configuration, or the one that a walk hands to its children."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from towpath import errors, network
from towpath.config import reading
from towpath.evidence.store import FOLDER, Store
from towpath.gates.chosen import current
from towpath.gates.gate import Workspace
from towpath.model import Subject, Target
from towpath.repository.git import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.config.configuration import Configuration
    from towpath.gates.gate import Pipeline

VARIABLE = "TOWPATH_WORLD"
OUTCOME_VARIABLE = "TOWPATH_OUTCOME"


@dataclass(frozen=True, slots=True)
class World:
    """What a walk tells its children: where evidence is kept, where effects go, and which gates are left out."""

    state: str
    target: Target
    without: tuple[str, ...] = ()

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
            network.require_loopback(url)
    return world


def open_workspace(
    root: Path, environ: Mapping[str, str], *, world: World | None = None, arguments: tuple[str, ...] = ()
) -> Workspace:
    """The workspace of the project in `root`.

    Raises not-a-repository, no-commit, and what reading the configuration and the version raises.
    """
    repository = Repository(root)
    configuration = reading.load(root)
    version = str(current(repository, configuration.settings.tag.format).version)
    tree = repository.working_tree()
    commit = repository.head if tree == repository.tree_of() else None
    return Workspace(
        root=root,
        repository=repository,
        configuration=configuration,
        subject=Subject(configuration.name, version, tree, commit),
        store=Store(Path(world.state) if world else root / FOLDER, version),
        target=world.target if world else real_target(configuration, repository),
        environ=environ,
        arguments=arguments,
    )


def real_target(configuration: Configuration, repository: Repository, to: str = "") -> Target:
    """Where the configuration sends a release; `to` names another index. Raises unknown-name."""
    settings = configuration.settings
    remote = repository.remote_url(settings.tag.remote)
    name = to or settings.publish.index
    publishes_to = settings.publish.index if name == settings.publish_test.index else name
    return Target(
        name=name,
        remote=remote or "",
        test_index=configuration.index(settings.publish_test.index),
        index=configuration.index(publishes_to),
        forge=configuration.forge(remote),
    )


def part_walked(pipeline: Pipeline, world: World | None) -> Pipeline:
    """The gates that are walked in a world: a rehearsal leaves foreign effects out, a route may leave out more."""
    part = pipeline.rehearsal() if world and world.target.rehearsal else pipeline
    for name in world.without if world else ():
        part = part.without(name)
    return part


def _urls(target: Target) -> list[str]:
    indexes = (target.test_index, target.index)
    urls = [url for index in indexes for url in (index.upload_url, index.simple_url)]
    return [*urls, target.forge.api_url] if target.forge else urls
