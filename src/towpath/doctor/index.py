"""What the indexes know of the project, against the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from packaging.utils import canonicalize_name

from towpath import errors
from towpath.doctor.nouns import Form, Unasked, Well, advice, problem
from towpath.doctor.project import counted
from towpath.index.client import by_version
from towpath.index.pages import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from towpath.doctor.facts import Facts, Publication
    from towpath.doctor.nouns import Answer
    from towpath.index.client import Listing
    from towpath.index.provenance import Origin

_GITHUB = "GitHub"
_SHOWN = 3
_OPEN = (ACTIVE, "deprecated")  # by PEP 792, uploads to a deprecated project are allowed


def project(facts: Facts) -> Iterator[Answer]:
    """Whether the project is on each index, and is this one: a new one needs a pending publisher."""
    for one, listing in _each(facts):
        if isinstance(listing, str):
            yield Unasked(listing)
        elif not listing.known:
            page = address(facts, one, pending=True)
            yield advice(errors.PROJECT_NEW, project=facts.configuration.name, index=one.index, page=page)
        else:
            yield _ours(facts, one, listing)


def status(facts: Facts) -> Iterator[Answer]:
    """Whether each index takes uploads for the project: not archived, not quarantined."""
    for one, listing in _each(facts):
        if isinstance(listing, str):
            yield Unasked(listing)
        elif not listing.known:
            yield Well(f"new on {one.index}")
        elif listing.page.status not in _OPEN:
            reason = f" {listing.page.status_reason}" if listing.page.status_reason else ""
            said = {"project": facts.configuration.name, "status": listing.page.status, "index": one.index}
            yield problem(errors.PROJECT_CLOSED, **said, reason=reason)
        else:
            yield Well(f"{listing.page.status} on {one.index}")


def version(facts: Facts) -> Iterator[Answer]:
    """Whether the version that stands here is free, or the very one that was released from this commit."""
    found = facts.version.get()
    tag = facts.settings.tag.format.format(version=found.version)
    for one, listing in _each(facts):
        if isinstance(listing, str):
            yield Unasked(listing)
        elif found.version not in by_version(listing.files.values()):
            yield Well(f"{found.version} is free on {one.index}, unless a file of it was deleted there")
        elif facts.repository.tag_commit(tag) == facts.repository.head:
            yield Well(f"{found.version} is on {one.index}, released from this commit")
        else:
            yield advice(errors.VERSION_THERE, index=one.index, version=found.version)


def publisher(facts: Facts) -> Iterator[Answer]:
    """Whether the last release came from the publisher that the configuration would use."""
    for one in facts.publications:
        latest = facts.world.on(one.index).latest
        if latest.answer is None:
            yield Unasked(f"{one.index}: {latest.why}")
        elif not latest.answer.origins:
            why = "has no provenance, so that nobody but its owners can see who may publish"
            yield Unasked(f"{one.index}: the last release ({latest.answer.version}) {why}")
        elif not one.trusted:
            yield Well(f"{latest.answer.version} came to {one.index} from a trusted publisher; now by a token")
        else:
            yield from _compared(facts, one, latest.answer.version, latest.answer.origins)


def forms(facts: Facts) -> tuple[Form, ...]:
    """What to write into the form of each index that trusts the publisher; none where no repository is known."""
    if facts.forge is None:
        return ()
    owner, _, repository = facts.forge.repository.partition("/")
    return tuple(
        Form(
            index=one.index,
            project=facts.configuration.name,
            owner=owner,
            repository=repository,
            workflow=one.workflow,
            environment=one.environment,
            address=address(facts, one, pending=_pending(facts, one) is True),
            pending=_pending(facts, one),
        )
        for one in facts.publications
        if one.trusted
    )


def address(facts: Facts, one: Publication, *, pending: bool) -> str:
    """Where the form of an index is; filled in, but for that of a project that is not there yet."""
    root = urljoin(one.address.simple_url, "/")
    if pending or facts.forge is None:
        return f"{root}manage/account/publishing/"
    owner, _, repository = facts.forge.repository.partition("/")
    values = {
        "provider": "github",
        "owner": owner,
        "repository": repository,
        "workflow_filename": one.workflow,
        "environment": one.environment,
    }
    name = canonicalize_name(facts.configuration.name)
    return f"{root}manage/project/{name}/settings/publishing/?{urlencode(values)}"


def _pending(facts: Facts, one: Publication) -> bool | None:
    listing = facts.world.on(one.index).listing.answer
    return None if listing is None else not listing.known


def _each(facts: Facts) -> Iterator[tuple[Publication, Listing | str]]:
    """What each index showed, or why it did not."""
    for one in facts.publications:
        listing = facts.world.on(one.index).listing
        yield one, listing.answer if listing.answer is not None else f"{one.index}: {listing.why}"


def _ours(facts: Facts, one: Publication, listing: Listing) -> Answer:
    there = sorted(by_version(listing.files.values()))
    if there and not {str(known) for known in there} & _known_here(facts):
        shown = ", ".join(map(str, there[-_SHOWN:]))
        return advice(errors.NAME_OF_OTHERS, index=one.index, project=facts.configuration.name, versions=shown)
    return Well(
        f"{counted(len(there), 'release')} on {one.index}" if there else f"there on {one.index}, without a release"
    )


def _known_here(facts: Facts) -> set[str]:
    """Every version of which this repository has a tag, in whatever spelling, and the one that stands here."""
    from towpath.bump.ledger import Spelling

    spelling = Spelling(facts.settings.tag.format, facts.configuration.name)
    tagged: list[Version | None] = [spelling.version(tag) for tag in facts.repository.tags()]
    here = facts.version.answer
    return {str(one) for one in (*tagged, here.version if here else None) if one is not None}


def _compared(facts: Facts, one: Publication, latest: str, origins: tuple[Origin, ...]) -> Iterator[Answer]:
    if facts.forge is None:
        yield Unasked(f"{one.index}: the remote is not on GitHub")
        return
    if any(_is_ours(facts, one, origin) for origin in origins):
        yield Well(f"{latest} came to {one.index} from the same workflow")
        return
    here = _place(facts.forge.repository, one.workflow, one.environment)
    there = _place(origins[0].repository, origins[0].workflow, origins[0].environment)
    page = address(facts, one, pending=False)
    yield problem(errors.PUBLISHER_DIFFERS, index=one.index, there=there, here=here, page=page)


def _is_ours(facts: Facts, one: Publication, origin: Origin) -> bool:
    """Owner and repository are compared as GitHub does; a publisher without an environment accepts any."""
    ours = (facts.forge.repository if facts.forge else "").lower()
    same = origin.kind == _GITHUB and origin.repository.lower() == ours
    fits = not origin.environment or origin.environment.lower() == one.environment.lower()
    return same and origin.workflow == one.workflow and fits


def _place(repository: str, workflow: str, environment: str) -> str:
    return f"{repository}, {workflow}, " + (f"environment {environment}" if environment else "no environment")
