"""Every command that the README and the tutorial show is run here, and what they show is what comes.

A document is run as a reader would run it: its files are written, its commands go to one shell, and each line that it
shows must come, in that order, among the lines that the command prints. Numbers, digests and times may be others.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from documents import Command, File, steps
from universe import PYPROJECT, Project

from towpath.forge.double import ForgeDouble
from towpath.index.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial" / "first-release.md"
INSTALL = 'python -m pip install --quiet -e ".[uv]"'

_MARK = "--- 8a1f: "


def run(parts: list[Command | File], folder: Path, environ: Mapping[str, str]) -> list[tuple[Command, str, int]]:
    """Do it all in one shell; each command with what it printed and how it ended."""
    script = []
    for number, part in enumerate(parts):
        if isinstance(part, File):
            (folder / f"{number}.file").write_text(("\n" if part.added else "") + part.text, encoding="utf-8")
            script.append(f'cat "{folder / f"{number}.file"}" {">>" if part.added else ">"} {part.path}')
        else:
            script += [part.text, f'echo "{_MARK}$?"']
            if part.text.endswith("&"):  # a reader is slower than a server that starts
                script.append(f"until [ -s {part.text.rpartition('>')[2].rstrip('& ')} ]; do sleep 0.1; done")
    (folder / "script").write_text("\n".join(script) + "\n", encoding="utf-8")
    work = folder / "work"
    work.mkdir()
    beside = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", str(folder / "script")],
        cwd=work,
        env={**environ, "PATH": f"{beside}{os.pathsep}{environ['PATH']}", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    told = re.split(rf"^{_MARK}(\d+)\n", done.stdout, flags=re.MULTILINE)
    commands = [part for part in parts if isinstance(part, Command)]
    assert len(told) // 2 == len(commands), done.stdout
    return [(one, told[2 * place], int(told[2 * place + 1])) for place, one in enumerate(commands)]


def missing(shown: tuple[str, ...], printed: str) -> list[str]:
    """The lines of a document that do not come, in their order; `[exit N]` is not printed, and is left out."""
    lines, lacking = iter([_shape(line) for line in printed.splitlines()]), []
    for line in shown:
        if not re.fullmatch(r"\[exit \d+\]", line) and _shape(line) not in lines:
            lacking.append(line)
            lines = iter([])  # what comes after it is missing, too
    return lacking


def _shape(line: str) -> str:
    """A line without what another run has otherwise: commit ids, sizes, times, blanks that align columns."""
    line = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b", "…", line)
    line = re.sub(r"\b\d+(\.\d+)? (s|ms|min|bytes|kB)\b", "…", line)
    return re.sub(r"\s+", " ", line).strip()


def expected_code(command: Command) -> int:
    told = [found[1] for line in command.shown if (found := re.fullmatch(r"\[exit (\d+)\]", line))]
    return int(told[0]) if told else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def capture() -> tuple[str, ...]:
    """What the README shows of a first rehearsal."""
    found = re.search(r"## What you see\n.*?```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return tuple(line for line in found[1].splitlines() if line.strip())


@pytest.mark.slow
def test_the_tutorial_is_run_from_its_first_command_to_its_last(tmp_path: Path, environ: dict[str, str]) -> None:
    parts = list(steps(TUTORIAL))
    assert sum(isinstance(part, Command) for part in parts) > 15
    assert sum(isinstance(part, File) for part in parts) == 6
    port = str(free_port())  # the tutorial's own may be in use on the machine that runs this
    parts = [
        Command(part.text.replace("8765", port), part.shown)
        if isinstance(part, Command)
        else File(part.path, part.text.replace("8765", port), part.added)
        for part in parts
    ]
    ended = run(parts, tmp_path, environ)
    for command, printed, code in ended:
        assert code == expected_code(command), f"{command.text}\n{printed}"
        assert missing(command.shown, printed) == [], f"{command.text}\n{printed}"
    assert (tmp_path / "work" / "cargo" / "boat-0.2.0-py3-none-any.whl").is_file()
    rehearsed = next(printed for command, printed, _ in ended if command.text == "nox -s release")
    assert missing(capture(), rehearsed) == [], f"what the README shows is not what came:\n{rehearsed}"


@pytest.mark.parametrize("gate", ["release", "test"])
def test_the_two_commands_of_the_readme_are_those_of_continuous_integration(gate: str) -> None:
    """They stand for our whole suite, so that `.ci/run` runs them, and not the suite itself."""
    commands = [part.text for part in steps(README) if isinstance(part, Command)]
    assert f"{INSTALL} && nox -s {gate}" in commands
    assert INSTALL in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


# What the README's table says is run in its own order, on a sample whose indexes are twins and whose forge is a double;
# with how each ends, and a piece of what it tells.
TOLD = {
    "nox -s release": "The rehearsal of sample-pkg 1.0.0 is complete: every gate is proven.",
    "nox -s release -- --part minor": "The rehearsal of sample-pkg 1.1.0 is complete: every gate is proven.",
    "nox": "test: proven in",
    "invoke doctor": "the project",
    "invoke plan": "point of no return",
    "invoke bump --part minor": "Next: nox -s release",
    "nox -s release -- --to pypi": "The release of sample-pkg 1.1.0 is complete: every gate is proven.",
    "nox -s publish": "0 of 2 files sent, all there with the sealed sha256",
    "invoke status": "released: All of it is there; nothing is left to do.",
    "invoke report": ".towpath/1.1.0/pypi/report.html",
    "invoke notes": "something new",
    "invoke audit": "1.1.0",
    "invoke withdraw": "nothing is done by this command",
    "invoke workflow": "wrote .github/workflows/release.yml",
    "invoke init": "Nothing was written: there is no terminal to ask on.",
    "invoke explain": "evidence-missing",
}
# 1.0.0 was never released; init has no terminal to ask on
ENDS = {"invoke audit": 1, "invoke init": 2}


@pytest.fixture
def published(make_project: Callable[..., Project], tmp_path: Path) -> Iterator[tuple[Project, dict[str, str]]]:
    """A sample with a remote, twins as PyPI and TestPyPI, and a double of GitHub; with the tokens for them."""
    with ExitStack() as stack:
        indexes = {name: stack.enter_context(Twin.serve(tmp_path / name, name)) for name in ("pypi", "testpypi")}
        forge = stack.enter_context(ForgeDouble.serve(tmp_path / "forge", "ada/sample"))
        addresses = "".join(
            f'\n[tool.towpath.index.{name}]\nupload-url = "{twin.upload_url}"\nsimple-url = "{twin.simple_url}"\n'
            for name, twin in indexes.items()
        )
        github = f'\n[tool.towpath.github-release]\nrepository = "ada/sample"\napi-url = "{forge.address.api_url}"\n'
        lock = "".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in ("towpath", "nox", "invoke"))
        files = {
            "pyproject.toml": f"{PYPROJECT}{addresses}{github}",
            ".gitignore": "dist/\n",
            ".github/towpath.txt": lock,  # what `invoke workflow` would ask PyPI for
        }
        project = make_project(files=files)
        project.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
        project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
        project.git("push", "--quiet", "--set-upstream", "origin", "main")
        tokens = {f"TOWPATH_TOKEN_{name.upper()}": twin.token() for name, twin in indexes.items()}
        yield project, {**tokens, "GITHUB_TOKEN": forge.token}


def of_the_table() -> list[str]:
    """The commands of the README's table, in order."""
    text = README.read_text(encoding="utf-8").partition("| command | what it does |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.mark.slow
def test_every_command_of_the_readmes_table_does_what_it_says(published: tuple[Project, dict[str, str]]) -> None:
    assert of_the_table() == list(TOLD)
    project, tokens = published
    for command in of_the_table():
        runner, *arguments = command.split()
        ended = (project.nox if runner == "nox" else project.invoke)(*arguments, **tokens)
        assert ended.code == ENDS.get(command, 0), f"{command}\n{ended.all}"
        assert TOLD[command] in ended.all, f"{command}\n{ended.all}"


def test_the_lines_of_the_readme_adopt_towpath(make_project: Callable[..., Project]) -> None:
    files = {part.path: part.text for part in steps(README) if isinstance(part, File)}
    assert set(files) == {"noxfile.py", "tasks.py"}
    project = make_project(files=files)
    assert "- release -> Walk every gate in order." in project.nox("-l").out
    assert project.invoke("plan").code == 0
    fresh = make_project("fresh", files=dict.fromkeys(files))
    adopt = [part.text for part in steps(README) if isinstance(part, Command)][2:]
    assert adopt == ["python -m towpath init", "nox -s release"]  # the second is run with the table
    ended = fresh.python("-m", "towpath", "init", "--yes", "--no-workflows")
    assert ended.code == 0, ended.all
    for name, text in files.items():
        written = (fresh.root / name).read_text(encoding="utf-8")
        assert text.partition("\n\n")[2] == written.partition("\n\n")[2], "the same but for the first line"


def test_a_line_that_does_not_come_is_found() -> None:
    assert missing(("proven  1.2 s", "b"), "x\nproven   30 s\ny\nb\n") == []
    assert missing(("b", "a"), "a\nb\n") == ["a"]
    assert missing(("v1.0 on f593aa12db35",), "v1.0 on 0123456789ab") == []
    assert missing(("2 files",), "3 files") == ["2 files"]
