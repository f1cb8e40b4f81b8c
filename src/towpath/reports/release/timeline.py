"""Where the gates stand on a line of time: positions in percent, long waits drawn short."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from towpath.reports.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.reports.release.nouns import GateTold

_WAIT_PERCENT = 6.0  # the width of a wait that is drawn short
_SHORTEST_WAIT = 2.0  # seconds
_SHARE = 0.5  # of all the time at work; a longer wait is drawn short
_NARROWEST = 0.8  # percent of the line, so that the shortest gate is seen
_TICKS = 6
_MINUTE = 60
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400)


@dataclass(frozen=True, slots=True)
class Bar:
    """From where, how wide, in percent of the line."""

    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the line with its words; `is_wait` for the middle of a wait that is drawn short."""

    left: float
    label: str
    is_wait: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars by session, and what stands on the axis."""

    bars: Mapping[str, Bar]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time without long waits, in seconds, and where it is drawn, in percent."""

    begin: float
    end: float
    left: float = 0.0
    width: float = 0.0


def timeline(gates: Iterable[GateTold]) -> Timeline:
    """The line of the gates that ran. Those that ran side by side overlap."""
    spans = {gate.session: _span(gate) for gate in gates if gate.started and gate.seconds >= 0}
    spans = {session: span for session, span in spans.items() if span[0] > 0}
    if not spans:
        return Timeline({}, ())
    drawn = _drawn(_stretches(sorted(spans.values())))
    bars = {session: _bar(span, drawn) for session, span in spans.items()}
    return Timeline(bars, tuple(_ticks(drawn)))


def _span(gate: GateTold) -> tuple[float, float]:
    try:
        begin = datetime.fromisoformat(gate.started)
    except ValueError:
        return 0.0, 0.0
    begin = begin if begin.tzinfo else begin.replace(tzinfo=timezone.utc)
    return begin.timestamp(), begin.timestamp() + gate.seconds


def _stretches(spans: Sequence[tuple[float, float]]) -> list[_Stretch]:
    merged: list[list[float]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    wait = max(_SHORTEST_WAIT, _SHARE * sum(end - begin for begin, end in merged))
    joined = [merged[0]]
    for begin, end in merged[1:]:
        if begin - joined[-1][1] <= wait:
            joined[-1][1] = end
        else:
            joined.append([begin, end])
    return [_Stretch(begin, max(end, begin + 0.01)) for begin, end in joined]


def _drawn(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    wait = min(_WAIT_PERCENT, 40 / max(1, len(stretches) - 1))
    free = 100 - wait * (len(stretches) - 1)
    whole = sum(one.end - one.begin for one in stretches)
    drawn, left = [], 0.0
    for one in stretches:
        width = free * (one.end - one.begin) / whole
        drawn.append(_Stretch(one.begin, one.end, left, width))
        left += width + wait
    return drawn


def _bar(span: tuple[float, float], drawn: Sequence[_Stretch]) -> Bar:
    home = next(one for one in drawn if one.begin <= span[0] <= one.end)
    scale = home.width / (home.end - home.begin)
    width = max(_NARROWEST, (min(span[1], home.end) - span[0]) * scale)
    return Bar(round(min(home.left + (span[0] - home.begin) * scale, 100 - width), 2), round(width, 2))


def _ticks(drawn: Sequence[_Stretch]) -> Iterable[Tick]:
    if len(drawn) == 1:
        yield from _even(drawn[0])
        return
    for before, one in itertools.pairwise(drawn):
        middle = (before.left + before.width + one.left) / 2
        yield Tick(round(middle, 2), f"{duration(one.begin - before.end)} later", is_wait=True)


def _even(one: _Stretch) -> Iterable[Tick]:
    length = one.end - one.begin
    step = next((step for step in _STEPS if length / step <= _TICKS), _STEPS[-1])
    at = 0.0
    while at <= length:
        yield Tick(round(one.width * at / length, 2), _label(at))
        at += step


def _label(seconds: float) -> str:
    """`0.5 s`, `30 s`, `2 min`."""
    return f"{seconds:g} s" if seconds < _MINUTE else duration(seconds).removesuffix(" 0 s")
