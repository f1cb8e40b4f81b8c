"""The inputs of a manual dispatch, with their types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.workflow.interpreter.values import number, text, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.workflow.interpreter.nouns import Input


def typed_inputs(known: tuple[Input, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Each input with the value given or its default: booleans and numbers as such. Raises bad-input."""
    names = {one.name for one in known}
    for name, value in given.items():
        if name not in names:
            raise errors.BAD_INPUT.error(name=name, value=value, expected=", ".join(sorted(names)) or "no input at all")
    return {one.name: _typed(one, given.get(one.name, one.default), given=one.name in given) for one in known}


def _typed(known: Input, value: Any, *, given: bool) -> Any:  # noqa: ANN401 - strings, booleans, numbers
    if value is None or value == "":
        if known.required and (given or known.default is None):
            raise errors.BAD_INPUT.error(name=known.name, value="", expected=f"a {known.type}; it is required")
        return {"boolean": False, "number": 0}.get(known.type, "")
    if known.type == "boolean":
        return _boolean(known, value)
    if known.type == "number":
        return _number(known, value)
    if known.type == "choice" and text(value_of(value)) not in known.options:
        raise errors.BAD_INPUT.error(name=known.name, value=value, expected=", ".join(known.options))
    return text(value_of(value))


def _boolean(known: Input, value: Any) -> bool:  # noqa: ANN401 - as above
    if str(value).lower() not in {"true", "false"}:
        raise errors.BAD_INPUT.error(name=known.name, value=value, expected="true, false")
    return str(value).lower() == "true"


def _number(known: Input, value: Any) -> float:  # noqa: ANN401 - as above
    found = number(value_of(value))
    if math.isnan(found):
        raise errors.BAD_INPUT.error(name=known.name, value=value, expected="a number")
    return found
