"""What the jobs that tag, publish and release check out: enough to read the version and the changelog, and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from towpath.errors import TowpathError
from towpath.gates.notes import notes_of
from towpath.repository.git import Git
from towpath.walk.world import open_workspace
from towpath.workflow import sparse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SETUPTOOLS = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "sample-pkg"
requires-python = ">=3.10"
dynamic = ["version"]
"""
FLIT = """\
[build-system]
requires = ["flit-core>=3.11,<4"]
build-backend = "flit_core.buildapi"
[project]
name = "sample-pkg"
dynamic = ["version", "description"]
"""
STATIC = SETUPTOOLS.replace('dynamic = ["version"]', 'version = "1.2.3"')
ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "sample_pkg.__version__" }\n'
IMPORTED = "from ._version import __version__\n"
NUMBER = '__version__ = "1.2.3"\n'
CHANGES = "# Changes\n\n## 1.2.3\n\n- It works.\n"


def committed(root: Path, files: Mapping[str, str], links: Mapping[str, str] | None = None) -> Path:
    root.mkdir()
    for path, text in {"noxfile.py": "", "src/other.py": "", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")
    for path, target in (links or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)
    git = Git(root)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", "--all")
    git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--message", "All of it")
    return root


def checked_out(root: Path, folder: Path) -> Path:
    """What a job of the workflow has of the project, by git's own sparse checkout."""
    patterns = sparse.patterns(open_workspace(root, os.environ))
    Git(root)("clone", "--quiet", "--no-checkout", ".", str(folder))
    git = Git(folder)
    git("sparse-checkout", "set", "--no-cone", *patterns)
    git("checkout", "--quiet", "main")
    return folder


def listed(folder: Path) -> list[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] != ".git")


CASES = {
    "setuptools, imported": (
        {
            "pyproject.toml": SETUPTOOLS + ATTR,
            "src/sample_pkg/__init__.py": IMPORTED,
            "src/sample_pkg/_version.py": NUMBER,
        },
        ["src/sample_pkg/__init__.py", "src/sample_pkg/_version.py"],
    ),
    "flit, imported": (
        {"pyproject.toml": FLIT, "sample_pkg/__init__.py": f'"""It."""\n{IMPORTED}', "sample_pkg/_version.py": NUMBER},
        ["sample_pkg/__init__.py", "sample_pkg/_version.py"],
    ),
    "setup.cfg": (
        {
            "pyproject.toml": SETUPTOOLS,
            "setup.cfg": "[metadata]\nversion = attr: sample_pkg.__version__\n",
            "sample_pkg/__init__.py": NUMBER,
            "sample_pkg/more.py": "",
        },
        ["sample_pkg/__init__.py", "setup.cfg"],
    ),
    "static": ({"pyproject.toml": STATIC, "sample_pkg/__init__.py": NUMBER}, []),
}


@pytest.mark.parametrize(("files", "more"), CASES.values(), ids=CASES)
def test_the_version_is_read_there_as_in_the_whole(tmp_path: Path, files: dict[str, str], more: list[str]) -> None:
    root = committed(tmp_path / "whole", files)
    part = checked_out(root, tmp_path / "part")
    whole, there = (open_workspace(folder, os.environ).subject for folder in (root, part))
    assert (there.version, there.tree, there.commit) == (whole.version, whole.tree, whole.commit) != ("", "", "")
    assert listed(part) == sorted(["noxfile.py", "pyproject.toml", *more])


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links are a privilege there")
class TestSymbolicLinks:
    def test_a_link_comes_with_what_it_leads_to(self, tmp_path: Path) -> None:
        files = {"pyproject.toml": SETUPTOOLS + ATTR, "code/sample_pkg/__init__.py": NUMBER, "docs/[all].md": CHANGES}
        root = committed(
            tmp_path / "whole", files, {"CHANGES.md": "docs/[all].md", "src/sample_pkg": "../code/sample_pkg"}
        )
        part = checked_out(root, tmp_path / "part")
        assert open_workspace(part, os.environ).subject.version == "1.2.3"
        assert "It works." in notes_of(part).text
        assert "src/other.py" not in listed(part)

    def test_one_that_leads_by_this_machine_s_path_is_refused(self, tmp_path: Path) -> None:
        files = {"pyproject.toml": STATIC, "docs/history.md": CHANGES}
        root = committed(tmp_path / "whole", files, {"CHANGES.md": str(tmp_path / "whole/docs/history.md")})
        with pytest.raises(TowpathError) as caught:
            sparse.paths(open_workspace(root, os.environ))
        assert [problem.id for problem in caught.value.problems] == ["checkout-too-small"]
        assert "CHANGES.md, and CHANGES.md cannot be read there" in caught.value.problems[0].cause


def test_the_noxfile_finds_the_modules_that_it_imports(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": STATIC,
        "noxfile.py": "import json\nimport tools.gates\n\ndef session():\n    import later\n",
        "tools/__init__.py": "",
        "tools/gates.py": "from . import more\nfrom pipeline import RELEASE\n",
        "tools/more.py": "",
        "tools/unused.py": "",
        "pipeline.py": "if True:\n    RELEASE = 1\n",
        "later.py": "",
    }
    part = checked_out(committed(tmp_path / "whole", files), tmp_path / "part")
    wanted = ["noxfile.py", "pipeline.py", "pyproject.toml", "tools/__init__.py", "tools/gates.py", "tools/more.py"]
    assert listed(part) == wanted
    subprocess.run([sys.executable, "-B", "noxfile.py"], cwd=part, check=True, timeout=60)
