"""One commit of named files, and the way back.

The user's index is not touched before the commit is made: git is given a copy of it. So a process that is killed
leaves neither a lock nor anything staged, and a hook that refuses has changed nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from towpath.repository.git import Git

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.repository.git import Repository

_LITERAL = "--literal-pathspecs"
_AT_ONCE = 100  # paths in one command, each with an id


def commit_named(repository: Repository, paths: Sequence[str], message: str, *, staged: bool) -> None:
    """Commit the named files (relative to the project's folder) as they are on disk; none of them makes it empty.

    It is the user's own commit: identity, signing and hooks are git's. `staged` says that the index holds other
    changes, which stay out. Raises git-failed with git's and the hooks' words.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-index-", ignore_cleanup_errors=True) as temporary:
        index = Path(temporary, "index")
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(repository.git_folder / "index", index)
        env = {"GIT_INDEX_FILE": str(index), "LC_ALL": os.environ.get("LC_ALL", ""), "GIT_OPTIONAL_LOCKS": "1"}
        git = repository.git
        if staged:
            git("read-tree", "HEAD", env=env)
        if paths:
            git(_LITERAL, "add", "--", *paths, env=env)
        git("commit", "--quiet", "--message", message, *([] if paths else ["--allow-empty"]), env=env)


def settle_index(repository: Repository, paths: Sequence[str]) -> None:
    """Let the user's index say of these files (relative to the repository's root) what HEAD says.

    As `git reset HEAD -- PATHS` does, which looks into the files, too, and at every other one.
    """
    git = Git(repository.root)
    for start in range(0, len(paths), _AT_ONCE):
        asked = paths[start : start + _AT_ONCE]
        listed = git("ls-tree", "-z", "--full-tree", "HEAD", "--", *asked).split("\0")
        entries = dict(line.split("\t", 1)[::-1] for line in listed if line)
        words = [word for path, entry in entries.items() for word in ("--cacheinfo", ",".join((*_ids(entry), path)))]
        gone = [path for path in asked if path not in entries]
        git("update-index", "--add", "--replace", *words, *(["--force-remove", "--", *gone] if gone else []))


def _ids(entry: str) -> tuple[str, str]:
    """The mode and the id of `100644 blob ID`."""
    mode, _, id_ = entry.split()
    return mode, id_


def last_commit(repository: Repository) -> tuple[str, list[str]]:
    """HEAD's id, and the files in which it differs from its parent, relative to the repository's root."""
    listed = repository.git("diff-tree", "-r", "-z", "--always", "--name-only", "--no-renames", "HEAD")
    head, *paths = listed.split("\0")
    return head.strip(), [path for path in paths if path]


def take_back(repository: Repository, commit: str, parent: str, paths: Sequence[str]) -> None:
    """Undo a commit that nobody has seen yet; the files stay as they are. Raises git-failed if HEAD has moved on."""
    repository.git("update-ref", "-m", "towpath: taken back", "HEAD", parent, commit)
    settle_index(repository, paths)
