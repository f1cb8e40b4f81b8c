"""The files of a version that is public in part, on a machine that did not seal them (a lost laptop, a fresh clone).

What is public already is downloaded and taken as the candidate, since it can never be replaced. What is missing comes
from the first of the sources that has it, else from building the tagged commit again, which counts only if that makes
every byte that is public. All gates then judge these files as they would their own. With nothing public yet there is
nothing to recover: building anew is allowed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from packaging.version import Version

from towpath import errors
from towpath.evidence.store import measure
from towpath.gates import making
from towpath.gates.complete import missing_for_publication
from towpath.gates.tag import on_remote
from towpath.walk.from_ci import archives_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.gates.gate import Pipeline, Workspace
    from towpath.index.client import IndexFile
    from towpath.model import IndexAddress


class Source(Protocol):
    """Somewhere that may have sealed files: it puts those of the version into a folder and says where they are from.

    It brings nothing where it has nothing, and raises TowpathError where it cannot be asked.
    """

    def __call__(self, workspace: Workspace, folder: Path, /) -> Mapping[Path, str]:
        """The files, each with where it came from."""


@dataclass(frozen=True, slots=True)
class _Public:
    """A file that an index shows, and the index."""

    file: IndexFile
    index: IndexAddress


def forge_release(workspace: Workspace, folder: Path) -> Mapping[Path, str]:
    """The files of the forge's release of this tag, a draft included where the token may see it."""
    from towpath.forge.client import GitHub
    from towpath.index.client import IndexFile, by_version

    address = workspace.target.forge
    if address is None:
        return {}
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    found: dict[Path, str] = {}
    with GitHub(address, token, loopback_only=workspace.rehearsing) as forge:
        release = forge.release(workspace.tag)
        assets = {asset.name: asset for asset in release.assets if asset.is_whole} if release else {}
        listed = by_version(IndexFile(name, "", "") for name in assets)
        for file in listed.get(Version(workspace.subject.version), ()):
            asset, path = assets[file.filename], folder / file.filename
            came = forge.download(asset, path)
            if asset.sha256 in {None, came}:
                kind = "draft" if release and release.is_draft else "release"
                found[path] = f"the {kind} of {workspace.tag} on {address.repository}"
    return found


SOURCES: tuple[Source, ...] = (forge_release, archives_of)


def recover(workspace: Workspace, part: Pipeline, sources: Sequence[Source] = SOURCES) -> tuple[str, ...]:
    """Keep the files of a version that is public in part, if they are not kept here; returns what is to be said.

    Only for the commit that the remote's tag leads to: of any other the index's files say nothing.

    Raises:
        TowpathError: index-unreachable, public-differs, not-reproduced, and what building raises.
    """
    head = workspace.repository.head
    if workspace.subject.commit is None or workspace.store.kept(head) is not None or not workspace.target.remote:
        return ()
    public = _public(workspace, part)
    if not public or on_remote(workspace).commit != head:
        return ()
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        files = _downloaded(workspace, public, folder / "public")
        silent: list[str] = []
        for number, source in enumerate(sources):
            if _missing(workspace, files):
                try:
                    _add(files, _of_this_build(source(workspace, _made(folder / f"source-{number}")), public))
                except errors.TowpathError as error:
                    silent += [problem.cause for problem in error.problems]
        if _missing(workspace, files):
            _add(files, _rebuilt(workspace, public, files, _made(folder / "rebuilt"), silent))
        origins = {path.name: origin for path, origin in files.items()}
        with errors.disk("keep the files"):
            workspace.store.keep(files, head, origins)
    return tuple(f"{name} is taken from {origin}" for name, origin in sorted(origins.items()))


def _public(workspace: Workspace, part: Pipeline) -> dict[str, _Public]:
    """The files of this version on the indexes of the route."""
    from towpath.index.client import IndexClient, by_version

    addresses = {"publish-test": workspace.target.test_index, "publish": workspace.target.index}
    found: dict[str, _Public] = {}
    for name, address in addresses.items():
        if name not in part.names:
            continue
        with IndexClient(address, loopback_only=workspace.rehearsing) as client:
            listed = by_version(client.files(workspace.subject.project).values())
        for file in listed.get(Version(workspace.subject.version), ()):
            _require_one(found.get(file.filename), _Public(file, address))
            found[file.filename] = _Public(file, address)
    return found


def _require_one(known: _Public | None, other: _Public) -> None:
    if known is not None and known.file.sha256 and other.file.sha256 and known.file.sha256 != other.file.sha256:
        raise errors.PUBLIC_DIFFERS.error(
            file=other.file.filename,
            one=known.index.name,
            first=known.file.sha256[:12],
            other=other.index.name,
            second=other.file.sha256[:12],
        )


def _downloaded(workspace: Workspace, public: Mapping[str, _Public], folder: Path) -> dict[Path, str]:
    from towpath.index.client import IndexClient

    _made(folder)
    files: dict[Path, str] = {}
    for name, one in public.items():
        with IndexClient(one.index, loopback_only=workspace.rehearsing) as client:
            came = client.download(one.file, folder / name)
        if came != (one.file.sha256 or came):
            raise errors.DOWNLOAD_DIFFERS.error(
                file=name, index=one.index.name, there=came[:12], sealed=one.file.sha256[:12]
            )
        files[folder / name] = f"{one.index.name}, where it is public"
    return files


def _missing(workspace: Workspace, files: Iterable[Path]) -> list[str]:
    return [one.pattern for one in missing_for_publication(workspace, [measure(path) for path in files])]


def _of_this_build(more: Mapping[Path, str], public: Mapping[str, _Public]) -> Mapping[Path, str]:
    """Nothing of a source that has another file under a public name: its other files are of another build, too."""
    both = {path: public[path.name].file.sha256 for path in more if path.name in public}
    return {} if any(sha256 not in {"", measure(path).sha256} for path, sha256 in both.items()) else more


def _add(files: dict[Path, str], more: Mapping[Path, str]) -> None:
    """What is there already stays: it is public, or from a source that was asked before."""
    names = {path.name for path in files}
    files.update({path: origin for path, origin in more.items() if path.name not in names})


def _rebuilt(
    workspace: Workspace, public: Mapping[str, _Public], files: Mapping[Path, str], out: Path, silent: Iterable[str]
) -> Mapping[Path, str]:
    """Build the commit again; it is believed only if it makes every file that is public, byte for byte.

    `silent` says which sources could not be asked: they may have the files all the same.
    """
    built = {path.name: path for path in making.make(workspace, out)}
    there = {path.name: measure(path).sha256 for path in files if path.name in public}
    differs = [name for name, sha256 in there.items() if name not in built or measure(built[name]).sha256 != sha256]
    if differs:
        raise errors.NOT_REPRODUCED.error(
            version=workspace.subject.version,
            tag=workspace.tag,
            differs=", ".join(sorted(differs)),
            missing=", ".join(_missing(workspace, files)),
            detail="\n".join(f"Could not be asked: {cause}" for cause in silent),
        )
    origin = f"a new build of {workspace.tag}, which makes every public file byte for byte"
    return dict.fromkeys(built.values(), origin)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
