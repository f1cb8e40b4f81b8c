"""The bump on real repositories: every problem, hooks, signing, the way back, and a death at every step."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from universe import FILES, Project

from towpath import errors
from towpath.bump.execute import execute
from towpath.bump.plan import make_plan
from towpath.bump.propose import Wish
from towpath.bump.writing import replace_whole
from towpath.gates.notes import compare_url, notes_of, web_address
from towpath.index.twin import Twin
from towpath.model import ForgeAddress

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(sys.platform == "win32", reason="hooks and fake programs are shell scripts")
MINOR = Wish(part="minor")
TODAY = dt.datetime.now().astimezone().date()


def bump(project: Project, wish: Wish = MINOR) -> str:
    return execute(make_plan(project.root, wish, (), offline=True)).commit


def problems(project: Project, wish: Wish = MINOR, *, offline: bool = True, gates: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(errors.TowpathError) as caught:
        make_plan(project.root, wish, gates, offline=offline)
    return [problem.id for problem in caught.value.problems]


def contents(project: Project) -> dict[str, Any]:
    """Every file of the project with its bytes and date, and git's index and HEAD."""
    kept = [path for path in project.root.rglob("*") if path.is_file() and ".git" not in path.parts]
    files = {path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in kept}
    index = (project.root / ".git" / "index").read_bytes()
    return {"files": files, "index": index, "head": project.git("rev-parse", "HEAD")}


def hook(project: Project, name: str, script: str) -> None:
    path = project.root / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def with_remote(project: Project) -> Path:
    remote = project.root.with_name("remote.git")
    project.git("clone", "--quiet", "--bare", str(project.root), str(remote))
    project.git("remote", "add", "origin", str(remote))
    return remote


def configured(project: Project, lines: str) -> None:
    project.write("pyproject.toml", FILES["pyproject.toml"] + lines)
    project.commit("Configure")


@pytest.fixture
def quick(make_project: Callable[..., Project]) -> Project:
    """A project whose index is refreshed: what comes later differs from it in nothing but what was done."""
    project = make_project()
    project.git("status")
    return project


# ---- one commit of named files, or nothing


def test_one_commit_of_the_named_files_and_no_tag(quick: Project) -> None:
    """Failure 7 (a bump that is not one change) and failure 11 (a tool that commits its own back-ups)."""
    quick.write("notes.bak", "untracked, and it stays so\n")
    before = quick.git("rev-parse", "HEAD")
    commit = bump(quick)
    assert quick.git("rev-parse", "HEAD") == commit
    assert quick.git("rev-parse", "HEAD^") == before
    changed = quick.git("show", "--format=", "--name-only", "HEAD").splitlines()
    assert changed == ["CHANGES.md", "pyproject.toml", "src/sample_pkg/__init__.py"]
    assert quick.git("log", "-1", "--format=%B").strip() == "Release 1.1.0"
    assert quick.git("status", "--porcelain") == "?? notes.bak"
    assert quick.git("tag", "--list") == ""


def test_every_problem_is_told_together_and_nothing_is_written(quick: Project) -> None:
    """Failures 6 (a stale `__version__`), 13 and 14 (no changelog entry) among them."""
    remote = with_remote(quick)
    quick.write("CHANGES.md", "# Changes\n\n## [Unreleased]\n\n## [1.0.0]\n\n- first\n")
    quick.write("src/sample_pkg/__init__.py", '__version__ = "0.9.0"\n')
    configured(quick, '[tool.towpath.bump]\nbranch = "release"\n')
    quick.write("README.md", "changed\n")
    quick.git("tag", "v1.1.0", "HEAD^")
    quick.git("push", "--quiet", "origin", "v1.1.0")
    other = quick.root.with_name("other")
    quick.git("clone", "--quiet", str(remote), str(other))
    subprocess.run(["git", "commit", "--quiet", "--allow-empty", "-m", "theirs"], cwd=other, check=True)
    subprocess.run(["git", "push", "--quiet", "origin", "main"], cwd=other, check=True)
    before = contents(quick)
    assert set(problems(quick, offline=False)) == {
        "bump-dirty", "wrong-branch", "behind-remote", "tag-exists", "empty-changelog", "out-of-step",
    }  # fmt: skip
    assert contents(quick) == before


def test_a_version_that_the_index_has_is_refused(quick: Project, tmp_path: Path) -> None:
    """Failure 13: published and not tagged."""
    with Twin.serve(tmp_path / "index") as twin:
        lines = f'[tool.towpath.index.here]\nupload-url = "{twin.upload_url}"\nsimple-url = "{twin.simple_url}"\n'
        configured(quick, f'{lines}[tool.towpath.publish]\nindex = "here"\n')
        assert make_plan(quick.root, MINOR, ("publish",)).new == "1.1.0"
    assert problems(quick, offline=False, gates=("publish",)) == ["index-unknown"]
    assert make_plan(quick.root, MINOR, ("publish",), offline=True).new == "1.1.0"


def test_an_index_without_an_answer_keeps_back_only_what_goes_there(quick: Project, tmp_path: Path) -> None:
    with Twin.serve(tmp_path / "here") as here, Twin.serve(tmp_path / "there") as there:
        pass  # both are gone from now on
    tables = "".join(
        f'[tool.towpath.index.{name}]\nupload-url = "{twin.upload_url}"\nsimple-url = "{twin.simple_url}"\n'
        for name, twin in {"here": here, "there": there}.items()
    )
    routes = '[tool.towpath.publish-test]\nindex = "there"\n[tool.towpath.publish]\nindex = "here"\n'
    configured(quick, f'{tables}{routes}[tool.towpath.routes]\nfinal = ["here"]\n')
    assert make_plan(quick.root, MINOR, ("publish-test",)).new == "1.1.0"
    assert problems(quick, Wish(part="minor,rc"), offline=False, gates=("publish-test",)) == ["index-unknown"]
    assert problems(quick, offline=False, gates=("publish-test", "publish")) == ["index-unknown"]


def test_a_file_of_the_version_on_the_index(monkeypatch: pytest.MonkeyPatch, quick: Project) -> None:
    from towpath.index.client import IndexClient, IndexFile

    taken = {"sample_pkg-1.1.0.tar.gz": IndexFile("sample_pkg-1.1.0.tar.gz", "", "")}
    monkeypatch.setattr(IndexClient, "files", lambda _self, _project: taken)
    assert problems(quick, offline=False, gates=("publish",)) == ["version-taken"]
    assert make_plan(quick.root, Wish(part="patch"), ("publish",)).new == "1.0.1"


def test_a_remote_that_does_not_answer_is_unknown(quick: Project) -> None:
    quick.git("remote", "add", "origin", str(quick.root / "nowhere"))
    assert problems(quick, offline=False) == ["remote-unknown"]
    assert "neither remote nor index was asked" in make_plan(quick.root, MINOR, (), offline=True).remarks


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), ["bump-what"]),
        (Wish(part="minor", to="2.0.0"), ["bump-what"]),
        (Wish(part="mino"), ["bad-part"]),
        (Wish(to="0.9.0"), ["not-newer"]),
        (Wish(to="one"), ["bad-version"]),
    ],
)
def test_a_wrong_call(quick: Project, wish: Wish, expected: list[str]) -> None:
    assert problems(quick, wish) == expected


def test_a_detached_head_and_a_merge_under_way(quick: Project) -> None:
    quick.git("checkout", "--quiet", "--detach")
    assert problems(quick) == ["detached-head"]
    quick.git("switch", "--quiet", "main")
    (quick.root / ".git" / "MERGE_HEAD").write_text(quick.git("rev-parse", "HEAD"), encoding="utf-8")
    assert problems(quick) == ["git-busy"]


def test_declared_places(quick: Project) -> None:
    quick.write("README.md", "badge?v=1.0.0\n")
    configured(quick, '[[tool.towpath.bump.places]]\npath = "README.md"\npattern = "?v={version}"\n')
    bump(quick)
    assert (quick.root / "README.md").read_text(encoding="utf-8") == "badge?v=1.1.0\n"
    quick.write("README.md", "no badge\n")
    quick.commit("Take it out")
    assert problems(quick, Wish(part="major")) == ["place-missing"]


def test_what_git_does_not_track_is_no_place(quick: Project) -> None:
    quick.write(".gitignore", "VERSION\n")
    quick.commit("Ignore")
    quick.write("VERSION", "0.1.0\n")
    plan = make_plan(quick.root, MINOR, (), offline=True)
    assert "git does not track VERSION: it stays as it is" in plan.remarks
    configured(quick, '[[tool.towpath.bump.places]]\npath = "VERSION"\n')
    assert problems(quick) == ["place-untracked"]


def test_repair_with_a_bump_and_alone(quick: Project) -> None:
    """Failure 6: a stale `__version__` is told, and mended when asked."""
    quick.write("src/sample_pkg/__init__.py", '__version__ = "0.9.0"\n')
    quick.commit("Stale")
    assert problems(quick) == ["out-of-step"]
    bump(quick, Wish(repair=True))
    assert quick.git("log", "-1", "--format=%s") == "Write 1.0.0 wherever the version stands"
    assert (quick.root / "src/sample_pkg/__init__.py").read_text(encoding="utf-8") == '__version__ = "1.0.0"\n'
    assert bump(quick, Wish(repair=True)) == ""
    quick.write("src/sample_pkg/__init__.py", '__version__ = "0.9.0"\n')
    quick.commit("Stale again")
    bump(quick, Wish(part="minor", repair=True))
    assert (quick.root / "src/sample_pkg/__init__.py").read_text(encoding="utf-8") == '__version__ = "1.1.0"\n'


def test_the_message_and_prereleases_by_configuration(quick: Project) -> None:
    lines = 'message = "chore: {old} to {version} as {tag}"\nchangelog-prereleases = false\n'
    configured(quick, f"[tool.towpath.bump]\n{lines}")
    bump(quick, Wish(part="minor,rc"))
    assert quick.git("log", "-1", "--format=%s") == "chore: 1.0.0 to 1.1.0rc0 as v1.1.0rc0"
    assert "1.1.0" not in (quick.root / "CHANGES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ['message = "{nobody}"', 'branches = "main"', 'places = [{ file = "x" }]'])
def test_a_configuration_that_cannot_be_meant(quick: Project, line: str) -> None:
    configured(quick, f"[tool.towpath.bump]\n{line}\n")
    assert set(problems(quick)) == {"bad-configuration"}


def test_a_maintenance_line(quick: Project) -> None:
    quick.git("tag", "v1.0.0")
    quick.git("branch", "1.0.x")
    quick.write("pyproject.toml", FILES["pyproject.toml"].replace("1.0.0", "2.0.0"))
    quick.write("src/sample_pkg/__init__.py", '__version__ = "2.0.0"\n')
    quick.write("CHANGES.md", "# Changes\n\n## [Unreleased]\n\n- more\n\n## [2.0.0]\n\n- two\n")
    quick.commit("Two")
    quick.git("tag", "v2.0.0")
    assert problems(quick, Wish(to="1.0.1")) == ["not-newer"]
    quick.git("switch", "--quiet", "1.0.x")
    plan = make_plan(quick.root, Wish(to="1.0.1"), (), offline=True)
    assert any("never becomes the latest" in remark for remark in plan.remarks)
    # A history that holds 2.0.0 takes no 1.0.1, whatever its files say.
    quick.git("merge", "--quiet", "--strategy=ours", "--message", "Join", "v2.0.0")
    assert problems(quick, Wish(to="1.0.1")) == ["not-newer"]


def test_a_tag_of_any_spelling_is_the_version(quick: Project) -> None:
    quick.git("tag", "v1.1.0-rc.0")
    assert problems(quick, Wish(part="minor,rc")) == ["tag-exists"]


# ---- idempotence


def test_a_bump_that_was_made_is_not_made_twice(quick: Project) -> None:
    commit = bump(quick)
    assert bump(quick) == commit
    assert bump(quick, Wish(to="1.1.0")) == commit
    assert quick.git("rev-list", "--count", "HEAD") == "2"
    quick.git("tag", "v1.1.0")
    assert problems(quick) == ["empty-changelog"], "once it is tagged, the next one is asked for"


def test_a_project_below_the_root(tmp_path: Path, environ: dict[str, str]) -> None:
    outer = Project.make(tmp_path / "outer", environ, files={**dict.fromkeys(FILES), "other.txt": "1\n"})
    inner = Project(outer.root / "packages" / "inner", environ)
    for path, text in FILES.items():
        inner.write(path, text)
    (inner.root / "src/sample_pkg/__init__.py").chmod(0o755)
    outer.commit("Inner")
    outer.write("elsewhere.txt", "staged, and not ours\n")
    outer.git("add", "elsewhere.txt")
    bump(inner)
    assert outer.git("show", "--format=", "--name-only", "HEAD").splitlines() == [
        "packages/inner/CHANGES.md",
        "packages/inner/pyproject.toml",
        "packages/inner/src/sample_pkg/__init__.py",
    ]
    assert outer.git("status", "--porcelain") == "A  elsewhere.txt"
    if sys.platform != "win32":
        assert (inner.root / "src/sample_pkg/__init__.py").stat().st_mode & 0o777 == 0o755


@posix
def test_a_link_stays_one(make_project: Callable[..., Project]) -> None:
    project = make_project()
    project.write("docs/news.md", FILES["CHANGES.md"])
    (project.root / "CHANGES.md").unlink()
    (project.root / "CHANGES.md").symlink_to("docs/news.md")
    project.commit("Link")
    bump(project)
    assert (project.root / "CHANGES.md").is_symlink()
    assert "docs/news.md" in project.git("show", "--format=", "--name-only", "HEAD").splitlines()
    assert project.git("status", "--porcelain") == ""


def test_a_bump_finished_after_midnight_keeps_its_day(quick: Project) -> None:
    plan = make_plan(quick.root, MINOR, (), offline=True)
    edit = next(edit for edit in plan.edits if edit.path == "CHANGES.md")
    day = TODAY - dt.timedelta(days=3)
    path = quick.root / edit.path
    replace_whole(path, edit.after.replace(TODAY.isoformat().encode(), day.isoformat().encode()))
    seconds = dt.datetime(day.year, day.month, day.day, 23, 59).astimezone().timestamp()
    os.utime(path, (seconds, seconds))
    bump(quick)
    assert f"## [1.1.0] - {day.isoformat()}" in quick.git("show", "HEAD:CHANGES.md")


def test_what_only_looks_half_written_is_dirty(quick: Project) -> None:
    plan = make_plan(quick.root, MINOR, (), offline=True)
    replace_whole(quick.root / "CHANGES.md", plan.edits[0].after + b"and more\n")
    assert problems(quick) == ["bump-dirty"]


def test_line_endings_that_git_converts(make_project: Callable[..., Project]) -> None:
    project = make_project(files={".gitattributes": "*.md text eol=crlf\n"})
    (project.root / "CHANGES.md").unlink()
    project.git("checkout", "--", "CHANGES.md")
    plan = make_plan(project.root, MINOR, (), offline=True)
    changelog = next(edit for edit in plan.edits if edit.path == "CHANGES.md")
    assert changelog.after.count(b"\r\n") == changelog.after.count(b"\n") > 0
    replace_whole(project.root / "CHANGES.md", changelog.after)  # as a killed bump leaves it
    bump(project)
    assert project.git("status", "--porcelain") == ""
    assert "\r" not in project.git("cat-file", "-p", "HEAD:CHANGES.md")


def test_a_file_changed_while_the_question_stood(quick: Project) -> None:
    plan = make_plan(quick.root, MINOR, (), offline=True)
    quick.replace("pyproject.toml", "A sample.", "Another sample.")
    before = contents(quick)
    with pytest.raises(errors.TowpathError, match=r"pyproject.toml changed after the plan"):
        execute(plan)
    assert contents(quick) == before


# ---- hooks and signing


@posix
def test_a_hook_that_refuses_rolls_everything_back(quick: Project) -> None:
    hook(quick, "pre-commit", "echo 'no releases on Fridays' >&2; exit 1")
    before = contents(quick)
    with pytest.raises(errors.TowpathError) as caught:
        bump(quick)
    assert [problem.id for problem in caught.value.problems] == ["commit-refused"]
    assert "no releases on Fridays" in caught.value.problems[0].detail
    assert contents(quick) == before
    assert quick.git("status", "--porcelain") == ""


@posix
def test_a_hook_that_changes_files_is_respected(quick: Project) -> None:
    hook(quick, "pre-commit", "echo '<!-- formatted -->' >> CHANGES.md; echo 1 > made.txt; git add CHANGES.md made.txt")
    done = execute(make_plan(quick.root, MINOR, (), offline=True))
    assert quick.git("show", "HEAD:CHANGES.md").endswith("<!-- formatted -->")
    assert quick.git("status", "--porcelain") == ""
    assert any("made.txt" in remark for remark in done.remarks)


@posix
def test_a_hook_that_changes_the_version_is_refused(quick: Project) -> None:
    script = "sed -i.old s/1.1.0/9.9.9/ pyproject.toml; rm pyproject.toml.old; git add pyproject.toml"
    hook(quick, "pre-commit", script)
    before = contents(quick)
    with pytest.raises(errors.TowpathError, match=r"9\.9\.9 instead of 1\.1\.0"):
        bump(quick)
    after = contents(quick)
    assert (after["files"], after["head"]) == (before["files"], before["head"])
    assert quick.git("status", "--porcelain") == ""


@posix
def test_a_message_hook_is_respected(quick: Project) -> None:
    hook(quick, "commit-msg", "echo 'Reviewed-by: Bob' >> \"$1\"")
    bump(quick)
    assert "Reviewed-by: Bob" in quick.git("log", "-1", "--format=%B")


@posix
@pytest.mark.parametrize("works", [True, False])
def test_signing_is_gits_own(quick: Project, works: bool) -> None:  # noqa: FBT001 - a parameter of the test
    program = quick.root.with_name("fake-gpg")
    sign = 'cat > /dev/null; echo "[GNUPG:] SIG_CREATED D 1 8 00 0 X" >&2; echo "-----BEGIN PGP SIGNATURE-----"'
    sign += '; echo fake; echo "-----END PGP SIGNATURE-----"'
    program.write_text(f"#!/bin/sh\n{sign if works else 'echo no key >&2; exit 2'}\n", encoding="utf-8")
    program.chmod(0o755)
    quick.git("config", "gpg.program", str(program))
    quick.git("config", "commit.gpgSign", "true")
    before = contents(quick)
    if works:
        bump(quick)
        assert "-----BEGIN PGP SIGNATURE-----" in quick.git("cat-file", "commit", "HEAD")
    else:
        with pytest.raises(errors.TowpathError, match="git made no commit"):
            bump(quick)
        assert contents(quick) == before


def test_an_author_that_git_does_not_know(quick: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    quick.git("config", "user.useConfigOnly", "true")
    before = contents(quick)
    for role in ("AUTHOR", "COMMITTER"):
        for what in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{role}_{what}")
    with pytest.raises(errors.TowpathError, match="git made no commit"):
        bump(quick)
    assert contents(quick) == before


# ---- killed at every step

DEATH = """\
import os, signal, subprocess
STEP = int(os.environ["DIE_AT"])
seen = [-1]

def step(name):
    if seen[0] < 0 and name != "fsync":
        return  # nothing is written yet
    seen[0] += 1
    if seen[0] == STEP:
        os.kill(os.getpid(), signal.SIGKILL)

def dying(function, name):
    def run(*arguments, **options):
        step(name)
        done = function(*arguments, **options)
        step(name)
        return done
    return run

os.fsync, os.replace = dying(os.fsync, "fsync"), dying(os.replace, "replace")
class Popen(subprocess.Popen):
    def __init__(self, argv, *arguments, **options):
        step("git")
        super().__init__(argv, *arguments, **options)
        step("git")  # the child lives on without us
subprocess.Popen = Popen
"""
RUN = """\
from pathlib import Path
from towpath.bump.execute import execute
from towpath.bump.plan import make_plan
from towpath.bump.propose import Wish
execute(make_plan(Path.cwd(), Wish(part="minor"), (), offline=True))
"""
LEAST_STEPS, MOST_STEPS = 18, 60  # three files, and a handful of git commands, before and after


@posix
def test_killed_at_every_step_and_run_again(make_project: Callable[..., Project], tmp_path: Path) -> None:
    """kill -9 before and after every fsync, every rename and every git command from the first write on."""
    (tmp_path / "death").mkdir()
    (tmp_path / "death" / "sitecustomize.py").write_text(DEATH, encoding="utf-8")
    expected = make_project("expected")
    bump(expected)
    tree = expected.git("rev-parse", "HEAD^{tree}")
    for number in range(MOST_STEPS):
        project = make_project(f"killed-{number}")
        if run_dying(project, tmp_path / "death", number) == 0:
            break  # it has come to its end
        orphans_ended(project)
        bump(project)
        assert project.git("rev-parse", "HEAD^{tree}") == tree, f"killed at step {number}"
        assert project.git("rev-list", "--count", "HEAD") == "2"
        assert project.git("status", "--porcelain") == ""
    assert LEAST_STEPS <= number < MOST_STEPS - 1


def run_dying(project: Project, death: Path, step: int) -> int:
    path = os.pathsep.join([str(death), *sys.path])
    environ = {**project.environ, "PYTHONPATH": path, "DIE_AT": str(step)}
    argv = [sys.executable, "-c", RUN]
    return subprocess.run(argv, cwd=project.root, env=environ, check=False, capture_output=True).returncode


def orphans_ended(project: Project) -> None:
    """A git that outlived its killed parent; it holds a lock or works on HEAD."""
    import time

    for _ in range(200):
        listed = subprocess.run(["ps", "-eo", "args,pid"], capture_output=True, text=True, check=True).stdout
        ours = [line for line in listed.splitlines() if line.startswith("git ") and _in(line, project.root)]
        if not ours:
            return
        time.sleep(0.02)


def _in(line: str, root: Path) -> bool:
    try:
        return Path(f"/proc/{line.rsplit(maxsplit=1)[-1]}/cwd").resolve().is_relative_to(root)
    except OSError:
        return False


# ---- versions from git

SCM = """\
[build-system]
requires = ["setuptools>=80", "setuptools-scm>=8"]
build-backend = "setuptools.build_meta"

[project]
name = "sample-pkg"
dynamic = ["version"]

[tool.setuptools_scm]
"""


@pytest.fixture
def from_git(make_project: Callable[..., Project]) -> Project:
    files = {"pyproject.toml": SCM, "src/sample_pkg/__init__.py": "", "CHANGES.md": None}
    return make_project("from-git", files=files)


def test_a_version_from_git_is_said_by_the_release_commit(from_git: Project) -> None:
    """Failure 1: the tag and the built version come from the one commit that says the version."""
    from_git.git("tag", "v1.1.0")
    from_git.write("more.txt", "1\n")
    from_git.commit("More")
    bump(from_git)
    assert from_git.git("log", "-1", "--format=%B").strip() == "Release 1.2.0\n\nRelease: 1.2.0"
    assert from_git.git("show", "--format=", "--name-only", "HEAD") == ""
    assert bump(from_git) == from_git.git("rev-parse", "HEAD"), "twice is once"
    from_git.git("tag", "v1.2.0")
    bump(from_git, Wish(part="patch"))
    assert "Release: 1.2.1" in from_git.git("log", "-1", "--format=%B")


def test_an_empty_release_commit_holds_nothing_that_is_staged(from_git: Project) -> None:
    from_git.write("staged.txt", "1\n")
    from_git.git("add", "staged.txt")
    assert problems(from_git) == ["bump-dirty"]


@posix
def test_a_hook_that_drops_the_trailer_is_refused(from_git: Project) -> None:
    hook(from_git, "commit-msg", "echo 'Another message' > \"$1\"")
    with pytest.raises(errors.TowpathError, match="The commit was taken back"):
        bump(from_git)
    assert from_git.git("rev-list", "--count", "HEAD") == "1"


# ---- notes


def test_notes_are_the_section_with_a_compare_link(quick: Project) -> None:
    quick.git("remote", "add", "origin", "git@github.com:ada/sample.git")
    quick.git("tag", "v1.0.0")
    bump(quick)
    notes = notes_of(quick.root)
    assert notes.text == ("- something new\n\n**All changes**: https://github.com/ada/sample/compare/v1.0.0...v1.1.0\n")
    assert notes_of(quick.root, "1.0.0").text == "- the first one\n"
    with pytest.raises(errors.TowpathError, match=r"Nothing is known of a version 7"):
        notes_of(quick.root, "7")


def test_notes_from_commits_where_there_is_no_changelog(make_project: Callable[..., Project]) -> None:
    project = make_project(files={"CHANGES.md": None})
    project.git("tag", "v1.0.0")
    project.write("more.txt", "1\n")
    project.commit("Call @ada about *stars*")
    bump(project)
    assert notes_of(project.root).text == "- Release 1.1.0\n- Call `@ada` about \\*stars\\*\n"


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/ada/sample.git", "https://github.com/ada/sample/compare/v1...v2"),
        ("ssh://git@github.com:22/ada/sample", "https://github.com/ada/sample/compare/v1...v2"),
        ("git@gitlab.com:group/sub/sample.git", "https://gitlab.com/group/sub/sample/-/compare/v1...v2"),
        (
            "https://user:token@codeberg.org/ada/sample/",  # pragma: allowlist secret
            "https://codeberg.org/ada/sample/compare/v1...v2",
        ),
        ("/srv/git/sample.git", ""),
        ("../sample.git", ""),
        ("file:///srv/sample.git", ""),
        ("C:\\git\\sample", ""),
        ("", ""),
    ],
)
def test_the_compare_link_by_the_remotes_url(remote: str, expected: str) -> None:
    assert compare_url(web_address(None, remote), "v1", "v2") == expected


def test_the_compare_link_of_a_forge_of_ones_own() -> None:
    address = ForgeAddress("https://git.example.org/api/v3", "ada/sample")
    assert web_address(address, "") == "https://git.example.org/ada/sample"
