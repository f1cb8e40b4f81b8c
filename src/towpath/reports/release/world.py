"""The state in the world: as it was asked just now, or as the gates sealed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.store import FOLDER
from towpath.model import About, State
from towpath.reports.release.nouns import AS_SEALED, Place, World
from towpath.reports.status import MEANING, verdict_of
from towpath.reports.words import moment
from towpath.walk.standing import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.reports.release.nouns import GateTold
    from towpath.reports.release.source import Source
    from towpath.walk.standing import Held
    from towpath.walk.status import Status

_GOOD = {Level.ALL: True, Level.WRONG: False, Level.PART: False}


def world(source: Source, gates: tuple[GateTold, ...], made: str, *, rehearsal: bool) -> World:
    """What is known of the world, and from where."""
    if source.asked is not None and not rehearsal:
        return _asked(source.asked, made, source.clean)
    places = tuple(_sealed(source, gates, rehearsal=rehearsal))
    if rehearsal:
        how = "These are the doubles of a rehearsal, which are gone with it. Nothing of it was ever public."
    else:
        how = "As the gates sealed it; the world was not asked again for this report."
    if not places:
        how = "No gate that acts on the world was reached." if source.walked else "No gate has sealed anything of it."
    return World(how, places)


def _asked(found: Status, made: str, clean: Callable[[str], str]) -> World:
    places = (
        _tag(found, clean),
        *(_held(one, found, found.levels.get(one.name, Level.OFF), clean) for one in found.held),
        *_forge(found, clean),
    )
    return World(
        how=f"Asked at {moment(made)}.",
        places=places,
        standing=f"{found.standing.value}: {MEANING[found.standing]}",
        troubled=found.troubled,
        remarks=tuple(map(clean, found.remarks)),
    )


def _tag(found: Status, clean: Callable[[str], str]) -> Place:
    tag, name = found.tag, f"tag on {found.tag.remote}"
    if tag.unknown:
        return Place(name, clean(f"could not be asked: {tag.unknown}"), good=False)
    if not tag.there:
        here = "; it is in this repository only" if tag.here else ""
        return Place(name, f"no {tag.name}{here}")
    same = tag.there == found.commit
    other = "" if same else ", another commit"
    return Place(name, f"{tag.name} on {tag.there[:12]} ({tag.kind_there}){other}", good=same)


def _held(held: Held, found: Status, level: Level, clean: Callable[[str], str], release: str = "") -> Place:
    if held.unknown:
        return Place(held.name, clean(f"could not be asked: {held.unknown}"), good=False)
    files = {clean(file.filename): clean(verdict_of(file, found)) for file in held.files}
    if held.on_route and held.files:
        there = {file.filename for file in held.files}
        files |= {name: "missing" for name in sorted(found.wanted) if name not in there}
    off = "" if held.on_route else ", not on the route of this version"
    count = f"{len(held.files)} file{'' if len(held.files) == 1 else 's'}" if held.files else "no file"
    sealed = f", {AS_SEALED}" if files and set(files.values()) == {AS_SEALED} else ""
    return Place(held.name, f"{release}{count}{sealed}{off}", _GOOD.get(level), files)


def _forge(found: Status, clean: Callable[[str], str]) -> Iterator[Place]:
    forge = found.forge
    if not forge.held.name:
        return
    if forge.state == "none" and not forge.held.unknown:
        yield Place(forge.held.name, "no release")
        return
    level = found.levels.get("forge", Level.OFF)
    place = _held(forge.held, found, level, clean, f"{forge.state}, ")
    yield Place(place.name, place.said, place.good, place.files, forge.page)


def _sealed(source: Source, gates: tuple[GateTold, ...], *, rehearsal: bool) -> Iterator[Place]:
    """What each gate with an effect outside has sealed; a gate that stayed closed proves nothing either way."""
    folder = source.root / FOLDER / source.version / source.target
    in_world = {gate.name for gate in source.pipeline if gate.about is About.WORLD}
    for gate in gates:
        if gate.session not in in_world and not (folder / f"{gate.session}.json").is_file():
            continue
        if gate.is_open or gate.state is State.CLOSED:
            yield _of_gate(source, gate, rehearsal=rehearsal)


def _of_gate(source: Source, gate: GateTold, *, rehearsal: bool) -> Place:
    name = f"{gate.session} → {gate.where}" if gate.where else gate.session
    if gate.state is State.BY_CI:
        return Place(name, gate.notes[0] if gate.notes else "by CI", good=True)
    try:
        sealed = source.sealed(gate.session)
    except errors.TowpathError:
        sealed = None
    if sealed is None or not gate.is_open:
        return Place(name, "The gate stayed closed; ask the world what is there: see its cause.", good=False)
    facts = sealed.latest.facts
    files = {source.clean(file.filename): AS_SEALED for file in sealed.record.distributions}
    said = gate.notes[0] if gate.notes else "there"
    page = "" if rehearsal else facts.get("page")
    at = moment(sealed.latest.started)
    return Place(name, f"{said} (sealed {at})", good=True, files=files, page=page if isinstance(page, str) else "")
