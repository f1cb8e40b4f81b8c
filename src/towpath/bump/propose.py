"""What a bump would change: the version's places and the changelog. It reads a tree, and nothing is written here.

A rehearsal takes a proposal as it is; `invoke bump` asks the world as well (plan.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump import promoted
from towpath.gates.chosen import TRAILER, spelled_in, version_of
from towpath.versions import numbers, places, spelling
from towpath.versions.places import Declared, Edit, Overlay

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from packaging.version import Version

    from towpath.config.sections import Settings
    from towpath.gates.chosen import Current
    from towpath.versions.texts import Place, Tree


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asks for: a part (and the kind of a pre-release), or a version; or only to repair."""

    part: str = ""
    pre: str = ""
    to: str = ""
    repair: bool = False

    @property
    def only_repair(self) -> bool:
        """Whether the version stays as it is."""
        return self.repair and not (self.part or self.pre or self.to)


@dataclass(frozen=True, slots=True)
class Source:
    """What a proposal is made from.

    `tags` are all the project's tags, which show how it spells a suffix; `tracked` says which of some paths git
    tracks; `changelog` is the path of the changelog, "" for none.
    """

    tree: Tree
    name: str
    current: Current
    settings: Settings
    changelog: str = ""
    tags: Sequence[str] = ()
    tracked: Callable[[Sequence[str]], AbstractSet[str]] = frozenset  # all of them


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next version and every edit that leads to it.

    `problems` are what `invoke bump` refuses; a rehearsal goes on and says them. `remarks` say what is left as it
    is, and why. `message` is the commit's.
    """

    old: str
    new: Version
    edits: tuple[Edit, ...]
    message: str
    problems: tuple[errors.Problem, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that change, relative to the project's folder."""
        return tuple(edit.path for edit in self.edits)


def next_version(current: Version, wish: Wish) -> Version:
    """The version that is asked for.

    Raises:
        TowpathError: bump-what, bad-part, bad-version or not-newer.
    """
    if wish.only_repair:
        return current
    if bool(wish.to) == bool(wish.part or wish.pre):
        given = "both --part (or --pre) and --to are given" if wish.to else "neither --part nor --to is given"
        raise errors.BUMP_WHAT.error(given=given)
    return numbers.advance(current, wish.to) if wish.to else numbers.bump(current, wish.part or "pre", pre=wish.pre)


def propose(source: Source, new: Version, wish: Wish, date: dt.date) -> Proposal:
    """Everything that the bump to `new` writes, the changelog's new section dated `date`.

    Raises:
        TowpathError: place-missing and bad-configuration for declared places, not-read-back.
    """
    old, style = source.current.version, suffix_style(source.tags, source.settings.tag.format, new)
    spelled = spelling.spell(new, [source.current.spelled, *style])
    found, problems, remarks = _tracked_places(source)
    if not wish.repair:
        problems += places.out_of_step(found, old)
    edits = places.edits_in(source.tree, found, new, style=style)
    if not wish.only_repair:
        outcome = promoted.outcome(source.tree, source.changelog, source.settings.bump, spelled, date)
        edits += outcome.edits
        problems += outcome.problems
        remarks += outcome.remarks
    _read_back(source, edits, found, new)
    return Proposal(source.current.spelled, new, edits, _message(source, new, wish), problems, remarks)


def suffix_style(tags: Sequence[str], tag_format: str, new: Version) -> list[str]:
    """The spellings of former versions with a suffix, the newest first; none where the new one has no suffix."""
    if new.pre is None and new.post is None and new.dev is None:
        return []
    spelled = {tag: spelled_in(tag, tag_format) for tag in tags}
    suffixed = [tag for tag, text in spelled.items() if not text.lstrip("v").replace(".", "").isdigit()]
    read = [(version, spelled[tag]) for tag in suffixed if (version := version_of(tag, tag_format))]
    return [text for _, text in sorted(read, reverse=True)]


def tag_for(settings: Settings, version: Version) -> str:
    """The tag of a version."""
    return settings.tag.format.format(version=version)


def _tracked_places(source: Source) -> tuple[tuple[Place, ...], tuple[errors.Problem, ...], tuple[str, ...]]:
    """The places in files that git tracks; what it does not track cannot be committed, and is left as it is."""
    declared = [Declared(one.path, one.pattern) for one in source.settings.bump.places]
    found = places.places_in(source.tree, name=source.name, declared=declared)
    paths = list(dict.fromkeys(place.path for place in found))
    known = source.tracked(paths)
    needed = {one.path for one in declared} | ({source.current.place.path} if source.current.place else set())
    untracked = [path for path in paths if path not in known]
    problems = tuple(errors.PLACE_UNTRACKED.problem(path=path) for path in untracked if path in needed)
    left = tuple(f"git does not track {path}: it stays as it is" for path in untracked if path not in needed)
    return tuple(place for place in found if place.path in known), problems, left


def _read_back(source: Source, edits: tuple[Edit, ...], found: tuple[Place, ...], new: Version) -> None:
    """What was found once must be found again after the edits, by the same reader, with the new version."""
    after = Overlay(source.tree, {edit.path: edit.after for edit in edits})
    if source.current.place and numbers.parse(places.version_in(after, name=source.name).value, where="") != new:
        raise errors.NOT_READ_BACK.error(path=source.current.place.path, version=new)
    declared = [Declared(one.path, one.pattern) for one in source.settings.bump.places]
    paths = {place.path for place in found}
    again = [place for place in places.places_in(after, name=source.name, declared=declared) if place.path in paths]
    wrong = {problem.cause.partition(",")[0] for problem in places.out_of_step(again, new)}
    if wrong or len(again) != len(found):
        raise errors.NOT_READ_BACK.error(path=", ".join(sorted(wrong or paths)), version=new)


def _message(source: Source, new: Version, wish: Wish) -> str:
    if wish.only_repair:
        return f"Write {new} wherever the version stands"
    settings = source.settings
    said = settings.bump.message.format(version=new, old=source.current.version, tag=tag_for(settings, new))
    return f"{said.rstrip()}\n\n{TRAILER}: {new}" if source.current.tool else said
