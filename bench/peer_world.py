"""The world around a project that is released, and what has become of both: for peers.py."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from peer_project import CHANGED, LEFT, NAME, NEW, OLD, STALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from towpath.index.twin import Twin

LIMIT_SECONDS = 1800
WITNESS = "PEERS_WITNESS"


@dataclass
class World:
    """A project with its remote and its index, and the environment of everything that is run there."""

    folder: Path
    inherited: Mapping[str, str]
    twin: Twin
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def witness(self) -> Path:
        return self.folder / "witness"

    @property
    def environ(self) -> dict[str, str]:
        return {**self.inherited, **self.more, WITNESS: str(self.witness)}

    def git(self, *words: str, cwd: Path | None = None) -> str:
        return _git(self.environ, cwd or self.project, *words)

    def run(self, command: Sequence[str], *, terminal: bool = False) -> tuple[int, str]:
        """Run a command to its end, without anybody to ask or in a terminal; returns how it ended and what it said."""
        if terminal:
            return in_terminal(command, self.project, self.environ)
        try:
            done = subprocess.run(
                command,
                cwd=self.project,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise SystemExit(str(late)) from late  # that it was stopped would not be true
        return done.returncode, done.stdout


def in_terminal(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> tuple[int, str]:
    """Run a command in a terminal, and answer what it asks with yes."""
    import pty  # not on Windows

    child, master = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.execvpe(command[0], command, environ)  # noqa: S606 - a shell is not wanted
    said = b""
    with os.fdopen(master, "r+b", buffering=0) as terminal:
        while part := _read(terminal):
            said += part
            if part.rstrip().endswith(b"[Y/n]"):
                terminal.write(b"y\n")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode(errors="replace")


def _read(terminal: BinaryIO) -> bytes:
    try:
        return terminal.read(65536)
    except OSError:  # its end, on Linux
        return b""


def _git(environ: Mapping[str, str], cwd: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=cwd, env=environ, check=True, capture_output=True, encoding="utf-8", errors="replace"
    )
    return done.stdout.strip()


@dataclass(frozen=True)
class Seen:
    """What there is: here, on the remote and on the index."""

    head: str
    tags: frozenset[str]
    edited: str
    remote_head: str
    remote_tags: frozenset[str]
    files: Mapping[str, bytes]


def look(world: World) -> Seen:
    """The state of the world at this moment."""
    return Seen(
        world.git("rev-parse", "HEAD"),
        frozenset(world.git("tag", "--list").split()),
        world.git("status", "--porcelain"),
        world.git("rev-parse", "main", cwd=world.remote),
        frozenset(world.git("tag", "--list", cwd=world.remote).split()),
        dict(_published(world.twin)),
    )


def _published(twin: Twin) -> Iterator[tuple[str, bytes]]:
    project = twin.state.project(NAME)
    for release in project.releases if project else ():
        for file in release.files:
            if f"-{NEW}" in file.filename:
                yield file.filename, _content(twin.folder, file.path)


def _content(folder: Path, path: str) -> bytes:
    return next(found for found in folder.rglob(Path(path).name) if found.as_posix().endswith(path)).read_bytes()


def uploads(world: World) -> list[float]:
    """When the files of the new version were taken, in Unix seconds and in order."""
    project = world.twin.state.project(NAME)
    files = [file for release in project.releases for file in release.files] if project else []
    return sorted(file.uploaded for file in files if f"-{NEW}" in file.filename)


def witnessed(world: World) -> list[tuple[str, float, str]]:
    """Each run of the tests and import of the package: which of both, when, and of which file."""
    lines = world.witness.read_text(encoding="utf-8").splitlines() if world.witness.exists() else []
    found = [line.split(" ", 2) for line in lines]
    return [(what, float(when), where) for what, when, where in found]


def told(world: World, before: Seen, after: Seen) -> str:
    """What has become of the release, in few words."""
    added = {name: data for name, data in after.files.items() if before.files.get(name) != data}
    pushed = sorted(after.remote_tags - before.remote_tags)
    wheel, sdist = (any(name.endswith(end) for name in added) for end in (".whl", ".tar.gz"))
    if wheel and sdist and pushed:
        return f"**published**{_of_the_files(world, added, pushed[-1])}"
    shared = [f"{len(added)} of 2 files on the index"] * bool(added)
    shared += ["the tag is pushed"] * bool(pushed)
    shared += ["the commit is pushed"] * (after.remote_head != before.remote_head and not pushed)
    here = ["a commit"] * (after.head != before.head) + ["a tag"] * bool(after.tags - before.tags)
    here += ["edited files"] * (after.edited != before.edited and after.head == before.head)
    if shared:
        return f"**half way**: {', '.join(shared)}"
    return f"stopped; left here: {', '.join(here)}" if here else "stopped, nothing changed"


def _of_the_files(world: World, added: Mapping[str, bytes], tag: str) -> str:
    """Whether the published files are of the commit that was tagged, and what is wrong in them."""
    members = [_members(name, data) for name, data in sorted(added.items())]
    wrong: list[str] = []
    for one in members:
        text = one.get(f"{NAME}/__init__.py", b"").decode()
        if f'"{NEW}"' not in text:
            wrong.append(f"`__version__` is {STALE if STALE in text else OLD}")
        if f"{NAME}/{LEFT}.py" in one:
            wrong.append("with the untracked file")
        if CHANGED.encode() in one.get(f"{NAME}/module_0.py", b""):
            committed = CHANGED in world.git("show", f"{tag}:src/{NAME}/module_0.py", cwd=world.remote)
            wrong.append("the change is in it, and in the commit" if committed else "the change is in no commit")
        elif CHANGED in world.git("diff"):
            wrong.append("without the change")
    return "".join(f", {what}" for what in dict.fromkeys(wrong))


def _members(name: str, data: bytes) -> dict[str, bytes]:
    """The package's own modules in a distribution, by their path from the package on."""
    if name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            return {member: wheel.read(member) for member in wheel.namelist() if member.endswith(".py")}
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as sdist:
        for member in sdist:
            content = sdist.extractfile(member) if "/src/" in member.name and member.name.endswith(".py") else None
            if content:
                found[member.name.partition("/src/")[2]] = content.read()
    return found


def environment(folder: Path) -> dict[str, str]:
    """A home and caches of its own, and none of this machine's configuration of git and of the tools."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    who = {f"GIT_{role}_{what}": "bench@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    skipped = ("GIT_", "NOX", "TOWPATH", "TWINE", "UV_CACHE", "HATCH_", "GITHUB_", "PYTHON", "VIRTUAL_ENV")
    inherited = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith(skipped)}
    own = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PIP_CACHE_DIR": str(folder / "pip-cache"),
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "TOWPATH_CACHE_DIR": str(folder / "towpath-cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    return {**inherited, **who, **own}


def versions(python: Path, names: Sequence[str]) -> dict[str, str]:
    """The installed version of each distribution."""
    code = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    done = subprocess.run([python, "-I", "-c", code, *names], check=True, capture_output=True, encoding="utf-8")
    return dict(json.loads(done.stdout))
