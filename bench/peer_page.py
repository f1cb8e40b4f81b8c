"""bench/peers.md, printed from what peers.py measured and observed."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peer_routes import ROUTES, TOWPATH, Route, configured

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UPLOAD, REBUILT = "upload breaks off", "upload breaks off with setuptools"
ONCE_MORE = 2  # the first try, and the one after it
STALE, TAKEN = "stale `__version__`", "version taken"
TITLES = {
    "failing test": ("a", "A test of the project fails"),
    "cannot be imported": ("b", "The wheel lacks a module: installed, the package cannot be imported; its tests pass"),
    STALE: ("c", "`__version__` says 0.9.0 when the release from 1.0.0 to 1.1.0 begins"),
    UPLOAD: ("d", "The index answers 503 after the first file, until the commands go on from the one that failed"),
    REBUILT: ("e", "The same with setuptools, whose sdist is never the same twice; where a second try builds again"),
    TAKEN: ("f", "1.1.0 is on the index already, with other bytes, and not tagged"),
    "empty changelog": ("g", "Nothing is written about the new version, and its commits say `chore:` only"),
    "changed file": ("h", "A file of the package is changed and not committed"),
    "untracked file": ("i", "A file that git does not know lies in the package"),
}


@dataclass(frozen=True)
class Run:
    """What a release took and did: seconds of its commands, what became of it, and what was seen meanwhile."""

    seconds: float
    outcomes: tuple[str, ...]
    tested: bool = False
    imported: bool = False
    verified: bool = False


@dataclass(frozen=True)
class Figures:
    """Everything that one run of peers.py measured and observed."""

    machine: str
    installed: dict[str, dict[str, str]]
    bumps: dict[str, list[float]] = field(default_factory=dict)
    times: dict[str, list[Run]] = field(default_factory=dict)
    observed: dict[tuple[str, str], Run] = field(default_factory=dict)

    @property
    def routes(self) -> list[Route]:
        return [route for route in ROUTES if route.name in self.installed]


def page(figures: Figures) -> str:
    """The whole page, as Markdown."""
    parts = (
        HEAD.format(machine=figures.machine),
        asked(figures),
        READING,
        timed(figures),
        TIMES,
        "## With something wrong",
        summary(figures),
        LEGEND,
        *(detail(figures, scenario) for scenario in TITLES),
        TAIL,
    )
    return "\n\n".join(part.strip() for part in parts)


def asked(figures: Figures) -> str:
    """What it took, and what was seen while nothing was wrong."""
    titles = ("release by", "version", "lines configured", "commands", "ran the tests", "imported the built package")
    rows = []
    for route in figures.routes:
        first = figures.observed.get((route.name, UPLOAD))
        tag = "" if first is None else "before" if "tag is pushed" in first.outcomes[0] else "after"
        runs = figures.times.get(route.name)
        seen = () if not runs else (runs[-1].tested, runs[-1].imported, runs[-1].verified)
        known = figures.installed[route.name]
        by_hand = [f"{name} {known[name]}" for name in route.installed if name != "pytest"]
        version = ", ".join(by_hand) if route.name.startswith("by hand") else known[route.installed[0]]
        commands = len(route.bump) + len(route.release)
        row = (route.name, version, str(configured(route)), str(commands), *_seen(tag, *seen))
        rows.append(row)
    return _table((*titles, "tag pushed before or after the upload", "installed it from the index"), rows)


def _seen(tag: str, *seen: bool) -> tuple[str, str, str, str]:
    tested, imported, verified = ("yes" if one else "no" for one in seen) if seen else ("", "", "")
    return tested, imported, tag, verified


def timed(figures: Figures) -> str:
    """Seconds and ratios of a bump and of a whole release."""
    bumps = {name: statistics.median(seconds) for name, seconds in figures.bumps.items() if seconds}
    whole = {name: statistics.median(run.seconds for run in runs) for name, runs in figures.times.items() if runs}
    rows = []
    for route in figures.routes:
        runs = [run.seconds for run in figures.times.get(route.name, ())]
        bump = (f"{bumps[route.name]:.2f}", _ratio(bumps, route.name)) if route.name in bumps else ("", "")
        spread = f"{min(runs):.1f} to {max(runs):.1f}" if runs else ""
        release = (f"{whole[route.name]:.1f}", spread, _ratio(whole, route.name)) if runs else ("", spread, "")
        rows.append((route.name, *bump, *release, str(len(runs))))
    return _table(("release by", "bump, s", "ratio", "release, s", "lowest to highest", "ratio", "turns"), rows)


def _ratio(seconds: dict[str, float], name: str) -> str:
    ours = seconds.get(TOWPATH.name)
    return f"{seconds[name] / ours:.2f}" if ours else ""


def summary(figures: Figures) -> str:
    """One word for each tool and each thing that is wrong."""
    rows = [
        (route.name, *(_word(figures, route, scenario) for scenario in TITLES)) for route in figures.routes
    ]  # fmt: skip
    return _table(("release by", *(letter for letter, _ in TITLES.values())), rows)


def _word(figures: Figures, route: Route, scenario: str) -> str:
    run = figures.observed.get((route.name, scenario))
    if run is None:
        return "cannot be" if scenario == STALE and route.shape.single_source else ""
    last = run.outcomes[-1]
    if len(run.outcomes) > 1:
        if last.startswith("**published**"):
            return "complete" if len(run.outcomes) == ONCE_MORE else "by its parts"
        return "**stays half**" if "half" in last else "stopped"
    if last.startswith("stopped"):
        return "stopped"
    if last.startswith("**half"):
        return "**half way**"
    return "in order" if _harmless(scenario, last) else "**published**"


def _harmless(scenario: str, outcome: str) -> bool:
    """Whether what was published is as it should be, in spite of what was wrong when it began."""
    if scenario in {STALE, "untracked file"}:
        return outcome == "**published**"
    return scenario == "changed file" and outcome == "**published**, without the change"


def detail(figures: Figures, scenario: str) -> str:
    """What was observed in one case: each outcome, and the tools that it was seen of."""
    letter, title = TITLES[scenario]
    seen: dict[str, list[str]] = {}
    for route in figures.routes:
        run = figures.observed.get((route.name, scenario))
        if run is not None:
            seen.setdefault("; then ".join(run.outcomes), []).append(route.name)
    lines = [f"- {outcome}: {', '.join(names)}" for outcome, names in seen.items()]
    return "\n".join((f"### {letter}. {title}", "", *lines))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


HEAD = """
# Beside releases by hand, and the peers

Printed by `python bench/peers.py` from one run of it (November 2026; {machine}), which took 11
minutes while others used the machine, too (load 2 to 8).
Every tool releases the same generated package (20 modules, 101 tests, hatchling) from 1.0.0 to 1.1.0, to a bare git
remote and a loopback index that answers as PyPI does. Each is installed in an environment of its own and configured as
its documentation has it. What became of a release is read from the remote, the index and the published files, never
from what the tool said: whether the tests ran and the built package was imported is told by the package itself.

Not everything here is a tool for whole releases: bump-my-version, commitizen and python-semantic-release end with a tag
(the last one with built files, too), and what follows them here is what their documentation lets CI do: build, twine.
jupyter_releaser is without its other half, which is GitHub's. "By hand" is a careful person: tests, build, install and
import, upload, install from the index, tag, push; the commands are in `bench/peer_routes.py`, like all others. Where a
row has several commands, they are run up to the first that fails; that is this bench's doing, not the tools'.

## What it takes, and what is done

"""
READING = """
Lines are those that the project has for this way alone, without blank ones and without what points it at the loopback
index. The last four columns were seen in a run in which nothing was wrong, "before or after" where the upload broke
off. Besides, towpath alone ran linters, looked for secrets, inspected the files and kept a record of each gate;
commitizen and python-semantic-release alone wrote the changelog from the commits and chose the part; and hatch,
zest.releaser and python-semantic-release have what this table does not ask for (environments for anything; a
development version after each release; releases on several forges).

## Time
"""
TIMES = """
Ratios are to towpath's, of medians of turns in one run: compare within it only, and small differences not at all. A
release is the bump and all that follows, with the tools' own environments and caches warm. invocations,
jupyter_releaser and pip by hand were timed once, as they are slow, and their bumps not apart. What a bump is differs:
hatch and tbump write the places alone; zest.releaser and towpath treat the changelog, too, and commit, uv by hand
without a changelog; commitizen, bump-my-version and python-semantic-release also tag; towpath alone asks the remote
and the index. In a release most are two to four times as quick as towpath, and do less: see the table above. Those two
tools that install what they built, as towpath does, take longer than it; pip by hand takes about as long, uv by hand
less than half.
"""
LEGEND = """
"stopped": nothing that others could see had happened; "half way": something had, and the release was not made; "in
order": published as it should be, in spite of what was wrong; "complete", "stays half": how it ended when the commands
went on from the one that failed; "by its parts": not so, but with what is named below; "cannot be": by its
configuration, `__version__` is the only place where the version stands. An empty cell in (e): nothing is built again
there. Who publishes in (a) runs no tests: these tools leave them to CI, which then has to be asked before a release.
"""
TAIL = """
## Where others do better, or as well

- tbump and bump-my-version say no as early as towpath where a place does not hold the old version, and commitizen does
  with `--check-consistency`. python-semantic-release writes the right version over the stale one. hatch, zest.releaser
  and jupyter_releaser need not look: with hatchling, they have one place for the version.
- zest.releaser and jupyter_releaser build from a checkout of their own, as towpath does: (h) and (i). zest.releaser,
  invocations and uv by hand upload before they push: what an index refuses never leaves a tag on the remote. towpath
  pushes the tag first, and looks beforehand whether the index would refuse.
- hatch, as towpath, asks the index what it has and sends the rest. Where the backend builds the same bytes again, twine
  and uv end in the same place, too, as PyPI takes the same file twice.
- In (f) hatch leaves the files alone that are there and ends with 0, so that what follows it tags a version of somebody
  else's bytes. In (g) the changelog of jupyter_releaser is in its half on GitHub.
- invocations imports what it installed before it uploads, and so does jupyter_releaser where `check-imports` is set
  (without it, it imported nothing). How invocations imports, from the checkout, would find a package that lies beside
  pyproject.toml; that was not tried.
- In (g) invocations saw that nothing was to be released, and then built and sent 1.0.0 once more. The loopback index,
  which had no 1.0.0, took it; PyPI, which would have one, refuses that.
- towpath stops late in (a) and (b), with the commit of the bump made here: the rehearsal, `nox -s release`, would have
  said so before the bump. Of an untracked file `invoke bump` says nothing, and the release then refuses.

## What else is to be said of towpath

In (d) and (e) it was told to be patient for 2 seconds; by its default it waits and sends again for 10 minutes. It was
run without the gate for the forge, as there is none here, and without a test index. Its first release in a new
environment takes longer than these.

## What could not be run

| peer | why |
| --- | --- |
| exasol-toolbox | it installs; its `release:prepare` wants Poetry, a lock file and an audit of the dependencies by a \
service outside, and its `release:trigger` pushes a tag: all the rest is a workflow on GitHub |
| jupyter_releaser's other half | draft, assets and changelog are GitHub's; `git push` stands in for them here |
| pip's and packaging's nox files | they are these projects' own, and no package |
| goreleaser, cargo-dist, release-plz, cargo-release | not for Python packages, and their registries are out of reach |
"""
