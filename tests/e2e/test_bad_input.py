"""Bad input: a clear error with cause and fix, exit 1 or 2, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from universe import FILES, GATES, PYPROJECT, Project, problem_ids, states

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFIGURED = PYPROJECT + "\n[tool.towpath]\n"
BAD: dict[str, tuple[Mapping[str, str | None], int, str]] = {
    "no pyproject.toml": ({"pyproject.toml": None}, 2, "There is no pyproject.toml in"),
    "a pyproject.toml that does not parse": ({"pyproject.toml": "[project\n"}, 2, "pyproject.toml does not parse"),
    "no name": ({"pyproject.toml": '[project]\nversion = "1"\n'}, 2, "gives the project no name"),
    "no version": ({"pyproject.toml": '[project]\nname = "x"\n'}, 2, "No version was found"),
    "a version that PEP 440 refuses": (
        {"pyproject.toml": PYPROJECT.replace('"1.0.0"', '"one.two"')},
        2,
        "'one.two', which is not a version by PEP 440",
    ),
    "an unknown key": (
        {"pyproject.toml": CONFIGURED + 'pythn = ["3.11"]\n'},
        2,
        "unknown key 'pythn'.\n   fix: Did you mean 'python'?",
    ),
    "an unknown key of a gate": (
        {"pyproject.toml": CONFIGURED + "[tool.towpath.lint]\ncomands = []\n"},
        2,
        "[tool.towpath.lint]: unknown key 'comands'.\n   fix: Did you mean 'commands'?",
    ),
    "a value of the wrong type": (
        {"pyproject.toml": CONFIGURED + 'python = "3.11"\n'},
        2,
        "[tool.towpath.python]: a list is wanted, and text in quotes is there",
    ),
    "a required Python that is not here": (
        {"pyproject.toml": CONFIGURED + 'python = ["3.11", "3.6.99"]\n'},
        1,
        "3.6.99",
    ),
    "a Python that is none": ({"pyproject.toml": CONFIGURED + 'python = ["three"]\n'}, 2, "three"),
    "an unknown installer": ({"pyproject.toml": CONFIGURED + 'installer = "pipx"\n'}, 2, "'pipx' is none of"),
    "an unknown dependency group": (
        {"pyproject.toml": CONFIGURED + '[tool.towpath.test]\ngroups = ["tset"]\n'},
        2,
        "There is no dependency group 'tset'",
    ),
    "a tag that lacks the version": (
        {"pyproject.toml": CONFIGURED + '[tool.towpath.tag]\nformat = "release"\n'},
        2,
        "it must hold {version}, once",
    ),
}


def is_clean(project: Project) -> bool:
    return not list(Path(project.environ["TMPDIR"]).iterdir())


@pytest.mark.parametrize("what", BAD)
def test_bad_projects(make_project: Callable[..., Project], what: str) -> None:
    files, code, said = BAD[what]
    project = make_project(files=files)
    ended = project.nox("-s", "release")
    assert said in ended.out, ended.all
    assert "   fix: " in ended.out
    assert "Traceback" not in ended.all
    assert ended.code == code
    assert is_clean(project)
    assert project.nox("-l").code == 0, "listing the sessions never fails"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "nowhere"), "There is no index 'nowhere'"),
        (("--to", "pipy"), "Did you mean 'pypi'?"),
        (("--to",), "--to needs a value"),
        (("--part", "huge"), "There is no part 'huge'"),
        (("--prat", "minor"), "'--prat' is not an option of nox -s release"),
        (("--part", "minor", "--to", "pypi"), "--part minor is for rehearsals"),
        (("--without", "publish-test", "--reason", "down"), "--without and --reason are for real releases"),
        (("--reason", "down"), "--without and --reason are for real releases"),
    ],
)
def test_bad_calls(project: Project, arguments: tuple[str, ...], said: str) -> None:
    ended = project.nox("-s", "release", "--", *arguments)
    assert said in ended.out, ended.all
    assert ended.code == 2
    assert is_clean(project)


def test_a_dry_run_of_invoke_itself_is_refused(project: Project) -> None:
    """It shows shell commands, of which a task of ours has none: without the refusal, it would commit."""
    ended = project.invoke("--dry", "bump", "--part", "patch", "--offline")
    assert "`invoke --dry` shows shell commands" in ended.out
    assert ended.code == 2
    assert is_clean(project)
    assert project.git("log", "--format=%s").splitlines()[:1] != ["Release 1.0.1"]


def test_an_unknown_gate_is_noxs_own_error(project: Project) -> None:
    assert project.nox("-s", "publich").code == 3


def test_a_gate_takes_no_foreign_arguments(project: Project) -> None:
    ended = project.nox("-s", "build", "--", "--fast")
    assert ended.code == 2
    assert "'--fast' is not an option of nox -s build" in ended.out


def test_no_repository(make_project: Callable[..., Project]) -> None:
    project = make_project(git=False)
    for session in ("release", "lint", "publish"):
        ended = project.nox("-s", session)
        assert ended.code == 2
        assert "is not in a git repository" in ended.out
    planned = project.invoke("plan")
    assert planned.code == 2
    assert "is not in a git repository" in planned.out


def test_no_commit(make_project: Callable[..., Project]) -> None:
    project = make_project(git=False)
    project.git("init", "--quiet")
    ended = project.nox("-s", "release")
    assert ended.code == 2
    assert "has no commit yet" in ended.out


def test_a_detached_head_closes_only_tag(project: Project) -> None:
    project.git("checkout", "--quiet", "--detach")
    ended = project.nox("-s", "release")
    assert ended.code == 1
    assert "HEAD is detached" in ended.out
    assert "Running session lint" not in ended.all, "it is known before anything runs"
    assert project.nox("-s", "lint").code == 0


def test_a_folder_that_cannot_be_written(project: Project) -> None:
    project.write(".towpath", "a file where our folder should be\n")
    project.write(".git/info/exclude", ".towpath\n")
    ended = project.nox("-s", "release")
    assert ended.code == 1
    assert "Could not keep the evidence" in ended.out
    assert "Traceback" not in ended.all


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux")
def test_a_full_disk(project: Project, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this sandbox does not let root mount")
    try:
        ended = project.nox("-s", "release", TMPDIR=str(small))
        assert ended.code == 1
        assert "The disk is full" in ended.out
        assert "   fix: " in ended.out
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def start(project: Project) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "nox", "-s", "release"]
    return subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(path: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.02)


def sleeper(marker: Path) -> str:
    return (
        "import time\nfrom pathlib import Path\n\n\n"
        f"def test_it():\n    Path({str(marker)!r}).write_text('here')\n    time.sleep(120)\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals to a process group are POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_every_child(
    make_project: Callable[..., Project], tmp_path: Path, number: signal.Signals
) -> None:
    marker = tmp_path / "reached"
    project = make_project(files={"tests/test_core.py": sleeper(marker)})
    walk = start(project)
    wait_for(marker)
    walk.send_signal(number)
    out, _ = walk.communicate(timeout=30)
    assert walk.returncode == 130, out
    assert re.search(r"Interrupted while .*test.* ran\.\nWhat was proven before is kept.*\nNext: nox -s release\n", out)
    assert is_clean(project)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "towpath-rehearsal" not in "".join(line for line in listed.splitlines() if str(tmp_path) in line)
    assert [line for line in listed.splitlines() if "pytest --junitxml" in line and str(tmp_path) in line] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals to a process group are POSIX")
@pytest.mark.parametrize("after", [0.0, 0.2, 0.6, 1.5, 3.0])
def test_an_interruption_at_any_moment(project: Project, after: float) -> None:
    walk = start(project)
    assert walk.stdout is not None
    assert "Running session release" in walk.stdout.readline()
    time.sleep(after)
    walk.send_signal(signal.SIGINT)
    out, _ = walk.communicate(timeout=30)
    assert walk.returncode == 130, out
    assert is_clean(project)
    assert project.release()["done"], "and the next rehearsal is none the worse"


@pytest.mark.skipif(sys.platform == "win32", reason="signals to a process group are POSIX")
def test_two_rehearsals_at_once(make_project: Callable[..., Project], tmp_path: Path) -> None:
    marker = tmp_path / "reached"
    project = make_project(files={"tests/test_core.py": sleeper(marker)})
    walk = start(project)
    try:
        wait_for(marker)
        second = project.nox("-s", "release")
        assert second.code == 1
        assert "Another walk is under way in this repository" in second.out
    finally:
        walk.send_signal(signal.SIGINT)
        walk.communicate(timeout=30)
    project.write("tests/test_core.py", FILES["tests/test_core.py"])
    assert project.release()["done"], "a lock ends with the process that holds it"


def test_listed_pythons_are_sessions_of_their_own(make_project: Callable[..., Project]) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    project = make_project(files={"pyproject.toml": f'{CONFIGURED}python = ["{version}"]\n'})
    listed = project.nox("-l").out
    assert f"test-{version}" in listed
    assert f"verify-install-{version}" in listed
    report = project.release()
    assert report["done"], report
    assert {f"test-{version}", f"verify-install-{version}"} <= set(states(report))
    assert project.evidence(f"test-{version}.json").exists()


def test_a_bare_nox_runs_lint_and_test(project: Project) -> None:
    ended = project.nox()
    assert ended.code == 0, ended.all
    assert [name for name in (*GATES, "release") if f"Running session {name}\n" in ended.err] == ["lint", "test"]


def test_problems_are_data_too(project: Project) -> None:
    project.write("pyproject.toml", CONFIGURED + "pythn = 1\ninstalller = 2\n")
    ended = project.nox("-s", "release", "--", "--json")
    assert ended.code == 2
    assert problem_ids(ended.json()) == ["bad-configuration", "bad-configuration"], "all problems together"
