"""The state of a version, and the plan of its withdrawal: on the terminal and as data."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from towpath.model import counted
from towpath.walk.standing import Level, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from towpath.index.client import IndexFile
    from towpath.walk.standing import Held
    from towpath.walk.status import Status
    from towpath.walk.withdraw import Withdrawal

MEANING = {
    Standing.NOTHING_YET: "Nothing of it is there yet.",
    Standing.BUMPED: "The version is written; nothing is proven yet.",
    Standing.PROVEN: "The commit is proven and built; nothing of it is public yet.",
    Standing.TAGGED_HERE: "The tag is in this repository only; nobody else has seen the tag.",
    Standing.TAGGED: "The remote has the tag; no index has a file of it yet.",
    Standing.PARTLY_ON_TEST_INDEX: "Some of its files are on the test index.",
    Standing.ON_TEST_INDEX: "All of its files are on the test index.",
    Standing.PARTLY_PUBLISHED: "Some of its files are missing on the index.",
    Standing.PUBLIC: "Files are public; whether they are all, and the right ones, is not known in this folder.",
    Standing.PUBLISHED: "All of its files are on the index; what comes after is missing.",
    Standing.VERIFIED: "Published and verified from here; the forge's release is missing or not complete.",
    Standing.RELEASED: "All of it is there; nothing is left to do.",
    Standing.WITHDRAWN: "Every file of it is yanked.",
    Standing.CLOSED_HALF_WAY: "Some of its files are missing on the index, which takes no more of this version.",
    Standing.INCONSISTENT: "What is known contradicts itself: see what is marked.",
    Standing.UNKNOWN: "The state is not known, as not everything could be asked.",
}
_COLOURS = {Standing.RELEASED: "bold green", Standing.INCONSISTENT: "bold red", Standing.CLOSED_HALF_WAY: "bold red"}


def show_status(console: Console, found: Status) -> None:
    """Part by part, then the state, the deadline if one runs, and the next command."""
    console.print(Text(f"{found.project} {found.version}", style="bold"), soft_wrap=False)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", overflow="fold")
    table.add_column(overflow="fold")
    for name, said in _rows(found):
        table.add_row(name, said)
    console.print(table, soft_wrap=False)
    for remark in found.remarks:
        console.print(Text(f"note: {remark}"), soft_wrap=False)
    console.print()
    verdict = f"{found.standing.value}: {MEANING[found.standing]}"
    console.print(Text(verdict, style=_COLOURS.get(found.standing, "bold")), soft_wrap=False)
    if found.closes is not None:
        console.print(Text(_deadline(found.closes), style="yellow"), soft_wrap=False)
    if found.next_command:
        console.print(Text(f"Next: {found.next_command}"), soft_wrap=False)


def status_data(found: Status) -> dict[str, Any]:
    """All of it."""
    return {
        "project": found.project,
        "version": found.version,
        "state": found.standing.value,
        "next": found.next_command,
        "closes": found.closes.isoformat() if found.closes else None,
        "kind": found.kind,
        "route": list(found.indexes),
        "head": found.head,
        "commit": found.commit,
        "clean": found.clean,
        "remarks": list(found.remarks),
        "places": [
            {"path": one.path, "line": one.line, "value": one.value, "agrees": one.agrees} for one in found.places
        ],
        "changelog": {"path": found.changelog, "state": found.entry.state, "yanked": found.entry.yanked},
        "tag": {
            "name": found.tag.name,
            "here": {"commit": found.tag.here, "kind": found.tag.kind_here},
            "remote": {
                "name": found.tag.remote,
                "commit": found.tag.there,
                "kind": found.tag.kind_there,
                "unknown": found.tag.unknown,
            },
        },
        "run": found.run,
        "files": {"known": found.wanted_from, "sha256": dict(found.wanted)},
        "indexes": [_held_data(one, found) for one in found.held],
        "forge": {
            **_held_data(found.forge.held, found, "forge"),
            "release": found.forge.state,
            "page": found.forge.page,
            "immutable": found.forge.immutable,
            "prerelease": found.forge.prerelease,
        },
    }


def show_withdrawal(console: Console, plan: Withdrawal) -> None:
    """What to do, in order. Nothing is done here."""
    title = f"To withdraw {plan.project} {plan.version} (nothing is done by this command):"
    console.print(Text(title, style="bold"), soft_wrap=False)
    for remark in plan.remarks:
        console.print(Text(f"note: {remark}"), soft_wrap=False)
    for number, deed in enumerate(plan.deeds, start=1):
        done = " (done)" if deed.done else ""
        console.print(Text(f"{number}. {deed.what}{done}", style="dim" if deed.done else ""), soft_wrap=False)
        console.print(Text(f"   {deed.where}"), soft_wrap=True)  # an address is not to be broken


def withdrawal_data(plan: Withdrawal) -> dict[str, Any]:
    """The same as data."""
    return {
        "project": plan.project,
        "version": plan.version,
        "remarks": list(plan.remarks),
        "steps": [{"what": deed.what, "where": deed.where, "done": deed.done} for deed in plan.deeds],
    }


def _rows(found: Status) -> Iterator[tuple[str, Text]]:
    yield "route", Text(f"{found.kind}, to {' and then '.join(found.indexes) or 'no index'}")
    for place in found.places:
        style = "" if place.agrees else "bold red"
        yield "written", Text(f"{place.path}, line {place.line}: {place.value}", style=style)
    yanked = ", yanked" if found.entry.yanked else ""
    yield "changelog", Text(f"{found.changelog}: {found.entry.state}{yanked}" if found.changelog else "none")
    yield "tag here", _commit(found, found.tag.here, found.tag.kind_here)
    yield f"tag on {found.tag.remote}", _commit(found, found.tag.there, found.tag.kind_there, found.tag.unknown)
    if found.run:
        yield "run in CI", Text(found.run)
    yield "sealed", Text(_sealed(found))
    for held in found.held:
        yield from _held_rows(held, held.name, found)
    if found.forge.held.name:
        yield from _held_rows(found.forge.held, found.forge.held.name, found, found.forge.state)


def _sealed(found: Status) -> str:
    if found.wanted_from:
        return f"{counted(len(found.wanted), 'file')}, {found.wanted_from}"
    return "not known in this folder"


def _commit(found: Status, commit: str, kind: str, unknown: str = "") -> Text:
    if unknown:
        return Text(f"could not be asked: {unknown}", style="yellow")
    if not commit:
        return Text(f"no {found.tag.name}")
    elsewhere = commit != found.commit
    said = f"{found.tag.name} on {commit[:12]} ({kind})" + (", another commit" if elsewhere else "")
    return Text(said, style="bold red" if elsewhere else "")


def _held_rows(held: Held, name: str, found: Status, release: str = "") -> Iterator[tuple[str, Text]]:
    if held.unknown:
        yield name, Text(f"could not be asked: {held.unknown}", style="yellow")
        return
    missing = sorted(found.wanted.keys() - {file.filename for file in held.files}) if held.on_route else []
    off = "" if held.on_route else ", not on the route"
    files = counted(len(held.files), "file")
    said = f"{release}, {files}" if release else f"{files}{off}"
    yield name, Text("no release" if release == "none" else said if held.files or release else f"no file{off}")
    for file in held.files:
        verdict = verdict_of(file, found)
        yield "", Text(f"{file.filename}  {file.sha256[:12]}  {verdict}", style="red" if "other" in verdict else "")
    for filename in missing if held.files else []:
        yield "", Text(f"{filename}  missing", style="yellow")


def verdict_of(file: IndexFile, found: Status) -> str:
    """How a file compares with what should be there."""
    yanked = f", yanked: {file.yank_reason}" if file.yank_reason else ", yanked" if file.yanked else ""
    if not found.wanted:
        return f"not compared{yanked}"
    if file.filename not in found.wanted:
        return f"another file than those{yanked}"
    if not file.sha256:
        return f"no digest to compare{yanked}"
    same = found.wanted[file.filename] == file.sha256
    return ("as sealed" if same else "other bytes than sealed") + yanked


def _deadline(closes: datetime) -> str:
    left = closes - datetime.now(timezone.utc)
    when = closes.strftime("%Y-%m-%d %H:%M UTC")
    if left.total_seconds() <= 0:
        return f"The index takes no new file of this version since {when}."
    return (
        f"The index takes the missing files until {when} ({left.days} days and {left.seconds // 3600} hours from now)."
    )


def _held_data(held: Held, found: Status, key: str = "") -> dict[str, Any]:
    level = found.levels.get(key or held.name, Level.OFF)
    return {
        "name": held.name,
        "on_route": held.on_route,
        "holds": level.value,
        "unknown": held.unknown,
        "files": [
            {
                "filename": file.filename,
                "sha256": file.sha256,
                "verdict": verdict_of(file, found),
                "yanked": file.yanked,
                "reason": file.yank_reason,
            }
            for file in held.files
        ],
    }
