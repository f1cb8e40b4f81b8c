"""What is wrong with `[tool.towpath.test]` and with the choice of Pythons, though its types are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.config.sections import Command
from towpath.config.words import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Settings, Test

_CHOICES = {"against": ("source", "wheel"), "tests": ("run", "none")}
_WHOLE = 100


def wrong_test(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """The table, what is wrong and a suggestion, for each."""
    test = settings.test
    for key, value in (("against", test.against), ("tests", test.tests)):
        if value not in _CHOICES[key]:
            yield "test", f"{key} is {value!r}, none of {', '.join(_CHOICES[key])}", suggest(value, _CHOICES[key])
    if test.coverage is not None and not 0 < test.coverage <= _WHOLE:
        yield "test", f"coverage is {test.coverage:g}: a floor is more than 0 and at most 100 percent", ""
    for section, table in ((settings.lint, "lint"), (test, "test")):
        if section.commands and all(isinstance(one, Command) and one.allowed_to_fail for one in section.commands):
            yield table, "every command is allowed to fail, so the gate could not", ""
    for what in _wrong_absence(test):
        yield "test", what, ""
    for name, reason in settings.missing_pythons.items():
        if not reason.strip():
            yield "missing-pythons", f"{name!r} may be missing without a reason: say why", ""


def _wrong_absence(test: Test) -> Iterator[str]:
    if test.tests != "none":
        if test.reason:
            yield 'a reason is given and tests is not "none"'
        return
    if not test.reason.strip():
        yield 'tests = "none" wants a reason beside it: say why there are none'
    named = {"commands": test.commands, "coverage": test.coverage, "requirements": test.requirements}
    for key in (key for key, value in named.items() if value):
        yield f'tests is "none", so {key} has no meaning'
