"""What the checks judge: the project as it lies here, and what the world answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath import errors
from towpath.config import reading
from towpath.config.routes import KINDS, route_of
from towpath.doctor.documents import documents
from towpath.doctor.nouns import Known, unasked
from towpath.gates.chosen import current
from towpath.repository.git import Git, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.doctor.documents import Document
    from towpath.forge.settings import About, Environment, KnownWorkflow, Ruleset, Secret
    from towpath.gates.chosen import Current
    from towpath.gates.gate import Pipeline
    from towpath.index.client import Listing
    from towpath.index.provenance import Origin
    from towpath.model import ForgeAddress, IndexAddress

OFFLINE = "--offline was given"
_GATES = {"publish-test": "publish_test", "publish": "publish"}
_PYPI = ("pypi", "testpypi")


@dataclass(frozen=True, slots=True)
class Publication:
    """Where a gate publishes to, and by which workflow: the generated one, or where there is none, one by hand.

    `secret` is "" where the publisher is trusted.
    """

    gate: str
    address: IndexAddress
    workflow: str
    environment: str
    secret: str

    @property
    def index(self) -> str:
        """The index's name."""
        return self.address.name

    @property
    def trusted(self) -> bool:
        """Whether no token is configured for it: PyPI and TestPyPI, or an index that is told so."""
        by_identity = self.address.credentials == "trusted"
        return by_identity or (not self.address.credentials and not self.secret and self.index in _PYPI)


@dataclass(frozen=True, slots=True)
class Latest:
    """The last release on an index: its version, and the publishers that its files name; none without provenance."""

    version: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class OnIndex:
    """What an index answered; `latest` is that of a project with files."""

    listing: Known[Listing]
    latest: Known[Latest]


@dataclass(frozen=True, slots=True)
class World:
    """What the remote, the forge and the indexes answered; by default nobody was asked."""

    refs: Known[Mapping[str, str]] = field(default_factory=lambda: Known(why=OFFLINE))
    about: Known[About] = field(default_factory=lambda: Known(why=OFFLINE))
    environments: Known[tuple[Environment, ...]] = field(default_factory=lambda: Known(why=OFFLINE))
    tag_rules: Known[tuple[Ruleset, ...]] = field(default_factory=lambda: Known(why=OFFLINE))
    permissions: Known[str] = field(default_factory=lambda: Known(why=OFFLINE))
    actions: Known[bool] = field(default_factory=lambda: Known(why=OFFLINE))
    secrets: Known[tuple[Secret, ...]] = field(default_factory=lambda: Known(why=OFFLINE))
    environment_secrets: Known[Mapping[str, tuple[Secret, ...]]] = field(default_factory=lambda: Known(why=OFFLINE))
    immutable: Known[bool] = field(default_factory=lambda: Known(why=OFFLINE))
    workflows: Known[tuple[KnownWorkflow, ...]] = field(default_factory=lambda: Known(why=OFFLINE))
    indexes: Mapping[str, OnIndex] = field(default_factory=dict)

    def on(self, index: str) -> OnIndex:
        """What an index answered."""
        return self.indexes.get(index) or OnIndex(Known(why=OFFLINE), Known(why=OFFLINE))


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. `listed` are the files that git tracks or would, `version` is unknown where it cannot be read."""

    root: Path
    environ: Mapping[str, str]
    repository: Repository
    configuration: Configuration
    pipeline: Pipeline
    documents: tuple[Document, ...]
    listed: tuple[str, ...]
    version: Known[Current]
    publications: tuple[Publication, ...]
    remote_url: str
    forge: ForgeAddress | None
    world: World = field(default_factory=World)

    @property
    def settings(self) -> Settings:
        """`[tool.towpath]`."""
        return self.configuration.settings

    @property
    def remote(self) -> str:
        """The name of the remote that is released from."""
        return self.settings.tag.remote

    @property
    def readable(self) -> tuple[Document, ...]:
        """The workflows that could be read."""
        return tuple(document for document in self.documents if document.broken is None)

    def workflows(self) -> tuple[Document, ...]:
        """The same, for a check that needs one. Raises NotAskedError where there is none."""
        if not self.readable:
            raise unasked("no workflow can be read" if self.documents else "there is no workflow")
        return self.readable

    @property
    def by_hand(self) -> tuple[Document, ...]:
        """Those that were written by hand."""
        return tuple(document for document in self.readable if not document.generated)

    @property
    def release_workflow(self) -> Document | None:
        """The generated workflow that releases; None where there is none, or one written by hand in its place."""
        name = self.settings.workflow.release
        return next((one for one in self.documents if one.generated and one.name == name), None)

    def page(self, path: str) -> str:
        """A page of the repository's on the forge, as a person sees it."""
        if self.forge is None:
            return path
        web = self.forge.api_url.replace("://api.", "://").removesuffix("/").removesuffix("/api/v3")
        return f"{web}/{self.forge.repository}/{path}"


def gather(root: Path, environ: Mapping[str, str], pipeline: Pipeline) -> Facts:
    """What is known without asking anybody.

    Raises not-a-repository, no-commit, and what reading the configuration raises: without them nothing can be judged.
    """
    repository, configuration = Repository(root), reading.load(root)
    found = documents(repository.root)
    listed = Git(root)("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    remote_url = repository.remote_url(configuration.settings.tag.remote) or ""
    return Facts(
        root=root,
        environ=environ,
        repository=repository,
        configuration=configuration,
        pipeline=pipeline,
        documents=found,
        listed=tuple(sorted(path for path in listed.split("\0") if path)),
        version=_version(repository, configuration),
        publications=tuple(_publications(configuration, pipeline, found)),
        remote_url=remote_url,
        forge=configuration.forge(remote_url),
    )


def _version(repository: Repository, configuration: Configuration) -> Known[Current]:
    try:
        return Known(current(repository, configuration.settings.tag.format))
    except errors.TowpathError as error:
        return Known(why=error.problems[0].cause)


def _publications(
    configuration: Configuration, pipeline: Pipeline, found: tuple[Document, ...]
) -> Iterator[Publication]:
    settings = configuration.settings
    generated = any(document.generated for document in found)
    by_hand = [(one.name, upload) for one in found if not generated for upload in one.uploads]
    reached = {name for kind in KINDS for name in route_of(settings, kind)}
    for gate, section in _GATES.items():
        address = configuration.index(getattr(settings, section).index)
        if gate not in pipeline.names or address.name not in reached:
            continue
        workflow, upload = next(((name, one) for name, one in by_hand if one.index == address.name), ("", None))
        if upload is not None:
            yield Publication(gate, address, workflow, upload.environment, upload.secret)
        else:
            environment = settings.workflow.environments.get(address.name, address.name)
            secret = settings.workflow.secrets.get(address.name, "")
            yield Publication(gate, address, settings.workflow.release, environment, secret)
