"""The JSON schema of a record, for whoever reads evidence without us (draft 2020-12)."""

from __future__ import annotations

from typing import Any

from towpath.evidence.record import PREDICATE, STATEMENT

_ID = "https://json-schema.org/draft/2020-12/schema"
_SHA256, _GIT = "^[0-9a-f]{64}$", "^([0-9a-f]{40}|[0-9a-f]{64})$"
_ABOUT_TIME = "an ISO 8601 time in UTC"


def schema() -> dict[str, Any]:
    """The schema of one record as it lies in `.towpath/`."""
    top = _object(
        "A towpath record: an in-toto Statement v1 whose predicate is a test result.",
        {
            "_type": {"const": STATEMENT},
            "subject": _list(_subject(), "The project at a tree or a commit, then the distributions.", least=1),
            "predicateType": {"const": PREDICATE},
            "predicate": _predicate(),
        },
    )
    return {"$schema": _ID, "title": "towpath evidence", **top}


def _subject() -> dict[str, Any]:
    digest = {"gitTree": _text(_GIT), "gitCommit": _text(_GIT), "sha256": _text(_SHA256)}
    one = {
        "type": "object",
        "properties": digest,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return _object("A project or a file, by its digest.", {"name": _text("."), "digest": one})


def _predicate() -> dict[str, Any]:
    gate = _object(
        "The gate, by the sha256 of its configuration.",
        {"name": _text("."), "digest": _sha256(), "annotations": _annotations()},
    )
    relied = _object("A record or file that was relied on, by its sha256.", {"name": _text("."), "digest": _sha256()})
    configuration = {
        "description": "The gate, then what it relied on, by the path below the version's folder.",
        "type": "array",
        "prefixItems": [gate],
        "items": relied,
        "minItems": 1,
    }
    return _object(
        "https://in-toto.io/attestation/test-result/v0.1",
        {
            "result": {"enum": ["PASSED", "WARNED", "FAILED"]},
            "configuration": configuration,
            "passedTests": _list(_text("."), "The gate, if it opened."),
            "warnedTests": _list(_text("."), "The gate, if it opened without having proven all: see its verdict."),
            "failedTests": _list(_text("."), "The gate, if it stayed closed."),
        },
    )


def _annotations() -> dict[str, Any]:
    return _object(
        "What in-toto's test result has no place for.",
        {
            "gate": _text("^[a-z][a-z0-9-]*$", "The gate's name."),
            "variant": _text("", "The Python of a gate that runs once for each, or empty."),
            "project": _text(".", "As pyproject.toml spells it."),
            "version": _text(".", "The version that this is about."),
            "tree": _text(_GIT, "The git tree of the project's folder."),
            "commit": _text(f"^$|{_GIT}", "The commit; empty where the tree held uncommitted work."),
            "sizes": _map({"type": "integer", "minimum": 0}, "The size in bytes of each distribution."),
            "target": _text(f"^$|{_SHA256}", "The id of the target; empty before tag."),
            "tools": _map({"type": "string"}, "What ran, name to version; the interpreter among them."),
            "changes": _list({"type": "string"}, "How the pipeline differs from towpath's own."),
            "notes": _list({"type": "string"}, "What the gate says to people."),
            "facts": _map({}, "What the gate found, as data; each gate has its own."),
            "problems": _list(_problem(), "Why it stayed closed."),
            "started": _text(".", f"When it began, {_ABOUT_TIME}."),
            "seconds": {"type": "number", "minimum": 0, "description": "How long it took."},
            "verdict": _text("", 'What is shown in place of "proven", such as "no tests"; mostly empty.'),
            "expires": _text("", f"When the finding ceases to hold, {_ABOUT_TIME}; empty where nothing moves."),
            "seal": _text(_SHA256, "The sha256 of the canonical JSON of the statement without this key."),
        },
    )


def _problem() -> dict[str, Any]:
    return _object(
        "An error of the catalogue.", {name: {"type": "string"} for name in ("id", "cause", "fix", "detail")}
    )


def _object(what: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": what,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _map(values: object, what: str) -> dict[str, Any]:
    return {"description": what, "type": "object", "additionalProperties": values}


def _list(items: dict[str, Any], what: str, least: int = 0) -> dict[str, Any]:
    return {"description": what, "type": "array", "items": items, **({"minItems": least} if least else {})}


def _text(pattern: str, what: str = "") -> dict[str, Any]:
    described = {"description": what} if what else {}
    return {**described, "type": "string", **({"pattern": pattern} if pattern else {})}


def _sha256() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"sha256": _text(_SHA256)},
        "required": ["sha256"],
        "additionalProperties": False,
    }
