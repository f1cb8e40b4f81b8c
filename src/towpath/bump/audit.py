"""The audit: every version ever, in tags, places, changelog and index, and wherever these disagree.

It only reads. All but the index and the remote's tags is there without a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump import disagreements
from towpath.bump.ledger import Ledger, Line, Published, Sources, Spelling, lines, text_of
from towpath.bump.promoted import changelog_path
from towpath.config import reading
from towpath.config.routes import KINDS, route_of
from towpath.gates.chosen import current
from towpath.repository import history
from towpath.repository.git import Repository
from towpath.versions import numbers
from towpath.versions.past import Past
from towpath.versions.places import Declared, Folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.version import Version

    from towpath.config.configuration import Configuration
    from towpath.repository.history import RemoteTag, TagRef

NOT_ASKED = "not asked (--offline)"


@dataclass(frozen=True, slots=True)
class Row:
    """A version with what is wrong with it. `judged` is False where `since` leaves it out."""

    line: Line
    remarks: tuple[str, ...]
    problems: tuple[errors.Problem, ...]
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Audit:
    """Every version, by PEP 440; tags that spell none last. `remarks` are about the whole."""

    ledger: Ledger
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]

    @property
    def problems(self) -> tuple[errors.Problem, ...]:
        """Every disagreement, in the order of the rows."""
        return tuple(problem for row in self.rows for problem in row.problems)


def audit(root: Path, *, offline: bool = False, since: str = "") -> Audit:
    """Compare all that is known of every version of the project in `root`.

    `offline` asks neither index nor remote; what is not known then is called unknown and judged by nobody. What is
    older than `since` is shown, not judged.

    Raises:
        TowpathError: not-a-repository, no-commit, bad-version for `since`, unknown-name for the index, and what
            reading the configuration raises. An index that does not answer raises nothing.
    """
    oldest = numbers.parse(since, where="--since") if since else None
    ledger = read(Repository(root), reading.load(root), offline=offline)
    rows = tuple(_row(line, ledger, oldest) for line in ledger.lines)
    return Audit(ledger, rows, tuple(disagreements.general_remarks(ledger)))


def read(repository: Repository, configuration: Configuration, *, offline: bool) -> Ledger:
    """All that is known, not yet judged."""
    settings = configuration.settings
    address, remote = configuration.index(settings.publish.index), settings.tag.remote
    published, index_unknown = ({}, NOT_ASKED) if offline else _published(configuration)
    on_remote, remote_unknown = ({}, NOT_ASKED) if offline else _on_remote(repository, remote)
    refs = history.tag_refs(repository)
    spelling = Spelling(settings.tag.format, configuration.name)
    remote_only = _remote_only(on_remote, refs, spelling)
    path = changelog_path(repository.folder, settings.bump)
    changelog = text_of(Folder(repository.folder), path)
    past = Past(configuration.name, [Declared(place.path, place.pattern) for place in settings.bump.places])
    with history.opened(repository) as objects:
        made, foreign = lines(
            Sources(refs, spelling, objects, repository.prefix, past, path, changelog, published, remote_only)
        )
    return Ledger(
        project=configuration.name,
        index=address.name,
        remote=remote,
        lines=made,
        has_changelog=changelog is not None,
        current=_current(repository, settings.tag.format),
        index_unknown=index_unknown,
        remote_unknown=remote_unknown,
        on_remote=on_remote,
        shallow=history.is_shallow(repository),
        remote_only=remote_only,
        foreign=foreign,
        annotates=any(ref.annotated for ref in refs),
        branch=repository.branch() or "HEAD",
        backwards=_backwards(repository, refs, spelling),
        kinds=frozenset(kind for kind in KINDS if address.name in route_of(settings, kind)),
    )


def _row(line: Line, ledger: Ledger, oldest: Version | None) -> Row:
    remarks = tuple(disagreements.remarks(line, ledger))
    about = line.version or Spelling("", "").meant(line.tags[0].ref.name)
    if oldest is not None and about is not None and about < oldest:
        return Row(line, remarks, (), judged=False)
    return Row(line, remarks, tuple(disagreements.problems(line, ledger)))


def _published(configuration: Configuration) -> tuple[dict[Version, Published], str]:
    """What the index has, asked for with one request; or why that is not known."""
    from towpath.index.client import IndexClient, by_version

    try:
        with IndexClient(configuration.index(configuration.settings.publish.index), loopback_only=False) as client:
            files = by_version(client.files(configuration.name).values())
    except errors.TowpathError as error:
        if error.problems[0].id != errors.INDEX_UNREACHABLE.id:
            raise
        return {}, error.problems[0].cause
    found = {}
    for version, listed in files.items():
        yanked = [file for file in listed if file.yanked]
        reason = next((file.yank_reason for file in yanked if file.yank_reason), "")
        found[version] = Published(len(listed), len(yanked), reason)
    return found, ""


def _on_remote(repository: Repository, remote: str) -> tuple[dict[str, RemoteTag], str]:
    if repository.remote_url(remote) is None:
        return {}, f"there is no remote {remote}"
    try:
        return history.remote_tags(repository, remote), ""
    except errors.TowpathError as error:
        last = (error.problems[0].detail.splitlines() or [error.problems[0].cause])[-1]
        return {}, f"{remote} did not answer: {last}"


def _remote_only(
    on_remote: Mapping[str, RemoteTag], refs: tuple[TagRef, ...], spelling: Spelling
) -> dict[Version, tuple[str, ...]]:
    """The versions' tags that the remote alone has."""
    here = {ref.name for ref in refs}
    found: dict[Version, tuple[str, ...]] = {}
    for name in on_remote:
        version = spelling.version(name) if name not in here else None
        if version is not None:
            found[version] = (*found.get(version, ()), name)
    return found


def _current(repository: Repository, tag_format: str) -> Version | None:
    """The version that HEAD is to be released as; None if nothing says so or it cannot be read."""
    try:
        found = current(repository, tag_format)
    except errors.TowpathError:
        return None
    return found.version if found.decided else None


def _backwards(repository: Repository, refs: tuple[TagRef, ...], spelling: Spelling) -> dict[Version, tuple[str, str]]:
    """Where a version follows a newer one on the current branch: version → its tag and the tag before it."""
    at: dict[str, list[tuple[Version, str]]] = {}
    for ref in refs:
        version = spelling.version(ref.name)
        if version is not None:
            at.setdefault(ref.commit, []).append((version, ref.name))
    found: dict[Version, tuple[str, str]] = {}
    before: tuple[Version, str] | None = None
    for commit in history.first_parents(repository) if at else ():
        if commit in at:
            newest = max(at[commit])
            if before and newest[0] < before[0]:
                found[newest[0]] = (newest[1], before[1])
            before = newest
    return found
