"""The twin itself: a running index with its folder, its faults, and what an administrator can do to it."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from towpath.index.twin import oidc, tokens
from towpath.index.twin.app import App, Exchange
from towpath.index.twin.faults import Faults
from towpath.index.twin.limits import NewProjects
from towpath.index.twin.records import Project, Publisher, Release, State, User
from towpath.index.twin.serving import Serving
from towpath.index.twin.store import Store
from towpath.model import IndexAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from towpath.index.twin.issuer import Issuer

__all__ = ["Exchange", "Twin"]

OWNER = "owner"


class Twin:
    """A loopback index that answers as PyPI answers; use `Twin.serve`.

    What it holds lies in its folder and is there again when a twin is started on the same folder.
    """

    def __init__(self, folder: Path, name: str = "pypi", *, issuer: Issuer | None = None, port: int = 0) -> None:
        self.name = name
        self.folder = folder
        self._store = Store(folder)
        self._limits = NewProjects()
        self._closing = threading.Event()
        self.faults = Faults(lambda: self._store.state)
        keys = issuer.keys if issuer else {"keys": []}
        self._app = App(name, self._store, self.faults, self._limits, keys, self._closing)
        try:
            self._serving = Serving(self._app, port)
        except OSError:
            self._store.close()
            raise
        self.url = self._app.url = self._serving.url

    @classmethod
    @contextmanager
    def serve(
        cls,
        folder: Path,
        name: str = "pypi",
        *,
        issuer: Issuer | None = None,
        publishers: Sequence[Publisher] = (),
        port: int = 0,
    ) -> Iterator[Twin]:
        """A twin on a free loopback port (or `port`), as long as the block lasts.

        `name` is the audience of identity tokens: "pypi" or "testpypi". The issuer's key is trusted. A publisher
        whose project does not exist yet is a pending one. Raises OSError if the port is taken or another twin
        works in the folder.
        """
        twin = cls(folder, name, issuer=issuer, port=port)
        try:
            for publisher in publishers:
                twin.add_publisher(publisher)
            yield twin
        finally:
            twin.close()

    def close(self) -> None:
        """End the server; requests under way lose their connection."""
        self._closing.set()
        self._serving.close()
        self._store.close()

    @property
    def upload_url(self) -> str:
        """Where files are sent."""
        return f"{self.url}/legacy/"

    @property
    def simple_url(self) -> str:
        """Where the simple API begins."""
        return f"{self.url}/simple/"

    @property
    def address(self) -> IndexAddress:
        """The twin as an index that files are sent to and read from."""
        return IndexAddress(self.name, self.upload_url, self.simple_url)

    @property
    def log(self) -> tuple[Exchange, ...]:
        """Every request so far and how it was answered; no headers, no bodies."""
        return tuple(self._app.log)

    @property
    def crashes(self) -> tuple[Exception, ...]:
        """What the twin answered 500 for of its own: a defect of the twin, or an input that breaks PyPI too."""
        return tuple(self._app.crashes)

    @property
    def state(self) -> State:
        """What the twin holds at this moment; it is never changed in place."""
        return self._store.state

    def files(self, project: str) -> dict[str, str]:
        """The public files of a project: name → sha256. Empty where there is no such project."""
        found = self.state.project(project)
        return {file.filename: file.sha256 for release in found.releases for file in release.files} if found else {}

    def add_user(self, name: str, *, email_verified: bool = True, two_factor: bool = True) -> None:
        """Add an account, or change what is known of it."""
        with self._store.change() as draft:
            draft.users[name] = User(name, email_verified, two_factor)

    def freeze_user(self, name: str, *, frozen: bool = True) -> None:
        """Freeze an account: its tokens count as unknown."""
        with self._store.change() as draft:
            draft.users[name].frozen = frozen

    def token(
        self,
        user: str = OWNER,
        *,
        projects: Sequence[str] = (),
        expires: float | None = None,
        not_before: float = 0,
    ) -> str:
        """A new API token of a user (made if unknown), narrowed to projects or to a time in Unix seconds."""
        with self._store.change() as draft:
            draft.users.setdefault(user, User(user))
            caveats: list[Any] = [[tokens.USER, user]]
            if projects:
                caveats.append([tokens.PROJECT_NAMES, [canonicalize_name(name) for name in projects]])
            if expires is not None:
                caveats.append([tokens.EXPIRATION, int(expires), int(not_before)])
            return tokens.issue(draft, f"{self.name}.org", caveats, user=user)

    def minted(self, publisher: Publisher, *, expires: float, not_before: float = 0) -> str:
        """A token as minted for a registered publisher, with a time of validity at will."""
        with self._store.change() as draft:
            trust = oidc.enroll(draft, publisher)
            caveats = [
                [tokens.PUBLISHER, trust.id],
                [tokens.PROJECT_IDS, trust.projects],
                [tokens.EXPIRATION, int(expires), int(not_before)],
            ]
            return tokens.issue(draft, f"{self.name}.org", caveats, trust=trust.id)

    def revoke(self, token: str) -> None:
        """Delete a token."""
        presented = tokens.present(token)
        with self._store.change() as draft:
            if presented:
                draft.tokens.pop(presented.id, None)

    def expire_minted_tokens(self) -> None:
        """Let every token minted so far have expired."""
        self._app.expire_minted()

    def add_publisher(self, publisher: Publisher) -> None:
        """Register a trusted publisher; a pending one where its project does not exist yet."""
        with self._store.change() as draft:
            project = draft.project(publisher.project) if publisher.project else None
            if publisher.project and project is None:
                if publisher not in draft.pending:
                    draft.pending.append(publisher)
                return
            trust = oidc.enroll(draft, publisher)
            if project is not None and project.id not in trust.projects:
                trust.projects.append(project.id)

    def add_pending_publisher(self, publisher: Publisher) -> None:
        """Register a pending publisher even though its project exists: it has become invalid."""
        with self._store.change() as draft:
            draft.pending.append(publisher)

    def remove_publisher(self, project: str) -> None:
        """Take the publishers of a project away from it."""
        with self._store.change() as draft:
            identity = _project(draft, project).id
            for trust in draft.trusts.values():
                trust.projects = [known for known in trust.projects if known != identity]

    def set_flag(self, flag: str, *, enabled: bool = True) -> None:
        """Switch one of PyPI's flags: read-only, disallow-new-upload, disable-pep740 and others."""
        with self._store.change() as draft:
            draft.flags = [known for known in draft.flags if known != flag] + ([flag] if enabled else [])

    def set_status(self, project: str, status: str) -> None:
        """Set a project's status: archived, archived-noindex, quarantine-enter, quarantine-exit, or none."""
        with self._store.change() as draft:
            _project(draft, project).status = status

    def set_release_status(self, project: str, version: str | None, status: str) -> None:
        """Set the status of a release, or of all of them: quarantine-enter, quarantine-exit, or nothing."""
        with self._store.change() as draft:
            for release in _releases(draft, project, version):
                release.status = status

    def age_release(self, project: str, version: str | None, age: timedelta) -> None:
        """Let a release, or all of them, have been made that long ago, with the files that it has."""
        with self._store.change() as draft:
            for release in _releases(draft, project, version):
                release.created = time.time() - age.total_seconds()
                for file in release.files:
                    file.uploaded = release.created

    def yank(self, project: str, version: str | None, reason: str = "") -> None:
        """Yank a release, or all of them."""
        with self._store.change() as draft:
            for release in _releases(draft, project, version):
                release.yanked = reason

    def unyank(self, project: str, version: str | None) -> None:
        """Take a yank back."""
        with self._store.change() as draft:
            for release in _releases(draft, project, version):
                release.yanked = None

    def delete_file(self, filename: str) -> None:
        """Delete a file. Its name stays burned."""
        with self._store.change() as draft:
            for project, release, file in draft.files():
                if file.filename == filename:
                    release.files.remove(file)
                    project.total_size -= file.size

    def delete_release(self, project: str, version: str | None) -> None:
        """Delete a release, or all of them. The names of their files stay burned."""
        with self._store.change() as draft:
            found = _project(draft, project)
            gone = _releases(draft, project, version)
            found.releases = [release for release in found.releases if release not in gone]
            found.total_size -= sum(file.size for release in gone for file in release.files)

    def delete_project(self, project: str) -> None:
        """Delete a project. The names of its files stay burned."""
        with self._store.change() as draft:
            del draft.projects[_project(draft, project).normalized]

    def create_project(self, name: str, owner: str = OWNER) -> None:
        """Make an empty project."""
        with self._store.change() as draft:
            draft.users.setdefault(owner, User(owner))
            draft.create_project(name, str(uuid.uuid4()), owner)

    def add_role(self, project: str, user: str, role: str = "Owner") -> None:
        """Make a user an Owner or Maintainer of a project."""
        with self._store.change() as draft:
            _project(draft, project).roles[user] = role

    def prohibit(self, name: str) -> None:
        """Put a name on the list of those that nobody may register."""
        with self._store.change() as draft:
            draft.prohibited.append(canonicalize_name(name))

    def set_limits(self, project: str, *, total_size: int | None = None, upload_limit: int | None = None) -> None:
        """Set what a project holds already, or how large its files may be, in bytes."""
        with self._store.change() as draft:
            found = _project(draft, project)
            if total_size is not None:
                found.total_size = total_size
            if upload_limit is not None:
                found.upload_limit = upload_limit

    def set_provenance(self, filename: str, bundles: Sequence[Any]) -> None:
        """Give a file a provenance with these attestation bundles."""
        with self._store.change() as draft:
            for _, _, file in draft.files():
                if file.filename == filename:
                    file.provenance = list(bundles)

    def forget_new_projects(self) -> None:
        """Let the hour be over in which new projects are counted."""
        self._limits.forget()


def _project(state: State, name: str) -> Project:
    project = state.project(name)
    if project is None:
        message = f"no project {name!r} on the twin"
        raise LookupError(message)
    return project


def _releases(state: State, name: str, version: str | None) -> list[Release]:
    project = _project(state, name)
    if version is None:
        return list(project.releases)
    release = project.release(version)
    if release is None:
        message = f"no release {version} of {name!r} on the twin"
        raise LookupError(message)
    return [release]
