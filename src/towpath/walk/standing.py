"""Where a version stands in the world: facts in, a named state and the one safe command out. Nothing is asked here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.index.client import IndexFile

# PyPI takes no new file for a release that is older (by its first upload); since 2026-07-08.
OPEN_FOR = timedelta(days=14)


class Standing(Enum):
    """The state of a version in the world, in the order in which a release goes through them; then what went wrong."""

    NOTHING_YET = "nothing-yet"
    BUMPED = "bumped"
    PROVEN = "proven"
    TAGGED_HERE = "tagged-here"
    TAGGED = "tagged"
    PARTLY_ON_TEST_INDEX = "partly-on-test-index"
    ON_TEST_INDEX = "on-test-index"
    PARTLY_PUBLISHED = "partly-published"
    PUBLIC = "public"  # files are there, and what was sealed is not known here
    PUBLISHED = "published"
    VERIFIED = "verified"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    CLOSED_HALF_WAY = "closed-half-way"
    INCONSISTENT = "inconsistent"
    UNKNOWN = "unknown"


TROUBLE = (Standing.CLOSED_HALF_WAY, Standing.INCONSISTENT, Standing.UNKNOWN)


class Level(Enum):
    """How much of the version a place holds: files of an index, or those of the forge's release."""

    OFF = "not on the route"
    UNKNOWN = "unknown"
    NONE = "none"
    PART = "part"
    ALL = "all"
    UNSURE = "unsure"  # something is there, and what should be is not known
    WRONG = "wrong"  # other bytes, or a file that is none of the version's


@dataclass(frozen=True, slots=True)
class Held:
    """What a place holds of a version. `unknown` is why it could not be asked; "" where it could.

    `closes` is when the index takes no more files of this version, None where no such rule is known of it.
    """

    name: str
    files: tuple[IndexFile, ...] = ()
    unknown: str = ""
    on_route: bool = True
    closes: datetime | None = None

    @property
    def yanked(self) -> bool:
        """Whether every file that is there is yanked."""
        return bool(self.files) and all(file.yanked for file in self.files)

    def level(self, wanted: Mapping[str, str]) -> Level:
        """How much of the wanted files (name → sha256; empty if that is not known) is there, byte for byte."""
        if not self.on_route:
            return Level.OFF
        if self.unknown:
            return Level.UNKNOWN
        if not self.files:
            return Level.NONE
        there = {file.filename: file.sha256 for file in self.files}
        return _compared(there, wanted) if wanted else Level.UNSURE


@dataclass(frozen=True, slots=True)
class Facts:
    """What a state is made of. `commit` is the one that the version is about; the tag's are "" where there is none.

    `verified` and `proven` are what evidence here says; `closed` is whether the index takes no more files.
    """

    commit: str
    tag_here: str = ""
    tag_there: str = ""
    tag_unknown: bool = False
    test: Level = Level.OFF
    index: Level = Level.NONE
    forge: Level = Level.NONE
    yanked: bool = False
    bumped: bool = True
    proven: bool = False
    verified: bool = False
    closed: bool = False


def standing_of(facts: Facts) -> Standing:
    """The state. What could not be asked and matters makes it unknown; what contradicts itself, inconsistent."""
    if _contradicts(facts):
        return Standing.INCONSISTENT
    if facts.yanked:
        return Standing.WITHDRAWN
    return Standing.UNKNOWN if _is_unknown(facts) else _public(facts) or _local(facts)


def next_command(standing: Standing, *, to: str, at_head: bool, tag: str, fetched: bool = True) -> str:
    """The one safe thing to do; "" where nothing is left. A release goes on from the commit of its version only."""
    commands = {
        Standing.NOTHING_YET: "invoke bump --part patch",
        Standing.BUMPED: "nox -s release",
        Standing.RELEASED: "",
        Standing.WITHDRAWN: "invoke bump --part patch",
        Standing.CLOSED_HALF_WAY: "invoke withdraw",
        Standing.INCONSISTENT: "invoke audit",
        Standing.UNKNOWN: "invoke status",
    }
    if standing in commands:
        return commands[standing]
    if at_head:
        return f"nox -s release -- --to {to}"
    return f"git switch --detach {tag}" if fetched else "git fetch --tags"


def closing(files: Iterable[IndexFile]) -> datetime | None:
    """When PyPI takes no more files of a version; None where nothing of it is there, or no time is given."""
    times = [file.uploaded for file in files if file.uploaded is not None]
    return min(times) + OPEN_FOR if times else None


def _compared(there: Mapping[str, str], wanted: Mapping[str, str]) -> Level:
    if any(name not in wanted or sha256 not in {"", wanted[name]} for name, sha256 in there.items()):
        return Level.WRONG
    if not all(there.values()):
        return Level.UNSURE  # the place gives no digest
    return Level.ALL if len(there) == len(wanted) else Level.PART


def _contradicts(facts: Facts) -> bool:
    commits = {commit for commit in (facts.tag_here, facts.tag_there) if commit}
    if commits - {facts.commit}:
        return True
    if Level.WRONG in {facts.test, facts.index, facts.forge}:
        return True
    published = facts.index in {Level.PART, Level.ALL, Level.UNSURE}
    return published and not facts.tag_there and not facts.tag_unknown


def _is_unknown(facts: Facts) -> bool:
    if facts.tag_unknown or facts.index is Level.UNKNOWN:
        return True
    if _last(facts) is Level.ALL:
        return facts.forge is Level.UNKNOWN
    return facts.index in {Level.NONE, Level.OFF} and facts.test is Level.UNKNOWN


def _last(facts: Facts) -> Level:
    """Of the index where the route ends."""
    return facts.test if facts.index is Level.OFF else facts.index


def _public(facts: Facts) -> Standing | None:
    """How far it is on the indexes and the forge; None where it is on none."""
    last = _last(facts)
    if last is Level.ALL and facts.forge in {Level.ALL, Level.OFF}:
        return Standing.RELEASED
    if facts.index is Level.ALL:
        return Standing.VERIFIED if facts.verified else Standing.PUBLISHED
    if Level.UNSURE in {last, facts.test}:
        return Standing.PUBLIC
    if Level.PART in {last, facts.test if facts.index is Level.NONE else last} and facts.closed:
        return Standing.CLOSED_HALF_WAY
    if facts.index is Level.PART:
        return Standing.PARTLY_PUBLISHED
    by_test = {Level.ALL: Standing.ON_TEST_INDEX, Level.PART: Standing.PARTLY_ON_TEST_INDEX}
    return by_test.get(facts.test)


def _local(facts: Facts) -> Standing:
    """How far it is before anything of it is public."""
    reached = (
        (facts.tag_there, Standing.TAGGED),
        (facts.tag_here, Standing.TAGGED_HERE),
        (facts.proven, Standing.PROVEN),
        (facts.bumped, Standing.BUMPED),
    )
    return next((standing for held, standing in reached if held), Standing.NOTHING_YET)
