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


def commit_named(repository: Repository, folder: Path, paths: Sequence[str], message: str, *, staged: bool) -> None:
    """Commit the named files (relative to the project's folder) as they are on disk; none of them makes it empty.

    It is the user's own commit: identity, signing and hooks are git's. `folder` is git's own folder; `staged`
    says that the index holds other changes, which stay out. Raises git-failed with git's and the hooks' words.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-index-", ignore_cleanup_errors=True) as temporary:
        index = Path(temporary, "index")
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(folder / "index", index)
        env = {"GIT_INDEX_FILE": str(index), "LC_ALL": os.environ.get("LC_ALL", ""), "GIT_OPTIONAL_LOCKS": "1"}
        git = repository.git
        if staged:
            git("read-tree", "HEAD", env=env)
        if paths:
            git(_LITERAL, "add", "--", *paths, env=env)
        git("commit", "--quiet", "--message", message, *([] if paths else ["--allow-empty"]), env=env)


def settle_index(repository: Repository, paths: Sequence[str]) -> None:
    """Let the user's index say of these files what HEAD says."""
    if paths:
        Git(repository.root)(_LITERAL, "reset", "--quiet", "HEAD", "--", *paths)


def last_commit(repository: Repository) -> tuple[str, list[str]]:
    """HEAD's id, and the files in which it differs from its parent, relative to the repository's root."""
    listed = repository.git("diff-tree", "-r", "-z", "--always", "--name-only", "--no-renames", "HEAD")
    head, *paths = listed.split("\0")
    return head.strip(), [path for path in paths if path]


def take_back(repository: Repository, commit: str, parent: str, paths: Sequence[str]) -> None:
    """Undo a commit that nobody has seen yet; the files stay as they are. Raises git-failed if HEAD has moved on."""
    repository.git("update-ref", "-m", "towpath: taken back", "HEAD", parent, commit)
    settle_index(repository, paths)
