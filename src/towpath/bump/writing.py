"""Files replaced whole, and put back as they were."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from towpath.versions.places import Edit


@dataclass(frozen=True, slots=True)
class Target:
    """A file that is written, under the name that links lead to; `times` are those of access and change, in ns."""

    path: Path
    before: bytes
    after: bytes
    times: tuple[int, int]


def targets(root: Path, edits: Iterable[Edit]) -> tuple[Target, ...]:
    """The files behind the edits' paths.

    Raises:
        TowpathError: same-file where one file would be written in two ways, bump-overtaken where a file is
            neither as before nor as after the edit.
    """
    found: dict[Path, Target] = {}
    for edit in edits:
        path = (root / edit.path).resolve()
        if found.get(path, edit).after != edit.after:
            raise errors.SAME_FILE.error(paths=f"{edit.path} and another path of this project")
        if path.read_bytes() not in (edit.before, edit.after):
            raise errors.BUMP_OVERTAKEN.error(what=edit.path)
        there = path.stat()
        found[path] = Target(path, edit.before, edit.after, (there.st_atime_ns, there.st_mtime_ns))
    return tuple(found.values())


def write(wanted: Sequence[Target]) -> None:
    """Write every file: each is whole, before or after, at any moment."""
    for target in wanted:
        replace_whole(target.path, target.after)


def put_back(wanted: Sequence[Target]) -> None:
    """Every file as it was before, its date included, so that git need not read it again."""
    for target in wanted:
        replace_whole(target.path, target.before)
        os.utime(target.path, ns=target.times)


def replace_whole(path: Path, data: bytes) -> None:
    """Replace a file's content, its mode kept.

    What a killed process leaves beside it has a name of its own, which the next write uses again.
    """
    staged = path.with_name(f".{path.name}.towpath")
    try:
        with staged.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        shutil.copymode(path, staged)
        staged.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            staged.unlink()
        raise
