"""verify-install: each distribution installed where nothing else is, and every submodule of it imported."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.distributions.contents import modules
from towpath.distributions.importing import Expected, import_everything
from towpath.environments import environment as environments
from towpath.environments.index import configured_index
from towpath.gates.gate import Gate
from towpath.gates.sealed import sealed_files
from towpath.gates.tooling import children, installer, installer_environ, interpreter
from towpath.model import About, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.distributions.contents import Modules
    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


def verify_install() -> Gate:
    """The gate."""
    return Gate(
        "verify-install",
        "Install each distribution in a clean environment and import all of it.",
        act,
        needs=("build",),
        about=About.COMMIT,
        configuration=lambda workspace, _: {"skip": workspace.settings.verify_install.skip_imports},
        tools=tools,
        per_python=True,
        runs_project_code=True,
        installs_clean=True,
    )


def act(workspace: Workspace, variant: str) -> Outcome:
    """Verify the sdist and each wheel apart. Raises what an installation raises, and what importing raises."""
    files = sealed_files(workspace)
    wheel = next(path for file, path in files if file.is_wheel)
    everything = modules(wheel)
    _check_skipped(workspace, everything)
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = [pool.submit(_verify, workspace, variant, file, path, everything) for file, path in files]
        notes = tuple(future.result() for future in done)
    skipped = workspace.settings.verify_install.skip_imports
    declared = tuple(f"not imported: {name} ({reason})" for name, reason in skipped.items())
    summary = f"{len(files)} distributions installed apart, every submodule imported"
    return Outcome(notes=(summary, *notes, *declared), distributions=tuple(file for file, _ in files))


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python and the installer."""
    python = interpreter(workspace, variant)
    return {
        "python": f"{python.implementation} {python.version} {python.platform}",
        "installer": installer(workspace).kind,
    }


def expected(workspace: Workspace, everything: Modules) -> Expected:
    """What must be found where the version is installed."""
    subject, skipped = workspace.subject, workspace.settings.verify_install.skip_imports
    return Expected(subject.project, subject.version, everything, skipped)


def _verify(workspace: Workspace, variant: str, file: Distribution, path: Path, everything: Modules) -> str:
    environ, tool = installer_environ(workspace), installer(workspace)
    with environments.fresh(interpreter(workspace, variant), environ=environ, installer=tool) as clean:
        index = configured_index(workspace.environ)
        environments.install(clean, [str(path)], environ=environ, index=index)
        problems = environments.check(clean, environ=environ)
        if problems:
            raise errors.DOES_NOT_FIT.error(file=file.filename, detail="\n".join(problems))
        count = import_everything(clean.python, expected(workspace, everything), environ=children(workspace))
    return f"{file.filename}: {count} modules imported on Python {clean.interpreter.version}"


def _check_skipped(workspace: Workspace, everything: Modules) -> None:
    """An exception that matches no module is out of date, and may hide a spelling mistake."""
    for name in workspace.settings.verify_install.skip_imports:
        if name not in everything.imported:
            known = ", ".join(everything.imported[:10])
            raise errors.UNKNOWN_NAME.error(kind="module to skip", name=name, known=known, suggestion="")
