"""Where else the version stands: `init` declares what agrees, and names what is stale with the way to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from towpath.adopt.copies import copies
from towpath.versions.places import find_places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from universe import Project

PYPROJECT = '[project]\nname = "shop"\nversion = "1.6.2"\n'


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("docs/conf.py", 'release = "1.6.2"\n', (1, 'release = "{version}"', True)),
        ("docs/source/conf.py", "x = 1\nversion = '1.6'\n", (2, "version = '{major}.{minor}'", True)),
        ("doc/conf.py", 'release = "1.6.1"\n', (1, 'release = "{version}"', False)),
        ("README.md", "![x](https://x.example/a.svg?v=1.6.2)\n", (1, "?v={version}", True)),
        ("README.md", "a.svg?v=1.6.2 b.svg?v=1.6.1\n", (1, "?v={version}", False)),
        ("README.rst", "https://img.example/version-1.6.2-blue\n", (1, "version-{version}-", True)),
        ("CITATION.cff", "cff-version: 1.2.0\nversion: 1.6.2\n", (2, "\nversion: {version}", True)),
        ("shop/__init__.py", '"""A shop.\n\nVersion: 1.6.2\n"""\n', (3, "Version: {version}", True)),
        ("tests/test_it.py", '    assert shop.__version__ == "1.6.2"\n', (1, '__version__ == "{version}"', True)),
        ("old/_version.py", '__version__ = "0.2"\n', (1, '__version__ = "{version}"', False)),
    ],
)
def test_what_looks_like_a_place(tmp_path: Path, path: str, text: str, expected: tuple[int, str, bool]) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    (found,) = copies(tmp_path, [path], (), Version("1.6.2"))
    assert (found.line, found.pattern, found.agrees) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/conf.py", 'release = get("1.6.2")\n'),
        ("README.md", "See page?v=latest, and version-less-ness.\n"),
        ("tests/test_it.py", '__version__ = "0.1"\n'),
        ("shop/_vendor/version.py", '__version__ = "0.1"\n'),
        ("shop/other.py", '__version__ = "0.1"\n'),
    ],
)
def test_what_is_something_elses(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert copies(tmp_path, [path], (), Version("1.6.2")) == ()


def test_a_known_place_is_not_told_again(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "shop.py").write_text('__version__ = "1.6.2"\n', encoding="utf-8")
    known = find_places(tmp_path)
    assert [place.path for place in known] == ["pyproject.toml", "shop.py"]
    assert copies(tmp_path, ["shop.py"], known, Version("1.6.2")) == ()


def test_init_declares_what_agrees_and_names_what_is_stale(make_project: Callable[..., Project]) -> None:
    files = {"docs/conf.py": 'release = "1.0.0"\n', "README.md": "![x](https://x.example/a{1}.svg?v=0.9)\n"}
    project = make_project(files=files)
    told = project.invoke("init", "--yes", "--no-workflows")
    assert told.code == 0, told.all
    lines = [line for line in told.out.splitlines() if "README.md, line 1, says 0.9," in line]
    assert len(lines) == 1
    assert '{ path = "README.md", pattern = "?v={version}" }' in lines[0]
    project.commit("Take it up")
    ended = project.invoke("bump", "--part", "patch", "--offline")
    assert ended.code == 0, ended.all
    assert (project.root / "docs/conf.py").read_text(encoding="utf-8") == 'release = "1.0.1"\n'
    assert "says" not in project.invoke("init", "--no-workflows").out.replace("README.md, line 1, says 0.9", "")


def test_a_table_of_the_projects_own_stays_and_is_told_what_it_lacks(make_project: Callable[..., Project]) -> None:
    project = make_project(files={"docs/conf.py": 'release = "1.0.0"\n'})
    project.write(
        "pyproject.toml", (project.root / "pyproject.toml").read_text() + '[tool.towpath.bump]\nbranch = "main"\n'
    )
    planned = project.invoke("init", "--json", "--no-workflows").json()
    assert planned["configuration"] == [] or all(
        one["table"] != "tool.towpath.bump" for one in planned["configuration"]
    )
    (said,) = [remark for remark in planned["remarks"] if "docs/conf.py, line 1, says 1.0.0" in remark]
    assert "--repair" not in said
