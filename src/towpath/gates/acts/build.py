"""build: the distributions, made once from the commit, inspected, sealed, and put into dist/."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.evidence.store import measure
from towpath.gates.build import FROM
from towpath.gates.sealed import distributions_in, known_to_us
from towpath.gates.tooling import installer, interpreter
from towpath.model import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution

# What judges the files; a newer one may find more.
_INSPECTORS = ("twine", "check-wheel-contents", "packaging", "trove-classifiers")


@dataclass(frozen=True, slots=True)
class _Made:
    """Files that are ready to be inspected; `sealed` are those that were sealed for this commit before."""

    paths: tuple[Path, ...]
    how: str
    sealed: tuple[Distribution, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Build in a throw-away clone of the commit, inspect everything, keep it, and put the files into dist/.

    What is sealed for this very commit already is put there again instead: the same version is never built twice.
    Nothing is kept before all of it has passed. Raises file-foreign where dist/ holds anything that we did not put
    there, out-of-step where a place says another version, what building raises, and everything that an inspection
    finds, together.
    """
    from towpath.gates import complete, inspection, written

    _refuse_foreign(workspace)
    wrong = written.out_of_step(workspace)
    if wrong:
        raise errors.TowpathError(*wrong)
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as out:
        made = _made(workspace, Path(out))
        state = complete.weighed(workspace, [path.name for path in made.paths], all_here=FROM in workspace.options)
        found = inspection.inspect(workspace, made.paths)
        files = made.sealed or workspace.store.keep(made.paths, workspace.repository.head)
    _put(workspace, files)
    notes = (
        f"{counted(len(files), 'file')} {made.how}",
        *(f"{file.filename}  {file.size} bytes" for file in files),
        *state.notes,
        *found.notes,
    )
    return Outcome(notes=notes, facts={**made.facts, **state.facts, **found.facts}, distributions=files)


def restore(workspace: Workspace) -> None:
    """Put the sealed files into dist/ again. Raises file-foreign and evidence-missing."""
    _refuse_foreign(workspace)
    files = workspace.store.kept(workspace.repository.head)
    if files is None:
        raise errors.EVIDENCE_MISSING.error(gate="build", session="build")
    _put(workspace, files)


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """All of `[tool.towpath.build]`."""
    import msgspec

    settings: dict[str, Any] = msgspec.to_builtins(workspace.settings.build)
    return settings


def tools(workspace: Workspace, _variant: str) -> Mapping[str, str]:
    """The Python, the front end, what installs the backend, and what inspects the files."""
    from towpath.gates import making

    python = interpreter(workspace, "")
    return {
        **making.tools(workspace),
        "python": f"{python.implementation} {python.version} {python.platform}",
        "build": importlib.metadata.version("build"),
        "installer": installer(workspace).kind,
        **{name: importlib.metadata.version(name) for name in _INSPECTORS},
    }


def _made(workspace: Workspace, out: Path) -> _Made:
    """Take the files from the folder that is named, else from the store, else build them into `out`."""
    from towpath.gates import collected, making

    folder = workspace.options.get(FROM)
    if folder is not None:
        paths, records = collected.collect(workspace, workspace.root / folder)
        return _Made(paths, f"built elsewhere, collected from {folder}", facts={"from": records})
    earlier = workspace.store.kept(workspace.repository.head)
    if earlier is not None:
        kept = tuple(workspace.store.distributions_folder / file.filename for file in earlier)
        origins = workspace.store.origins()
        if origins:
            how = "not built here: the version is public in part, and these are its files"
            return _Made(kept, how, earlier, {"recovered": origins})
        return _Made(kept, "built and sealed before, put into dist/ again", earlier, _origin(workspace, earlier))
    return _Made(making.make(workspace, out), making.words(workspace))


def _origin(workspace: Workspace, files: tuple[Distribution, ...]) -> dict[str, Any]:
    """Where files that were collected came from, as the record that sealed them says."""
    try:
        sealed = workspace.store.load(workspace.store.path("build"))
    except errors.TowpathError:
        return {}
    if sealed is None or sealed.record.distributions != files:
        return {}
    return {"from": sealed.record.facts["from"]} if "from" in sealed.record.facts else {}


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
