"""The floor of coverage: what each Python's tests touched, together, and coverage.py's own figure over it.

Each variant seals what it touched in its own record. The floor is judged by the closing variant, over the records that
it relies on and nothing else: no file beside them can be lost, mixed up or altered unseen. Where there is one variant,
it judges at once.
"""

from __future__ import annotations

import base64
import json
import shlex
import shutil
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors, processes
from towpath.gates import dependencies
from towpath.gates.dependencies import Requirements
from towpath.gates.layout import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.gates.gate import Workspace
    from towpath.gates.layout import Layout
    from towpath.gates.tooling import Toolbox

CLOSING = "coverage"
_WEAKEST = 20
# What makes coverage.py start, or read another configuration, where nobody has asked for it.
_FOREIGN = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_RCFILE")
_PYTHONS = ("python", "python3")


@dataclass(frozen=True, slots=True)
class Measured:
    """What tests touched: lines and arcs by path in the project, the paths of its sources, and coverage.py's version.

    `arcs` are only there where the project measures branches.
    """

    lines: Mapping[str, Sequence[int]]
    arcs: Mapping[str, Sequence[Sequence[int]]]
    tracers: Mapping[str, str]
    sources: Sequence[str]
    version: str = ""

    def packed(self) -> str:
        """As it stands in a record."""
        fields = {"lines": self.lines, "arcs": self.arcs, "tracers": self.tracers, "sources": self.sources}
        text = json.dumps({**fields, "version": self.version}, sort_keys=True, separators=(",", ":"))
        return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def unpacked(text: str) -> Measured:
    """What a record says. Raises coverage-unreadable."""
    try:
        return Measured(**json.loads(zlib.decompress(base64.b64decode(text, validate=True))))
    except (ValueError, TypeError, zlib.error):
        raise errors.COVERAGE_UNREADABLE.error(why="a record holds no measurement that can be read") from None


def requirement(pyproject: Mapping[str, Any], root: Path) -> Requirements:
    """coverage.py as the project declares it; it has to read pyproject.toml on every Python."""
    declared = dependencies.declared(pyproject, root, "coverage")
    return Requirements(tuple(dict.fromkeys((*declared, "coverage[toml]"))))


def environ_for(environ: Mapping[str, str], data: Path) -> dict[str, str]:
    """The variables by which every measuring command keeps its data in one place."""
    kept = {name: value for name, value in environ.items() if name not in _FOREIGN}
    return {**kept, "COVERAGE_FILE": str(data)}


def measures_itself(command: Sequence[str], root: Path, pyproject: Mapping[str, Any]) -> bool:
    """Whether a command runs coverage.py by its own words, or pytest-cov by those or by pytest's configuration."""
    said = " ".join(command)
    if "--no-cov" in said or "no:cov" in said:
        return False
    if "coverage" in said or "--cov" in said:
        return True
    tables = [pyproject.get("tool", {}).get("pytest", {})]
    files = (
        root / name for name in ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg")
    )
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
    return "pytest" in said and any("--cov" in text for text in (*texts, json.dumps(tables, default=str)))


def under_coverage(command: Sequence[str], box: Toolbox, found: Layout, folder: Path) -> tuple[str, ...] | None:
    """The command under `coverage run`; None for one that coverage.py cannot run.

    It is pointed at the project's own modules, as sources and as installed: tests import the one or the other, and
    what no test imports is counted too. Left to itself it would leave out whatever is installed.
    """
    places = [str(place) for place in _places(found, folder) if Path(place).is_dir()]
    modules = [name for name, paths in found.sources.items() if any(path.endswith(".py") for path in paths)]
    run = ["-m", "coverage", "run", "--parallel-mode", f"--source={','.join((*places, *modules))}"]
    program, *rest = command
    if program in _PYTHONS and rest and (rest[0] == "-m" or rest[0].endswith(".py")):
        return (program, *run, *rest)
    if program not in {"pytest", "py.test"}:
        return None
    script = shutil.which(program, path=box.environ["PATH"])
    if script is None or sys.platform == "win32":  # where a script is a program, which Python cannot run
        return ("python", *run, "-m", "pytest", *rest)
    return ("python", *run, script, *rest)


def read(box: Toolbox, data: Path, found: Layout, folder: Path) -> Measured:
    """What the commands left. Raises coverage-unreadable."""
    files = [str(path) for path in sorted(data.parent.glob(f"{data.name}*"))]
    if not files:
        raise errors.COVERAGE_UNREADABLE.error(why="the commands left no data")
    if not found.paths:
        raise errors.COVERAGE_UNREADABLE.error(why="the sources of what is installed were not found in the project")
    answer = _asked(box, {"files": files, "places": _pairs(found, folder)}, folder)
    if not answer["lines"]:
        raise errors.COVERAGE_UNREADABLE.error(why=f"nothing of {', '.join(found.sources)} was measured")
    return Measured(sources=found.paths, **answer)


def together(parts: Iterable[Measured]) -> Measured:
    """What any of them touched. Raises coverage-unreadable where some measured branches and some did not."""
    lines: dict[str, set[int]] = {}
    arcs: dict[str, set[tuple[int, ...]]] = {}
    tracers: dict[str, str] = {}
    known = list(parts)
    if len({bool(part.arcs) for part in known}) > 1:
        raise errors.COVERAGE_UNREADABLE.error(why="some Pythons measured branches and some did not")
    for part in known:
        for name, touched in part.lines.items():
            lines.setdefault(name, set()).update(touched)
        for name, jumps in part.arcs.items():
            arcs.setdefault(name, set()).update(map(tuple, jumps))
        tracers.update(part.tracers)
    return Measured(
        {name: sorted(touched) for name, touched in lines.items()},
        {name: sorted(jumps) for name, jumps in arcs.items()},
        tracers,
        tuple(dict.fromkeys(path for part in known for path in part.sources)),
    )


def judge(workspace: Workspace, box: Toolbox, measured: Measured, folder: Path) -> float:
    """coverage.py's figure over the project's own modules, in percent.

    Raises coverage-below, and coverage-unreadable for a figure that is none.
    """
    floor = workspace.settings.test.coverage or 0.0
    sources = [file for path in measured.sources for file in _python_files(folder, path)]
    include = [path if path.endswith(".py") else f"{path}/*" for path in measured.sources]
    with tempfile.TemporaryDirectory(prefix="towpath-") as scratch:
        question = {
            "lines": measured.lines,
            "arcs": measured.arcs,
            "tracers": measured.tracers,
            "sources": sources,
            "include": include,
            "data": str(Path(scratch, "together")),
        }
        answer = _asked(box, question, folder)
    percent = answer["percent"]
    if not isinstance(percent, (int, float)) or not answer["statements"]:
        raise errors.COVERAGE_UNREADABLE.error(why="no statement of the project was looked at")
    if percent < floor:
        weakest = sorted(answer["files"].items(), key=lambda one: (one[1], one[0]))[:_WEAKEST]
        listed = "\n".join(f"{share:6.2f} %  {name}" for name, share in weakest if share < 100)  # noqa: PLR2004 - all of it
        raise errors.COVERAGE_BELOW.error(percent=_rounded_down(percent), floor=f"{floor:g}", detail=listed)
    return float(percent)


def told(percent: float, floor: float | None) -> str:
    """The figure in words; rounded down, since 84.999 is not 85."""
    return f"{_rounded_down(percent)} % covered, at least {floor or 0:g} % wanted"


def _rounded_down(percent: float) -> str:
    return f"{int(percent * 100) / 100:.2f}"


def _asked(box: Toolbox, question: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="towpath-") as scratch:
        asked, answered = Path(scratch, "question.json"), Path(scratch, "answer.json")
        asked.write_text(json.dumps(question), encoding="utf-8")
        argv = [str(box.environment.python), str(path_of("measured.py")), str(asked), str(answered)]
        done = processes.capture(argv, cwd=folder, env=environ_for(box.environ, Path(scratch, "unused")))
        try:
            return dict(json.loads(answered.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            said = (done.stderr or done.stdout).strip().splitlines()
            why = said[-1] if said else f"{shlex.join(argv[:2])} ended with {done.code}"
            raise errors.COVERAGE_UNREADABLE.error(why=f"coverage.py says: {why.rstrip('.')}") from None


def _places(found: Layout, folder: Path) -> list[str]:
    return [place for place, stands_for in _pairs(found, folder) if stands_for]


def _pairs(found: Layout, folder: Path) -> list[tuple[str, str]]:
    """Where each source lies here → its path in the project, in the checkout and as installed."""
    pairs = [(str(folder / path), path) for path in found.paths]
    for paths in found.sources.values():
        pairs += [(str(found.installed / path.rsplit("/", 1)[-1]), path) for path in paths[:1]]
    return pairs


def _python_files(folder: Path, path: str) -> list[str]:
    place = folder / path
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    return [file.relative_to(folder).as_posix() for file in files if file.suffix == ".py"]
