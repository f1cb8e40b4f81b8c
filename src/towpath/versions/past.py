"""The places of many trees of one project, such as those of its tags.

From one release to the next, often nothing changes in the files that hold the version but the version. So what
was read and found last is kept, and a tree that differs from it in versions alone is not parsed again: parsing
5,000 pyproject.toml files takes a minute, comparing them a moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.versions import authority, numbers, places, writing
from towpath.versions.patterns import WHOLE_FILE, declared_places
from towpath.versions.project import PYPROJECT, load
from towpath.versions.texts import Overlay, Place, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.version import Version

    from towpath.versions.patterns import Declared

_TUPLE = re.compile(rb"\(\s*\d+(?:\s*,\s*(?:\d+|\"\w+\"|'\w+'))*\s*,?\s*\)")
_LITERAL = re.compile(rb"[0-9A-Za-z.!+_-]+")


@dataclass(frozen=True, slots=True)
class Found:
    """The places of a tree. The first decides the version if `decided`; `from_git` names the tool that reads tags.

    `problems` holds what kept it from being read: `bad-toml`.
    """

    places: tuple[Place, ...] = ()
    decided: bool = False
    from_git: str = ""
    problems: tuple[errors.Problem, ...] = ()

    @property
    def deciding(self) -> Place | None:
        """The place that the build backend reads."""
        return self.places[0] if self.decided else None


@dataclass(slots=True)
class Past:
    """A reader of one tree after the other; `name` is the project's, for trees without a pyproject.toml.

    A declared place that a tree does not have is passed over: it may have been declared later.
    """

    name: str
    declared: Sequence[Declared] = ()
    _found: Found | None = None
    _seen: _Recorded | None = None

    def places(self, tree: Tree) -> Found:
        """Where the version is written in this tree.

        Raises:
            TowpathError: `bad-configuration` for a declared pattern.
        """
        if self._found is not None and self._seen is not None:
            again = _moved_on(self._found, self._seen, tree)
            if again is not None:
                return again
        seen = _Recorded(tree)
        found = _read(seen, self.name, self.declared)
        self._found, self._seen = (None, None) if found.problems else (found, seen)
        return found


def means(place: Place, version: Version) -> bool:
    """Whether what stands at the place is `version`."""
    return writing.agrees(place, version)


def said(place: Place) -> Version | None:
    """The version that a place spells out whole; None for a tuple, a part of one, or what is no version."""
    if place.template != WHOLE_FILE or not writing.is_version(place.value):
        return None
    return numbers.parse(place.value, where=place.path)


@dataclass(slots=True)
class _Recorded:
    """A tree that remembers what was asked of it."""

    below: Tree
    files: dict[str, bytes | None] = field(default_factory=dict)
    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        if path not in self.files:
            self.files[path] = self.below.read(path)
        return self.files[path]

    def children(self, folder: str) -> tuple[str, ...]:
        if folder not in self.folders:
            self.folders[folder] = self.below.children(folder)
        return self.folders[folder]


def _read(tree: Tree, name: str, declared: Sequence[Declared]) -> Found:
    if tree.read(PYPROJECT) is None:  # older than pyproject.toml: setup.cfg or setup.py decided
        tree = Overlay(tree, {PYPROJECT: f'[project]\nname = "{name}"\ndynamic = ["version"]\n'.encode()})
    there = [one for one in declared if not isinstance(declared_places(tree, one), errors.Problem)]
    try:
        project = load(tree, name)
    except errors.TowpathError as error:
        return Found(problems=error.problems)
    deciding = authority.authoritative(project)
    return Found(places.places_of(project, deciding, there), bool(deciding), project.version_from_git)


def _moved_on(found: Found, seen: _Recorded, tree: Tree) -> Found | None:
    """What was found, with the values of another tree; None if it differs in more than versions."""
    # Names in a folder decide nothing but which modules and version files there are.
    if any(tree.children(folder) != names for folder, names in seen.folders.items()):
        return None
    values: dict[tuple[str, tuple[int, int]], Place] = {}
    for path, before in seen.files.items():
        after = tree.read(path)
        if after == before:
            continue
        inside = sorted((one for one in found.places if one.path == path), key=lambda one: one.span)
        changed = _values(inside, before, after) if before is not None and after is not None else None
        if not changed:
            return None
        values |= {(one.path, one.span): new for one, new in zip(inside, changed, strict=True)}
    return replace(found, places=tuple(values.get((one.path, one.span), one) for one in found.places))


def _values(inside: Sequence[Place], before: bytes, after: bytes) -> list[Place] | None:
    """The same places in a later text of the file; None unless their values alone have changed."""
    changed: list[Place] = []
    position = shift = 0
    for place in inside:
        start, end = place.span
        begin = start + shift
        if start < position or before[position:start] != after[position + shift : begin]:
            return None
        value = (_LITERAL if place.template == WHOLE_FILE else _TUPLE).match(after, begin)
        if value is None or place.template not in {WHOLE_FILE, ""} or place.encoding != "utf-8":
            return None
        text = value[0].decode()
        if place.template == WHOLE_FILE and not writing.is_version(text):
            return None
        changed.append(replace(place, value=text, span=value.span()))
        position, shift = end, shift + len(value[0]) - (end - start)
    return changed if before[position:] == after[position + shift :] else None
