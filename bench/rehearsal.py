"""Time whole walks against the same steps by hand, in one run: `python bench/rehearsal.py [--rounds N] [--growth]`.

`--growth` times packages of 10, 100 and 1,000 modules and on 1 to 4 Pythons instead. Run it with a Python that has
towpath (its extra `uv` included). It reaches loopback and the package index, writes into a temporary folder alone, and
prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from by_hand import by_hand, with_pip, with_uv
from places import MODULES, TESTS_EACH, THIS, Place, Times, environment, generate

from towpath.environments.interpreters import find
from towpath.errors import TowpathError
from towpath.forge.double import ForgeDouble
from towpath.index.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

LISTINGS = 15
ANEW = 3  # of each round: what is ours of such a walk is a small difference of large figures
NO_SESSIONS, NO_TASKS = 3, 1  # how nox and invoke end where they find none
EMPTY_NOXFILE = """\
import nox


@nox.session(venv_backend="none")
def nothing(session):
    pass
"""
OWN_INDEX = """
github-release.repository = "ada/benched"
github-release.api-url = "{forge.address.api_url}"

[tool.towpath.index.own]
upload-url = "{index.upload_url}"
simple-url = "{index.simple_url}"
"""
SIZES = (10, 100, 1000)
FIRST, SECOND = "(a) `nox -s release`, first time", "(a) `nox -s release`, second time"
FRESH, FRESH_OURS = "(a) with the environments kept, all proven anew", "of that outside the tools and the floor"
REAL, AGAIN = "`nox -s release -- --to NAME`, after a rehearsal", "the same again, when the release is finished"
AGAIN_OURS = "of that outside the tools"
EMPTY_SESSION = "an empty nox session (the floor, once for each gate that ran)"
PIP, UV = "(b) by hand: pip, venv, build, twine", "(c) by hand: uv"
NOX, EMPTY_NOX = "`nox -l`", "`nox -l` of an empty noxfile.py"
INVOKE, EMPTY_INVOKE = "`invoke --list`", "`invoke --list` of an empty tasks.py"
FINISHED_LIMIT = 2.0
WANTED = (
    (SECOND, PIP, 0.25),
    (SECOND, UV, 1.5),
    (FRESH_OURS, FRESH, 0.10),
    (NOX, EMPTY_NOX, 1.5),
    (INVOKE, EMPTY_INVOKE, 1.5),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is timed (default 3)")
    parser.add_argument("--growth", action="store_true", help="time larger packages and more Pythons instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder).resolve(), environment(Path(folder).resolve()))
        if asked.growth:
            grow(place, asked.rounds)
        else:
            compare(place, asked.rounds)


def compare(place: Place, rounds: int) -> None:
    times = Times()
    generate(place)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        rehearse(place, times)
        times.take(PIP, lambda: by_hand(place, with_pip))
        times.take(UV, lambda: by_hand(place, with_uv))
    for _ in range(rounds):
        for_real(place, times)
    list_everything(place, times)
    report(times, rounds)


def rehearse(place: Place, times: Times) -> None:
    """Without any environment or evidence, with what that left, and then with the environments alone."""
    forget(place)
    place.anew("towpath-cache")
    times.take(FIRST, lambda: release(place))
    times.take(SECOND, lambda: require_only_the_world(release(place)))
    for _ in range(ANEW):
        proven_anew(place, times)


def proven_anew(place: Place, times: Times) -> None:
    """A walk of every gate with the environments kept, and what of it is neither a tool's time nor the floor."""
    forget(place)
    floor = empty_session(place, times)
    began = time.perf_counter()
    ended = release(place, more=place.trace.begin())
    took = time.perf_counter() - began
    times.note(FRESH, took)
    ran = sum(gate["state"] == "proven" for gate in ended["gates"])
    times.note(FRESH_OURS, max(0.0, took - place.trace.in_tools() - ran * floor))


def forget(place: Place) -> None:
    shutil.rmtree(place.project / ".towpath", ignore_errors=True)


def release(place: Place, *options: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    command = (sys.executable, "-m", "nox", "-s", "release", "--", "--json", *options)
    ended: dict[str, Any] = json.loads(place.run(*command, more=more))
    return ended


def require_only_the_world(ended: dict[str, Any]) -> None:
    """A second rehearsal runs tag and what follows, and nothing else."""
    states = {gate["session"]: gate["state"] for gate in ended["gates"]}
    ran = [session for session, state in states.items() if state == "proven"]
    if ran[:1] != ["tag"] or set(states.values()) != {"proven", "already proven"}:
        message = f"a second rehearsal ran {ran}"
        raise SystemExit(message)


def empty_session(place: Place, times: Times) -> float:
    folder = place.anew("empty-session")
    (folder / "noxfile.py").write_text(EMPTY_NOXFILE, encoding="utf-8")
    began = time.perf_counter()
    place.run(sys.executable, "-m", "nox", "-s", "nothing", cwd=folder)
    took = time.perf_counter() - began
    times.note(EMPTY_SESSION, took)
    return took


def for_real(place: Place, times: Times) -> None:
    """A release to an index of its own and a forge on this machine, and the same again when it is finished."""
    with ExitStack() as stack:
        index = stack.enter_context(Twin.serve(place.anew("index"), "own"))
        forge = stack.enter_context(ForgeDouble.serve(place.anew("forge"), "ada/benched"))
        generate(place, more=OWN_INDEX.format(index=index, forge=forge))
        place.run("git", "init", "--quiet", "--bare", place.anew("remote"))
        place.run("git", "remote", "add", "origin", place.folder / "remote")
        place.run("git", "push", "--quiet", "origin", "main")
        tokens = {"TOWPATH_TOKEN_OWN": index.token(), "GITHUB_TOKEN": forge.token}
        release(place)
        times.take(REAL, lambda: release(place, "--to", "own", "--yes", more=tokens))
        began = time.perf_counter()
        release(place, "--to", "own", "--yes", more={**tokens, **place.trace.begin()})
        took = time.perf_counter() - began
        times.note(AGAIN, took)
        times.note(AGAIN_OURS, took - place.trace.in_tools())


def grow(place: Place, rounds: int) -> None:
    """How the time of a walk grows with the modules, and with the Pythons."""
    here = [python for python in ("3.10", "3.11", "3.12", "3.13", "3.14") if _is_here(place, python)][:4]
    print("| package | all proven anew, s | of that ours, s | second time, s |\n| --- | ---: | ---: | ---: |")
    for modules in SIZES:
        _row(place, rounds, f"{modules} modules, {modules * TESTS_EACH} tests", modules, [THIS])
    for count in range(1, len(here) + 1):
        _row(place, rounds, f"10 modules, on {count} Python{'s'[: count - 1]}", 10, here[:count])


def _row(place: Place, rounds: int, what: str, modules: int, pythons: Sequence[str]) -> None:
    times = Times()
    generate(place, modules, pythons)
    release(place)  # makes the environments
    for _ in range(rounds):
        proven_anew(place, times)
        times.take(SECOND, lambda: require_only_the_world(release(place)))
    cells = (f"{times.median(one):.2f}" for one in (FRESH, FRESH_OURS, SECOND))
    print(f"| {what} | {' | '.join(cells)} |", flush=True)


def _is_here(place: Place, python: str) -> bool:
    try:
        find(python, environ=place.environ)
    except TowpathError:
        return False
    return True


def list_everything(place: Place, times: Times) -> None:
    """Listings by turns, so that what else the machine does strikes all of them alike."""
    empty = place.anew("empty")
    (empty / "noxfile.py").touch()
    (empty / "tasks.py").touch()
    nox, invoke = (sys.executable, "-m", "nox", "-l"), (sys.executable, "-m", "invoke", "--list")
    for _ in range(LISTINGS):
        times.take(NOX, lambda: place.run(*nox))
        times.take(EMPTY_NOX, lambda: place.run(*nox, cwd=empty, code=NO_SESSIONS))
        times.take(INVOKE, lambda: place.run(*invoke))
        times.take(EMPTY_INVOKE, lambda: place.run(*invoke, cwd=empty, code=NO_TASKS))


def report(times: Times, rounds: int) -> None:
    tools = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{MODULES} modules, {MODULES * TESTS_EACH} tests; {tools}; {rounds} rounds, {LISTINGS} listings.\n")
    print("| timed | median, s | lowest to highest, s |\n| --- | ---: | ---: |")
    for what, seconds in times.seconds.items():
        print(f"| {what} | {times.median(what):.2f} | {min(seconds):.2f} to {max(seconds):.2f} |")
    own = times.median(AGAIN_OURS)
    met = "met" if own < FINISHED_LIMIT else "missed"
    print(f"\nOur own time where the release is finished: {own:.2f} s, wanted below {FINISHED_LIMIT:.0f} s: {met}.")
    print("\n| ratio of medians | measured | wanted at most | |\n| --- | ---: | ---: | --- |")
    for upper, lower, limit in WANTED:
        ratio = times.median(upper) / times.median(lower)
        print(f"| {upper} / {lower} | {ratio:.2f} | {limit} | {'met' if ratio <= limit else 'missed'} |")


if __name__ == "__main__":
    main()
