"""What was seen in the last full run, and the page of the docs that is made of it."""

from __future__ import annotations

import json
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from faults.matrix import CASES, LEFT_ALONE, PLACES, POINTS
from faults.situations import SITUATIONS
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from faults.matrix import Case, Place, Point

KNOWN = Path(__file__).with_name("outcomes.json")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
_COMMAND = "python -m pytest tests/faults --all-faults --record-faults"
_HEAD = f"""\
# The fault matrix

What happens when something goes wrong at each point at which a release touches the world. Every cell was seen, not
reasoned: a project with its gates before tag proven, a remote behind a connection that can break, two twins, a forge
and an issuer on loopback. After every run the public state was checked, then the whole walk was run again without the
fault; **every** such second walk ended with one tag on the right commit, both indexes holding exactly the sealed bytes,
and one published forge release with all its files.

This page is made by `{_COMMAND}`; do not edit it.

## Faults at each request

A cell has two halves, for a fault that strikes once and for one that strikes every time. `+`: mended on the way, the
walk finished at once. An id of the [catalogue](errors.md): the gate stayed closed with it, nothing public was wrong,
and running it again finished the release. The faults are the [twin's](twin.md#faults); besides, `refused-400` and
`refused-403` are refusals without a known reason, `unauthorized` and `forbidden` GitHub's 401 and 403, `half` a file
that GitHub shows as half sent after a 502, and `refused-by-hook` the remote's pre-receive hook saying no.
"""
_KILLED = """\
## kill -9

The walk's process was killed at the moment named, and the walk was run again. `half` is the moment when a request is
sent and not yet answered, or a record written and not yet in its place; `connected` and `taken` are within git's push:
before anything is sent, and when the remote has taken it and git has not heard of it.
"""
_PARENT = """\
`nox -s release` itself was killed while a session that it had started waited for an answer, and the whole command was
run again at once; the session that was left alone may go on meanwhile.
"""
_TWO = """\
## Two walks at once

One walk stops at the moment named; meanwhile another of the same commit, in another clone, goes all the way; then the
first goes on. `both finished` means into one and the same release. An id is what the first one said: the other had won.
"""
_RIVALS = """\
The same with another commit of the same version in the other clone. Exactly one of the two walks finished; the other
was refused with the id, and again with `tag-elsewhere` when it was run again.
"""
_MET = """\
## Worlds in which it must refuse

What others had done before the gate. Run again without a change, it refused in the same way and published nothing;
`then finished`: it did when the cause was gone.
"""
_AT_ONCE = "Both begun at the same moment, without stops (the last time that it was seen):"


def known() -> dict[str, str]:
    """Case → how it ended."""
    return dict(json.loads(KNOWN.read_text(encoding="utf-8"))) if KNOWN.exists() else {}


def record(seen: Mapping[str, str]) -> None:
    """Take what was seen over into what is known, and make the page anew."""
    with FileLock(Path(tempfile.gettempdir(), "towpath-faults.lock")):  # the workers of one run end one after the other
        _take_over(seen)


def _take_over(seen: Mapping[str, str]) -> None:
    everything = [*(case.id for case in CASES), *_point_ids(), *_LEFT_ALONE, *(one.id for one in SITUATIONS), *AT_ONCE]
    merged = {**known(), **seen}
    ordered = {name: merged[name] for name in everything if name in merged}
    KNOWN.write_text(json.dumps(ordered, indent=0) + "\n", encoding="utf-8")
    PAGE.write_text(page(ordered), encoding="utf-8")


_LEFT_ALONE = {f"parent_killed/{case.id}": case for case in LEFT_ALONE}
AT_ONCE = {"at-once/same-commit": True, "at-once/other-commit": False}


def _point_ids() -> list[str]:
    return [f"{way}/{point.id}" for way in ("killed", "overtaken", "rivalled") for point in POINTS]


def page(seen: Mapping[str, str]) -> str:
    """The page of the docs."""
    parts = [_HEAD]
    for gate, places in groupby(PLACES, key=lambda place: place.gate):
        parts.append(f"### {gate}\n\n{_faults(list(places), seen)}")
    parts += [_KILLED, _points("killed", seen), _PARENT]
    alone = [[case.place.gate, case.place.title, _code(seen.get(name, ""))] for name, case in _LEFT_ALONE.items()]
    parts += [_table(["gate", "no answer to", "ended"], alone), _TWO, _points("overtaken", seen)]
    parts += [_RIVALS, _points("rivalled", seen), _AT_ONCE + "\n"]
    titles = {"at-once/same-commit": "the same commit", "at-once/other-commit": "another commit"}
    parts += [_table(["Two walks of", "ended"], [[titles[name], _code(seen.get(name, ""))] for name in AT_ONCE])]
    rows = [[one.gate, one.title, _code(seen.get(one.id, ""))] for one in SITUATIONS]
    parts += [_MET, _table(["before", "what is so", "ended"], rows)]
    return "\n".join(parts)


def _faults(places: Sequence[Place], seen: Mapping[str, str]) -> str:
    """A table with the requests as columns where there are few of them, the faults as rows."""
    kinds = list(dict.fromkeys(kind for place in places for kind in place.kinds))
    cases = {(case.place, case.kind, case.always): case for case in CASES}
    rows = [
        [kind, *(_cell(cases, place, kind, seen) if kind in place.kinds else "" for place in places)] for kind in kinds
    ]
    return _table(["fault", *(place.title for place in places)], rows)


def _cell(cases: Mapping[tuple[Place, str, bool], Case], place: Place, kind: str, seen: Mapping[str, str]) -> str:
    once, always = (_code(seen.get(cases[place, kind, often].id, "")) for often in (False, True))
    return f"{once} / {always}"


def _points(way: str, seen: Mapping[str, str]) -> str:
    """Touches as rows, moments as columns; a touch that is made several times stands once for each."""
    chosen = [point for point in POINTS if f"{way}/{point.id}" in seen]
    moments = [one for one in ("before", "connected", "half", "taken", "after") if one in {p.moment for p in chosen}]
    rows: list[list[str]] = []
    for touch in _touches(chosen):
        cells = {point.moment: _code(seen[f"{way}/{point.id}"]) for point in touch}
        rows.append([touch[0].gate, touch[0].touch, *(cells.get(moment, "") for moment in moments)])
    return _table(["gate", "touch", *moments], rows)


def _touches(points: Iterable[Point]) -> list[list[Point]]:
    found: list[list[Point]] = []
    for point in points:
        new = not found or point.moment == "before" or found[-1][0].touch != point.touch
        if new:
            found.append([])
        found[-1].append(point)
    return found


def _code(words: str) -> str:
    """The words of an outcome, with the ids of the catalogue set as such."""
    if words == "mended":
        return "+"
    plain = {"finished", "both", "first:", "second:", "then", "finished;"}
    return " ".join(
        word if word in plain else f"`{word.rstrip(',;')}`{word[len(word.rstrip(',;')) :]}" for word in words.split()
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
