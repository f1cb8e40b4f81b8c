"""What is wrong with a version, as problems of the catalogue; and what is merely worth a remark.

A disagreement is two sources that cannot both be right. How a tag is made or spelled is a remark: it hides nothing.
What is unknown (no network, a shallow clone) disagrees with nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.ledger import EMPTY, MISSING, UNRELEASED
from towpath.config.routes import kind_of
from towpath.versions.past import means, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from towpath.bump.ledger import Ledger, Line, Tagged
    from towpath.versions.texts import Place

_SHOWN = 5  # tags named in one remark


def problems(line: Line, ledger: Ledger) -> Iterator[errors.Problem]:
    """Every disagreement about one version."""
    for tagged in line.tags:
        yield from _of_tree(tagged, line.version)
        yield from _of_remote(tagged, ledger)
    if line.version is None:
        yield errors.AUDIT_UNREADABLE_TAG.problem(tag=line.tags[0].ref.name)
        return
    if len(line.tags) > 1:
        named = ", ".join(f"{tagged.ref.name} ({tagged.ref.commit[:7]})" for tagged in line.tags)
        yield errors.AUDIT_TWO_TAGS.problem(version=line.version, tags=named)
    if line.version in ledger.backwards:
        tag, before = ledger.backwards[line.version]
        yield errors.AUDIT_BACKWARDS.problem(branch=ledger.branch, tag=tag, before=before)
    yield from _of_index(line, line.version, ledger)
    if ledger.has_changelog:
        yield from _of_changelog(line, line.version, ledger)


def remarks(line: Line, ledger: Ledger) -> Iterator[str]:
    """What is worth saying of a version, and no disagreement."""
    for tagged in line.tags:
        name = tagged.ref.name
        if ledger.annotates and not tagged.ref.annotated:
            yield f"{name} is a light tag among annotated ones"
        if not tagged.regular and line.version is not None:
            yield f"{name} is not spelled as configured"
        if tagged.ref.commit and not (tagged.found.places or tagged.found.from_git or tagged.found.problems):
            yield f"at {name} no place holds a version"
        there = ledger.on_remote.get(name)
        if there and there.id != tagged.ref.id and there.commit == tagged.ref.commit:
            yield f"{name} is another tag on {ledger.remote}, on the same commit"
    if line.version is not None and not line.tags:
        for name in ledger.remote_only.get(line.version, ()):
            yield f"{name} is on {ledger.remote} only: `git fetch --tags`"
        if _is_next(line.version, ledger) and not line.published and line.version not in ledger.remote_only:
            yield "written in the project, not tagged yet"
    if line.published and line.published.yanked:
        yield f"yanked on {ledger.index}" + (f": {line.published.reason}" if line.published.reason else "")


def general_remarks(ledger: Ledger) -> Iterator[str]:
    """What holds for the whole audit: above all, what is not known."""
    if ledger.index_unknown:
        yield f"What {ledger.index} holds is unknown: {ledger.index_unknown}"
    if ledger.remote_unknown:
        yield f"Whether tags were moved is unknown: {ledger.remote_unknown}"
    if ledger.shallow:
        yield "This clone is shallow, so a tag that is missing is unknown: `git fetch --unshallow --tags`"
    if not ledger.has_changelog:
        yield "There is no changelog"
    if ledger.foreign:
        more = f" and {len(ledger.foreign) - _SHOWN} more" if len(ledger.foreign) > _SHOWN else ""
        yield f"Tags about no version: {', '.join(ledger.foreign[:_SHOWN])}{more}"


def _of_tree(tagged: Tagged, version: Version | None) -> Iterator[errors.Problem]:
    tag, found = tagged.ref.name, tagged.found
    if not tagged.ref.commit:
        yield errors.AUDIT_UNREADABLE_TREE.problem(tag=tag, why="the tag leads to no commit")
    for problem in found.problems:
        yield errors.AUDIT_UNREADABLE_TREE.problem(tag=tag, why=problem.cause.rstrip("."))
    if not found.places:
        return
    deciding = found.deciding
    if deciding and version is not None and not means(deciding, version):
        yield errors.AUDIT_TAG_DIFFERS.problem(
            tag=tag, path=deciding.path, line=deciding.line, value=deciding.value, version=version
        )
    built = said(deciding) if deciding else version
    others = [place for place in found.places if built is not None and not means(place, built)]
    if others:
        where = f"{deciding.path}, line {deciding.line}," if deciding else "the tag"
        named = "; ".join(f"{place.path}, line {place.line}, says {_shown(place)}" for place in others)
        yield errors.AUDIT_PLACES_DIFFER.problem(tag=tag, where=where, version=built, others=named)


def _of_remote(tagged: Tagged, ledger: Ledger) -> Iterator[errors.Problem]:
    if ledger.remote_unknown:
        return
    tag, there = tagged.ref.name, ledger.on_remote.get(tagged.ref.name)
    if there is None:
        yield errors.AUDIT_TAG_UNPUSHED.problem(tag=tag, remote=ledger.remote)
    elif there.commit != tagged.ref.commit and there.id != tagged.ref.id:
        yield errors.AUDIT_TAG_MOVED.problem(
            tag=tag, remote=ledger.remote, there=there.commit[:7], here=tagged.ref.commit[:7]
        )


def _of_index(line: Line, version: Version, ledger: Ledger) -> Iterator[errors.Problem]:
    if ledger.index_unknown:
        return
    published, index = line.published, ledger.index
    if published is None:
        # A pre-release goes to the test index, and no public index takes a local version.
        if line.tags and not version.is_prerelease and version.local is None:
            yield errors.AUDIT_UNPUBLISHED.problem(tag=line.tags[0].ref.name, index=index, version=version)
        return
    if not line.tags and not _tagged_elsewhere(version, ledger):
        yield errors.AUDIT_UNTAGGED.problem(index=index, version=version)
    if 0 < published.yanked < published.files:
        yield errors.AUDIT_HALF_YANKED.problem(
            index=index, version=version, yanked=published.yanked, files=published.files
        )
    if version.is_prerelease and kind_of(version) not in ledger.kinds and published.yanked < published.files:
        yield errors.AUDIT_PRERELEASE.problem(index=index, version=version)


def _of_changelog(line: Line, version: Version, ledger: Ledger) -> Iterator[errors.Problem]:
    entry, published = line.entry, line.published
    if not line.tags and not published:
        if not _is_next(version, ledger) and not _tagged_elsewhere(version, ledger):
            yield errors.AUDIT_ENTRY_ALONE.problem(version=version)
        return
    if entry.state == MISSING and not version.is_prerelease:
        yield errors.AUDIT_NO_ENTRY.problem(version=version)
    if entry.state == EMPTY:
        yield errors.AUDIT_EMPTY_ENTRY.problem(version=version)
    if entry.state == UNRELEASED:
        yield errors.AUDIT_ENTRY_UNRELEASED.problem(version=version)
    if published and published.yanked == published.files and entry.state != MISSING and not entry.yanked:
        yield errors.AUDIT_YANK_UNSAID.problem(index=ledger.index, version=version)
    if entry.yanked and not ledger.index_unknown and (published is None or not published.yanked):
        yield errors.AUDIT_NOT_YANKED.problem(index=ledger.index, version=version)


def _is_next(version: Version, ledger: Ledger) -> bool:
    """Whether it is the version that is bumped to and not released yet."""
    return version == ledger.current and not any(
        line.version is not None and line.version > version and line.tags for line in ledger.lines
    )


def _tagged_elsewhere(version: Version, ledger: Ledger) -> bool:
    """Whether a tag may be there that this clone does not have."""
    return ledger.shallow or version in ledger.remote_only


def _shown(place: Place) -> str:
    return " ".join(place.value.split())
