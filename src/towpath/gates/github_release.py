"""github-release: the notes, the sealed files and their evidence, on the forge."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.gate import Gate
from towpath.model import About, Effect, Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.version import Version

    from towpath.forge.client import GitHub
    from towpath.forge.releases import Release, ReleaseFile, Wanted
    from towpath.gates.gate import Workspace
    from towpath.gates.notes import Notes
    from towpath.model import ForgeAddress


def github_release() -> Gate:
    """The gate."""
    return Gate(
        "github-release",
        "Make the release on GitHub: notes, files and evidence.",
        act,
        needs=("verify-published",),
        effect=Effect.SHARED,
        about=About.WORLD,
        credential="forge",
        rehearses=True,
        acts_on=lambda target: target.forge.repository if target.forge else "",
        loads=(
            "towpath.forge.client",
            "towpath.gates.evidence_pack",
            "towpath.gates.notes",
            "towpath.gates.sealed",
        ),
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Bring the release to what it is to be: a draft with all files, compared, then published.

    One that is there is completed, and nothing that somebody has written or set is changed; what differs is told.
    Raises no-forge, no-forge-token, evidence-secret and what the forge answers.
    """
    from towpath.forge.client import GitHub
    from towpath.forge.releases import ReleaseFile
    from towpath.gates import evidence_pack
    from towpath.gates.sealed import sealed_files

    address, token = _login(workspace)
    files = sealed_files(workspace)
    distributions = tuple(file for file, _ in files)
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        pack = evidence_pack.write_pack(workspace, Path(folder))
        more = () if pack.left_out else (evidence_pack.to_send(workspace, pack, distributions, Path(folder)),)
        below = evidence_pack.files_block(distributions, pack)
        said = _notes(workspace, address, below=len(below))
        said = replace(said, text=said.text.rstrip() + below)
        sent = (*(ReleaseFile(path, file.sha256) for file, path in files), *more)
        with GitHub(address, token, loopback_only=workspace.rehearsing) as forge:
            wanted = wanted_release(workspace, forge, said, sent)
            made = forge.ensure_release(wanted)
    about_pack, fact = evidence_pack.told(pack, made)
    summary = f"{address.repository} {workspace.tag}: {counted(len(files), 'file')}, notes from {said.source}"
    return Outcome(
        notes=(summary, about_pack, *_differences(made, wanted)),
        facts={
            "tag": workspace.tag,
            "page": made.page,
            "immutable": made.is_immutable,
            "latest": wanted.latest,
            "evidence": fact,
        },
        distributions=distributions,
    )


def _login(workspace: Workspace) -> tuple[ForgeAddress, str]:
    address = workspace.target.forge
    if address is None:
        raise errors.NO_FORGE.error()
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    if not token:
        raise errors.NO_FORGE_TOKEN.error(forge=address.api_url)
    return address, token


def _notes(workspace: Workspace, address: ForgeAddress, *, below: int) -> Notes:
    from packaging.version import Version

    from towpath.gates.notes import release_notes

    version = Version(workspace.subject.version)
    return release_notes(workspace.repository, workspace.configuration, version, address, below=below)


def wanted_release(workspace: Workspace, forge: GitHub, said: Notes, files: Iterable[ReleaseFile]) -> Wanted:
    """What the release of this version is to be."""
    from packaging.version import Version

    from towpath.forge.releases import Wanted

    version = Version(workspace.subject.version)
    return Wanted(
        tag=workspace.tag,
        commit=workspace.repository.head,
        title=f"{workspace.subject.project} {workspace.subject.version}",
        notes=said.text,
        prerelease=version.is_prerelease,
        latest=not version.is_prerelease and is_newest(version, _others(workspace, forge.latest())),
        files=tuple(files),
    )


def is_newest(version: Version, others: Iterable[Version]) -> bool:
    """Whether no final version is newer: an older line's release never becomes the latest one."""
    return all(other <= version for other in others if not other.is_prerelease)


def _others(workspace: Workspace, latest: str | None) -> Iterator[Version]:
    """The versions of the tags that are known here, and of the forge's latest release: a checkout may be shallow."""
    from towpath.gates.chosen import version_of

    for tag in (*workspace.repository.tags(), *([latest] if latest else [])):
        version = version_of(tag, workspace.settings.tag.format)
        if version is not None:
            yield version


def _differences(made: Release, wanted: Wanted) -> Iterator[str]:
    """What somebody has set otherwise, and what cannot be changed any more."""
    if made.is_prerelease != wanted.prerelease:
        said, meant = ("a pre-release", "final") if made.is_prerelease else ("final", "a pre-release")
        yield f"it was made as {said} before and stays so, though the version is {meant}: {made.page}"
    if made.notes.replace("\r\n", "\n").strip() != wanted.notes.strip():
        yield "its notes were written before and stay as they are"
    if made.is_immutable:
        yield "it is immutable: its files and its tag cannot be changed any more"
