"""lint: the project's own linters, else ruff with its defaults."""

from __future__ import annotations

import configparser
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.gates import dependencies
from towpath.gates.dependencies import Requirements
from towpath.gates.gate import Gate
from towpath.gates.sources import source_paths
from towpath.gates.tooling import Tools, check, toolbox, versions, where_it_runs, words
from towpath.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace


def lint() -> Gate:
    """The gate."""
    return Gate(
        "lint",
        "Check the code by the project's own linters.",
        act,
        configuration=configuration,
        tools=lambda workspace, _: versions(workspace, _tools(workspace)),
        altered_by=("MYPYPATH", "SKIP"),  # pre-commit leaves out the hooks that SKIP names
        by_default=True,
        runs_project_code=True,
    )


@dataclass(frozen=True, slots=True)
class Linter:
    """A linter, and how to see that a project configures it: a table, a file, or a section of an ini file."""

    name: str
    table: str
    files: tuple[str, ...]
    section: str
    command: tuple[str, ...]
    reads_imports: bool = False


LINTERS = (
    Linter("ruff", "ruff", ("ruff.toml", ".ruff.toml"), "", ("ruff", "check", ".")),
    Linter("black", "black", (), "", ("black", "--check", ".")),
    Linter("isort", "isort", (".isort.cfg",), "isort", ("isort", "--check-only", ".")),
    Linter("flake8", "flake8", (".flake8",), "flake8", ("flake8",)),
    Linter("mypy", "mypy", ("mypy.ini", ".mypy.ini"), "mypy", ("mypy",), reads_imports=True),
)
_READS_IMPORTS = frozenset({"mypy", "pyright", "basedpyright", "ty", "pylint", "lint-imports"})


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Run every command to its end, then raise command-failed for the first that failed."""
    tools, commands = _tools(workspace), _commands(workspace)
    # What the user has configured for themselves must not decide; where the project has a file of its own, it does.
    environ = {"XDG_CONFIG_HOME": os.devnull, **workspace.settings.lint.environment}
    with toolbox(workspace, tools, environ) as box, where_it_runs(workspace) as folder:
        done = [(command, box.run(command, folder)) for command in commands]
    for command, result in done:
        check(result, command)
    return Outcome(notes=(", ".join(shlex.join(command) for command in commands),))


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """The commands, with their environment."""
    return {"commands": _commands(workspace), "environment": workspace.settings.lint.environment}


def configured(pyproject: Mapping[str, Any], root: Path) -> tuple[Linter, ...]:
    """The linters that the project configures, in the order of the table."""
    tool = pyproject.get("tool", {})
    sections = _sections(root)
    return tuple(
        linter
        for linter in LINTERS
        if linter.table in tool
        or any((root / file).is_file() for file in linter.files)
        or (linter.section and linter.section in sections)
    )


def _commands(workspace: Workspace) -> list[tuple[str, ...]]:
    chosen = workspace.settings.lint.commands
    if chosen:
        return [words(command) for command in chosen]
    pyproject = workspace.configuration.pyproject
    linters = configured(pyproject, workspace.root) or LINTERS[:1]
    return [command for linter in linters for command in _of(linter, workspace)]


def _of(linter: Linter, workspace: Workspace) -> list[tuple[str, ...]]:
    table = workspace.configuration.pyproject.get("tool", {}).get(linter.table, {})
    if linter.name == "ruff" and "format" in table:
        return [linter.command, ("ruff", "format", "--check", ".")]
    if linter.name == "mypy" and not {"files", "packages", "modules"} & set(table):
        return [(*linter.command, *source_paths(workspace.root, workspace.subject.project))]
    return [linter.command]


def _tools(workspace: Workspace) -> Tools:
    pyproject, root = workspace.configuration.pyproject, workspace.root
    commands = _commands(workspace)
    reads_imports = any(command[0] in _READS_IMPORTS for command in commands)
    wanted = dependencies.configured(workspace.settings.lint, pyproject, root)
    if wanted is None:
        names = dict.fromkeys(command[0] for command in commands)
        wanted = Requirements(tuple(line for name in names for line in dependencies.declared(pyproject, root, name)))
        if reads_imports:
            wanted |= dependencies.found(pyproject, root, (*dependencies.TEST_NAMES, *dependencies.DEVELOPMENT_NAMES))
    return Tools("", wanted, with_project=reads_imports)


def _sections(root: Path) -> set[str]:
    """The sections of setup.cfg and tox.ini."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read([root / "setup.cfg", root / "tox.ini"], encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return set()  # not ours to report: the tool that reads it will
    return set(parser.sections())
