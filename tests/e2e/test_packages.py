"""Real packages, as their sdists hold them: put under git, given the two files, and rehearsed without configuration."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from universe import GATES, Project, problem_ids, states

from towpath.environments.index import configured_index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# The lines of our own two files, docstring included: linters that want one in every module (ruff's D100) look at
# these files too.
TWO_FILES = {
    "noxfile.py": '"""The sessions of the release."""\n\nfrom towpath.nox import sessions\n\nsessions()\n',
    "tasks.py": '"""The tasks of the release."""\n\nfrom towpath.invoke import tasks\n\nns = tasks()\n',
}

# In a process of its own, since sockets of this one reach loopback alone. A simple page as HTML (PEP 503) is what
# every index has, mirrors included. The address may hold a password, which is why it does not stand in argv.
FETCH = """\
import html, os, pathlib, re, sys, urllib.parse
import requests
filename, to = sys.argv[1:]
page = requests.get(os.environ["PAGE"], headers={"Accept": "text/html"}, timeout=120)
page.raise_for_status()
link = re.search(r'href="([^"]*' + re.escape(filename) + r'[^"]*)"', page.text)
file = requests.get(urllib.parse.urljoin(os.environ["PAGE"], html.unescape(link[1])), timeout=120)
file.raise_for_status()
pathlib.Path(to).write_bytes(file.content)
"""


@dataclass(frozen=True)
class Package:
    """A version on PyPI, with its build backend and the sha256 of its sdist.

    `measures_time` is whether tests of its own compare times, and so fail on a busy machine, whoever runs them.
    """

    name: str
    version: str
    backend: str
    sha256: str
    measures_time: bool = False

    @property
    def sdist(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}.tar.gz"


MYPYLOGGER = Package(
    "mypylogger", "1.0.1", "hatchling", "dcc19fe4a20d28e981bfe0c0d5a354b39dbfecaac7d266c1d0b68d507e809470"
)
PACKAGES = (
    Package(
        "mistune",
        "3.4.0",
        "setuptools",
        "2eaf7952af928ca8d33b779762effc1da517b62c6ad85ec8ca957e3b07b9782a",
        measures_time=True,
    ),
    Package(
        "more-itertools", "11.2.1", "flit_core", "cbf08fd0af284dc69718b9b76a8e6203df624d70209ea511e4219d350c856f63"
    ),
    Package(
        "immutabledict",
        "4.3.1",
        "poetry.core",
        "f844a669106cfdc73f47b1a9da003782fb17dc955a54c80972e0d93d1c63c514",
        measures_time=True,
    ),
)


@pytest.fixture
def unpack(tmp_path: Path, shared_cache: Path, environ: dict[str, str]) -> Callable[[Package], Project]:
    """A maker of projects from sdists."""

    def make(package: Package) -> Project:
        with tarfile.open(_sdist(package, shared_cache / "sdists", environ)) as archive:
            # 3.12's default warns, and Pythons without the filter take no such argument
            filtered: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(tmp_path, **filtered)  # noqa: S202 - its sha256 stands above
        project = Project(tmp_path / package.sdist.removesuffix(".tar.gz"), environ)
        assert f'"{package.backend}' in (project.root / "pyproject.toml").read_text(encoding="utf-8")
        # zizmor has something to say of their workflows, which the security gate's own tests show.
        shutil.rmtree(project.root / ".github", ignore_errors=True)
        for path, text in TWO_FILES.items():
            project.write(path, text)
        # Each allows Pythons that few machines have. What those take is shown by test_pythons.py.
        with (project.root / "pyproject.toml").open("a", encoding="utf-8") as opened:
            opened.write('\n[tool.towpath]\npython = ["current"]\n')
        project.git("init", "--quiet", "--initial-branch=main")
        project.commit("As released")
        return project

    return make


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.backend)
def test_a_real_package_is_rehearsed_without_configuration(
    package: Package, unpack: Callable[[Package], Project]
) -> None:
    _rehearsed(package, unpack(package))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="mypylogger 1 supports Python 3.12 and later")
def test_mypylogger_is_rehearsed_without_configuration(unpack: Callable[[Package], Project]) -> None:
    _rehearsed(MYPYLOGGER, unpack(MYPYLOGGER))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="only an older Python is refused")
def test_mypylogger_is_refused_on_a_python_that_it_does_not_support(unpack: Callable[[Package], Project]) -> None:
    project = unpack(MYPYLOGGER)
    report = project.release()
    assert not report["done"]
    assert set(problem_ids(report)) == {"unresolvable"}
    closed = {session for session, state in states(report).items() if state == "closed"}
    assert closed <= {"lint", "test"}, "the gates that install the project"
    details = [problem["detail"] for gate in report["gates"] for problem in gate["problems"]]
    assert all("Python>=3.12" in detail for detail in details)
    assert states(report)["build"] == "not reached"


def _rehearsed(package: Package, project: Project) -> None:
    """Rehearse it, and look at what is said, what is kept and what is left."""
    report = project.release()
    if package.measures_time and problem_ids(report) == ["command-failed"] and states(report)["test"] == "closed":
        report = project.release("--again")
    assert report["done"], report
    assert states(report) == dict.fromkeys(GATES, "proven")
    assert report["plan"]["version"] == package.version
    built = {file["filename"] for file in report["distributions"]}
    assert package.sdist in built
    assert len(built) == 2
    notes = {gate["session"]: gate["notes"] for gate in report["gates"]}
    assert int(notes["test"][0].split()[0]) > 0, "its own tests ran"
    assert notes["verify-published"][1].startswith(f"installed {package.name}=={package.version}: ")
    assert project.git("status", "--porcelain") == ""
    # uv keeps empty lock files there, one for each setuptools project that it ever built
    assert [path for path in Path(project.environ["TMPDIR"]).iterdir() if path.suffix != ".lock"] == []


def _sdist(package: Package, folder: Path, environ: Mapping[str, str]) -> Path:
    """The sdist, downloaded once a run from the index that the user configured."""
    kept = folder / package.sdist
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        index = configured_index(environ) or "https://pypi.org/simple/"
        page = f"{index.rstrip('/')}/{package.name}/"
        fetched = folder / f"{package.sdist}.{os.getpid()}"
        command = [sys.executable, "-c", FETCH, package.sdist, str(fetched)]
        subprocess.run(command, env={**environ, "PAGE": page}, check=True, timeout=300)
        fetched.replace(kept)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == package.sha256
    return kept
