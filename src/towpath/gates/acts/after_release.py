"""A gate after the release: one command, which is told what was released and where, and what became of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors, processes
from towpath.gates.tooling import children, command
from towpath.model import Outcome
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.gates.tooling import Command

_DETAIL_LINES = 25


def act(workspace: Workspace, name: str) -> Outcome:
    """Run the command in a throw-away checkout of the released commit, with what it is given and no more.

    Raises after-release-failed.
    """
    chosen = command(workspace.settings.after_release[name].command)
    limit = workspace.settings.after_release[name].limit
    with throwaway_checkout(workspace.repository, workspace.subject.commit) as checkout:
        folder = checkout / workspace.repository.prefix
        environ = {**children(workspace), **_given(workspace, name), **_told(workspace)}
        argv = [_program(chosen, folder, environ, name), *chosen.argv[1:]]
        try:
            done = processes.bounded(argv, cwd=folder, env=environ, seconds=limit)
        except subprocess.TimeoutExpired as late:
            raise _failed(name, chosen, f"was ended after {limit} s", str(late.output or "")) from None
        except OSError as error:
            raise _failed(name, chosen, f"could not be started: {error.strerror}", "") from None
    for line in _last(done.stdout):
        workspace.tell(line)
    if done.code != 0:
        raise _failed(name, chosen, f"ended with exit code {done.code}", done.stdout)
    return Outcome(notes=(f"`{chosen.shown}` ended well",), facts={"command": list(chosen.argv)})


def configuration(workspace: Workspace, name: str) -> Mapping[str, Any]:
    """The command."""
    return command(workspace.settings.after_release[name].command).as_data()


def _program(chosen: Command, folder: Path, environ: Mapping[str, str], name: str) -> str:
    """A path is the project's own script."""
    program = chosen.argv[0]
    own = Path(program).name != program
    found = shutil.which(str(folder / program) if own else program, path=environ.get("PATH"))
    if found is None:
        raise _failed(name, chosen, f"could not be started: there is no {program}", "")
    return found


def _given(workspace: Workspace, name: str) -> dict[str, str]:
    """The variables that are declared for it; a rehearsal reads no credential."""
    wanted = () if workspace.rehearsing else workspace.settings.after_release[name].variables
    return {one: workspace.environ[one] for one in wanted if one in workspace.environ}


def _told(workspace: Workspace) -> dict[str, str]:
    """What was released and where: in a rehearsal the addresses of the world that is thrown away."""
    subject, target = workspace.subject, workspace.target
    return {
        "TOWPATH_PROJECT": subject.project,
        "TOWPATH_VERSION": subject.version,
        "TOWPATH_TAG": workspace.tag,
        "TOWPATH_COMMIT": subject.commit or "",
        "TOWPATH_TARGET": target.name,
        "TOWPATH_INDEX": target.index.simple_url,
        "TOWPATH_FORGE": target.forge.api_url if target.forge else "",
        "TOWPATH_REPOSITORY": target.forge.repository if target.forge else "",
        "TOWPATH_RELEASE_PAGE": _page(workspace),
    }


def _page(workspace: Workspace) -> str:
    """The page of the forge's release, as its gate has sealed it."""
    sealed = workspace.store.load(workspace.store.path("github-release", target=workspace.target.name))
    return str(sealed.latest.facts.get("page", "")) if sealed else ""


def _failed(name: str, chosen: Command, how: str, said: str) -> errors.TowpathError:
    detail = "\n".join(_last(said))
    return errors.AFTER_RELEASE_FAILED.error(gate=name, command=chosen.shown, how=how, detail=detail)


def _last(said: str) -> list[str]:
    return [line.rstrip() for line in said.splitlines() if line.strip()][-_DETAIL_LINES:]
