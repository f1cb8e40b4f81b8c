"""What a repository remembers: its tags, and the trees that they lead to.

A repository with thousands of tags is read with a handful of processes: one list of the tags, one long-lived
`git cat-file --batch` for all objects, one list of the branch.
"""

from __future__ import annotations

import posixpath
import re
import subprocess
import sys
from collections import OrderedDict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.repository.git import Repository

REMOTE_SECONDS = 30.0
_ENTRY_OF = {40: 20, 64: 32}  # characters of an id, and bytes of it inside a tree object
_FORMAT = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
_LINK = "120000"
_LONGEST_CHAIN = 5  # links that lead to links
_KEPT_TREES, _KEPT_FILES = 2048, 128
_LARGEST_KEPT = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class TagRef:
    """A tag: its name, the id of the tag itself, the commit that it leads to ("" if to something else)."""

    name: str
    id: str
    commit: str
    annotated: bool


@dataclass(frozen=True, slots=True)
class RemoteTag:
    """A tag as a remote has it; `commit` is what it leads to."""

    id: str
    commit: str


def tag_refs(repository: Repository) -> tuple[TagRef, ...]:
    """Every tag, by name."""
    lines = repository.git.lines("for-each-ref", f"--format={_FORMAT}", "refs/tags")
    return tuple(_tag(repository, *line.split("\0", 2)) for line in lines)


def remote_tags(repository: Repository, remote: str) -> dict[str, RemoteTag]:
    """Every tag of a remote, by name.

    Raises:
        TowpathError: `git-failed` if it cannot be asked, or does not answer within `REMOTE_SECONDS`.
    """
    found: dict[str, RemoteTag] = {}
    for line in _asked(repository, remote).splitlines():
        id_, _, ref = line.partition("\t")
        name = ref.removeprefix("refs/tags/")
        if name.endswith("^{}"):
            name = name.removesuffix("^{}")
            found[name] = RemoteTag(found[name].id, id_)
        else:
            found[name] = RemoteTag(id_, id_)
    return found


def first_parents(repository: Repository) -> Iterator[str]:
    """The commits that the current branch went through, the oldest first; what was merged into it is left out."""
    return iter(repository.git.lines("rev-list", "--first-parent", "--reverse", "HEAD"))


def is_shallow(repository: Repository) -> bool:
    """Whether the clone was cut off, so that tags and commits may be missing in it."""
    return repository.git.line("rev-parse", "--is-shallow-repository") == "true"


@contextmanager
def opened(repository: Repository) -> Iterator[Objects]:
    """The objects of a repository, read through one process that ends with the block."""
    from git import Git as Command  # late, as in git.py
    from git.exc import GitCommandError

    argv = ["git", "cat-file", "--batch"]
    process: Any = Command(repository.folder).execute(argv, as_process=True, istream=subprocess.PIPE)
    try:
        yield Objects(lambda name: _object(process, name))
    finally:
        with suppress(OSError, GitCommandError):  # an interrupt from the terminal has ended it already
            process.stdin.close()
            process.wait()
        process.stdout.close()
        process.stderr.close()


class Objects:
    """Trees and files by their ids; what was read lately is kept, since neighbouring versions share most of it."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._trees: _Kept[dict[str, tuple[str, str]]] = _Kept(_KEPT_TREES)
        self._files: _Kept[bytes] = _Kept(_KEPT_FILES)

    def tree(self, commit: str, prefix: str = ".") -> CommitTree:
        """The files of a commit, below a folder of the repository."""
        return CommitTree(self, commit, "" if prefix == "." else f"{prefix}/")

    def listing(self, id_: str) -> dict[str, tuple[str, str]]:
        """What a tree holds, by name: mode and id. `COMMIT^{tree}` is an id, too."""
        return self._trees.get(id_, lambda: _entries(self._read(id_), _ENTRY_OF[len(id_.partition("^")[0])]))

    def file(self, id_: str) -> bytes:
        """A file's bytes."""
        return self._files.get(id_, lambda: self._read(id_), keep=lambda data: len(data) < _LARGEST_KEPT)


@dataclass(frozen=True, slots=True)
class CommitTree:
    """The tree of a commit as rooms that know nothing of git read it: files by their posix path."""

    objects: Objects
    commit: str
    prefix: str

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None if there is no such file. A link is followed inside the repository."""
        return self._read(self.prefix + path, _LONGEST_CHAIN)

    def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in `folder` ("" is the root), sorted; none if there is no such folder."""
        return tuple(sorted(self._listing((self.prefix + folder).rstrip("/"))))

    def _read(self, path: str, links: int) -> bytes | None:
        folder, _, name = path.rpartition("/")
        mode, id_ = self._listing(folder).get(name, ("", ""))
        if mode == _LINK and links:
            target = posixpath.normpath(posixpath.join(folder, self.objects.file(id_).decode("utf-8", "replace")))
            return None if target.startswith(("/", "..")) else self._read(target, links - 1)
        return self.objects.file(id_) if mode.startswith("100") else None

    def _listing(self, folder: str) -> dict[str, tuple[str, str]]:
        found = self.objects.listing(f"{self.commit}^{{tree}}")
        for name in folder.split("/") if folder else ():
            mode, id_ = found.get(name, ("", ""))
            if mode not in {"40000", "040000"}:
                return {}
            found = self.objects.listing(id_)
        return found


_T = TypeVar("_T")


class _Kept(Generic[_T]):
    """The values that were asked for lately, at most so many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[str, _T] = OrderedDict()

    def get(self, key: str, make: Callable[[], _T], keep: Callable[[_T], bool] = lambda _: True) -> _T:
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value = make()
        if keep(value):
            self._values[key] = value
            if len(self._values) > self._limit:
                self._values.popitem(last=False)
        return value


def _object(process: Any, name: str) -> bytes:  # noqa: ANN401 - GitPython's wrapper passes Popen's attributes on
    """An object by its id. GitPython's own reader of this protocol knows no sha256 repositories."""
    process.stdin.write(f"{name}\n".encode())
    process.stdin.flush()
    header = process.stdout.readline().decode("utf-8", "replace").split()
    if not header or not header[-1].isdigit():
        raise errors.GIT_FAILED.error(command="cat-file --batch", status=0, detail=" ".join(header))
    data: bytes = process.stdout.read(int(header[-1]))
    process.stdout.readline()
    return data


def _entries(data: bytes, id_bytes: int) -> dict[str, tuple[str, str]]:
    found = re.findall(rb"(\d+) ([^\0]+)\0(.{%d})" % id_bytes, data, re.DOTALL)
    return {name.decode("utf-8", "surrogateescape"): (mode.decode(), id_.hex()) for mode, name, id_ in found}


def _tag(repository: Repository, ref: str, kind: str, ids: str) -> TagRef:
    name = ref.removeprefix("refs/tags/")
    id_, inner_kind, inner = ids.split("\0")
    if kind == "commit":
        return TagRef(name, id_, id_, annotated=False)
    if inner_kind == "tag":  # a tag of a tag: git before 2.45 peels one layer
        return TagRef(name, id_, repository.tag_commit(name) or "", annotated=True)
    return TagRef(name, id_, inner if inner_kind == "commit" else "", annotated=kind == "tag")


def _asked(repository: Repository, remote: str) -> str:
    from git import Git as Command
    from git.exc import GitCommandError

    # GitPython cannot end a command by time on Windows; git's own limits hold there.
    limit = None if sys.platform == "win32" else REMOTE_SECONDS
    quiet = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "LANGUAGE": ""}
    try:
        command = Command(repository.folder)
        argv = ["git", "ls-remote", "--tags", remote]
        return str(command.execute(argv, env=quiet, kill_after_timeout=limit))
    except GitCommandError as error:
        words = str(error.stderr).strip().removeprefix("stderr: ").strip("' \n")
        failed = errors.GIT_FAILED.error(command=f"ls-remote --tags {remote}", status=error.status, detail=words)
        raise failed from None
