"""flask-more-smorest's journey: every copy of the version stale, trusted publishing, docs to be built afterwards.

Of its own: the version in `[tool.poetry]`, and others in `__init__.py`, in the README's badges and in docs/conf.py; a
committed poetry.lock; one workflow that checks and publishes, on a published release or by a dispatch, by PyPA's action
with a token as the fallback; `prepatch`; Read the Docs, which is told of each final release.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from journeys import Journey, Shape, on_the_way, problems, results, well
from universe import RUNNING, problem_ids, states

from towpath.index.twin import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYPROJECT = """\
[tool.poetry]
name = "flask-more-smorest"
version = "{version}"
description = "Enhanced blueprints with automatic CRUD operations"
authors = ["Ada <ada@example.org>"]
maintainers = ["Ada <ada@example.org>"]
readme = "README.md"
license = "MIT"
repository = "https://github.com/qualisero/flask-more-smorest"
keywords = ["flask", "api"]
classifiers = [
    "Development Status :: 4 - Beta",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: {running}",
    "Framework :: Flask",
]
packages = [{include = "flask_more_smorest"}]
include = ["LICENSE", "CHANGELOG.md"]
exclude = ["tests", "docs"]

[tool.poetry.dependencies]
python = ">={running},<4.0"
flask = "^3.0.0"

[tool.poetry.group.dev.dependencies]
# Testing
pytest = ">=8.4.1"
pytest-cov = ">=6.1.1"

# Code Quality
black = ">=25"
isort = ">=6"
flake8 = ">=7"
mypy = ">=1.16"
bandit = "^1.8"

[build-system]
requires = ["poetry-core>=1.0.0"]
build-backend = "poetry.core.masonry.api"

[tool.pytest.ini_options]
minversion = "6.0"
addopts = "-ra -q --strict-markers --cov=flask_more_smorest --cov-report=term-missing"
testpaths = [
    "tests",
]
markers = [
    "unit: marks tests as unit tests",
]

[tool.coverage.run]
source = ["flask_more_smorest"]
omit = ["tests/*"]

[tool.coverage.report]
exclude_lines = [
    "pragma: no cover",
    "if TYPE_CHECKING:",
]

[tool.black]
line-length = 120

[tool.isort]
profile = "black"
line_length = 120

[tool.mypy]
python_version = "{running}"
disallow_untyped_defs = true
"""
CI = """\
name: CI/CD Pipeline

on:
  push:
    branches: [main, develop]
  pull_request:
    branches: [main, develop]
  release:
    types: [published]
  workflow_dispatch:
    inputs:
      publish:
        description: 'Publish to PyPI'
        required: false
        default: false
        type: boolean

jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        python-version: ['3.11', '3.12']
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: ${{ matrix.python-version }}
      - run: |
          pip install poetry
          poetry install
          poetry run pytest --cov

  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          pip install poetry
          poetry install
          poetry run black --check .
          poetry run isort --check-only .
          poetry run flake8
          poetry run mypy flask_more_smorest

  security:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          pip install bandit
          bandit -r flask_more_smorest

  build:
    needs: [test, lint, security]
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          pip install poetry
          poetry build
      - uses: actions/upload-artifact@v4
        with:
          name: dist
          path: dist/

  publish:
    needs: build
    if: github.event_name == 'release' || (github.event_name == 'workflow_dispatch' && inputs.publish)
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v4
        with:
          name: dist
          path: dist/
      - uses: pypa/gh-action-pypi-publish@release/v1

  docs:
    needs: publish
    runs-on: ubuntu-latest
    steps:
      - run: curl -X POST -d "token=${{ secrets.RTD_TOKEN }}" https://readthedocs.org/api/v2/webhook/flask-more-smorest/
"""
CHANGELOG = """\
# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.0.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]

## [0.6.1] - 2026-01-20

### Fixed

- Filters no longer inherit validators.

## [0.6.0] - 2026-01-12

### Added

- Permissions.

[Unreleased]: https://github.com/qualisero/flask-more-smorest/compare/v0.6.1...HEAD
[0.6.1]: https://github.com/qualisero/flask-more-smorest/compare/v0.6.0...v0.6.1
[0.6.0]: https://github.com/qualisero/flask-more-smorest/releases/tag/v0.6.0
"""
README = """\
# Flask-More-Smorest

[![PyPI](https://img.shields.io/pypi/v/flask-more-smorest.svg?v=0.5.0)](https://pypi.org/project/flask-more-smorest/)
[![Python](https://img.shields.io/pypi/pyversions/flask-more-smorest.svg?v=0.5.0)](https://pypi.org/project/flask-more-smorest/)

CRUD endpoints without boilerplate.
"""
LOCKED = """\
# This file is automatically @generated by Poetry 2.1.4 and should not be changed by hand.

[[package]]
name = "flask"
version = "3.1.2"
description = "A simple framework for building complex web applications."
optional = false
python-versions = ">=3.9"
groups = ["main"]
files = []

[metadata]
lock-version = "2.1"
python-versions = ">={running},<4.0"
content-hash = "abababababababababababababababababababababababababababababababab"
"""
PACKAGE = '''\
"""Blueprints with automatic CRUD operations."""

from flask_more_smorest.crud.blueprint import CRUDBlueprint

__version__ = "0.6.0"

__all__ = ["CRUDBlueprint", "__version__"]
'''
BLUEPRINT = '''\
"""A blueprint that knows its resource."""

from flask import Blueprint


class CRUDBlueprint(Blueprint):
    """A blueprint with an endpoint that lists what there is."""

    def __init__(self, name: str, import_name: str, items: list[str]) -> None:
        super().__init__(name, import_name)
        self.add_url_rule(f"/{name}/", view_func=lambda: items, endpoint="index")
'''
TEST = """\
from flask import Flask

from flask_more_smorest import CRUDBlueprint


def test_list() -> None:
    app = Flask("shop")
    app.register_blueprint(CRUDBlueprint("goods", "shop", ["a", "b"]))
    assert app.test_client().get("/goods/").json == ["a", "b"]
"""
STALE = {"README.md": "?v={version}", "docs/conf.py": 'release = "{version}"'}
PLACES = ("README.md", "docs/conf.py", "flask_more_smorest/__init__.py", "pyproject.toml")


def files(version: str) -> dict[str, str]:
    return {
        "pyproject.toml": PYPROJECT.replace("{version}", version).replace("{running}", RUNNING),
        "poetry.lock": LOCKED.replace("{running}", RUNNING),
        "README.md": README,
        "CHANGELOG.md": CHANGELOG,
        "LICENSE": "MIT License\n",
        ".gitignore": "dist/\n__pycache__/\n.coverage\n",
        ".flake8": "[flake8]\nmax-line-length = 120\nexclude = .git,__pycache__,dist,.venv\n",
        "flask_more_smorest/__init__.py": PACKAGE,
        "flask_more_smorest/py.typed": "",
        "flask_more_smorest/crud/__init__.py": '"""CRUD."""\n',
        "flask_more_smorest/crud/blueprint.py": BLUEPRINT,
        "docs/conf.py": 'project = "flask-more-smorest"\nrelease = "0.4.0"\n',
        "tests/__init__.py": "",
        "tests/test_crud.py": TEST,
        ".github/workflows/ci-cd.yml": CI,
    }


SHAPE = Shape(
    name="flask-more-smorest",
    repository="qualisero/flask-more-smorest",
    workflow="ci-cd.yml",
    files=files,
    past=(("0.6.0", "v0.6.0", False), ("0.6.1", "v0.6.1", False)),
    work={"CHANGELOG.md": CHANGELOG.replace("## [Unreleased]\n", "## [Unreleased]\n\n### Added\n\n- Health checks.\n")},
    published=("0.6.0", "0.6.1"),
    environments={"pypi": "pypi", "testpypi": "testpypi"},
    secrets={"pypi": "PYPI_API_TOKEN"},
)
DOCS_TOKEN = "rtd-canary-5bd1"
BUILD_DOCS = (
    "import os; from urllib.request import urlopen; "
    "urlopen('{url}', data=f'{{os.environ[\"TOWPATH_VERSION\"]}} {{os.environ[\"RTD_TOKEN\"]}}'.encode())"
)


@dataclass
class ReadTheDocs:
    """What is told of a release: the bodies of the requests."""

    url: str
    told: list[str] = field(default_factory=list)


@contextmanager
def read_the_docs() -> Iterator[ReadTheDocs]:
    told: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield ReadTheDocs(f"http://127.0.0.1:{server.server_port}/build", told)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.slow
@pytest.mark.timeout(900)  # four runs of a workflow, on a machine that may be busy
def test_from_stale_copies_to_a_hotfix_by_a_token(tmp_path: Path, environ: dict[str, str]) -> None:
    with read_the_docs() as docs, on_the_way(SHAPE, tmp_path / "flask", environ) as flask:
        flask.machine = replace(flask.machine, secrets={**flask.machine.secrets, "RTD_TOKEN": DOCS_TOKEN})
        take_it_up(flask, docs)
        stale_copies_are_mended_first(flask)
        half_a_release_and_the_rest(flask, docs)
        a_dispatch(flask)
        a_prepatch(flask)
        a_hotfix_by_the_token(flask)
        assert docs.told == [f"{version} {DOCS_TOKEN}" for version in ("0.7.0", "0.8.0", "0.7.1")]
        flask.unchanged("CHANGELOG.md", *PLACES, "flask_more_smorest/crud/fix.py")


def take_it_up(flask: Journey, docs: ReadTheDocs) -> None:
    made = flask.init()
    keys = {(one["table"], one["key"]): one["value"] for one in made["configuration"]}
    assert keys == {
        ("tool.towpath.workflow", "release"): "ci-cd.yml",
        ("tool.towpath.workflow", "triggers"): ["release", "dispatch"],
        ("tool.towpath.workflow", "publish-by"): "action",
    }
    remarks = " ".join(made["remarks"])
    assert "flask_more_smorest/__init__.py, line 5, says 0.6.0, but the version is 0.6.1" in remarks
    assert "README.md, line 3, says 0.5.0" in remarks
    assert "docs/conf.py, line 2, says 0.4.0" in remarks
    offered = re.findall(r"add (\{ .+? \}) to `places`", remarks)
    assert len(offered) == len(STALE)
    command = BUILD_DOCS.format(url=docs.url)
    flask.configure(
        {
            "": f'python = ["{RUNNING}"]',
            "bump": f"places = [{', '.join(offered)}]\nchangelog-prereleases = false",
            "after-release.docs": f"reason = 'Build the docs'\nvariables = ['RTD_TOKEN']\n"
            f"command = ['python', '-c', '''{command}''']",
        }
    )
    flask.generate()
    flask.settle("pypi", "testpypi", refs=(("v*", "tag"), ("main", "branch")))  # a dispatch publishes from there
    flask.commit("Take towpath up")
    told = flask.doctor()
    ids = [one["id"] for check in told["checks"] for one in check["findings"] if one["severity"] == "problem"]
    assert ids == ["out-of-step"] * 4


def stale_copies_are_mended_first(flask: Journey) -> None:
    """Failure 6: a bump over places that disagree is refused, and says how they are mended."""
    refused = flask.project.invoke("bump", "--part", "minor", "--json")
    assert refused.code == 1
    assert [one["id"] for one in refused.json()["problems"]] == ["out-of-step"] * 4
    assert "--repair" in refused.out
    well(flask.project.invoke("bump", "--repair"))
    changed = flask.project.git("show", "--format=", "--name-only", "HEAD").splitlines()
    assert changed == list(PLACES[:3])
    assert flask.doctor()["problems"] == 0
    assert flask.bump("--part", "minor") == "0.7.0"
    for path in PLACES:
        text = (flask.project.root / path).read_text(encoding="utf-8")
        assert "0.7.0" in text
        assert not re.search(r"0\.[456]\.\d", text)
    assert "content-hash" in flask.project.git("show", "HEAD:poetry.lock")


def half_a_release_and_the_rest(flask: Journey, docs: ReadTheDocs) -> None:
    """The upload of the second file is refused; the failed jobs run again, and the same command goes on."""
    report = flask.rehearse()
    assert report["distributions"]
    flask.index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
    first = flask.release()
    assert problem_ids(first) == ["ci-run-failed"], first
    assert len(flask.public("0.7.0")) == 1
    assert flask.status()["state"] == "partly-published"
    assert docs.told == []

    flask.index.faults.clear()
    again = flask.rerun()
    assert again.result == "success", problems(again)
    assert results(again)["docs"] == "success"
    second = flask.release()
    assert second["done"], problem_ids(second)
    assert states(second)["publish"] == states(second)["github-release"] == "by CI"
    flask.assert_released("0.7.0", tag="v0.7.0", latest="v0.7.0")
    flask.assert_metadata("0.7.0")
    (release,) = [one for one in flask.forge.releases if one["tag_name"] == "v0.7.0"]
    assert "- Health checks." in release["body"]
    assert flask.status()["state"] == "released"


def a_dispatch(flask: Journey) -> None:
    unreleased(flask, "Sorting.")
    assert flask.bump("--part", "minor") == "0.8.0"
    run = flask.dispatch("0.8.0", dry_run=False)
    assert run.result == "success", problems(run)
    flask.assert_released("0.8.0", tag="v0.8.0", latest="v0.8.0")


def a_prepatch(flask: Journey) -> None:
    """What `poetry version prepatch` makes of 0.8.0; to TestPyPI only, and no docs are built of it."""
    unreleased(flask, "Paging.")
    assert flask.bump("--part", "prepatch") == "0.8.1a0"
    run = flask.publish_release("v0.8.1a0")
    assert run.result == "success", problems(run)
    assert results(run)["publish"] == "skipped"
    flask.assert_released("0.8.1a0", tag="v0.8.1a0", latest="v0.8.0", on_test_index=True)
    assert flask.status()["state"] == "released"


def a_hotfix_by_the_token(flask: Journey) -> None:
    """An older line, published by the secret that was kept as the fallback: the configuration names it."""
    project = flask.project
    project.git("switch", "--quiet", "--create", "release/0.7", "v0.7.0")
    own = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", f'{own}\n[tool.towpath.workflow.secrets]\npypi = "PYPI_API_TOKEN"\n')
    well(project.invoke("workflow"))
    project.write("flask_more_smorest/crud/fix.py", '"""A fix."""\n')
    unreleased(flask, "A leak.")
    assert flask.bump("--part", "patch") == "0.7.1"
    report = flask.release()
    assert report["done"], (problem_ids(report), problems(flask.runs[-1]))
    flask.assert_released("0.7.1", tag="v0.7.1", latest="v0.8.0")
    text = project.git("show", "HEAD:.github/workflows/ci-cd.yml")
    assert "id-token" not in text.partition("upload-publish:")[2].partition("verify-published:")[0]


def unreleased(flask: Journey, line: str) -> None:
    project = flask.project
    project.replace("CHANGELOG.md", "## [Unreleased]\n", f"## [Unreleased]\n\n### Added\n\n- {line}\n")
    project.commit(line)
