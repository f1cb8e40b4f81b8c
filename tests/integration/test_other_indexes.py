"""Indexes that are not PyPI: devpi and pypiserver, the real ones, on loopback, with a user and a password."""

from __future__ import annotations

import base64
import hashlib
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from filelock import FileLock
from releases import altered, sdist, seal_build, wheel
from universe import PYPROJECT, Project, hermetic_environment

from towpath import processes
from towpath.environments.installer import uv
from towpath.errors import TowpathError
from towpath.gates import before_upload
from towpath.gates.publish import publish
from towpath.gates.sealed import sealed_files
from towpath.gates.verify_published import verify_published
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from towpath.gates.gate import Workspace

pytestmark = pytest.mark.slow
SERVERS = ("devpi-server==6.20.3", "pypiserver==2.4.2")


@dataclass(frozen=True)
class Server:
    upload_url: str
    simple_url: str
    username: str


@pytest.fixture(scope="session")
def programs(shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of the servers' own, made once in a run."""
    environ = hermetic_environment(tmp_path_factory.mktemp("home"), shared_cache)
    tool = uv(environ)
    assert tool is not None
    folder = shared_cache / "servers"
    shared_cache.mkdir(parents=True, exist_ok=True)
    with FileLock(shared_cache / "servers.lock"):
        if not (folder / "made").exists():
            subprocess.run([tool, "venv", "--quiet", "--clear", folder], env=environ, check=True)
            command: list[Any] = [tool, "pip", "install", "--quiet", "--python", folder, *SERVERS]
            subprocess.run(command, env=environ, check=True, timeout=200)
            (folder / "made").touch()
    return next(path for path in (folder / "bin", folder / "Scripts") if path.exists())


@pytest.fixture(scope="module")
def pypiserver(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("pypiserver")
    (folder / "packages").mkdir()
    digest = base64.b64encode(hashlib.sha1(b"secret", usedforsecurity=False).digest()).decode()
    (folder / "htpasswd").write_text(f"ada:{{SHA}}{digest}\n", encoding="utf-8")
    port = free_port()
    command = [programs / "pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), "-P", "htpasswd", "-a", "update"]
    with running([*command, "packages"], folder, f"http://127.0.0.1:{port}/"):
        yield Server(f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/simple/", "ada")


@pytest.fixture(scope="module")
def devpi(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With an index whose files cannot be replaced."""
    folder = tmp_path_factory.mktemp("devpi")
    state = ["--serverdir", "state"]
    init: list[Any] = [programs / "devpi-init", *state, "--no-root-pypi", "--root-passwd", "secret"]
    subprocess.run(init, cwd=folder, env=processes_environ(folder), check=True, capture_output=True, timeout=120)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(
        [programs / "devpi-server", *state, "--host", "127.0.0.1", "--port", str(port)], folder, f"{url}/+api"
    ):
        login = requests.post(f"{url}/+login", json={"user": "root", "password": "secret"}, timeout=30).json()
        pair = base64.b64encode(f"root:{login['result']['password']}".encode()).decode()
        index = {"type": "stage", "bases": [], "volatile": False}
        made = requests.put(f"{url}/root/dev", json=index, headers={"X-Devpi-Auth": pair}, timeout=30)
        assert made.status_code == 200, made.text
        yield Server(f"{url}/root/dev/", f"{url}/root/dev/+simple/", "root")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_environ(folder: Path) -> dict[str, str]:
    return hermetic_environment(folder / "home", folder / "cache")


@contextmanager
def running(command: list[Any], folder: Path, url: str) -> Iterator[None]:
    argv = [str(word) for word in command]
    child = processes.start(argv, cwd=folder, env=processes_environ(folder), log=folder / "log")
    try:
        deadline = time.monotonic() + 60
        while not answers(url):
            assert child.poll() is None, (folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline, (folder / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        yield
    finally:
        processes.end(child)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


@pytest.fixture(params=["devpi", "pypiserver"])
def workspace(
    request: pytest.FixtureRequest, make_project: Callable[..., Project], environ: dict[str, str]
) -> Workspace:
    server = request.getfixturevalue(request.param)
    configured = f"""{PYPROJECT}
[tool.towpath]
publish.index = "own"
publish.patience = 5
verify-published.wait = 20
[tool.towpath.index.own]
upload-url = "{server.upload_url}"
simple-url = "{server.simple_url}"
username = "{server.username}"
token-variable = "OWN_PASSWORD"
"""
    project = make_project(files={"pyproject.toml": configured, ".gitignore": "dist/\n"})
    dist = project.root / "dist"
    dist.mkdir()
    opened = open_workspace(project.root, {**environ, "OWN_PASSWORD": "secret"})
    seal_build(opened, wheel(dist), sdist(dist))
    return opened


def test_the_whole_way(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one test, since each server is slow to start and what it holds builds up."""
    wrong = replace(workspace, environ={**workspace.environ, "OWN_PASSWORD": "wrong"})
    assert closed(publish(), wrong) in {"token-refused", "not-allowed"}

    notes = publish().act(workspace, "").notes
    assert notes[0] == "2 of 2 files sent, all there with the sealed sha256"
    again = publish().act(replace(workspace, environ={}), "").notes
    assert again[0] == "0 of 2 files sent, all there with the sealed sha256", "and no password is asked for"

    verified = verify_published().act(workspace, "").notes
    assert verified[0] == "2 files downloaded, sha256 as sealed"
    assert "installed sample-pkg==1.0.0" in verified[1]

    # Sent without asking before, as after a lost answer: pypiserver refuses a name that it has, whatever the bytes.
    files = sealed_files(workspace)
    nothing = before_upload.Before(frozenset(), tuple(file for file, _ in files), ())
    with monkeypatch.context() as unasked:
        unasked.setattr(before_upload, "look_before", lambda *_: nothing)
        assert publish().act(workspace, "").notes[0].startswith("2 of 2 files sent")

    dist = workspace.root / "dist"
    seal_build(workspace, wheel(dist), altered(dist))
    assert closed(publish(), workspace) == "index-other-bytes"


def closed(gate: Any, workspace: Workspace) -> str:
    with pytest.raises(TowpathError) as caught:
        gate.act(workspace, "")
    return caught.value.problems[0].id
