"""One sealed record: an in-toto Statement v1 whose predicate is a test result.

The formats are https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
…/spec/predicates/test-result.md, so that other tools can read and sign what a gate found. What those have no
place for stands in the annotations of the resource descriptor that names the gate.

A seal finds truncation and alteration. It does not stop somebody who may write the folder and can run this code.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from towpath import errors
from towpath.model import Distribution, State

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
_JUDGED = ("measured",)  # the facts that a later gate reads: the lines that tests covered


@dataclass(frozen=True, slots=True)
class Record:
    """What a gate found about a subject.

    `configuration` is the sha256 of the gate's settings, `tools` name → version of what ran, `relied_on` the path
    (below the version's folder) → sha256 of the records that opened the gate, `started` an ISO 8601 time in UTC.
    `target` is the id of the target, empty for gates that have none. `expires` is when the finding ceases to hold,
    an ISO 8601 time in UTC, empty where nothing but another subject ends it. `verdict` is what is shown in place of
    "proven" where that would say too much ("no tests"), else empty.
    """

    gate: str
    variant: str
    passed: bool
    project: str
    version: str
    tree: str
    commit: str
    configuration: str
    distributions: tuple[Distribution, ...] = ()
    target: str = ""
    tools: dict[str, str] = field(default_factory=dict)
    relied_on: dict[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    problems: tuple[dict[str, Any], ...] = ()
    started: str = ""
    seconds: float = 0.0
    expires: str = ""
    verdict: str = ""

    def essence(self) -> Record:
        """The record without what differs between two equal runs; what another gate judges by is not among that."""
        facts = {name: self.facts[name] for name in _JUDGED if name in self.facts}
        return replace(self, started="", seconds=0.0, expires="", notes=(), facts=facts)


def digest_of(value: object) -> str:
    """The sha256 of a JSON value in its canonical spelling."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def encode(record: Record) -> bytes:
    """The record as a sealed statement."""
    statement = _statement(record)
    statement["predicate"]["configuration"][0]["annotations"]["seal"] = digest_of(statement)
    return json.dumps(statement, indent=2, ensure_ascii=False).encode() + b"\n"


def decode(text: bytes, *, path: str) -> Record:
    """Read a sealed statement. Raises evidence-broken if it is cut short, altered, or none of ours."""
    try:
        statement = json.loads(text)
        annotations = statement["predicate"]["configuration"][0]["annotations"]
        seal = annotations.pop("seal")
        if statement["_type"] != STATEMENT or statement["predicateType"] != PREDICATE:
            raise errors.EVIDENCE_BROKEN.error(path=path, why="it is no test-result statement")
        if seal != digest_of(statement):
            raise errors.EVIDENCE_BROKEN.error(path=path, why="its contents do not match its seal")
        return _record(statement, annotations)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise errors.EVIDENCE_BROKEN.error(path=path, why="it is cut short or is no record of ours") from None


def _statement(record: Record) -> dict[str, Any]:
    annotations = {
        "gate": record.gate,
        "variant": record.variant,
        "project": record.project,
        "version": record.version,
        "tree": record.tree,
        "commit": record.commit,
        "sizes": {file.filename: file.size for file in record.distributions},
        "target": record.target,
        "tools": record.tools,
        "changes": list(record.changes),
        "notes": list(record.notes),
        "facts": record.facts,
        "problems": list(record.problems),
        "started": record.started,
        "seconds": record.seconds,
        "expires": record.expires,
        "verdict": record.verdict,
    }
    name = f"{record.gate}-{record.variant}" if record.variant else record.gate
    gate = {"name": name, "digest": {"sha256": record.configuration}, "annotations": annotations}
    relied = [{"name": path, "digest": {"sha256": digest}} for path, digest in sorted(record.relied_on.items())]
    return {
        "_type": STATEMENT,
        "subject": _subjects(record),
        "predicateType": PREDICATE,
        "predicate": {
            "result": _result(record),
            "configuration": [gate, *relied],
            "passedTests": [name] if record.passed and not record.verdict else [],
            "warnedTests": [name] if record.passed and record.verdict else [],
            "failedTests": [] if record.passed else [name],
        },
    }


def _result(record: Record) -> str:
    """As in-toto names it: what opens the next gate without having proven all is a warning there."""
    if not record.passed:
        return "FAILED"
    return _result_of_a_pass(record.verdict)


def _result_of_a_pass(verdict: str) -> str:
    return "WARNED" if verdict else "PASSED"


def _subjects(record: Record) -> list[dict[str, Any]]:
    """The tree before there are files, the commit and the files after that."""
    if not record.distributions:
        kind, value = ("gitCommit", record.commit) if record.commit else ("gitTree", record.tree)
        return [{"name": record.project, "digest": {kind: value}}]
    files = [{"name": file.filename, "digest": {"sha256": file.sha256}} for file in record.distributions]
    return [{"name": record.project, "digest": {"gitCommit": record.commit}}, *files]


def _record(statement: dict[str, Any], annotations: dict[str, Any]) -> Record:
    gate, *relied = statement["predicate"]["configuration"]
    sizes = annotations["sizes"]
    files = [subject for subject in statement["subject"] if "sha256" in subject["digest"]]
    return Record(
        gate=annotations["gate"],
        variant=annotations["variant"],
        passed=statement["predicate"]["result"] == _result_of_a_pass(annotations["verdict"]),
        project=annotations["project"],
        version=annotations["version"],
        tree=annotations["tree"],
        commit=annotations["commit"],
        configuration=gate["digest"]["sha256"],
        distributions=tuple(Distribution(f["name"], sizes[f["name"]], f["digest"]["sha256"]) for f in files),
        target=annotations["target"],
        tools=annotations["tools"],
        relied_on={descriptor["name"]: descriptor["digest"]["sha256"] for descriptor in relied},
        changes=tuple(annotations["changes"]),
        notes=tuple(annotations["notes"]),
        facts=annotations["facts"],
        problems=tuple(annotations["problems"]),
        started=annotations["started"],
        seconds=annotations["seconds"],
        expires=annotations["expires"],
        verdict=State(annotations["verdict"]).value if annotations["verdict"] else "",
    )


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
