"""`nox -s release -- --to …` where a workflow publishes: the tag, the generated workflow run for real, the comparison.

The project is one whose build makes other bytes each time, so that what is compared can only be what CI has sealed.
"""

from __future__ import annotations

import importlib.metadata
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from jobs import HANDLERS
from universe import PYPROJECT, RUNNING, Project, problem_ids, states

from towpath.forge.actions_answers import job
from towpath.forge.double import ForgeDouble
from towpath.index.twin import Fault, Twin
from towpath.pipeline import RELEASE
from towpath.workflow import files, lock
from towpath.workflow.interpreter.runner import Event, Machine, RunResult, ordinary_environment, run
from towpath.workflow.project import layout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATH = ".github/workflows/release.yml"
STAMP = "import os, pathlib; pathlib.Path('src/sample_pkg/stamp.txt').write_text(os.urandom(8).hex())"


@dataclass
class GitHub:
    """What GitHub does when a tag is pushed, and when somebody runs the failed jobs again."""

    project: Project
    index: Twin
    forge: ForgeDouble
    machine: Machine
    runs: list[RunResult] = field(default_factory=list)
    number: int = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """In the block a pushed tag starts the workflow."""
        over = threading.Event()

        def listen() -> None:
            while not over.is_set() and not self.project.git("ls-remote", "origin", "refs/tags/v1.0.0"):
                time.sleep(0.2)
            if not over.is_set():
                self.run()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def run(self) -> None:
        head, before = self.project.git("rev-parse", "HEAD"), self.runs[-1] if self.runs else None
        if before is None:
            self.number = self.forge.runs.add("release.yml", "push", head, "v1.0.0", status="in_progress")
        else:
            self.forge.runs.change(self.number, status="in_progress", conclusion=None)
        text = self.project.git("show", f"HEAD:{PATH}") + "\n"
        done = run(text, Event.push_tag("v1.0.0"), self.machine, path=PATH, rerun=before)
        self.runs.append(done)
        for artifact in done.artifacts:
            self.forge.runs.archive(self.number, artifact.name, artifact.archive.read_bytes())
        jobs = [
            job(name, one.result, failed="Publish" if one.result == "failure" else "")
            for name, one in done.jobs.items()
        ]
        self.forge.runs.change(self.number, status="completed", conclusion=done.result, jobs=jobs)

    def release(self) -> Any:
        return self.project.release("--to", "main", GITHUB_TOKEN=self.forge.token)


@pytest.fixture
def github(make_project: Callable[..., Project], tmp_path: Path) -> Iterator[GitHub]:
    with ExitStack() as stack:
        index = stack.enter_context(Twin.serve(tmp_path / "pypi", "pypi"))
        forge = stack.enter_context(ForgeDouble.serve(tmp_path / "forge", "ada/sample"))
        configured = f"""{PYPROJECT}
[tool.towpath]
publish.index = "main"
github-release.repository = "ada/sample"
github-release.api-url = "{forge.address.api_url}"
build.before = [["python", "-c", "{STAMP}"]]
workflow.python = "{RUNNING}"
workflow.secrets = {{ main = "MAIN_TOKEN" }}
[tool.towpath.index.main]
upload-url = "{index.upload_url}"
simple-url = "{index.simple_url}"
"""
        installed = {name: importlib.metadata.version(name) for name in ("towpath", "nox", "invoke")}
        locked = (f"{name}=={number} \\\n    --hash=sha256:{'0' * 64}\n" for name, number in installed.items())
        project = make_project(
            files={"pyproject.toml": configured, ".gitignore": "dist/\n", lock.PATH: "".join(locked)}
        )
        files.write(project.root, files.wanted(layout_of(project.root, project.environ, RELEASE)), replace=False)
        project.commit("Let a workflow publish")
        remote = tmp_path / "remote.git"
        project.git("clone", "--quiet", "--bare", ".", str(remote))
        project.git("remote", "add", "origin", str(remote))
        machine = Machine(
            tmp_path / "machine",
            repository=remote,
            environ=ordinary_environment(project.environ),
            slug="ada/sample",
            token=forge.token,
            secrets={"MAIN_TOKEN": index.token()},
            api_url=forge.address.api_url,
            handlers=HANDLERS,
        )
        yield GitHub(project, index, forge, machine)


@pytest.mark.slow
def test_the_same_command_starts_follows_compares_and_goes_on(github: GitHub) -> None:
    github.index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
    with github.listening():
        first = github.release()
    assert states(first)["tag"] == "proven", first
    assert states(first)["publish"] == "closed", first
    assert problem_ids(first) == ["ci-run-failed"]
    assert "publish (Publish)" in str(first["gates"])
    assert len(github.index.files("sample-pkg")) == 1

    github.index.faults.clear()
    github.run()
    public = github.index.files("sample-pkg")
    second = github.release()
    assert second["done"], problem_ids(second)
    assert states(second)["publish"] == states(second)["github-release"] == "by CI"
    assert states(second)["verify-published"] == "proven"
    assert {file["filename"]: file["sha256"] for file in second["distributions"]} == public
    assert first["distributions"] != second["distributions"], "what was built here is not what CI has published"
    assert len(github.runs) == 2, "nothing was started again"

    third = github.release()
    assert third["nothing_done"], third
    assert states(third)["publish"] == "by CI"
    (release,) = github.forge.releases
    assets = {asset["name"]: asset["sha256"] for asset in release["assets"]}
    assert assets.pop("sample_pkg-1.0.0.evidence.zip")
    assert assets == public
