"""A plan carried out: the files, then one commit of them; or everything as it was before."""

from __future__ import annotations

import os
import posixpath
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump import writing
from towpath.bump.committed import as_committed
from towpath.config import reading
from towpath.gates.chosen import current
from towpath.repository import commits
from towpath.repository import state as states
from towpath.versions import numbers, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from towpath.bump.plan import Plan
    from towpath.bump.writing import Target
    from towpath.repository.git import Repository


@dataclass(frozen=True, slots=True)
class Bumped:
    """The commit that holds the bump, and the files in it, relative to the repository's root."""

    commit: str
    paths: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def execute(plan: Plan) -> Bumped:
    """Carry the plan out.

    Whatever goes wrong, an interruption included, the files and the index are as before; what only a killed process
    leaves behind, the next run finishes.

    Raises:
        TowpathError: bump-busy, bump-overtaken, commit-refused, hook-changed-version, and what a full disk raises.
    """
    repository = plan.repository
    with _alone(repository.git_folder):
        if plan.made:
            return _settled(repository, plan.made)
        if plan.empty:
            return Bumped("", ())
        if _head(repository) != plan.state.head:
            raise errors.BUMP_OVERTAKEN.error(what="HEAD")
        wanted = writing.targets(repository.folder, plan.edits)
        try:
            with errors.disk("write the version"):
                writing.write(wanted)
            made = _commit(plan, wanted)
            return _checked(plan, wanted, made=made)
        except BaseException:
            _as_before(plan, wanted)
            raise


def _commit(plan: Plan, wanted: Sequence[Target]) -> bool:
    """Whether the commit was made here: a git that a killed bump left behind may have been quicker."""
    repository, paths = plan.repository, _paths(plan, wanted)
    staged = any(change.staged for change in plan.state.changes)
    try:
        commits.commit_named(repository, paths, plan.message, staged=staged)
    except errors.TowpathError as error:
        if _head(repository) != plan.state.head:
            return False
        if error.problems[0].id != errors.GIT_FAILED.id:
            raise
        raise errors.COMMIT_REFUSED.error(detail=error.problems[0].detail) from None
    return True


def _checked(plan: Plan, wanted: Sequence[Target], *, made: bool) -> Bumped:
    """The commit, once it is known to say the version: hooks may have changed what was committed."""
    repository = plan.repository
    above = "" if repository.prefix == "." else f"{repository.prefix}/"
    ours = [posixpath.normpath(above + path) for path in _paths(plan, wanted)]
    with ThreadPoolExecutor(1) as pool:
        settling = pool.submit(commits.settle_index, repository, ours)
        head, paths = commits.last_commit(repository)
        settling.result()
    commits.settle_index(repository, [path for path in paths if path not in ours])
    after = states.read_settled(repository, list(dict.fromkeys([*ours, *paths])))
    untouched = all(target.path.read_bytes() == target.after for target in wanted)
    wrong = "" if untouched and not after.changes and not _from_git(plan) else _wrong(plan)
    if wrong and not made:
        raise errors.BUMP_OVERTAKEN.error(what="HEAD")
    if wrong:
        commits.take_back(repository, head, plan.state.head, paths)
        raise errors.HOOK_CHANGED_VERSION.error(what=wrong)
    return Bumped(head, tuple(paths), tuple(_remarks(plan, wanted, paths)))


def _wrong(plan: Plan) -> str:
    """What keeps HEAD from being the release commit that was planned; "" if nothing does."""
    repository = plan.repository
    tree = as_committed(repository, states.read_state(repository))
    settings = reading.load(repository.folder).settings
    new = numbers.parse(plan.new, where="the plan")
    try:
        found = current(repository, settings.tag.format, tree)
        declared = [places.Declared(one.path, one.pattern) for one in settings.bump.places]
        stale = places.out_of_step(places.places_in(tree, name="HEAD", declared=declared), new)
    except errors.TowpathError as error:
        return f"then: {error.problems[0].cause}"
    changed = {edit.path for edit in plan.edits}
    stale = tuple(problem for problem in stale if problem.cause.partition(",")[0] in changed)
    if found.version != new or not found.decided:
        return f"it says {found.version} instead of {new}"
    return f"then: {stale[0].cause}" if stale else ""


def _from_git(plan: Plan) -> bool:
    return not plan.edits or "\n\nRelease: " in plan.message


def _remarks(plan: Plan, wanted: Sequence[Target], paths: Sequence[str]) -> Iterator[str]:
    root = plan.repository.root.resolve()
    ours = {_relative(target.path, root) for target in wanted}
    added = [path for path in paths if path not in ours]
    if added:
        yield f"a git hook added to the commit: {', '.join(added)}"
    if any(target.path.read_bytes() != target.after for target in wanted):
        yield "a git hook changed files of the bump; the version is right in the commit"


def _as_before(plan: Plan, wanted: Sequence[Target]) -> None:
    """Put the files back, unless a commit holds them now."""
    if _head(plan.repository) == plan.state.head:
        writing.put_back(wanted)


def _settled(repository: Repository, commit: str) -> Bumped:
    """The commit is there; a bump that was killed right after it may have left the index behind."""
    _, paths = commits.last_commit(repository)
    state = states.read_state(repository)
    lagging = [change.path for change in state.changes if change.staged and change.unstaged]
    tree = as_committed(repository, state)
    stale = [path for path in lagging if tree.read(path) == places.Folder(repository.folder).read(path)]
    above = "" if repository.prefix == "." else f"{repository.prefix}/"
    commits.settle_index(repository, [path for path in paths if path in {above + one for one in stale}])
    return Bumped(commit, tuple(paths))


def _paths(plan: Plan, wanted: Sequence[Target]) -> list[str]:
    """The files as git knows them, behind links, relative to the project's folder."""
    root = plan.repository.folder.resolve()
    return [_relative(target.path, root) for target in wanted]


def _head(repository: Repository) -> str:
    return repository.git.line("rev-parse", "HEAD")


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else os.path.relpath(path, root)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One bump at a time; the lock ends with the process that holds it."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "towpath-bump.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise errors.BUMP_BUSY.error() from None
    try:
        yield
    finally:
        lock.release()
