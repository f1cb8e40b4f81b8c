"""What a bump would change: the places, and the changelog. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.changelog import sections
from towpath.versions import numbers, places
from towpath.versions.places import Edit

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next version and every edit that leads to it. `remarks` say what is left as it is, and why."""

    old: str
    new: str
    edits: tuple[Edit, ...]
    remarks: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that change, relative to the root."""
        return tuple(edit.path for edit in self.edits)

    def write(self, root: Path) -> None:
        """Write every file as proposed."""
        for edit in self.edits:
            (root / edit.path).write_bytes(edit.after)


def propose(root: Path, part: str, date: dt.date) -> Proposal:
    """The bump by a part, the changelog's new section dated `date`.

    Raises what reading the version and the places raises, bad-part and not-newer.
    """
    place = places.read_version(root)
    old = numbers.parse(place.value, where=place.path)
    new = numbers.bump(old, part)
    edits = places.edits(root, places.find_places(root), new)
    changelog, remarks = _changelog(root, str(new), date)
    return Proposal(
        str(old), str(new), tuple(edit for edit in (*edits, *changelog) if edit.after != edit.before), remarks
    )


def _changelog(root: Path, version: str, date: dt.date) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    path = sections.find(root)
    if path is None:
        return (), ("there is no changelog: the notes come from the commits",)
    before = path.read_bytes()
    try:
        text = before.decode("utf-8")
        if not sections.section(text, version) and not sections.unreleased(text):
            return (), (f"{path.name} says nothing of this version: the notes come from the commits",)
        after = sections.promote(text, version, date)
    except UnicodeDecodeError:
        return (), (f"{path.name} is not UTF-8 and stays as it is",)
    except errors.TowpathError as error:
        return (), (error.problems[0].cause,)
    return (Edit(path.relative_to(root).as_posix(), before, after.encode("utf-8")),), ()
