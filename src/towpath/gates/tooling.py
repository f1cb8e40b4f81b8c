"""What lint, test and security have in common: commands, run in an environment kept outside the project."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from towpath import errors, processes
from towpath.credentials.environment import for_installer, without_credentials
from towpath.environments import environment as environments
from towpath.environments import kept
from towpath.environments.index import configured_index
from towpath.environments.installer import Options, find_installer
from towpath.environments.interpreters import Interpreter, current
from towpath.gates import dependencies, pythons
from towpath.repository.git import Repository
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.config import sections
    from towpath.environments.installer import Installer
    from towpath.gates.dependencies import Requirements
    from towpath.gates.gate import Workspace

# Where a project writes its dependencies. An environment that the project is installed into is another one as
# soon as any of them changes: a dependency that was taken out must not stay behind and be found all the same.
# What a walk hands to its own sessions is not for the project: its tests may run walks themselves.
# Nor is it the project's to say what a CI job tells those after it: they take the evidence's digest from there.
_OUR_OWN = frozenset(
    {
        *("TOWPATH_WORLD", "TOWPATH_OUTCOME", "TOWPATH_TURN", pythons.VARIABLE, "PYTHONIOENCODING"),
        *("PYTHONUNBUFFERED",),
        *("TOWPATH_EVIDENCE_DIGESTS", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"),
    }
)
_DEPENDENCY_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "*requirements*.txt", "requirements/*.txt")


@dataclass(frozen=True, slots=True)
class Tools:
    """Which tools a gate runs on which Python, and whether they need the project itself beside them."""

    variant: str
    wanted: Requirements
    with_project: bool


@dataclass(frozen=True, slots=True)
class Toolbox:
    """An environment that is ready, with the environment variables that its programs are given."""

    environment: environments.Environment
    environ: Mapping[str, str]

    def run(self, command: Sequence[str], cwd: Path) -> processes.Completed:
        """Run a command of the toolbox, its output to ours. Raises command-not-found."""
        return processes.stream(self._located(command, cwd), cwd=cwd, env=self.environ)

    def tee(self, command: Sequence[str], cwd: Path, more: Mapping[str, str]) -> processes.Completed:
        """Run a command with `more` variables, its output to ours and taken too. Raises command-not-found."""
        return processes.tee(self._located(command, cwd), cwd=cwd, env={**self.environ, **more})

    def capture(self, command: Sequence[str], cwd: Path) -> processes.Completed:
        """Run a command of the toolbox and take its output. Raises command-not-found."""
        return processes.capture(self._located(command, cwd), cwd=cwd, env=self.environ)

    def _located(self, command: Sequence[str], cwd: Path) -> list[str]:
        # A path is the project's own script: the one of the folder that it runs in, not the one where we are.
        name = str(cwd / command[0]) if Path(command[0]).name != command[0] else command[0]
        program = shutil.which(name, path=self.environ["PATH"])
        if program is None:
            raise errors.COMMAND_NOT_FOUND.error(command=command[0])
        return [program, *command[1:]]


@contextmanager
def where_it_runs(workspace: Workspace) -> Iterator[Path]:
    """The folder that a gate's commands run in: a throw-away checkout of exactly the subject's tree.

    A file that git ignores, or a configuration beside the project's folder, must not help a gate to pass. A run with
    arguments of the caller's own proves nothing and stays in the working folder. Raises tree-changed where the
    commands left or changed what git does not ignore.
    """
    if workspace.arguments:
        yield workspace.root
        return
    with throwaway_checkout(workspace.repository, workspace.subject.commit) as root:
        checkout = Repository(root / workspace.repository.prefix)
        _require_tree(workspace, checkout)
        yield checkout.folder
        _require_tree(workspace, checkout)


def _require_tree(workspace: Workspace, checkout: Repository) -> None:
    tree = checkout.working_tree()
    if tree != workspace.subject.tree:
        changed = checkout.changed_paths(workspace.subject.tree, tree)
        raise errors.TREE_CHANGED.error(gate="the gate", detail="\n".join(changed[:20]))


@dataclass(frozen=True, slots=True)
class Command:
    """A command ready to run. `allowed_to_fail` is the declared reason, empty where its failure closes the gate."""

    argv: tuple[str, ...]
    allowed_to_fail: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """As a person would write it."""
        return shlex.join(self.argv)

    def as_data(self) -> dict[str, Any]:
        """What of it evidence is bound to."""
        declared = {"allowed-to-fail": self.allowed_to_fail, "environment": dict(self.environ)}
        return {"run": list(self.argv), **{name: value for name, value in declared.items() if value}}


def command(configured: str | tuple[str, ...] | sections.Command) -> Command:
    """A configured command; no shell ever sees it."""
    if isinstance(configured, (str, tuple)):
        return Command(words(configured))
    return Command(words(configured), (configured.allowed_to_fail or "").strip(), configured.environment)


def words(configured: str | tuple[str, ...] | sections.Command) -> tuple[str, ...]:
    """A configured command as a list of words."""
    run = configured if isinstance(configured, (str, tuple)) else configured.run
    return tuple(shlex.split(run)) if isinstance(run, str) else tuple(run)


def interpreter(workspace: Workspace, variant: str) -> Interpreter:
    """The Python of a variant; the running one where the project lists none. Raises python-not-found."""
    return pythons.require(workspace, variant) if variant else current()


def installer(workspace: Workspace) -> Installer:
    """uv where it is there, else pip, or as configured."""
    preference = cast("Literal['auto', 'uv', 'pip']", workspace.settings.installer)
    return find_installer(preference, environ=workspace.environ)


def children(workspace: Workspace) -> dict[str, str]:
    """The environment variables for children that run the project's code: no credential among them."""
    settings = workspace.settings
    clean = without_credentials(workspace.environ, settings.pass_environment, drop=_token_variables(workspace))
    return _without_our_own(clean)


def installer_environ(workspace: Workspace) -> dict[str, str]:
    """The environment variables for installers and build tools: no credential but those for reading an index."""
    return _without_our_own(session_environ(workspace))


def session_environ(workspace: Workspace) -> dict[str, str]:
    """Those for sessions of ours: the same, and what they tell one another by."""
    return for_installer(workspace.environ, drop=_token_variables(workspace))


def _without_our_own(environ: Mapping[str, str]) -> dict[str, str]:
    """A build backend is the project's code, too."""
    return {name: value for name, value in environ.items() if name not in _OUR_OWN}


@contextmanager
def toolbox(workspace: Workspace, tools: Tools, extra_environ: Mapping[str, str] | None = None) -> Iterator[Toolbox]:
    """The tools' environment, ready; ours alone until the block ends where the project is installed into it.

    Raises python-not-found and what an installation raises.
    """
    environ = installer_environ(workspace)
    recipe = _recipe(workspace, tools)
    cache = kept.default_cache(workspace.environ)
    alone = tools.with_project or bool(tools.wanted.files)
    with kept.shared(cache, recipe, environ=environ, alone=alone) as environment:
        options = Options(folder=workspace.root)
        extras = list(tools.wanted.extras)
        for file in tools.wanted.files:
            with dependencies.to_install(workspace.root, file) as (path, more):
                environments.install(environment, ["-r", path], environ=environ, index=recipe.index, options=options)
            extras += [extra for extra in more if extra not in extras]
        if tools.with_project:
            install_project(workspace, environment, extras)
        if alone:
            kept.note_contents(environment)
        activated = environments.activated(environment, children(workspace))
        # Compiled files and caches would otherwise appear in the project's own folders; here they serve again.
        caches = {"PYTHONPYCACHEPREFIX": "pycache", "MYPY_CACHE_DIR": "mypy-cache", "RUFF_CACHE_DIR": "ruff-cache"}
        activated |= {name: str(environment.folder / folder) for name, folder in caches.items()}
        yield Toolbox(environment, {**activated, **(extra_environ or {})})


def versions(workspace: Workspace, tools: Tools) -> dict[str, str]:
    """What the tools' environment holds, name → version, and the Python; only the Python if there is none yet."""
    python = interpreter(workspace, tools.variant)
    recipe = _recipe(workspace, tools)
    held = kept.packages(kept.default_cache(workspace.environ), recipe) or {}
    ours = workspace.subject.project.lower().replace("_", "-").replace(".", "-")
    held = {name: version for name, version in held.items() if name != ours}
    return {"python": f"{python.implementation} {python.version} {python.platform}", **held}


def install_project(workspace: Workspace, environment: environments.Environment, extras: Sequence[str] = ()) -> None:
    """Install the project as it is now, never editable, from a throw-away checkout.

    Building in the working folder would leave files there; an editable install would point into a folder that
    may be gone, and would hide a file that the build leaves out.
    """
    from towpath.gates import chosen

    suffix = f"[{','.join(extras)}]" if extras else ""
    with throwaway_checkout(workspace.repository, workspace.subject.commit) as checkout:
        chosen.mark(workspace, checkout)
        environments.install(
            environment,
            [f"{checkout / workspace.repository.prefix}{suffix}"],
            environ=installer_environ(workspace),
            index=configured_index(workspace.environ),
        )


def check(done: processes.Completed, shown: Sequence[str]) -> None:
    """Raise command-failed unless the command ended with 0."""
    if done.code != 0:
        raise errors.COMMAND_FAILED.error(command=shlex.join(shown), code=done.code, detail=done.stdout + done.stderr)


def _recipe(workspace: Workspace, tools: Tools) -> kept.Recipe:
    recipe = kept.Recipe(
        interpreter(workspace, tools.variant),
        tools.wanted.lines,
        installer(workspace),
        configured_index(workspace.environ),
    )
    root = workspace.root
    inputs: list[Any] = []
    files = dependencies.with_included(root, tools.wanted.files)
    if tools.with_project:
        inputs = [workspace.subject.project, tools.wanted.extras]
        files |= {path for pattern in _DEPENDENCY_FILES for path in root.glob(pattern)}
        files |= dependencies.dynamic_files(workspace.configuration.pyproject, root)
    inputs += [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in sorted(files)]
    return replace(recipe, inputs=tuple(map(str, inputs)))


def _token_variables(workspace: Workspace) -> tuple[str, ...]:
    """Variables of the project's own choice that hold an index's token."""
    return tuple(index.token_variable for index in workspace.settings.index.values() if index.token_variable)
