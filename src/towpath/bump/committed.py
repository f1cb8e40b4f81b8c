"""The project as it was committed, and how far an earlier bump, ended half-way, has changed it.

The plan is made from HEAD, not from the folder. So it is the same plan before, during and after the writing, and
a file that holds exactly what the plan would write is known as ours.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.propose import next_version
from towpath.gates.chosen import from_git
from towpath.repository.state import committed
from towpath.versions import numbers, places
from towpath.versions.texts import Folder, Overlay

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.version import Version

    from towpath.bump.propose import Wish
    from towpath.gates.chosen import Current
    from towpath.repository.git import Repository
    from towpath.repository.state import State
    from towpath.versions.places import Edit
    from towpath.versions.texts import Tree

_MANY = 200  # changed files; nobody's half-written bump is so large, and each costs a process


@dataclass(frozen=True, slots=True)
class Committed:
    """The folder with the files that differ from HEAD as they are in HEAD."""

    below: Folder
    repository: Repository
    changed: Mapping[str, bool]

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None if there is no such file."""
        return committed(self.repository, path) if path in self.changed else self.below.read(path)

    def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in `folder`, sorted."""
        return self.below.children(folder)


def as_committed(repository: Repository, state: State) -> Tree:
    """The project's folder as HEAD has it."""
    folder = Folder(repository.folder)
    paths = [change.path for change in state.changes]
    return Committed(folder, repository, dict.fromkeys(paths, True)) if 0 < len(paths) <= _MANY else folder


def half_written(root: Path, state: State, edits: tuple[Edit, ...]) -> set[str]:
    """The changed files that hold exactly what the edits would write, and are not staged as anything else."""
    planned = {edit.path: edit.after for edit in edits}
    ours = set()
    for change in state.changes:
        settled = not (change.staged and change.unstaged)
        if settled and change.path in planned and Folder(root).read(change.path) == planned[change.path]:
            ours.add(change.path)
    return ours


def dates(root: Path, state: State, changelog: str) -> tuple[dt.date, ...]:
    """Today; before it the day on which a changelog was written that differs from HEAD.

    A bump that ended half-way before midnight is finished after it with the day that it wrote.
    """
    today = dt.datetime.now().astimezone().date()
    if changelog not in {change.path for change in state.changes} or not (root / changelog).is_file():
        return (today,)
    written = dt.datetime.fromtimestamp((root / changelog).stat().st_mtime, dt.timezone.utc).astimezone().date()
    return tuple(dict.fromkeys((today, written, written - dt.timedelta(days=1))))


def made_by_head(repository: Repository, current: Current, wish: Wish, tree: Tree, tag_format: str) -> bool:
    """Whether HEAD is the very commit that is asked for: it leads from the version before to the one there is now."""
    if wish.only_repair or not current.decided:
        return False
    before = _before(repository, current, tree, tag_format)
    if before is None or before == current.version:
        return False
    try:
        return next_version(before, wish) == current.version
    except errors.TowpathError:
        return False


def _before(repository: Repository, current: Current, tree: Tree, tag_format: str) -> Version | None:
    """The version of HEAD's parent."""
    try:
        if current.place is None:
            return from_git(repository, tag_format, current.tool, "HEAD^").version
        data = committed(repository, current.place.path, "HEAD^")
        if data is None:
            return None
        place = places.version_in(Overlay(tree, {current.place.path: data}), name="HEAD^")
        return numbers.parse(place.value, where=place.path)
    except errors.TowpathError:
        return None
