"""What evidence is worth: whether it opens a gate, and whether it may be used again instead of a run.

It opens a gate when subject, target and configuration match and every record and file that it relied on is still the
one that it named. It is used again when, besides, the tools match and it is young enough.

What holds for a limited time only (the vulnerabilities known today) opens the gate that needs it within that time; the
gates after that one rely on what it was then, so that a release that has begun can be finished.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.store import MANIFEST
from towpath.model import About, Distribution, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.evidence.store import Sealed, Store

_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a record must say to count for one gate and variant of a pipeline.

    `target` is the folder of the target and `target_id` its id; both are empty for gates without one. `max_age` is
    how old evidence may be to be used again; None for any age. `once` is whether what was done is not done again.
    """

    gate: str
    variant: str
    about: About
    subject: Subject
    configuration: str
    target: str = ""
    target_id: str = ""
    tools: Mapping[str, str] = field(default_factory=dict)
    max_age: timedelta | None = None
    once: bool = False

    @property
    def session(self) -> str:
        """The nox session that makes this evidence."""
        return f"{self.gate}-{self.variant}" if self.variant else self.gate


def require(store: Store, claim: Claim, *, now: datetime | None = None) -> Sealed:
    """The record that bears a claim out. Raises what keeps the gate closed, with the session to run."""
    sealed = store.load(store.path(claim.gate, claim.variant, claim.target))
    if sealed is None:
        raise errors.EVIDENCE_MISSING.error(gate=claim.gate, session=claim.session)
    record = sealed.record
    if (record.gate, record.variant, record.project) != (claim.gate, claim.variant, claim.subject.project):
        raise errors.EVIDENCE_BROKEN.error(path=sealed.path, why=f"it is about {record.gate} of {record.project}")
    if not record.passed:
        raise errors.EVIDENCE_FAILED.error(gate=claim.session, session=claim.session)
    for what, made_about, wanted in _differences(sealed, claim):
        raise errors.EVIDENCE_STALE.error(
            gate=claim.session, what=what, then=made_about, now=wanted, session=claim.session
        )
    if _has_expired(sealed, _now(now)):
        raise errors.EVIDENCE_EXPIRED.error(gate=claim.session, session=claim.session, expires=sealed.latest.expires)
    _require_chain(store, sealed)
    return sealed


def usable_again(
    store: Store, claim: Claim, relied_on: Mapping[str, str], *, now: datetime | None = None
) -> Sealed | None:
    """The record that may stand for a new run; None if the gate has to run.

    What happened in the world is never used again: the gate asks the world and seals anew. What is done once cannot be
    asked for, so that its record stands.
    """
    if claim.about is About.WORLD and not claim.once:
        return None
    try:
        sealed = require(store, claim, now=now)
    except errors.TowpathError:
        return None
    records = {path: digest for path, digest in sealed.record.relied_on.items() if path != MANIFEST}
    same = sealed.record.tools == dict(claim.tools) and records == dict(relied_on)
    return sealed if same and _is_young(sealed, claim.max_age, _now(now)) else None


def require_files(kept: tuple[Distribution, ...], found: tuple[Distribution, ...], where: str) -> None:
    """Raise unless the files found are exactly the sealed ones, byte for byte."""
    sealed = {file.filename: file for file in kept}
    there = {file.filename: file for file in found}
    for name in sorted(sealed.keys() | there.keys()):
        if name not in there:
            raise errors.FILE_MISSING.error(file=f"{where}/{name}")
        if name not in sealed:
            raise errors.FILE_FOREIGN.error(file=f"{where}/{name}")
        if sealed[name] != there[name]:
            raise errors.FILE_ALTERED.error(
                file=f"{where}/{name}", then=sealed[name].sha256[:12], now=there[name].sha256[:12]
            )


def _differences(sealed: Sealed, claim: Claim) -> list[tuple[str, str, str]]:
    record, subject = sealed.record, claim.subject
    pairs = [("version", record.version, subject.version)]
    if claim.about is About.TREE:
        pairs.append(("tree", record.tree, subject.tree))
    else:
        pairs.append(("commit", record.commit, subject.commit or "uncommitted work"))
    if claim.about is About.WORLD:
        pairs.append(("target", record.target, claim.target_id))
    pairs.append(("configuration", record.configuration, claim.configuration))
    return [(what, _shown(what, then), _shown(what, now)) for what, then, now in pairs if then != now]


def _shown(what: str, value: str) -> str:
    """A digest by its beginning; what people wrote in full."""
    return value if what == "version" or " " in value else value[:12]


def _require_chain(store: Store, sealed: Sealed) -> None:
    """Every record and file named must still be the one that was relied on, all the way back."""
    for path, digest in sealed.record.relied_on.items():
        below = None if path == MANIFEST else store.load(path)
        if (store.digest(path) if below is None else below.digest) != digest:
            session = sealed.path.rsplit("/", 1)[-1].removesuffix(".json")
            raise errors.EVIDENCE_CHAIN.error(gate=session, below=path, session=session)
        if below is not None:
            _require_chain(store, below)


def _has_expired(sealed: Sealed, now: datetime) -> bool:
    text = sealed.latest.expires
    end = _moment(text)
    return bool(text) and (end is None or now >= end)


def _is_young(sealed: Sealed, limit: timedelta | None, now: datetime) -> bool:
    """Whether the last run that found this is recent enough; one that no clock has reached yet is not."""
    if limit is None:
        return True
    made = _moment(sealed.latest.started)
    return made is not None and -_CLOCKS_DIFFER <= now - made < limit


def _now(now: datetime | None) -> datetime:
    return now or datetime.now(timezone.utc)


def _moment(text: str) -> datetime | None:
    """A time of a record; None for what is none, or says no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
