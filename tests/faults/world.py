"""The world of the fault matrix: a proven project, its remote, two twins and a forge, put back before every run."""

from __future__ import annotations

import hashlib
import json
import random
import shlex
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faults.faulty import FaultyForge, FaultyIssuer, Ordered, Orders
from universe import PRE_TARGET_GATES, PYPROJECT, Project, hermetic_environment

from towpath.evidence.pack import read_pack
from towpath.forge import double
from towpath.index.twin import Fault, Twin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faults.matrix import Case, Place

WORLD_GATES = ("tag", "publish-test", "publish", "verify-published", "github-release")
TAG, NAME = "v1.0.0", "sample-pkg"
PACK = "sample_pkg-1.0.0.evidence.zip"
SSH = shlex.join([sys.executable, "-I", "-S", str(Path(__file__).with_name("ssh.py"))])
_GONE = 'rm -- "$0"\n'
_CONFIGURED = f"""{PYPROJECT}
[tool.towpath]
publish.index = "main"
publish.patience = 3
publish-test.index = "staging"
publish-test.patience = 3
verify-published.wait = 1
github-release.repository = "ada/sample"
github-release.api-url = "{{forge}}"
[tool.towpath.index.main]
upload-url = "{{main}}/legacy/"
simple-url = "{{main}}/simple/"
[tool.towpath.index.staging]
upload-url = "{{staging}}/legacy/"
simple-url = "{{staging}}/simple/"
"""


@dataclass(frozen=True)
class Walked:
    """How a walk ended: the gates that opened, the one that did not, and why; `points` are those that it passed."""

    opened: tuple[str, ...]
    closed: str
    problems: tuple[str, ...]
    causes: tuple[str, ...]
    points: tuple[str, ...]
    told: tuple[str, ...]
    killed: bool

    @property
    def done(self) -> bool:
        return not self.killed and not self.closed


@dataclass
class Lab:
    """Everything that is made once: the servers' places, the walker, and the world as it is before each gate."""

    folder: Path
    environ: Mapping[str, str]
    issuer: FaultyIssuer
    ports: Mapping[str, int]
    walker: subprocess.Popen[str]
    forge: FaultyForge
    staged: dict[str, Path] = field(default_factory=dict)

    @property
    def here(self) -> Path:
        """Where the world of the moment lies: always in the same place, so that nothing that is sealed moves."""
        return self.folder / "world"

    @property
    def names(self) -> dict[str, str]:
        """The servers' names by host and port, for the names of points."""
        forge = self.forge.address.api_url.rpartition(":")[2]
        ports = {**{name: str(port) for name, port in self.ports.items()}, "forge": forge}
        ports["issuer"] = self.issuer.url.rpartition(":")[2]
        return {f"127.0.0.1:{port}": name for name, port in ports.items()}

    @contextmanager
    def world(self, before: str = "tag") -> Iterator[World]:
        """A fresh world in which every gate before this one has opened."""
        source = self.stage(before)
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(source, self.here, symlinks=True)
        with self._served() as world:
            yield world

    def stage(self, before: str) -> Path:
        """The world as it is before a gate; made when it is first asked for."""
        if before not in self.staged:
            made = self.folder / "stages" / before
            reached = WORLD_GATES.index(before)
            with self.world(WORLD_GATES[reached - 1]) as world:
                walked = world.walk(WORLD_GATES[reached - 1 : reached])
                assert walked.done, walked
            shutil.copytree(self.here, made, symlinks=True)
            self.staged[before] = made
        return self.staged[before]

    @contextmanager
    def _served(self) -> Iterator[World]:
        state = self.here / "forge"
        shutil.rmtree(self.forge.folder, ignore_errors=True)
        shutil.copytree(state, self.forge.folder)
        with ExitStack() as stack:
            twins = {
                name: stack.enter_context(Twin.serve(self.here / name, name, issuer=self.issuer, port=port))
                for name, port in self.ports.items()
            }
            world = World(self, twins["main"], twins["staging"], self.forge)
            stack.callback(world.heal)
            yield world
        shutil.rmtree(state)
        shutil.copytree(self.forge.folder, state)

    def order(self, walks: Sequence[Mapping[str, Any]]) -> list[Walked]:
        """Have walks walked at the same time; returns when all of them have ended."""
        assert self.walker.stdin is not None
        assert self.walker.stdout is not None
        self.walker.stdin.write(json.dumps(walks) + "\n")
        self.walker.stdin.flush()
        return [_read(ended) for ended in json.loads(self.walker.stdout.readline())]


def _read(ended: Mapping[str, Any]) -> Walked:
    listed = {name: tuple(ended.get(name, ())) for name in ("opened", "problems", "causes", "points", "told")}
    assert ended["signal"] or "closed" in ended, ended
    return Walked(closed=ended.get("closed", ""), killed=ended["signal"] == 9, **listed)


@dataclass(frozen=True)
class World:
    """The world of one run."""

    lab: Lab
    main: Twin
    staging: Twin
    forge: FaultyForge

    @property
    def remote(self) -> Path:
        return self.lab.here / "remote.git"

    @property
    def project(self) -> Project:
        return Project(self.lab.here / "project", self.lab.environ)

    def cloned(self, name: str) -> Project:
        """Another folder with the same commit and the same evidence, as somebody else may have it."""
        folder = self.lab.here / name
        shutil.copytree(self.project.root, folder, symlinks=True)
        return Project(folder, self.lab.environ)

    def rival(self) -> Project:
        """Another folder with another commit of the same version, all gates before tag proven."""
        kept = self.lab.folder / "stages" / "rival"
        if not kept.exists():
            project = self.cloned("rival")
            project.write("src/sample_pkg/more.py", "MORE = 1\n")
            project.commit("More")
            _prove(project)
            shutil.move(project.root, kept)
        shutil.copytree(kept, self.lab.here / "rival", symlinks=True)
        return Project(self.lab.here / "rival", self.lab.environ)

    def public(self) -> tuple[object, ...]:
        """All that others see."""
        releases = [(one["id"], one["draft"], self._files(one)) for one in self.forge.releases]
        return self.refs(), self.main.files(NAME), self.staging.files(NAME), releases

    def walk(self, gates: Sequence[str] = WORLD_GATES, **orders: Any) -> Walked:
        """One walk of these gates, in a process of its own."""
        (walked,) = self.lab.order([self.ordered(gates, **orders)])
        return walked

    def ordered(self, gates: Sequence[str] = WORLD_GATES, root: Path | None = None, **orders: Any) -> dict[str, Any]:
        """The order for a walk, to be given to the walker."""
        root = root or self.project.root
        result = self.lab.here / f"{root.name}.result"
        result.unlink(missing_ok=True)
        named = {"root": str(root), "result": str(result), "gates": list(gates), "environ": self.environ}
        if root != self.project.root:
            named["environ"] = {**self.environ, "GIT_COMMITTER_NAME": "Bob"}  # else tags of one second are the same
        return {**named, "names": self.lab.names, **orders}

    @property
    def environ(self) -> dict[str, str]:
        """What a walk is given."""
        environ = {**self.lab.environ, **self.lab.issuer.environment, "GITHUB_TOKEN": self.forge.token}
        environ |= {"UV_CACHE_DIR": str(self.lab.here / "uv-cache"), "UV_DEFAULT_INDEX": self.main.simple_url}
        environ |= {"UV_HTTP_TIMEOUT": "3", "UV_HTTP_RETRIES": "1"}
        environ |= {"GIT_SSH_COMMAND": SSH, "GIT_SSH_VARIANT": "ssh", "TOWPATH_FAULTS_SSH": str(self.ssh_orders)}
        return environ

    @property
    def ssh_orders(self) -> Path:
        return self.lab.here / "ssh.json"

    def arm(self, case: Case) -> None:
        """Order what a case says."""
        place, times = case.place, None if case.always else 1
        if place.server in self.lab.ports:
            twin = self.main if place.server == "main" else self.staging
            twin.faults.add(*(_twin_fault(kind, place, times) for kind in case.kind.split("+")))
        elif place.server == "git":
            self._break_git(case, times)
        elif case.kind == "half":
            often = 10**6 if case.always else 1
            self.forge.faults.append(_After(place.after, "POST", "/assets?", 502, half=True, times=often))
        else:
            orders = self.forge.orders if place.server == "forge" else self.lab.issuer.orders
            orders.add(Ordered(case.kind, place.on, place.after, times))

    def _break_git(self, case: Case, times: int | None) -> None:
        if case.kind == "refused-by-hook":
            hook = self.remote / "hooks" / "pre-receive"
            hook.write_text(f"#!/bin/sh\necho by order >&2\ntouch struck\n{'' if times is None else _GONE}exit 1\n")
            hook.chmod(0o755)
            return
        self.order_ssh(case.place.on, case.kind, case.place.after, times)

    def order_ssh(self, service: str, kind: str, after: int, times: int | None) -> None:
        """What is to go wrong with the connection to the remote; see ssh.py."""
        self.ssh_orders.write_text(json.dumps([[service, kind, after, times]]), encoding="utf-8")

    @property
    def struck(self) -> bool:
        """Whether anything that was ordered has happened."""
        files = (self.remote / "struck", self.ssh_orders.with_suffix(".struck"))
        counted = (self.main.faults.struck, self.staging.faults.struck, self.forge.orders.struck)
        halves = any(isinstance(fault, _After) and fault.struck for fault in self.forge.faults)
        return any(counted) or self.lab.issuer.orders.struck > 0 or halves or any(path.exists() for path in files)

    def heal(self) -> None:
        """Take away whatever was ordered to go wrong."""
        self.main.faults.clear()
        self.staging.faults.clear()
        self.forge.faults.clear()
        self.forge.orders.clear()
        self.lab.issuer.orders.clear()
        for path in (self.ssh_orders, self.remote / "hooks" / "pre-receive"):
            path.unlink(missing_ok=True)

    def sealed(self, project: Project | None = None) -> dict[str, str]:
        text = (project or self.project).evidence("distributions.json").read_text(encoding="utf-8")
        return {file["filename"]: file["sha256"] for file in json.loads(text)["files"]}

    def refs(self) -> dict[str, str]:
        """What the remote has."""
        listed = (line.split("\t") for line in self.project.git("ls-remote", str(self.remote)).splitlines())
        return {name: id_ for id_, name in listed if name != "HEAD"}

    def assert_unharmed(self) -> None:
        """Nothing that is public is wrong, however little of it there is yet."""
        sealed, refs = self.sealed(), self.refs()
        assert not refs or refs == self._tagged(self.project, refs)
        for twin in (self.main, self.staging):
            assert twin.files(NAME).items() <= sealed.items()
        for release in self.forge.releases:
            assert release["draft"] or self._released(release) == sealed

    def assert_finished(self, project: Project | None = None) -> None:
        """One tag on the right commit, both indexes with exactly the sealed bytes, one release with all files."""
        project = project or self.project
        sealed, refs = self.sealed(project), self.refs()
        assert refs == self._tagged(project, refs)
        assert len(sealed) == 2
        for twin in (self.main, self.staging):
            assert twin.files(NAME) == sealed
            assert not twin.crashes
        (release,) = self.forge.releases
        assert release["tag_name"] == self.forge.latest == TAG
        assert not release["draft"]
        assert self._released(release) == sealed
        for gate in WORLD_GATES:
            record = json.loads(project.evidence(f"main/{gate}.json").read_text(encoding="utf-8"))
            assert record["predicate"]["result"] == "PASSED"

    def _released(self, release: Mapping[str, Any]) -> dict[str, str]:
        """The distributions of a release; beside them lies one pack, about these very files."""
        files = self._files(release)
        assert files.pop(PACK, None), release
        (asset,) = [one for one in release["assets"] if one["name"] == PACK]
        pack = read_pack(self.forge.file(asset), PACK)
        assert {file.filename: file.sha256 for file in pack.distributions} == files
        return files

    def _tagged(self, project: Project, refs: Mapping[str, str]) -> dict[str, str]:
        """What the remote must have: the branch and one annotated tag, both on the project's commit."""
        head = project.git("rev-parse", "HEAD")
        name = f"refs/tags/{TAG}"
        return {"refs/heads/main": head, name: refs.get(name, ""), f"{name}^{{}}": head}

    def _files(self, release: Mapping[str, Any]) -> dict[str, str]:
        return {one["name"]: hashlib.sha256(self.forge.file(one)).hexdigest() for one in release["assets"]}


@contextmanager
def lab(folder: Path, cache: Path) -> Iterator[Lab]:
    """Build everything once: the gates before tag are walked for real, by nox."""
    environ = hermetic_environment(folder / "home", cache)
    ports = {name: _free_port() for name in ("main", "staging")}
    with ExitStack() as stack:
        issuer = stack.enter_context(FaultyIssuer.serve())
        forge = stack.enter_context(FaultyForge.serve(folder / "forge", "ada/sample"))
        assert isinstance(issuer, FaultyIssuer)
        assert isinstance(forge, FaultyForge)
        issuer.orders, forge.orders = Orders(), Orders()
        walker = stack.enter_context(_walker(environ))
        made = Lab(folder, environ, issuer, ports, walker, forge)
        _begin(made)
        yield made


@contextmanager
def _walker(environ: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    argv = [sys.executable, str(Path(__file__).with_name("driver.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(argv, env=dict(environ), text=True, **pipes) as walker:  # type: ignore[call-overload]
        assert json.loads(walker.stdout.readline())["ready"]
        yield walker
        walker.stdin.close()


def _free_port() -> int:
    """One that nobody is given by chance while its twin is restarted: below those of outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as listening, suppress(OSError):
            listening.bind(("127.0.0.1", port))
            return port


def _prove(project: Project) -> None:
    for gate in PRE_TARGET_GATES:
        ended = project.nox("-s", gate)
        assert ended.code == 0, ended.all


def _begin(lab: Lab) -> None:
    """The project with its gates before tag proven, its remote and empty servers: the first stage."""
    here = lab.here
    here.mkdir(parents=True)
    urls = {name: f"http://127.0.0.1:{port}" for name, port in lab.ports.items()}
    configured = _CONFIGURED.format(**urls, forge=lab.forge.address.api_url)
    files = {"pyproject.toml": configured, ".gitignore": "dist/\n"}
    project = Project.make(here / "project", lab.environ, files=files)
    project.git("init", "--quiet", "--bare", "--initial-branch=main", str(here / "remote.git"))
    project.git("remote", "add", "origin", f"ssh://git.example{here / 'remote.git'}")
    _prove(project)
    for name in lab.ports:
        with Twin.serve(here / name, name, issuer=lab.issuer, publishers=[lab.issuer.publisher(NAME)]):
            pass
    shutil.copytree(lab.forge.folder, here / "forge")
    shutil.copytree(here, lab.folder / "stages" / "tag", symlinks=True)
    lab.staged["tag"] = lab.folder / "stages" / "tag"


def _twin_fault(kind: str, place: Place, times: int | None) -> Fault:
    kind, _, status = kind.partition("-") if kind.startswith("refused-") else (kind, "", "503")
    kind = "error-before-commit" if kind == "refused" else kind
    seconds = {"too-many-requests": 1.0, "slow": 0.4}.get(kind, 0.0)
    return Fault(kind, place.on, place.after, times, int(status), seconds)


class _After(double.Fault):
    """The forge's own fault, after some requests that it lets pass."""

    def __init__(self, after: int, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.after, self.struck = after, False

    def takes(self, method: str, path: str) -> bool:
        if method != self.method or self.part not in path:
            return False
        self.after -= 1
        self.struck = self.struck or (self.after < 0 and self.times > 0)
        return self.after < 0 and super().takes(method, path)
