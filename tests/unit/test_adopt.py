"""What `init` reads from texts: who publishes, which names are taken; and what it appends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.adopt import toml
from towpath.adopt.lines import style
from towpath.adopt.names import sessions_in, tasks_in
from towpath.adopt.publishers import ACTION, Upload, Workflow, read, registered
from towpath.config.checks import wrong_choices
from towpath.config.sections import Settings, Test
from towpath.errors import Kind, TowpathError, respelled
from towpath.versions.places import version_in
from towpath.versions.toml import read as parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

# How the five projects of the brief publish, in short.
OIDC_ON_TAG = """\
on:
  push:
    tags: ["v*"]
jobs:
  publish:
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: actions/checkout@v4
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
TOKENS_BY_HYPHEN = """\
on:
  push:
    tags: ['v*']
jobs:
  wheels:
    steps: [{run: python -m build --wheel}]
  publish:
    steps:
      - name: TestPyPI
        if: contains(github.ref, '-')
        env: {TWINE_USERNAME: __token__, TWINE_PASSWORD: "${{ secrets.TEST_PYPI_API_TOKEN }}"}
        run: twine upload --repository testpypi dist/*
      - name: PyPI
        env: {TWINE_USERNAME: __token__, TWINE_PASSWORD: "${{ secrets.PYPI_API_TOKEN }}"}
        run: |
          python -m pip install twine
          twine upload dist/*
"""
DISPATCHED = """\
on:
  workflow_dispatch:
    inputs:
      version: {required: true}
      dry_run: {type: boolean}
permissions: {contents: read}
jobs:
  publish:
    environment:
      name: pypi-publishing
      url: https://pypi.org/p/mypylogger
    steps:
      - uses: "PyPA/gh-action-pypi-publish@v1.8"
"""
POETRY_ON_RELEASE = """\
"on":
  release: {types: [published]}
jobs:
  publish:
    steps:
      - run: poetry config pypi-token.pypi ${{ secrets.PYPI_TOKEN }}
      - run: |
          poetry build
          poetry publish
        env:
          POETRY_PYPI_TOKEN_PYPI: ${{ secrets.PYPI_TOKEN }}
"""
TOKEN_AS_FALLBACK = """\
on:
  release: {types: [published]}
  workflow_dispatch: {}
jobs:
  test:
    steps: [{run: pytest}]
  publish:
    environment: production
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          repository-url: https://test.pypi.org/legacy/
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          password: ${{ secrets.PYPI_TOKEN }}
"""
FIVE = {
    "ci.yml": (OIDC_ON_TAG, ("tag",), (Upload("pypi", ACTION, "pypi"),)),
    "build-wheels.yml": (
        TOKENS_BY_HYPHEN,
        ("tag",),
        (
            Upload("testpypi", "twine upload", "", "TEST_PYPI_API_TOKEN"),
            Upload("pypi", "twine upload", "", "PYPI_API_TOKEN"),
        ),
    ),
    "pypi-publish.yml": (DISPATCHED, ("dispatch",), (Upload("pypi", ACTION, "pypi-publishing"),)),
    "publish.yml": (POETRY_ON_RELEASE, ("release",), (Upload("pypi", "poetry publish", "", "PYPI_TOKEN"),)),
    "ci-cd.yml": (
        TOKEN_AS_FALLBACK,
        ("release", "dispatch"),
        (Upload("testpypi", ACTION, "production"), Upload("pypi", ACTION, "production", "PYPI_TOKEN")),
    ),
}


@pytest.mark.parametrize("name", FIVE)
def test_the_publishers_of_five_projects(name: str) -> None:
    text, triggers, uploads = FIVE[name]
    assert read(name, text) == Workflow(name, triggers, uploads)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("uv publish", ("pypi", "uv publish")),
        ("uv publish --index testpypi", ("testpypi", "uv publish")),
        ("hatch publish -r test", ("testpypi", "hatch publish")),
        ("flit publish --repository https://test.pypi.org/legacy/", ("testpypi", "flit publish")),
        ("pdm publish --no-build", ("pypi", "pdm publish")),
        ("poetry --no-interaction publish --build", ("pypi", "poetry --no-interaction publish")),
        (
            "python3 -m twine upload \\\n  --repository-url https://test.pypi.org/legacy/ dist/*",
            ("testpypi", "twine upload"),
        ),
        ("maturin upload --skip-existing wheels/*", ("pypi", "maturin upload")),
        ("python setup.py sdist bdist_wheel upload", ("pypi", "setup.py sdist bdist_wheel upload")),
        ("# twine upload dist/*", None),
        ("twine check dist/*", None),
        ("uv publish --dry-run", None),
        ("uv build && echo publish", None),
        ("codecov upload-process", None),
    ],
)
def test_commands_that_upload(run: str, expected: tuple[str, str] | None) -> None:
    indented = run.replace("\n", "\n          ")
    found = read("x.yml", f"on: push\njobs:\n  a:\n    steps:\n      - run: |\n          {indented}\n").uploads
    assert [(one.index, one.by) for one in found] == ([expected] if expected else [])


def test_a_push_of_anything_counts_as_a_tag_only_where_tags_are_asked_for() -> None:
    job = "jobs: {a: {if: \"startsWith(github.ref, 'refs/tags/')\", steps: [{run: uv publish}]}}"
    assert read("x.yml", f"on: [push, pull_request]\n{job}\n").triggers == ("tag",)
    assert read("x.yml", "on: [push, pull_request]\njobs: {a: {steps: [{run: uv publish}]}}\n").triggers == ()
    assert read("x.yml", f"on: {{push: {{branches: [main]}}}}\n{job}\n").triggers == ()


def test_what_only_a_run_knows_is_no_environment_and_no_user_is_a_token() -> None:
    text = (
        "on: push\nenv: {TWINE_USERNAME: '${{ secrets.PYPI_USERNAME }}', TWINE_PASSWORD: '${{ secrets.PYPI_PW }}'}\n"
        "jobs: {a: {environment: '${{ inputs.where }}', steps: [{run: twine upload dist/*}]}}\n"
    )
    assert read("x.yml", text).uploads == (Upload("pypi", "twine upload", "", "PYPI_PW"),)


def test_the_one_that_sends_to_pypi_is_the_registered_one() -> None:
    test, real = Workflow("a.yml", (), (Upload("testpypi", ACTION),)), Workflow("b.yml", (), (Upload("pypi", ACTION),))
    assert registered((Workflow("0.yml"), test, real)) == real
    assert registered((test,)) == test
    assert registered((Workflow("0.yml"),)) is None


@pytest.mark.parametrize(
    "text", ["{", "- a\n- b\n", "on: push\njobs: [1]\n", "", "on: 3\njobs: {a: 1, b: {steps: 2}}\n"]
)
def test_a_workflow_that_is_none_publishes_nothing_and_breaks_nothing(text: str) -> None:
    assert read("x.yml", text).uploads == ()


NOXFILE = """\
import nox
from nox_poetry import session as poetry_session

@nox.session
def lint(session): ...

@nox.session(name="type-check", python=["3.11", "3.12"])
def typing(session): ...

@nox.session(python=("3.12",), reuse_venv=True)
def test(session): ...

def helper(session): ...

nox.session(name="release")(helper)
nox.session(helper)
"""


def test_the_sessions_of_a_noxfile() -> None:
    names = sessions_in(NOXFILE, "noxfile.py").registered
    assert names == {"lint", "type-check", "type-check-3.11", "type-check-3.12", "test", "test-3.12", "release"}


TASKS = """\
from invoke import task, Collection

@task
def do_build(c): ...

@task(name="bump", aliases=["b", "up"], help={"a": "b"})
def other(c): ...

def plan(c): ...
"""


def test_the_tasks_of_a_tasks_file() -> None:
    module = tasks_in(TASKS, "tasks.py")
    assert module.registered == {"do-build", "bump", "b", "up"}
    assert module.namespace == ""
    assert tasks_in(f"{TASKS}\nnamespace = Collection(other)\n", "tasks.py").namespace == "namespace"


def test_text_that_is_no_python_is_refused_by_name() -> None:
    with pytest.raises(TowpathError, match=r"noxfile\.py is no Python"):
        sessions_in("def :", "noxfile.py")


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=20)
KEYS = st.one_of(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), st.just("3.8"))
VALUES = st.one_of(ANY_TEXT, st.booleans(), st.lists(ANY_TEXT, max_size=3).map(tuple))


@given(
    before=st.sampled_from([b"", b"[project]\nname = 'x'", b"[a]\r\nb = 1\r\n"]),
    keys=st.dictionaries(KEYS, VALUES, min_size=1),
)
def test_what_is_appended_is_read_back_and_changes_no_byte_before(before: bytes, keys: dict[str, Any]) -> None:
    after = toml.appended("pyproject.toml", before, {"tool.towpath.test": keys})
    assert after.startswith(before)
    found = parsed("pyproject.toml", after)
    wanted = {key: list(value) if isinstance(value, tuple) else value for key, value in keys.items()}
    assert found["tool"]["towpath"]["test"] == wanted
    assert {key: value for key, value in found.items() if key != "tool"} == parsed("pyproject.toml", before)


@pytest.mark.parametrize(
    "before", [b"[tool]\ntowpath = {}\n", b"[tool.towpath.test]\ngroups = []\n", b"[tool]\ntowpath.test.groups = []\n"]
)
def test_what_cannot_be_appended_is_shown(before: bytes) -> None:
    with pytest.raises(TowpathError) as caught:
        toml.appended("pyproject.toml", before, {"tool.towpath.test": {"tests": "none"}})
    assert caught.value.problems[0].id == "cannot-append"
    assert 'tests = "none"' in caught.value.problems[0].detail


def test_names_with_a_prefix_in_texts() -> None:
    kind = Kind("x", "`nox -s build` first, or invoke bump.", "Run `nox -s {session}`; invoked twice, `nox -l`.")
    problem = kind.problem(session="test-3.12").respelled("our-")
    assert problem.cause == "`nox -s our-build` first, or invoke our-bump."
    assert problem.fix == "Run `nox -s our-test-3.12`; invoked twice, `nox -l`."
    assert respelled("nox -s release", "") == "nox -s release"


@pytest.mark.parametrize(
    ("tool", "future", "gap"),
    [
        ({}, "", ""),
        ({"isort": {"lines_after_imports": 2, "add_imports": "from __future__ import annotations"}}, "from __f", "\n"),
        ({"ruff": {"lint": {"isort": {"lines-after-imports": 2}}}}, "", "\n"),
        ({"ruff": {"isort": {"required-imports": ["from __future__ import annotations"]}}}, "from __f", ""),
    ],
)
def test_the_lines_keep_to_the_projects_own_order_of_imports(tool: Any, future: str, gap: str) -> None:
    found = style({"tool": tool}, Path("nowhere"))
    assert (found.future[:8], found.gap) == (future, gap)


@dataclass(frozen=True)
class Files:
    """A tree in memory."""

    files: Mapping[str, str]

    def read(self, path: str) -> bytes | None:
        return self.files[path].encode() if path in self.files else None

    def children(self, folder: str) -> tuple[str, ...]:
        base = f"{folder}/" if folder else ""
        return tuple(sorted({path[len(base) :].split("/")[0] for path in self.files if path.startswith(base)}))


@pytest.mark.parametrize("source", [".about", "sample.about"])
def test_a_version_that_the_package_imports_is_found_where_it_stands(source: str) -> None:
    """flit and setuptools follow the import (idna has it so)."""
    files = {
        "pyproject.toml": (
            '[build-system]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "sample"\ndynamic = ["version"]\n'
        ),
        "sample/__init__.py": f"from {source} import version as __version__\n",
        "sample/about.py": 'version = "1.2.0"\n',
    }
    place = version_in(Files(files), name="here")
    assert (place.path, place.value) == ("sample/about.py", "1.2.0")


@pytest.mark.parametrize("prefix", ["towpath", "Our-", "-", "a--", "a -"])
def test_a_prefix_that_no_name_can_begin_with(prefix: str) -> None:
    assert [one.id for one in wrong_choices(Settings(prefix=prefix))] == ["bad-configuration"]
    assert not list(wrong_choices(Settings(prefix="our-own-")))


def test_no_tests_wants_its_reason() -> None:
    assert ["reason" in one.cause for one in wrong_choices(Settings(test=Test(tests="none")))] == [True]
