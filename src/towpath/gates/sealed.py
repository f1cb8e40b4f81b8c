"""The sealed distributions, as the gates after build take them: from dist/, and only if every byte is as sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.store import Store, measure
from towpath.evidence.weighing import require_files
from towpath.gates.complete import missing_for_publication, require_complete

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


def sealed_files(workspace: Workspace) -> tuple[tuple[Distribution, Path], ...]:
    """The sealed distributions with their paths in dist/, compared byte for byte.

    Raises evidence-missing, file-missing, file-foreign and file-altered. That build's evidence is fresh has been
    asked before any gate that needs it acts.
    """
    sealed = workspace.store.load(workspace.store.path("build"))
    if sealed is None:
        raise errors.EVIDENCE_MISSING.error(gate="build", session="build")
    dist = workspace.root / "dist"
    require_files(sealed.record.distributions, distributions_in(dist), "dist")
    return tuple((file, dist / file.filename) for file in sealed.record.distributions)


def publishable_files(workspace: Workspace) -> tuple[tuple[Distribution, Path], ...]:
    """The sealed files, where every file of the version is there and PyPI, if it is the target, takes each of them.

    Raises incomplete-set, pypi-refuses, platform-refused, and what `sealed_files` raises.
    """
    from towpath.gates.inspection import require_acceptable

    files = sealed_files(workspace)
    require_complete(workspace, [file for file, _ in files])
    require_acceptable(workspace, [path for _, path in files])
    return files


def taggable_files(workspace: Workspace) -> tuple[tuple[Distribution, Path], ...]:
    """The same before the tag, which is never moved.

    Where the tag starts a workflow that builds and publishes, what other platforms make is for that run to collect.
    """
    from towpath.gates.inspection import require_acceptable

    files = sealed_files(workspace)
    if not missing_for_publication(workspace, [file for file, _ in files]) or not _starts_a_run(workspace):
        return publishable_files(workspace)
    require_acceptable(workspace, [path for _, path in files])
    return files


def distributions_in(folder: Path) -> tuple[Distribution, ...]:
    """Everything in a folder, measured; empty if there is no such folder. Raises file-foreign for a folder in it."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise errors.FILE_FOREIGN.error(file=folder.name)
    if not folder.exists():
        return ()
    for path in folder.iterdir():
        if not path.is_file():
            raise errors.FILE_FOREIGN.error(file=f"{folder.name}/{path.name}")
    return tuple(sorted(measure(path) for path in folder.iterdir()))


def known_to_us(workspace: Workspace, file: Distribution) -> bool:
    """Whether a build of ours, of whatever version, sealed this very file."""
    base = workspace.store.folder
    versions = [path.name for path in base.iterdir() if path.is_dir()] if base.is_dir() else []
    return any(file in Store(base, version).manifest()[1] for version in versions)


def _starts_a_run(workspace: Workspace) -> bool:
    """Whether the tag, or the release that follows it, starts a workflow elsewhere that publishes this version."""
    from towpath.gates.set_off import Setting, publishers

    forge, publishing = workspace.target.forge, workspace.settings.publish
    if forge is None or publishing.from_ == "here" or workspace.environ.get("GITHUB_ACTIONS") == "true":
        return False
    found = publishers(workspace.repository.root, Setting(workspace.tag, forge.repository))
    return any({"tag", "release"} & set(one.triggers) for one in found if one.name not in publishing.other_workflows)
