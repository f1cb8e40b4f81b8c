"""Gates that a configuration inserts after the release: what they are, what their command is given, how they fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from universe import PYPROJECT, Project

from towpath.config import reading
from towpath.errors import TowpathError
from towpath.evidence.record import Record
from towpath.gates.acts.after_release import act
from towpath.gates.after_release import configured
from towpath.gates.gate import Pipeline
from towpath.pipeline import RELEASE
from towpath.walk.routes import route
from towpath.walk.world import open_workspace
from towpath.workflow import files
from towpath.workflow.interpreter.checking import check
from towpath.workflow.project import layout_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.gates.gate import Workspace

DECLARED = """
[tool.towpath.after-release.docs]
command = "tools/docs --version"
reason = "the docs are built on demand"
variables = ["RTD_TOKEN"]

[tool.towpath.after-release.announce]
command = ["tools/announce"]
reason = "people are told."
kinds = ["final", "prerelease"]
rehearse = true
"""


def read(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


@pytest.fixture
def workspace(make_project: Callable[..., Project]) -> Callable[..., Workspace]:
    """The workspace of a project whose one command after the release is this Python code."""

    def make(code: str, more: str = "") -> Workspace:
        command = json.dumps([sys.executable, "-c", code])
        lines = f'{PYPROJECT}\n[tool.towpath.after-release.docs]\ncommand = {command}\nreason = "docs"\n{more}'
        project = make_project(files={"pyproject.toml": lines})
        return open_workspace(project.root, {**project.environ, "RTD_TOKEN": "canary", "PYPI_TOKEN": "canary-2"})

    return make


def failing(at: Workspace) -> Any:
    with pytest.raises(TowpathError) as caught:
        act(at, "docs")
    (problem,) = caught.value.problems
    assert problem.id == "after-release-failed"
    assert "The release is finished" in problem.cause
    assert "nox -s docs" in problem.fix
    return problem


class TestThePipeline:
    def test_they_come_last_and_need_the_last_gate(self) -> None:
        made = configured(RELEASE, read(DECLARED))
        assert made.names == (*RELEASE.names, "docs", "announce")
        assert made["docs"].needs == made["announce"].needs == ("github-release",)
        assert made["docs"].afterwards
        assert made["docs"].variables == ("RTD_TOKEN",)
        assert made["docs"].summary == "The docs are built on demand."
        assert made["announce"].summary == "People are told."
        assert made.changes == (), "nothing that proves the release is another"
        assert [gate.name for gate in made.rehearsal() if gate.afterwards] == ["announce"]

    def test_without_a_forge_they_need_what_is_last_then(self) -> None:
        made = configured(RELEASE.without("github-release"), read(DECLARED))
        assert made["docs"].needs == ("verify-published",)

    @pytest.mark.parametrize(
        "table",
        ["", "after-release = 3", "after-release.tag = { command = 'x' }", "after-release.release = { command = 'x' }",
         "after-release.Docs = { command = 'x' }", "after-release.docs = 'x'"],
    )  # fmt: skip
    def test_what_is_none_leaves_the_pipeline_as_it_is(self, table: str) -> None:
        """Loading a noxfile never fails; reading the configuration says what is wrong."""
        assert configured(RELEASE, read(f"[tool.towpath]\n{table}")) is RELEASE

    @pytest.mark.parametrize("table", ["{}", "{ command = 3 }", "{ command = [1], variables = 'X', reason = 4 }"])
    def test_what_is_half_declared_is_there_and_told_when_it_is_run(self, table: str) -> None:
        assert "docs" in configured(RELEASE, read(f"[tool.towpath]\nafter-release.docs = {table}")).names

    def test_nothing_of_the_release_comes_after_them(self) -> None:
        docs = configured(RELEASE, read(DECLARED))["docs"]
        last = RELEASE.gates[-1]
        with pytest.raises(ValueError, match="after the release"):
            Pipeline(*RELEASE.gates, docs, replace(last, name="more", needs=("docs",)))


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ('command = "x"', "reason"),
        ('reason = "x"', "command"),
        ('command = "x"\nreason = " "', "reason is empty"),
        ('command = ""\nreason = "x"', "names no program"),
        ("command = \"it's\"\nreason = 'x'", "cannot be split"),
        ('command = "x"\nreason = "x"\nkinds = ["finals"]', "Did you mean 'final'"),
        ('command = "x"\nreason = "x"\nkinds = []', "kinds is empty"),
        ('command = "x"\nreason = "x"\nvariables = ["A B"]', "variables"),
        ('command = "x"\nreason = "x"\nvariables = ["GITHUB_TOKEN"]', "variables"),
        ('command = "x"\nreason = "x"\nlimit = 0', "limit"),
        ('command = "x"\nreason = "x"\nwhen = "x"', "when"),
    ],
)
def test_what_is_wrong_in_a_declaration(tmp_path: Path, lines: str, what: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"{PYPROJECT}\n[tool.towpath.after-release.docs]\n{lines}", "utf-8")
    with pytest.raises(TowpathError) as caught:
        reading.load(tmp_path)
    told = " ".join(f"{one.cause} {one.fix}" for one in caught.value.problems)
    assert what in told
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["tag", "release", "Docs", "a_b"])
def test_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    table = f'[tool.towpath.after-release.{name}]\ncommand = "x"\nreason = "x"\n'
    (tmp_path / "pyproject.toml").write_text(f"{PYPROJECT}\n{table}", "utf-8")
    with pytest.raises(TowpathError, match="cannot be a gate's name"):
        reading.load(tmp_path)


@pytest.mark.parametrize(
    ("version", "to", "off"),
    [
        ("1.0", "", set()),
        ("1.0.post1", "", {"announce"}),
        ("1.0rc1", "", {"docs"}),
        ("1.0.dev1", "", {"docs", "announce"}),
        ("1.0", "testpypi", {"docs", "announce"}),
    ],
)
def test_a_version_s_kind_decides(tmp_path: Path, version: str, to: str, off: set[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(f"{PYPROJECT}\n{DECLARED}", "utf-8")
    names = configured(RELEASE, read(DECLARED)).names
    found = route(names, reading.load(tmp_path), version, to)
    assert {"docs", "announce"} & set(found.off) == off


class TestTheCommand:
    TELL = "import os, json; print(json.dumps({k: v for k, v in os.environ.items() if 'T' in k}))"

    def environ(self, at: Workspace) -> dict[str, str]:
        lines: list[str] = []
        act(replace(at, tell=lines.append), "docs")
        told: dict[str, str] = json.loads(lines[-1])
        return told

    def test_it_is_told_what_was_released_and_where(self, workspace: Callable[..., Workspace]) -> None:
        at = workspace(self.TELL, 'variables = ["RTD_TOKEN"]')
        told = self.environ(at)
        assert told["TOWPATH_PROJECT"] == "sample-pkg"
        assert (told["TOWPATH_VERSION"], told["TOWPATH_TAG"]) == ("1.0.0", "v1.0.0")
        assert told["TOWPATH_COMMIT"] == at.subject.commit
        assert told["TOWPATH_INDEX"] == "https://pypi.org/simple/"
        assert told["RTD_TOKEN"] == "canary"
        assert "PYPI_TOKEN" not in told

    def test_a_rehearsal_gives_no_credential_and_another_world(self, workspace: Callable[..., Workspace]) -> None:
        at = workspace(self.TELL, 'variables = ["RTD_TOKEN"]\nrehearse = true')
        page = "http://127.0.0.1:1/releases/1"
        blank = Record("github-release", "", passed=True, project="sample-pkg", version="1.0.0", tree="", commit="",
                       configuration="")  # fmt: skip
        at.store.seal(replace(blank, facts={"page": page}), "rehearsal")
        told = self.environ(replace(at, target=replace(at.target, name="rehearsal", rehearsal="an-id")))
        assert told["TOWPATH_TARGET"] == "rehearsal"
        assert told["TOWPATH_RELEASE_PAGE"] == page
        assert "RTD_TOKEN" not in told

    def test_it_runs_in_a_checkout_that_goes_again(self, workspace: Callable[..., Workspace]) -> None:
        at = workspace("import pathlib; pathlib.Path('built').touch(); print(pathlib.Path.cwd())")
        (at.root / "not-committed").touch()
        lines: list[str] = []
        act(replace(at, tell=lines.append), "docs")
        assert not Path(lines[-1]).exists()
        assert Path(lines[-1]) != at.root
        assert not (at.root / "built").exists()

    def test_it_fails(self, workspace: Callable[..., Workspace]) -> None:
        problem = failing(workspace("import sys; print('the service is down'); sys.exit(3)"))
        assert "ended with exit code 3" in problem.cause
        assert problem.detail == "the service is down"

    def test_it_does_not_end(self, workspace: Callable[..., Workspace]) -> None:
        problem = failing(workspace("import time; print('waiting', flush=True); time.sleep(60)", "limit = 1"))
        assert "was ended after 1 s" in problem.cause
        assert problem.detail.startswith("waiting\n")

    @pytest.mark.parametrize("program", ["no-such-program", "tools/missing", "README.md"])
    def test_it_is_not_there(self, make_project: Callable[..., Project], program: str) -> None:
        table = f'[tool.towpath.after-release.docs]\ncommand = "{program}"\nreason = "docs"\n'
        project = make_project(files={"pyproject.toml": f"{PYPROJECT}\n{table}"})
        assert "could not be started" in failing(open_workspace(project.root, project.environ)).cause


class TestTheWorkflow:
    @pytest.fixture
    def texts(self, make_project: Callable[..., Project], tmp_path: Path) -> dict[str, str]:
        project = make_project(files={"pyproject.toml": f"{PYPROJECT}\n[tool.towpath]\n{DECLARED}"})
        pipeline = configured(RELEASE, read(DECLARED))
        wanted = files.wanted(layout_of(project.root, project.environ, pipeline))
        files.write(tmp_path, wanted, replace=False)
        return {file.path: file.text for file in wanted}

    def test_a_job_of_its_own_that_may_read_and_fails_for_itself(self, texts: dict[str, str]) -> None:
        jobs = YAML(typ="safe").load(texts[f"{files.FOLDER}/release.yml"])["jobs"]
        docs, announce = jobs["docs"], jobs["announce"]
        assert docs["permissions"] == announce["permissions"] == {"contents": "read"}
        assert docs["continue-on-error"] is announce["continue-on-error"] is True
        assert "github-release" in docs["needs"]
        assert "needs.plan.outputs.docs == 'true'" in docs["if"]
        assert "docs" in jobs["plan"]["outputs"]
        (step,) = [one for one in docs["steps"] if one.get("id") == "gate"]
        assert step["run"] == "nox -s docs"
        assert step["env"]["RTD_TOKEN"] == "${{ secrets.RTD_TOKEN }}"
        assert "secrets." not in str(announce)
        assert not {"docs", "announce"} & set(jobs["passed"]["needs"]), "required are the gates of the release"
        assert "continue-on-error" not in str([job for name, job in jobs.items() if name not in {"docs", "announce"}])
        assert "docs" not in texts[f"{files.FOLDER}/check.yml"]

    def test_the_files_pass_every_check(self, texts: dict[str, str], tmp_path: Path) -> None:
        for path, text in texts.items():
            assert check(text, path) == ()
        written = sorted(map(str, (tmp_path / files.FOLDER).iterdir()))
        zizmor = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        assert zizmor
        checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *written]
        for command in ([zizmor, "--offline", "--persona", "pedantic", "--no-progress", *written], checker):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
