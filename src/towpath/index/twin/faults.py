"""Faults on order: what a network, a proxy or a busy index does to a client, at the moment one chooses."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.index.twin.records import State

KINDS = {
    "drop-before-body": "the connection is closed before the body is read",
    "drop-within-body": "the connection is closed when half of the body has been read",
    "drop-after-body": "the connection is closed when the body has been read; nothing is kept",
    "drop-after-commit": "the request takes effect, then the connection is closed without an answer",
    "error-before-commit": "`status` is answered and nothing is kept",
    "error-after-commit": "the request takes effect and `status` is answered",
    "too-many-requests": "429, with Retry-After where `seconds` is set; nothing is kept",
    "silence-before-commit": "the body is read and no answer is ever sent; nothing is kept",
    "silence-after-commit": "the request takes effect and no answer is ever sent",
    "slow": "the request takes effect `seconds` later than it was judged",
    "stale": "a reader is answered from the state at the time when the fault was added",
    "expire-tokens": "every token minted so far has expired from this request on",
    "other-bytes": "the body of the answer has its last byte changed, and is otherwise as it should be",
    "cut-short": "the answer has half of its body, and says that this is all of it",
    "drop-within-answer": "the connection is closed when half of the answer's body has been sent",
    "strip-reason": "the status line carries the usual phrase only, as behind a proxy or over HTTP/2",
}
WHERE = ("upload", "mint", "audience", "simple", "simple-html", "simple-json", "json", "file", "any")


def _times(text: str) -> int | None:
    return None if text == "ever" else int(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "on": str,
    "after": int,
    "times": _times,
    "status": int,
    "seconds": float,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind (see `KINDS`), the requests that it strikes, how many of them it lets pass first.

    `on` is one of `WHERE`; "simple" strikes both variants of the simple API, "any" everything. `times` is how
    often it strikes, None for ever.
    """

    kind: str
    on: str = "upload"
    after: int = 0
    times: int | None = 1
    status: int = 503
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f"unknown fault {self.kind!r}; known are {', '.join(KINDS)}"
            raise ValueError(message)
        if self.on not in WHERE:
            message = f"unknown place {self.on!r}; known are {', '.join(WHERE)}"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> Fault:
        """A fault as it is written on a command line: `drop-after-commit,on=upload,after=1,times=2`.

        `times=ever` lets it strike for ever. Raises ValueError for what is none.
        """
        kind, *given = text.split(",")
        options: dict[str, Any] = {}
        for word in given:
            name, equals, value = word.partition("=")
            if name not in _READERS or not equals:
                message = f"{word!r} is no option of a fault; known are {', '.join(_READERS)}, each with =VALUE"
                raise ValueError(message)
            options[name] = _READERS[name](value)
        return cls(kind, **options)

    def strikes(self, place: str) -> bool:
        """Whether requests of that place are its victims."""
        return self.on in ("any", place) or (self.on == "simple" and place.startswith("simple-"))


@dataclass(slots=True)
class _Ordered:
    fault: Fault
    state: State
    seen: int = 0
    struck: int = 0


@dataclass(slots=True)
class Struck:
    """The faults that a request meets, by kind, and for a stale answer the state to answer from."""

    by_kind: dict[str, Fault] = field(default_factory=dict)
    state: State | None = None

    def get(self, *kinds: str) -> Fault | None:
        """The fault of one of these kinds, if the request meets one."""
        return next((self.by_kind[kind] for kind in kinds if kind in self.by_kind), None)


class Faults:
    """The faults ordered from a twin."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state
        self._ordered: list[_Ordered] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Order faults. Each counts the requests that it strikes on its own."""
        with self._lock:
            self._ordered += [_Ordered(fault, self._state()) for fault in faults]

    def clear(self) -> None:
        """Order no faults any more."""
        with self._lock:
            self._ordered.clear()

    @property
    def struck(self) -> int:
        """How often a fault that is ordered now has struck."""
        with self._lock:
            return sum(ordered.struck for ordered in self._ordered)

    def meet(self, place: str) -> Struck:
        """The faults that the next request of that place meets; called once for each request."""
        struck = Struck()
        with self._lock:
            for ordered in self._ordered:
                fault = ordered.fault
                if not fault.strikes(place):
                    continue
                ordered.seen += 1
                if ordered.seen <= fault.after or (fault.times is not None and ordered.struck >= fault.times):
                    continue
                ordered.struck += 1
                struck.by_kind[fault.kind] = fault
                if fault.kind == "stale":
                    struck.state = ordered.state
        return struck
