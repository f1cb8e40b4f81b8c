"""Set towpath beside releases by hand and by the peers that can be installed here: `python bench/peers.py`.

Every tool releases the same generated project to a bare git remote and a loopback index, first as it should be
(timed, by turns), then with something wrong. What became of it is read from the remote, the index and the files
there, never from what the tool said. Run it with a Python that has towpath, where git and uv are at hand; it installs
each tool into an environment of its own in a temporary folder and prints bench/peers.md. `--only` and `--log` are for
a look at one of them.
"""

from __future__ import annotations

import argparse
import os
import pickle
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from peer_front import front
from peer_page import Figures, Run, page
from peer_project import HATCHLING, NEW, SETUPTOOLS, Shape, generate
from peer_routes import BUILD, ROUTES, TOWPATH, TWINE, WRITER, Route
from peer_world import World, environment, look, told, uploads, versions, witnessed

from towpath.index.twin import Fault, Twin

BIN = "Scripts" if os.name == "nt" else "bin"
SCENARIOS = {
    "failing test": HATCHLING,
    "cannot be imported": HATCHLING,
    "stale `__version__`": HATCHLING,
    "upload breaks off": HATCHLING,
    "upload breaks off with setuptools": SETUPTOOLS,
    "version taken": HATCHLING,
    "empty changelog": HATCHLING,
    "changed file": HATCHLING,
    "untracked file": HATCHLING,
}
AT_ONCE = 3


@dataclass
class Bench:
    """The folder of everything, the environment of every child, and where each tool was installed."""

    folder: Path
    environ: dict[str, str]
    log: Path | None
    file: Path | None
    tools: dict[str, Path] = field(default_factory=dict)
    installed: dict[str, dict[str, str]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file and self.file.exists():
            self.kept.update(pickle.loads(self.file.read_bytes()))  # noqa: S301 - what this script wrote itself

    def keep(self) -> None:
        if self.file:
            self.file.write_bytes(pickle.dumps(self.kept))

    def note(self, text: str) -> None:
        if self.log:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often a release is timed (default 3)")
    parser.add_argument("--only", default="", help="only the tools whose names begin so, separated by commas")
    parser.add_argument("--scenarios", default=",".join(SCENARIOS), help="only these")
    parser.add_argument("--log", type=Path, help="a file for what every command said")
    parser.add_argument("--kept", type=Path, help="a file for the figures; what it has already is not run again")
    parser.add_argument("--print", action="store_true", help="print what is kept, and run nothing")
    asked = parser.parse_args()
    routes = [route for route in ROUTES if route.name.startswith(tuple(asked.only.split(",")))]
    scenarios = [name for name in SCENARIOS if name in asked.scenarios.split(",")]
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder).resolve(), environment(Path(folder).resolve()), asked.log, asked.kept)
        if not asked.print:
            run_all(bench, routes, scenarios, asked.rounds)
        print(page(Figures(**bench.kept)))


def run_all(bench: Bench, routes: list[Route], scenarios: list[str], rounds: int) -> None:
    """Install, observe and time everything that is not kept from before."""
    bench.kept["machine"] = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    (bench.folder / "write.py").write_text(WRITER, encoding="utf-8")
    for route in routes:
        install(bench, route)
    taken(bench)
    bench.kept["installed"] = bench.installed
    observe(bench, routes, scenarios)
    bump_times(bench, routes, rounds)
    release_times(bench, routes, rounds)


def install(bench: Bench, route: Route) -> None:
    """The tool in an environment of its own; ours as it was committed last."""
    folder = bench.folder / "tools" / f"{len(bench.tools)}"
    root = Path(__file__).resolve().parents[1]
    ours = f"towpath[uv] @ git+{root.as_uri()}" if (root / ".git").exists() else f"towpath[uv] @ {root.as_uri()}"
    words = [ours if word == "towpath" else word for word in route.installed]
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, folder], check=True)
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", folder, *words], check=True)
    bench.tools[route.name] = folder
    bench.installed[route.name] = versions(folder / BIN / "python", route.installed)


def taken(bench: Bench) -> None:
    """Files of the new version that somebody else has published: as the project's, with a module more."""
    folder = bench.folder / "taken"
    with Twin.serve(folder / "index", "own") as twin:
        world = World(folder, bench.environ, twin)
        generate(world, Shape(starts_at=NEW), "untracked file")
        for path in uploaded_files(world):
            shutil.copy(path, folder)


def uploaded_files(world: World) -> list[Path]:
    code, said = world.run([sys.executable, "-m", *BUILD[2:]])
    if code:
        raise SystemExit(said)
    return sorted((world.project / "dist").iterdir())


def with_tools(bench: Bench, name: str) -> dict[str, str]:
    return {**bench.environ, "PATH": f"{bench.tools[name] / BIN}{os.pathsep}{bench.environ['PATH']}"}


def observe(bench: Bench, routes: list[Route], scenarios: list[str]) -> None:
    """Every release with something wrong, some at a time; nothing here is timed."""
    pairs = [(route, name) for name in scenarios for route in routes if applies(route, name)]
    observed = bench.kept.setdefault("observed", {})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        todo = [(route, name) for route, name in pairs if (route.name, name) not in observed]
        for (route, name), run in zip(todo, pool.map(lambda pair: one_run(bench, *pair), todo), strict=True):
            observed[route.name, name] = run
            bench.keep()


def applies(route: Route, scenario: str) -> bool:
    """Whether it can happen there at all, and is not the same as something else that is tried."""
    if scenario == "stale `__version__`":
        return not route.shape.single_source
    return scenario != "upload breaks off with setuptools" or route.rebuilds or route is TOWPATH


def release_times(bench: Bench, routes: list[Route], rounds: int) -> None:
    """Whole releases with nothing wrong, by turns, so that what else the machine does falls on all of them."""
    runs: dict[str, list[Run]] = bench.kept.setdefault("times", {})
    turns = [(number, route) for number in range(rounds) for route in routes if not route.slow]
    for number, route in (*turns, *((0, route) for route in routes if route.slow)):
        done = runs.setdefault(route.name, [])
        if len(done) > number:
            continue
        run = one_run(bench, route, "")
        if not run.outcomes[-1].startswith("**published**"):
            message = f"{route.name}: {run.outcomes[-1]}, though nothing is wrong"
            raise SystemExit(message)
        done.append(run)
        bench.keep()


def bump_times(bench: Bench, routes: list[Route], rounds: int) -> None:
    """The bumps alone, in seconds, by turns."""
    seconds: dict[str, list[float]] = bench.kept.setdefault("bumps", {})
    for number in range(rounds):
        for route in routes:
            done = seconds.setdefault(route.name, [])
            if len(done) <= number and not route.slow:
                alone = replace(route, bump=route.only_bump or route.bump, release=())
                done.append(one_run(bench, alone, "").seconds)
                bench.keep()


def one_run(bench: Bench, route: Route, scenario: str) -> Run:
    """Make the world anew, let it be wrong as told, run the commands one after the other, and look what became of it.

    The first command that does not end with 0 is the end of it. Where the index breaks off, it then answers again, and
    the commands go on from that one.
    """
    folder = Path(tempfile.mkdtemp(dir=bench.folder, prefix="run-"))
    try:
        with ExitStack() as stack:
            twin = stack.enter_context(Twin.serve(folder / "index", "own"))
            world = World(folder, with_tools(bench, route.name), twin)
            values = {
                "folder": str(folder),
                "shared": str(bench.folder),
                "bin": BIN,
                "upload": twin.upload_url,
                "simple": twin.simple_url,
                "front": stack.enter_context(front(twin)),
                "token": twin.token(),
                "remote": str(world.remote),
            }
            return released(bench, world, route, scenario, values)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def released(bench: Bench, world: World, route: Route, scenario: str, values: dict[str, str]) -> Run:
    own = replace(route.shape, pyproject=route.shape.pyproject + route.uncounted.format(**values))
    generate(world, own, scenario, SCENARIOS.get(scenario, HATCHLING))
    if scenario == "version taken":
        publish_taken(bench, world, values)
    broken = scenario.startswith("upload breaks off")
    if broken:
        world.twin.faults.add(Fault("error-before-commit", after=1, times=None))
    steps = [[word.format(**values) for word in step] for step in (*route.bump, *route.release)]
    world = replace(world, more={name: value.format(**values) for name, value in route.more.items()})
    what = f"{route.name} / {scenario or 'nothing wrong'}"
    before = look(world)
    began = time.perf_counter()
    left = walk(bench, world, route, what, steps)
    seconds = time.perf_counter() - began
    outcomes = [told(world, before, look(world))]
    if broken:
        world.twin.faults.clear()
        for once_more in (left, [list(step) for step in route.then]):
            if once_more and not outcomes[-1].startswith("**published**"):
                walk(bench, world, route, what, once_more)
                outcomes.append(told(world, before, look(world)))
    bench.note(f"=== {what}: {seconds:.1f} s, {' / '.join(outcomes)}")
    return seen(world, seconds, outcomes)


def walk(bench: Bench, world: World, route: Route, what: str, steps: list[list[str]]) -> list[list[str]]:
    """Run commands up to the first that fails; returns that one and what would have followed."""
    for number, step in enumerate(steps):
        began = time.perf_counter()
        code, said = world.run(step, terminal=route.terminal)
        took = time.perf_counter() - began
        bench.note(f"--- {what}: {' '.join(step)[:120]}: ended with {code} after {took:.2f} s\n{said if code else ''}")
        if code:
            return steps[number:]
    return []


def publish_taken(bench: Bench, world: World, values: dict[str, str]) -> None:
    login = ("--repository-url", values["upload"], "--username", "__token__", "--password", values["token"])
    files = [str(bench.folder / "taken" / Path(name).name) for name in TWINE[2:]]
    code, said = world.run([sys.executable, "-m", *TWINE[:2], "--non-interactive", *login, *files])
    if code:
        raise SystemExit(said)


def seen(world: World, seconds: float, outcomes: list[str]) -> Run:
    """What the package itself and the index noted."""
    sent, lines = uploads(world), witnessed(world)
    first, last = (sent[0], sent[-1]) if sent else (time.time(), time.time())
    tested = any(what == "test" and when < first for what, when, _ in lines)
    elsewhere = [when for what, when, where in lines if what == "import" and "site-packages" in where]
    fetched = any(one.method == "GET" and one.path.endswith((".whl", ".tar.gz")) for one in world.twin.log)
    imported, again = any(when < first for when in elsewhere), any(when > last for when in elsewhere)
    return Run(seconds, tuple(outcomes), tested, imported, fetched and again)


if __name__ == "__main__":
    main()
