"""What holds for the tree as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest

from towpath.config.sections import AfterRelease, Index, Settings
from towpath.errors import catalogue
from towpath.errors.rooms import TITLES, rooms
from towpath.pages.made import pages

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "towpath"
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = (
    *("git", "jinja2", "requests", "rich", "twine", "werkzeug", "jwt", "msgspec"),
    *("tomlkit", "build", "keyring", "poetry"),
)


@pytest.mark.parametrize("name", pages())
def test_the_generated_pages_are_current(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run: python -m towpath.pages docs/reference"


def test_every_error_has_cause_fix_and_is_raised_somewhere_or_known_of_others() -> None:
    code = (path for path in MODULES if path.parent.name != "errors")
    source = "\n".join(path.read_text(encoding="utf-8") for path in code)
    source += (SOURCE / "errors" / "files.py").read_text(encoding="utf-8").partition("def from_os_error")[2]
    for kind in catalogue().values():
        assert kind.cause
        assert kind.fix
        constant = kind.id.upper().replace("-", "_")
        raised = bool(re.search(rf"\b{constant}\b(?!\.is_said_in\()", source))
        if kind.said_by:
            assert kind.recognises, f"{kind.id} is an answer of others, and nothing tells by what it is known"
            assert not raised, f"{constant} is raised, so it is no answer of others alone"
            assert not kind.facts
        else:
            assert raised, f"{constant} is never raised"


def test_no_two_modules_of_the_catalogue_define_the_same() -> None:
    """A star import would hide one of them without a word."""
    names, ids = [], []
    for path in sorted((SOURCE / "errors").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
                first = node.value.args[0]
                names += [target.id for target in node.targets if isinstance(target, ast.Name)]
                ids += [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
    public = [name for name in names if not name.startswith("_")]
    assert len(public) > 300
    assert [name for name in public if public.count(name) > 1] == []
    assert [one for one in ids if ids.count(one) > 1] == []


def test_every_room_of_the_catalogue_has_a_title_and_every_entry_a_room() -> None:
    modules = {path.stem for path in (SOURCE / "errors").glob("*.py") if "Kind(\n" in path.read_text(encoding="utf-8")}
    modules |= {path.stem for path in (SOURCE / "errors").glob("said_*.py")}
    assert modules - set(TITLES) - {"kinds"} == set()
    listed = [kind.id for kinds in rooms().values() for kind in kinds]
    assert sorted(listed) == sorted(catalogue())


@pytest.mark.parametrize("module", ["towpath.nox", "towpath.invoke"])
def test_the_adapters_import_nothing_that_costs(module: str) -> None:
    """`nox -l` and `invoke --list` are run all day."""
    code = f"import sys, nox, invoke; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    listed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {name.partition(".")[0] for name in listed} & set(HEAVY)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_reports_and_adapters_print(path: Path) -> None:
    allowed = {"reports", "nox.py", "invoke.py", "entry.py", "__main__.py"}
    if allowed & set(path.relative_to(SOURCE).parts):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Name) and call.id in {"print", "input"}]


def test_this_repository_adopts_towpath_by_the_lines_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, more in {"noxfile.py": ["import nox", "def docs"], "tasks.py": []}.items():
        block = re.search(rf"`{name}`:\n\n```python\n(.*?)```", readme, re.DOTALL)
        assert block
        wanted = _statements(block[1])
        assert len(wanted) == 2
        own = _statements((ROOT / name).read_text(encoding="utf-8"))
        assert [line for line in own if line in wanted] == wanted
        others = [line for line in own if line not in wanted]
        assert [line for line in others if not any(one in line for one in more)] == []


def _statements(text: str) -> list[str]:
    """The statements of a module without its docstring."""
    tree = ast.parse(text)
    return [ast.unparse(node) for node in tree.body[1 if ast.get_docstring(tree) else 0 :]]


def test_continuous_integration_calls_the_test_command_of_the_readme() -> None:
    assert "nox -s test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "nox -s test" in (ROOT / "README.md").read_text(encoding="utf-8")


NAMED = (AfterRelease, Index)  # tables by a name of the project's own


def test_every_key_of_the_configuration_is_documented_with_its_default() -> None:
    documented = dict(_documented_keys())
    assert set(documented) == set(_keys(Settings))
    compared = 0
    for key, cell in documented.items():
        shown, known = _literal(cell), _default(key)
        if shown is not None and known is not None:
            assert shown == known, key
            compared += 1
    assert compared > 20


def _keys(section: Any, prefix: str = "") -> Iterator[str]:
    """The keys of a table and of the tables below it; NAME stands for a name of the project's own."""
    for field in msgspec.structs.fields(section):
        name = f"{prefix}{field.encode_name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _keys(field.type, f"{name}.")
        elif (named := get_args(field.type)) and named[-1] in NAMED:
            yield from _keys(named[-1], f"{name}.NAME.")
        else:
            yield name


def _documented_keys() -> Iterator[tuple[str, str]]:
    """Key → default, from the first table of the page and from the tables that it refers to as `table.*`."""
    for cells in _rows("configuration.md", after="# Configuration"):
        table = ""
        for name in re.findall(r"`([^`]+)`", cells[0]):
            if name.endswith(".*"):
                page = re.search(r"\(([\w-]+\.md)\)", cells[2])
                assert page, f"{name}: no page is named"
                rows = _rows(page[1], after=f"`[tool.towpath.{name[:-2]}]`")
                yield from ((f"{name[:-1]}{row[0].strip('`')}", row[1]) for row in _split(rows))
                continue
            table = table if name.startswith(".") else name.rpartition(".")[0]
            yield f"{table}{name}" if name.startswith(".") else name, cells[1] if "," not in cells[0] else ""


def _split(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """A row for each key, where one names several: `"a"`, `"b"` are their defaults in order."""
    for row in rows:
        names, defaults = row[0].split(", "), row[1].split(", ")
        alike = defaults if len(defaults) == len(names) else [""] * len(names)
        yield from ([name, default, row[2]] for name, default in zip(names, alike, strict=True))


def _rows(page: str, *, after: str) -> list[list[str]]:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    table = text[text.index(after) :].partition("| key | default | meaning |\n|---|---|---|\n")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
    assert rows, f"{page} has no table of keys after {after}"
    return rows


def _literal(cell: str) -> object:
    """The value that a cell shows as TOML, if it is one."""
    code = re.fullmatch(r"`([^`]+)`", cell)
    try:
        return tomllib.loads(f"x = {code[1]}")["x"] if code else None
    except tomllib.TOMLDecodeError:
        return None


def _default(key: str) -> object:
    found: Any = Settings()
    for name in key.split("."):
        if isinstance(found, dict):
            return None
        found = getattr(found, {"from": "from_"}.get(name, name.replace("-", "_")))
    return list(found) if isinstance(found, tuple) else found


PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_in_the_pages_leads_to_a_page_and_a_heading_that_are_there(page: Path) -> None:
    text = _without_code(page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: there is no such file"
        if anchor:
            assert anchor in _anchors(target), f"{link}: there is no such heading"


@cache
def _anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    found: list[str] = []
    for heading in re.findall(r"^#+ (.+)$", _without_blocks(page.read_text(encoding="utf-8")), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return frozenset(found)


def _without_blocks(text: str) -> str:
    return re.sub(r"^( *)```.*?^\1```", "", text, flags=re.MULTILINE | re.DOTALL)


def _without_code(text: str) -> str:
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", _without_blocks(text))


def test_every_page_is_in_the_contents_of_the_site() -> None:
    """What no table of contents names cannot be found there; Sphinx warns of it, too."""
    docs = ROOT / "docs"
    listed = set()
    for page in docs.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            lines = [line for line in block.splitlines() if line and not line.startswith(":")]
            for line in lines:
                name = (re.fullmatch(r".*<(.+)>", line) or [line, line])[1]
                found = set(page.parent.glob(f"{name}.md"))
                assert found, f"{page.name}: {name} is not there"
                listed |= found
    left_out = {docs / "index.md", docs / "adr" / "README.md"}
    assert set(docs.rglob("*.md")) - listed == left_out


def test_an_id_of_the_catalogue_is_an_anchor_of_its_own() -> None:
    """The link that each error carries leads to its entry, and not to a room's title of that name."""
    assert not {re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in rooms()} & set(catalogue())
    assert set(catalogue()) <= _anchors(ROOT / "docs" / "reference" / "errors.md")
