"""`init`: what it finds in projects of every shape, what it writes, and that it writes all or nothing."""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from universe import FILES, NOXFILE, PYPROJECT, RUNNING, TASKS, Project

from towpath.adopt import write as writing
from towpath.adopt.plan import Plan, Wish, make_plan
from towpath.adopt.write import write
from towpath.errors import TowpathError
from towpath.pipeline import RELEASE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

FRESH: dict[str, str | None] = {"noxfile.py": None, "tasks.py": None}
ACTION = """\
on: {{push: {{tags: ['v*']}}}}
jobs: {{p: {{environment: {0}, steps: [{{uses: pypa/gh-action-pypi-publish@v1}}]}}}}
"""
ASYNKIT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "asynkit"
version = "0.20.0"
requires-python = ">=RUNNING"
[dependency-groups]
dev = ["pytest", "ruff", "ty"]
""".replace("RUNNING", RUNNING)
POETRY = """\
[build-system]
requires = ["poetry-core>=2"]
build-backend = "poetry.core.masonry.api"
[tool.poetry]
name = "arshai"
version = "1.4.2"
description = "x"
authors = ["Ada <ada@example.org>"]
[tool.poetry.dependencies]
python = ">=RUNNING"
[tool.poetry.group.dev.dependencies]
black = "^24"
isort = "*"
pytest = "*"
""".replace("RUNNING", RUNNING)
HATCH = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "mypylogger"
version = "0.2.0"
requires-python = ">=RUNNING"
[dependency-groups]
dev = ["ruff", "mypy", "pytest", "pytest-cov"]
[tool.ruff]
[tool.mypy]
""".replace("RUNNING", RUNNING)
TESTED = "def test_it() -> None:\n    assert True\n"


@pytest.fixture
def adopt(make_project: Callable[..., Project]) -> Callable[..., tuple[Project, Plan]]:
    """A project of these files, and the plan for it."""

    numbers = itertools.count()

    def made(files: Mapping[str, str | None], **wish: Any) -> tuple[Project, Plan]:
        project = make_project(f"project-{next(numbers)}", files={**FRESH, **files})
        return project, plan_of(project, **wish)

    return made


def plan_of(project: Project, **wish: Any) -> Plan:
    return make_plan(project.root, project.environ, RELEASE, Wish(**{"workflows": False, **wish}))


def only(files: Mapping[str, str]) -> dict[str, str | None]:
    """These files and none of the sample's."""
    return {**dict.fromkeys(FILES), **files}


def sessions_of(project: Project) -> set[str]:
    """Those that nox lists, by default or not."""
    listed = project.nox("--list").out.splitlines()
    return {line.split()[1] for line in listed if line.startswith(("* ", "- "))}


def said(plan: Plan) -> dict[str, Any]:
    return {f"{key.table}.{key.key}".lstrip("."): key.value for key in plan.keys}


SHAPES: dict[str, tuple[dict[str, str], dict[str, Any], dict[str, Any]]] = {
    "asynkit": (
        {
            "pyproject.toml": ASYNKIT,
            "src/asynkit/__init__.py": "",
            "tests/test_it.py": TESTED,
            "CHANGES.md": "# Changes\n\n## [Unreleased]\n",
            ".github/workflows/ci.yml": ACTION.format("pypi"),
        },
        {"workflow.release": "ci.yml", "workflow.publish-by": "action"},
        {"version": "0.20.0", "changelog": "CHANGES.md", "linters": ["ruff", "ty"]},
    ),
    "python-manta": (
        {
            "pyproject.toml": ASYNKIT.replace("0.20.0", "1.4.7.6").replace('dev = ["pytest", "ruff", "ty"]', ""),
            "src/asynkit/__init__.py": '__version__ = "1.4.7.5"\n',
            "CHANGELOG.md": "# Changelog\n\n## 1.4.7.6\n",
            ".github/workflows/build-wheels.yml": (
                "on: {push: {tags: ['v*']}}\njobs: {p: {steps: [{run: twine upload dist/*, "
                "env: {TWINE_PASSWORD: '${{ secrets.PYPI_API_TOKEN }}'}}]}}\n"
            ),
        },
        {
            "lint.commands": ("ruff check --select E9,F63,F7 .",),
            "test.tests": "none",
            "test.reason": "no tests were found when towpath was set up",
            "workflow.release": "build-wheels.yml",
            "workflow.secrets.pypi": "PYPI_API_TOKEN",
        },
        {"version": "1.4.7.6", "changelog": "CHANGELOG.md", "linters": []},
    ),
    "mypylogger": (
        {
            "pyproject.toml": HATCH,
            "src/mypylogger/__init__.py": '__version__ = "0.2.0"\n',
            "tests/unit/test_a.py": TESTED,
            ".github/workflows/pypi-publish.yml": ACTION.format("pypi-publishing").replace(
                "push: {tags: ['v*']}", "workflow_dispatch: {}"
            ),
        },
        {
            "workflow.release": "pypi-publish.yml",
            "workflow.triggers": ("dispatch",),
            "workflow.publish-by": "action",
            "workflow.environments.pypi": "pypi-publishing",
        },
        {"version": "0.2.0", "changelog": "", "linters": ["ruff", "mypy"]},
    ),
    "arshai": (
        {
            "pyproject.toml": POETRY,
            "arshai/__init__.py": "",
            "arshai/_version.py": '__version__ = "1.4.2"\n__version_info__ = (1, 4, 2)\n',
            "tests/test_it.py": TESTED,
            ".github/workflows/publish.yml": (
                "on: {release: {types: [published]}}\njobs: {p: {steps: [{run: poetry publish, "
                "env: {POETRY_PYPI_TOKEN_PYPI: '${{ secrets.PYPI_TOKEN }}'}}]}}\n"
            ),
        },
        {
            "workflow.release": "publish.yml",
            "workflow.triggers": ("release",),
            "workflow.secrets.pypi": "PYPI_TOKEN",
        },
        {"version": "1.4.2", "changelog": "", "linters": ["black", "isort"]},
    ),
    "flask-more-smorest": (
        {
            "pyproject.toml": POETRY.replace("arshai", "flask-more-smorest"),
            "flask_more_smorest/__init__.py": '__version__ = "1.4.1"\n',
            "tests/test_it.py": TESTED,
            "CHANGELOG.md": "# Changelog\n\n## [1.4.2]\n\n- x\n",
            ".github/workflows/ci-cd.yml": (
                "on: {release: {types: [published]}, workflow_dispatch: {}}\njobs: {p: {environment: pypi, steps: "
                "[{uses: pypa/gh-action-pypi-publish@v1, with: {password: '${{ secrets.PYPI_TOKEN }}'}}]}}\n"
            ),
        },
        {
            "workflow.release": "ci-cd.yml",
            "workflow.triggers": ("release", "dispatch"),
            "workflow.publish-by": "action",
            "workflow.secrets.pypi": "PYPI_TOKEN",
        },
        {"version": "1.4.2", "changelog": "CHANGELOG.md", "linters": ["black", "isort"]},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_five_projects(adopt: Callable[..., tuple[Project, Plan]], shape: str) -> None:
    files, configured, facts = SHAPES[shape]
    project, plan = adopt(only(files), workflows=True)
    found = plan.found
    assert found is not None
    assert said(plan) == configured
    assert {
        "version": found.version,
        "changelog": found.changelog,
        "linters": [command.partition(" ")[0] for command, _ in found.linters],
    } == facts
    # The one that publishes is never touched, and nothing that would publish comes beside it.
    assert {file.path for file in plan.files} == {"pyproject.toml", "noxfile.py", "tasks.py"}
    assert any("publishes now and stays as it is" in remark for remark in plan.remarks)
    stale = [remark for remark in plan.remarks if "invoke bump --repair" in remark]
    assert len(stale) == (1 if shape in {"python-manta", "flask-more-smorest"} else 0)

    before = {path: (project.root / path).read_bytes() for path in files}
    write(plan)
    again = plan_of(project, workflows=True)
    assert again.files == ()
    assert said(again) == {}
    after = {path: (project.root / path).read_bytes() for path in files}
    assert after.pop("pyproject.toml").startswith(before.pop("pyproject.toml"))
    assert after == before
    assert set(project.git("status", "--porcelain").split("\n")) == {"M pyproject.toml", "?? noxfile.py", "?? tasks.py"}


def test_a_project_that_fits_the_defaults_gets_two_files_and_no_configuration(
    adopt: Callable[..., tuple[Project, Plan]],
) -> None:
    lint = f'{PYPROJECT}\n[dependency-groups]\nlint = ["ruff"]\n'
    _, plan = adopt({"pyproject.toml": lint})
    assert [file.path for file in plan.files] == ["noxfile.py", "tasks.py"]
    assert all(file.before is None for file in plan.files)


def test_where_pytest_is_declared_out_of_the_way(adopt: Callable[..., tuple[Project, Plan]]) -> None:
    assert said(adopt({"pyproject.toml": f'{PYPROJECT}\n[dependency-groups]\nci = ["pytest>=8", "ruff"]\n'})[1]) == {
        "test.groups": ("ci",)
    }
    project, plan = adopt(
        {"pyproject.toml": PYPROJECT, "qa-requirements.txt": "pytest\n", "x.txt": "", "ruff.toml": ""}
    )
    assert said(plan) == {"test.requirements": ("qa-requirements.txt",)}
    write(plan)
    assert plan_of(project).files == ()


@pytest.mark.parametrize(
    ("files", "has_tests"),
    [
        ({}, True),
        ({"tests/test_core.py": None}, False),
        ({"tests/test_core.py": "import sample_pkg\n"}, False),
        ({"tests/test_core.py": None, "src/sample_pkg/core_test.py": "class TestIt:\n    def test(self): ...\n"}, True),
        (
            {
                "tests/test_core.py": None,
                "checks/check_it.py": TESTED,
                "pytest.ini": "[pytest]\npython_files = check_*.py\n",
            },
            True,
        ),
        ({"pytest.ini": "[pytest]\ntestpaths = elsewhere\n"}, False),
        ({"tests/test_core.py": None, "setup.cfg": "[tool:pytest]\naddopts = -q --doctest-modules\n"}, True),
        ({"tests/test_core.py": None, ".gitignore": "ignored/\n", "ignored/test_it.py": TESTED}, False),
    ],
)
def test_whether_there_are_tests(
    adopt: Callable[..., tuple[Project, Plan]], files: Mapping[str, str | None], *, has_tests: bool
) -> None:
    _, plan = adopt(files)
    assert plan.found is not None
    assert plan.found.has_tests is has_tests
    assert ("test.tests" in said(plan)) is not has_tests


@pytest.mark.parametrize(
    ("tags", "format_"),
    [
        (["v1.0", "v1.1", "1.2"], None),
        (["1.0", "1.1", "v1.2"], "{version}"),
        (["sample-pkg-1.0", "nightly"], "sample-pkg-{version}"),
        (["nightly"], None),
    ],
)
def test_how_tags_are_spelled(make_project: Callable[..., Project], tags: list[str], format_: str | None) -> None:
    project = make_project("tagged", files=FRESH)
    for tag in tags:
        project.git("tag", tag)
    assert said(plan_of(project)).get("tag.format") == format_


def test_the_branch_the_remote_and_the_pythons(make_project: Callable[..., Project]) -> None:
    text = PYPROJECT.replace(f">={RUNNING}", ">=3.0,!=3.1.*").replace(
        'license = "MIT"', 'classifiers = ["Programming Language :: Python :: 3.99"]'
    )
    project = make_project("odd", files={**FRESH, "pyproject.toml": text})
    project.git("branch", "--move", "trunk")
    project.git("remote", "add", "upstream", "https://gitlab.example/ada/sample.git")
    plan = plan_of(project, workflows=True)
    assert {key: value for key, value in said(plan).items() if key != "lint.commands"} == {
        "python": (RUNNING,),  # 3.0 is too old for every tool, and 3.99 is not here
        "tag.remote": "upstream",
        "workflow.branch": "trunk",
    }
    assert any("not on GitHub" in remark for remark in plan.remarks)
    write(plan)
    assert plan_of(project).files == ()


def test_a_required_python_that_is_not_here_may_be_missing_with_the_reason(
    adopt: Callable[..., tuple[Project, Plan]],
) -> None:
    text = PYPROJECT.replace(f">={RUNNING}", ">=3.59,<4")
    _, plan = adopt({"pyproject.toml": text})
    assert said(plan)["missing-pythons.3.59"] == "not on the machine where towpath was set up"


OWN_NOXFILE = "import nox\r\n\r\n\r\n@nox.session\r\ndef {0}(session):\r\n    session.log('mine')"
OWN_TASKS = "from invoke import task\n\n\n@task\ndef {0}(c):\n    print('mine')\n"


def test_lines_are_appended_and_both_are_there(make_project: Callable[..., Project]) -> None:
    own = {"noxfile.py": OWN_NOXFILE.format("coverage"), "tasks.py": OWN_TASKS.format("tidy")}
    project = make_project("both", files=own)
    plan = plan_of(project)
    write(plan)
    appended = (project.root / "noxfile.py").read_bytes()
    assert appended.startswith(own["noxfile.py"].encode())
    assert appended.count(b"\n") == appended.count(b"\r\n")
    assert plan_of(project).files == ()
    assert {"coverage", "lint", "release"} <= sessions_of(project)
    assert {"tidy", "plan", "init"} <= {
        one["name"] for one in project.invoke("--list", "--list-format=json").json()["tasks"]
    }
    assert project.invoke("tidy").out == "mine\n"


def test_lines_for_a_collection_of_the_projects_own_and_for_a_package(make_project: Callable[..., Project]) -> None:
    text = f"from invoke import Collection\n\nfrom .more import tasks\n\nnamespace = Collection(tasks)\n"  # noqa: F541 - braces
    project = make_project(
        "package",
        files={
            "tasks.py": None,
            "tasks/__init__.py": text,
            "tasks/more.py": OWN_TASKS.format("tasks"),
            "noxfile.py": NOXFILE,
        },
    )
    write(plan_of(project))
    assert not (project.root / "tasks.py").exists()
    listed = project.invoke("--list", "--list-format=json")
    assert {"tasks", "plan", "init"} <= {one["name"] for one in listed.json()["tasks"]}, listed.err


COMPUTED = """\
import nox

NAME = "test"

@nox.session(name=NAME, default=False)
@nox.parametrize("number", [1, 2])
def theirs(session, number): ...

for name in ("lint", "other"):
    nox.session(name=name)(lambda session: None)
"""


def test_names_that_only_running_the_noxfile_shows_are_refused_too(make_project: Callable[..., Project]) -> None:
    project = make_project("computed", files={"noxfile.py": COMPUTED})
    with pytest.raises(TowpathError) as caught:
        plan_of(project)
    assert caught.value.problems[0].id == "names-taken"
    assert caught.value.problems[0].cause == "noxfile.py has sessions of these names already: lint, test."
    assert project.git("status", "--porcelain", "--ignored") == ""
    assert "noxfile.py" in {file.path for file in plan_of(project, prefix="towpath-").files}


def test_a_noxfile_that_cannot_be_run_is_read_only(make_project: Callable[..., Project]) -> None:
    text = COMPUTED.replace("NAME =", "raise SystemExit(3)\n\nNAME =")
    project = make_project("broken", files={"noxfile.py": text})
    assert "noxfile.py" in {file.path for file in plan_of(project).files}


def test_names_that_are_taken_are_refused_together_and_a_prefix_helps(make_project: Callable[..., Project]) -> None:
    own = {"noxfile.py": OWN_NOXFILE.format("lint"), "tasks.py": OWN_TASKS.format("bump")}
    project = make_project("taken", files=own)
    with pytest.raises(TowpathError) as caught:
        plan_of(project)
    assert [(one.id, one.exit_code) for one in caught.value.problems] == [("names-taken", 2)] * 2
    assert "noxfile.py" in caught.value.problems[0].cause
    assert project.git("status", "--porcelain") == ""

    plan = plan_of(project, prefix="towpath-")
    write(plan)
    assert plan_of(project, prefix="towpath-").files == ()
    assert plan_of(project).files == ()
    sessions = sessions_of(project)
    assert {"lint", "towpath-lint", "towpath-release"} <= sessions
    assert "release" not in sessions
    project.commit("Adopt")
    ended = project.nox("-s", "towpath-build")
    assert ended.code == 1
    assert "Run `nox -s towpath-lint` first" in ended.all
    assert project.nox("-s", "lint").code == 0
    assert project.invoke("bump").out == "mine\n"


def test_a_walk_with_a_prefix_starts_the_sessions_of_that_name(make_project: Callable[..., Project]) -> None:
    text = f'{PYPROJECT}\n[tool.towpath]\nprefix = "our-"\n'
    project = make_project(
        "prefixed", files={"pyproject.toml": text, "src/sample_pkg/core.py": "def answer(): return 41\n"}
    )
    ended = project.nox("-s", "our-release", "--", "--json")
    report = ended.json()
    closed = [gate for gate in report["gates"] if gate["problems"]]
    assert [gate["session"] for gate in closed] == ["test"], report
    assert closed[0]["problems"][0]["id"] == "command-failed"
    assert report["next"] == "nox -s our-release"


def test_a_tasks_module_of_another_kind_is_left_alone(make_project: Callable[..., Project]) -> None:
    project = make_project("celery", files={"noxfile.py": None, "tasks.py": "from celery import task\n"})
    plan = plan_of(project, workflows=True)
    assert {file.path for file in plan.files} == {"noxfile.py", "pyproject.toml"}
    assert any("is not invoke's" in remark for remark in plan.remarks)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"noxfile.py": "def :\n"}, "not-python"),
        ({"tasks.py": "from invoke import task\n\xff".encode("latin-1").decode("latin-1") + "("}, "not-python"),
        ({"pyproject.toml": "[project\n"}, "bad-toml"),
        ({"pyproject.toml": '[project]\nversion = "1"\n'}, "no-project-name"),
        ({"pyproject.toml": f"{PYPROJECT}\n[tool]\ntowpath = {{ test = {{}} }}\n"}, "cannot-append"),
        ({"pyproject.toml": f"{PYPROJECT}\n[tool.towpath]\ntset = 1\n"}, "bad-configuration"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    make_project: Callable[..., Project], files: Mapping[str, str], problem: str
) -> None:
    project = make_project("wrong", files={**FRESH, **files})
    with pytest.raises(TowpathError) as caught:
        plan_of(project)
    assert [(one.id, one.exit_code) for one in caught.value.problems] == [(problem, 2)]
    assert project.git("status", "--porcelain") == ""


def test_a_changelog_if_it_is_wanted(adopt: Callable[..., tuple[Project, Plan]]) -> None:
    project, plan = adopt({"CHANGES.md": None}, changelog=True)
    assert "CHANGES.md" in {file.path for file in plan.files}
    write(plan)
    assert plan_of(project, changelog=True).files == ()
    kept, again = adopt({"x": ""}, changelog=True)
    assert "CHANGES.md" not in {file.path for file in again.files}
    assert (kept.root / "CHANGES.md").is_file()


def test_the_workflows_are_written_with_their_lock_and_are_current(make_project: Callable[..., Project]) -> None:
    text = f'{PYPROJECT}\n[tool.towpath]\nlint.commands = ["ruff check ."]\nworkflow.install = "nox"\n'
    # A lock file that holds what is wanted stays; making one takes the index, and is tested with `invoke workflow`.
    whole = "".join(f"{name}==1 --hash=sha256:{'0' * 64}\n" for name in ("nox", "invoke"))
    locked = {".github/towpath.txt": whole}
    project = make_project("workflows", files={**FRESH, "pyproject.toml": text, **locked})
    plan = plan_of(project, workflows=True)
    paths = [file.path for file in plan.files]
    assert paths[2:] == [".github/workflows/release.yml", ".github/workflows/check.yml"], plan.remarks
    write(plan)
    assert plan_of(project, workflows=True).files == ()
    assert project.invoke("workflow", "--check").code == 0


def test_workflows_by_hand_keep_their_names(make_project: Callable[..., Project]) -> None:
    by_hand = {f".github/workflows/{name}.yml": "on: push\njobs: {}\n" for name in ("release", "check")}
    project = make_project("by-hand", files={**FRESH, **by_hand})
    plan = plan_of(project)
    assert said(plan)["workflow.release"] == "towpath-release.yml"
    assert said(plan)["workflow.check"] == "towpath-check.yml"
    fixed = make_project(
        "named", files={**FRESH, **by_hand, "pyproject.toml": f"{PYPROJECT}\n[tool.towpath.workflow]\n"}
    )
    plan = plan_of(fixed, workflows=True)
    assert any("was not generated by towpath" in remark for remark in plan.remarks)
    assert not [file for file in plan.files if ".github" in file.path]


def test_a_new_project_is_committed_and_only_what_was_written(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "My.Thing"
    root.mkdir()
    (root / "notes.txt").write_text("mine\n", encoding="utf-8")
    (root / "README.md").write_text("mine\n", encoding="utf-8")
    project = Project(root, environ)
    plan = plan_of(project)
    assert plan.repository
    write(plan)
    assert project.git("status", "--porcelain").split("\n") == ["?? README.md", "?? notes.txt"]
    assert project.git("ls-files").split("\n") == [
        ".gitignore", "CHANGES.md", "noxfile.py", "pyproject.toml", "src/my_thing/__init__.py", "tasks.py",
        "tests/test_greeting.py",
    ]  # fmt: skip
    assert plan_of(project).files == ()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        *((name, "bad-name-for-project") for name in ("1st", "class", "a b", "-x")),
        *((name, "name-not-for-new") for name in ("json", "New", "requirements.txt")),
    ],
)
def test_a_name_that_no_project_can_have(tmp_path: Path, name: str, error: str) -> None:
    root = tmp_path / "empty"
    root.mkdir()
    with pytest.raises(TowpathError) as caught:
        make_plan(root, os.environ, RELEASE, Wish(name=name, workflows=False))
    assert caught.value.problems[0].id == error
    assert list(root.iterdir()) == []


def test_code_without_packaging_is_no_new_project(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("", encoding="utf-8")
    with pytest.raises(TowpathError) as caught:
        make_plan(tmp_path, os.environ, RELEASE, Wish())
    assert (caught.value.problems[0].id, caught.value.exit_code) == ("no-packaging", 2)


def test_a_failure_puts_everything_back(make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(
        "full", files={"tests/test_core.py": None, "tasks.py": None, "noxfile.py": OWN_NOXFILE.format("x")}
    )
    plan = plan_of(project)
    paths = [file.path for file in plan.files]
    assert paths == ["pyproject.toml", "noxfile.py", "tasks.py"]
    put = writing._put  # noqa: SLF001 - the disk fails at the last file

    def fail(path: Path, data: bytes) -> None:
        if path.name == "tasks.py":
            raise OSError(28, "No space left on device")
        put(path, data)

    monkeypatch.setattr(writing, "_put", fail)
    with pytest.raises(TowpathError, match="disk is full"):
        write(plan)
    assert project.git("status", "--porcelain") == ""


def test_what_changed_meanwhile_is_not_overwritten(make_project: Callable[..., Project]) -> None:
    project = make_project("meanwhile", files=FRESH)
    plan = plan_of(project)
    project.write("tasks.py", TASKS)
    with pytest.raises(TowpathError, match=r"tasks\.py has changed"):
        write(plan)
    assert not (project.root / "noxfile.py").exists()


def test_without_a_terminal_it_shows_and_writes_only_with_yes(make_project: Callable[..., Project]) -> None:
    import subprocess

    project = make_project("quiet", files=FRESH)

    def init(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "towpath", "init", "--no-workflows", *options]
        return subprocess.run(
            command,
            cwd=project.root,
            env=project.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    shown = init()
    assert shown.returncode == 2
    assert "+from towpath.nox import sessions" in shown.stdout
    assert "init-not-confirmed" in shown.stdout
    assert init("--json").returncode == 0
    assert project.git("status", "--porcelain") == ""
    done = init("--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("Next: nox -s release, which rehearses: nothing leaves this machine.")
    again = init()
    assert (again.returncode, "Nothing to do" in again.stdout) == (0, True)
    listed = project._run("towpath", ("--list",), {})  # noqa: SLF001 - by python -m, as a user does
    assert "init" in listed.out
    assert "workflow" in listed.out


def test_files_that_git_would_ignore_are_taken_in(make_project: Callable[..., Project]) -> None:
    project = make_project(files={**FRESH, ".gitignore": "/*.py\r\n!/setup.py\r\n"})
    project.write("noxfile.py", NOXFILE)
    report = project.release()
    assert [problem["id"] for problem in report["problems"]] == ["noxfile-ignored"]
    write(plan_of(project))
    ignored = (project.root / ".gitignore").read_bytes()
    assert ignored == b"/*.py\r\n!/setup.py\r\n!/noxfile.py\r\n!/tasks.py\r\n"
    seen = set(project.git("ls-files", "--others", "--exclude-standard").split())
    assert seen == {"noxfile.py", "tasks.py"}
    assert plan_of(project).files == ()


@pytest.mark.parametrize("path", [".isort.cfg", "tox.ini", "pyproject.toml"])
def test_our_files_keep_to_isort_wherever_it_is_configured(make_project: Callable[..., Project], path: str) -> None:
    said = {
        ".isort.cfg": "[settings]\nimport_heading_thirdparty = 3rd party\nlines_after_imports = 2\n",
        "tox.ini": "[isort]\nimport_heading_thirdparty = 3rd party\nlines_after_imports = 2\n",
        "pyproject.toml": f'{PYPROJECT}[tool.isort]\nimport_heading_thirdparty="3rd party"\nlines_after_imports=2\n',
    }
    project = make_project(files={**FRESH, path: said[path]})
    write(plan_of(project))
    for name in ("noxfile.py", "tasks.py"):
        assert "\n\n# 3rd party\nfrom towpath." in (project.root / name).read_text(encoding="utf-8")
        assert "\n\n\n" in (project.root / name).read_text(encoding="utf-8")


def test_what_fails_already_is_declared_only_if_it_is_asked_for(make_project: Callable[..., Project]) -> None:
    files: dict[str, str | None] = {
        **FRESH,
        "ruff.toml": 'lint.select = ["F"]\n',
        "src/sample_pkg/core.py": "import os\nimport pickle\n\n\ndef answer() -> int:\n    return pickle.loads(b'')\n",
        "token.txt": "-----BEGIN RSA PRIVATE KEY-----\n",  # pragma: allowlist secret
    }
    project = make_project(files=files)
    assert said(plan_of(project)) == {}
    plan = plan_of(project, known=True)
    assert said(plan) == {
        "lint.commands": (
            {"run": "ruff check .", "allowed-to-fail": "known when towpath was set up: `ruff check .` ended with 1."},
            {"run": "ruff check --select E9,F63,F7 ."},
        ),
        "security.allowed-to-fail.bandit": (
            "known when towpath was set up: bandit found 1 place of medium severity or above."
        ),
    }
    write(plan)
    lint = project.nox("-s", "lint")
    assert lint.code == 0, lint.all
    assert "failed, allowed: known when towpath was set up" in lint.all
    security = project.nox("-s", "security")
    assert security.code == 1, "a secret is never declared"
    assert "secrets-found" in security.all
    assert plan_of(project, known=True).files == ()
