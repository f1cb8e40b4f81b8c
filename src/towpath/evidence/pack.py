"""The evidence of a release in one file, for whoever has only the release: a zip archive of the sealed records.

It holds what opened the last gate, all the way back, each record under the path by which the others name it; nothing
else. The same records make the same bytes: sorted, stored as they are (compressors differ), without a time.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from towpath import errors
from towpath.evidence.record import Record, decode
from towpath.evidence.store import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.evidence.store import Store
    from towpath.model import Distribution

LIMIT_BYTES = 16 << 20  # of all records together; those of an ordinary release take some 100 kB
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # zip knows no earlier time
_UNIX = 3
_ON_FORGES = re.compile(r"[^A-Za-z0-9._-]")  # GitHub puts a dot for any other character


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose chain is whole: the records by path, and the files that they are about.

    `targets` are the folders of the records about a target.
    """

    project: str
    version: str
    commit: str
    records: Mapping[str, Record]
    distributions: tuple[Distribution, ...]
    targets: frozenset[str]


def pack_name(project: str, version: str) -> str:
    """The file's name: no index and no installer takes it for a distribution, as its version would be none."""
    name = f"{canonicalize_name(project).replace('-', '_')}-{version}.evidence.zip"
    return _ON_FORGES.sub(".", name)


def collected(store: Store, relied_on: Mapping[str, str]) -> dict[str, bytes]:
    """The records and files that were relied on (path → sha256), and those that they relied on: path → bytes.

    Raises evidence-chain for one that is gone or another by now, and evidence-broken.
    """
    found: dict[str, bytes] = {}
    todo = dict(relied_on)
    while todo:
        path, digest = todo.popitem()
        text = store.read(path)
        if text is None or hashlib.sha256(text).hexdigest() != digest:
            session = path.rsplit("/", 1)[-1].removesuffix(".json")
            raise errors.EVIDENCE_CHAIN.error(gate="the release", below=path, session=session)
        found[path] = text
        if path != MANIFEST:
            below = decode(text, path=path).relied_on
            todo |= {name: named for name, named in below.items() if name not in found}
    return found


def packed(entries: Mapping[str, bytes]) -> bytes:
    """The archive: the same bytes for the same entries, on every system and Python."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(entries):
            member = zipfile.ZipInfo(path, _EARLIEST)
            member.create_system = _UNIX
            member.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(member, entries[path])
    return made.getvalue()


def read_pack(content: bytes, name: str) -> Pack:
    """A pack, if every record in it is whole, passed, about one version and its files, and the chain has no gap.

    Raises evidence-broken.
    """
    entries = _unpacked(content, name)
    records = {path: decode(text, path=f"{name}: {path}") for path, text in entries.items() if path != MANIFEST}
    for why in _complaints(entries, records):
        raise errors.EVIDENCE_BROKEN.error(path=name, why=why)
    about = next(record for record in records.values() if record.distributions)
    targets = frozenset(path.rpartition("/")[0] for path in records if "/" in path)
    return Pack(about.project, about.version, about.commit, records, tuple(sorted(about.distributions)), targets)


def _unpacked(content: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LIMIT_BYTES:
                raise errors.EVIDENCE_BROKEN.error(path=name, why=f"it holds more than {LIMIT_BYTES >> 20} MiB")
            if len({member.filename for member in members}) < len(members):
                raise errors.EVIDENCE_BROKEN.error(path=name, why="it holds a name twice")
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise errors.EVIDENCE_BROKEN.error(path=name, why="it is no zip archive that can be read") from None


def _complaints(entries: Mapping[str, bytes], records: Mapping[str, Record]) -> Iterator[str]:
    """What keeps the records from bearing one another out."""
    named: set[str] = set()
    for path, record in records.items():
        if not record.passed:
            yield f"{path} says that its gate stayed closed"
        for below, digest in record.relied_on.items():
            named.add(below)
            if hashlib.sha256(entries.get(below, b"")).hexdigest() != digest:
                yield f"{path} relied on another {below}, or it is missing"
    if MANIFEST in entries and MANIFEST not in named:
        yield f"no record relied on its {MANIFEST}"
    if len({(record.project, record.version) for record in records.values()}) > 1:
        yield "its records are about several versions"
    about = {
        (record.commit, tuple(sorted(record.distributions))) for record in records.values() if record.distributions
    }
    if len(about) != 1:
        yield "its records are about several builds, or about none"
