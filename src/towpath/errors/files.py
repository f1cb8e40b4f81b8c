"""Errors of the disk."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from towpath.errors.kinds import Kind, TowpathError

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_SPACE = Kind(
    "no-space",
    "The disk is full: could not {doing}.",
    "Make room, then run this again; nothing half-written is taken for finished.",
    recognises=(
        "No space left on device",
        "There is not enough space on the disk",
        "Disk quota exceeded",
    ),
)
NOT_WRITABLE = Kind(
    "not-writable",
    "Not allowed to write at {path}: could not {doing}.",
    "Give yourself the right to write there; an environment can be put elsewhere by TOWPATH_CACHE_DIR.",
    recognises=(
        "[Errno 13] Permission denied",
        "[Errno 30] Read-only file system",
        "[WinError 5] Access is denied",
    ),
)
DISK_FAILURE = Kind(
    "disk-failure",
    "Could not {doing}: {why}.",
    "Look at the path and the disk that the message names, then run this again.",
)


def from_os_error(error: OSError, doing: str) -> TowpathError:
    """What an OSError means for the user; `doing` completes "could not …"."""
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return NO_SPACE.error(doing=doing)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return NOT_WRITABLE.error(doing=doing, path=error.filename or "the path that is named")
    return DISK_FAILURE.error(doing=doing, why=str(error))


@contextmanager
def disk(doing: str) -> Iterator[None]:
    """Turn an OSError raised inside into the TowpathError of `from_os_error`."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, doing) from error
