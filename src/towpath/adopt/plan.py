"""What taking towpath up writes, made whole before anything is written."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.adopt import configuring, known, lines, seed, toml, workflows
from towpath.adopt.call import Call, File, Wish
from towpath.adopt.findings import look
from towpath.config import reading
from towpath.environments.interpreters import current as running
from towpath.gates import pythons
from towpath.repository.git import Git, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.adopt.configuring import Key
    from towpath.adopt.findings import Findings
    from towpath.gates.gate import Pipeline

__all__ = ["File", "Plan", "Wish", "make_plan"]

_TASKS = ("audit", "bump", "doctor", "explain", "init", "notes", "plan", "report", "status", "withdraw", "workflow")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is written, or nothing where all is there; `found` is None for a new project.

    `keys` are what is configured and why, `remarks` what the maintainer should know or do. `repository` says that git
    has no commit of this project yet, so that one is made.
    """

    root: Path
    project: str
    found: Findings | None
    files: tuple[File, ...]
    keys: tuple[Key, ...] = ()
    remarks: tuple[str, ...] = ()
    prefix: str = ""
    repository: bool = False


def make_plan(root: Path, environ: Mapping[str, str], pipeline: Pipeline, wish: Wish) -> Plan:
    """What is to be done in `root`: an existing project, or an empty folder.

    Raises what `look` raises for a project; no-packaging for code without one; names-taken, not-python, cannot-append,
    bad-name-for-project and no-identity. Nothing is written.
    """
    call = Call(root, environ, pipeline, wish)
    if (root / "pyproject.toml").is_file():
        return _adopting(call)
    code = sorted(path.relative_to(root).as_posix() for path in _code(root))
    if code:
        listed = ", ".join(code[:3])
        raise errors.NO_PACKAGING.error(folder=root, found=listed)
    return _beginning(call)


def _code(root: Path) -> Iterator[Path]:
    """What is there of a project that has no pyproject.toml."""
    patterns = ("*.py", "setup.cfg", "*/__init__.py", "src/*.py", "src/*/__init__.py")
    ours = {lines.NOXFILE, lines.TASKS}
    found = (path for pattern in patterns for path in root.glob(pattern) if path.name not in ours)
    return (path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts))


def _beginning(call: Call) -> Plan:
    root, pipeline, wish = call.root, call.pipeline, call.wish
    name = wish.name or root.resolve().name
    texts = {path: text.encode() for path, text in seed.project(name).items()}
    chosen = configuring.tables([configuring.Key("", "prefix", wish.prefix, "")] if wish.prefix else [])
    texts["pyproject.toml"] = toml.appended("pyproject.toml", texts["pyproject.toml"], chosen)
    texts[lines.NOXFILE] = lines.noxfile(root, _sessions(pipeline, {}, wish.prefix), lines.Style(), call.environ)[1]
    tasks = lines.tasks(root, _prefixed(_TASKS, wish.prefix), lines.Style())
    texts |= {lines.tasks_path(root): tasks[1]} if tasks else {}
    _require_understood(texts["pyproject.toml"])
    there = {path: (root / path).read_bytes() for path in texts if (root / path).is_file()}
    kept = {path for path in there if path not in {lines.NOXFILE, lines.TASKS}}
    files = tuple(File(path, there.get(path), text) for path, text in texts.items() if path not in kept)
    unborn = _is_unborn(root)
    if unborn:
        _require_identity(root)
    remarks = [f"{path} is there and stays as it is" for path in sorted(kept)]
    made, said = workflows.generated(call, files, unborn=unborn)
    return Plan(root, name, None, (*files, *made), (), (*remarks, *said), wish.prefix, unborn)


def _adopting(call: Call) -> Plan:
    root, wish = call.root, call.wish
    found = look(root, call.environ)
    top = {one.name for one in found.workflows}
    prefix = wish.prefix or found.configuration.settings.prefix
    keys = configuring.keys(found, wish.prefix, top)
    before = (root / "pyproject.toml").read_bytes()
    files = [File("pyproject.toml", before, toml.appended("pyproject.toml", before, configuring.tables(keys)))]
    _require_understood(files[0].after)
    sessions, tasks = _sessions(call.pipeline, found.pyproject, prefix), _prefixed(_TASKS, prefix)
    files += _own_lines(call, sessions, tasks, lines.style(found.pyproject, root))
    if wish.known:
        keys += configuring.unsaid(found, known.keys(call, tuple(files)))
        files[0] = File("pyproject.toml", before, toml.appended("pyproject.toml", before, configuring.tables(keys)))
        _require_understood(files[0].after)
    if wish.changelog and not found.changelog:
        files.append(File("CHANGES.md", None, f"{seed.CHANGELOG}".encode()))
    files += _unhidden(root, files)
    changed = tuple(file for file in files if file.before != file.after)
    with_tasks = any(file.path == lines.tasks_path(root) for file in files)
    made_files, said = workflows.beside(call, found, changed, with_tasks=with_tasks)
    remarks = (*_remarks(found, files, with_tasks=with_tasks), *said)
    return Plan(root, found.configuration.name, found, (*changed, *made_files), keys, remarks, prefix)


def _unhidden(root: Path, files: Sequence[File]) -> list[File]:
    """The .gitignore that takes our files in, where git would leave them out: no clone and no CI would have them."""
    hidden = [file.path for file in files if _is_ignored(root, file.path)]
    if not hidden:
        return []
    path = root / ".gitignore"
    before = path.read_bytes() if path.is_file() else None
    said = "".join(f"!/{path}\n" for path in hidden)
    return [File(".gitignore", before, lines.appended(before or b"", said, blank=0))]


def _is_ignored(root: Path, path: str) -> bool:
    try:
        Git(root)("check-ignore", "--quiet", "--", path)
    except errors.TowpathError:
        return False  # git says so by ending with 1
    return True


def _own_lines(call: Call, sessions: Sequence[str], tasks: Sequence[str], kept: lines.Style) -> list[File]:
    """noxfile.py and tasks.py with our lines. Raises all that is in their way, together."""
    root = call.root
    files: list[File] = []
    problems: list[errors.Problem] = []
    for path, made in (
        (lines.NOXFILE, partial(lines.noxfile, root, sessions, kept, call.environ)),
        (lines.tasks_path(root), partial(lines.tasks, root, tasks, kept)),
    ):
        try:
            texts = made()
            files += [File(path, *texts)] if texts else []
        except errors.TowpathError as error:
            problems += error.problems
    if problems:
        raise errors.TowpathError(*problems)
    return files


def _require_understood(pyproject: bytes) -> None:
    """Raise what is wrong with the configuration as it will be."""
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        (Path(folder) / "pyproject.toml").write_bytes(pyproject)
        reading.load(Path(folder))


def _sessions(pipeline: Pipeline, pyproject: Mapping[str, object], prefix: str) -> tuple[str, ...]:
    """Every session that a noxfile of ours registers."""
    try:
        known = pythons.declared(pyproject, (), running()).names
    except (ValueError, TypeError, AttributeError):
        known = ()
    each = [f"{gate.name}-{python}" for gate in pipeline if gate.per_python for python in known]
    return _prefixed((*pipeline.names, "release", *each), prefix)


def _prefixed(names: Sequence[str], prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in names)


def _remarks(found: Findings, files: Sequence[File], *, with_tasks: bool) -> Iterator[str]:
    yield from (f"{said} `invoke bump --repair` mends it." for said in found.out_of_step)
    yield from _copies(found)
    if not with_tasks:
        yield "tasks.py is not invoke's and is left alone: run the tasks by `python -m towpath TASK`."
    if any(file.path == lines.NOXFILE and lines.is_script(file.before) for file in files):
        yield 'noxfile.py lists what it needs in its header (# /// script): add "towpath" to the dependencies there.'
    for one in found.workflows:
        if one.broken:
            yield f"{one.path} could not be read: {one.broken}"


def _copies(found: Findings) -> Iterator[str]:
    """What looks like a place and is not declared: stale, or in a project that has a table of its own for them."""
    own = "bump" in found.pyproject.get("tool", {}).get("towpath", {})
    for one in found.copies:
        if own or not one.agrees:
            mended = "" if one.agrees else " `invoke bump --repair` then mends it."
            yield (
                f"{one.path}, line {one.line}, says {one.value}, and no bump keeps it current. If it is to be this "
                f"project's version, add {toml.inline(configuring.declared(one))} to `places` in [tool.towpath.bump]."
                f"{mended}"
            )


def _is_unborn(root: Path) -> bool:
    try:
        Repository(root)
    except errors.TowpathError as error:
        if error.problems[0].id not in {errors.NOT_A_REPOSITORY.id, errors.NO_COMMIT.id}:
            raise
        return True
    return False


def _require_identity(root: Path) -> None:
    try:
        Git(root)("var", "GIT_AUTHOR_IDENT")
        Git(root)("var", "GIT_COMMITTER_IDENT")
    except errors.TowpathError as error:
        raise errors.GIT_NO_IDENTITY.error(detail=error.problems[0].detail) from None
