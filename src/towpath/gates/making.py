"""Making the distributions in a throw-away clone of the commit, as the project's configuration says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from towpath import errors
from towpath.config.sections import Commands
from towpath.distributions import expected
from towpath.distributions.build import build, filled_in, require_success
from towpath.distributions.contents import metadata
from towpath.gates import chosen, dependencies, tooling
from towpath.gates.dependencies import Requirements
from towpath.gates.tooling import Tools, toolbox
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.gates.tooling import Toolbox


def make(workspace: Workspace, out: Path) -> tuple[Path, ...]:
    """Build into the empty folder `out`; the files say the name and the version that is released.

    SOURCE_DATE_EPOCH is the commit's date (https://reproducible-builds.org/specs/source-date-epoch/), with which most
    backends make the same bytes again. Where the version comes from git, the tag is set in the clone alone. Raises
    version-not-chosen, build-failed, damaged-distribution, name-differs and version-differs.
    """
    repository, settings = workspace.repository, workspace.settings.build
    chosen.require_decided(workspace)
    epoch = {"SOURCE_DATE_EPOCH": str(repository.commit_seconds()), **settings.environment}
    with throwaway_checkout(repository, repository.head) as checkout:
        chosen.mark(workspace, checkout)
        folder = checkout / repository.prefix
        if settings.before or settings.command:
            with toolbox(workspace, _tools(workspace), epoch) as box:
                _prepare(workspace, box, folder)
                if settings.command:
                    _run_command(workspace, box, folder, out)
        if not settings.command:
            _run_build(workspace, folder, out, epoch)
    built = tuple(sorted(out.iterdir()))
    require_metadata(workspace, built)
    return built


def tools(workspace: Workspace) -> dict[str, str]:
    """What the project's own commands are run with, name → version; nothing where it has none."""
    settings = workspace.settings.build
    return tooling.versions(workspace, _tools(workspace)) if settings.before or settings.command else {}


def words(workspace: Workspace) -> str:
    """How the files are made, for people."""
    settings = workspace.settings.build
    if settings.command:
        return f"built from the commit by `{' '.join(tooling.words(settings.command))}`"
    return "built from the commit, the wheel from the sdist" if settings.sdist else "built from the commit"


def require_metadata(workspace: Workspace, paths: tuple[Path, ...]) -> None:
    """Raise name-differs and version-differs, all together, unless every file is of this project and version."""
    problems: list[errors.Problem] = []
    for path in paths:
        try:
            _check_metadata(workspace, path)
        except errors.TowpathError as error:
            problems += error.problems
    if problems:
        raise errors.TowpathError(*problems)


def _tools(workspace: Workspace) -> Tools:
    settings = workspace.settings.build
    wanted = Commands(groups=settings.groups, requirements=settings.requirements)
    found = dependencies.configured(wanted, workspace.configuration.pyproject, workspace.root)
    return Tools("", found or Requirements(), with_project=False)


def _prepare(workspace: Workspace, box: Toolbox, folder: Path) -> None:
    for command in workspace.settings.build.before:
        require_success(box.run(tooling.words(command), folder), tooling.words(command))


def _run_build(workspace: Workspace, folder: Path, out: Path, epoch: dict[str, str]) -> None:
    with_uv = tooling.installer(workspace).kind == "uv"
    environ = {**tooling.installer_environ(workspace), **epoch}
    kinds = () if workspace.settings.build.sdist else ("wheel",)
    build(folder, out, kinds=kinds, with_uv=with_uv, environ=environ)


def _run_command(workspace: Workspace, box: Toolbox, folder: Path, out: Path) -> None:
    """Run the project's command; the sdist is built before it where the command takes it."""
    command = tooling.words(workspace.settings.build.command)
    fields = {"dist": str(out)}
    if any("{sdist}" in word for word in command):
        with_uv = tooling.installer(workspace).kind == "uv"
        environ = {**tooling.installer_environ(workspace), "SOURCE_DATE_EPOCH": box.environ["SOURCE_DATE_EPOCH"]}
        (sdist,) = build(folder, out, kinds=("sdist",), with_uv=with_uv, environ=environ)
        fields["sdist"] = str(sdist)
    require_success(box.run(filled_in(command, fields), folder), command)


def _check_metadata(workspace: Workspace, path: Path) -> None:
    if not path.is_file() or not expected.kind(path.name):
        why = "it is neither an sdist (.tar.gz) nor a wheel by its name"
        raise errors.DAMAGED_DISTRIBUTION.error(file=path.name, why=why)
    said = metadata(path)
    if canonicalize_name(said.name) != canonicalize_name(workspace.subject.project):
        raise errors.NAME_DIFFERS.error(file=path.name, found=said.name, wanted=workspace.subject.project)
    if Version(said.version) != Version(workspace.subject.version):
        raise errors.VERSION_DIFFERS.error(what=path.name, found=said.version, wanted=workspace.subject.version)
