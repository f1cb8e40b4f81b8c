"""The tables of the five guides and of the fifteen failures: whole, and true of the code as far as names can be."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

import msgspec
import pytest

from towpath.config.sections import Settings
from towpath.doctor.checks import CHECKS
from towpath.errors import catalogue
from towpath.errors.explaining import find
from towpath.invoke import TASKS, tasks
from towpath.pipeline import RELEASE
from towpath.typed import LEAVING_OUT, RELEASE_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
HERE = ROOT / "docs" / "explanation"
GUIDES = ("asynkit", "python-manta", "mypylogger", "arshai", "flask-more-smorest")
PAGES = [HERE / "guides.md", HERE / "failures.md", *(HERE / "guides" / f"{name}.md" for name in GUIDES)]

# The errors that the guides explain: a word of the row that is about it, whose guide it is, what somebody would paste,
# and the entry that is found then.
EXPLAINED = [
    ("asynkit", "Environment not found", '"Environment not found" error', "environment-not-found"),
    ("asynkit", "Permission denied", '"Permission denied" when publishing', "permission-denied-alone"),
    ("asynkit", "Version already exists", "Version already exists on PyPI", "version-taken"),
    ("asynkit", "Tests fail before", "Tests fail before deployment", "release-held-by-checks"),
    ("python-manta", "Invalid or expired token", 'Error: "Invalid or expired token"', "token-refused"),
    ("python-manta", "Project does not exist", 'Error: "Project does not exist"', "project-not-there-yet"),
    ("python-manta", "File already exists", 'Error: "File already exists"', "file-exists"),
    ("python-manta", "403 Forbidden", 'Error: "403 Forbidden"', "forbidden-alone"),
    ("python-manta", "does not start", "Workflow doesn't trigger", "workflow-not-started"),
    ("python-manta", "TestPyPI works", "TestPyPI works but PyPI fails", "testpypi-only"),
    ("mypylogger", "OIDC token request", "Error: OIDC token request failed", "no-identity"),
    ("mypylogger", "below threshold", "Error: Tests failed or coverage below threshold", "release-held-by-checks"),
    ("mypylogger", "Version already exists", "Error: Version already exists on PyPI", "version-taken"),
    ("mypylogger", "Package build failed", "Error: Package build failed", "build-failed"),
    ("arshai", "400 Bad Request", "400 Bad Request from https://upload.pypi.org/legacy/", "bad-request-alone"),
    ("arshai", "403 Forbidden", "HTTPError: 403 Forbidden", "forbidden-alone"),
    ("arshai", "The build fails", "Package build fails during workflow", "build-failed"),
    ("arshai", "Import errors", "Import Errors", "import-failed"),
    (
        "flask-more-smorest",
        "allowed to upload",
        "The user 'xxx' isn't allowed to upload to project 'a-project'",
        "not-allowed",
    ),
    ("flask-more-smorest", "exchange failure", 'Error: "Trusted publishing exchange failure"', "exchange-refused"),
    (
        "flask-more-smorest",
        "non-existent authentication",
        "Invalid or non-existent authentication information",
        "token-refused",
    ),
    ("flask-more-smorest", "File already exists", "Package won't publish - File already exists", "file-exists"),
    (
        "flask-more-smorest",
        "Tests fail in the workflow",
        "Tests fail in workflow but pass locally",
        "tests-differ-there",
    ),
]
# Of no guide's troubleshooting, and yet explained there: the page that says what to do.
EXPLAINED_BESIDE = [("GitHub release creation fails", "release-not-made")]

# What may be typed after `--`: for the walk, and for a gate.
OPTIONS = {*RELEASE_OPTIONS, *LEAVING_OUT, *(option for gate in RELEASE for option in gate.options)}

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"\b(nox -s|invoke) ([^`]*)")
_OPTION = re.compile(r"--[a-z][a-z-]+")


@dataclass(frozen=True)
class Row:
    """A row of a table, with the heads of its columns."""

    page: str
    heads: tuple[str, ...]
    cells: tuple[str, ...]


def rows(path: Path) -> Iterator[Row]:
    heads: tuple[str, ...] = ()
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            heads = ()
            continue
        cells = tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        if not heads:
            heads = cells
        elif not all(set(cell) <= set("-: ") and cell for cell in cells):
            yield Row(path.stem, heads, cells)


ALL = {path.stem: tuple(rows(path)) for path in PAGES}


def linked(text: str) -> list[tuple[str, str]]:
    return [(said, to) for said, to in _LINK.findall(text) if "://" not in to]


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def keys() -> set[str]:
    """Every key of `[tool.towpath]`, an index of one's own as `index.NAME`."""
    return set(_keys(Settings, ""))


def _keys(section: type, before: str) -> Iterator[str]:
    hints = get_type_hints(section)
    for one in msgspec.structs.fields(section):
        name = f"{before}{one.encode_name}"
        yield name
        kind = hints[one.name]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from _keys(kind, f"{name}.")
        if name == "index":
            yield from _keys(kind.__args__[1], "index.NAME.")


def sessions() -> set[str]:
    """Every session that does not depend on a project's Pythons, and the walk."""
    return {*RELEASE.names, "release"}


def options(task: str) -> set[str]:
    """The options of a task, as invoke spells them."""
    return {f"--{name.strip('_').replace('_', '-')}" for name in inspect.signature(tasks()[task].body).parameters}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_cell_is_empty(path: Path) -> None:
    found = ALL[path.stem]
    assert found
    for row in found:
        assert len(row.cells) == len(row.heads), row
        assert all(re.search(r"\w", cell) for cell in row.cells), row


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_and_heading_that_is_linked_is_there(path: Path) -> None:
    for said, to in linked(path.read_text(encoding="utf-8")):
        page, _, anchor = to.partition("#")
        target = (path.parent / page).resolve() if page else path
        assert target.is_file(), f"{path.stem}: {said} → {to}"
        assert not anchor or anchor in anchors(target), f"{path.stem}: {said} → {to}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_everything_that_is_named_exists(path: Path) -> None:
    checks = {(check.name, check.part.replace(" ", "-")) for check in CHECKS}
    for said, to in linked(path.read_text(encoding="utf-8")):
        page, _, anchor = to.rpartition("/")[2].partition("#")
        if page == "errors.md" and anchor == said:
            assert said in catalogue()
        elif page == "doctor.md" and anchor:
            assert (said, anchor) in checks, f"{path.stem}: {said} → {to}"
        elif page == "gates.md" and "reference" in to:
            assert said.strip("`") in RELEASE.names
        elif said.startswith("`"):
            assert said.strip("`") in keys(), f"{path.stem}: {said} is no key"
            last = said.strip("`").rpartition(".")[2]
            assert last in (path.parent / to).read_text(encoding="utf-8"), f"{to} does not speak of {said}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_command_that_is_named_exists(path: Path) -> None:
    names = {str(task.name) for task in (made(None) for made in TASKS)}
    said = [
        found for span in re.findall(r"`([^`]+)`", path.read_text(encoding="utf-8")) for found in _COMMAND.findall(span)
    ]
    assert said
    for program, rest in said:
        word, *more = rest.split() or ["…"]
        if word == "…":
            continue
        assert word in (names if program == "invoke" else sessions()), f"{path.stem}: {program} {rest}"
        if program == "invoke":
            assert set(_OPTION.findall(" ".join(more))) <= options(word), f"{path.stem}: {program} {rest}"
        else:
            assert OPTIONS.issuperset(_OPTION.findall(rest)), f"{path.stem}: {rest}"


@pytest.mark.parametrize(("guide", "words", "pasted", "entry"), EXPLAINED, ids=lambda value: str(value)[:30])
def test_every_error_of_the_guides_has_its_row_and_its_entry(guide: str, words: str, pasted: str, entry: str) -> None:
    (row,) = [row for row in ALL[guide] if words in row.cells[0]]
    assert entry in {said for said, _ in linked(row.cells[1])}
    assert find(pasted)[0].kind.id == entry


@pytest.mark.parametrize(("pasted", "entry"), EXPLAINED_BESIDE)
def test_an_error_that_no_section_of_its_own_explains(pasted: str, entry: str) -> None:
    assert find(pasted)[0].kind.id == entry


LISTED = {
    about: re.findall(r"^  - `([^`]+)`$", below, re.MULTILINE)
    for about, below in re.findall(
        r"^- \*\*(\w+)\*\*\n((?:  - .*\n)+)", (HERE / "failures.md").read_text(encoding="utf-8"), re.MULTILINE
    )
}


def test_there_are_fifteen_failures_and_seven_near_misses_each_with_its_tests() -> None:
    named = [row.cells[0] for row in ALL["failures"]]
    assert named == [*map(str, range(1, 16)), *"abcdefg"]
    assert list(LISTED) == named


@pytest.mark.parametrize("row", ALL["failures"], ids=lambda row: row.cells[0])
def test_each_failure_has_its_error_and_tests_that_are_there(row: Row) -> None:
    assert linked(row.cells[-1]) or "nothing is refused" in row.cells[-1]
    assert LISTED[row.cells[0]]
    for one in LISTED[row.cells[0]]:
        path, *names = one.split("::")
        assert names, one
        body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
        for name in names:
            found = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name]
            assert found, one
            body = found[0].body
