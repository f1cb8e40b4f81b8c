"""What taking towpath up writes, made whole before anything is written."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.adopt import configuring, lines, publishers, seed, toml
from towpath.adopt.findings import look
from towpath.config import reading
from towpath.environments.interpreters import current as running
from towpath.gates import pythons
from towpath.repository.git import Git, Repository
from towpath.repository.throwaway import throwaway_checkout
from towpath.workflow import current, lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.adopt.configuring import Key
    from towpath.adopt.findings import Findings
    from towpath.gates.gate import Pipeline
    from towpath.workflow.current import Workflows

_SEED_NAMES = ("pyproject.toml", "setup.py", "setup.cfg")
_TASKS = ("audit", "bump", "doctor", "explain", "init", "notes", "plan", "report", "status", "withdraw", "workflow")
_NOBODY = ("-c", "user.name=towpath", "-c", "user.email=init@towpath.invalid", "-c", "commit.gpgSign=false")
_HINT_WORKFLOW = "Then `invoke workflow` writes them."


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for."""

    name: str = ""
    prefix: str = ""
    changelog: bool = False
    workflows: bool = True


@dataclass(frozen=True, slots=True)
class File:
    """A file to write; `before` is None for a new one. The path is relative to the root, or to the repository's."""

    path: str
    before: bytes | None
    after: bytes


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
    repository: bool = False


def make_plan(root: Path, environ: Mapping[str, str], pipeline: Pipeline, wish: Wish) -> Plan:
    """What is to be done in `root`: an existing project, or an empty folder.

    Raises what `look` raises for a project; no-packaging for code without one; names-taken, not-python, cannot-append,
    bad-name-for-project and no-identity. Nothing is written.
    """
    if any((root / name).is_file() for name in _SEED_NAMES[:1]):
        return _adopting(root, environ, pipeline, wish)
    code = sorted(path.relative_to(root).as_posix() for path in _code(root))
    if code:
        listed = ", ".join(code[:3])
        raise errors.NO_PACKAGING.error(folder=root, found=listed)
    return _beginning(root, environ, pipeline, wish)


def _code(root: Path) -> Iterator[Path]:
    """What is there of a project that has no pyproject.toml."""
    patterns = ("*.py", "setup.cfg", "*/__init__.py", "src/*.py", "src/*/__init__.py")
    ours = {lines.NOXFILE, lines.TASKS}
    found = (path for pattern in patterns for path in root.glob(pattern) if path.name not in ours)
    return (path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts))


def _beginning(root: Path, environ: Mapping[str, str], pipeline: Pipeline, wish: Wish) -> Plan:
    name = wish.name or root.resolve().name
    texts = {path: text.encode() for path, text in seed.project(name).items()}
    chosen = configuring.tables([configuring.Key("", "prefix", wish.prefix, "")] if wish.prefix else [])
    texts["pyproject.toml"] = toml.appended("pyproject.toml", texts["pyproject.toml"], chosen)
    texts[lines.NOXFILE] = lines.noxfile(root, _sessions(pipeline, {}, wish.prefix))[1]
    tasks = lines.tasks(root, _prefixed(_TASKS, wish.prefix))
    texts |= {lines.tasks_path(root): tasks[1]} if tasks else {}
    there = {path: (root / path).read_bytes() for path in texts if (root / path).is_file()}
    kept = {path for path in there if path not in {lines.NOXFILE, lines.TASKS}}
    files = tuple(File(path, there.get(path), text) for path, text in texts.items() if path not in kept)
    unborn = _is_unborn(root)
    if unborn:
        _require_identity(root)
    remarks = [f"{path} is there and stays as it is" for path in sorted(kept)]
    made, said = _generated(root, files, environ, pipeline, wish, unborn=unborn)
    return Plan(root, name, None, (*files, *made), (), (*remarks, *said), repository=unborn)


def _adopting(root: Path, environ: Mapping[str, str], pipeline: Pipeline, wish: Wish) -> Plan:
    found = look(root, environ)
    top = {one.name for one in found.workflows}
    prefix = wish.prefix or found.configuration.settings.prefix
    keys = configuring.keys(found, wish.prefix, top)
    before = (root / "pyproject.toml").read_bytes()
    files = [File("pyproject.toml", before, toml.appended("pyproject.toml", before, configuring.tables(keys)))]
    problems: list[errors.Problem] = []
    adopted = {lines.NOXFILE: _sessions(pipeline, found.pyproject, prefix), lines.TASKS: _prefixed(_TASKS, prefix)}
    for path, made in ((lines.NOXFILE, lines.noxfile), (lines.tasks_path(root), lines.tasks)):
        try:
            texts = made(root, adopted[lines.NOXFILE if path == lines.NOXFILE else lines.TASKS])
        except errors.TowpathError as error:
            problems += error.problems
            continue
        files += [File(path, *texts)] if texts else []
    if problems:
        raise errors.TowpathError(*problems)
    if wish.changelog and not found.changelog:
        files.append(File("CHANGES.md", None, f"{seed.CHANGELOG}".encode()))
    changed = tuple(file for file in files if file.before != file.after)
    with_tasks = any(file.path == lines.tasks_path(root) for file in files)
    made_files, said = _workflows_of(found, changed, environ, pipeline, wish, with_tasks=with_tasks)
    remarks = (*_remarks(found, files, with_tasks=with_tasks), *said)
    return Plan(root, found.configuration.name, found, (*changed, *made_files), keys, remarks)


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
    if not with_tasks:
        yield "tasks.py is not invoke's and is left alone: run the tasks by `python -m towpath TASK`."
    if any(file.path == lines.NOXFILE and lines.is_script(file.before) for file in files):
        yield 'noxfile.py lists what it needs in its header (# /// script): add "towpath" to the dependencies there.'
    for one in found.workflows:
        if one.broken:
            yield f"{one.path} could not be read: {one.broken}"


def _workflows_of(
    found: Findings, files: tuple[File, ...], environ: Mapping[str, str], pipeline: Pipeline, wish: Wish, *, with_tasks: bool
) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """The workflows where nothing is in their way; else why they wait, and what to do."""
    if found.generated or not wish.workflows:
        return (), ()
    publisher = found.publisher
    if publisher:
        others = [one.path for one in found.workflows if one.uploads and one != publisher]
        also = f" Delete {', '.join(others)} then, too." if others else ""
        said = (
            f"{publisher.path} publishes now and stays as it is: beside a generated workflow, both would publish. When "
            f"you are ready, `invoke workflow --replace` writes the generated one over it, under the name that the index "
            f"knows.{also}"
        )
        return (), (said,)
    if not with_tasks:
        return (), ("no workflows are written: their jobs call `invoke`, which finds no tasks of ours.",)
    if found.repository.prefix not in {"", "."}:
        problem = errors.WORKFLOW_NOT_AT_ROOT.problem(prefix=found.repository.prefix)
        return (), (f"no workflows are written: {problem.cause}",)
    if found.remote_url and "github" not in found.remote_url.lower() and not (found.repository.root / ".github").is_dir():
        return (), (f"no workflows are written: {found.remote} is not on GitHub. {_HINT_WORKFLOW}",)
    return _generated(found.repository.folder, files, environ, pipeline, wish, unborn=False)


def _generated(
    root: Path, files: tuple[File, ...], environ: Mapping[str, str], pipeline: Pipeline, wish: Wish, *, unborn: bool
) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """The workflows with their lock file, made in a trial; all or none, since `lint` would find them incomplete."""
    with _trial(root, files, unborn=unborn) as folder:
        reading.load(folder)  # what is configured must be what is understood
        if not wish.workflows:
            return (), ()
        made = current.open_workflows(folder, environ, pipeline)
    try:
        locked = lock.locked(made.requirements, environ, python=made.python)
    except errors.TowpathError as error:
        return (), (f"the workflows wait for their lock file. {error.problems[0].cause} {error.problems[0].fix} {_HINT_WORKFLOW}",)
    return tuple(_new(root, made, locked)), ()


def _new(root: Path, made: Workflows, locked: str) -> Iterator[File]:
    texts = {**{file.path: file.text for file in made.wanted}, lock.PATH: locked}
    for path, text in texts.items():
        before = (root / path).read_bytes() if (root / path).is_file() else None
        if before != text.encode():
            yield File(path, before, text.encode())


@contextmanager
def _trial(root: Path, files: tuple[File, ...], *, unborn: bool) -> Iterator[Path]:
    """The project as it will be, in a folder that goes again."""
    with ExitStack() as stack:
        if unborn:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-")))
            Git(folder)("init", "--quiet")
            Git(folder)(*_NOBODY, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", "Trial")
        else:
            repository = Repository(root)
            folder = stack.enter_context(throwaway_checkout(repository)) / repository.prefix
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after)
        yield folder


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
        raise errors.NO_IDENTITY.error(detail=error.problems[0].detail) from None
