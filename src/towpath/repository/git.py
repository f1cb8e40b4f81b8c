"""Reading a repository, tagging and pushing.

GitPython is in maintenance mode, so no other room imports it. It is used for running git and for nothing
clever: an object model of our own would have to be kept in step with git's.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import string
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

# Set by git around hooks and aliases; inherited, they would point every command at another repository.
REDIRECTING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
PUSH_SECONDS = 1800.0  # a hook before the push may run a whole test suite; a dead connection ends at some time
_AT_ONCE = 500  # paths in one command
_FULL_DISK = ("No space left on device", "Out of diskspace", "Disk quota exceeded")
# Without optional locks, reading the state of the working folder does not rewrite the index on the side.
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "LANGUAGE": "", "GIT_OPTIONAL_LOCKS": "0"}
# Reading runs no hook of the user's, believes nobody who says that a file is unchanged, and never fails for the sake of
# line endings.
_READING = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "core.safecrlf=false")


def forget_redirections(environ: MutableMapping[str, str]) -> None:
    """Remove what git sets around hooks, for this process and its children."""
    for name in REDIRECTING:
        environ.pop(name, None)


@dataclass(frozen=True, slots=True)
class Git:
    """git in one folder."""

    folder: Path

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None, seconds: float | None = None) -> str:
        """Run a git command and return what it printed. Raises git-failed with git's own words.

        `seconds` is how long it may take, where git itself would wait for ever.
        """
        from git import Git as Command  # late: importing GitPython costs 50 ms
        from git.exc import GitCommandError, GitCommandNotFound

        try:
            limit = None if sys.platform == "win32" else seconds  # GitPython cannot end a command there
            variables = {**_QUIET, **(env or {})}
            output = Command(self.folder).execute(["git", *arguments], env=variables, kill_after_timeout=limit)
        except GitCommandNotFound:
            raise errors.NO_GIT.error() from None
        except GitCommandError as error:
            words = str(error.stderr).strip().removeprefix("stderr: ").strip("' \n")
            if any(sign in words for sign in _FULL_DISK):
                raise errors.NO_SPACE.error(doing=f"run git {_named(arguments)}", detail=words) from None
            raise errors.GIT_FAILED.error(command=_named(arguments), status=error.status, detail=words) from None
        return str(output)

    def line(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """The same, for commands that print one line."""
        return self(*arguments, env=env).strip()

    def lines(self, *arguments: str) -> list[str]:
        """The same, as lines."""
        return self(*arguments).splitlines()


class Repository:
    """A repository with at least one commit; `folder` is the project's folder inside it.

    `root` is where its working folder begins, `head` HEAD's commit and `head_tree` that commit's tree, `git_folder`
    where git keeps what belongs to this working folder: its index, HEAD and locks. `objects` is the folder of its
    objects, `exclusions` its own list of ignored files.
    """

    def __init__(self, folder: Path) -> None:
        """Open it. Raises not-a-repository and no-commit."""
        self.folder = folder
        self.git = Git(folder)
        self._marks: tuple[tuple[int, ...], tuple[str, ...]] | None = None  # of which index, and what it has
        with contextlib.suppress(errors.TowpathError):
            self._open()
            return
        # What failed of the two is told apart only where something did.
        try:
            self.root = Path(self.git.line("rev-parse", "--show-toplevel"))
        except errors.TowpathError as error:
            if error.problems[0].id != errors.GIT_FAILED.id:
                raise
            words = error.problems[0].detail
            kind = errors.FOREIGN_REPOSITORY if "dubious ownership" in words else errors.NOT_A_REPOSITORY
            raise kind.error(folder=folder, detail=words) from None
        try:
            self.head = self.git.line("rev-parse", "--verify", "HEAD^{commit}")
        except errors.TowpathError:
            raise errors.NO_COMMIT.error(folder=folder) from None
        self._open()

    def _open(self) -> None:
        """Everything in one call: each costs some milliseconds, and every gate opens its repository anew."""
        paths = ("--git-path", "objects", "--git-path", "info/exclude")
        asked = ("--show-toplevel", "--absolute-git-dir", *paths, "HEAD^{commit}", "HEAD^{tree}")
        root, git_folder, objects, exclusions, self.head, self.head_tree = self.git.lines("rev-parse", *asked)
        self.root, self.git_folder = Path(root), Path(git_folder)
        self.objects, self.exclusions = (Path(self.folder, path).resolve() for path in (objects, exclusions))

    @property
    def prefix(self) -> str:
        """The project's folder relative to the repository's root, `.` where they are the same."""
        return Path(os.path.relpath(self.folder.resolve(), self.root.resolve())).as_posix()

    @cached_property
    def filters(self) -> tuple[str, ...]:
        """The filters of its own configuration (git LFS installed for it alone), each as `key=value`."""
        try:
            listed = self.git.lines("config", "--local", "--get-regexp", r"^filter\.")
        except errors.TowpathError:
            return ()  # none is configured
        return tuple(line.replace(" ", "=", 1) for line in listed)

    def commit_seconds(self, commit: str = "HEAD") -> int:
        """The committer's date, in seconds since 1970."""
        return int(self.git.line("show", "-s", "--format=%ct", commit))

    def branch(self) -> str | None:
        """The current branch; None where HEAD is detached."""
        name = self.git.line("branch", "--show-current")
        return name or None

    def working_tree(self, objects: Path | None = None) -> str:
        """The id of the tree that the working folder would be committed as, `dist/` and bytecode left out.

        Untracked files count, ignored ones do not. Neither the index nor the object store is touched: both are
        replaced for the time of the call (`objects` takes the new objects instead, if given).
        """
        if self._is_clean():
            return self.head_tree
        with tempfile.TemporaryDirectory(prefix="towpath-index-") as temporary:
            index = Path(temporary, "index")
            with contextlib.suppress(FileNotFoundError):
                # With its date: a file that was changed right after the index was written is told by that alone.
                shutil.copy2(self.git_folder / "index", index)
            fresh = objects or Path(temporary, "objects")
            fresh.mkdir(exist_ok=True)
            env = {
                "GIT_INDEX_FILE": str(index),
                "GIT_OBJECT_DIRECTORY": str(fresh),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": _listed(self.objects),
            }
            self._look_at_every_file(env)
            Git(self.root)(*_READING, "add", "--all", "--", ".", *self._left_out(), env=env)
            return self.git.line(*_READING, "write-tree", env=env)

    def _is_clean(self) -> bool:
        """Whether git has nothing to say about any file: then the working folder is HEAD's tree, in one look."""
        options = ("--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--ignore-submodules=dirty")
        said = Git(self.root)(*_READING, "status", *options, "--untracked-files=normal").split("\0")
        others = [line for line in said if line and not line.startswith("# ")]
        return not others and f"# branch.oid {self.head}" in said and not self._marked()

    def _marked(self) -> tuple[str, ...]:
        """The files that git was told not to look at, each after its mark; asked again only of another index."""
        with contextlib.suppress(FileNotFoundError):
            index = (self.git_folder / "index").stat()
            now = (index.st_mtime_ns, index.st_size, index.st_ino)
            if self._marks is None or self._marks[0] != now:
                self._marks = (now, self._asked_for_marks())
            return self._marks[1]
        return ()

    def _asked_for_marks(self, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
        listed = Git(self.root)("ls-files", "-v", "-z", env=env).split("\0")
        return tuple(line for line in listed if line and not line.startswith("H "))

    def _look_at_every_file(self, env: Mapping[str, str]) -> None:
        """Take the marks away by which git was told not to look at a file that is there.

        What gates run on is the file, whatever git was told. A file that a sparse checkout leaves out stays out.
        """
        git = Git(self.root)
        marked = self._asked_for_marks(env)
        for option, tags in (("--no-assume-unchanged", string.ascii_lowercase), ("--no-skip-worktree", "Ss")):
            paths = [line[2:] for line in marked if line[0] in tags and os.path.lexists(self.root / line[2:])]
            for start in range(0, len(paths), _AT_ONCE):
                git(*_READING, "update-index", option, "--", *paths[start : start + _AT_ONCE], env=env)

    def changed_paths(self, before: str, after: str) -> list[str]:
        """What differs between HEAD's tree `before` and the working folder, as git names it."""
        if before == after:
            return []
        options = ["--porcelain", "--untracked-files=all"]
        return [line[3:] for line in Git(self.root).lines("status", *options, "--", ".", *self._left_out())]

    def tracked(self, folder: str) -> list[str]:
        """The files that git tracks in a folder below the project's."""
        return self.git.lines("ls-files", "--", f":(literal){folder}")

    def tags(self) -> list[str]:
        """Every tag's name."""
        return self.git.lines("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags")

    def tags_on(self, commit: str) -> list[str]:
        """The names of the tags that lead to a commit."""
        return self.git.lines("tag", "--points-at", commit)

    def tag_commit(self, tag: str) -> str | None:
        """The commit that a local tag leads to; None if there is no such tag."""
        try:
            return self.git.line("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}")
        except errors.TowpathError:
            return None

    def tag_id(self, tag: str) -> str:
        """The id of a local tag itself; "" if there is none."""
        try:
            return self.git.line("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}")
        except errors.TowpathError:
            return ""

    def subjects(self, since: str | None, until: str) -> list[str]:
        """The subject lines of the commits after `since` up to `until`, newest first, merges left out."""
        span = f"{since}..{until}" if since else until
        return self.git.lines("log", "--no-merges", "--format=%s", span)

    def remote_url(self, remote: str) -> str | None:
        """Where a remote is; None if it is not configured."""
        try:
            return self.git.line("remote", "get-url", "--push", remote)
        except errors.TowpathError:
            return None

    def remote_tag(self, remote: str, tag: str) -> str | None:
        """The commit that a tag on the remote leads to (annotated ones peeled); None if it is not there."""
        found: dict[str, str] = {}
        where = self.remote_url(remote) or remote  # the place that is pushed to, where that is another one
        for line in self.git.lines("ls-remote", "--tags", where, f"refs/tags/{tag}", f"refs/tags/{tag}^{{}}"):
            commit, _, ref = line.partition("\t")
            found[ref] = commit
        return found.get(f"refs/tags/{tag}^{{}}") or found.get(f"refs/tags/{tag}")

    def create_tag(self, tag: str, message: str) -> None:
        """An annotated tag on HEAD, signed where git is configured so. It never moves one."""
        self.git("tag", "--annotate", "--message", message, tag, self.head)

    def is_annotated(self, tag: str) -> bool:
        """Whether a local tag is an object of its own."""
        return self.git.line("cat-file", "-t", f"refs/tags/{tag}") == "tag"

    def delete_unpushed_tag(self, tag: str) -> None:
        """Take back a tag of ours whose push was refused; the remote has never seen it."""
        self.git("tag", "--delete", tag)

    def push(self, remote: str, refspecs: Sequence[str]) -> None:
        """Push all of them or none. Raises git-failed with the remote's own words."""
        # Nothing but what was asked for, whatever push.followTags and its like say.
        options = ("--atomic", "--porcelain", "--no-follow-tags", "--recurse-submodules=no")
        self.git("push", *options, remote, *refspecs, seconds=PUSH_SECONDS)

    def _left_out(self) -> tuple[str, ...]:
        """What is never the project's content, whether it is ignored or not: it comes and goes with every run."""
        above = "" if self.prefix == "." else re.sub(r"[*?\[\\]", r"\\\g<0>", self.prefix) + "/"
        # The brackets keep git from taking it for a path that was named: it refuses named paths that are ignored.
        dist = re.sub("[a-z]", r"[\g<0>]", above, count=1) + "[d]ist/**"
        return f":(top,exclude,glob){dist}", ":(top,exclude,glob)**/__pycache__/**"


def _named(arguments: Sequence[str]) -> str:
    """The command itself, without the settings before it."""
    words = list(arguments)
    while words and words[0] == "-c":
        del words[:2]
    return " ".join(words[:3])


def _listed(store: Path) -> str:
    """A folder as git takes it in a list of folders, also where its name holds what separates them."""
    text = str(store)
    if os.pathsep not in text and not text.startswith('"'):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
