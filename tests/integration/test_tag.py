"""The tag: one for each version, on the proven commit, annotated, and the lock between two who release at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from universe import PYPROJECT, Project

from towpath import errors
from towpath.errors import TowpathError
from towpath.evidence.record import Record, digest_of
from towpath.evidence.store import measure
from towpath.gates import inspection, sealed
from towpath.gates import tag as gate
from towpath.gates.complete import require_complete
from towpath.gates.sealed import sealed_files
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace

CONFIGURED = PYPROJECT + '\n[tool.towpath.tag]\nbranches = ["main", "release/*"]\n'


@pytest.fixture(autouse=True)
def any_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether an index would take the files is asked in their own tests; here they are a few bytes."""
    monkeypatch.setattr(sealed, "publishable_files", sealed_files)


@pytest.fixture
def released(make_project: Callable[..., Project], tmp_path: Path) -> Project:
    """A project with a bare remote, and distributions that count as built and sealed."""
    project = make_project(files={"pyproject.toml": CONFIGURED, ".gitignore": "dist/\n"})
    project.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "remote.git"))
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    seal(project)
    return project


def seal(project: Project) -> None:
    (project.root / "dist").mkdir(exist_ok=True)
    for name in ("sample_pkg-1.0.0-py3-none-any.whl", "sample_pkg-1.0.0.tar.gz"):
        (project.root / "dist" / name).write_bytes(f"the bytes of {name}".encode())
    files = tuple(sorted(map(measure, (project.root / "dist").iterdir())))
    at = workspace(project)
    at.store.seal(
        Record("build", "", passed=True, project="sample-pkg", version=at.subject.version, tree=at.subject.tree,
               commit=at.subject.commit or "", configuration=digest_of({}), distributions=files)
    )  # fmt: skip


def workspace(project: Project, environ: Mapping[str, str] | None = None) -> Workspace:
    return open_workspace(project.root, {**project.environ, **(environ or {})})


def tag(project: Project, **environ: str) -> dict[str, Any]:
    return gate.act(workspace(project, environ), "").facts


def refused(project: Project, **environ: str) -> str:
    with pytest.raises(TowpathError) as caught:
        tag(project, **environ)
    return ", ".join(problem.id for problem in caught.value.problems)


def on_remote(project: Project, name: str = "v1.0.0") -> str:
    """The commit that the remote's tag leads to."""
    lines = project.git("ls-remote", "--tags", "origin", f"refs/tags/{name}", f"refs/tags/{name}^{{}}").splitlines()
    return lines[-1].split()[0] if lines else ""


def clone(project: Project, name: str) -> Project:
    """Somebody else's clone of the remote, which has main; what is sealed there is the same."""
    folder = project.root.parent / name
    project.git("clone", "--quiet", str(project.root.parent / "remote.git"), str(folder))
    other = Project(folder, project.environ)
    seal(other)
    return other


def test_made_pushed_and_found_again(released: Project) -> None:
    assert tag(released) == {"tag": "v1.0.0", "branch": "main", "made": "here"}
    head = released.git("rev-parse", "HEAD")
    assert on_remote(released) == head
    assert released.git("cat-file", "-t", "v1.0.0") == "tag"
    assert released.git("ls-remote", "origin", "refs/heads/main").split()[0] == head
    first = released.git("rev-parse", "refs/tags/v1.0.0")
    assert tag(released) == {"tag": "v1.0.0", "id": first, "made": "before"}


def test_killed_between_making_and_pushing(released: Project) -> None:
    released.git("tag", "--annotate", "--message", "sample-pkg 1.0.0", "v1.0.0")
    made = released.git("rev-parse", "refs/tags/v1.0.0")
    tag(released)
    assert released.git("ls-remote", "origin", "refs/tags/v1.0.0").split()[0] == made


@pytest.mark.parametrize("branch", ["release/1.x", "main"])
def test_branches_that_are_tagged(released: Project, branch: str) -> None:
    released.git("switch", "--quiet", "--force-create", branch)
    assert tag(released)["branch"] == branch


def test_another_branch(released: Project) -> None:
    released.git("switch", "--quiet", "--create", "feature")
    assert refused(released) == "tag-branch"
    assert released.git("tag", "--list") == ""


def test_uncommitted_work_is_no_proven_commit(released: Project) -> None:
    released.write("new.txt", "x")
    ended = released.nox("-s", "tag")
    assert ended.code == 1
    assert "dirty" in ended.all or "uncommitted" in ended.all
    assert on_remote(released) == ""


def test_behind_the_remote(released: Project) -> None:
    released.git("push", "--quiet", "origin", "main")
    other = clone(released, "other")
    other.write("new.txt", "x")
    other.commit("Somebody else's")
    other.git("push", "--quiet", "origin", "main")
    assert refused(released) == "behind-remote"
    assert released.git("tag", "--list") == ""


@pytest.mark.parametrize("light", [False, True])
def test_elsewhere_here_and_there(released: Project, light: bool) -> None:  # noqa: FBT001 - a parameter
    released.git("tag", "v1.0.0", *([] if light else ["--annotate", "--message", "x"]))
    released.git("push", "--quiet", "origin", "main", "v1.0.0")
    before = on_remote(released)
    released.write("new.txt", "x")
    released.commit("More")
    seal(released)
    assert refused(released) == "tag-elsewhere, tag-elsewhere"
    released.git("tag", "--delete", "v1.0.0")
    assert refused(released) == "tag-elsewhere"
    assert on_remote(released) == before


def test_a_light_tag_that_nobody_has_seen(released: Project) -> None:
    released.git("tag", "v1.0.0")
    assert refused(released) == "tag-light"


def test_no_remote(released: Project) -> None:
    released.git("remote", "remove", "origin")
    assert refused(released) == "no-remote"


def test_a_remote_that_does_not_answer(released: Project) -> None:
    released.git("remote", "set-url", "origin", str(released.root.parent / "nowhere.git"))
    with pytest.raises(TowpathError) as caught:
        tag(released)
    (problem,) = caught.value.problems
    assert problem.id == "remote-unknown"
    assert problem.cause.startswith("origin did not answer")
    assert "nowhere.git" in problem.detail, "git's own words"
    assert released.git("tag", "--list") == ""


def test_a_remote_that_refuses(released: Project) -> None:
    hook = released.root.parent / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    assert refused(released) == "push-refused"
    assert on_remote(released) == ""
    assert released.git("tag", "--list") == "", "left here, it would stand in the way of the mended commit"


class TestInContinuousIntegration:
    """The tag is there already: the gate proves that it fits, reads only, and needs no branch."""

    def checkout(self, project: Project, name: str, *, light: bool = False) -> Project:
        project.git("tag", name, *([] if light else ["--annotate", "--message", "x"]))
        project.git("push", "--quiet", "origin", "main", name)
        folder = project.root.parent / "runner"
        remote = (project.root.parent / "remote.git").as_uri()
        project.git("clone", "--quiet", "--depth=1", "--branch", name, remote, str(folder))
        runner = Project(folder, project.environ)
        hook = project.root.parent / "remote.git" / "hooks" / "pre-receive"
        hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")  # no right to push
        hook.chmod(0o755)
        seal(runner)
        return runner

    @pytest.mark.parametrize("light", [False, True])
    def test_it_fits(self, released: Project, light: bool) -> None:  # noqa: FBT001 - a parameter
        runner = self.checkout(released, "v1.0.0", light=light)
        assert runner.git("branch", "--show-current") == ""
        assert tag(runner, GITHUB_REF="refs/tags/v1.0.0")["made"] == "before"

    def test_it_is_about_another_version(self, released: Project) -> None:
        runner = self.checkout(released, "v1.0.1")
        assert "tag-misfit" in refused(runner, GITHUB_REF="refs/tags/v1.0.1")

    @pytest.mark.parametrize("name", ["v.1.0.0", "1.0.0", "nightly"])
    def test_it_is_about_no_version(self, released: Project, name: str) -> None:
        runner = self.checkout(released, name)
        assert "tag-misfit" in refused(runner, GITHUB_REF=f"refs/tags/{name}")

    def test_another_spelling_of_a_prerelease(self, released: Project) -> None:
        released.replace("pyproject.toml", 'version = "1.0.0"', 'version = "1.0.0rc1"')
        released.commit("Pre-release")
        runner = self.checkout(released, "v1.0.0-rc.1")
        found = workspace(runner, {"GITHUB_REF": "refs/tags/v1.0.0-rc.1"})
        assert found.tag == "v1.0.0-rc.1"
        assert tag(runner, GITHUB_REF="refs/tags/v1.0.0-rc.1")["tag"] == "v1.0.0-rc.1"
        assert workspace(runner).tag == "v1.0.0-rc.1", "found at HEAD, too"

    def test_another_spelling_elsewhere_is_this_version(self, released: Project) -> None:
        released.replace("pyproject.toml", 'version = "1.0.0"', 'version = "1.0.0rc1"')
        released.commit("Pre-release")
        released.git("tag", "--annotate", "--message", "x", "v1.0.0-rc.1")
        released.write("new.txt", "x")
        released.commit("More")
        seal(released)
        assert refused(released) == "tag-elsewhere"


@pytest.mark.parametrize(("more", "expected"), [(False, "tag-unfetched"), (True, "tag-elsewhere")])
def test_another_spelling_that_only_the_remote_has(released: Project, more: bool, expected: str) -> None:  # noqa: FBT001 - a parameter
    released.replace("pyproject.toml", 'version = "1.0.0"', 'version = "1.0.0rc1"')
    released.commit("Pre-release")
    released.git("tag", "v1.0.0-rc.1")
    released.git("push", "--quiet", "origin", "main", "v1.0.0-rc.1")
    released.git("tag", "--delete", "v1.0.0-rc.1")
    if more:
        released.write("new.txt", "x")
        released.commit("More")
    seal(released)
    assert refused(released) == expected


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_signed_where_git_is_configured_so(released: Project) -> None:
    key = released.root.parent / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(make, check=True, env=dict(released.environ), capture_output=True)
    signers = released.root.parent / "signers"
    signers.write_text(f"ada@example.org {key.with_suffix('.pub').read_text(encoding='ascii')}", encoding="ascii")
    settings = {
        "gpg.format": "ssh",
        "user.signingKey": str(key),
        "tag.gpgSign": "true",
        "gpg.ssh.allowedSignersFile": str(signers),
    }
    for name, value in settings.items():
        released.git("config", name, value)
    tag(released)
    assert "BEGIN SSH SIGNATURE" in released.git("cat-file", "tag", "v1.0.0")
    released.git("verify-tag", "v1.0.0")


RACE = """
import os, sys, time
from pathlib import Path
from towpath.errors import TowpathError
from towpath.gates import sealed, tag
from towpath.walk.world import open_workspace
at = open_workspace(Path.cwd(), os.environ)
sealed.publishable_files = sealed.sealed_files
push = type(at.repository).push
def late(self, remote, refspecs):
    Path(sys.argv[1]).write_text("ready")
    while not Path(sys.argv[2]).exists():
        time.sleep(0.01)
    push(self, remote, refspecs)
type(at.repository).push = late
try:
    print(tag.act(at, "").facts["made"])
except TowpathError as error:
    print(error.problems[0].id)
"""


def test_two_at_once_one_wins_and_the_other_says_so(released: Project) -> None:
    """Two processes in two clones of the same commit, both of which saw no tag before they pushed."""
    released.git("push", "--quiet", "origin", "main")
    people = [clone(released, "ada"), clone(released, "grace")]
    start = released.root.parent / "start"
    ready = [released.root.parent / f"{person.root.name}.ready" for person in people]
    environ = {**released.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = []
    for number, person in enumerate(people):
        # Tags of the same second by the same person would be the same object.
        more = {"GIT_COMMITTER_NAME": person.root.name}
        argv = [sys.executable, "-c", RACE, str(ready[number]), str(start)]
        running.append(
            subprocess.Popen(argv, cwd=person.root, env={**environ, **more}, stdout=subprocess.PIPE, text=True)
        )
    try:
        deadline = time.monotonic() + 60
        while (
            not all(path.exists() for path in ready)
            and all(one.poll() is None for one in running)
            and time.monotonic() < deadline
        ):
            time.sleep(0.02)
        start.write_text("go", encoding="utf-8")
        said = sorted(process.communicate(timeout=60)[0].strip() for process in running)
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert said == ["here", "tag-taken"]
    assert on_remote(released) == released.git("rev-parse", "HEAD")
    kept = [person.git("tag", "--list") for person in people]
    assert sorted(kept) == ["", "v1.0.0"], "the loser's own tag is gone: nobody has seen it"
    for person in people:
        assert tag(person)["made"] == "before", "running it again goes on where the winner is"


def test_a_push_that_was_taken_and_not_answered(released: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    at = workspace(released)
    push = type(at.repository).push

    def answerless(*arguments: Any) -> None:
        push(*arguments)
        raise errors.GIT_FAILED.error(command="push", status=128, detail="the connection broke off")

    monkeypatch.setattr(type(at.repository), "push", answerless)
    assert gate.act(at, "").facts["made"] == "here"


def test_a_rehearsal_asks_nothing_of_the_run(released: Project) -> None:
    at = workspace(released, {"GITHUB_REF": "refs/tags/v9"})
    assert gate.misfit(at) is not None
    assert gate.misfit(replace(at, target=replace(at.target, rehearsal="x"))) is None


def test_what_other_platforms_make_is_for_the_run_that_the_tag_starts(
    released: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whole(workspace: Workspace) -> Any:
        files = sealed_files(workspace)
        require_complete(workspace, [file for file, _ in files])
        return files

    monkeypatch.setattr(sealed, "publishable_files", whole)
    monkeypatch.setattr(inspection, "require_acceptable", lambda *_: None)
    far = '{ file = "*-*-win_amd64", platform = "windows-arm9" }'
    far = f'build.expect = [{{ file = "sdist" }}, {{ file = "*-*-any" }}, {far}]'
    released.write("pyproject.toml", f'{CONFIGURED}[tool.towpath]\ngithub-release.repository = "ada/sample"\n{far}\n')
    released.commit("Expect a wheel from elsewhere")
    seal(released)
    assert refused(released) == "incomplete-set", "it would be published from here"
    publishing = "on: {push: {tags: ['v*']}}\njobs: {p: {steps: [{run: nox -s publish}]}}\n"
    released.write(".github/workflows/release.yml", publishing)
    released.commit("Let CI publish")
    seal(released)
    assert refused(released, GITHUB_ACTIONS="true") == "incomplete-set", "the run itself needs all of them"
    assert tag(released)["made"] == "here"
