"""What the world says of a bump: the branch, the remote, the tags and the indexes. It only reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.propose import tag_for
from towpath.gates.chosen import spelled_in, version_of
from towpath.repository.state import is_ancestor, merged_tags, remote_refs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from packaging.version import Version

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.model import IndexAddress
    from towpath.repository.git import Repository

ALL_INDEXES = ("publish-test", "publish")  # the gates that publish, where the pipeline is the one that all start with
_PLAIN = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """How a version stands to the tags: those that are it, and the newest final one, if that is newer."""

    same: tuple[str, ...]
    newer: tuple[str, ...]
    newest: Version | None


def line_of(tags: Sequence[str], tag_format: str, new: Version) -> Line:
    """Read the tags for one version; those that are older at first sight are not parsed, as there may be thousands."""
    later = [tag for tag in tags if not _older(spelled_in(tag, tag_format), new)]
    read = {tag: version for tag in later if (version := version_of(tag, tag_format))}
    finals = [version for version in read.values() if version > new and not version.is_prerelease]
    return Line(
        tuple(tag for tag, version in read.items() if version == new),
        tuple(tag for tag, version in read.items() if version > new),
        max(finals, default=None),
    )


def of_branch(
    repository: Repository, settings: Settings, branch: str | None, new: Version, line: Line
) -> Iterator[errors.Problem]:
    """The branch must be the release branch; an older line has its own. Its history must hold nothing newer."""
    if line.newer:
        reached = set(merged_tags(repository)) & set(line.newer)
        versions = [version for tag in reached if (version := version_of(tag, settings.tag.format))]
        if versions:
            yield errors.NOT_NEWER.problem(new=new, version=f"{max(versions)}, which is tagged in this history")
    wanted = settings.bump.branch
    if branch is None:
        yield errors.DETACHED_HEAD.problem(tag=tag_for(settings, new))
    elif wanted and line.newest is None and not fnmatchcase(branch, wanted):
        yield errors.WRONG_BRANCH.problem(branch=branch, wanted=wanted)


def of_remote(repository: Repository, settings: Settings, branch: str | None, new: Version) -> list[errors.Problem]:
    """The remote must have nothing of the branch that is not here, and not the tag."""
    remote, tag = settings.tag.remote, tag_for(settings, new)
    refs = [f"refs/tags/{tag}", *([f"refs/heads/{branch}"] if branch else [])]
    try:
        found = remote_refs(repository, remote, refs)
    except errors.TowpathError as error:
        return [errors.REMOTE_UNKNOWN.problem(remote=remote, detail=error.problems[0].detail)]
    problems = []
    there = found.get(f"refs/heads/{branch}")
    if there and not is_ancestor(repository, there):
        problems.append(errors.BEHIND_REMOTE.problem(remote=remote, branch=branch, commit=there[:12]))
    if f"refs/tags/{tag}" in found:
        problems.append(errors.TAG_EXISTS.problem(version=new, tag=tag, where=remote))
    return problems


def indexes(configuration: Configuration, gates: Sequence[str]) -> list[IndexAddress]:
    """The indexes that the pipeline publishes to."""
    settings = configuration.settings
    names = {"publish-test": settings.publish_test.index, "publish": settings.publish.index}
    return [configuration.index(name) for gate, name in names.items() if gate in gates]


def asked(address: IndexAddress, project: str) -> Callable[[Version], list[errors.Problem]]:
    """Ask an index for a project's files; the answer tells of any version what is wrong with it."""
    from towpath.index.client import IndexClient, by_version

    try:
        with IndexClient(address, loopback_only=False) as client:
            files = client.files(project)
    except errors.TowpathError as error:
        why = error.problems[0].cause
        return lambda new: [errors.INDEX_UNKNOWN.problem(index=address.name, version=new, why=why)]

    def judge(new: Version) -> list[errors.Problem]:
        there = by_version(files.values()).get(new)
        if not there:
            return []
        return [errors.VERSION_TAKEN.problem(index=address.name, version=new, file=there[0].filename)]

    return judge


def _older(text: str, new: Version) -> bool:
    """Whether a plain spelling (1.2.3) is of an earlier release; whatever else is there has to be parsed."""
    if new.epoch or not _PLAIN.fullmatch(text):
        return False
    width = max(len(new.release), text.count(".") + 1)
    release = [int(number) for number in text.split(".")]
    return release + [0] * (width - len(release)) < [*new.release, *[0] * (width - len(new.release))]
