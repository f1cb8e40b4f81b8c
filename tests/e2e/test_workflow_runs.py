"""The generated release workflow, run for real on this machine by the interpreter: from an event to the release.

GitHub itself cannot be asked. What stands for it: the interpreter, a bare repository, two twins, an issuer of identity
tokens and a double of the forge. Each job has a workspace of its own and gets the pipeline's packages by its own pip;
they lie on its Python already, so that nothing has to be downloaded fourteen times.
"""

from __future__ import annotations

import importlib.metadata
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from jobs import HANDLERS
from releases import wheel
from strangers import verify_as_documented
from universe import PYPROJECT, RUNNING, Project

from towpath.config.reading import read_pyproject
from towpath.errors import TowpathError
from towpath.gates.after_release import configured
from towpath.index.twin import Fault
from towpath.index.upload import upload
from towpath.model import Login
from towpath.pipeline import RELEASE
from towpath.workflow import files, here, lock
from towpath.workflow.interpreter.log import Log
from towpath.workflow.project import layout_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.forge.double import ForgeDouble
    from towpath.workflow.here import Here
    from towpath.workflow.interpreter.results import RunResult

BEFORE_TAG = ("plan", "lint", "test", "security", "build", "verify-install")
AFTER = ("publish", "verify-published", "github-release")


@contextmanager
def opened(project: Project, version: str, lines: str = "") -> Iterator[Here]:
    """The project at a version with its generated workflows, committed, and all that stands for GitHub."""
    project.write("pyproject.toml", f'{PYPROJECT}\n[tool.towpath.workflow]\npython = "{RUNNING}"\n{lines}')
    for path in ("pyproject.toml", "src/sample_pkg/__init__.py", "CHANGES.md"):
        project.replace(path, "1.0.0", version)
    project.write(".gitignore", "dist/\n")
    installed = {name: importlib.metadata.version(name) for name in ("towpath", "nox", "invoke")}
    locked = (f"{name}=={number} \\\n    --hash=sha256:{'0' * 64}\n" for name, number in installed.items())
    project.write(lock.PATH, "".join(locked))
    pipeline = configured(RELEASE, read_pyproject(project.root))
    files.write(project.root, files.wanted(layout_of(project.root, project.environ, pipeline)), replace=False)
    project.commit(f"Release {version}")
    with here.opened(project.root, project.environ, pipeline, handlers=HANDLERS) as world:
        yield world


def results(run: RunResult) -> dict[str, str]:
    return {name: job.result for name, job in run.jobs.items()}


def walked(*names: str) -> dict[str, str]:
    """These jobs succeed, the others are skipped, and the one that stands for all says so."""
    every = (*BEFORE_TAG, "tag", "publish-test", *AFTER)
    return {name: "success" if name in names else "skipped" for name in every} | {"passed": "success"}


def problems(run: RunResult) -> str:
    return "\n".join(f"{note.job}: {note.title} {note.message}" for note in run.annotations if note.level == "error")


def sealed(run: RunResult, gate: str) -> dict[str, Any]:
    """The predicate of a gate's record, as its job kept it."""
    folder = run.jobs[gate].legs[0].folder
    assert folder
    (record,) = folder.glob(f"work/*/*/.towpath/1.0.0/{gate}.json")
    found: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return found


AFTER_RELEASE = """
[tool.towpath.after-release.docs]
command = "tools/no-such-program"
reason = "the docs are built on demand"
"""
PACK = "sample_pkg-1.0.0.evidence.zip"


def require_verified_by_strangers(forge: ForgeDouble, folder: Path) -> None:
    """What the jobs have handed on from lint to the release is in the pack, and bears out the files beside it."""
    folder.mkdir()
    (release,) = forge.releases
    for asset in release["assets"]:
        (folder / asset["name"]).write_bytes(forge.file(asset))
    others = [asset["name"] for asset in release["assets"] if asset["name"] != PACK]
    ended = verify_as_documented(folder, PACK, *others)
    assert ended.returncode == 0, ended.stderr
    for gate in (*BEFORE_TAG[1:], "tag", "publish", "verify-published"):
        assert f"{gate}: proven" in ended.stdout
    assert forge.token not in ended.stdout
    assert all(f"{name}: as sealed" in ended.stdout for name in others)


def told(record: dict[str, Any]) -> tuple[str, str]:
    """The digest of the configuration that a record is bound to, commands included, and what it says that it did."""
    configuration = record["predicate"]["configuration"][0]
    return configuration["digest"]["sha256"], configuration["annotations"]["notes"][0]


@pytest.mark.slow
def test_a_tag_half_an_upload_and_the_failed_jobs_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden: dict[str, Path] = {}
    mask = Log.mask

    def masked(log: Log, secret: str) -> None:
        hidden[secret] = log.path
        mask(log, secret)

    monkeypatch.setattr(Log, "mask", masked)
    with opened(project, "1.0.0") as world:
        index, forge = world.doubles.index, world.doubles.forge
        index.faults.add(Fault("error-before-commit", after=1, times=None, status=400))
        first = world.start("tag")
        assert first.jobs["publish"].result == "failure"
        assert "upload-refused" in problems(first)
        assert results(first)["github-release"] == "skipped"
        assert results(first)["passed"] == "failure"
        assert len(index.files("sample-pkg")) == 1
        assert forge.releases == []

        minted = [secret for secret in hidden if secret.startswith("pypi-")]
        assert minted, "the token that the job has minted is hidden in all that it prints"
        for secret in minted:
            assert secret not in hidden[secret].read_text(encoding="utf-8")

        index.faults.clear()
        again = world.start("tag", rerun=first)
        assert results(again) == walked(*BEFORE_TAG, "tag", *AFTER), problems(again)
        assert again.jobs["build"] is first.jobs["build"], "the same bytes, not others of the same name"
        (release,) = forge.releases
        assert release["tag_name"] == "v1.0.0"
        assert not release["draft"]
        assert forge.latest == "v1.0.0"
        files_sent = index.files("sample-pkg")
        assert {asset["name"] for asset in release["assets"]} == {*files_sent, PACK}
        require_verified_by_strangers(forge, project.root.parent / "downloaded")
        assert world.doubles.test_index.files("sample-pkg") == {}

        built = sealed(again, "build")["subject"]
        assert files_sent.items() <= {file["name"]: file["digest"].get("sha256") for file in built}.items()
        for name in ("publish", "publish-test"):
            assert ("id-token" in again.jobs[name].legs[0].permissions) if again.jobs[name].legs else name != "publish"

        report = project.release()
        assert report["done"], report
        rehearsed = json.loads(project.evidence("build.json").read_text(encoding="utf-8"))
        assert rehearsed["subject"] == sealed(again, "build")["subject"], "a reproducible backend: the same digests"
        for gate in ("lint", "test", "security", "build", "verify-install"):
            on_laptop = json.loads(project.evidence(f"{gate}.json").read_text(encoding="utf-8"))
            assert told(on_laptop) == told(sealed(again, gate)), "the same commands, by the same configuration"


@pytest.mark.slow
@pytest.mark.parametrize(("version", "tag"), [("1.1.0rc1", "v1.1.0rc1"), ("1.1.0rc1", "v1.1.0-rc.1")])
def test_a_prerelease_goes_to_the_test_index_only(project: Project, version: str, tag: str) -> None:
    with opened(project, version) as world:
        project.git("tag", "--annotate", "--message", tag, tag)
        project.git("push", "--quiet", str(world.remote), tag)
        run = here_start(world, tag)
        assert results(run)["publish-test"] == "success", problems(run)
        assert results(run)["publish"] == "skipped"
        assert results(run)["passed"] == "success"
        assert world.doubles.index.files("sample-pkg") == {}
        assert len(world.doubles.test_index.files("sample-pkg")) == 2


def here_start(world: Here, tag: str) -> RunResult:
    from towpath.workflow.interpreter.runner import Event, run

    path = f"{files.FOLDER}/release.yml"
    text = world.workspace.repository.git("show", f"HEAD:{path}") + "\n"
    return run(text, Event.push_tag(tag), world.machine, path=path)


def test_a_tag_that_does_not_fit_publishes_nothing_and_is_red(project: Project) -> None:
    with opened(project, "1.0.0") as world:
        project.git("tag", "v1.0.1")
        project.git("push", "--quiet", str(world.remote), "v1.0.1")
        run = here_start(world, "v1.0.1")
        assert run.result == "failure"
        assert "tag-misfit" in problems(run)
        assert set(results(run).values()) == {"failure", "skipped"}


@pytest.mark.slow
def test_a_dispatch_on_the_release_branch_tags_and_publishes(project: Project) -> None:
    """What comes after the release fails, and the run is well."""
    with opened(project, "1.0.0", f'triggers = ["dispatch"]\n{AFTER_RELEASE}') as world:
        run = world.start("dispatch")
        assert results(run) == walked(*BEFORE_TAG, "tag", *AFTER) | {"docs": "success"}, problems(run)
        assert run.result == "success"
        assert run.jobs["docs"].legs[0].outcome == "failure"
        assert "after-release-failed" in problems(run)
        tagged = project.git("ls-remote", str(world.remote), "refs/tags/v1.0.0^{}").split()[0]
        assert tagged == project.git("rev-parse", "HEAD")
        assert len(world.doubles.index.files("sample-pkg")) == 2


@pytest.mark.slow
def test_a_dry_run_walks_everything_before_the_tag_and_publishes_nothing(project: Project) -> None:
    with opened(project, "1.0.0", 'triggers = ["dispatch"]\n') as world:
        run = world.start("dry-run")
        assert results(run) == walked(*BEFORE_TAG), problems(run)
        assert not project.git("ls-remote", "--tags", str(world.remote))
        assert world.doubles.index.files("sample-pkg") == {}


def test_a_failing_test_publishes_nothing(project: Project) -> None:
    project.replace("tests/test_core.py", "== 42", "== 43")
    with opened(project, "1.0.0") as world:
        run = world.start("tag")
        assert results(run)["test"] == "failure"
        assert {results(run)[name] for name in ("build", "tag", *AFTER)} == {"skipped"}
        assert results(run)["passed"] == "failure"
        (leg,) = run.jobs["test"].legs
        assert "closed:" in leg.summary
        assert any(note.file.endswith("test_core.py") for note in leg.annotations), leg.annotations
        assert world.doubles.index.files("sample-pkg") == {}


@pytest.mark.slow
def test_other_bytes_on_the_index_are_met_before_the_action_sends_anything(project: Project, tmp_path: Path) -> None:
    """The action would skip a file whose name is there, and add those of another build to it, for good."""
    with opened(project, "1.0.0", 'publish-by = "action"\n') as world:
        index = world.doubles.index
        other = wheel(tmp_path)
        assert upload(index.address, other, login=Login("__token__", index.token()), loopback_only=True).status == 200
        there = index.files("sample-pkg")
        assert list(there) == ["sample_pkg-1.0.0-py3-none-any.whl"], "of the name that the build gives"
        run = world.start("tag")
        assert results(run)["tag"] == "success", problems(run)
        assert results(run)["before-publish"] == results(run)["passed"] == "failure"
        assert "before-publish: index-other-bytes" in problems(run)
        assert {results(run)[name] for name in ("upload-publish", *AFTER)} == {"skipped"}
        assert index.files("sample-pkg") == there
        assert "id-token" not in run.jobs["before-publish"].legs[0].permissions


def test_a_workflow_that_is_not_committed_is_not_run(project: Project) -> None:
    with here.opened(project.root, project.environ, RELEASE) as world, pytest.raises(TowpathError) as caught:
        world.start("tag")
    assert [problem.id for problem in caught.value.problems] == ["no-workflow"]
