"""The table of the actions that are known here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.actions import artifacts, attest, checkout, publish, python

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.workflow.interpreter.actions.calling import Handler
    from towpath.workflow.interpreter.nouns import Step

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "actions/checkout": checkout.HANDLER,
        "actions/setup-python": python.PYTHON,
        "astral-sh/setup-uv": python.UV,
        "actions/upload-artifact": artifacts.UPLOAD,
        "actions/download-artifact": artifacts.DOWNLOAD,
        "actions/attest": attest.HANDLER,
        "actions/attest-build-provenance": attest.HANDLER,
        "pypa/gh-action-pypi-publish": publish.HANDLER,
    }
)


def name_of(uses: str) -> str:
    """owner/repo in small letters; the version or commit behind @ does not matter here."""
    return uses.partition("@")[0].lower()


def fault(step: Step, handlers: Mapping[str, Handler]) -> str:
    """Why a step's `uses` cannot be called as it is written; "" if it can."""
    handler = handlers.get(name_of(step.uses))
    if handler is None:
        return f"the action {step.uses!r} is not known"
    if "@" not in step.uses:
        return f"the action {step.uses!r} names no version"
    known = {name.lower() for name in handler.inputs}
    for given in step.inputs:
        if given.lower() not in known:
            return f"{name_of(step.uses)} has no input {given!r}"
    missing = [name for name, value in handler.inputs.items() if value is None]
    absent = sorted(set(missing) - {name.lower() for name in step.inputs})
    return f"{name_of(step.uses)} needs the input {absent[0]!r}" if absent else ""
