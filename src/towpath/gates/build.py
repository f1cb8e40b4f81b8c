"""build: the distributions, made once from the commit, sealed, and put into dist/."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from towpath import errors
from towpath.distributions.build import build as run_build
from towpath.distributions.contents import metadata
from towpath.evidence.store import measure
from towpath.gates.gate import Gate
from towpath.gates.sealed import distributions_in, known_to_us
from towpath.gates.tooling import installer, installer_environ, interpreter
from towpath.model import About, Effect, Outcome
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


def build() -> Gate:
    """The gate."""
    return Gate(
        "build",
        "Build the sdist and the wheel, once, and seal them.",
        act,
        needs=("lint", "test", "security"),
        effect=Effect.LOCAL,
        about=About.COMMIT,
        tools=tools,
        restore=restore,
        acts_on=lambda _: "dist/",
        runs_project_code=True,
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Build in a throw-away clone of the commit, check, keep, and put the files into dist/.

    What is sealed for this very commit already is put there again instead: the same version is never built twice.
    Raises file-foreign where dist/ holds anything that we did not put there, and what building raises.
    """
    _refuse_foreign(workspace)
    earlier = workspace.store.kept(workspace.repository.head)
    if earlier is not None:
        files, how = earlier, "built and sealed before, put into dist/ again"
    else:
        files, how = _build(workspace), "built from the commit, the wheel from the sdist"
    _put(workspace, files)
    return Outcome(
        notes=(f"{len(files)} files {how}", *(f"{file.filename}  {file.size} bytes" for file in files)),
        distributions=files,
    )


def restore(workspace: Workspace) -> None:
    """Put the sealed files into dist/ again. Raises file-foreign and evidence-missing."""
    _refuse_foreign(workspace)
    files = workspace.store.kept(workspace.repository.head)
    if files is None:
        raise errors.EVIDENCE_MISSING.error(gate="build", session="build")
    _put(workspace, files)


def tools(workspace: Workspace, _variant: str) -> Mapping[str, str]:
    """The Python, the front end, and what installs the backend."""
    python = interpreter(workspace, "")
    return {
        "python": f"{python.implementation} {python.version} {python.platform}",
        "build": importlib.metadata.version("build"),
        "installer": installer(workspace).kind,
    }


def _build(workspace: Workspace) -> tuple[Distribution, ...]:
    from towpath.gates import chosen

    repository = workspace.repository
    chosen.require_decided(workspace)
    with (
        tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as out,
        throwaway_checkout(repository, repository.head) as checkout,
    ):
        chosen.mark(workspace, checkout)
        built = run_build(
            checkout / repository.prefix,
            Path(out),
            epoch=repository.commit_seconds(),
            with_uv=installer(workspace).kind == "uv",
            environ=installer_environ(workspace),
        )
        for path in built:
            _check_metadata(workspace, path)
        return workspace.store.keep(built, repository.head)


def _check_metadata(workspace: Workspace, path: Path) -> None:
    said = metadata(path)
    if canonicalize_name(said.name) != canonicalize_name(workspace.subject.project):
        raise errors.NAME_DIFFERS.error(file=path.name, found=said.name, wanted=workspace.subject.project)
    if Version(said.version) != Version(workspace.subject.version):
        raise errors.VERSION_DIFFERS.error(what=path.name, found=said.version, wanted=workspace.subject.version)


def _refuse_foreign(workspace: Workspace) -> None:
    tracked = workspace.repository.tracked("dist")
    if tracked:
        raise errors.DIST_TRACKED.error(file=tracked[0])
    for file in distributions_in(workspace.root / "dist"):
        if not known_to_us(workspace, file):
            raise errors.FILE_FOREIGN.error(file=f"dist/{file.filename}")


def _put(workspace: Workspace, files: tuple[Distribution, ...]) -> None:
    """Fill dist/ with the sealed files, each whole or not there; what an earlier version left is ours and goes."""
    kept, dist = workspace.store.distributions_folder, workspace.root / "dist"
    dist.mkdir(exist_ok=True)
    wanted = {file.filename: file for file in files}
    for path in dist.iterdir():
        if path.name not in wanted:
            path.unlink()
    for file in files:
        if (dist / file.filename).exists() and measure(dist / file.filename) == file:
            continue
        # Made whole beside the store, then moved: a name in dist/ is never half a file.
        staged = kept.with_name(f"{file.filename}.part")
        shutil.copyfile(kept / file.filename, staged)
        shutil.move(staged, dist / file.filename)
