"""The changelog's part of a bump: what is unreleased becomes the new version's section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from towpath import errors
from towpath.changelog import sections
from towpath.versions.places import Edit
from towpath.versions.texts import decoded

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from towpath.config.sections import Bump
    from towpath.versions.texts import Tree


@dataclass(frozen=True, slots=True)
class Outcome:
    """The edit, or why there is none: a problem, or a remark where that is as it should be."""

    edits: tuple[Edit, ...] = ()
    problems: tuple[errors.Problem, ...] = ()
    remarks: tuple[str, ...] = ()


def changelog_path(root: Path, settings: Bump) -> str:
    """The changelog's path relative to the project's folder: the configured one, else the one found; "" for none."""
    found = sections.find(root)
    return settings.changelog or (found.relative_to(root).as_posix() if found else "")


def outcome(tree: Tree, path: str, settings: Bump, version: str, date: dt.date) -> Outcome:
    """What promoting the changelog at `path` makes of it."""
    if not path:
        return Outcome(remarks=("there is no changelog: the notes come from the commits",))
    before = tree.read(path)
    if before is None:
        return Outcome(problems=(errors.NO_SUCH_CHANGELOG.problem(path=path),))
    if Version(version).is_prerelease and not settings.changelog_prereleases:
        return Outcome(remarks=(f"{path} has no entries for pre-releases: it stays as it is",))
    file = decoded(path, before)
    try:
        text = sections.promote(file.text, version, date)
    except errors.TowpathError as error:
        return Outcome(problems=error.problems)
    # Read back from the result: whether there was an entry before, or something unreleased, it must say something.
    said = sections.section(text, version)
    if said is None:
        raise errors.NOT_READ_BACK.error(path=path, version=version)
    if not said:
        return Outcome(problems=(errors.EMPTY_CHANGELOG.problem(path=path, version=version),))
    after = before[: file.mark] + text.encode(file.encoding)
    return Outcome((Edit(path, before, after),) if after != before else ())
