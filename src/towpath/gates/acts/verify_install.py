"""verify-install: each distribution installed where nothing else is, all of it imported, its commands run."""

from __future__ import annotations

import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.distributions.build import build
from towpath.distributions.contents import modules
from towpath.distributions.importing import Expected, Installed, examine, is_skipped, without_effect
from towpath.distributions.platforms import fits
from towpath.distributions.typed import markers
from towpath.environments import environment as environments
from towpath.environments.index import configured_index
from towpath.gates import pythons
from towpath.gates.answering import answering, smoke, why_not_run
from towpath.gates.sealed import sealed_files
from towpath.gates.tooling import children, installer, installer_environ, interpreter
from towpath.model import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.distributions.contents import Modules
    from towpath.environments.environment import Environment
    from towpath.environments.interpreters import Interpreter
    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


# Not in the first releases of 3.10 and 3.11.
_SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
_ZIP_BEGINS = "315619200"  # 1980-01-02, the first whole day in every time zone


@dataclass(frozen=True, slots=True)
class _Verified:
    """What was found of one file."""

    file: Distribution
    python: str
    found: Installed
    answered: tuple[str, ...]
    smoke: tuple[str, ...]


def act(workspace: Workspace, variant: str) -> Outcome:
    """Verify the sdist and each wheel that this Python can install, apart; the others stand as "not here".

    Raises nothing-installable where no file can be, build-failed where there is no wheel and the sdist makes none,
    not-typed, what an installation, importing and the commands raise.
    """
    pythons.provide(workspace, variant)
    python = interpreter(workspace, variant)
    files = sealed_files(workspace)
    here = [(file, path) for file, path in files if _fits(file, python)]
    elsewhere = [file.filename for file, _ in files if not _fits(file, python)]
    if not here:
        raise errors.NOTHING_INSTALLABLE.error(files=", ".join(elsewhere), python=python.version)
    with _reference(workspace, [*here, *files]) as wheel:
        _check_skipped(workspace, modules(wheel))
        with ThreadPoolExecutor(max_workers=2) as pool:
            done = [
                pool.submit(_verify, workspace, python, file, path, path if file.is_wheel else wheel)
                for file, path in here
            ]
            verified = [future.result() for future in done]
    return Outcome(
        notes=tuple(_notes(workspace, verified, elsewhere)),
        facts=_facts(verified, elsewhere),
        distributions=tuple(file for file, _ in files),
    )


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """All that is configured of this gate."""
    from msgspec import to_builtins

    return {"verify-install": to_builtins(workspace.settings.verify_install)}


def tools(workspace: Workspace, variant: str) -> Mapping[str, Any]:
    """The Python and the installer."""
    python = interpreter(workspace, variant)
    return {
        "python": f"{python.implementation} {python.version} {python.platform}",
        "installer": installer(workspace).kind,
    }


def expected(workspace: Workspace, everything: Modules, present: tuple[str, ...] = ()) -> Expected:
    """What must be found where the version is installed."""
    subject, settings = workspace.subject, workspace.settings.verify_install
    return Expected(
        name=subject.project,
        version=subject.version,
        modules=everything,
        skipped=settings.skip_imports,
        other_versions=settings.skip_versions,
        present=present,
    )


@contextmanager
def _reference(workspace: Workspace, files: Iterable[tuple[Distribution, Path]]) -> Iterator[Path]:
    """The wheel that says what an installed sdist must bring: the first, or the sdist's own where none is released."""
    paths = {file.is_wheel: path for file, path in reversed(list(files))}
    if True in paths:
        yield paths[True]
        return
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        source, out = Path(folder, "source"), Path(folder, "out")
        out.mkdir()
        with tarfile.open(paths[False]) as archive:
            archive.extractall(source, **_SAFELY)  # noqa: S202 - inspected when it was made  # nosec B202
        (top,) = source.iterdir()
        with_uv = installer(workspace).kind == "uv"
        # Files of a reproducible sdist may be older than a wheel, a zip file, can say.
        environ = {**installer_environ(workspace), "SOURCE_DATE_EPOCH": _ZIP_BEGINS}
        (wheel,) = build(top, out, kinds=("wheel",), with_uv=with_uv, environ=environ)
        yield wheel


def _fits(file: Distribution, python: Interpreter) -> bool:
    return fits(file.filename, python.implementation, python.version)


def _verify(workspace: Workspace, python: Interpreter, file: Distribution, path: Path, wheel: Path) -> _Verified:
    """Install one file; `wheel` says which modules it must bring (an sdist says it only once it is built)."""
    environ, tool = installer_environ(workspace), installer(workspace)
    present = markers(wheel, workspace.repository.tracked("."))
    with environments.fresh(python, environ=environ, installer=tool) as clean:
        environments.install(clean, [str(path)], environ=environ, index=configured_index(workspace.environ))
        problems = environments.check(clean, environ=environ)
        if problems:
            raise errors.DOES_NOT_FIT.error(file=file.filename, detail="\n".join(problems))
        found = examine(clean.python, expected(workspace, modules(wheel), present), environ=children(workspace))
        if found.missing:
            raise errors.NOT_TYPED.error(file=file.filename, paths=", ".join(found.missing))
        return _Verified(file, clean.interpreter.version, found, *_run(workspace, clean, found, modules(wheel)))


def _run(
    workspace: Workspace, clean: Environment, found: Installed, everything: Modules
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    not_imported = set(everything.imported) - set(found.imported)
    return answering(workspace, clean, found.scripts, not_imported), smoke(workspace, clean)


def _check_skipped(workspace: Workspace, everything: Modules) -> None:
    """An exception that matches no module is out of date, and may hide a spelling mistake."""
    settings = workspace.settings.verify_install
    not_there = (name for name in settings.skip_versions if name not in everything.imported)
    for name in (*without_effect(everything, settings.skip_imports), *not_there):
        known = ", ".join(everything.imported[:10])
        raise errors.UNKNOWN_NAME.error(kind="module to skip", name=name, known=known, suggestion="")


def _notes(workspace: Workspace, verified: list[_Verified], elsewhere: Iterable[str]) -> Iterator[str]:
    """The first line tells of the exceptions, too: it is the one that stands in the table."""
    declared = list(_declared(workspace, verified))
    elsewhere = list(elsewhere)
    apart = "1 distribution installed" if len(verified) == 1 else f"{len(verified)} distributions installed apart"
    told = [apart, "imported with declared exceptions" if declared else "every submodule imported"]
    yield ", ".join([*told, *([f"{len(elsewhere)} not here"] if elsewhere else [])])
    for one in verified:
        answered = f", {counted(len(one.answered), 'command')} answered" if one.answered else ""
        ran = f", {counted(len(one.smoke), 'smoke command')} run" if one.smoke else ""
        imported = counted(len(one.found.imported), "module")
        yield f"{one.file.filename}: {imported} imported{answered}{ran} on Python {one.python}"
    yield from (f"not here: {name} is for another Python or platform, and was not installed" for name in elsewhere)
    yield from declared


def _declared(workspace: Workspace, verified: list[_Verified]) -> Iterator[str]:
    settings = workspace.settings.verify_install
    yield from (f"not imported: {name} ({reason})" for name, reason in settings.skip_imports.items())
    yield from (f"version not compared: {name} ({reason})" for name, reason in settings.skip_versions.items())
    for script in verified[0].found.scripts:
        module_skipped = [script.module] if is_skipped(script.module, settings.skip_imports) else []
        reason = why_not_run(workspace, script, module_skipped)
        if reason:
            yield f"not run: {script.name} ({reason})"


def _facts(verified: list[_Verified], elsewhere: list[str]) -> dict[str, Any]:
    return {
        "python": verified[0].python,
        "files": {
            one.file.filename: {
                "imported": len(one.found.imported),
                "answered": list(one.answered),
                "smoke": list(one.smoke),
            }
            for one in verified
        },
        "not here": elsewhere,
    }
