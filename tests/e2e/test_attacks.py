"""What an unlucky project, machine or moment could slip past a gate. Each of these once did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from universe import PYPROJECT, TEST, Project, problem_ids, states

if TYPE_CHECKING:
    from collections.abc import Callable

LENIENT = {"ruff.toml": "[lint]\nselect = ['F']\n", ".gitignore": "dist/\nlocal_settings.py\n"}


def proven(project: Project, *gates: str) -> None:
    for gate in gates or ("lint", "test", "security", "build", "verify-install"):
        ended = project.nox("-s", gate)
        assert ended.code == 0, ended.all


def with_remote(project: Project) -> Path:
    remote = project.root.parent / "remote.git"
    project.git("init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    project.git("remote", "add", "origin", str(remote))
    return remote


def test_an_ignored_file_does_not_help_the_tests(make_project: Callable[..., Project]) -> None:
    test = (
        "import sys\n\nsys.path.insert(0, '.')\nimport local_settings\n\n\ndef test_it():\n    assert local_settings\n"
    )
    project = make_project(files={**LENIENT, "tests/test_core.py": test})
    project.write("local_settings.py", "X = 1\n")
    ended = project.nox("-s", "test")
    assert ended.code == 1
    assert "No module named 'local_settings'" in ended.out


def test_a_configuration_beside_the_project_decides_nothing(make_project: Callable[..., Project]) -> None:
    tests = TEST + "\n\ndef test_wrong() -> None:\n    raise AssertionError\n"
    project = make_project("outer/sample", files={**LENIENT, "tests/test_core.py": tests})
    (project.root.parent / "pytest.ini").write_text("[pytest]\naddopts = -k answer\n", encoding="utf-8")
    assert project.nox("-s", "test").code == 1


def test_a_configuration_of_the_users_own_decides_nothing(make_project: Callable[..., Project]) -> None:
    project = make_project(files={"src/sample_pkg/core.py": "import os\n\n\ndef answer() -> int:\n    return 42\n"})
    own = Path(project.environ["HOME"], ".config", "ruff", "ruff.toml")
    own.parent.mkdir(parents=True)
    own.write_text("[lint]\nselect = ['W']\n", encoding="utf-8")
    assert project.nox("-s", "lint").code == 1


def test_what_one_run_leaves_in_the_environment_is_gone_for_the_next(make_project: Callable[..., Project]) -> None:
    leaves = (
        "import sysconfig\nfrom pathlib import Path\n\n\ndef test_it():\n"
        "    site = Path(sysconfig.get_path('purelib'))\n"
        "    (site / 'left_behind.py').write_text('')\n"
    )
    project = make_project(files={**LENIENT, "tests/test_core.py": leaves})
    proven(project, "test")
    project.write("tests/test_core.py", "import left_behind\n\n\ndef test_it():\n    assert left_behind\n")
    project.commit("Use it")
    assert project.nox("-s", "test").code == 1


def test_a_dependency_that_was_taken_out_is_gone(make_project: Callable[..., Project]) -> None:
    configured = PYPROJECT + '\n[tool.towpath.test]\nrequirements = ["ci/all.in"]\n'
    files = {**LENIENT, "pyproject.toml": configured, "ci/all.in": "pytest\n-r deps.in\n", "ci/deps.in": "pathspec\n"}
    project = make_project(
        files={**files, "tests/test_core.py": "import pathspec\n\n\ndef test_it():\n    assert pathspec\n"}
    )
    proven(project, "test")
    project.write("ci/deps.in", "\n")
    project.commit("Take it out")
    assert project.nox("-s", "test").code == 1


@pytest.mark.parametrize("commands", ["", '[tool.towpath.test]\ncommands = ["pytest -q"]\ngroups = ["test"]\n'])
def test_tests_that_end_the_process_with_0_undo_an_earlier_pass(
    make_project: Callable[..., Project], tmp_path: Path, commands: str
) -> None:
    flag = tmp_path / "flag"
    test = (
        "import os\nfrom pathlib import Path\n\n\ndef test_it():\n"
        f"    if Path({str(flag)!r}).exists():\n        os._exit(0)\n"
    )
    configured = f"{PYPROJECT}\n[dependency-groups]\ntest = ['pytest']\n\n{commands}"
    project = make_project(files={**LENIENT, "pyproject.toml": configured, "tests/test_core.py": test})
    proven(project, "lint", "test", "security")
    flag.write_text("")
    ended = project.nox("-s", "test")
    assert ended.code == 1
    assert "pytest left no report" in ended.out
    refused = project.nox("-s", "build")
    assert refused.code == 1
    assert "The gate test stayed closed" in refused.out


def test_a_configured_pytest_that_skips_everything_is_no_pass(make_project: Callable[..., Project]) -> None:
    skipped = "import pytest\n\n\n@pytest.mark.skip\ndef test_it():\n    pass\n"
    configured = f"{PYPROJECT}\n[tool.towpath.test]\ncommands = ['python -m pytest -q']\n"
    project = make_project(files={**LENIENT, "pyproject.toml": configured, "tests/test_core.py": skipped})
    ended = project.nox("-s", "test")
    assert ended.code == 1
    assert "ran no test (1 skipped)" in ended.out


def test_a_program_of_the_callers_environment_is_not_found(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    other = tmp_path / "other" / ("Scripts" if sys.platform == "win32" else "bin")
    other.mkdir(parents=True)
    (other / "only-here").write_text("#!/bin/sh\nexit 0\n")
    (other / "only-here").chmod(0o755)
    test = "import shutil\n\n\ndef test_it():\n    assert shutil.which('only-here')\n"
    project = make_project(files={**LENIENT, "tests/test_core.py": test})
    path = os.pathsep.join([str(other), project.environ["PATH"]])
    assert project.nox("-s", "test", PATH=path).code == 0, "the test itself is right"
    assert project.nox("-s", "test", PATH=path, VIRTUAL_ENV=str(tmp_path / "other")).code == 1


def test_a_filter_of_the_repositorys_own_configuration_is_taken_along(make_project: Callable[..., Project]) -> None:
    project = make_project(files={**LENIENT, ".gitattributes": "*.bin filter=pointer\n"})
    project.git("config", "filter.pointer.clean", "sed s/REAL/POINTER/")
    project.git("config", "filter.pointer.smudge", "sed s/POINTER/REAL/")
    project.write("src/sample_pkg/data.bin", "REAL DATA\n")
    test = (
        "from importlib import resources\n\n\ndef test_it():\n"
        "    data = resources.files('sample_pkg') / 'data.bin'\n"
        "    assert data.read_text() == 'REAL DATA\\n'\n"
    )
    project.write("tests/test_core.py", test)
    project.commit("Data behind a filter")
    proven(project, "test")


def test_only_the_tag_is_pushed(make_project: Callable[..., Project]) -> None:
    project = make_project(files=LENIENT)
    with_remote(project)
    project.git("tag", "--annotate", "--message", "an old trial", "v9.9.9")
    project.git("config", "push.followTags", "true")
    proven(project)
    assert project.nox("-s", "tag").code == 0
    listed = project.git("ls-remote", "--tags", "origin")
    assert "refs/tags/v1.0.0" in listed
    assert "v9.9.9" not in listed


def test_a_refused_push_leaves_no_tag_in_the_way(make_project: Callable[..., Project]) -> None:
    project = make_project(files=LENIENT)
    hook = with_remote(project) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    proven(project)
    assert "took neither the tag nor main" in project.nox("-s", "tag").out
    assert project.git("tag", "--list") == ""


def test_the_place_that_is_pushed_to_is_the_one_that_is_asked(make_project: Callable[..., Project]) -> None:
    project = make_project(files=LENIENT)
    with_remote(project)
    other = project.root.parent / "other.git"
    project.git("init", "--quiet", "--bare", str(other))
    project.git("remote", "set-url", "--push", "origin", str(other))
    proven(project)
    tagged = project.nox("-s", "tag")
    assert tagged.code == 0, tagged.all
    assert str(other) in tagged.out
    assert "v1.0.0" in project.git("ls-remote", "--tags", str(other))


def test_a_light_tag_is_not_pushed(make_project: Callable[..., Project]) -> None:
    project = make_project(files=LENIENT)
    with_remote(project)
    proven(project)
    project.git("tag", "v1.0.0")
    ended = project.nox("-s", "tag")
    assert ended.code == 1
    assert "as a light tag" in ended.out
    assert project.git("ls-remote", "--tags", "origin") == ""


def test_a_local_version_is_refused_before_anything_runs(make_project: Callable[..., Project]) -> None:
    files = {
        "pyproject.toml": PYPROJECT.replace('"1.0.0"', '"1.0+local"'),
        "src/sample_pkg/__init__.py": '"""A sample."""\n\n__version__ = "1.0+local"\n',
    }
    report = make_project(files={**LENIENT, **files}).release()
    assert set(problem_ids(report)) == {"local-version"}


@pytest.mark.parametrize("name", ["build.py", "nox.py", "git.py", "twine.py", "packaging.py", "towpath.py"])
def test_a_file_in_the_root_is_not_taken_for_a_tool(make_project: Callable[..., Project], name: str) -> None:
    if sys.version_info < (3, 11) and name != "build.py":
        pytest.skip("python -P is of 3.11")
    project = make_project(files={**LENIENT, name: '"""The project\'s own script."""\n\nraise SystemExit(0)\n'})
    command = [sys.executable, *(["-P"] if sys.version_info >= (3, 11) else []), "-m", "nox", "-s", "release"]
    ended = subprocess.run(command, cwd=project.root, env=project.environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_a_dist_that_git_tracks_is_not_replaced(make_project: Callable[..., Project]) -> None:
    project = make_project(files={"ruff.toml": LENIENT["ruff.toml"], "dist/sample_pkg-0.9.tar.gz": "old\n"})
    report = project.release()
    assert states(report)["build"] == "closed"
    assert "dist-tracked" in problem_ids(report)


def test_a_dist_that_is_no_folder(make_project: Callable[..., Project]) -> None:
    project = make_project(files={**LENIENT, ".gitignore": "dist\n"})
    proven(project, "lint", "test", "security")
    project.write("dist", "x")
    ended = project.nox("-s", "build")
    assert ended.code == 1
    assert "dist was not sealed by build" in ended.out


def test_an_output_that_knows_fewer_letters(make_project: Callable[..., Project]) -> None:
    project = make_project(files=LENIENT)
    ended = subprocess.run(
        [sys.executable, "-m", "nox", "-s", "release"],
        cwd=project.root,
        env={**project.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout.decode("cp1252")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM to a process is POSIX")
def test_a_gate_alone_that_is_terminated_ends_its_tests(make_project: Callable[..., Project], tmp_path: Path) -> None:
    marker = tmp_path / "reached"
    test = (
        "import time\nfrom pathlib import Path\n\n\ndef test_it():\n"
        f"    Path({str(marker)!r}).write_text('')\n    time.sleep(97)\n"
    )
    project = make_project(files={**LENIENT, "tests/test_core.py": test})
    gate = subprocess.Popen([sys.executable, "-m", "nox", "-s", "test"], cwd=project.root, env=project.environ)
    deadline = time.monotonic() + 60
    while not marker.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    gate.send_signal(signal.SIGTERM)
    assert gate.wait(timeout=30) == 130
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listed.splitlines() if "junitxml" in line and str(tmp_path) in line]
    ours = [path.name for path in Path(project.environ["TMPDIR"]).iterdir() if path.name.startswith("towpath")]
    assert ours == []


def test_control_characters_of_a_test_do_not_reach_the_terminal(make_project: Callable[..., Project]) -> None:
    test = "def test_it():\n    raise AssertionError('\\x1b[31mred\\x1b[2J\\x07' + 'x' * 5000)\n"
    ended = make_project(files={**LENIENT, "tests/test_core.py": test}).nox("-s", "release")
    assert ended.code == 1
    assert "\x1b" not in ended.out
    assert "\x07" not in ended.out
    assert max(map(len, ended.out.splitlines())) < 1000
