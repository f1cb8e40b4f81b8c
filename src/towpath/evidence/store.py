"""Where evidence lies: `.towpath/<version>/<gate>[-<variant>].json`, and below `<target>/` what is about one.

A record stays in place as long as every run finds the same, so that what relied on it stays proven; the last of those
runs is kept beside it as `<gate>[-<variant>].again.json`. The sealed distributions lie there too, so that the bytes
that a rehearsal proved can be promoted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.evidence.record import Record, decode, encode
from towpath.model import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = ".towpath"
MANIFEST = "distributions.json"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record as it lies in the store: its path below the version's folder, and the sha256 of its bytes.

    `latest` is the record of the last run that found the same; its times, notes and facts are the current ones.
    """

    record: Record
    path: str
    digest: str
    latest: Record


@dataclass(frozen=True, slots=True)
class Store:
    """The evidence of one version."""

    folder: Path
    version: str

    def path(self, gate: str, variant: str = "", target: str = "") -> str:
        """Where a gate's record lies, below the version's folder."""
        name = f"{gate}-{variant}.json" if variant else f"{gate}.json"
        return f"{target}/{name}" if target else name

    def load(self, path: str) -> Sealed | None:
        """The record at that path; None if there is none. Raises evidence-broken."""
        try:
            text = (self._base / path).read_bytes()
        except FileNotFoundError:
            return None
        record = decode(text, path=f"{FOLDER}/{self.version}/{path}")
        return Sealed(record, path, hashlib.sha256(text).hexdigest(), self._latest(path, record))

    def read(self, path: str) -> bytes | None:
        """A file below the version's folder as it lies there; None if it cannot be read."""
        try:
            return (self._base / path).read_bytes()
        except OSError:
            return None

    def digest(self, path: str) -> str:
        """The sha256 of a file below the version's folder; empty if there is none."""
        text = self.read(path)
        return "" if text is None else hashlib.sha256(text).hexdigest()

    def seal(self, record: Record, target: str = "") -> Sealed:
        """Write the record, whole or not at all.

        One that differs from what is there in nothing but its times leaves that in place and is written beside it:
        what relied on it stays proven, and the age is that of the last run.
        """
        path, text = self.path(record.gate, record.variant, target), encode(record)
        there = self._load_or_none(path)
        if there is not None and there.record.essence() == record.essence():
            write_atomically(self._base / _again(path), text)
            return replace(there, latest=record)
        (self._base / _again(path)).unlink(missing_ok=True)
        write_atomically(self._base / path, text)
        self._ignore_ourselves()
        return Sealed(record, path, hashlib.sha256(text).hexdigest(), record)

    @property
    def distributions_folder(self) -> Path:
        """Where the sealed files of this version are kept."""
        return self._base / "dist"

    def keep(
        self, files: Iterable[Path], commit: str, origins: Mapping[str, str] | None = None
    ) -> tuple[Distribution, ...]:
        """Take the files built from a commit into the store, in place of what was there.

        `origins` says where each file came from, by its name, if it was not built here.

        The manifest goes first and comes last: without it, what lies there counts for nothing. Two builds at once
        follow one another here, and never mix their files.
        """
        from filelock import FileLock

        self._base.mkdir(parents=True, exist_ok=True)
        with FileLock(self._base / "keep.lock"):
            kept = self.distributions_folder
            self._manifest.unlink(missing_ok=True)
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for file in files:
                shutil.copyfile(file, kept / file.name)
            measured = tuple(sorted(measure(file) for file in kept.iterdir()))
            manifest: dict[str, Any] = {"commit": commit, "files": [asdict(file) for file in measured]}
            if origins:
                manifest["origins"] = dict(origins)
            write_atomically(self._manifest, json.dumps(manifest, indent=2).encode() + b"\n")
        self._ignore_ourselves()
        return measured

    def kept(self, commit: str) -> tuple[Distribution, ...] | None:
        """What was built from that commit, if every byte of it is still here; else None."""
        made_from, files = self.manifest()
        if made_from != commit or not files:
            return None
        there = [self.distributions_folder / file.filename for file in files]
        whole = all(path.is_file() and measure(path) == file for path, file in zip(there, files, strict=True))
        return files if whole else None

    def manifest(self) -> tuple[str, tuple[Distribution, ...]]:
        """The commit and the files of the last build; both empty if there is none that was finished."""
        try:
            manifest = json.loads(self._manifest.read_text(encoding="utf-8"))
            return manifest["commit"], tuple(Distribution(**file) for file in manifest["files"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", ()

    def origins(self) -> dict[str, str]:
        """Where the files came from, by name; empty if they were built here."""
        try:
            found: dict[str, str] = json.loads(self._manifest.read_text(encoding="utf-8")).get("origins", {})
        except (OSError, ValueError, AttributeError):
            return {}
        return found

    @property
    def _manifest(self) -> Path:
        return self._base / MANIFEST

    @property
    def _base(self) -> Path:
        return self.folder / self.version

    def _load_or_none(self, path: str) -> Sealed | None:
        try:
            return self.load(path)
        except errors.TowpathError:
            return None  # what is broken is written anew

    def _latest(self, path: str, record: Record) -> Record:
        """What cannot be read, or found something else, is not believed: the record is then as old as it says."""
        again = _again(path)
        try:
            latest = decode((self._base / again).read_bytes(), path=again)
        except (OSError, errors.TowpathError):
            return record
        return latest if latest.essence() == record.essence() else record

    def _ignore_ourselves(self) -> None:
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, b"*\n")


def _again(path: str) -> str:
    return f"{path.removesuffix('.json')}.again.json"


def measure(file: Path) -> Distribution:
    """Name, size and sha256 of a file, read in a stream."""
    with file.open("rb") as opened:
        digest = hashlib.sha256()
        while block := opened.read(1 << 20):
            digest.update(block)
    return Distribution(file.name, file.stat().st_size, digest.hexdigest())


def write_atomically(path: Path, text: bytes) -> None:
    """Write beside the file, flush to the disk, and replace it in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
