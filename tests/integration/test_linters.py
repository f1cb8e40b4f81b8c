"""Which linters a project is found to use, and how they are installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from towpath.gates.hooks import HOOKS, hook_versions
from towpath.gates.linters import LINTERS, Project, linter_of, linters, required
from towpath.repository.git import Git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HOOK = "- repo: https://github.com/{}\n  rev: {}\n  hooks: [{{id: a}}]\n"


def project(folder: Path, text: str = "", files: Mapping[str, str] | None = None) -> Project:
    (folder / "src").mkdir()
    for name, content in (files or {}).items():
        (folder / name).write_text(content)
    return Project(tomllib.loads(text), folder, folder, "sample")


def found(folder: Path, text: str = "", files: Mapping[str, str] | None = None) -> dict[str, str]:
    """Command → reason."""
    return {" ".join(one.command): one.because for one in linters(project(folder, text, files))}


# How the five projects that define this job declare and configure theirs.
FIVE: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "asynkit": (
        "[dependency-groups]\ndev = ['ruff', 'mdformat', 'mdformat-gfm', 'ty', 'pytest']\n[tool.ruff]\n",
        {},
        {"ruff check .", "mdformat --check .", "ty check src"},
    ),
    "python-manta": ("[project.optional-dependencies]\ndev = ['pytest']\n", {}, set()),
    "mypylogger": (
        "[dependency-groups]\ndev = ['ruff>=0.8', 'mypy>=1.13']\n[tool.ruff.format]\n[tool.mypy]\nfiles = ['src']\n",
        {},
        {"ruff check .", "ruff format --check .", "mypy"},
    ),
    "arshai": (
        "[tool.poetry.group.dev.dependencies]\nblack = '^24.0'\nisort = '^5.13'\n",
        {},
        {"black --check .", "isort --check-only ."},
    ),
    "flask-more-smorest": (
        "[tool.poetry.group.dev.dependencies]\nblack = '*'\nisort = '*'\nflake8 = '*'\nmypy = '*'\n[tool.black]\n",
        {".flake8": "[flake8]\n"},
        {"black --check .", "isort --check-only .", "flake8 --benchmark", "mypy --config-file= src"},
    ),
}


@pytest.mark.parametrize("name", FIVE)
def test_the_tools_of_the_five(tmp_path: Path, name: str) -> None:
    text, files, expected = FIVE[name]
    assert set(found(tmp_path, text, files)) == expected


@pytest.mark.parametrize(
    ("text", "files", "command", "because"),
    [
        ("", {"ruff.toml": "[format]\n"}, "ruff format --check .", "ruff.toml"),
        ("", {".ruff.toml": ""}, "ruff check .", ".ruff.toml"),
        ("", {"setup.cfg": "[tool:isort]\n"}, "isort --check-only .", "[isort] in setup.cfg"),
        ("", {"tox.ini": "[flake8]\n"}, "flake8 --benchmark", "[flake8] in tox.ini"),
        ("", {"setup.cfg": "[mypy]\nfiles = src\n"}, "mypy", "[mypy] in setup.cfg"),
        ("", {"mypy.ini": "[mypy]\n"}, "mypy src", "mypy.ini"),
        ("", {"pyrightconfig.json": "{}"}, "pyright --stats src", "pyrightconfig.json"),
        ("", {"pyrightconfig.json": '{"include": ["a"]}'}, "pyright --stats", "pyrightconfig.json"),
        ("[tool.ty.src]\ninclude = ['a']\n", {}, "ty check", "[tool.ty]"),
        ("[tool.pylint]\n", {}, "pylint src", "[tool.pylint]"),
        ("", {"requirements-dev.txt": "mypy==1.10\n"}, "mypy --config-file= src", "declared in requirements-dev.txt"),
        ("[project.optional-dependencies]\ndev = ['black']\n", {}, "black --check .", "declared in extra dev"),
        ("[tool.pdm.dev-dependencies]\nx = ['black']\n", {}, "black --check .", "declared in group x"),
    ],
)
def test_where_it_is_seen(tmp_path: Path, text: str, files: dict[str, str], command: str, because: str) -> None:
    assert found(tmp_path, text, files)[command] == because


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ("hatch_build.py company/sample/bad.py tests/test_a.py", "company hatch_build.py"),
        ("owlbot.py google/cloud/foo/__init__.py google/cloud/foo/tests/test_a.py", "google/cloud/foo owlbot.py"),
        ("versioneer.py python/src/foo/a.py python/setup.py python/tests/test_a.py", "python/src versioneer.py"),
        ("hello.py packages/a/src/mono/__init__.py packages/b/mono.py", "hello.py packages"),
        ("hello.py packages/a/src/x.py packages/a/tests/b.py packages/b/x.py", "hello.py packages/a/src packages/b"),
        # Whole, whatever lies in them: the layouts that are known by their names.
        ("src/a.py src/tests/test_a.py", "src"),
        ("sample/a.py sample/tests/test_a.py", "sample"),
        ("sample.py test_a.py", "sample.py"),
        ("other/__init__.py other/tests/__init__.py", "other"),
        ("space/part/__init__.py space/testing/__init__.py space/tasks.py", "space"),
        # No code of the package: tests, tooling without a package, and what git ignores.
        ("sample.py ci/a.py tools/b.py e2e/c.py more/test_d.py more/tests/e.py .x/f.py ignored/g.py", "sample.py"),
        ("sample.py tools/__init__.py", "sample.py tools"),
        ("setup.py tests/test_a.py", "."),
    ],
)
def test_which_paths_are_chosen_for_a_linter(tmp_path: Path, files: str, paths: str) -> None:
    Git(tmp_path)("init", "--quiet")
    (tmp_path / ".gitignore").write_text("ignored/\n")
    for name in files.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    chosen = Project(tomllib.loads("[tool.mypy]\n"), tmp_path, tmp_path, "sample")
    assert [one.command for one in linters(chosen)] == [("mypy", *paths.split())]


@pytest.mark.parametrize(
    "text",
    [
        "[project.optional-dependencies]\nreformat = ['black']\n",  # for the package's users
        "[dependency-groups]\ndev = ['pylint', 'pre-commit']\n",  # nothing to run them with
        "[project]\ndependencies = ['black']\n",
    ],
)
def test_what_is_no_linter_of_the_project(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == {}


def test_hooks_come_last_since_they_may_change_files(tmp_path: Path) -> None:
    commands = list(found(tmp_path, "[tool.ruff]\n[tool.mypy]\n", {HOOKS: "repos: []\n"}))
    assert commands[-1].startswith("pre-commit run --all-files")


class TestVersions:
    """At which version a linter is installed."""

    HOOKED = "repos:\n" + HOOK.format("psf/black", "24.1.0") + HOOK.format("astral-sh/ruff-pre-commit", "v0.9.1")

    def versions(self, folder: Path, text: str, tool: str, hooks: str = HOOKED) -> tuple[str, ...]:
        linter = next(one for one in LINTERS if one.name == tool)
        return required(project(folder, text, {HOOKS: hooks}), linter)

    def test_as_declared(self, tmp_path: Path) -> None:
        text = "[dependency-groups]\na = ['black>=20; python_version < \"3\"', 'black==24.2']\n"
        assert self.versions(tmp_path, text, "black") == ('black>=20; python_version < "3"', "black==24.2")

    def test_else_that_of_its_hook(self, tmp_path: Path) -> None:
        assert self.versions(tmp_path, "", "ruff") == ("ruff==0.9.1",)

    @pytest.mark.parametrize(
        ("groups", "hooks", "version"),
        [
            ("a = ['ruff']", HOOKED, "ruff==0.9.1"),
            # What another group asks for might not be met together with the hook's.
            ("a = ['ruff']\nb = ['ruff>=0.12']", HOOKED, "ruff"),
            ("a = ['ruff']", "repos: []\n", "ruff"),
        ],
    )
    def test_a_bare_name_says_no_version(self, tmp_path: Path, groups: str, hooks: str, version: str) -> None:
        assert self.versions(tmp_path, f"[dependency-groups]\n{groups}\n", "ruff", hooks) == (version,)

    def test_else_the_newest(self, tmp_path: Path) -> None:
        assert self.versions(tmp_path, "", "mypy") == ("mypy",)

    @pytest.mark.parametrize(("repository", "revision"), [("me/black-fork", "1.0"), ("psf/black", "main")])
    def test_a_revision_that_is_no_version(self, tmp_path: Path, repository: str, revision: str) -> None:
        (tmp_path / HOOKS).write_text("repos:\n" + HOOK.format(repository, revision))
        assert hook_versions(tmp_path) == {}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("mypy src", "mypy"),
        ("python -m mypy src", "mypy"),
        ("python3.12 -m pre_commit run", "pre-commit"),
        ("C:\\tools\\ruff.exe check", "ruff"),
        ("lint-imports", "lint-imports"),
        ("make lint", None),
        ("python scripts/lint.py", None),
    ],
)
def test_which_linter_a_command_starts(command: str, name: str | None) -> None:
    known: Any = linter_of(command.split(" "))
    assert (known.name if known else None) == name
