"""Writing what was planned: all of it, or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.writing import replace_whole
from towpath.repository.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.adopt.plan import File, Plan

_BRANCH = "main"
_MESSAGE = "Begin"


def write(plan: Plan) -> None:
    """Write every file; a new project is put under git and committed, by the files' names.

    What was written is taken back where anything fails. Raises changed-meanwhile, before anything is written, and the
    errors of the disk and of git.
    """
    for file in plan.files:
        if _there(plan.root / file.path) != file.before:
            raise errors.CHANGED_MEANWHILE.error(path=file.path)
    done: list[File] = []
    made: list[Path] = []
    try:
        with errors.disk("write the project's files"):
            for file in plan.files:
                made += _make_folder((plan.root / file.path).parent)
                done.append(file)
                _put(plan.root / file.path, file.after)
        if plan.repository:
            _commit(plan)
    except BaseException:
        _take_back(plan.root, done, made)
        raise


def _there(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _put(path: Path, data: bytes) -> None:
    if path.exists():
        replace_whole(path.resolve(), data)
        return
    staged = path.with_name(f".{path.name}.towpath")
    try:
        with staged.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        staged.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            staged.unlink()
        raise


def _make_folder(folder: Path) -> list[Path]:
    """The folders that were made for it, the outermost first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _take_back(root: Path, done: list[File], made: list[Path]) -> None:
    for file in reversed(done):
        with contextlib.suppress(OSError):
            if file.before is None:
                (root / file.path).unlink(missing_ok=True)
            else:
                replace_whole((root / file.path).resolve(), file.before)
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _commit(plan: Plan) -> None:
    """A repository, where there is none, and its first commit, of what was written and nothing else."""
    git = Git(plan.root)
    fresh = not _is_in_repository(git)
    paths = [file.path for file in plan.files]
    try:
        if fresh:
            git("init", "--quiet", f"--initial-branch={_BRANCH}")
        git("--literal-pathspecs", "add", "--force", "--", *paths)
        git("--literal-pathspecs", "commit", "--quiet", "--message", _MESSAGE, "--", *paths)
    except BaseException:
        if fresh:
            shutil.rmtree(plan.root / ".git", ignore_errors=True)
        raise


def _is_in_repository(git: Git) -> bool:
    try:
        git("rev-parse", "--git-dir")
    except errors.TowpathError:
        return False
    return True
