"""A record as others read it: by its JSON schema, and by in-toto's own library."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from towpath.evidence.record import Record, encode
from towpath.evidence.schema import schema
from towpath.model import Distribution

if TYPE_CHECKING:
    from collections.abc import Callable

PASSED = Record(
    gate="verify-install",
    variant="3.12",
    passed=True,
    project="sämple-pkg",
    version="1.2.0rc1",
    tree="b" * 40,
    commit="c" * 40,
    configuration="d" * 64,
    distributions=(Distribution("s-1.tar.gz", 10, "a" * 64), Distribution("s-1-py3-none-any.whl", 12, "e" * 64)),
    tools={"python": "CPython 3.12.1"},
    relied_on={"build.json": "0" * 64, "distributions.json": "1" * 64},
    notes=("é 漢 🚪",),
    facts={"nested": {"list": [1, None, True, 0.5]}},
    started="2026-11-21T02:00:00+00:00",
    seconds=12.25,
    expires="2026-11-22T02:00:00+00:00",
)
CLOSED = replace(
    PASSED,
    gate="lint",
    variant="",
    passed=False,
    commit="",
    distributions=(),
    relied_on={},
    problems=({"id": "command-failed", "cause": "c.", "fix": "f.", "detail": ""},),
    expires="",
)
RECORDS = pytest.mark.parametrize("record", [PASSED, CLOSED], ids=["passed", "closed"])
VALIDATOR = Draft202012Validator(schema())


def statement(record: Record) -> Any:
    return json.loads(encode(record))


def ours(found: Any) -> Any:
    return found["predicate"]["configuration"][0]["annotations"]


class TestTheSchema:
    def test_it_is_one(self) -> None:
        Draft202012Validator.check_schema(schema())
        written = Path(__file__).parents[2] / "docs" / "reference" / "evidence.schema.json"
        assert json.loads(written.read_text(encoding="utf-8")) == schema()

    @RECORDS
    def test_what_we_write_fits(self, record: Record) -> None:
        VALIDATOR.validate(statement(record))

    @RECORDS
    def test_it_names_every_key_and_no_other(self, record: Record) -> None:
        inner = schema()["properties"]["predicate"]["properties"]["configuration"]["prefixItems"][0]
        assert set(inner["properties"]["annotations"]["properties"]) == set(ours(statement(record)))

    @pytest.mark.parametrize(
        "change",
        [
            lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
            lambda s: s.update(more=1),
            lambda s: s["subject"].clear(),
            lambda s: s["subject"][1]["digest"].update(sha256="A" * 64),
            lambda s: s["predicate"].update(result="MAYBE"),
            lambda s: s["predicate"]["configuration"].clear(),
            lambda s: s["predicate"]["configuration"][1].pop("digest"),
            lambda s: ours(s).pop("seal"),
            lambda s: ours(s).pop("expires"),
            lambda s: ours(s).update(seconds=-1),
            lambda s: ours(s).update(tree=""),
        ],
        ids=range(11),
    )
    def test_what_is_none_does_not_fit(self, change: Callable[[Any], None]) -> None:
        found = statement(PASSED)
        change(found)
        assert not VALIDATOR.is_valid(found)


def theirs(module: str) -> Any:
    """in-toto's library and protobuf have no types of their own."""
    return importlib.import_module(module)


class TestInTotosOwnLibrary:
    @RECORDS
    def test_it_reads_the_statement_and_finds_it_valid(self, record: Record) -> None:
        message = theirs("in_toto_attestation.v1.statement_pb2").Statement()
        theirs("google.protobuf.json_format").Parse(encode(record), message)
        read = theirs("in_toto_attestation.v1.statement").Statement.copy_from_pb(message)
        read.validate()
        digests = [dict(subject.digest) for subject in read.pb.subject]
        files = [{"sha256": file.sha256} for file in record.distributions]
        assert digests == [{"gitCommit": record.commit} if files else {"gitTree": record.tree}, *files]

    @RECORDS
    def test_it_reads_the_predicate(self, record: Record) -> None:
        read = theirs("in_toto_attestation.predicates.test_result.v0.test_result_pb2").TestResult()
        theirs("google.protobuf.json_format").ParseDict(statement(record)["predicate"], read)
        assert read.result == ("PASSED" if record.passed else "FAILED")
        assert list(read.passed_tests) == (["verify-install-3.12"] if record.passed else [])
        assert {one.name: one.digest["sha256"] for one in list(read.configuration)[1:]} == record.relied_on
