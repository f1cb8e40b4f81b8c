"""verify-published: what the index gives out is downloaded, compared with the sealed files, and installed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.distributions.contents import metadata, modules
from towpath.distributions.importing import import_everything
from towpath.environments import environment as environments
from towpath.environments.index import configured_index
from towpath.environments.installer import Options
from towpath.gates.gate import Gate
from towpath.gates.sealed import sealed_files
from towpath.gates.tooling import children, installer, installer_environ, interpreter
from towpath.gates.verify_install import expected
from towpath.model import About, Outcome

if TYPE_CHECKING:
    from towpath.gates.gate import Workspace
    from towpath.index.client import IndexClient
    from towpath.model import Distribution


def verify_published() -> Gate:
    """The gate."""
    return Gate(
        "verify-published",
        "Download what was published, compare it, and install it by name.",
        act,
        needs=("publish",),
        about=About.WORLD,
        runs_project_code=True,
        acts_on=lambda target: target.index.name,
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Compare every file byte for byte, then install name==version from the index in a clean environment.

    Raises index-incomplete, download-differs, and what an installation and importing raise.
    """
    from towpath.index.client import IndexClient

    files = sealed_files(workspace)
    wanted = tuple(file for file, _ in files)
    with IndexClient(workspace.target.index, loopback_only=workspace.rehearsing) as client:
        _compare(client, workspace.subject.project, wanted)
    wheel = next(path for file, path in files if file.is_wheel)
    count = _install(workspace, wheel)
    note = f"installed {workspace.subject.project}=={workspace.subject.version}: {count} modules imported"
    return Outcome(notes=(f"{len(wanted)} files downloaded, sha256 as sealed", note), distributions=wanted)


def _compare(client: IndexClient, project: str, wanted: tuple[Distribution, ...]) -> None:
    listed = client.files(project)
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        for file in wanted:
            if file.filename not in listed:
                raise errors.INDEX_INCOMPLETE.error(index=client.address.name, file=file.filename)
            came = client.download(listed[file.filename], Path(folder, file.filename))
            if came != file.sha256:
                raise errors.DOWNLOAD_DIFFERS.error(
                    file=file.filename, index=client.address.name, there=came[:12], sealed=file.sha256[:12]
                )


def _install(workspace: Workspace, wheel: Path) -> int:
    """The version itself from the index that it was published to; what it needs from the user's index.

    Taken from one index each, so that a name that somebody else holds on a test index is never installed.
    """
    environ, tool = installer_environ(workspace), installer(workspace)
    needed = [line for line in metadata(wheel).requires if not _is_extra(line)]
    requirement = f"{workspace.subject.project}=={workspace.subject.version}"
    with environments.fresh(interpreter(workspace, ""), environ=environ, installer=tool) as clean:
        environments.install(
            clean,
            [requirement],
            environ=environ,
            index=workspace.target.index.simple_url,
            options=Options(no_deps=True, refresh=True),
        )
        if needed:
            environments.install(clean, needed, environ=environ, index=configured_index(workspace.environ))
        problems = environments.check(clean, environ=environ)
        if problems:
            raise errors.DOES_NOT_FIT.error(file=requirement, detail="\n".join(problems))
        return import_everything(clean.python, expected(workspace, modules(wheel)), environ=children(workspace))


def _is_extra(line: str) -> bool:
    """Whether a requirement belongs to an extra."""
    from packaging.requirements import Requirement

    marker = Requirement(line).marker
    return marker is not None and "extra" in str(marker)
