"""The candidate on the test index, tried without trusting that index: anybody may register any name there.

The candidate comes by its exact URL and hash; what it needs comes from the main index alone, and only as wheels. So
nothing of it runs: this gate holds a credential, and no code of others may run beside one. Importing it all was
verify-install's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.distributions.platforms import fits
from towpath.environments import environment as environments
from towpath.environments.index import configured_index
from towpath.environments.installer import Options
from towpath.gates.downloads import compare_downloads
from towpath.gates.tooling import installer, installer_environ, interpreter
from towpath.model import counted

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution, IndexAddress


def try_candidate(
    workspace: Workspace, address: IndexAddress, files: tuple[tuple[Distribution, Path], ...]
) -> tuple[str, ...]:
    """Download and compare every file, then install the first wheel that fits here; returns what to say of it.

    Raises index-stale, what a download and what an installation raise.
    """
    from towpath.index.client import IndexClient
    from towpath.index.waiting import Question, wait_until_served

    wanted = tuple(file for file, _ in files)
    subject, wait = workspace.subject, workspace.settings.verify_published.wait
    with IndexClient(address, loopback_only=workspace.rehearsing) as client:
        question = Question(client, subject.project, subject.version, wanted)
        wait_until_served(question, tell=workspace.tell, limit=wait)
        urls = compare_downloads(client, subject.project, wanted, tell=workspace.tell)
    note = f"{counted(len(wanted), 'file')} downloaded from {address.name}, sha256 as sealed"
    python, wheels = interpreter(workspace, ""), [file for file in wanted if file.is_wheel]
    wheel = next((file for file in wheels if fits(file.filename, python.implementation, python.version)), None)
    if wheel is None:
        return (note, f"no wheel is for Python {python.version} here: none was installed") if wheels else (note,)
    return note, _install(workspace, wheel, urls[wheel.filename])


def _install(workspace: Workspace, wheel: Distribution, url: str) -> str:
    """In one call of the installer, so that no interpreter starts where something is installed already."""
    environ, tool = installer_environ(workspace), installer(workspace)
    candidate = f"{workspace.subject.project} @ {url}#sha256={wheel.sha256}"
    index = configured_index(workspace.environ)
    with environments.fresh(interpreter(workspace, ""), environ=environ, installer=tool) as clean:
        before = environments.installed(clean)
        try:
            wheels = ["--only-binary", ":all:", candidate]
            environments.install(clean, wheels, environ=environ, index=index, options=Options(refresh=True))
        except errors.TowpathError as error:
            if error.problems[0].id != errors.UNRESOLVABLE.id:
                raise
            alone = Options(refresh=True, no_deps=True)
            environments.install(clean, [candidate], environ=environ, index=index, options=alone)
            return f"{wheel.filename} installed alone: what it needs is not all there as wheels"
        others = len(environments.installed(clean)) - len(before) - 1
    return f"{wheel.filename} installed by its URL and hash, and {others} that it needs, from the main index alone"
