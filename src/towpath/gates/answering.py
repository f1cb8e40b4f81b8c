"""Whether the commands that a distribution installs are there and answer, and the project's own smoke code."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors, processes
from towpath.environments import environment as environments
from towpath.gates.tooling import children, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.distributions.importing import Script
    from towpath.environments.environment import Environment
    from towpath.gates.gate import Workspace

SCRIPT_SECONDS, SMOKE_SECONDS = 60.0, 600.0
_DETAIL_LINES = 25
# A window would open on whoever looks at this machine, and answers differently where nobody does.
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def answering(
    workspace: Workspace, clean: Environment, scripts: Sequence[Script], not_imported: Iterable[str]
) -> tuple[str, ...]:
    """Run each console script with `--help`, or as configured, and return the names of those that answered.

    To answer is to end with 0 within a minute, without a terminal and with nobody to type. Not run are those with a
    window, with extras, of modules that are not imported, and those under skip-scripts; all must be there all the
    same. Raises script-missing, script-failed and script-silent, every one together, and unknown-name.
    """
    settings = workspace.settings.verify_install
    _require_known(scripts, (*settings.scripts, *settings.skip_scripts))
    problems: list[errors.Problem] = []
    answered: list[str] = []
    for script in scripts:
        if not environments.script(clean, script.name).exists():
            problems.append(errors.SCRIPT_MISSING.problem(name=script.name))
        elif not why_not_run(workspace, script, not_imported):
            found = _asked(workspace, clean, script)
            answered += [script.name] if found is None else []
            problems += [found] if found is not None else []
    if problems:
        raise errors.TowpathError(*problems)
    return tuple(answered)


def why_not_run(workspace: Workspace, script: Script, not_imported: Iterable[str]) -> str:
    """The reason why a command is not run; empty for one that is."""
    settings = workspace.settings.verify_install
    if script.name in settings.skip_scripts:
        return settings.skip_scripts[script.name]
    if script.name in settings.scripts:
        return ""
    if script.has_window:
        return "it has a window"
    if script.extras:
        return f"it needs the extra {', '.join(script.extras)}"
    return f"{script.module} is not imported" if script.module in not_imported else ""


def smoke(workspace: Workspace, clean: Environment) -> tuple[str, ...]:
    """Run the project's own commands, `python` being that of the environment; return them as they are written.

    Raises command-not-found, command-failed and script-silent.
    """
    configured = workspace.settings.verify_install.smoke
    commands = (configured,) if isinstance(configured, str) else configured
    environ = _environ(workspace, clean)
    for command in map(words, commands):
        program = shutil.which(command[0], path=environ["PATH"])
        if program is None:
            raise errors.COMMAND_NOT_FOUND.error(command=command[0])
        try:
            done = _in_an_empty_folder([program, *command[1:]], environ, SMOKE_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise errors.SMOKE_SILENT.error(
                command=shlex.join(command), seconds=f"{late.timeout:.0f}", detail=_tail(str(late.output or ""))
            ) from None
        if done.code != 0:
            raise errors.COMMAND_FAILED.error(command=shlex.join(command), code=done.code, detail=_tail(done.stdout))
    return tuple(shlex.join(words(command)) for command in commands)


def _require_known(scripts: Iterable[Script], named: Iterable[str]) -> None:
    known = [script.name for script in scripts]
    for name in named:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise errors.UNKNOWN_NAME.error(kind="command", name=name, known=listed, suggestion="")


def _asked(workspace: Workspace, clean: Environment, script: Script) -> errors.Problem | None:
    arguments = words(workspace.settings.verify_install.scripts.get(script.name, "--help"))
    shown = shlex.join([script.name, *arguments])
    command = [str(environments.script(clean, script.name)), *arguments]
    try:
        done = _in_an_empty_folder(command, _environ(workspace, clean), SCRIPT_SECONDS)
    except OSError as error:
        return errors.SCRIPT_FAILED.problem(
            command=shown, name=script.name, how="could not be started", detail=str(error)
        )
    except subprocess.TimeoutExpired as late:
        return errors.SCRIPT_SILENT.problem(
            command=shown, name=script.name, seconds=f"{late.timeout:.0f}", detail=_tail(str(late.output or ""))
        )
    if done.code == 0:
        return None
    how = f"ended with {done.code}"
    return errors.SCRIPT_FAILED.problem(command=shown, name=script.name, how=how, detail=_tail(done.stdout))


def _in_an_empty_folder(command: Sequence[str], environ: Mapping[str, str], seconds: float) -> processes.Completed:
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        return processes.bounded(command, cwd=Path(folder), env=environ, seconds=seconds)


def _environ(workspace: Workspace, clean: Environment) -> dict[str, str]:
    """The environment activated, and nothing of the user's own packages.

    Nor anything else by which Python does otherwise than for whoever installs it: PYTHONOPTIMIZE takes assertions away.
    """
    activated = environments.activated(clean, children(workspace))
    kept = {name: value for name, value in activated.items() if name not in _SCREENS and not name.startswith("PYTHON")}
    return {**kept, "PYTHONNOUSERSITE": "1"}


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-_DETAIL_LINES:])
