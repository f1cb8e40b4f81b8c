"""Throw-away clones: a checkout to build in, and the whole world of a rehearsal.

Nothing of the user's repository is written: not its index, refs, stash, configuration or object store.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from towpath.repository.git import Git, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A fixed author and a date that follows from the parent: equal content has an equal commit id, so that the
# evidence of one rehearsal serves the next.
_WHO = {
    "GIT_AUTHOR_NAME": "towpath rehearsal",
    "GIT_AUTHOR_EMAIL": "rehearsal@towpath.invalid",
    "GIT_COMMITTER_NAME": "towpath rehearsal",
    "GIT_COMMITTER_EMAIL": "rehearsal@towpath.invalid",
}
_SETTINGS = {
    "user.name": _WHO["GIT_AUTHOR_NAME"],
    "user.email": _WHO["GIT_AUTHOR_EMAIL"],
    "commit.gpgSign": "false",  # a rehearsal reads no real credential, a signing key included
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
    "core.hooksPath": os.devnull,
    "protocol.file.allow": "always",
    "core.fsmonitor": "false",  # its daemon would outlive the clone
    "maintenance.auto": "false",
    "gc.auto": "0",
    "commit.cleanup": "whitespace",  # these two would be written into the commit
    "i18n.commitEncoding": "utf-8",
}
_ALLOWED = "protocol.file.allow=always"
_CLONING = (
    *("--quiet", "--shared", "--template="),
    *(word for key, value in _SETTINGS.items() for word in ("--config", f"{key}={value}")),
)


@contextlib.contextmanager
def throwaway_checkout(source: Repository, commit: str | None = None) -> Iterator[Path]:
    """A checkout of that commit, or of HEAD with the uncommitted work, gone afterwards. Yields its root.

    It borrows the repository's objects, so it costs no more than writing the files.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as temporary:
        checkout = Path(temporary).resolve() / _plain(source.root.name)
        source.git(
            "-c", _ALLOWED, "clone", *_CLONING, *_filters(source), "--no-checkout", str(source.root), str(checkout)
        )
        _take_exclusions(source, checkout)
        Git(checkout)("checkout", "--quiet", "--detach", commit or source.head)
        if commit is None:
            snapshot(source, Repository(checkout))
        yield checkout


def clone(source: Repository, folder: Path, *, remote: str) -> Repository:
    """Make a bare repository and a clone of it whose `remote` it is, with HEAD and the branch as in the source."""
    origin, checkout = folder / "remote.git", folder / _plain(source.root.name)
    source.git("-c", _ALLOWED, "clone", *_CLONING, "--bare", str(source.root), str(origin))
    cloning = (*_CLONING, *_filters(source), "--no-checkout", "--origin", remote)
    source.git("-c", _ALLOWED, "clone", *cloning, str(origin), str(checkout))
    cloned = Git(checkout)
    branch = source.branch()
    where = ["-B", branch] if branch else ["--detach"]
    cloned("checkout", "--quiet", *where, source.head)
    _take_exclusions(source, checkout)
    return Repository(checkout / source.prefix)


def _plain(name: str) -> str:
    """A folder's name without what installers and test runners read as more than a name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def _filters(source: Repository) -> list[str]:
    """The filters of the repository's own configuration (git LFS installed for it alone), as options of a clone."""
    return [word for line in source.filters for word in ("--config", line)]


def _take_exclusions(source: Repository, cloned: Path) -> None:
    """What only `.git/info/exclude` ignores is ignored in the clone too."""
    with contextlib.suppress(FileNotFoundError):
        text = source.exclusions.read_bytes()
        (cloned / ".git" / "info").mkdir(exist_ok=True)
        (cloned / ".git" / "info" / "exclude").write_bytes(text)


def snapshot(source: Repository, cloned: Repository) -> Repository | None:
    """Take the uncommitted work of the source along as a commit of the clone; None if there is none."""
    objects = cloned.root / ".git" / "objects"
    _borrow(source, objects)
    tree = source.working_tree(objects)
    if tree == source.head_tree:
        return None
    message = "Snapshot of uncommitted work, made by towpath for a rehearsal"
    commit = cloned.git.line("commit-tree", tree, "-p", "HEAD", "-m", message, env=_identity(cloned))
    cloned.git("reset", "--quiet", "--hard", commit)
    return Repository(cloned.folder)


def commit(cloned: Repository, paths: Sequence[str], message: str) -> Repository:
    """Commit the named files, as the project's own bump would, with the rehearsal's author and date."""
    if paths:
        cloned.git("--literal-pathspecs", "add", "--", *paths)
    options = ("--quiet", "--no-verify", "--allow-empty", "--message", message)
    cloned.git("commit", *options, env=_identity(cloned))
    return Repository(cloned.folder)


def _borrow(source: Repository, objects: Path) -> None:
    """Let the clone see all objects of the source: staged ones, and those of a shallow clone, which git copies."""
    alternates = objects / "info" / "alternates"
    known = alternates.read_text(encoding="utf-8") if alternates.exists() else ""
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_bytes(f"{known}{source.objects}\n".encode())


def _identity(cloned: Repository) -> dict[str, str]:
    date = f"{cloned.commit_seconds() + 1} +0000"
    return {**_WHO, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
