"""Every place where a project's version is written, and the edits that write another.

An edit replaces the version's own bytes and nothing else: comments, quotes, newlines, byte order marks and
encodings stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from towpath import errors
from towpath.versions import authority, literals, locks, numbers, writing
from towpath.versions.patterns import Declared, declared_places, whole_file
from towpath.versions.project import PYPROJECT, Project, listed, load
from towpath.versions.texts import Folder, Overlay, Place, Tree, decoded, decoded_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from packaging.version import Version

__all__ = [
    "Declared",
    "Edit",
    "Folder",
    "Overlay",
    "Place",
    "Tree",
    "comes_from_git",
    "edits",
    "edits_in",
    "find_places",
    "git_tool",
    "out_of_step",
    "places_in",
    "places_of",
    "read_version",
    "version_in",
]

MODULE_FILES = ("__init__.py", "_version.py", "version.py", "__about__.py")
VERSION_FILES = ("VERSION", "VERSION.txt", "version.txt")
_SHORT = 200  # bytes; a longer file is no version file


@dataclass(frozen=True, slots=True)
class Edit:
    """A file before and after; `path` is posix and relative to the root."""

    path: str
    before: bytes
    after: bytes


def find_places(root: Path, *, declared: Sequence[Declared] = ()) -> tuple[Place, ...]:
    """Every place below `root` where the version is written, the one that decides first.

    Where the version comes from git, only the declared places are left.

    Raises:
        TowpathError: `no-pyproject`, `bad-toml`, or `place-missing` for each declaration that fails.
    """
    return places_in(Folder(root), name=str(root), declared=declared)


def read_version(root: Path) -> Place:
    """The place that decides the version: the one that the build backend reads.

    Raises:
        TowpathError: `no-pyproject`, `bad-toml`, `no-version` or `bad-version`.
    """
    return version_in(Folder(root), name=str(root))


def comes_from_git(root: Path) -> str:
    """The tool that takes the version from git's tags (setuptools-scm), or "".

    Raises:
        TowpathError: `no-pyproject` or `bad-toml`.
    """
    return git_tool(Folder(root), name=str(root))


def git_tool(tree: Tree, *, name: str) -> str:
    """`comes_from_git` for any tree; `name` is how messages call it."""
    return load(tree, name).version_from_git


def places_in(tree: Tree, *, name: str, declared: Sequence[Declared] = ()) -> tuple[Place, ...]:
    """`find_places` for any tree; `name` is how messages call it."""
    project = load(tree, name)
    return places_of(project, authority.authoritative(project), declared)


def places_of(project: Project, deciding: Sequence[Place], declared: Sequence[Declared] = ()) -> tuple[Place, ...]:
    """The same for a project that is loaded, and whose deciding places are known."""
    first: dict[tuple[str, tuple[int, int]], Place] = {}
    for place in (*deciding, *_written(project), *_declared(project.tree, declared)):
        first.setdefault((place.path, place.span), place)
    return tuple(first.values())


def version_in(tree: Tree, *, name: str) -> Place:
    """`read_version` for any tree; `name` is how messages call it."""
    project = load(tree, name)
    found = authority.authoritative(project)
    if not found:
        raise errors.NO_VERSION.error(where=_why_none(project))
    numbers.parse(found[0].value, where=f"{found[0].path}, line {found[0].line},")
    return found[0]


def out_of_step(places: Sequence[Place], version: Version) -> tuple[errors.Problem, ...]:
    """A problem (`out-of-step`) for each place that says something other than `version`."""
    return tuple(
        errors.OUT_OF_STEP.problem(path=place.path, line=place.line, value=place.value, version=version)
        for place in places
        if not writing.agrees(place, version)
    )


def edits(root: Path, places: Sequence[Place], new: Version, *, style: Sequence[str] = ()) -> tuple[Edit, ...]:
    """What writing `new` at `places` makes of their files, each place in its own style.

    `style` holds former spellings of the project (its tags, the newest first), which show how it writes a
    suffix that a place does not have now. Nothing is written. A file that would not change gives no edit.

    Raises:
        TowpathError: `place-changed` if a file is no longer as it was when the places were found.
    """
    return edits_in(Folder(root), places, new, style=style)


def edits_in(tree: Tree, places: Sequence[Place], new: Version, *, style: Sequence[str] = ()) -> tuple[Edit, ...]:
    """`edits` for any tree."""
    ordered = sorted(places, key=lambda place: (place.path, place.span))
    grouped = [(path, tuple(inside)) for path, inside in groupby(ordered, key=lambda place: place.path)]
    made = (_edit(tree.read(path) or b"", inside, new, style) for path, inside in grouped)
    return tuple(edit for edit in made if edit.after != edit.before)


def _edit(before: bytes, places: tuple[Place, ...], new: Version, style: Sequence[str]) -> Edit:
    pieces, position = [], 0
    for place in places:
        start, end = place.span
        if start < position:
            continue  # within a place that is written already
        if before[start:end] != place.value.encode(place.encoding):
            raise errors.PLACE_CHANGED.error(path=place.path, line=place.line, value=place.value)
        pieces += [before[position:start], writing.written(place, new, style).encode(place.encoding)]
        position = end
    return Edit(places[0].path, before, b"".join([*pieces, before[position:]]))


def _declared(tree: Tree, declared: Sequence[Declared]) -> list[Place]:
    """The declared places; what is wrong with any of them is raised together."""
    found: list[Place] = []
    problems: list[errors.Problem] = []
    for one in declared:
        there = declared_places(tree, one)
        if isinstance(there, errors.Problem):
            problems.append(there)
        else:
            found += there
    if problems:
        raise errors.TowpathError(*problems)
    return found


def _written(project: Project) -> Iterator[Place]:
    if project.version_from_git:
        return  # a __version__ that is there is written by the backend
    yield from authority.static_places(project)
    for module in project.modules:
        files = [module] if module.endswith(".py") else [f"{module}/{name}" for name in MODULE_FILES]
        for path in files:
            yield from _in_module(project, path)
    # As listed: some file systems take version.txt for VERSION.txt, which would be two places.
    listed = project.tree.children("")
    named = [name for name in VERSION_FILES if name in listed]
    for path in (*named, *(f"{module}/VERSION" for module in project.modules)):
        yield from _version_file(project, path)
    yield from locks.uv_lock(project.tree, project.name)


def _in_module(project: Project, path: str) -> Iterator[Place]:
    data = project.tree.read(path)
    file = decoded_python(path, data) if data is not None and b"__version" in data else None
    if file is not None:
        yield from literals.assigned(file, "__version__")
        yield from literals.assigned_tuple(file, "__version_info__")


def _version_file(project: Project, path: str) -> Iterator[Place]:
    data = project.tree.read(path)
    # Some other thing may be called VERSION; only one that holds a version is taken for ours.
    if data is not None and len(data) < _SHORT:
        yield from (place for place in whole_file(decoded(path, data)) if writing.is_version(place.value))


def _why_none(project: Project) -> str:
    if project.version_from_git:
        return f"{project.version_from_git} takes it from git's tags"
    if "version" in listed(project.get("project", "dynamic")):
        return f"{PYPROJECT} calls it dynamic, and no literal was found where {project.backend} reads it"
    return f"neither [project] nor [tool.poetry] in {PYPROJECT} has one"
