"""What the records say of commands, tests and files. Facts are other people's data: each is looked at, none trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.model import State
from towpath.reports.release.nouns import Changed, File, OnPython, Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from towpath.evidence.store import Sealed
    from towpath.model import Distribution
    from towpath.reports.release.nouns import GateTold
    from towpath.reports.release.source import Source


def ran(facts: Mapping[str, Any], clean: Callable[[str], str]) -> tuple[Ran, ...]:
    """The commands and checks that a record names."""
    return tuple(_ran(facts, clean))


def tests(gate: GateTold, sealed: Sealed | None, clean: Callable[[str], str]) -> OnPython:
    """The tests of one session of the test gate; counts only from a record that passed."""
    facts = sealed.latest.facts if sealed and sealed.record.passed and gate.is_open else {}
    counts = [_number(facts.get(name)) for name in ("tests", "failed", "skipped")]
    counted = None not in counts and gate.state not in {State.NO_TESTS, State.NOT_HERE}
    total, failed, skipped = counts if counted else (0, None, None)
    return OnPython(
        session=gate.session,
        python=_text(facts.get("python")) or _python(gate.session),
        state=gate.state,
        passed=total - (failed or 0) - (skipped or 0) if counted else None,
        failed=failed,
        skipped=skipped,
        seconds=_number(facts.get("seconds")) or 0.0,
        coverage=_number(facts.get("covered")),
        allowed=tuple(_allowed(facts, clean)),
        remark=_remark(gate, counted=counted),
    )


def files(source: Source) -> tuple[File, ...]:
    """The sealed distributions, with their members as they lie in the store."""
    origins, last = source.store.origins(), _last_release(source)
    return tuple(_file(source, file, origins.get(file.filename, ""), last) for file in source.store.manifest()[1])


def _python(session: str) -> str:
    variant = session.partition("-")[2]
    return "all together" if variant == "coverage" else variant


def _ran(facts: Mapping[str, Any], clean: Callable[[str], str]) -> Iterator[Ran]:
    checks = facts.get("checks")
    listed = _named(checks) if isinstance(checks, dict) else checks if isinstance(checks, list) else []
    for one in listed:
        if isinstance(one, dict):
            tool = " ".join(filter(None, (_text(one.get("tool")), _text(one.get("version")))))
            command, reason = clean(_text(one.get("command"))), clean(_text(one.get("allowed-to-fail")))
            yield Ran(command, _text(one.get("verdict")), tool, reason)
    allowed = {one.command: one for one in _allowed(facts, clean)}
    for command in facts.get("commands") or ():
        shown = clean(_text(command))
        yield allowed.pop(shown) if shown in allowed else Ran(shown, "passed")
    yield from allowed.values()
    inside = facts.get("files")
    for name, found in inside.items() if isinstance(inside, dict) else ():
        for kind, verdict in (("answered", "answered"), ("smoke", "passed")):
            for command in found.get(kind) or () if isinstance(found, dict) else ():
                yield Ran(clean(_text(command)), verdict, clean(_text(name)))


def _named(checks: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By tool, as security has them."""
    return [{"command": name, **one} for name, one in checks.items() if isinstance(one, dict)]


def _allowed(facts: Mapping[str, Any], clean: Callable[[str], str]) -> Iterator[Ran]:
    for one in facts.get("allowed-failures") or ():
        if isinstance(one, dict):
            verdict = f"ended with {one.get('code')}, as it may"
            yield Ran(clean(_text(one.get("command"))), verdict, allowed=clean(_text(one.get("reason"))))


def _remark(gate: GateTold, *, counted: bool) -> str:
    if gate.state is State.CLOSED:
        return gate.problems[0].cause if gate.problems else ""
    if gate.state in {State.NOT_HERE, State.NO_TESTS}:
        return gate.why or (gate.notes[0] if gate.notes else "")
    if not gate.is_open:
        return ""
    return "" if counted or _python(gate.session) == "all together" else "the commands passed; no tests were counted"


def _file(source: Source, file: Distribution, origin: str, last: Mapping[str, Any] | str) -> File:
    members, unread = _members(source, file)
    found = last.get(file.filename) if isinstance(last, dict) else None
    why = source.clean(last) if isinstance(last, str) else "the last release has no such file"
    return File(
        filename=source.clean(file.filename),
        size=file.size,
        sha256=file.sha256,
        members={source.clean(path): size for path, size in members.items()},
        unread=source.clean(unread),
        changed=_changed(found, source.clean) if isinstance(found, dict) else None,
        unchanged_why="" if isinstance(found, dict) else why,
        origin=source.clean(origin),
    )


def _members(source: Source, file: Distribution) -> tuple[Mapping[str, int], str]:
    from towpath.distributions.archive import listing
    from towpath.evidence.store import measure

    path = source.store.distributions_folder / file.filename
    try:
        if measure(path) != file:
            return {}, "the file that is kept is another than the sealed one"
        return listing(path), ""
    except FileNotFoundError:
        return {}, "the file is not kept here"
    except (OSError, errors.TowpathError) as error:
        return {}, str(error)


def _changed(found: Mapping[str, Any], clean: Callable[[str], str]) -> Changed | None:
    sizes = [_number(one) for one in found.get("bytes") or ()]
    if len(sizes) != 2 or None in sizes:  # noqa: PLR2004 - before and after
        return None
    appeared, vanished = (tuple(clean(_text(one)) for one in found.get(key) or ()) for key in ("appeared", "vanished"))
    return Changed(_text(found.get("against")), appeared, vanished, int(sizes[0] or 0), int(sizes[1] or 0))


def _last_release(source: Source) -> Mapping[str, Any] | str:
    """As publish-test found it, which can ask where a rehearsed build could not; else as build did."""
    told: Mapping[str, Any] | str = "there is no record of a comparison here"
    for session in ("publish-test", "build"):
        try:
            sealed = source.sealed(session)
        except errors.TowpathError:
            continue
        found = sealed.latest.facts.get("last_release") if sealed and sealed.record.passed else None
        if isinstance(found, dict):
            return found
        told = found if isinstance(found, str) else told
    return told


def _number(value: object) -> Any:  # noqa: ANN401 - int stays int, float stays float
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
