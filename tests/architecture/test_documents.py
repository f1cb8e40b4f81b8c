"""What the pages tell their readers to type and to write is what towpath takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from documents import Command, steps

from towpath import errors
from towpath.config import reading
from towpath.invoke import TASKS
from towpath.pipeline import RELEASE
from towpath.typed import LEAVING_OUT, RELEASE_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = sorted({ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")})
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
ALWAYS = {"-l", "-s", "-k", "--help", "--list", "--no-dependencies"}


def typed() -> Iterator[tuple[Path, list[str]]]:
    """Every command of ours that a page shows in a console block, as words; a task by whichever name."""
    for page in PAGES:
        for step in steps(page):
            for part in step.text.split("&&") if isinstance(step, Command) else ():
                words = shlex.split(part.replace("python -m towpath ", "invoke "))
                if words[:1] in (["nox"], ["invoke"]):
                    yield page, words


COMMANDS = [pytest.param(words, id=f"{page.stem}: {shlex.join(words)}") for page, words in typed()]
WITH_TOML = [page for page in PAGES if "[tool.towpath" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_of_the_pages_exists_with_its_options(words: list[str]) -> None:
    if words[0] == "nox":
        known = {*RELEASE.names, "release", "docs", "check-readme"}  # the last is made by the page that names it
        options = {*RELEASE_OPTIONS, *LEAVING_OUT, "--yes", *(one for gate in RELEASE for one in gate.options)}
        named = words[words.index("-s") + 1 :] if "-s" in words else []
        sessions = named[: named.index("--")] if "--" in named else named
        assert {re.sub(r"-\d+\.\d+$", "", name) for name in sessions} <= known
    else:
        tasks = {made(None).name: made(None) for made in TASKS}
        name = words[1] if not words[1].startswith("-") else ""
        arguments = tasks[name].get_arguments() if name else []
        options = {f"--{one}" for argument in arguments for one in argument.names if len(one) > 1}
        options |= {option.replace("--", "--no-") for option in options}
    assert {word for word in words if word.startswith("-") and word not in {"-", "--"}} <= options | ALWAYS


@pytest.mark.parametrize("page", WITH_TOML, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_configuration_of_the_pages_is_one(page: Path, tmp_path: Path) -> None:
    for block in TOML.findall(page.read_text(encoding="utf-8")):
        if "[tool.towpath" not in block:
            continue
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "boat"\n\n{block}', encoding="utf-8")
        # an index of the project's own may be described by another block of the page
        wrong = [one.cause for one in problems(tmp_path) if "known are pypi, testpypi" not in one.cause]
        assert wrong == [], block


def problems(root: Path) -> tuple[errors.Problem, ...]:
    """What is wrong with the configuration of a project."""
    try:
        reading.load(root)
    except errors.TowpathError as error:
        return error.problems
    return ()
