"""The generated workflows: what each job may do, what it hands on, and when they count as drifted."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from universe import PYPROJECT, Project

from towpath.errors import TowpathError
from towpath.pipeline import RELEASE
from towpath.workflow import event, files, lock
from towpath.workflow.project import installed, layout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.gates.gate import Pipeline
    from towpath.workflow.layout import Layout

SHAPES = {
    "the default": "",
    "every trigger": '[tool.towpath.workflow]\ntriggers = ["tag", "release", "dispatch"]\n',
    "by PyPA's action": '[tool.towpath.workflow]\npublish-by = "action"\ntriggers = ["release", "dispatch"]\n',
    "by a token": '[tool.towpath.workflow]\nsecrets = { pypi = "PYPI_TOKEN", testpypi = "TEST_PYPI_API_TOKEN" }\n',
    "several platforms": """[tool.towpath.build]
sdist = false
command = "cibuildwheel --output-dir {dist}"
expect = [
    { file = "cp3*-cp3*-manylinux_*_x86_64", platform = "linux-x86_64" },
    { file = "cp3*-cp3*-macosx_*_arm64", platform = "macos-arm64" },
]
""",
    "two indexes": """[tool.towpath.routes]
prerelease = ["corp"]
[tool.towpath.index.corp]
upload-url = "https://corp.example/legacy/"
simple-url = "https://corp.example/simple/"
[tool.towpath.workflow]
secrets = { corp = "CORP_TOKEN" }
""",
    "several systems": '[tool.towpath.workflow]\noperating-systems = ["ubuntu-latest", "windows-latest"]\n',
}


@pytest.fixture
def make(make_project: Callable[..., Project]) -> Callable[..., Layout]:
    """The layout of a project with these lines in [tool.towpath]."""

    numbers = itertools.count()

    def layout(lines: str, pipeline: Pipeline = RELEASE, listed: str = '["3.10", "3.12"]') -> Layout:
        made = make_project(
            f"project-{next(numbers)}",
            files={"pyproject.toml": f"{PYPROJECT}\n[tool.towpath]\npython = {listed}\n{lines}"},
        )
        return layout_of(made.root, made.environ, pipeline)

    return layout


def jobs_of(layout: Layout, number: int = 0) -> Mapping[str, Any]:
    jobs: Mapping[str, Any] = YAML(typ="safe").load(files.wanted(layout)[number].text)["jobs"]
    return jobs


@pytest.mark.parametrize("shape", SHAPES)
def test_the_files_pass_zizmor_and_the_schema(make: Callable[..., Layout], tmp_path: Path, shape: str) -> None:
    files.write(tmp_path, files.wanted(make(SHAPES[shape])), replace=False)
    written = sorted(map(str, (tmp_path / files.FOLDER).iterdir()))
    beside = Path(sys.executable).parent
    zizmor = shutil.which("zizmor", path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    assert zizmor
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *written]
    for command in ([zizmor, "--offline", "--persona", "pedantic", "--no-progress", *written], checker):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("shape", SHAPES)
def test_a_token_that_can_publish_never_meets_the_project_s_code(make: Callable[..., Layout], shape: str) -> None:
    jobs = jobs_of(make(SHAPES[shape]))
    able = {name for name, job in jobs.items() if "id-token" in job.get("permissions", {}) or "secrets." in str(job)}
    assert able == ({"upload-publish-test", "upload-publish"} if "PyPA" in shape else {"publish-test", "publish"})
    for name in able:
        for step in jobs[name]["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["sparse-checkout"].split() == [
                    "/noxfile.py", "/pyproject.toml", "/.github/towpath.txt", "/CHANGES.md"
                ]  # fmt: skip
            assert "cache" not in str(step)


def test_every_job_names_what_it_may_do_and_the_workflow_gives_nothing(make: Callable[..., Layout]) -> None:
    layout = make(SHAPES["every trigger"])
    for file in files.wanted(layout):
        workflow = YAML(typ="safe").load(file.text)
        assert workflow["permissions"] == {}
        assert all("permissions" in job for job in workflow["jobs"].values())
    jobs = jobs_of(layout)
    writing = {name for name, job in jobs.items() if job["permissions"].get("contents") == "write"}
    assert writing == {"tag", "github-release"}
    tag_alone = jobs_of(make(""))["tag"]["permissions"]
    assert tag_alone == {"contents": "read"}, "a tag that is pushed is there already"


def test_each_gate_is_a_job_that_calls_its_session(make: Callable[..., Layout]) -> None:
    jobs = jobs_of(make(""))
    for gate in RELEASE:
        step = next(step for step in jobs[gate.name]["steps"] if step.get("id") == "gate")
        assert step["run"].startswith(f"nox -s {gate.name}") or step["run"] == 'nox -s "$SESSION"'
    sessions = [leg["session"] for leg in jobs["test"]["strategy"]["matrix"]["include"]]
    assert sessions == ["test-3.10", "test-3.12"]


def test_each_platform_builds_and_one_job_seals(make: Callable[..., Layout]) -> None:
    jobs = jobs_of(make(SHAPES["several platforms"]))
    legs = jobs["build-parts"]["strategy"]["matrix"]["include"]
    assert legs == [
        {"platform": "linux-x86_64", "system": "ubuntu-latest"},
        {"platform": "macos-arm64", "system": "macos-latest"},
    ]
    gate = next(step for step in jobs["build"]["steps"] if step.get("id") == "gate")
    assert gate["run"] == 'nox -s build -- --from "$PARTS"'
    handed = gate["env"]["TOWPATH_EVIDENCE_DIGESTS"]
    assert "macos-arm64/build.json=${{ needs.build-parts.outputs.digest-macos-arm64 }}" in handed
    assert "${{ needs.lint.outputs.evidence }}" in handed
    with pytest.raises(TowpathError, match="runner for the platform"):
        make(SHAPES["several platforms"].replace("macos-arm64", "linux-s390x")).runner("linux-s390x")


@pytest.mark.parametrize("lines", ["", SHAPES["several platforms"]])
def test_what_a_leg_says_is_not_overwritten_by_another(make: Callable[..., Layout], lines: str) -> None:
    """GitHub writes a condition that does not hold as `false`, which is not empty and would take the output's place."""
    every = [said for job in jobs_of(make(lines)).values() for said in job.get("outputs", {}).values()]
    conditional = [said for said in every if said.startswith("${{ matrix.")]
    assert len(conditional) >= 4
    assert all(said.endswith(" || '' }}") for said in conditional)


def test_further_pythons_are_checked_and_one_is_handed_on(make: Callable[..., Layout]) -> None:
    layout = make('[tool.towpath.workflow]\npythons = ["3.10", "3.13"]\n', listed='["current"]')
    job = jobs_of(layout)["test"]
    assert [leg["python"] for leg in job["strategy"]["matrix"]["include"]] == ["3.12", "3.10", "3.13"]
    assert {leg["session"] for leg in job["strategy"]["matrix"]["include"]} == {"test"}
    assert list(job["outputs"]) == ["evidence", "artifact"]
    assert "matrix.python == '3.12'" in job["outputs"]["evidence"]
    (python,) = (step for step in job["steps"] if "setup-python" in step.get("uses", ""))
    assert python["with"]["python-version"] == "${{ matrix.python }}"


def test_what_the_interpreter_checks_finds_nothing(make: Callable[..., Layout]) -> None:
    from towpath.workflow.interpreter.checking import check

    for lines in SHAPES.values():
        for file in files.wanted(make(lines)):
            assert check(file.text, file.path) == ()


def test_a_gate_added_or_removed_is_a_job_added_or_removed(make: Callable[..., Layout]) -> None:
    assert "security" not in jobs_of(make("", RELEASE.without("security")))


def test_one_job_that_is_never_skipped_stands_for_all(make: Callable[..., Layout]) -> None:
    layout = make("")
    for number in (0, 1):
        jobs = jobs_of(layout, number)
        last = jobs["passed"]
        assert last["needs"] == [name for name in jobs if name != "passed"]
        assert last["if"] == "${{ always() }}"
        script = last["steps"][0]["run"]
        for results, code in (("success success", 0), ("success failure", 1), ("success cancelled", 1)):
            done = subprocess.run(["bash", "-ec", script], env={**os.environ, "RESULTS": results}, check=False)
            assert done.returncode == code
        skipped = subprocess.run(["bash", "-ec", script], env={**os.environ, "RESULTS": "success skipped"}, check=False)
        assert skipped.returncode == number, "a release may leave gates out, a check may not"


def test_only_the_configured_triggers_start_a_release(make: Callable[..., Layout]) -> None:
    text = files.wanted(make('[tool.towpath.tag]\nformat = "sample-{version}"\n'))[0].text
    assert YAML(typ="safe").load(text)["on"] == {"push": {"tags": ["sample-*"]}}
    dispatch = files.wanted(make('[tool.towpath.workflow]\ntriggers = ["dispatch"]\n'))[0].text
    assert YAML(typ="safe").load(dispatch)["on"]["workflow_dispatch"]["inputs"]["dry-run"]["type"] == "boolean"


def test_names_that_the_index_is_told_can_be_chosen(make: Callable[..., Layout]) -> None:
    layout = make('[tool.towpath.workflow]\nrelease = "ci-cd.yml"\nenvironments = { pypi = "pypi-publishing" }\n')
    file = files.wanted(layout)[0]
    assert file.path == ".github/workflows/ci-cd.yml"
    assert jobs_of(layout)["publish"]["environment"]["name"] == "pypi-publishing"


def test_drift_is_shown_and_writing_again_changes_nothing(make: Callable[..., Layout], tmp_path: Path) -> None:
    wanted = files.wanted(make(""))
    assert files.write(tmp_path, wanted, replace=False) == tuple(file.path for file in wanted)
    assert not files.drift(tmp_path, wanted)
    assert files.write(tmp_path, wanted, replace=False) == ()
    changed = tmp_path / wanted[0].path
    changed.write_text(
        changed.read_text(encoding="utf-8").replace("contents: read", "contents: write"), encoding="utf-8"
    )
    assert "-      contents: write" in files.drift(tmp_path, wanted)
    assert files.write(tmp_path, wanted, replace=False) == (wanted[0].path,)


def test_a_missing_workflow_is_named_not_spelled_out(make: Callable[..., Layout], tmp_path: Path) -> None:
    wanted = files.wanted(make(""))
    assert files.drift(tmp_path, wanted) == "".join(f"{file.path} is missing\n" for file in wanted)
    files.write(tmp_path, wanted, replace=False)
    (tmp_path / wanted[1].path).unlink()
    assert files.drift(tmp_path, wanted) == f"{wanted[1].path} is missing\n"


def test_a_workflow_by_hand_is_not_overwritten_silently(make: Callable[..., Layout], tmp_path: Path) -> None:
    wanted = files.wanted(make(""))
    by_hand = tmp_path / wanted[0].path
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("on: push\njobs: {}\n", encoding="utf-8")
    with pytest.raises(TowpathError) as caught:
        files.write(tmp_path, wanted, replace=False)
    assert [problem.id for problem in caught.value.problems] == ["workflow-by-hand"]
    assert by_hand.read_text(encoding="utf-8") == "on: push\njobs: {}\n"
    assert not (tmp_path / wanted[1].path).exists()
    files.write(tmp_path, wanted, replace=True)
    assert not files.drift(tmp_path, wanted)


@pytest.mark.parametrize(
    "first", ["# Generated by `invoke workflow` before", "# Generated by `invoke our-workflow`", "# L"]
)
def test_what_was_generated_is_written_over_whatever_the_tasks_were_called(tmp_path: Path, first: str) -> None:
    """The workflows by their mark, with a prefix or without; the lock file by its own first line."""
    (tmp_path / "x").write_text(f"{first}\nold\n", encoding="utf-8")
    wanted = files.WorkflowFile("x", "# L\nnew\n")
    assert files.write(tmp_path, [wanted], replace=False) == ("x",)
    (tmp_path / "x").write_text("# by hand\n", encoding="utf-8")
    with pytest.raises(TowpathError):
        files.write(tmp_path, [wanted], replace=False)


def test_what_is_installed_is_locked_by_hash(make: Callable[..., Layout], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "tool-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tool-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n")
        wheel.writestr("tool-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tool-1.0.dist-info/RECORD", "")
    environ = {**os.environ, "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(tmp_path)}
    text = lock.locked(["tool"], environ, python="3.10")
    assert lock.is_whole(text, ["tool>=1"])
    assert not lock.is_whole(text, ["tool", "nox"])
    assert not lock.is_whole(text.replace("--hash", "--nothing"), ["tool"])
    assert str(tmp_path) not in text
    assert installed(make("")) == ("towpath[uv]", "nox", "invoke")
    with pytest.raises(TowpathError, match="No set of packages"):
        lock.locked(["tool==2"], environ, python="3.10")


RUNS = {
    "a pushed tag": ({"GITHUB_REF": "refs/tags/v1.0.0"}, True),
    "a dispatch on the release branch": ({"GITHUB_REF": "refs/heads/main", event.DRY_RUN_VARIABLE: "false"}, True),
    "a dry run": ({"GITHUB_REF": "refs/heads/main", event.DRY_RUN_VARIABLE: "true"}, False),
    "another branch": ({"GITHUB_REF": "refs/heads/feature", event.DRY_RUN_VARIABLE: "false"}, False),
    "no run at all": ({}, False),
}


@pytest.mark.parametrize("case", RUNS)
def test_the_event_decides_what_is_walked(project: Project, case: str) -> None:
    from towpath.walk.world import open_workspace

    environ, acts = RUNS[case]
    found = event.gates_of_run(RELEASE, open_workspace(project.root, {**project.environ, **environ}))
    walked = dict.fromkeys(("tag", "publish-test", "publish", "verify-published", "github-release"), acts)
    assert found == walked | {"publish-test": False}, "no test index is configured, and this is no pre-release"


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ({"GITHUB_REF": "refs/tags/v1.0.1"}, "tag-misfit"),
        ({"GITHUB_REF": "refs/tags/release-1"}, "tag-misfit"),
        ({"GITHUB_REF": "refs/heads/main", event.VERSION_VARIABLE: "1.0.1"}, "version-not-meant"),
        ({"GITHUB_REF": "refs/heads/main", event.VERSION_VARIABLE: "$(id)"}, "version-not-meant"),
    ],
)
def test_a_run_for_another_version_is_refused(project: Project, extra: dict[str, str], problem: str) -> None:
    from towpath.walk.world import open_workspace

    with pytest.raises(TowpathError) as caught:
        event.gates_of_run(RELEASE, open_workspace(project.root, {**project.environ, **extra}))
    assert [one.id for one in caught.value.problems] == [problem]


HOLLOW = "sleep ${{ %s && '60' || '0' }}"


def hollowed(layout: Layout, said: Mapping[str, str], hanging: Mapping[str, str]) -> str:
    """The release workflow with its jobs' names, needs, conditions and matrices, and nothing in the jobs.

    The plan says what is given; `hanging` names jobs that run out of time, each with the legs that do.
    """
    workflow = YAML(typ="safe").load(files.wanted(layout)[0].text)
    jobs = {}
    for name, job in workflow["jobs"].items():
        kept = {key: job[key] for key in ("needs", "if", "strategy") if key in job}
        steps = job["steps"] if name == "passed" else [{"run": HOLLOW % hanging.get(name, "false")}]
        limit = {"timeout-minutes": 0.01} if name in hanging else {}
        outputs = {"outputs": dict(said)} if name == "plan" else {}
        jobs[name] = {"runs-on": "ubuntu-latest", **kept, **limit, **outputs, "steps": steps}
    stream = io.StringIO()
    YAML().dump({"on": "push", "permissions": {}, "jobs": jobs}, stream)
    return stream.getvalue()


@pytest.fixture
def ran(make: Callable[..., Layout], project: Project, tmp_path: Path) -> Callable[..., Mapping[str, str]]:
    """How each job of a hollowed release workflow ends, run by the interpreter."""
    from towpath.workflow.interpreter.machine import Machine, ordinary_environment
    from towpath.workflow.interpreter.runner import Event, run

    remote = tmp_path / "remote.git"
    project.git("tag", "v1.0.0")
    project.git("clone", "--quiet", "--bare", str(project.root), str(remote))
    machine = Machine(folder=tmp_path / "machine", repository=remote, environ=ordinary_environment(project.environ))

    def results(lines: str, on: str, hanging: Mapping[str, str], index: str = "pypi") -> Mapping[str, str]:
        world = ("tag", "publish-test", "publish", "verify-published", "github-release")
        said = {"version": "1.0.0", "index": index} | {name: str(name in on.split()).lower() for name in world}
        text = hollowed(make(lines), said, hanging)
        done = run(text, Event.push_tag("v1.0.0"), machine, path=".github/workflows/release.yml")
        return {name: job.result for name, job in done.jobs.items()}

    return results


EVERY = "tag publish-test publish verify-published github-release"
HANGING = {
    "a leg of the second system": ("several systems", "verify-install", "matrix.system == 'windows-latest'", ["tag"]),
    "the tag": ("by PyPA's action", "tag", "true", ["upload-publish-test", "publish-test", "upload-publish"]),
    "the test index": ("by PyPA's action", "publish-test", "true", ["before-publish", "upload-publish", "publish"]),
    "what is asked before": ("by PyPA's action", "before-publish", "true", ["upload-publish", "publish"]),
    "the upload": ("by PyPA's action", "upload-publish", "true", ["publish", "verify-published", "github-release"]),
    "what is public": ("the default", "verify-published", "true", ["github-release"]),
}


@pytest.mark.parametrize("case", HANGING)
def test_nothing_goes_on_after_a_job_that_ran_out_of_time(ran: Callable[..., Mapping[str, str]], case: str) -> None:
    """GitHub counts it as cancelled while the run is not."""
    shape, name, legs, not_run = HANGING[case]
    found = ran(SHAPES[shape], EVERY, {name: legs})
    assert found[name] == "cancelled"
    assert {found[one] for one in not_run} == {"skipped"}
    assert found["github-release"] == "skipped"
    assert found["passed"] == "failure"


def test_a_gate_off_the_route_stops_nothing(ran: Callable[..., Mapping[str, str]]) -> None:
    found = ran(SHAPES["by PyPA's action"], "tag publish verify-published github-release", {})
    skipped = {name for name, result in found.items() if result == "skipped"}
    assert skipped == {"before-publish-test", "upload-publish-test", "publish-test"}
    assert found["github-release"] == found["passed"] == "success"
    early = ran(SHAPES["by PyPA's action"], "tag publish-test github-release", {})
    assert {early[name] for name in ("before-publish", "upload-publish", "publish", "verify-published")} == {"skipped"}
    assert early["github-release"] == early["passed"] == "success"


ROUTED = """[tool.towpath.routes]
prerelease = ["corp"]
[tool.towpath.index.corp]
upload-url = "https://corp.example/legacy/"
simple-url = "https://corp.example/simple/"
username = "deploy"
[tool.towpath.workflow]
secrets = { corp = "CORP_TOKEN" }
"""


@pytest.mark.parametrize("index", ["pypi", "corp"])
def test_the_index_of_the_version_s_route_gets_the_files_and_no_other(
    ran: Callable[..., Mapping[str, str]], index: str
) -> None:
    found = ran(f'{ROUTED}publish-by = "action"\n', "tag publish verify-published github-release", {}, index)
    sent = {name for name, result in found.items() if name.startswith("upload-") and result == "success"}
    assert sent == {f"upload-publish-{index}"}
    assert found["publish"] == found["passed"] == "success"
    stopped = ran(f'{ROUTED}publish-by = "action"\n', EVERY, {f"upload-publish-{index}": "true"}, index)
    assert stopped["publish"] == "skipped"


def test_each_index_has_a_job_and_a_credential_of_its_own(make: Callable[..., Layout]) -> None:
    jobs = jobs_of(make(f'{ROUTED}publish-by = "action"\n'))
    assert jobs["plan"]["outputs"]["index"] == "${{ steps.plan.outputs.index }}"
    public, own = (jobs[f"upload-publish-{index}"] for index in ("pypi", "corp"))
    assert (public["permissions"], public["environment"]["name"]) == ({"id-token": "write"}, "pypi")
    assert public["steps"][-1]["with"] == {"packages-dir": "dist", "skip-existing": True}
    assert (own["permissions"], own["environment"]["name"]) == ({}, "corp")
    assert own["steps"][-1]["with"] == {
        "packages-dir": "dist",
        "repository-url": "https://corp.example/legacy/",
        "user": "deploy",
        "password": "${{ secrets.CORP_TOKEN }}",
    }, "twine skips what is there at PyPI's own indexes only"
    publish = jobs_of(make(ROUTED))["publish"]
    (gate,) = (step for step in publish["steps"] if step.get("id") == "gate")
    wanted = "${{ needs.plan.outputs.index == 'corp' && secrets.CORP_TOKEN || '' }}"
    assert gate["env"]["TOWPATH_TOKEN_CORP"] == wanted
    assert "'corp' && 'corp'" in publish["environment"]["name"]
    assert publish["permissions"] == {"contents": "read", "id-token": "write"}


@pytest.mark.parametrize(("version", "index"), [("1.0.0", "pypi"), ("1.0.0rc1", "corp"), ("1.0.0.dev1", "corp")])
def test_the_plan_says_to_which_index_a_version_goes(project: Project, version: str, index: str) -> None:
    for path in ("pyproject.toml", "src/sample_pkg/__init__.py"):
        project.replace(path, "1.0.0", version)
    project.write("pyproject.toml", f"{(project.root / 'pyproject.toml').read_text(encoding='utf-8')}\n{ROUTED}")
    project.commit("Route")
    output = project.root.parent / "output"
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "plan", "--outputs"],
        cwd=project.root,
        env={**project.environ, "GITHUB_OUTPUT": str(output), "GITHUB_REF": f"refs/tags/v{version}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"index={index}" in output.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: None, 0),
        (lambda dist: (dist / "a.whl").write_text("other", encoding="utf-8"), 1),
        (lambda dist: (dist / "b.whl").unlink(), 1),
        (lambda dist: (dist / "c.whl").write_text("more", encoding="utf-8"), 1),
    ],
)
def test_files_that_differ_at_the_hand_over_are_not_sent(
    make: Callable[..., Layout], tmp_path: Path, change: Callable[[Path], object], code: int
) -> None:
    job = jobs_of(make(SHAPES["by PyPA's action"]))["upload-publish"]
    taken, compared, sent = job["steps"]
    assert ("download-artifact" in taken["uses"], "pypi-publish" in sent["uses"]) == (True, True)
    assert compared["env"] == {"FILES": "${{ needs.before-publish.outputs.files }}"}
    dist = tmp_path / "dist"
    dist.mkdir()
    for name in ("a.whl", "b.whl"):
        (dist / name).write_text(name, encoding="utf-8")
    lines = "\n".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in ("a.whl", "b.whl"))
    change(dist)
    for files_said, ends in ((lines, code), ("", 1)):
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", compared["run"]],
            cwd=tmp_path,
            env={**os.environ, "FILES": files_said},
            capture_output=True,
            check=False,
        )
        assert (done.returncode != 0) == bool(ends), done


def test_files_whose_evidence_does_not_count_are_not_sent(project: Project) -> None:
    from towpath.workflow.to_send import files_to_send

    for gate, problem in (("publish", "evidence-missing"), ("publish-test", "not-on-route"), ("lint", "unknown-name")):
        with pytest.raises(TowpathError) as caught:
            files_to_send(RELEASE, gate, project.root, project.environ)
        assert {one.id for one in caught.value.problems} == {problem}


def test_an_output_of_several_lines_is_read_as_it_was_written(tmp_path: Path) -> None:
    from towpath.workflow.interpreter.stepfiles import pairs

    said = {"files": "a  x.whl\nb  y=z<<EOF.whl", "version": "1.0"}
    event.write_outputs(said, {"GITHUB_OUTPUT": str(tmp_path / "output")})
    assert pairs((tmp_path / "output").read_text(encoding="utf-8")) == said


@pytest.mark.parametrize("name", ["plan", "passed", "version", "index", "upload-publish", "before-publish"])
def test_a_gate_cannot_take_the_name_of_a_job_of_the_workflow_itself(make: Callable[..., Layout], name: str) -> None:
    from towpath.gates.after_release import configured

    declared = {"tool": {"towpath": {"after-release": {name: {"command": "true", "reason": "x"}}}}}
    layout = make(SHAPES["by PyPA's action"], configured(RELEASE, declared))
    assert name in layout.pipeline.names
    with pytest.raises(TowpathError) as caught:
        files.wanted(layout)
    assert [(one.id, repr(name) in one.cause) for one in caught.value.problems] == [("job-twice", True)]


@pytest.mark.parametrize("first", ["windows-latest", "macos-latest"])
def test_only_what_is_checked_on_a_system_runs_there(make: Callable[..., Layout], first: str) -> None:
    systems = f'[tool.towpath.workflow]\noperating-systems = ["{first}", "ubuntu-24.04"]\npublish-by = "action"\n'
    for number in (0, 1):
        for job in jobs_of(make(systems), number).values():
            if "strategy" in job:
                assert (job["runs-on"], job["defaults"]) == ("${{ matrix.system }}", {"run": {"shell": "bash"}})
            else:
                assert job["runs-on"].startswith("ubuntu-")
    layout = make(systems)
    sealed = {leg.system for leg in layout.legs(layout.pipeline["test"]) if leg.sealed}
    assert sealed == {"ubuntu-24.04"}, "its evidence opens what runs there"
    alone = f'[tool.towpath.workflow]\noperating-systems = ["{first}"]\n'
    jobs = jobs_of(make(alone, listed='["current"]'))
    assert {name for name, job in jobs.items() if job["runs-on"] == first} == {"test", "verify-install"}
    assert jobs["build"]["runs-on"] == "ubuntu-latest"


def test_a_noxfile_with_requirements_of_its_own_runs_in_what_was_installed_by_hash(make: Callable[..., Layout]) -> None:
    for file in files.wanted(make("")):
        assert YAML(typ="safe").load(file.text)["env"] == {"NOX_SCRIPT_MODE": "none"}


def test_drift_closes_lint(project: Project) -> None:
    from towpath.gates.acts import lint
    from towpath.walk.world import open_workspace

    digest = "0" * 64
    lines = [f"{name}==1 \\\n    --hash=sha256:{digest}\n" for name in ("towpath", "nox", "invoke")]
    project.write(lock.PATH, "".join(lines))
    wanted = files.wanted(layout_of(project.root, project.environ, RELEASE))
    files.write(project.root, wanted, replace=False)
    notes = lint.act(open_workspace(project.root, project.environ), "").notes
    assert any("invoke workflow --check" in note for note in notes)
    project.replace(wanted[0].path, "contents: read", "contents: write")
    with pytest.raises(TowpathError, match=r"`invoke workflow --check` ended with 1") as caught:
        lint.act(open_workspace(project.root, project.environ), "")
    assert "workflow" in caught.value.problems[0].detail
