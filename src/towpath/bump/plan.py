"""The plan of a bump: what will be written and committed, after every check; or all the problems together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump import world
from towpath.bump.committed import as_committed, dates, half_written, made_by_head
from towpath.bump.promoted import changelog_path
from towpath.bump.propose import Proposal, Source, next_version, propose, tag_for
from towpath.config import reading
from towpath.gates.chosen import current as read_current
from towpath.repository import state as states
from towpath.repository.git import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from packaging.version import Version

    from towpath.bump.propose import Wish
    from towpath.config.configuration import Configuration
    from towpath.gates.chosen import Current
    from towpath.repository.state import State
    from towpath.versions.places import Edit

_SHOWN = 8  # files named in one problem


@dataclass(frozen=True, slots=True)
class Plan:
    """What a bump does: from `old` to `new`, these edits, one commit with this message on this branch.

    `made` is HEAD's id where HEAD is that very commit already; nothing is left to do then. `state` is what the
    repository was like when the plan was made.
    """

    project: str
    old: str
    new: str
    tag: str
    edits: tuple[Edit, ...]
    message: str
    remarks: tuple[str, ...]
    repository: Repository
    state: State
    made: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write and nothing to say in a commit."""
        return not self.edits and self.old == self.new


@dataclass(frozen=True, slots=True)
class _Asking:
    """What plans have in common: who asks, where, and whether the network is asked, too."""

    repository: Repository
    configuration: Configuration
    state: State
    remote: str | None
    tags: tuple[str, ...]
    wish: Wish
    offline: bool
    later: tuple[str, ...] = ()  # the tags that may be of the current version or a newer one


def make_plan(root: Path, wish: Wish, gates: Sequence[str], *, offline: bool = False) -> Plan:
    """The plan of the bump that is wished for; nothing is written.

    `gates` are the pipeline's: only indexes that it publishes to are asked. `offline` asks neither remote nor
    index.

    Raises:
        TowpathError: every problem that was found, together.
    """
    configuration = reading.load(root)
    repository = Repository(root)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(6))
        ask = not offline and not wish.only_repair
        addresses = world.indexes(configuration, gates) if ask else []
        verdicts = [pool.submit(world.asked, address, configuration) for address in addresses]
        asking = _asking(pool, repository, configuration, wish, offline=offline)
        tree = as_committed(repository, asking.state)
        tag_format = configuration.settings.tag.format
        current = read_current(repository, tag_format, tree)
        asking = replace(asking, later=world.not_older(asking.tags, tag_format, current.version))
        if _is_made(asking, current):
            return _made(asking, current)
        source = _source(asking, current)
        new, problems = _next(current, wish)
        remote = pool.submit(_remote, asking, new)
        proposal, found = _proposal(source, asking, new or current.version)
        problems += found if new else []
        problems += list(_local(asking, proposal, new))
        problems += [] if new is None else [one for verdict in verdicts for one in verdict.result()(new)]
        asked, remarks = remote.result()
        problems += asked
    if problems or new is None or proposal is None:
        raise errors.TowpathError(*problems)
    plan = _planned(asking, proposal, current)
    return replace(plan, remarks=(*proposal.remarks, *_line_remark(asking, new), *remarks))


def _asking(
    pool: ThreadPoolExecutor, repository: Repository, configuration: Configuration, wish: Wish, *, offline: bool
) -> _Asking:
    """What git says of the repository, asked side by side."""
    tags = pool.submit(repository.tags)
    remote = pool.submit(repository.remote_url, configuration.settings.tag.remote)
    state = states.read_state(repository)
    return _Asking(repository, configuration, state, remote.result(), tuple(tags.result()), wish, offline)


def _planned(asking: _Asking, proposal: Proposal, current: Current) -> Plan:
    return Plan(
        project=asking.configuration.name,
        old=str(current.version),
        new=str(proposal.new),
        tag=tag_for(asking.configuration.settings, proposal.new),
        edits=proposal.edits,
        message=proposal.message,
        remarks=proposal.remarks,
        repository=asking.repository,
        state=asking.state,
    )


def _is_made(asking: _Asking, current: Current) -> bool:
    """Whether HEAD is what is asked for, committed and not tagged yet; a tag would ask for the next one."""
    tag_format = asking.configuration.settings.tag.format
    if world.line_of(asking.later, tag_format, current.version).same:
        return False
    tree = as_committed(asking.repository, asking.state)
    return made_by_head(asking.repository, current, asking.wish, tree, tag_format)


def _made(asking: _Asking, current: Current) -> Plan:
    proposal = Proposal(current.spelled, current.version, (), "")
    plan = _planned(asking, proposal, current)
    return replace(plan, made=asking.state.head, remarks=("HEAD is this bump already, and it is not tagged yet",))


def _source(asking: _Asking, current: Current) -> Source:
    root, settings = asking.repository.folder, asking.configuration.settings
    return Source(
        tree=as_committed(asking.repository, asking.state),
        name=str(root),
        current=current,
        settings=settings,
        changelog=changelog_path(root, settings.bump),
        tags=asking.tags,
        tracked=lambda paths: states.tracked(asking.repository, paths),
    )


def _next(current: Current, wish: Wish) -> tuple[Version | None, list[errors.Problem]]:
    try:
        return next_version(current.version, wish), []
    except errors.TowpathError as error:
        return None, list(error.problems)


def _proposal(source: Source, asking: _Asking, new: Version) -> tuple[Proposal | None, list[errors.Problem]]:
    """The proposal; with the day that a bump which ended half-way has written, if that is what is there."""
    root, changelog = asking.repository.folder, source.changelog
    first: Proposal | None = None
    try:
        for date in dates(root, asking.state, changelog):
            proposal = propose(source, new, asking.wish, date)
            first = first or proposal
            if changelog in half_written(root, asking.state, proposal.edits):
                first = proposal
                break
    except errors.TowpathError as error:
        return None, list(error.problems)
    return first, list(first.problems) if first else []


def _local(asking: _Asking, proposal: Proposal | None, new: Version | None) -> Iterator[errors.Problem]:
    repository, settings = asking.repository, asking.configuration.settings
    ours = half_written(repository.folder, asking.state, proposal.edits) if proposal else set()
    dirty = [change.path for change in asking.state.changes if change.path not in ours]
    inside = [path for path in dirty if not path.startswith("../")]
    if inside:
        more = f" and {len(inside) - _SHOWN} more" if len(inside) > _SHOWN else ""
        yield errors.BUMP_DIRTY.problem(files=", ".join(inside[:_SHOWN]) + more)
    busy = states.under_way(asking.repository.git_folder)
    if busy:
        yield errors.GIT_BUSY.problem(what=busy)
    if new is None or asking.wish.only_repair:
        return
    line = world.line_of(asking.later, settings.tag.format, new)
    for tag in line.same:
        yield errors.TAG_EXISTS.problem(version=new, tag=tag, where="this repository")
    yield from world.of_branch(repository, settings, asking.state.branch, new, line)


def _remote(asking: _Asking, new: Version | None) -> tuple[list[errors.Problem], tuple[str, ...]]:
    settings = asking.configuration.settings
    if asking.offline:
        return [], ("neither remote nor index was asked",)
    if new is None or asking.wish.only_repair:
        return [], ()
    if asking.remote is None:
        return [], (f"there is no remote {settings.tag.remote}: nothing to be behind of",)
    return world.of_remote(asking.repository, settings, asking.state.branch, new), ()


def _line_remark(asking: _Asking, new: Version) -> tuple[str, ...]:
    line = world.line_of(asking.later, asking.configuration.settings.tag.format, new)
    if line.newest is None or asking.wish.only_repair:
        return ()
    return (f"this is an older line: {line.newest} is tagged, so {new} never becomes the latest release",)
