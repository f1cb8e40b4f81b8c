"""A sealed record: what is read is what was written, or it is refused."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import TowpathError
from towpath.evidence.record import Record, decode, digest_of, encode
from towpath.model import Distribution

SHA = "a" * 64
FULL = Record(
    gate="verify-install",
    variant="3.12",
    passed=True,
    project="sämple-pkg",
    version="1.2.0rc1",
    tree="b" * 40,
    commit="c" * 40,
    configuration="d" * 64,
    distributions=(Distribution("s-1.tar.gz", 10, SHA), Distribution("s-1-py3-none-any.whl", 12, "e" * 64)),
    target="f" * 64,
    tools={"python": "CPython 3.12.1", "uv": "0.9"},
    relied_on={"build.json": SHA, "tag/lint.json": "0" * 64},
    changes=("security",),
    notes=('a "note" \\ with\nlines', "é 漢 🚪"),
    facts={"tests": 12, "nested": {"list": [1, None, True, 0.5]}},
    problems=({"id": "x", "cause": "c.", "fix": "f.", "detail": ""},),
    started="2026-11-21T02:00:00+00:00",
    seconds=12.25,
    expires="2026-11-22T02:00:00+00:00",
)
PLAIN = Record("lint", "", passed=False, project="p", version="1.0", tree="b" * 40, commit="", configuration="d" * 64)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
distributions = st.lists(
    st.builds(Distribution, texts.filter(bool), st.integers(0, 2**40), digests),
    max_size=3,
    unique_by=lambda d: d.filename,
)
records = st.builds(
    Record,
    gate=texts,
    variant=texts,
    passed=st.booleans(),
    project=texts,
    version=texts,
    tree=texts,
    commit=texts,
    configuration=digests,
    distributions=distributions.map(tuple),
    target=texts,
    tools=st.dictionaries(texts, texts, max_size=3),
    relied_on=st.dictionaries(texts, digests, max_size=3),
    changes=st.lists(texts, max_size=2).map(tuple),
    notes=st.lists(texts, max_size=2).map(tuple),
    facts=st.dictionaries(texts, json_values, max_size=3),
    problems=st.lists(st.dictionaries(texts, texts, max_size=3), max_size=2).map(tuple),
    started=texts,
    seconds=st.floats(0, 1e6),
    expires=texts,
)


def refused(text: bytes) -> str:
    with pytest.raises(TowpathError) as caught:
        decode(text, path="lint.json")
    problem = caught.value.problems[0]
    assert problem.id == "evidence-broken"
    assert "lint.json" in problem.cause
    return problem.cause


def resealed(change: Any) -> bytes:
    """A record of ours, changed, with a seal that matches all the same."""
    statement = json.loads(encode(FULL))
    change(statement)
    annotations = statement["predicate"]["configuration"][0]["annotations"]
    annotations.pop("seal")
    annotations["seal"] = digest_of(statement)
    return json.dumps(statement).encode()


@given(records)
def test_what_is_read_is_what_was_written(record: Record) -> None:
    assert decode(encode(record), path="x") == record


@given(records)
def test_the_same_record_has_the_same_bytes(record: Record) -> None:
    assert encode(record) == encode(decode(encode(record), path="x"))


@pytest.mark.parametrize("record", [FULL, PLAIN], ids=["full", "plain"])
class TestEverySingleByte:
    """Bytes between the values may change without a meaning; nothing else may."""

    @pytest.mark.parametrize("change", [b"", b" ", b"0", b"x", b'"', b"9", b"}", b"\x00", b"\xff"])
    def test_changed_or_removed(self, record: Record, change: bytes) -> None:
        sealed, other = encode(record), 0
        for place in range(len(sealed)):
            altered = sealed[:place] + change + sealed[place + 1 :]
            if altered == sealed:
                continue
            try:
                assert decode(altered, path="x") == record, altered[place - 20 : place + 20]
                other += 1
            except TowpathError as error:
                assert error.problems[0].id == "evidence-broken"  # noqa: PT017 - one of two good ends
        blank = sum(chr(byte).isspace() for byte in sealed)
        assert other <= blank + 2 * sealed.count(b"."), "only blanks and a number's spelling make no difference"

    def test_every_bit_of_every_byte(self, record: Record) -> None:
        sealed = encode(record)
        for place in range(len(sealed)):
            for bit in (1, 2, 32, 128):
                altered = sealed[:place] + bytes([sealed[place] ^ bit]) + sealed[place + 1 :]
                try:
                    assert decode(altered, path="x") == record
                except TowpathError:
                    continue

    def test_cut_short_at_every_length(self, record: Record) -> None:
        sealed = encode(record)
        for length in range(len(sealed) - 1):  # the last byte is a line break
            refused(sealed[:length])

    def test_followed_by_anything(self, record: Record) -> None:
        for more in (b"x", b"{}", b"\x00", encode(record)):
            refused(encode(record) + more)


def test_another_value_in_any_field_is_refused() -> None:
    sealed = json.loads(encode(FULL))

    def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
        if isinstance(value, dict):
            for key in value:
                yield from leaves(value[key], (*path, key))
        elif isinstance(value, list):
            for index, one in enumerate(value):
                yield from leaves(one, (*path, index))
        else:
            yield path, value

    changed = 0
    for path, value in leaves(sealed):
        copy = json.loads(encode(FULL))
        inner = copy
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = f"{value}!" if isinstance(value, str) else "other"
        refused(json.dumps(copy).encode())
        changed += 1
    assert changed > len(fields(Record))


@pytest.mark.parametrize(
    "text",
    [
        b"", b"null", b"[]", b"{}", b'"x"', b"0", b"NaN", b'{"predicate": 1}', b'{"predicate": {"configuration": []}}',
        b'{"predicate": {"configuration": [null]}}', b"\xef\xbb\xbf{}", b"\xff\xfe", b"[" * 100_000,
        b'{"a":' * 50_000, b'{"predicate": {"configuration": [{"annotations": {"seal": 1}}]}}',
    ],
    ids=range(15),
)  # fmt: skip
def test_foreign_json(text: bytes) -> None:
    refused(text)


def test_a_statement_of_another_kind_is_refused_though_its_seal_matches() -> None:
    kind = resealed(lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"))
    assert "no test-result statement" in refused(kind)
    assert "no test-result statement" in refused(
        resealed(lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"))
    )


def test_a_sealed_statement_that_lacks_a_field_is_refused() -> None:
    refused(resealed(lambda s: s["predicate"]["configuration"][0]["annotations"].pop("tree")))
    refused(resealed(lambda s: s.pop("subject")))
    refused(resealed(lambda s: s["predicate"].pop("result")))


def test_a_result_that_is_not_passed_is_none() -> None:
    for result in ("WARNED", "FAILED", "passed", "", None):
        text = resealed(lambda s, result=result: s["predicate"].update(result=result))
        assert not decode(text, path="x").passed


class TestInToto:
    """As https://github.com/in-toto/attestation has it in spec/.

    v1/statement.md, v1/resource_descriptor.md and predicates/test-result.md
    """

    def test_the_statement(self) -> None:
        statement = json.loads(encode(FULL))
        assert set(statement) == {"_type", "subject", "predicateType", "predicate"}
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"

    @pytest.mark.parametrize("record", [FULL, PLAIN])
    def test_the_predicate(self, record: Record) -> None:
        predicate = json.loads(encode(record))["predicate"]
        assert {"result", "configuration"} <= set(predicate), "the required fields"
        assert set(predicate) <= {"result", "configuration", "url", "passedTests", "warnedTests", "failedTests"}
        assert predicate["result"] in {"PASSED", "WARNED", "FAILED"}
        assert predicate["passedTests"] + predicate["failedTests"] == [predicate["configuration"][0]["name"]]
        assert bool(predicate["passedTests"]) is record.passed

    @pytest.mark.parametrize("record", [FULL, PLAIN, replace(PLAIN, commit="c" * 40)])
    def test_every_descriptor_has_a_name_and_a_digest(self, record: Record) -> None:
        statement = json.loads(encode(record))
        known = {"name", "uri", "digest", "content", "downloadLocation", "mediaType", "annotations"}
        assert statement["subject"], "a statement is about something"
        for descriptor in [*statement["subject"], *statement["predicate"]["configuration"]]:
            assert set(descriptor) <= known
            assert all(descriptor["digest"].values())
        for subject in statement["subject"]:
            assert "annotations" not in subject

    def test_the_subjects(self) -> None:
        assert [s["digest"] for s in json.loads(encode(PLAIN))["subject"]] == [{"gitTree": "b" * 40}]
        assert [s["digest"] for s in json.loads(encode(FULL))["subject"]] == [
            {"gitCommit": "c" * 40},
            {"sha256": SHA},
            {"sha256": "e" * 64},
        ]

    def test_it_is_utf_8_for_people_to_read(self) -> None:
        assert "é 漢 🚪".encode() in encode(FULL)


def test_the_essence_is_without_times_and_words() -> None:
    other = replace(FULL, started="later", seconds=1.0, expires="then", notes=("x",), facts={})
    assert other.essence() == FULL.essence()
    kept = {field.name for field in fields(Record)} - {"started", "seconds", "expires", "notes", "facts"}
    for name in kept - {"passed"}:
        other = replace(FULL, **{name: "other"})  # type: ignore[arg-type]  # any other value will do
        assert other.essence() != FULL.essence(), name
    assert replace(FULL, passed=False).essence() != FULL.essence()


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1})
    assert digest_of({"a": [1, 2]}) != digest_of({"a": [2, 1]})
    assert digest_of(("a", "b")) == digest_of(["a", "b"]), "a tuple is a list once it is written"
