"""The doctor: a healthy project without a finding, and for each finding a project that differs in that one thing."""

from __future__ import annotations

import base64
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from releases import wheel
from universe import FILES, PYPROJECT, RUNNING, Project, hermetic_environment

from towpath import errors
from towpath.config.reading import read_pyproject
from towpath.doctor import machine
from towpath.doctor.checks import CHECKS
from towpath.doctor.examine import examine
from towpath.doctor.guides import ENTRIES, Entry
from towpath.doctor.nouns import Report, Severity
from towpath.forge.double import Fault, ForgeDouble
from towpath.gates.after_release import configured
from towpath.index.client import IndexClient, Listing
from towpath.index.twin import Twin
from towpath.index.upload import upload
from towpath.model import Login
from towpath.pipeline import RELEASE
from towpath.repository.git import Git
from towpath.workflow import current, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from towpath.errors import Kind
    from towpath.gates.gate import Pipeline

ORIGIN = {"kind": "GitHub", "repository": "ada/sample", "workflow": "release.yml", "environment": "pypi"}
RULES = [{"name": "tags", "include": ["refs/tags/v*"], "rules": ["deletion", "update"]}]
ENVIRONMENTS = {
    "pypi": {"reviewers": ["ada"], "refs": [["v*", "tag"]]},
    "testpypi": {"refs": [["v*", "tag"]]},
}
FORGE: dict[str, Any] = {
    "environments": ENVIRONMENTS,
    "rulesets": RULES,
    "workflows": {".github/workflows/release.yml": "active", ".github/workflows/check.yml": "active"},
}
CONFIGURATION = """
[tool.towpath]
python = ["current"]

[tool.towpath.github-release]
repository = "ada/sample"
api-url = "{forge}"

[tool.towpath.index.pypi]
upload-url = "{index}legacy/"
simple-url = "{index}simple/"

[tool.towpath.index.testpypi]
upload-url = "{test}legacy/"
simple-url = "{test}simple/"
"""
FILE = "sample_pkg-0.9.0-py3-none-any.whl"
SHA = "@" + "a" * 40
BY_HAND = f"""\
on:
  push:
    tags: ["release-*"]
permissions: {{}}
jobs:
  tests:
    runs-on: ubuntu-latest
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout{SHA}
      - run: pytest
  publish:
    needs: tests
    runs-on: ubuntu-latest
    environment: docs
    permissions: {{id-token: write}}
    steps:
      - uses: actions/download-artifact{SHA}
      - uses: pypa/gh-action-pypi-publish{SHA}
        with:
          repository-url: https://index.example.org/legacy/
"""


@dataclass(frozen=True)
class World:
    """A healthy project with its remote, its forge and its two indexes."""

    project: Project
    forge: ForgeDouble
    index: Twin
    test: Twin

    def examine(self, *, offline: bool = False, **more: str) -> Report:
        environ = {**self.project.environ, "GITHUB_TOKEN": self.forge.token, **more}
        return examine(self.project.root, environ, RELEASE, offline=offline)

    def set_up(self, **settings: Any) -> None:
        self.forge.set_up(**{**FORGE, **settings})

    def add_workflow(self, text: str) -> None:
        self.project.write(".github/workflows/other.yml", text)

    def change_workflow(self, old: str, new: str) -> None:
        assert old in BY_HAND
        self.add_workflow(BY_HAND.replace(old, new))

    def configure(self, lines: str) -> None:
        """Further lines, and the workflows that follow from them."""
        path = self.project.root / "pyproject.toml"
        self.project.write("pyproject.toml", f"{path.read_text(encoding='utf-8')}\n{lines}")
        generate(self.project)
        self.project.commit("Configure")
        self.project.git("push", "--quiet", "origin", "main")

    def sent_to_pypi(self, token: str) -> dict[str, str]:
        """With the address of PyPI itself, which this is told by; nothing is sent."""
        self.project.replace("pyproject.toml", self.index.upload_url, "https://upload.pypi.org/legacy/")
        return {"TOWPATH_TOKEN_PYPI": token}

    def renamed(self, name: str) -> None:
        self.project.replace("pyproject.toml", 'name = "sample-pkg"', f'name = "{name}"')


def generate(project: Project, pipeline: Pipeline = RELEASE) -> None:
    """The workflows, and a lock file that holds what it must; uv would have to ask PyPI."""
    opened = current.open_workflows(project.root, project.environ, pipeline)
    for file in opened.wanted:
        project.write(file.path, file.text)
    names = (line.partition("[")[0] for line in opened.requirements)
    project.write(lock.PATH, "".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in names))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("doctor")
    with (
        ForgeDouble.serve(folder / "forge", "ada/sample") as forge,
        Twin.serve(folder / "pypi") as index,
        Twin.serve(folder / "testpypi", "testpypi") as test,
    ):
        addresses = {"forge": forge.address.api_url}
        addresses |= {
            "index": index.simple_url.removesuffix("simple/"),
            "test": test.simple_url.removesuffix("simple/"),
        }
        environ = hermetic_environment(folder / "home", shared_cache)
        files = {
            "pyproject.toml": PYPROJECT + CONFIGURATION.format(**addresses),
            "CHANGES.md": FILES["CHANGES.md"] + "\n## [0.9.0] - 2025-12-01\n\n- before the first\n",
        }
        project = Project.make(folder / "sample", environ, files=files)
        generate(project)
        project.commit("Write the workflows")
        project.git("init", "--quiet", "--bare", "../remote.git")
        project.git("remote", "add", "origin", str(folder / "remote.git"))
        project.git("tag", "--annotate", "--message", "0.9.0", "v0.9.0", "HEAD~1")
        project.git("push", "--quiet", "origin", "main", "v0.9.0")
        for twin in (index, test):
            (folder / twin.address.name).mkdir(exist_ok=True)
            file = wheel(folder / twin.address.name, version="0.9.0")
            upload(twin.address, file, login=Login("__token__", twin.token()), loopback_only=True)
            environment = twin.address.name
            twin.set_provenance(file.name, [{"publisher": {**ORIGIN, "environment": environment}, "attestations": []}])
        yield World(project, forge, index, test)


@pytest.fixture
def world(base: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A copy of the project, with a remote of its own; forge and indexes as they are after every test."""
    root = base.project.root
    shutil.copytree(root, tmp_path / "sample")
    shutil.copytree(root.parent / "remote.git", tmp_path / "remote.git")
    (tmp_path / "home" / "tmp").mkdir(parents=True, exist_ok=True)
    environ = {**base.project.environ, "HOME": str(tmp_path / "home"), "USERPROFILE": str(tmp_path / "home")}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    project = Project(tmp_path / "sample", environ)
    project.git("remote", "set-url", "origin", str(tmp_path / "remote.git"))
    made = replace(base, project=project)
    made.set_up()
    yield made
    base.forge.faults.clear()
    for twin in (base.index, base.test):
        twin.set_status("sample-pkg", "active")


def found(report: Report) -> dict[str, Severity]:
    return {finding.problem.id: finding.severity for result in report.results for finding in result.findings}


def test_a_healthy_project_has_no_finding(world: World) -> None:
    report = world.examine()
    assert found(report) == {}
    assert {result.check.name: result.unasked for result in report.results if result.unasked} == {}
    assert {result.state for result in report.results} == {"ok"}
    assert all(result.well for result in report.results), "what was looked at is said"


def state_of(report: Report, name: str, part: str = "the forge") -> str:
    (state,) = [one.state for one in report.results if (one.check.part, one.check.name) == (part, name)]
    return state


def token_of(issuer: str) -> str:
    """What PyPI's tokens begin with: version 2, a location of that length."""
    raw = b"\x02\x01" + bytes([len(issuer)]) + issuer.encode() + b"\x02" + b"x" * 60
    return "pypi-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


Change = Any  # a change of the world; it may return variables to be set
CASES: dict[Kind, tuple[Change, Severity]] = {}


def case(kind: Kind, severity: Severity = Severity.PROBLEM) -> Callable[[Any], Any]:
    """A change of the healthy project after which that kind is found; it returns variables to be set."""

    def keep(change: Any) -> Any:
        assert kind.id not in {known.id for known in CASES}
        CASES[kind] = (change, severity)
        return change

    return keep


ADVICE = Severity.ADVICE

# The project


case(errors.NAME_INVALID)(lambda w: w.renamed("sample-"))
case(errors.NAME_PROHIBITED)(lambda w: w.renamed("json"))
case(errors.OUT_OF_STEP)(lambda w: w.project.write("src/sample_pkg/__init__.py", '__version__ = "0.9.0"\n'))
case(errors.LOCAL_VERSION)(lambda w: w.project.replace("pyproject.toml", '"1.0.0"', '"1.0.0+mine"'))
case(errors.NO_ROUTE)(lambda w: w.configure("[tool.towpath.routes]\nfinal = []\n"))
case(errors.NO_CHANGELOG, ADVICE)(lambda w: (w.project.root / "CHANGES.md").unlink())
case(errors.CHANGELOG_UNREADABLE)(lambda w: w.project.write("CHANGES.md", "# Changes\n\nMany.\n"))
case(errors.NO_UNRELEASED, ADVICE)(
    lambda w: w.project.replace("CHANGES.md", "## [Unreleased]\n\n- something new\n", "")
)
case(errors.NO_REQUIRES_PYTHON, ADVICE)(
    lambda w: w.project.replace("pyproject.toml", f'requires-python = ">={RUNNING}"\n', "")
)
case(errors.PYTHON_CLASSIFIERS, ADVICE)(
    lambda w: w.project.replace(
        "pyproject.toml", "license =", 'classifiers = ["Programming Language :: Python :: 3.5"]\nlicense ='
    )
)
case(errors.TESTS_NOT_FOUND)(lambda w: (w.project.root / "tests/test_core.py").unlink())
case(errors.FILES_UNTRACKED, ADVICE)(lambda w: w.project.write("src/sample_pkg/new.py", ""))
case(errors.FILE_FOREIGN)(lambda w: w.project.write("dist/sample_pkg-0.1.tar.gz", "old"))


@case(errors.NO_VERSION)
def _(world: World) -> None:
    world.project.replace("pyproject.toml", 'version = "1.0.0"\n', "")
    world.project.write("src/sample_pkg/__init__.py", '"""A sample."""\n')


@case(errors.MODULES_IGNORED, ADVICE)
def _(world: World) -> None:
    world.project.write(".gitignore", "build/\n")
    world.project.write("src/sample_pkg/build/made.py", "")


# The repository

case(errors.NO_REMOTE)(lambda w: w.project.git("remote", "remove", "origin"))
case(errors.RELEASE_BRANCH_MISSING)(lambda w: w.configure('[tool.towpath.workflow]\nbranch = "stable"\n'))
case(errors.BRANCH_ELSEWHERE, ADVICE)(lambda w: w.project.git("switch", "--quiet", "--create", "topic"))
case(errors.TAGS_SPELLED_OTHERWISE, ADVICE)(lambda w: w.configure('[tool.towpath.tag]\nformat = "rel-{version}"\n'))
case(errors.TAG_NOT_PUSHED, ADVICE)(lambda w: w.project.git("tag", "v1.0.0"))


@case(errors.NO_FORGE)
def _(world: World) -> None:
    world.project.replace("pyproject.toml", 'repository = "ada/sample"\n', "")


@case(errors.BEHIND_REMOTE)
def _(world: World) -> None:
    world.project.git("commit", "--quiet", "--allow-empty", "--message", "There")
    world.project.git("push", "--quiet", "origin", "main")
    world.project.git("reset", "--quiet", "--hard", "HEAD~1")


# The workflows

case(errors.WORKFLOW_ABSENT, ADVICE)(lambda w: shutil.rmtree(w.project.root / ".github"))
case(errors.WORKFLOW_DRIFTED)(lambda w: w.project.replace(".github/workflows/release.yml", "60", "61"))
case(errors.NO_LOCK)(lambda w: (w.project.root / lock.PATH).unlink())


@case(errors.WORKFLOW_UNCOMMITTED)
def _(world: World) -> None:
    world.project.git("rm", "-r", "--quiet", "--cached", ".github")
    world.project.git("commit", "--quiet", "--message", "Without")


case(errors.BAD_WORKFLOW)(lambda w: w.change_workflow("needs: tests", "needs: test"))
case(errors.PUBLISHED_TWICE)(
    lambda w: w.change_workflow("https://index.example.org/legacy/", "https://upload.pypi.org/legacy/")
)
case(errors.ENVIRONMENT_UNNAMED, ADVICE)(lambda w: w.change_workflow("    environment: docs\n", ""))
case(errors.ID_TOKEN_MISSING)(lambda w: w.change_workflow("{id-token: write}", "{contents: read}"))
case(errors.ID_TOKEN_TOO_WIDE)(lambda w: w.change_workflow("permissions: {}\n", "permissions: {id-token: write}\n"))
case(errors.RELEASE_NOT_ALLOWED)(lambda w: w.change_workflow("run: pytest", "run: pytest && gh release create v1"))
case(errors.ACTION_UNPINNED)(lambda w: w.change_workflow(f"pypi-publish{SHA}", "pypi-publish@release/v1"))
case(errors.PERMISSIONS_OPEN)(lambda w: w.change_workflow("permissions: {}\n", "permissions: write-all\n"))
case(errors.UNTRUSTED_TRIGGER)(lambda w: w.change_workflow("on:\n", "on:\n  pull_request_target:\n"))
case(errors.UNTRUSTED_TEXT)(
    lambda w: w.change_workflow("run: pytest", "run: echo ${{ github.event.pull_request.title }}")
)
case(errors.GATE_CANNOT_FAIL)(lambda w: w.change_workflow("run: pytest", "run: pytest || true"))
case(errors.PUBLISH_UNGATED, ADVICE)(lambda w: w.change_workflow("    needs: tests\n", ""))
case(errors.EXISTING_SKIPPED, ADVICE)(
    lambda w: w.change_workflow("        with:\n", "        with:\n          skip-existing: true\n")
)
case(errors.ID_TOKEN_BESIDE_CODE, ADVICE)(
    lambda w: w.change_workflow(f"      - uses: actions/download-artifact{SHA}\n", "      - run: python -m build\n")
)
case(errors.SECRET_LEFT_OVER)(
    lambda w: w.change_workflow(
        "run: pytest", "run: pytest\n        env:\n          TOKEN: ${{ secrets.PYPI_API_TOKEN }}"
    )
)


case(errors.ROUTED_BY_HYPHEN)(
    lambda w: w.change_workflow("    needs: tests\n", "    needs: tests\n    if: ${{ !contains(github.ref, '-') }}\n")
)


@case(errors.INPUT_AS_TEXT)
def _(world: World) -> None:
    """The input is a text there, which `== true` is never."""
    dispatch = "  workflow_dispatch:\n    inputs:\n      dry:\n        type: boolean\n"
    text = BY_HAND.replace("permissions: {}\njobs:", f"{dispatch}permissions: {{}}\njobs:")
    world.add_workflow(text.replace("run: pytest", "run: pytest\n        if: github.event.inputs.dry == true"))


@case(errors.TRIGGER_MISSES_TAGS)
def _(world: World) -> None:
    (world.project.root / ".github/workflows/release.yml").unlink()
    world.add_workflow(BY_HAND)


@case(errors.PUBLISHER_NAMES_DIFFER, ADVICE)
def _(world: World) -> None:
    text = BY_HAND.replace("https://index.example.org/legacy/", "https://upload.pypi.org/legacy/")
    world.add_workflow(text.replace('push:\n    tags: ["release-*"]', "schedule: [{cron: '0 0 * * *'}]"))


@case(errors.ENVIRONMENTS_DIFFER)
def _(world: World) -> None:
    text = BY_HAND.replace("index.example.org", "upload.pypi.org")
    world.add_workflow(text)
    world.project.write(".github/workflows/third.yml", text.replace("environment: docs", "environment: live"))


@case(errors.CHECKOUT_SHALLOW)
def _(world: World) -> None:
    world.project.replace("pyproject.toml", '"flit-core>=3.11,<4"', '"setuptools>=77", "setuptools-scm>=8"')
    world.project.replace("pyproject.toml", "flit_core.buildapi", "setuptools.build_meta")
    world.project.replace("pyproject.toml", 'version = "1.0.0"', 'dynamic = ["version"]')
    world.project.replace("pyproject.toml", "[tool.flit.module]", "[tool.setuptools_scm]\n[tool.flit.module]")
    world.change_workflow("run: pytest", "run: pytest && python -m build")


# This machine

case(errors.TOKEN_LEFT_HERE, ADVICE)(lambda _: {"TWINE_PASSWORD": "made-up"})
case(errors.TOKEN_OF_OTHER_INDEX)(lambda w: w.sent_to_pypi(token_of("test.pypi.org")))
case(errors.NOT_A_TOKEN)(lambda w: w.sent_to_pypi("made-up"))
case(errors.MALFORMED_CREDENTIAL)(lambda _: {"TOWPATH_TOKEN_PYPI": "pypi-with a blank"})
case(errors.PYTHON_NOT_FOUND)(lambda w: w.project.replace("pyproject.toml", '["current"]', '["3.99"]'))


@case(errors.TOKEN_READABLE, ADVICE)
def _(world: World) -> None:
    path = world.project.root.parent / "home" / ".pypirc"
    path.write_text("[pypi]\nusername = __token__\npassword = made-up\n", encoding="utf-8")
    path.chmod(0o644)


# The forge

case(errors.REPOSITORY_RENAMED)(lambda w: w.set_up(renamed="ada/other"))
case(errors.REPOSITORY_ARCHIVED)(lambda w: w.set_up(archived=True))
case(errors.DEFAULT_BRANCH_DIFFERS, ADVICE)(lambda w: w.set_up(default_branch="master"))
case(errors.ENVIRONMENT_MISSING)(lambda w: w.set_up(environments={"testpypi": ENVIRONMENTS["testpypi"]}))
case(errors.ENVIRONMENT_UNREVIEWED, ADVICE)(
    lambda w: w.set_up(environments={**ENVIRONMENTS, "pypi": {"refs": [["v*", "tag"]]}})
)
case(errors.ENVIRONMENT_OPEN, ADVICE)(lambda w: w.set_up(environments={**ENVIRONMENTS, "pypi": {"reviewers": ["ada"]}}))
case(errors.ENVIRONMENT_BARS)(
    lambda w: w.set_up(environments={**ENVIRONMENTS, "pypi": {"reviewers": ["ada"], "refs": [["v*", "branch"]]}})
)
case(errors.TAGS_UNPROTECTED, ADVICE)(lambda w: w.set_up(rulesets=[]))
case(errors.TAGS_BARRED)(lambda w: w.set_up(rulesets=[{**RULES[0], "rules": ["deletion", "creation"]}]))
case(errors.ACTIONS_DISABLED)(lambda w: w.set_up(actions_enabled=False))
case(errors.WORKFLOW_TOKEN_WRITES, ADVICE)(lambda w: w.set_up(workflow_permissions="write"))
case(errors.SECRET_STALE, ADVICE)(lambda w: w.set_up(secrets=["PYPI_API_TOKEN"]))
case(errors.SECRET_MISSING)(lambda w: w.configure('[tool.towpath.workflow]\nsecrets = { pypi = "PYPI_TOKEN" }\n'))
case(errors.WORKFLOW_DISABLED)(lambda w: w.set_up(workflows={".github/workflows/release.yml": "disabled_inactivity"}))
case(errors.WORKFLOW_NOT_THERE, ADVICE)(lambda w: w.set_up(workflows={}))


@case(errors.IMMUTABLE_BY_HAND)
def _(world: World) -> None:
    world.configure('[tool.towpath.workflow]\ntriggers = ["release"]\n')
    world.set_up(immutable=True)


# The indexes

case(errors.PROJECT_NEW, ADVICE)(lambda w: w.renamed("another-pkg"))
case(errors.PROJECT_CLOSED)(lambda w: w.index.set_status("sample-pkg", "archived"))
case(errors.PUBLISHER_DIFFERS)(lambda w: w.configure('[tool.towpath.workflow]\nrelease = "publish.yml"\n'))
case(errors.NAME_OF_OTHERS, ADVICE)(lambda w: w.project.git("tag", "--delete", "v0.9.0"))


@case(errors.VERSION_THERE, ADVICE)
def _(world: World) -> None:
    world.project.replace("pyproject.toml", '"1.0.0"', '"0.9.0"')
    world.project.replace("src/sample_pkg/__init__.py", '"1.0.0"', '"0.9.0"')


# Each has a test of its own, as it cannot be made by a change of the project.
ELSEWHERE = (errors.CLOCK_OFF, errors.GIT_OLD, errors.UV_MISSING)


def test_every_finding_has_its_test() -> None:
    own = {kind.id for check in CHECKS for kind in check.kinds}
    assert own <= {kind.id for kind in (*CASES, *ELSEWHERE)}
    rooms = [*vars(errors.doctor).values(), *vars(errors.doctor_workflows).values()]
    assert own == {one.id for one in rooms if isinstance(one, errors.Kind)}, "each is listed at a check"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.said)
def test_what_guides_warn_of_is_found(entry: Entry) -> None:
    """Each entry of the five guides has causes that are found, and each of them is found in a case below."""
    assert entry.kinds
    assert {kind.id for kind in entry.kinds} <= {kind.id for kind in CASES}


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.id)
def test_it_finds(world: World, kind: Kind) -> None:
    if kind is errors.TOKEN_READABLE and sys.platform == "win32":
        pytest.skip("Windows has no such permissions")
    change, severity = CASES[kind]
    variables = change(world)
    report = world.examine(**(variables if isinstance(variables, dict) else {}))
    assert found(report).get(kind.id) is severity
    assert report.has_problems == (Severity.PROBLEM in found(report).values())


IN_VAIN = {
    "the whole job": ("    runs-on: ubuntu-latest\n", "    runs-on: ubuntu-latest\n    continue-on-error: true\n"),
    "a linter told so": ("run: pytest", "run: flake8 . --count --exit-zero"),
    "asked, and only told": ("run: pytest", "run: |\n          if ! pytest; then\n            echo no\n          fi"),
    "asked in a line": ("run: pytest", "run: if ! pytest; then echo no; fi"),
    "in a subshell": ("run: pytest", 'run: pytest || (echo "failed")'),
    "in a group": ("run: pytest", "run: pytest || { echo failed; }"),
}


@pytest.mark.parametrize("change", IN_VAIN.values(), ids=IN_VAIN)
def test_it_finds_a_check_whose_failure_counts_for_nothing(world: World, change: tuple[str, str]) -> None:
    world.change_workflow(*change)
    assert errors.GATE_CANNOT_FAIL.id in found(world.examine(offline=True))


IN_EARNEST = {
    "ends badly below": "run: |\n          if ! pytest; then\n            echo no\n            exit 1\n          fi",
    "ends badly otherwise": "run: if pytest; then echo yes; else exit 2; fi",
    "keeps the code": "run: |\n          if ! pytest; then code=1; fi\n          exit $code",
    "a group that ends": 'run: pytest || { echo "failed (again)"; exit 1; }',
    "asked about something else": "run: |\n          if test -d tests; then\n            pytest\n          fi",
    "an expression": "run: pytest\n        continue-on-error: ${{ matrix.experimental }}",
}


@pytest.mark.parametrize("change", IN_EARNEST.values(), ids=IN_EARNEST)
def test_it_takes_no_check_for_one_that_cannot_fail(world: World, change: str) -> None:
    world.change_workflow("run: pytest", change)
    assert errors.GATE_CANNOT_FAIL.id not in found(world.examine(offline=True))


@pytest.mark.parametrize(
    "command",
    ["uv publish --trusted-publishing always", "|\n          uv publish \\\n            --trusted-publishing=always"],
)
def test_it_finds_that_uv_may_not_ask_for_an_identity(world: World, command: str) -> None:
    world.change_workflow(
        f"permissions: {{id-token: write}}\n    steps:\n      - uses: actions/download-artifact{SHA}\n",
        f"permissions: {{}}\n    steps:\n      - run: {command}\n",
    )
    by_uv = (world.project.root / ".github/workflows/other.yml").read_text(encoding="utf-8")
    world.add_workflow(by_uv.partition("      - uses: pypa/")[0])
    assert errors.ID_TOKEN_MISSING.id in found(world.examine(offline=True))
    world.add_workflow(by_uv.partition("      - uses: pypa/")[0].replace("--trusted-publishing", "--other"))
    assert errors.ID_TOKEN_MISSING.id not in found(world.examine(offline=True))


def test_it_finds_that_a_variable_of_what_comes_after_the_release_is_no_secret(world: World) -> None:
    world.configure(
        '[tool.towpath.after-release.docs]\ncommand = "true"\nreason = "the docs"\n'
        'variables = ["DOCS_TOKEN", "TWINE_OF_OTHERS"]\n'
    )
    world.set_up(secrets=["TWINE_OF_OTHERS"])
    environ = {**world.project.environ, "GITHUB_TOKEN": world.forge.token}
    pipeline = configured(RELEASE, read_pyproject(world.project.root))
    generate(world.project, pipeline)
    report = examine(world.project.root, environ, pipeline)
    assert found(report)[errors.SECRET_MISSING.id] is Severity.ADVICE
    assert errors.GATE_CANNOT_FAIL.id not in found(report), "what comes after the release may fail"
    said = [one.problem.cause for result in report.results for one in result.findings]
    asked = "a variable of docs from the secret {}, which is not set for the repository"
    assert any(asked.format("DOCS_TOKEN") in one for one in said)
    assert not any("TWINE_OF_OTHERS" in one for one in said), "neither missing nor left over"


def test_it_finds_a_clock_that_is_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = IndexClient.listing

    def late(self: IndexClient, *given: Any, **more: Any) -> Listing:
        return replace(listing(self, *given, **more), skew=90.0)

    monkeypatch.setattr(IndexClient, "listing", late)
    assert found(world.examine()) == {errors.CLOCK_OFF.id: ADVICE}


def test_it_finds_an_old_git_and_that_uv_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Git.line
    said = "git version 2.17.1"
    monkeypatch.setattr(
        Git, "line", lambda self, *given, **more: said if given == ("--version",) else line(self, *given, **more)
    )
    monkeypatch.setattr(machine, "uv", lambda _: None)
    assert found(world.examine()) == {errors.GIT_OLD.id: Severity.PROBLEM, errors.UV_MISSING.id: ADVICE}


def test_it_finds_that_git_knows_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.project.git("config", "user.useConfigOnly", "true")
    monkeypatch.delenv("GIT_COMMITTER_EMAIL")
    assert found(world.examine()) == {errors.GIT_NO_IDENTITY.id: Severity.PROBLEM}


def test_what_could_not_be_asked_is_never_shown_as_ok(world: World) -> None:
    offline = world.examine(offline=True)
    assert {result.state for result in offline.results if result.check.online} == {"not asked"}
    assert {result.state for result in offline.results if not result.check.online} == {"ok"}

    world.forge.faults += [Fault("GET", "/", status=502, times=100)]
    dropped = {result.check.name: result for result in world.examine().results if result.check.part == "the forge"}
    assert dropped.pop("immutable releases").state == "ok", "nothing depends on them here"
    assert {result.state for result in dropped.values()} == {"not asked"}
    assert "502" in dropped["environments"].unasked[0]


def test_without_a_token_only_what_is_public_is_asked(world: World) -> None:
    report = world.examine(GITHUB_TOKEN="")
    states = {result.check.name: result.state for result in report.results if result.check.part == "the forge"}
    private = {"workflow token", "secrets"}
    assert {name for name, state in states.items() if state == "not asked"} == private
    assert {state for name, state in states.items() if name not in private} == {"ok"}


def test_a_token_that_may_not_read_settings_is_told_so(world: World) -> None:
    world.forge.faults += [Fault("GET", part, status=403, times=5) for part in ("/actions/secrets", "/permissions")]
    unasked = {result.check.name: result.unasked for result in world.examine().results if result.unasked}
    assert set(unasked) == {"workflow token", "secrets"}
    assert "an administrator's may" in unasked["secrets"][0]


def test_what_a_404_may_mean_is_not_taken_for_no(world: World) -> None:
    """Without an administrator's token nobody knows whether releases are immutable."""
    world.configure('[tool.towpath.workflow]\ntriggers = ["release"]\n')
    assert state_of(world.examine(), "immutable releases") == "ok"
    world.forge.faults += [Fault("GET", "/actions/permissions", status=403, times=2)]
    assert state_of(world.examine(), "immutable releases") == "not asked"


def test_whether_a_branch_is_protected_is_not_known(world: World) -> None:
    world.configure('[tool.towpath.workflow]\ntriggers = ["dispatch"]\n')
    world.set_up(environments={name: {"reviewers": ["ada"], "refs": []} for name in ENVIRONMENTS})
    assert state_of(world.examine(), "environments", "the forge") == "not asked"
    assert errors.ENVIRONMENT_BARS.id not in found(world.examine())


def test_an_index_that_does_not_answer_leaves_its_checks_open(world: World) -> None:
    pypi = world.index.simple_url
    dead = "http://127.0.0.1:9/simple/"
    world.project.replace("pyproject.toml", pypi, dead)
    results = {result.check.name: result for result in world.examine().results if result.check.part == "the indexes"}
    assert {result.state for result in results.values()} == {"not asked"}
    assert all("pypi" in result.unasked[0] for result in results.values())


def test_a_release_without_provenance_says_nothing_of_its_publisher(world: World) -> None:
    world.index.set_provenance(FILE, [])
    try:
        (result,) = [
            one for one in world.examine().results if (one.check.part, one.check.name) == ("the indexes", "publisher")
        ]
    finally:
        world.index.set_provenance(FILE, [{"publisher": ORIGIN}])
    assert result.state == "not asked"
    assert "no provenance" in result.unasked[0]


def test_it_prints_what_the_form_wants(world: World) -> None:
    test, known = world.examine().forms
    root = world.index.simple_url.removesuffix("simple/")
    assert known.address == (
        f"{root}manage/project/sample-pkg/settings/publishing/?provider=github&owner=ada&repository=sample"
        "&workflow_filename=release.yml&environment=pypi"
    )
    assert known.pending is False
    assert (test.index, test.environment) == ("testpypi", "testpypi")
    world.renamed("another-pkg")
    _, new = world.examine().forms
    assert (new.pending, new.address) == (True, f"{root}manage/account/publishing/")
    offline, _ = world.examine(offline=True).forms
    assert offline.pending is None


def test_an_index_that_no_version_goes_to_needs_nothing(world: World) -> None:
    """A project that publishes its pre-releases on PyPI, too, has no environment and no publisher for TestPyPI."""
    world.set_up(environments={"pypi": ENVIRONMENTS["pypi"]})
    assert state_of(world.examine(), "environments") == "problem"
    world.configure('[tool.towpath.routes]\nprerelease = ["pypi"]\n')
    report = world.examine()
    assert state_of(report, "environments") == "ok"
    assert [form.index for form in report.forms] == ["pypi"]


def test_without_a_generated_workflow_the_one_by_hand_counts(world: World) -> None:
    """The publisher that is registered, its environment and its secret are then those of that workflow."""
    for name in ("release.yml", "check.yml"):
        (world.project.root / ".github/workflows" / name).unlink()
    text = BY_HAND.replace("index.example.org", "upload.pypi.org").replace("release-*", "v*")
    world.project.write(".github/workflows/ci.yml", text)
    world.set_up(environments={"docs": ENVIRONMENTS["pypi"]}, workflows={".github/workflows/ci.yml": "active"})
    report = world.examine()
    form = report.forms[1]
    assert (form.index, form.workflow, form.environment) == ("pypi", "ci.yml", "docs")
    assert found(report)[errors.PUBLISHER_DIFFERS.id] is Severity.PROBLEM
    world.index.set_provenance(FILE, [{"publisher": {**ORIGIN, "workflow": "ci.yml", "environment": "docs"}}])
    try:
        assert errors.PUBLISHER_DIFFERS.id not in found(world.examine())
    finally:
        world.index.set_provenance(FILE, [{"publisher": ORIGIN}])


def test_nobody_is_asked_for_an_environment_that_no_workflow_uses(world: World) -> None:
    shutil.rmtree(world.project.root / ".github")
    world.set_up(environments={})
    report = world.examine()
    assert found(report) == {errors.WORKFLOW_ABSENT.id: ADVICE}
    (result,) = [one for one in report.results if (one.check.part, one.check.name) == ("the forge", "environments")]
    assert result.state == "not asked"


def test_invoke_doctor_ends_as_what_it_found(world: World) -> None:
    token = {"GITHUB_TOKEN": world.forge.token}
    well = world.project.invoke("doctor", **token)
    assert well.code == 0, well.all
    assert "no problems, 0 advised." in well.out
    assert "  Environment name      pypi\n" in well.out
    world.set_up(environments={})
    ill = world.project.invoke("doctor", "--json", **token)
    assert ill.code == 1
    data = ill.json()
    assert data["problems"] == 2
    (check,) = [one for one in data["checks"] if (one["part"], one["check"]) == ("the forge", "environments")]
    assert {one["id"] for one in check["findings"]} == {"environment-missing"}
    assert all(one["fix"] for one in check["findings"])
    assert world.project.invoke("doctor", "--offline").code == 0
