"""Walks in processes of their own, so that they can be killed: started once, it forks for every walk that is ordered.

Orders come as lines of JSON on standard input, one list of walks each; when all of them have ended, a line of JSON says
how. What is changed here is time alone: pauses are a twentieth, and an answer is waited for three seconds. Every point
at which a walk touches the world has a name, is written down, and can be one at which it is killed or stopped.
"""

from __future__ import annotations

import http.client
import importlib
import json
import os
import pkgutil
import re
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HASTE = 20.0
PUSH_SECONDS = 3.0
ANSWER_SECONDS = 3.0
PATIENCE_SECONDS = 120.0
_ROOMS = (
    "gates",
    "gates.acts",
    "index",
    "forge",
    "credentials",
    "evidence",
    "repository",
    "walk",
    "config",
    "environments",
)
_FOR_UPLOADS = ("twine.commands.upload", "twine.settings", "id", "git", "filelock", "readme_renderer.rst")


@dataclass
class Tracer:
    """What happens at the points of a walk: `orders` is the walk's own part of the order."""

    orders: Mapping[str, Any]
    names: Mapping[str, str]
    gate: str = ""
    points: list[str] = field(default_factory=list)

    def point(self, touch: str, moment: str) -> None:
        """Here the walk is about to touch the world, is touching it, or has just touched it."""
        number = len(self.points)
        self.points.append(f"{self.gate}|{touch}|{moment}")
        if number == self.orders.get("kill_at"):
            self._say()
            os.kill(os.getpid(), signal.SIGKILL)
        if number == self.orders.get("stop_at"):
            Path(self.orders["stopped"]).touch()
            _wait_for(Path(self.orders["until"]))

    def around(self, holder: Any, attribute: str, name: str) -> None:
        """Points before and after a function."""
        inner = getattr(holder, attribute)

        @wraps(inner)
        def traced(*given: Any, **options: Any) -> Any:
            what = name.format(*given)
            self.point(what, "before")
            try:
                return inner(*given, **options)
            finally:
                self.point(what, "after")

        setattr(holder, attribute, traced)

    def _say(self) -> None:
        Path(self.orders["result"]).write_text(json.dumps({"points": self.points}), encoding="utf-8")

    def request(self, connection: http.client.HTTPConnection, method: str, url: str) -> str:
        """A request in words that are the same in every run."""
        path = urlsplit(url).path
        where = self.names.get(f"{connection.host}:{connection.port}", "?")
        path = re.sub(r"/packages/.*/", "/packages/…/", re.sub(r"/releases/\d+", "/releases/…", path))
        return f"{method} {where} {path.removeprefix('/uploads').removeprefix('/repos/ada/sample')}"


def main() -> None:
    """Serve orders until standard input ends."""
    _load()
    print(json.dumps({"ready": True}), flush=True)  # noqa: T201 - the answer to whoever started it
    for line in sys.stdin:
        ended = _together(json.loads(line))
        print(json.dumps(ended), flush=True)  # noqa: T201 - the same


def _load() -> None:
    """Import once what every walk needs."""
    for room in _ROOMS:
        package = importlib.import_module(f"towpath.{room}")
        for module in pkgutil.iter_modules(package.__path__, f"towpath.{room}."):
            if not module.ispkg:
                importlib.import_module(module.name)
    for name in _FOR_UPLOADS:
        importlib.import_module(name)


def _together(walks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fork for each walk, wait for all; how each ended, in the order of the walks."""
    running = {_forked(walk): walk for walk in walks}
    ended: dict[str, dict[str, Any]] = {}
    while running:
        pid, status = os.wait()
        walk = running.pop(pid)
        result = Path(walk["result"])
        said = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        ended[walk["result"]] = {**said, "signal": killed}
        if "done" in walk:
            Path(walk["done"]).touch()
    return [ended[walk["result"]] for walk in walks]


def _forked(walk: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        devnull = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(devnull, descriptor)
        if "start_when" in walk:
            _wait_for(Path(walk["start_when"]))
        result = _walk(walk)
    except BaseException:  # noqa: BLE001 - a walker that breaks must not pass for a walk that ended
        result = {"closed": "walker", "problems": ["crash"], "causes": [traceback.format_exc()]}
    Path(walk["result"]).write_text(json.dumps(result), encoding="utf-8")
    os._exit(0)


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not path.exists() and time.monotonic() < deadline:
        _SLEEP(0.005)


_SLEEP = time.sleep


def _walk(walk: dict[str, Any]) -> dict[str, Any]:
    """Walk the gates in order until one stays closed."""
    os.environ.clear()
    os.environ.update(walk["environ"], TOWPATH_FAULTS_PID=str(os.getpid()))
    os.chdir(walk["root"])
    _hasten()
    tracer = Tracer(walk, walk["names"])
    _trace(tracer)
    opened: list[str] = []
    told: list[str] = []
    for gate in walk["gates"]:
        tracer.gate = gate
        closed = _gate(gate, told)
        if closed:
            return {"opened": opened, "closed": gate, "points": tracer.points, "told": told, **closed}
        opened.append(gate)
    return {"opened": opened, "closed": "", "problems": [], "points": tracer.points, "told": told}


def _gate(name: str, told: list[str]) -> dict[str, Any]:
    """Run one gate as its session does; nothing if it is open then."""
    from towpath.errors import TowpathError
    from towpath.pipeline import RELEASE
    from towpath.walk import alone
    from towpath.walk.world import open_workspace, part_of_gate

    try:
        workspace = replace(open_workspace(Path.cwd(), os.environ), tell=told.append)
        part, off = part_of_gate(RELEASE, RELEASE[name], workspace, None, {})
        if off:
            return {"problems": [f"off the route: {off}"]}
        for step in alone.steps(part[name], workspace):
            alone.run(part, step, workspace)
    except TowpathError as error:
        return {"problems": [one.id for one in error.problems], "causes": [one.cause for one in error.problems]}
    except BaseException:  # noqa: BLE001 - whatever it is, it is told to whoever ordered the walk
        return {"problems": ["crash"], "causes": [traceback.format_exc()]}
    return {}


def _replace(module: Any, name: str, value: object) -> None:
    setattr(module, name, value)


def _hasten() -> None:
    import urllib3

    from towpath import network
    from towpath.repository import git, state

    ask = urllib3.request

    def sleep(seconds: float) -> None:
        _SLEEP(seconds / HASTE)

    def request(*given: Any, **options: Any) -> Any:
        return ask(*given, **{**options, "timeout": ANSWER_SECONDS})  # `id` asks with it for the identity token

    _replace(time, "sleep", sleep)
    _replace(urllib3, "request", request)
    limits = network.held.__kwdefaults__ or {}
    git.PUSH_SECONDS = PUSH_SECONDS
    limits["read"] = state.REMOTE_SECONDS = ANSWER_SECONDS


def _trace(tracer: Tracer) -> None:
    from towpath.evidence import store
    from towpath.repository import state
    from towpath.repository.git import Repository

    tracer.around(Repository, "create_tag", "git tag {1}")
    tracer.around(Repository, "delete_unpushed_tag", "git tag --delete {1}")
    tracer.around(Repository, "push", "git push")
    asked = state.remote_refs
    tracer.around(state, "remote_refs", "git ls-remote")
    for module in list(sys.modules.values()):
        if getattr(module, "remote_refs", None) is asked:  # imported by name before
            _replace(module, "remote_refs", state.remote_refs)
    tracer.around(store.Store, "seal", "seal {1.gate}")
    _trace_writing(tracer)
    _trace_http(tracer)


def _trace_writing(tracer: Tracer) -> None:
    flush = os.fsync

    def flushed(descriptor: int) -> None:
        flush(descriptor)
        tracer.point(f"seal {tracer.gate}", "half")

    _replace(os, "fsync", flushed)


def _trace_http(tracer: Tracer) -> None:
    """Three points of every request: nothing sent yet; all sent and not answered (half); answered."""
    kind: Any = http.client.HTTPConnection
    begin: Callable[..., None] = kind.putrequest
    answered: Callable[..., Any] = kind.getresponse

    def putrequest(self: Any, method: str, url: str, *given: Any, **options: Any) -> None:
        self.in_words = tracer.request(self, method, url)
        tracer.point(self.in_words, "before")
        begin(self, method, url, *given, **options)

    def getresponse(self: Any) -> Any:
        tracer.point(self.in_words, "half")
        answer = answered(self)
        tracer.point(self.in_words, "after")
        return answer

    kind.putrequest, kind.getresponse = putrequest, getresponse


if __name__ == "__main__":
    main()
