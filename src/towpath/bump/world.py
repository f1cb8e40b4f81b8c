"""What the world says of a bump: the branch, the remote, the tags and the indexes. It only reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.propose import tag_for
from towpath.config.routes import kind_of, route_of
from towpath.gates.chosen import version_of
from towpath.repository.state import is_ancestor, merged_tags, remote_refs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from packaging.version import Version

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.model import IndexAddress
    from towpath.repository.git import Repository

ALL_INDEXES = ("publish-test", "publish")  # the gates that publish, where the pipeline is the one that all start with


@dataclass(frozen=True, slots=True)
class Line:
    """How a version stands to the tags: those that are it, and the newest final one, if that is newer."""

    same: tuple[str, ...]
    newer: tuple[str, ...]
    newest: Version | None


def not_older(tags: Sequence[str], tag_format: str, version: Version) -> tuple[str, ...]:
    """The tags without those that are plainly of an earlier release (v1.2.3): there may be thousands of them."""
    before, _, after = map(re.escape, tag_format.partition("{version}"))
    plain, wanted = re.compile(rf"{before}(\d+(?:\.\d+)*){after}"), _numbers(version.release)
    return tuple(
        tag
        for tag in tags
        if not (match := plain.fullmatch(tag))
        or (not version.epoch and _numbers([int(number) for number in match[1].split(".")]) >= wanted)
    )


def line_of(tags: Sequence[str], tag_format: str, new: Version) -> Line:
    """How a version stands to these tags."""
    read = {tag: version for tag in tags if (version := version_of(tag, tag_format))}
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


def asked(address: IndexAddress, configuration: Configuration) -> Callable[[Version], list[errors.Problem]]:
    """Ask an index for a project's files; the answer tells of any version what is wrong with it.

    An index that gives no answer keeps back only the versions that go there.
    """
    from towpath.index.client import IndexClient, by_version

    try:
        with IndexClient(address, loopback_only=False) as client:
            files = client.files(configuration.name)
    except errors.TowpathError as error:
        why, settings = error.problems[0].cause, configuration.settings

        def unknown(new: Version) -> list[errors.Problem]:
            if address.name not in route_of(settings, kind_of(new)):
                return []
            return [errors.INDEX_UNKNOWN.problem(index=address.name, version=new, why=why)]

        return unknown

    def judge(new: Version) -> list[errors.Problem]:
        there = by_version(files.values()).get(new)
        if not there:
            return []
        return [errors.VERSION_TAKEN.problem(index=address.name, version=new, file=there[0].filename)]

    return judge


def _numbers(release: Sequence[int]) -> list[int]:
    """A release without the zeros at its end: 1.2.0 is 1.2."""
    numbers = list(release)
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers
