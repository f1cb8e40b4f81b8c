"""github-release: the notes and the sealed files, on the forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from towpath import errors
from towpath.gates.gate import Gate
from towpath.gates.sealed import sealed_files
from towpath.model import About, Effect, Outcome

if TYPE_CHECKING:
    from towpath.gates.gate import Workspace


def github_release() -> Gate:
    """The gate."""
    return Gate(
        "github-release",
        "Make the release on GitHub: notes and files.",
        act,
        needs=("verify-published",),
        effect=Effect.SHARED,
        about=About.WORLD,
        credential="forge",
        rehearses=True,
        acts_on=lambda target: target.forge.repository if target.forge else "",
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Bring the release to what it is to be. Raises no-forge, no-forge-token and what the forge answers."""
    from towpath.forge.client import GitHub
    from towpath.forge.releases import ReleaseFile, Wanted
    from towpath.gates.notes import release_notes

    address = workspace.target.forge
    if address is None:
        raise errors.NO_FORGE.error()
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    if not token:
        raise errors.NO_FORGE_TOKEN.error(forge=address.api_url)
    files = sealed_files(workspace)
    version = Version(workspace.subject.version)
    said = release_notes(workspace.repository, workspace.configuration, version, address)
    wanted = Wanted(
        tag=workspace.tag,
        commit=workspace.repository.head,
        title=f"{workspace.subject.project} {workspace.subject.version}",
        notes=said.text,
        prerelease=version.is_prerelease,
        latest=_is_latest(workspace, version),
        files=tuple(ReleaseFile(path, file.sha256) for file, path in files),
    )
    with GitHub(address, token, loopback_only=workspace.rehearsing) as forge:
        forge.ensure_release(wanted)
    return Outcome(
        notes=(f"{address.repository} {workspace.tag}: {len(files)} files, notes from {said.source}",),
        facts={"tag": workspace.tag},
        distributions=tuple(file for file, _ in files),
    )


def _is_latest(workspace: Workspace, version: Version) -> bool:
    """An older line's release and a pre-release never become the latest one."""
    from packaging.version import InvalidVersion

    newest = version
    for tag in workspace.repository.tags():
        try:
            other = Version(tag.removeprefix(workspace.settings.tag.format.partition("{version}")[0]))
        except InvalidVersion:
            continue
        newest = other if not other.is_prerelease and other > newest else newest
    return not version.is_prerelease and newest == version
