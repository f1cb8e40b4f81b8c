"""The report as Markdown: for a CI step's summary, an issue, a release's page. What others wrote is shown as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath.reports.release.words import (
    allowed_words,
    changed_words,
    ending_words,
    tests_words,
    told_apart,
)
from towpath.reports.words import duration, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.errors import Problem
    from towpath.reports.release.nouns import File, GateTold, OnPython, Place, Told, World
    from towpath.walk.plan import Plan

_DIGEST = 12
_CODE = re.compile(r"[\w./+:=-]+( [\w./+:=-]+)*")


def told_markdown(told: Told) -> str:
    """The whole report."""
    parts = [
        _head(told),
        *(gate_closed(gate) for gate in told.closed),
        _gates(told),
        _files(told.files),
        _tests(told.tests),
        _world(told.world),
        _evidence(told.gates),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def gate_section(gate: GateTold) -> str:
    """One gate that ran alone, as a job of its own."""
    lines = [
        f"- {text(note)}" for note in (*gate.notes, *map(allowed_words, filter(lambda one: one.allowed, gate.ran)))
    ]
    lines += [f"- {text(gate.why)}"] if gate.why else []
    lines += [f"- evidence {code(gate.evidence.path)}, {code(gate.evidence.sha256)}"] if gate.evidence else []
    return "\n".join([f"### {text(gate.session)}: {gate.state.value}, {duration(gate.seconds)}", "", *lines, ""])


def gate_closed(gate: GateTold) -> str:
    """Why a gate stayed closed, and what to do."""
    return "\n\n".join(problem_section(problem, gate.session) for problem in gate.problems)


def problem_section(problem: Problem, session: str = "") -> str:
    """A problem: cause, fix, the lines that matter."""
    who = f"{text(session)} " if session else ""
    parts = [f"### {who}closed: {text(problem.cause)}", f"Fix: {text(problem.fix)}"]
    return "\n\n".join([*parts, *([code_block(problem.detail)] if problem.detail else [])])


def plan_table(plan: Plan) -> str:
    """The gates that will be walked, as a table."""
    rows = (
        (step.session, step.state.value, step.effect, text(step.where), ", ".join(step.needs)) for step in plan.steps
    )
    title = f"### {text(plan.project)} {text(plan.version)} → {text(plan.target)}"
    return f"{title}\n\n{_table(('gate', '', 'effect', 'where', 'needs'), rows)}\n"


def diagram(plan: Plan) -> str:
    """The gates and their needs as a mermaid diagram; what cannot be undone stands out."""
    sessions: dict[str, list[str]] = {}
    for step in plan.steps:
        gate = next(
            (name for name in _gate_names(plan) if step.session == name or step.session.startswith(f"{name}-")), ""
        )
        sessions.setdefault(gate, []).append(step.session)
    lines = ["```mermaid", "flowchart LR"]
    for step in plan.steps:
        shape = '{{"%s"}}' if step.effect == "permanent" else '["%s"]'
        lines.append(f"  {step.session.replace('.', '_')}{shape % step.session}")
        for need in step.needs:
            lines += [f"  {name.replace('.', '_')} --> {step.session.replace('.', '_')}" for name in sessions[need]]
    return "\n".join([*lines, "```", ""])


def code_block(said: str) -> str:
    """A block that its own text cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", said)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{said}\n{fence}"


def code(said: str) -> str:
    """A command, a path or a digest; as plain text where it holds what code in Markdown cannot."""
    return f"`{said}`" if _CODE.fullmatch(said) else text(said)


def text(said: str) -> str:
    """Text that is shown as it is: no markup of whoever wrote it, and nobody is called by it."""
    if said and not said.strip():
        return "\u200b"  # blank, and yet something: an empty item or heading would take in what follows
    escaped = re.sub(r"([\\`*_{}\[\]<>|#!~])", r"\\\1", " ".join(said.split()))
    escaped = re.sub(r"^(?=[-+=])|^\d{1,9}(?=[.)](?:\s|$))", r"\g<0>\\", escaped)
    escaped = re.sub(r"(?<=\w):(?=//)", ":\u200b", escaped.replace("&", "&amp;"))
    return re.sub(r"(?i)\bwww\.", "www\u200b.", escaped).replace("@", "@\u200b")


def _head(told: Told) -> str:
    kind = "Rehearsal" if told.rehearsal else "Release"
    lines = [f"## {kind} of {text(told.project)} {text(told.version)}: {text(ending_words(told))}"]
    if told.rehearsal:
        lines.append("**This is a rehearsal: all of it happened against twins on one machine; nothing is public.**")
    facts = [f"to {code(told.target)}"] + ([f"commit {code(told.commit[:_DIGEST])}"] if told.commit else [])
    facts += [text(moment(told.started))] if told.started else []
    facts += [duration(told.seconds)] if told.seconds else []
    lines.append(", ".join(facts))
    lines += ["\n".join(f"- {text(mark)}" for mark in told.marks)] if told.marks else []
    lines += [f"Next: {code(told.next_command)}"] if told.next_command else []
    return "\n\n".join(lines)


def _gates(told: Told) -> str:
    rows = (
        (
            text(gate.session),
            gate.state.value,
            duration(gate.seconds) if gate.seconds and not gate.state.is_left_out else "",
            text(_found(gate)),
        )
        for gate in told.gates
    )
    return f"### Gates\n\n{_table(('gate', 'state', 'time', 'found'), rows, right=(2,))}"


def _found(gate: GateTold) -> str:
    if gate.problems:
        return gate.problems[0].cause
    return gate.why or (gate.notes[0] if gate.notes else "")


def _files(files: Iterable[File]) -> str:
    rows = [
        (
            text(file.filename),
            str(file.size),
            code(file.sha256),
            str(len(file.members) or ""),
            text(changed_words(file)),
        )
        for file in files
    ]
    head = ("file", "bytes", "sha256", "members", "against the last release")
    return f"### Distributions\n\n{_table(head, rows, right=(1, 3))}" if rows else ""


def _tests(tests: Iterable[OnPython]) -> str:
    rows = [_tests_row(one) for one in tests]
    head = ("Python", "passed", "failed", "skipped", "coverage", "remark")
    return f"### Tests\n\n{_table(head, rows, right=(1, 2, 3, 4))}" if rows else ""


def _tests_row(one: OnPython) -> tuple[str, ...]:
    *counts, remark = tests_words(one)
    return (text(one.python or "the one in use"), *counts, text(remark))


def _world(world: World) -> str:
    lines = ["### In the world", text(world.how)]
    lines += [f"**{text(world.standing)}**"] if world.standing else []
    lines += ["\n".join(f"- {text(remark)}" for remark in world.remarks)] if world.remarks else []
    rows = [row for place in world.places for row in _place(place)]
    return "\n\n".join([*lines, *([_table(("where", "what"), rows)] if rows else [])])


def _place(place: Place) -> Iterator[tuple[str, str]]:
    page = f" [page](<{place.page}>)" if _is_address(place.page) else ""
    yield text(place.name), text(place.said) + page
    yield from (("", f"{text(name)}: {text(verdict)}") for name, verdict in told_apart(place).items())


def _evidence(gates: Iterable[GateTold]) -> str:
    rows = [
        (code(gate.evidence.path), code(gate.evidence.sha256), text(moment(gate.evidence.latest)))
        for gate in gates
        if gate.evidence
    ]
    return f"### Evidence\n\n{_table(('record', 'sha256', 'last run'), rows)}" if rows else ""


def _is_address(page: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>()\"'\\]+", page) is not None


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], right: tuple[int, ...] = ()) -> str:
    names = tuple(head)
    rule = ("---:" if number in right else "---" for number in range(len(names)))
    return "\n".join(f"| {' | '.join(row)} |" for row in (names, rule, *rows))


def _gate_names(plan: Plan) -> list[str]:
    """The gates' names, the longest first: `verify-install-3.12` is one of verify-install."""
    named = {need for step in plan.steps for need in step.needs}
    return sorted(named, key=len, reverse=True)
