"""The twin's folder: packages and one state file, safe against the process being killed at any moment.

A package is written, forced to disk and moved into place first; only then the state that names it replaces
the old state. So a file is public exactly when its record is there, and what a kill left over is swept at the
start.
"""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from towpath.index.twin.records import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Store:
    """The state in memory and on disk, and the packages.

    Raises BlockingIOError if another twin works in the folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._held = _hold(folder)
        self._file = folder / "state.json"
        self.packages = folder / "packages"
        self.incoming = folder / "incoming"
        for place in (self.packages, self.incoming):
            place.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._state = self._read()
        self._sweep()

    def close(self) -> None:
        """Let another twin work in the folder."""
        self._held.release()

    @property
    def state(self) -> State:
        """The committed state. It is never changed, so that a reader may keep it as long as it likes."""
        return self._state

    @contextmanager
    def change(self) -> Iterator[State]:
        """A draft of the next state, committed when the block ends without an exception.

        Changes happen one after the other.
        """
        with self._lock:
            draft = self.draft()
            yield draft
            write_safely(self._file, msgspec.json.encode(draft))
            self._state = draft

    def draft(self) -> State:
        """A copy of the state to work on, never committed by itself."""
        return msgspec.json.decode(msgspec.json.encode(self._state), type=State)

    def receive(self) -> IO[bytes]:
        """A new file for a package on its way in. Its name is its `name`; whoever keeps it moves it."""
        return tempfile.NamedTemporaryFile(dir=self.incoming, delete=False)

    def keep(self, received: Path, path: str) -> None:
        """Move a received file, forced to disk, to its place among the packages."""
        place = self.packages / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with received.open("rb+") as file:
            os.fsync(file.fileno())
        received.replace(place)
        _sync_folder(place.parent)

    def keep_bytes(self, content: bytes, path: str) -> None:
        """Write small content beside the packages, as safely."""
        write_safely(self.packages / path, content)

    def _read(self) -> State:
        if not self._file.exists():
            return State()
        return msgspec.json.decode(self._file.read_bytes(), type=State)

    def _sweep(self) -> None:
        for left in self.incoming.iterdir():
            left.unlink()
        known = {file.path for _, _, file in self._state.files()}
        for package in [path for path in self.packages.rglob("*") if path.is_file()]:
            name = package.relative_to(self.packages).as_posix()
            if name.removesuffix(".metadata") not in known:
                package.unlink()


def _hold(folder: Path) -> FileLock:
    """Hold the folder; a killed process lets go of it."""
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        message = f"another twin works in {folder}"
        raise BlockingIOError(message) from None
    return lock


def write_safely(path: Path, content: bytes) -> None:
    """Replace a file's content so that either the old or the new is there whatever happens."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk where the system can do that (Windows cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
