"""The version that a commit is to be released as, wherever it is written.

Where the version comes from git's tags (setuptools-scm, hatch-vcs), the release commit says it in the trailer
`Release: 1.2.0` until the tag exists; nothing else could, as only what is proven is tagged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from towpath import errors
from towpath.repository.git import Git
from towpath.repository.state import merged_tags
from towpath.versions import numbers, places
from towpath.versions.texts import Folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.repository.git import Repository
    from towpath.versions.texts import Place, Tree

TRAILER = "Release"
_NONE_YET = Version("0.0.0")


@dataclass(frozen=True, slots=True)
class Current:
    """The version of a commit, and how the project spells it.

    `place` is where it is written, None where `tool` takes it from git. `decided` says that this very commit has
    it: always where it is written in a file; else if a tag or the trailer says so, and otherwise the version is
    that of the newest tag in the history, or 0.0.0.
    """

    version: Version
    spelled: str
    place: Place | None = None
    tool: str = ""
    decided: bool = True


def current(repository: Repository, tag_format: str, tree: Tree | None = None) -> Current:
    """The version of HEAD in the project's folder; `tree` is read instead of the folder, if given.

    Raises:
        TowpathError: what reading the version raises.
    """
    tree = tree or Folder(repository.folder)
    name = str(repository.folder)
    tool = places.git_tool(tree, name=name)
    if not tool:
        place = places.version_in(tree, name=name)
        return Current(numbers.parse(place.value, where=place.path), place.value, place)
    return from_git(repository, tag_format, tool)


def from_git(repository: Repository, tag_format: str, tool: str, commit: str = "HEAD") -> Current:
    """The version of a commit by its trailer, else its tag, else the newest tag in its history."""
    form = f"%D%x00%(trailers:key={TRAILER},valueonly)"
    said = repository.git("log", "-1", "--decorate=short", "--decorate-refs=refs/tags/*", f"--format={form}", commit)
    refs, _, trailer = said.partition("\0")
    tags = [ref.removeprefix("tag: ") for ref in refs.split(", ")]
    here = _newest([trailer.strip()], "{version}") or _newest(tags, tag_format)
    if here:
        return Current(*here, tool=tool)
    before = _newest(merged_tags(repository, commit), tag_format) or (_NONE_YET, str(_NONE_YET))
    return Current(*before, tool=tool, decided=False)


def spelled_in(tag: str, tag_format: str) -> str:
    """How a tag spells its version; "" for a tag of another format."""
    before, _, after = tag_format.partition("{version}")
    if len(tag) <= len(before) + len(after) or not (tag.startswith(before) and tag.endswith(after)):
        return ""
    return tag[len(before) : len(tag) - len(after)]


def version_of(tag: str, tag_format: str) -> Version | None:
    """The version of a tag in the project's format; None for any other tag."""
    try:
        return Version(spelled_in(tag, tag_format))
    except InvalidVersion:
        return None


def mark(workspace: Workspace, checkout: Path) -> None:
    """Tag the HEAD of a throw-away clone where the version comes from git, so that what is built there has it."""
    found = current(workspace.repository, workspace.settings.tag.format)
    if found.tool and found.decided:
        words = ("--force", "--annotate", "--no-sign", "--message", workspace.tag)
        Git(checkout)("tag", *words, workspace.tag, "HEAD")


def require_decided(workspace: Workspace) -> None:
    """Raise version-not-chosen where nothing says as what version HEAD is to be released."""
    found = current(workspace.repository, workspace.settings.tag.format)
    if not found.decided:
        raise errors.VERSION_NOT_CHOSEN.error(tool=found.tool)


def _newest(tags: Iterable[str], tag_format: str) -> tuple[Version, str] | None:
    found = [(version, spelled_in(tag, tag_format)) for tag in tags if (version := version_of(tag, tag_format))]
    return max(found, default=None)
