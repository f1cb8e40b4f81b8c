"""verify-published: what the index gives out is downloaded, compared with the sealed files, and installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.distributions.contents import metadata, modules
from towpath.distributions.importing import import_everything
from towpath.distributions.platforms import fits
from towpath.environments import environment as environments
from towpath.environments.index import configured_index
from towpath.environments.installer import Options
from towpath.gates.acts.verify_install import expected
from towpath.gates.downloads import compare_downloads
from towpath.gates.sealed import sealed_files
from towpath.gates.tooling import children, installer, installer_environ, interpreter
from towpath.model import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.index.client import IndexClient, Listing
    from towpath.model import Distribution


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Wait until pip is served every file, compare each byte for byte, then install name==version in a clean place.

    Raises index-stale, index-incomplete, index-unreachable, index-other-bytes, download-differs, and what an
    installation and importing raise.
    """
    from towpath.index.client import HTML, PIP, IndexClient
    from towpath.index.waiting import Question, wait_until_served

    files = sealed_files(workspace)
    wanted = tuple(file for file, _ in files)
    subject, wait = workspace.subject, workspace.settings.verify_published.wait
    with IndexClient(workspace.target.index, loopback_only=workspace.rehearsing) as client:
        wait_until_served(Question(client, subject.project, subject.version, wanted), tell=workspace.tell, limit=wait)
        compare_downloads(client, subject.project, wanted, tell=workspace.tell)
        notes = tuple(_remarks(_page(client, subject.project, PIP), _page(client, subject.project, HTML), wanted))
    python = interpreter(workspace, "")
    wheels = [path for file, path in files if file.is_wheel]
    here = [path for path in wheels if fits(path.name, python.implementation, python.version)]
    wheel = next(iter([*here, *wheels]))
    workspace.tell(f"installing {subject.project}=={subject.version} from {workspace.target.index.name}")
    count = _install(workspace, wheel)
    note = f"installed {subject.project}=={subject.version}: {counted(count, 'module')} imported"
    came = f"{counted(len(wanted), 'file')} downloaded, sha256 as sealed"
    return Outcome(notes=(came, note, *notes), distributions=wanted)


def _page(client: IndexClient, project: str, accept: str) -> Listing | None:
    """A page that is read for remarks only: that it cannot be read says nothing of what was published."""
    try:
        return client.listing(project, accept=accept)
    except errors.TowpathError as error:
        if error.problems[0].id != errors.INDEX_UNREACHABLE.id:
            raise
        return None


def _remarks(seen_by_pip: Listing | None, as_html: Listing | None, wanted: tuple[Distribution, ...]) -> Iterator[str]:
    """What does not close the gate and is to be known: JSON and HTML are cached apart, and pip reads the first."""
    if seen_by_pip is None or as_html is None:
        yield "not every page of the index could be read again, to look for what is yanked or old"
        return
    for file in wanted:
        shown = seen_by_pip.files.get(file.filename)
        if shown is not None and shown.yanked:
            yield f"{file.filename} is yanked: {shown.yank_reason or 'no reason given'}"
    behind = [file.filename for file in wanted if file.filename not in as_html.files]
    if behind:
        yield f"the HTML page for older clients does not show {', '.join(behind)} yet"


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
