"""What the twin remembers. These records are its whole state, written to disk as JSON after each change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import canonicalize_name, canonicalize_version


@dataclass(frozen=True, slots=True)
class Publisher:
    """A trusted publisher as its owner enters it: a GitHub workflow that may upload to a project.

    Where the project does not exist yet it is a pending publisher, and the first token minted for it creates
    the project for `user`. Without an environment, any is accepted. An empty `project` is a publisher whose
    project has been taken from it.
    """

    project: str
    repository: str
    workflow: str = "release.yml"
    environment: str = ""
    owner_id: str = "1"
    user: str = "owner"

    def same_workflow(self, other: Publisher) -> bool:
        """Whether both name the same workflow and environment, whatever the project."""
        return (self.repository, self.owner_id, self.workflow, self.environment.lower()) == (
            other.repository,
            other.owner_id,
            other.workflow,
            other.environment.lower(),
        )


@dataclass(slots=True)
class User:
    """An account. A frozen one counts as nobody."""

    name: str
    email_verified: bool = True
    two_factor: bool = True
    frozen: bool = False


@dataclass(slots=True)
class Trust:
    """A registered publisher and the ids of the projects that it may upload to."""

    id: str
    publisher: Publisher
    projects: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Token:
    """What the index keeps of an API token: its key, and the user or publisher that it speaks for.

    `expired` makes it count as expired whatever its caveats say.
    """

    id: str
    key: str
    user: str = ""
    trust: str = ""
    expired: bool = False


@dataclass(slots=True)
class File:
    """A distribution that is public. `path` is relative to the folder of packages; times are Unix seconds."""

    filename: str
    path: str
    size: int
    md5: str
    sha256: str
    blake2_256: str
    packagetype: str
    python_version: str
    uploaded: float
    comment: str | None = None
    metadata_sha256: str | None = None
    provenance: list[Any] | None = None


@dataclass(slots=True)
class Release:
    """A version of a project. Its metadata are those sent with its first file."""

    version: str
    created: float
    metadata: dict[str, Any] = field(default_factory=dict)
    yanked: str | None = None
    status: str = ""
    files: list[File] = field(default_factory=list)

    @property
    def canonical(self) -> str:
        """The version without trailing zeros, by which PyPI tells releases apart."""
        return canonicalize_version(self.version)


@dataclass(slots=True)
class Project:
    """A project: roles by user name, releases in order of creation, the serial of its last change."""

    id: str
    name: str
    serial: int = 0
    status: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    upload_limit: int | None = None
    total_size: int = 0

    @property
    def normalized(self) -> str:
        """The name by PEP 503."""
        return canonicalize_name(self.name)

    def release(self, version: str) -> Release | None:
        """The release of an equal version, if there is one."""
        canonical = canonicalize_version(version)
        return next((release for release in self.releases if release.canonical == canonical), None)


@dataclass(slots=True)
class State:
    """Everything. A state that has been committed is never changed; a change makes a new one."""

    serial: int = 0
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    filenames: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    prohibited: list[str] = field(default_factory=list)
    trusts: dict[str, Trust] = field(default_factory=dict)
    pending: list[Publisher] = field(default_factory=list)
    used_identities: list[str] = field(default_factory=list)

    def project(self, name: str) -> Project | None:
        """The project of that name in any spelling."""
        return self.projects.get(canonicalize_name(name))

    def files(self) -> list[tuple[Project, Release, File]]:
        """Every public file with its release and project."""
        return [
            (project, release, file)
            for project in self.projects.values()
            for release in project.releases
            for file in release.files
        ]

    def create_project(self, name: str, identity: str, owner: str) -> Project:
        """Add a project with its owner: two entries in the journal, as on PyPI."""
        self.serial += 2
        project = Project(identity, name, serial=self.serial, roles={owner: "Owner"})
        self.projects[project.normalized] = project
        self.pending = [one for one in self.pending if canonicalize_name(one.project) != project.normalized]
        return project

    def create_release(self, project: Project, version: str, metadata: dict[str, Any]) -> Release:
        """Add a release: one entry in the journal."""
        release = Release(version, time.time(), metadata)
        project.releases.append(release)
        self.touch(project)
        return release

    def add_file(self, project: Project, release: Release, file: File) -> None:
        """Make a file public and burn its name: one entry in the journal."""
        release.files.append(file)
        self.filenames.append(file.filename)
        project.total_size += file.size
        self.touch(project)

    def touch(self, project: Project) -> None:
        """Note a change of the project in the journal."""
        self.serial += 1
        project.serial = self.serial
