"""The state of a working folder against its last commit, and what a remote says of a branch."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.repository.git import Git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.repository.git import Repository

REMOTE_SECONDS = 30.0
_UNDER_WAY = ("index.lock", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_AT_ONCE = 500  # paths in one command


@dataclass(frozen=True, slots=True)
class Change:
    """A tracked file that differs from HEAD; `path` is posix and relative to the project's folder.

    `staged` is whether the index differs from HEAD, `unstaged` whether the file differs from the index.
    """

    path: str
    staged: bool
    unstaged: bool


@dataclass(frozen=True, slots=True)
class State:
    """HEAD's commit, the branch (None where HEAD is detached), and every tracked file that differs from HEAD."""

    head: str
    branch: str | None
    changes: tuple[Change, ...]


def read_state(repository: Repository) -> State:
    """One look at the whole repository; files that git does not track are left out."""
    return _read(repository, (), {})


def read_settled(repository: Repository, paths: Sequence[str]) -> State:
    """The same for a few files (relative to the repository's root) that were just written.

    What git finds out about them stays in the index, so that nobody has to look into them again.
    """
    return _read(repository, paths if len(paths) <= _AT_ONCE else (), {"GIT_OPTIONAL_LOCKS": "1"})


def under_way(folder: Path) -> str:
    """The file by which git shows that something is under way: a merge, a rebase, another command; or ""."""
    return next((name for name in _UNDER_WAY if (folder / name).exists()), "")


def tracked(repository: Repository, paths: Sequence[str]) -> set[str]:
    """Those of the paths (relative to the project's folder) that git tracks."""
    found: set[str] = set()
    for start in range(0, len(paths), _AT_ONCE):
        listed = repository.git("--literal-pathspecs", "ls-files", "-z", "--", *paths[start : start + _AT_ONCE])
        found |= {path for path in listed.split("\0") if path}
    return found


def committed(repository: Repository, path: str, commit: str = "HEAD") -> bytes | None:
    """A file of a commit as a checkout would write it (line endings, filters); None if it is not in it."""
    from git import Git as Command  # late, as in git.py
    from git.exc import GitCommandError

    argv = ["git", "cat-file", "--filters", f"{commit}:./{path}"]
    command = Command(repository.folder)
    with contextlib.suppress(GitCommandError):
        read = command.execute(argv, stdout_as_string=False, strip_newline_in_stdout=False)
        return read if isinstance(read, bytes) else None
    return None


def is_ancestor(repository: Repository, commit: str) -> bool:
    """Whether HEAD's history has that commit; one that is not here at all is not in it."""
    if commit == repository.head:
        return True
    try:
        repository.git("merge-base", "--is-ancestor", commit, "HEAD")
    except errors.TowpathError:
        return False
    return True


def merged_tags(repository: Repository, commit: str = "HEAD") -> list[str]:
    """The tags in the history of a commit, itself included."""
    return repository.git.lines("tag", "--list", "--merged", commit)


def remote_refs(repository: Repository, remote: str, refs: Sequence[str]) -> Mapping[str, str]:
    """What a remote has of these refs: name → id. Raises git-failed with git's own words, at the latest in 30 s."""
    from git import Git as Command
    from git.exc import GitCommandError

    # GitPython cannot end a command by time on Windows; git's own limits hold there.
    limit = None if sys.platform == "win32" else REMOTE_SECONDS
    try:
        argv = ["git", "ls-remote", remote, *refs]
        environ = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "LANGUAGE": ""}
        listed = str(Command(repository.folder).execute(argv, env=environ, kill_after_timeout=limit))
    except GitCommandError as error:
        words = str(error.stderr).strip().removeprefix("stderr: ").strip("' \n")
        raise errors.GIT_FAILED.error(command="ls-remote", status=error.status, detail=words) from None
    return {ref: id_ for id_, _, ref in (line.partition("\t") for line in listed.splitlines())}


def _read(repository: Repository, paths: Sequence[str], env: Mapping[str, str]) -> State:
    options = ("--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--untracked-files=no", "--no-renames")
    head, branch, changes = "", None, []
    git = Git(repository.root)
    for line in git("--literal-pathspecs", "status", *options, "--", *paths, env=env).split("\0"):
        if line.startswith("# branch.oid "):
            head = line.removeprefix("# branch.oid ")
        elif line.startswith("# branch.head "):
            name = line.removeprefix("# branch.head ")
            branch = None if name == "(detached)" else name
        elif line[:2] in {"1 ", "u "}:
            path = line.split(" ", 8 if line[0] == "1" else 10)[-1]
            changes.append(Change(_below(path, repository.prefix), line[2] != ".", line[3] != "."))
    return State(head, branch, tuple(changes))


def _below(path: str, prefix: str) -> str:
    if prefix == ".":
        return path
    return path.removeprefix(f"{prefix}/") if path.startswith(f"{prefix}/") else f"../{path}"
