"""Reading a repository leaves it as it is, and finds what is really there; clones are thrown away."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from universe import Project

from towpath.config.sections import Settings
from towpath.errors import TowpathError
from towpath.gates import tooling
from towpath.model import Subject
from towpath.repository import throwaway
from towpath.repository.git import Git, Repository, forget_redirections

if TYPE_CHECKING:
    from collections.abc import Callable

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="file modes and such names do not exist there")
FEW = dict.fromkeys(
    (
        "pyproject.toml",
        "README.md",
        "CHANGES.md",
        "noxfile.py",
        "tasks.py",
        "src/sample_pkg/__init__.py",
        "tests/test_core.py",
    )
)


@pytest.fixture
def made(make_project: Callable[..., Project]) -> Project:
    """A small repository: one file is all that most of these tests need."""
    return make_project(files={**FEW, "src/sample_pkg/core.py": "one\n"})


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Where clones go."""
    folder = tmp_path / "world"
    folder.mkdir()
    return folder


def fingerprint(root: Path) -> dict[str, tuple[str, int]]:
    """Every file under .git with its bytes, and its date but for objects: git marks those that it meets again."""
    files = [path for path in (root / ".git").rglob("*") if path.is_file()]
    return {
        str(path): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            0 if "objects" in path.parts else path.stat().st_mtime_ns,
        )
        for path in files
    }


def committed(project: Project) -> str:
    """The tree that git itself makes of everything."""
    project.git("add", "--all", "--force", "--", ".", ":(exclude)dist")
    project.git("commit", "--quiet", "--allow-empty", "--message", "all")
    return project.git("rev-parse", "HEAD^{tree}")


def worked_on(project: Project) -> None:
    """Uncommitted work of every kind."""
    for name in ("gone.txt", "kept.txt", "staged.txt"):
        project.write(name, name)
    project.commit("More")
    project.write("kept.txt", "changed")
    project.write("staged.txt", "staged")
    project.write("new staged.txt", "staged only")
    project.git("add", "staged.txt", "new staged.txt")
    project.write("intended.txt", "soon")
    project.git("add", "--intent-to-add", "intended.txt")
    project.write("untracked dir/ü 漢.txt", "untracked")
    (project.root / "gone.txt").unlink()


class TestWorkingTree:
    def test_a_clean_folder_is_the_commit(self, made: Project) -> None:
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree == made.git("rev-parse", "HEAD^{tree}")

    def test_work_of_every_kind_is_what_git_would_commit(self, made: Project) -> None:
        worked_on(made)
        found = Repository(made.root).working_tree()
        assert found == committed(made)

    def test_nothing_is_touched(self, made: Project) -> None:
        worked_on(made)
        os.utime(made.root / "kept.txt")  # so that git would like to refresh its index
        before = fingerprint(made.root)
        repository = Repository(made.root)
        after = repository.working_tree()
        assert repository.changed_paths(repository.head_tree, after)
        assert fingerprint(made.root) == before

    def test_a_change_right_after_the_index_was_written(self, made: Project) -> None:
        """git tells such a file from an unchanged one by the date of the index alone."""
        made.git("config", "core.trustctime", "false")
        file, moment = made.root / "src/sample_pkg/core.py", 1_700_000_000
        os.utime(file, (moment, moment))
        made.git("add", "--all")
        file.write_bytes(b"two\n")
        os.utime(file, (moment, moment))
        os.utime(made.root / ".git" / "index", (moment, moment))
        found = Repository(made.root)
        assert found.working_tree() != found.head_tree

    @pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
    def test_a_file_that_git_was_told_not_to_look_at(self, made: Project, mark: str) -> None:
        made.git("update-index", mark, "src/sample_pkg/core.py")
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree
        made.write("src/sample_pkg/core.py", "what the tests run on\n")
        before = fingerprint(made.root)
        tree = found.working_tree()
        assert fingerprint(made.root) == before
        assert made.git("ls-files", "-v").startswith("h " if mark == "--assume-unchanged" else "S ")
        made.git("update-index", mark.replace("--", "--no-"), "src/sample_pkg/core.py")
        assert tree == committed(made)

    @pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
    def test_a_mark_that_was_set_since_the_last_look(self, made: Project, mark: str) -> None:
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree
        made.git("update-index", mark, "src/sample_pkg/core.py")
        made.write("src/sample_pkg/core.py", "what the tests run on\n")
        assert found.working_tree() != found.head_tree

    def test_a_commit_since_it_was_opened(self, made: Project) -> None:
        found = Repository(made.root)
        made.write("src/sample_pkg/core.py", "two\n")
        made.commit("More")
        assert found.working_tree() == Repository(made.root).head_tree != found.head_tree

    @posix_only
    def test_a_monitor_that_says_nothing_hides_nothing(self, made: Project) -> None:
        made.write(".git/monitor", "#!/bin/sh\nprintf 'token\\0'\n")
        monitor = made.root / ".git" / "monitor"
        monitor.chmod(0o755)
        made.git("config", "core.fsmonitor", str(monitor))
        made.git("status")
        made.write("src/sample_pkg/core.py", "two\n")
        found = Repository(made.root)
        assert found.working_tree() != found.head_tree

    def test_a_new_file_counts_whatever_git_is_to_show(self, made: Project) -> None:
        made.git("config", "status.showUntrackedFiles", "no")
        made.write("new/file.txt", "new")
        found = Repository(made.root)
        assert found.working_tree() != found.head_tree

    def test_what_is_staged_and_gone_again(self, made: Project) -> None:
        made.write("src/sample_pkg/core.py", "two\n")
        made.git("add", "--all")
        made.write("src/sample_pkg/core.py", "one\n")
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree

    def test_a_sparse_checkout_lacks_nothing(self, made: Project) -> None:
        made.write("docs/a.md", "a")
        made.write("other/b.md", "b")
        made.commit("More")
        made.git("sparse-checkout", "set", "docs")
        assert not (made.root / "other").exists()
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree
        made.write("docs/a.md", "changed")
        assert found.working_tree() != found.head_tree

    @pytest.mark.parametrize("ignored", [True, False])
    @pytest.mark.parametrize("where", [".", "packages/a", "Über", "ünï/ç", "a [b] *c", "-x", "1", "dist"])
    def test_dist_and_bytecode_never_count(self, made: Project, where: str, ignored: bool) -> None:  # noqa: FBT001 - a case
        if sys.platform == "win32" and "*" in where:
            pytest.skip("no such name there")
        made.write(f"{where}/pyproject.toml", "[project]\n")
        if ignored:
            made.write(".gitignore", "dist/\n__pycache__/\n")
        made.git("add", "--all", "--force")
        made.git("commit", "--quiet", "--message", "More")
        found = Repository(made.root / where)
        before = found.working_tree()
        assert before == found.head_tree
        made.write(f"{where}/dist/sample-1.0.tar.gz", "x")
        made.write(f"{where}/dist/deep/er.txt", "x")
        made.write(f"{where}/src/__pycache__/a.pyc", "x")
        assert found.working_tree() == before
        assert found.changed_paths("a", "b") == []
        if where == "dist" and ignored:
            return
        made.write(f"{where}/distance/a.txt", "x")
        assert found.working_tree() != before, "only that very folder"

    def test_another_projects_dist_counts(self, made: Project) -> None:
        made.write("packages/a/pyproject.toml", "[project]\n")
        made.commit("More")
        found = Repository(made.root / "packages" / "a")
        made.write("dist/x", "x")
        assert found.working_tree() != found.head_tree
        assert found.changed_paths(found.head_tree, "other") == ["dist/x"], "told from the root, wherever it is"

    def test_a_tracked_dist_stays_as_it_is_committed(self, made: Project) -> None:
        made.write("dist/old.whl", "x")
        made.git("add", "--force", "dist")
        made.git("commit", "--quiet", "--message", "A mistake")
        found = Repository(made.root)
        made.write("dist/old.whl", "changed")
        assert found.working_tree() == found.head_tree
        (made.root / "dist/old.whl").unlink()
        assert found.working_tree() == found.head_tree

    def test_what_is_ignored_does_not_count(self, made: Project) -> None:
        made.write(".gitignore", "*.log\n")
        made.commit("More")
        made.write("a.log", "x")
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree

    @posix_only
    def test_modes_and_links(self, made: Project) -> None:
        found = Repository(made.root)
        before = found.working_tree()
        (made.root / "link").symlink_to("nowhere")
        linked = found.working_tree()
        (made.root / "src/sample_pkg/core.py").chmod(0o755)
        executable = found.working_tree()
        assert len({before, linked, executable}) == 3
        assert executable == committed(made)
        (made.root / "src/sample_pkg/core.py").chmod(0o644 | stat.S_IRUSR)
        assert found.working_tree() == linked

    @posix_only
    def test_names_of_every_kind(self, made: Project) -> None:
        for name in (
            "a b",
            "ü漢",
            "new\nline",
            'quo"te',
            "back\\slash",
            "tab\t",
            ":colon",
            "*",
            "[x]",
            "-dash",
            " lead",
            "trail ",
        ):
            made.write(name, name)
        (made.root / os.fsdecode(b"\xff-latin")).write_text("x")
        found = Repository(made.root)
        tree = found.working_tree()
        assert len(found.changed_paths(found.head_tree, tree)) == 13
        for name in ("a b", "-dash", "new\nline"):
            made.git("add", "--", name)
            made.git("update-index", "--assume-unchanged", "--", name)
            made.write(name, "changed")
        tree = found.working_tree()
        made.git("update-index", "--no-assume-unchanged", "--", "a b", "-dash", "new\nline")
        assert tree == committed(made)

    def test_line_endings_as_git_would_commit_them(self, made: Project) -> None:
        made.git("config", "core.autocrlf", "true")
        made.git("config", "core.safecrlf", "true")
        made.write("crlf.txt", "a\r\nb\r\n")
        made.write("mixed.txt", "a\r\nb\n")
        found = Repository(made.root).working_tree()
        made.git("config", "core.safecrlf", "false")
        assert found == committed(made)

    @pytest.mark.parametrize("shown", ["none", "all"])
    def test_a_submodules_pointer(self, made: Project, make_project: Callable[..., Project], shown: str) -> None:
        inner = make_project("inner", files={**FEW, "src/sample_pkg/core.py": "inner\n"})
        made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "vendored")
        made.git("config", "submodule.vendored.ignore", "all" if shown == "none" else "none")
        made.commit("A submodule")
        found = Repository(made.root)
        assert found.working_tree() == found.head_tree
        inside = Project(made.root / "vendored", made.environ)
        inside.write("x", "x")
        inside.commit("Moved on")
        assert found.working_tree() != found.head_tree

    def test_a_repository_in_the_repository(self, made: Project) -> None:
        made.write("nested/a.txt", "x")
        nested = Project(made.root / "nested", made.environ)
        nested.git("init", "--quiet")
        nested.commit("Inside")
        found = Repository(made.root).working_tree()
        assert found == committed(made)

    def test_a_nested_repository_without_a_commit_is_gits_own_error(self, made: Project) -> None:
        made.write("nested/a.txt", "x")
        Project(made.root / "nested", made.environ).git("init", "--quiet")
        with pytest.raises(TowpathError) as caught:
            Repository(made.root).working_tree()
        assert caught.value.problems[0].id == "git-failed"
        assert "nested" in caught.value.problems[0].detail
        assert caught.value.problems[0].cause == "`git add --all -- …` failed with status 128."

    def test_no_hook_is_run(self, made: Project) -> None:
        hooked(made.root / ".git" / "hooks")
        made.write("new.txt", "x")
        Repository(made.root).working_tree()
        assert not Path(made.environ["HOME"], "hook-ran").exists()

    def test_a_linked_worktree(self, made: Project, tmp_path: Path) -> None:
        linked = tmp_path / "linked tree"
        made.git("worktree", "add", "--quiet", "-b", "other", str(linked))
        Project(linked, made.environ).write("new.txt", "x")
        before = fingerprint(made.root)
        found = Repository(linked)
        tree = found.working_tree()
        assert fingerprint(made.root) == before
        assert tree == committed(Project(linked, made.environ))
        assert Repository(made.root).working_tree() == Repository(made.root).head_tree, "the other is as it was"

    @posix_only
    @pytest.mark.parametrize("name", ["with space", "ü 漢", "co:lon", 'a"b:c', "trail[1]*"])
    def test_a_folder_of_any_name(self, make_project: Callable[..., Project], name: str) -> None:
        project = make_project(name, files={**FEW, "src/sample_pkg/core.py": "one\n"})
        project.write("new.txt", "x")
        found = Repository(project.root)
        assert found.working_tree() == committed(project)

    def test_hooks_variables_do_not_lead_elsewhere(self, made: Project) -> None:
        environ = {
            "GIT_DIR": "/elsewhere",
            "GIT_INDEX_FILE": "x",
            "GIT_WORK_TREE": "y",
            "PATH": "/bin",
            "GIT_SSH": "ssh",
        }
        forget_redirections(environ)
        assert environ == {"PATH": "/bin", "GIT_SSH": "ssh"}
        assert Repository(made.root).root == made.root


def hooked(folder: Path) -> None:
    """Hooks that leave a trace in the folder above .git, or in the home."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "post-checkout", "post-index-change",
             "reference-transaction", "pre-push", "post-rewrite", "pre-auto-gc", "update", "pre-receive")  # fmt: skip
    for name in names:
        hook = folder / name
        hook.write_bytes(f'#!/bin/sh\necho {name} >> "$HOME/hook-ran"\nexit 1\n'.encode())
        hook.chmod(0o755)


class TestRepository:
    def test_not_a_repository(self, tmp_path: Path) -> None:
        with pytest.raises(TowpathError) as caught:
            Repository(tmp_path)
        assert caught.value.problems[0].id == "not-a-repository"

    def test_no_commit(self, tmp_path: Path, environ: dict[str, str]) -> None:
        Project(tmp_path, environ).git("init", "--quiet")
        with pytest.raises(TowpathError) as caught:
            Repository(tmp_path)
        assert caught.value.problems[0].id == "no-commit"

    def test_a_branch_without_a_commit_beside_one_that_has(self, made: Project) -> None:
        made.git("checkout", "--quiet", "--orphan", "fresh")
        with pytest.raises(TowpathError) as caught:
            Repository(made.root)
        assert caught.value.problems[0].id == "no-commit"

    def test_no_git(self, made: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(TowpathError) as caught:
            Repository(made.root)
        assert caught.value.problems[0].id == "no-git"

    def test_a_bare_repository_is_none_to_work_in(self, made: Project, tmp_path: Path) -> None:
        made.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
        with pytest.raises(TowpathError) as caught:
            Repository(tmp_path / "bare.git")
        assert caught.value.problems[0].id == "not-a-repository"

    def test_gits_own_words_become_a_problem(self, made: Project) -> None:
        with pytest.raises(TowpathError) as caught:
            Git(made.root)("-c", "a.b=c", "checkout", "no-such-branch")
        problem = caught.value.problems[0]
        assert problem.id == "git-failed"
        assert problem.cause == "`git checkout no-such-branch …` failed with status 1."
        assert "did not match" in problem.detail

    def test_branch(self, made: Project) -> None:
        assert Repository(made.root).branch() == "main"
        made.git("checkout", "--quiet", "--detach")
        assert Repository(made.root).branch() is None

    def test_the_prefix(self, made: Project) -> None:
        made.write("a b/ü/x", "x")
        assert Repository(made.root).prefix == "."
        assert Repository(made.root / "a b" / "ü").prefix == "a b/ü"


class TestTags:
    def test_the_commit_of_a_tag(self, made: Project) -> None:
        repository = Repository(made.root)
        made.git("tag", "light")
        made.git("tag", "-a", "-m", "x", "heavy")
        made.git("tag", "-a", "-m", "x", "twice", "heavy")
        assert [repository.tag_commit(name) for name in ("light", "heavy", "twice")] == [repository.head] * 3

    def test_a_branch_or_another_thing_of_that_name_is_no_tag(self, made: Project) -> None:
        made.git("branch", "v1.0.0")
        made.git("tag", "on-a-tree", "HEAD^{tree}")
        repository = Repository(made.root)
        assert repository.tag_commit("v1.0.0") is None
        assert repository.tag_commit("on-a-tree") is None

    def test_subjects_since_a_tag(self, made: Project) -> None:
        made.git("tag", "v1")
        made.write("a", "a")
        made.commit("A")
        made.git("tag", "v2")
        repository = Repository(made.root)
        assert repository.subjects("v1", "HEAD") == ["A"]
        assert repository.subjects(None, "HEAD") == ["A", "Begin"]

    def test_on_a_remote(self, made: Project, tmp_path: Path) -> None:
        made.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
        made.git("remote", "add", "origin", str(tmp_path / "bare.git"))
        repository = Repository(made.root)
        assert repository.remote_tag("origin", "v1") is None
        repository.create_tag("v1", "Version 1")
        made.git("tag", "x/refs/tags/v1", "HEAD")
        made.git("tag", "light")
        repository.push("origin", ["refs/heads/main", "refs/tags/v1", "refs/tags/light", "refs/tags/x/refs/tags/v1"])
        assert made.git("cat-file", "-t", "v1") == "tag"
        assert repository.remote_tag("origin", "v1") == repository.head, "peeled"
        assert repository.remote_tag("origin", "light") == repository.head
        assert repository.remote_tag("origin", "v") is None
        assert repository.remote_tag("origin", "refs/tags/v1") is None

    def test_a_remote_that_cannot_be_asked_is_not_one_without_the_tag(self, made: Project, tmp_path: Path) -> None:
        made.git("remote", "add", "origin", str(tmp_path / "gone.git"))
        with pytest.raises(TowpathError) as caught:
            Repository(made.root).remote_tag("origin", "v1")
        assert caught.value.problems[0].id == "git-failed"

    def test_a_tag_is_never_moved(self, made: Project) -> None:
        Repository(made.root).create_tag("v1", "x")
        before = made.git("rev-parse", "v1")
        made.write("a", "a")
        made.commit("A")
        with pytest.raises(TowpathError):
            Repository(made.root).create_tag("v1", "x")
        assert made.git("rev-parse", "v1") == before

    def test_all_or_nothing_is_pushed(self, made: Project, tmp_path: Path) -> None:
        bare = tmp_path / "bare.git"
        made.git("clone", "--quiet", "--bare", ".", str(bare))
        made.git("clone", "--quiet", str(bare), str(tmp_path / "theirs"))
        theirs = Project(tmp_path / "theirs", made.environ)
        theirs.write("b", "b")
        theirs.commit("Theirs")
        theirs.git("push", "--quiet", "origin", "main")
        made.git("remote", "add", "origin", str(bare))
        made.write("a", "a")
        made.commit("Ours")
        repository = Repository(made.root)
        repository.create_tag("v1", "x")
        with pytest.raises(TowpathError) as caught:
            repository.push("origin", ["refs/heads/main:refs/heads/main", "refs/tags/v1"])
        assert caught.value.problems[0].id == "git-failed"
        assert repository.remote_tag("origin", "v1") is None


class TestThrowawayCheckout:
    def test_a_commit_without_the_work(self, made: Project) -> None:
        head = Repository(made.root).head
        worked_on(made)
        with throwaway.throwaway_checkout(Repository(made.root), head) as root:
            assert Repository(root).head == head
            assert not (root / "kept.txt").exists()
        assert not root.exists()

    def test_the_work_is_taken_along(self, made: Project) -> None:
        worked_on(made)
        source = Repository(made.root)
        before = fingerprint(made.root)
        with throwaway.throwaway_checkout(source) as root:
            assert Repository(root).head_tree == source.working_tree()
            assert (root / "untracked dir" / "ü 漢.txt").read_text() == "untracked"
            assert (root / "new staged.txt").read_text() == "staged only"
            assert not (root / "gone.txt").exists()
        assert fingerprint(made.root) == before

    def test_it_is_gone_after_an_error_too(self, made: Project) -> None:
        class OtherError(Exception):
            pass

        with pytest.raises(OtherError), throwaway.throwaway_checkout(Repository(made.root)) as root:
            raise OtherError
        assert not root.exists()


def shallow(made: Project, tmp_path: Path) -> Project:
    made.write("a", "a")
    made.commit("A")
    made.git("clone", "--quiet", "--depth", "1", made.root.as_uri(), str(tmp_path / "shallow"))
    return Project(tmp_path / "shallow", made.environ)


def worktree(made: Project, tmp_path: Path) -> Project:
    made.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    return Project(tmp_path / "linked", made.environ)


def borrowing(made: Project, tmp_path: Path) -> Project:
    made.git("clone", "--quiet", "--shared", ".", str(tmp_path / "borrowing"))
    return Project(tmp_path / "borrowing", made.environ)


def detached(made: Project, tmp_path: Path) -> Project:
    assert tmp_path
    made.git("checkout", "--quiet", "--detach")
    made.write("a", "a")
    made.commit("On no branch")
    return made


def oddly_named(made: Project, tmp_path: Path) -> Project:
    made.git("clone", "--quiet", ".", str(tmp_path / "ü 漢 (1)"))
    return Project(tmp_path / "ü 漢 (1)", made.environ)


KINDS = [shallow, worktree, borrowing, detached, oddly_named]


class TestClone:
    @pytest.mark.parametrize("kind", KINDS)
    def test_of_every_kind_of_repository(
        self, made: Project, tmp_path: Path, world: Path, kind: Callable[[Project, Path], Project]
    ) -> None:
        project = kind(made, tmp_path)
        project.write("staged.txt", "only in the index and the folder")
        project.git("add", "staged.txt")
        project.write("untracked.txt", "x")
        source = Repository(project.root)
        cloned = throwaway.clone(source, world, remote="upstream")
        assert (cloned.head, cloned.branch()) == (source.head, source.branch())
        after = throwaway.snapshot(source, cloned)
        assert after is not None
        assert after.head_tree == source.working_tree()
        assert (after.root / "staged.txt").read_text() == "only in the index and the folder"
        after.create_tag("v1", "x")
        heads = [f"refs/heads/{after.branch()}"] if after.branch() else []
        after.push("upstream", [*heads, "refs/tags/v1"])
        assert after.remote_tag("upstream", "v1") == after.head
        with throwaway.throwaway_checkout(source) as root:
            assert Repository(root).head_tree == source.working_tree()
        assert project.git("fsck", "--no-progress") is not None

    def test_nothing_to_take_along(self, made: Project, world: Path) -> None:
        source = Repository(made.root)
        assert throwaway.snapshot(source, throwaway.clone(source, world, remote="origin")) is None

    def test_a_project_in_a_folder(self, made: Project, world: Path) -> None:
        made.write("packages/ä b/x", "x")
        made.commit("More")
        cloned = throwaway.clone(Repository(made.root / "packages" / "ä b"), world, remote="origin")
        assert cloned.prefix == "packages/ä b"
        assert (cloned.folder / "x").exists()

    def test_the_source_is_left_as_it_was(self, made: Project, world: Path) -> None:
        worked_on(made)
        before = fingerprint(made.root)
        source = Repository(made.root)
        cloned = throwaway.clone(source, world, remote="origin")
        throwaway.snapshot(source, cloned)
        assert fingerprint(made.root) == before

    @posix_only
    def test_no_hook_is_run(self, made: Project, world: Path) -> None:
        home = Path(made.environ["HOME"])
        worked_on(made)
        hooked(made.root / ".git" / "hooks")
        hooked(home / "hooks")
        hooked(home / "template" / "hooks")
        for key, value in (("core.hooksPath", home / "hooks"), ("init.templateDir", home / "template")):
            Git(made.root)("config", "--global", key, str(value))
        ran = home / "hook-ran"
        ran.unlink(missing_ok=True)
        source = Repository(made.root)
        cloned = throwaway.clone(source, world, remote="origin")
        taken = throwaway.snapshot(source, cloned)
        assert taken is not None
        (taken.root / "bumped").write_text("x")
        bumped = throwaway.commit(taken, ["bumped"], "Bump")
        bumped.create_tag("v1", "x")
        bumped.push("origin", ["refs/heads/main", "refs/tags/v1"])
        with throwaway.throwaway_checkout(source):
            pass
        assert not ran.exists(), ran.read_text()

    def test_equal_content_has_equal_ids_whoever_and_whenever(
        self, made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        worked_on(made)
        source = Repository(made.root)

        def ids(folder: Path) -> tuple[str, str]:
            folder.mkdir()
            taken = throwaway.snapshot(source, throwaway.clone(source, folder, remote="origin"))
            assert taken is not None
            (taken.root / "bumped").write_text("x")
            return taken.head, throwaway.commit(taken, ["bumped"], "Bump\n\n# like a comment\n").head

        before = ids(tmp_path / "one")
        settings = {
            "user.name": "Somebody Else", "user.email": "else@example.org", "user.signingKey": "nothing",
            "commit.gpgSign": "true", "tag.gpgSign": "true", "i18n.commitEncoding": "ISO-8859-1",
            "commit.cleanup": "verbatim", "core.commentChar": ";", "commit.template": "nowhere", "core.abbrev": "4",
            "format.signOff": "true",
            "core.autocrlf": "false", "trailer.sign.key": "Signed", "core.quotePath": "false",
            "init.defaultBranch": "trunk",
        }  # fmt: skip
        for key, value in settings.items():
            made.git("config", "--global", key, value)
        for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
            monkeypatch.setenv(name, "other")
        monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T00:00:00 +0900")
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00 +0900")
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        assert ids(tmp_path / "two") == before

    def test_a_snapshot_is_after_its_parent(self, made: Project, world: Path) -> None:
        made.write("x", "x")
        source = Repository(made.root)
        taken = throwaway.snapshot(source, throwaway.clone(source, world, remote="origin"))
        assert taken is not None
        assert taken.commit_seconds() == source.commit_seconds() + 1
        assert taken.git.line("rev-parse", "HEAD^") == source.head


def test_a_project_in_a_folder_is_what_gets_installed(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[project]\nname = "a"\nversion = "1.0"\n'
    made.write("packages/a/pyproject.toml", text)
    made.commit("More")
    root = made.root / "packages" / "a"
    installed: list[Path] = []

    def install(_environment: object, arguments: list[str], **_options: object) -> None:
        folder, _, extras = arguments[0].partition("[")
        assert extras == "test]"
        assert (Path(folder) / "pyproject.toml").read_text() == text
        installed.append(Path(folder))

    monkeypatch.setattr("towpath.environments.environment.install", install)
    subject = Subject("a", "1.0", "", None)
    workspace: Any = SimpleNamespace(
        root=root, repository=Repository(root), environ=made.environ, settings=Settings(), subject=subject, tag="v1.0"
    )
    unused: Any = None
    tooling.install_project(workspace, unused, ["test"])
    assert [folder.parts[-2:] for folder in installed] == [("packages", "a")]


def test_what_only_info_exclude_ignores_is_ignored_in_the_clone(project: Project, tmp_path: Path) -> None:
    project.write(".git/info/exclude", "*.local\n")
    cloned = throwaway.clone(Repository(project.root), tmp_path / "world", remote="origin")
    before = cloned.working_tree()
    (cloned.folder / "left.local").write_text("x", encoding="utf-8")
    assert cloned.working_tree() == before
    (cloned.folder / "left.other").write_text("x", encoding="utf-8")
    assert cloned.working_tree() != before
