"""The fault matrix as values: which request of which gate meets which fault."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

READING = (
    "drop-before-body",
    "drop-within-answer",
    "cut-short",
    "other-bytes",
    "error-before-commit",
    "too-many-requests",
    "silence-before-commit",
)
PAGE = (*READING, "stale")
WRITING = (
    "drop-before-body",
    "drop-within-body",
    "drop-after-body",
    "drop-after-commit",
    "error-before-commit",
    "error-after-commit",
    "too-many-requests",
    "silence-before-commit",
    "silence-after-commit",
)
ANSWERED = (*WRITING, "drop-within-answer", "cut-short", "other-bytes")
UPLOAD = (*WRITING, "slow", "expire-tokens", "expire-tokens+strip-reason", "refused-400", "refused-403")
FORGE_READING = (*READING, "unauthorized", "forbidden")
FORGE_WRITING = (*ANSWERED, "unauthorized", "forbidden")
ASKING = ("drop-before-body", "silence-before-commit")
PUSHING = (
    "drop-before-body",
    "drop-within-body",
    "drop-after-commit",
    "silence-before-commit",
    "silence-after-commit",
    "refused-by-hook",
)


@dataclass(frozen=True)
class Place:
    """A request of a gate: who is asked (`on`: in the server's own words) and how many like it come before."""

    gate: str
    title: str
    server: str
    on: str
    after: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A fault at a place, once or for ever."""

    place: Place
    kind: str
    always: bool

    @property
    def id(self) -> str:
        """The name of the case, made of words."""
        title = re.sub(r"[^a-z0-9]+", "-", self.place.title.lower()).strip("-")
        return f"{self.place.gate}/{title}/{self.kind}/{'always' if self.always else 'once'}"


def _index(gate: str, server: str) -> tuple[Place, ...]:
    """What both publishing gates ask."""
    return (
        Place(gate, "list before", server, "simple-json", 0, PAGE),
        Place(gate, "JSON before", server, "json", 0, PAGE),
        Place(gate, "audience", server, "audience", 0, READING),
        Place(gate, "identity token", "issuer", "GET /_apis", 0, (*READING, "unauthorized")),
        Place(gate, "mint", server, "mint", 0, ANSWERED),
        Place(gate, "upload of file 1", server, "upload", 0, UPLOAD),
        Place(gate, "upload of file 2", server, "upload", 1, UPLOAD),
        Place(gate, "list after", server, "simple-json", 1, PAGE),
    )


PLACES = (
    Place("tag", "ask the remote", "git", "ask", 0, ASKING),
    Place("tag", "push", "git", "push", 0, PUSHING),
    Place("tag", "ask the remote after", "git", "ask", 1, ASKING),
    *_index("publish-test", "staging"),
    Place("publish-test", "list for the candidate", "staging", "simple-json", 2, PAGE),
    Place("publish-test", "URLs of the files", "staging", "simple-json", 3, PAGE),
    Place("publish-test", "download of file 1", "staging", "file", 0, READING),
    Place("publish-test", "download of file 2", "staging", "file", 1, READING),
    Place("publish-test", "download by the installer", "staging", "file", 2, READING),
    *_index("publish", "main"),
    Place("verify-published", "list as pip sees it", "main", "simple-json", 0, PAGE),
    Place("verify-published", "URLs of the files", "main", "simple-json", 1, PAGE),
    Place("verify-published", "download of file 1", "main", "file", 0, READING),
    Place("verify-published", "download of file 2", "main", "file", 1, READING),
    Place("verify-published", "list for remarks", "main", "simple-json", 2, PAGE),
    Place("verify-published", "list in HTML", "main", "simple-html", 0, PAGE),
    Place("verify-published", "list for the installer", "main", "simple-json", 3, PAGE),
    Place("verify-published", "download by the installer", "main", "file", 2, READING),
    Place("github-release", "latest release", "forge", r"GET .*/releases/latest$", 0, FORGE_READING),
    Place("github-release", "release by tag", "forge", r"GET .*/releases/tags/", 0, FORGE_READING),
    Place("github-release", "list of releases", "forge", r"GET .*/releases\?", 0, FORGE_READING),
    Place("github-release", "create the draft", "forge", r"POST .*/releases$", 0, FORGE_WRITING),
    Place("github-release", "drafts made meanwhile", "forge", r"GET .*/releases\?", 1, FORGE_READING),
    Place("github-release", "upload of file 1", "forge", r"POST .*/assets\?", 0, (*FORGE_WRITING, "half")),
    Place("github-release", "upload of file 2", "forge", r"POST .*/assets\?", 1, (*FORGE_WRITING, "half")),
    Place("github-release", "upload of the evidence", "forge", r"POST .*/assets\?", 2, (*FORGE_WRITING, "half")),
    Place("github-release", "files before publishing", "forge", r"GET .*/assets\?", 1, FORGE_READING),
    Place("github-release", "publish the draft", "forge", r"PATCH .*/releases/", 0, FORGE_WRITING),
    Place("github-release", "files after publishing", "forge", r"GET .*/assets\?", 2, FORGE_READING),
)

CASES = tuple(
    chain.from_iterable(
        (Case(place, kind, always=False), Case(place, kind, always=True)) for place in PLACES for kind in place.kinds
    )
)


# While `nox -s release` itself is killed.
LEFT_ALONE = tuple(
    case
    for case in CASES
    if case.id
    in {
        "publish-test/mint/silence-after-commit/once",
        "publish/upload-of-file-2/silence-after-commit/once",
        "github-release/publish-the-draft/silence-after-commit/once",
    }
)


@dataclass(frozen=True)
class Point:
    """A point of a whole walk, by its number in a walk in which nothing goes wrong: gate, touch and moment."""

    number: int
    text: str

    @property
    def gate(self) -> str:
        return self.text.split("|")[0]

    @property
    def touch(self) -> str:
        return self.text.split("|")[1]

    @property
    def moment(self) -> str:
        """before, half (all is sent and nothing is answered; written and not in its place) or after."""
        return self.text.split("|")[2]

    @property
    def traced(self) -> int:
        """Its number for the walk itself, which does not see those within git's push."""
        return self.number - sum(one.moment in ON_THE_WIRE for one in POINTS[: self.number])

    @property
    def id(self) -> str:
        """The name of the point."""
        return f"{self.number:03d}/{self.text.replace('|', '/').replace(' ', '-')}"


ON_THE_WIRE = ("connected", "taken")
# Where a walk touches the world, as `python -m pytest tests/faults --record-faults` saw it.
KNOWN = Path(__file__).with_name("points.json")
POINTS = tuple(Point(*one) for one in enumerate(json.loads(KNOWN.read_text(encoding="utf-8"))))
# "after" of one touch is "before" of the next, for whoever looks from outside.
OVERTAKEN = tuple(point for point in POINTS if point.moment in {"before", "half"})
# Of another commit only the tag decides; later on once for each gate.
RIVALLED = tuple(
    point
    for number, point in enumerate(POINTS)
    if point.moment not in ON_THE_WIRE and (point.gate == "tag" or POINTS[number - 1].gate != point.gate)
)

# What runs with the other tests: each kind of fault and of moment, where it matters most.
_STRUCK = (
    "tag/push/drop-within-body/once",
    "tag/push/drop-after-commit/once",
    "publish-test/upload-of-file-2/error-before-commit/always",
    "publish/mint/drop-after-commit/once",
    "publish/upload-of-file-1/drop-after-commit/once",
    "publish/upload-of-file-1/error-after-commit/once",
    "publish/upload-of-file-2/drop-within-body/once",
    "publish/upload-of-file-2/too-many-requests/once",
    "publish/upload-of-file-2/silence-after-commit/once",
    "publish/upload-of-file-2/expire-tokens+strip-reason/once",
    "publish/upload-of-file-2/refused-400/always",
    "publish/list-after/stale/always",
    "verify-published/list-as-pip-sees-it/stale/always",
    "verify-published/download-of-file-1/drop-within-answer/once",
    "verify-published/download-of-file-2/other-bytes/always",
    "github-release/create-the-draft/drop-after-commit/once",
    "github-release/upload-of-file-2/half/once",
    "github-release/upload-of-the-evidence/drop-after-commit/once",
    "github-release/publish-the-draft/error-after-commit/once",
    "parent_killed/publish/upload-of-file-2/silence-after-commit/once",
    "met/publish/half-a-release-and-an-old-page",
    "met/publish/other-bytes-under-our-name",
)
_STOPPED = {
    "killed": (
        "tag|git push|taken",
        "publish-test|POST staging /_/oidc/mint-token|half",
        "publish|POST main /legacy/|half",
        "publish|seal publish|half",
        "github-release|POST forge /releases|half",
        "github-release|PATCH forge /releases/…|after",
    ),
    "overtaken": (
        "tag|git push|before",
        "publish|POST main /legacy/|before",
        "github-release|POST forge /releases|half",
    ),
    "rivalled": ("tag|git push|before",),
}
_FIRST = {point.text: point for point in reversed(POINTS)}
SAMPLE = frozenset(
    chain(
        _STRUCK,
        (f"{way}/{_FIRST[text].id}" for way, texts in _STOPPED.items() for text in texts if text in _FIRST),
    )
)
