"""What is typed after `--`, for a gate and for `release`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.gates.gate import Gate
    from towpath.walk.release import Options

# What a gate takes after `--` that is about a target; `without` and its reason go together.
LEAVING_OUT = ("--without", "--reason")

# What `release` takes after `--`: an example of the value, empty where it takes none, and the meaning.
RELEASE_OPTIONS = {
    "--to": ("pypi", "where to: `rehearsal` (the default), `testpypi`, `pypi`, or an index of your own by its name"),
    "--part": ("minor", "rehearse the version that this bump would make, without making it"),
    "--without": ("publish-test", "leave this gate out of this walk; only `publish-test` can be, and with a reason"),
    "--reason": ('"TestPyPI is down"', "why it is left out; it stands in the evidence"),
    "--again": ("", "run every gate anew, also what is proven already"),
    "--yes": ("", "do not ask before the first effect that others see"),
    "--json": ("", "print the report as JSON, and what is told on the way to the standard error"),
}


def of_gate(gate: Gate, posargs: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str], bool]:
    """What is meant for a gate: the tests' own arguments, or the gate's options by name, and whether `--yes` was said.

    Raises missing-value and unknown-option.
    """
    words, options, yes = list(posargs), dict[str, str](), False
    own = LEAVING_OUT if gate.about.value == "world" else ()
    if gate.takes_arguments:
        return tuple(words), options, yes
    while words:
        word, _, attached = words.pop(0).partition("=")
        if word in (*gate.options, *own):
            if not attached and not words:
                raise errors.MISSING_VALUE.error(option=word, example="…")
            options[word] = attached or words.pop(0)
        elif word == "--yes" and not attached:
            yes = True
        else:
            known = ", ".join((*gate.options, *own, "--yes"))
            raise errors.UNKNOWN_OPTION.error(option=word, command=f"nox -s {gate.name}", options=known)
    return (), options, yes


def left_out(options: dict[str, str]) -> dict[str, str]:
    """The gate that `--without` names, with its reason; both are taken from the options."""
    gate, reason = (options.pop(word, "") for word in LEAVING_OUT)
    return {gate: reason} if gate or reason else {}


def of_release(posargs: Iterable[str]) -> Options:
    """What is meant for `release`. Raises missing-value and unknown-option."""
    from towpath.walk.release import Options

    words = list(posargs)
    values: dict[str, Any] = {}
    while words:
        word, _, attached = words.pop(0).partition("=")
        example, _meaning = RELEASE_OPTIONS.get(word, ("", ""))
        if example:
            if not attached and not words:
                raise errors.MISSING_VALUE.error(option=word, example=example)
            values[word[2:]] = attached or words.pop(0)
        elif word in RELEASE_OPTIONS and not attached:
            values[word[2:]] = True
        else:
            known = ", ".join(RELEASE_OPTIONS)
            raise errors.UNKNOWN_OPTION.error(option=word, command="nox -s release", options=known)
    values.pop("json", None)
    return Options(**values)
