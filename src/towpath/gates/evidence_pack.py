"""What a release page says of its files: their digests in the notes, and beside them the evidence in one file.

A release has one pack. One that is there already stays, also where this run has sealed other records since: it was made
of the very files that the release has, and that is asked of it again. Any other file of its name closes the gate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.changelog.notes import FORGE_LIMIT
from towpath.credentials.environment import without_credentials
from towpath.credentials.forms import SECRET
from towpath.evidence.pack import LIMIT_BYTES, collected, pack_name, packed, read_pack
from towpath.forge.releases import ReleaseFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from towpath.forge.releases import Release
    from towpath.gates.gate import Workspace
    from towpath.model import Distribution

_PLACES = ("GIT_CONFIG_", "SSH_", "GPG_")  # where an agent or a folder is, which a record may name
_SHORTEST_SECRET = 8  # characters; what is shorter stands in any text by chance


@dataclass(frozen=True, slots=True)
class EvidencePack:
    """The pack as this run makes it; `left_out` is why there is none, else empty."""

    name: str
    sha256: str = ""
    records: int = 0
    left_out: str = ""


def write_pack(workspace: Workspace, folder: Path) -> EvidencePack:
    """Write the records that opened this gate, all the way back, into one file in `folder`.

    Raises evidence-secret for one that holds a secret, and what collecting them raises.
    """
    name = pack_name(workspace.subject.project, workspace.subject.version)
    entries = collected(workspace.store, workspace.relied_on)
    if not entries:
        return EvidencePack(name, left_out="nothing was asked for evidence before this gate")
    size = sum(map(len, entries.values()))
    if size > LIMIT_BYTES:
        return EvidencePack(name, left_out=f"the records take {size >> 20} MiB, more than {LIMIT_BYTES >> 20}")
    problems = tuple(_with_secrets(entries, workspace.environ))
    if problems:
        raise errors.TowpathError(*problems)
    content = packed(entries)
    with errors.disk("write the evidence for the release"):
        (folder / name).write_bytes(content)
    return EvidencePack(name, hashlib.sha256(content).hexdigest(), len(entries))


def to_send(workspace: Workspace, pack: EvidencePack, files: Iterable[Distribution], folder: Path) -> ReleaseFile:
    """The pack as a file of the release, with what is asked of another one that has its place already."""
    wanted = tuple(sorted(files))
    return ReleaseFile(folder / pack.name, pack.sha256, lambda path: _why_not(workspace, wanted, path))


def told(pack: EvidencePack, made: Release) -> tuple[str, dict[str, object]]:
    """What became of the pack, for people and as a fact of the record."""
    if pack.left_out:
        return f"no evidence pack: {pack.left_out}", {"left-out": pack.left_out}
    there = next((asset.sha256 for asset in made.assets if asset.name == pack.name), None) or pack.sha256
    fact: dict[str, object] = {"file": pack.name, "sha256": there, "kept": there != pack.sha256}
    if there != pack.sha256:
        return f"{pack.name} of an earlier run stays: it was checked, and is about these very files", fact
    return f"{pack.name}: {pack.records} records", fact


def files_block(files: Iterable[Distribution], pack: EvidencePack) -> str:
    """The digests of the files, in a block of ours that comes below the notes; of very many, how many there are."""
    rows = [f"| `{file.filename}` | {file.size} | `{file.sha256}` |" for file in files]
    how = f"\nHow they were proven stands in `{pack.name}`, record by record." if not pack.left_out else ""
    table = "\n".join(["| file | bytes | sha256 |", "| --- | --- | --- |", *rows])
    if len(table) > FORGE_LIMIT // 2:
        table = f"{len(rows)} files, too many for a table here; GitHub shows the sha256 of each."
    return f"\n\n<!-- towpath: files -->\n\n{table}\n{how}\n"


def _why_not(workspace: Workspace, files: tuple[Distribution, ...], path: Path) -> str:
    """Why a pack may not stay in the place of ours; "" where it may."""
    if path.stat().st_size > 2 * LIMIT_BYTES:
        return "it is larger than any pack"
    try:
        there = read_pack(path.read_bytes(), path.name)
    except errors.TowpathError as error:
        return error.problems[0].cause
    subject = workspace.subject
    if (there.project, there.version, there.commit) != (subject.project, subject.version, subject.commit):
        return f"it is about {there.project} {there.version} at {there.commit[:12]}"
    if there.distributions != files:
        return "it is about other files than those that were sealed"
    if there.targets != {workspace.target.name}:
        return f"it is about {' and '.join(sorted(there.targets)) or 'no target'}, not {workspace.target.name}"
    return ""


def _with_secrets(entries: Mapping[str, bytes], environ: Mapping[str, str]) -> Iterator[errors.Problem]:
    """A record becomes public: no secret may stand in it by its form, nor the value of a credential of this process."""
    allowed = without_credentials(environ)
    ours = {name: value for name, value in environ.items() if name not in allowed and not name.startswith(_PLACES)}
    for path, text in entries.items():
        found = SECRET.search(text)
        if found:
            yield errors.EVIDENCE_SECRET.problem(path=path, what=f"one that begins with {found[0][:4].decode()}")
        for name, value in ours.items():
            if len(value) >= _SHORTEST_SECRET and value.encode("utf-8", "surrogateescape") in text:
                yield errors.EVIDENCE_SECRET.problem(path=path, what=f"the value of {name}")
