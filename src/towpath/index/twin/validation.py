"""Complaints worded as by pydantic, which PyPI validates JSON with and whose texts it hands on."""

from __future__ import annotations

import json
from typing import Any

_LINK = "    For further information visit https://errors.pydantic.dev/2.13/v"
_FIELDS = ("version", "verification_material", "envelope")


def json_fault(body: bytes | str) -> str:
    """What is wrong with a text that should be JSON, or nothing."""
    try:
        json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return f"Invalid JSON: {_where(body, error)} {_input('json_invalid', body)}\n{_LINK}/json_invalid"
    return ""


def token_fault(body: bytes) -> str:
    """What is wrong with the body of a request for a token, or nothing."""
    fault = json_fault(body)
    if not fault:
        payload = json.loads(body)
        if not isinstance(payload, dict):
            fault = f"Input should be an object {_input('model_type', payload)}\n{_LINK}/model_type"
        elif "token" not in payload:
            return f"1 validation error for TokenPayload\ntoken\n  {_missing(payload)}"
        elif not isinstance(payload["token"], str):
            wrong = _input("string_type", payload["token"])
            what = f"Input should be a valid string {wrong}\n{_LINK}/string_type"
            return f"1 validation error for TokenPayload\ntoken\n  {what}"
    return f"1 validation error for TokenPayload\n  {fault}" if fault else ""


def attestations_fault(text: str) -> str:
    """What is wrong with the attestations of an upload, or nothing."""
    fault = json_fault(text)
    if fault:
        return f"1 validation error for list[Attestation]\n  {fault}"
    items = json.loads(text)
    if not isinstance(items, list):
        complaint = f"Input should be a valid array {_input('list_type', items)}\n{_LINK}/list_type"
        return f"1 validation error for list[Attestation]\n  {complaint}"
    complaints = [complaint for at, item in enumerate(items) for complaint in _item(at, item)]
    if not complaints:
        return ""
    errors = "error" if len(complaints) == 1 else "errors"
    return "\n".join([f"{len(complaints)} validation {errors} for list[Attestation]", *complaints])


def _item(at: int, item: object) -> list[str]:
    if not isinstance(item, dict):
        text = "Input should be an object"
        return [f"{at}\n  {text} {_input('model_type', item)}\n{_LINK}/model_type"]
    return [f"{at}.{name}\n  {_missing(item)}" for name in _FIELDS if name not in item]


def _missing(item: dict[str, Any]) -> str:
    return f"Field required {_input('missing', item)}\n{_LINK}/missing"


def _input(kind: str, value: object) -> str:
    return f"[type={kind}, input_value={value!r}, input_type={type(value).__name__}]"


def _where(body: bytes | str, error: json.JSONDecodeError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "invalid unicode code point at line 1 column 1"
    if not body or error.pos >= len(body):
        return f"EOF while parsing a value at line {error.lineno} column {error.colno - 1}"
    return f"expected value at line {error.lineno} column {error.colno}"
