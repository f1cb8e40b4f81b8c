"""The linters that a project uses, found where it configures or declares them, and at which version."""

from __future__ import annotations

import configparser
import re
import sys
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from towpath.gates import dependencies
from towpath.gates.hooks import HOOKS, hook_versions
from towpath.gates.sources import source_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LINT_NAMES = (
    *("lint", "lints", "linting", "linter", "linters", "style", "format", "formatting", "quality", "check", "checks"),
    *("typing", "types", "typecheck", "type-check", "mypy", "pre-commit", "security"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """Options that, added to a linter's command, let it say in `stream` that it reads a file, as the pattern has it."""

    options: tuple[str, ...]
    read: str
    stream: Literal["stdout", "stderr"] = "stdout"


@dataclass(frozen=True, slots=True)
class Linter:
    """A linter: how to see that a project configures it, how it is run, and how it says that it read nothing.

    `table` is one of `[tool]`, `section` one of setup.cfg or tox.ini. One that `counts_declared` is also used where the
    project only declares it as a dependency. `empty` is what it prints, ending with 0, if it looked at no file, `read`
    what it prints if it looked at one; where it prints neither, it is `asked` afterwards, and has looked at no file if
    no answer says so. `noise` is what else it is made to print. One that `reads_environment` needs its plug-ins, stubs
    or hooks' programs beside it; one that `reads_imports` also the project.
    """

    name: str
    command: tuple[str, ...]
    files: tuple[str, ...] = ()
    section: str = ""
    counts_declared: bool = True
    empty: str = ""
    read: str = ""
    asked: tuple[Question, ...] = ()
    noise: str = ""
    package: str = ""
    reads_environment: bool = False
    reads_imports: bool = False

    @property
    def requirement(self) -> str:
        """Its name on an index."""
        return self.package or self.name


@dataclass(frozen=True, slots=True)
class Project:
    """What is looked at: pyproject.toml, its folder, the repository's root, and the project's name."""

    pyproject: Mapping[str, Any]
    root: Path
    top: Path
    name: str

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of `[tool]`, empty if it is not there."""
        found = self.pyproject.get("tool", {}).get(name, {})
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Found:
    """A command to run, of which linter, and where the project says that it wants it."""

    linter: Linter
    command: tuple[str, ...]
    because: str


# --stats is the only way in which pyright says how many files it read
_PYRIGHT_EMPTY = "No source files found|Total files checked: 0$"
_PYRIGHT_NOISE = (
    r"(?:Loading|No include|Auto-excluding|Assuming|Completed in|Analysis stats|Timing stats|Total files).*"
    r"|Found \d+ source files?|[A-Z][A-Za-z ]+: +[\d.]+sec|\[[FB]G\] Long operation: .*"
)
_PYRIGHT_READ = r"Total files checked: [1-9]"
_FLAKE8_READ = r"^[1-9]\d* +total files processed"
_PYLINT_REPORT = (
    *("--jobs=1", "--disable=all", "--enable=syntax-error", "--exit-zero"),
    *("--reports=y", "--output-format=text"),
)
LINTERS = (
    Linter(
        "ruff",
        ("ruff", "check", "."),
        ("ruff.toml", ".ruff.toml"),
        empty="No Python files found",
        read=r"All checks passed|^[1-9]\d* files? already formatted",
    ),
    Linter("black", ("black", "--check", "."), empty="No Python files are present", read="would be left unchanged"),
    Linter(
        "isort",
        ("isort", "--check-only", "."),
        (".isort.cfg",),
        "isort",
        asked=(Question(("--show-files",), r"\S"),),
    ),
    # --benchmark is the only way in which it says how many files it read
    Linter(
        "flake8",
        ("flake8", "--benchmark"),
        (".flake8",),
        "flake8",
        empty=r"^0 +total files processed",
        read=_FLAKE8_READ,
        asked=(Question(("--benchmark", "--exit-zero"), _FLAKE8_READ),),
        noise=r"[\d.]+ +(?:seconds elapsed|.+ processed(?: per second)?)",
        reads_environment=True,
    ),
    # Its report begins with how many statements it read, and is left out where there was no module.
    Linter(
        "pylint",
        ("pylint",),
        (".pylintrc", "pylintrc"),
        counts_declared=False,
        asked=(Question(_PYLINT_REPORT, "statements analysed"),),
        reads_imports=True,
    ),
    Linter(
        "mypy",
        ("mypy",),
        ("mypy.ini", ".mypy.ini"),
        "mypy",
        empty=r"no issues found in 0 source files|There are no \.py",
        read=r"no issues found in [1-9]",
        reads_imports=True,
    ),
    Linter(
        "pyright",
        ("pyright", "--stats"),
        ("pyrightconfig.json",),
        empty=_PYRIGHT_EMPTY,
        read=_PYRIGHT_READ,
        noise=_PYRIGHT_NOISE,
        reads_imports=True,
    ),
    Linter(
        "basedpyright",
        ("basedpyright", "--stats"),
        empty=_PYRIGHT_EMPTY,
        read=_PYRIGHT_READ,
        noise=_PYRIGHT_NOISE,
        reads_imports=True,
    ),
    Linter(
        "ty",
        ("ty", "check"),
        ("ty.toml",),
        empty="(?i)No python files found",
        read="All checks passed",
        reads_imports=True,
    ),
    # No line ends in both ways, so that of every file that it reads it complains in one of the two.
    Linter(
        "mdformat",
        ("mdformat", "--check", "."),
        (".mdformat.toml",),
        asked=tuple(
            Question(("--check", "--end-of-line", end), r"is\s+not\s+formatted", "stderr") for end in ("crlf", "lf")
        ),
        reads_environment=True,
    ),
    # Last, since its hooks may change files.
    Linter(
        "pre-commit",
        ("pre-commit", "run", "--all-files", "--show-diff-on-failure", "--color", "never"),
        counts_declared=False,
        read=r"\.{3}(\(.*\))?Passed\s*$",
        reads_environment=True,
    ),
)
# Known, but not looked for: what they read is for the project to say.
_OTHERS = (
    Linter(
        "lint-imports",
        ("lint-imports",),
        empty="Analyzed 0 files",
        read=r"Analyzed [1-9]",
        package="import-linter",
        reads_imports=True,
    ),
)
_KNOWN = {linter.name: linter for linter in (*LINTERS, *_OTHERS)}
_MYPY_FILES = frozenset({"files", "packages", "modules"})
_SECTION_FILES = ("setup.cfg", "tox.ini")


def linters(project: Project) -> tuple[Found, ...]:
    """What to run for a project, each with the reason; empty if it neither configures nor declares a linter."""
    sections = _sections(project.root)
    found = [(linter, _because(linter, project, sections)) for linter in LINTERS]
    return tuple(
        Found(linter, command, because)
        for linter, because in found
        if because
        for command in _commands(linter, project, because)
    )


def linter_of(command: Sequence[str]) -> Linter | None:
    """The linter that a command starts, by its name or as `python -m NAME`; None if we know nothing of it."""
    program = PurePath(command[0].replace("\\", "/")).name.removesuffix(".exe")
    if re.fullmatch(r"python[0-9.]*|py", program) and len(command) > 2 and command[1] == "-m":  # noqa: PLR2004 - -m NAME
        program = command[2].replace("_", "-")
    return _KNOWN.get(program)


def required(project: Project, linter: Linter) -> tuple[str, ...]:
    """How a linter is installed: at the version that the project declares, else at that of its hook, else the newest.

    A bare name in a list of requirements says no version; the hook beside it does.
    """
    lines = dependencies.declared(project.pyproject, project.root, linter.requirement)
    if not any(map(_says_version, dependencies.every(project.pyproject, project.root, linter.requirement))):
        version = hook_versions(project.top).get(linter.name)
        if version:
            return (f"{linter.requirement}=={version}",)
    return lines


def _says_version(line: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        asked = Requirement(line)
    except InvalidRequirement:
        return True  # the installer's to refuse
    return bool(asked.specifier or asked.url)


def _because(linter: Linter, project: Project, sections: Mapping[str, str]) -> str:
    """Where a project says that it uses a linter; empty if it does not."""
    if linter.name == "pre-commit":
        return HOOKS if (project.top / HOOKS).is_file() else ""
    if linter.name in project.pyproject.get("tool", {}):
        return f"[tool.{linter.name}]"
    present = next((file for file in linter.files if (project.root / file).is_file()), "")
    if present or (linter.section and linter.section in sections):
        return present or f"[{linter.section}] in {sections[linter.section]}"
    if not linter.counts_declared:
        return ""
    place = dependencies.declaring(project.pyproject, project.root, linter.requirement)
    kind, _, name = place.name.partition(" ") if place else ("", "", "")
    is_for_users = kind == "extra" and name not in _DEVELOPERS
    return f"declared in {place.name}" if place and not is_for_users else ""


# An extra of any other name is for the package's users.
_DEVELOPERS = frozenset({*LINT_NAMES, *dependencies.TEST_NAMES, *dependencies.DEVELOPMENT_NAMES})


def _commands(linter: Linter, project: Project, because: str) -> Iterator[tuple[str, ...]]:
    """As the project's configuration leaves it open; what it says itself is not said again."""
    if linter.name in {"mypy", "pylint"} and not (linter.name == "mypy" and _mypy_names_files(project)):
        # Where the project has no configuration for it, mypy would take the user's own, ~/.mypy.ini.
        none = ["--config-file="] if linter.name == "mypy" and because.startswith("declared") else []
        yield (*linter.command, *none, *source_paths(project.root, project.name))
    elif linter.name in {"pyright", "basedpyright", "ty"} and not _names_what_it_includes(linter, project):
        # By themselves they take all, noxfile.py too, which imports what is not in the project's environment.
        yield (*linter.command, *source_paths(project.root, project.name), *_test_folders(project.root))
    else:
        yield linter.command
    if linter.name == "ruff" and "format" in (project.table("ruff") or _ruff_file(project.root)):
        yield ("ruff", "format", "--check", ".")


def _ruff_file(root: Path) -> Mapping[str, Any]:
    path = next((root / name for name in (".ruff.toml", "ruff.toml") if (root / name).is_file()), None)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig")) if path else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}  # not ours to report: ruff will


def _names_what_it_includes(linter: Linter, project: Project) -> bool:
    if linter.name == "ty":
        written = _text(project.root / "ty.toml")
        return "include" in project.table("ty").get("src", {}) or bool(re.search(r"^include\b", written, re.MULTILINE))
    written = _text(project.root / "pyrightconfig.json")  # it may hold comments, so it need not be JSON
    return "include" in project.table(linter.name) or bool(re.search(r'"include"\s*:', written))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _test_folders(root: Path) -> Iterator[str]:
    return (name for name in ("tests", "test") if any((root / name).rglob("*.py")))


def _mypy_names_files(project: Project) -> bool:
    options = set(project.table("mypy"))
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read([project.root / name for name in ("setup.cfg", ".mypy.ini", "mypy.ini")], encoding="utf-8")
        options |= set(parser.options("mypy")) if parser.has_section("mypy") else set()
    except (configparser.Error, UnicodeDecodeError):
        pass  # not ours to report: mypy will
    return bool(options & _MYPY_FILES)


def _sections(root: Path) -> dict[str, str]:
    """Each section of setup.cfg and tox.ini, with the file that it stands in."""
    found: dict[str, str] = {}
    for name in _SECTION_FILES:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(root / name, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # not ours to report: the tool that reads it will
        for section in parser.sections():
            found.setdefault(section.removeprefix("tool:"), name)
    return found
