"""What is asked of an index before the first byte goes to it: what is there, what may be sent, and how long still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from packaging.version import Version

from towpath import errors
from towpath.index.pages import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.index.client import IndexClient, IndexFile, Listing
    from towpath.model import Distribution, Subject

# PyPI takes no new file for an older release, https://docs.pypi.org/project-management/; its own software only
CLOSING = timedelta(days=14)
SKEW_SECONDS = 30.0  # what PyPI forgives an identity token


@dataclass(frozen=True, slots=True)
class Before:
    """What an index has of the wanted files, what is missing there, and what people should know."""

    there: frozenset[str]
    missing: tuple[Distribution, ...]
    notes: tuple[str, ...]


def look_before(client: IndexClient, subject: Subject, wanted: tuple[Distribution, ...]) -> Before:
    """Ask an index everything that would refuse a file later, all files together.

    Without files, as before anything is built, the version must be free and the project open.

    Raises index-unreachable, index-other-bytes, version-taken, project-closed and release-closed.
    """
    listing = client.listing(subject.project)
    taken = client.published(subject.project, subject.version) or {}
    client.require_free_in([*listing.files, *taken], subject.version, wanted)
    there = client.present_in(listing.files, wanted) | _taken(client, taken, wanted)
    missing = tuple(file for file in wanted if file.filename not in there)
    notes = [*_skewed(listing)]
    if missing or not wanted:
        _require_open(client, subject, listing)
    if missing:
        notes += _closing(client, subject, listing, missing)
    return Before(frozenset(there), missing, tuple(notes))


def _taken(client: IndexClient, taken: Mapping[str, str], wanted: tuple[Distribution, ...]) -> set[str]:
    """What the JSON API shows is there too, where the simple page is an old one."""
    found = [file for file in wanted if file.filename in taken]
    for file in found:
        client.require_same(file, taken[file.filename])
    return {file.filename for file in found}


def _require_open(client: IndexClient, subject: Subject, listing: Listing) -> None:
    """PyPI answers an upload to an archived project as if the user had no right to it; the truth stands here."""
    page = listing.page
    if page.status in {"archived", "quarantined"}:
        reason = f" It says: {page.status_reason}" if page.status_reason else ""
        raise errors.PROJECT_CLOSED.error(
            project=subject.project, status=page.status, index=client.address.name, reason=reason
        )


def _closing(
    client: IndexClient, subject: Subject, listing: Listing, missing: tuple[Distribution, ...]
) -> Iterator[str]:
    """How long a half-made release stays open. Counted from its first file: the release itself is no younger."""
    if listing.page.status != ACTIVE:
        yield f"the project is {listing.page.status}"
    began = min((file.uploaded for file in _of_version(subject, listing) if file.uploaded), default=None)
    if began is None or listing.serial is None:
        return
    closes = began + CLOSING
    if closes < datetime.now(timezone.utc) + timedelta(seconds=_skew(listing)):
        raise errors.RELEASE_CLOSED.error(
            index=client.address.name, version=subject.version, file=missing[0].filename, status="", reason=""
        )
    yield f"some files are there already: {client.address.name} takes the others until {closes:%Y-%m-%d %H:%M} UTC"


def _of_version(subject: Subject, listing: Listing) -> tuple[IndexFile, ...]:
    from towpath.index.client import by_version

    return by_version(listing.files.values()).get(Version(subject.version), ())


def _skewed(listing: Listing) -> Iterator[str]:
    skew = _skew(listing)
    if abs(skew) > SKEW_SECONDS:
        side = "behind" if skew > 0 else "ahead of"
        yield f"this machine's clock is {abs(skew):.0f} s {side} the index's: identity tokens may be refused"


def _skew(listing: Listing) -> float:
    return listing.skew or 0.0
