"""The examination: every check, each for itself, so that one that breaks off hides no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.doctor.asking import ask
from towpath.doctor.checks import CHECKS
from towpath.doctor.facts import OFFLINE, gather
from towpath.doctor.index import forms
from towpath.doctor.nouns import Finding, NotAskedError, Report, Result, Severity, Unasked, Well

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from towpath.doctor.facts import Facts
    from towpath.doctor.nouns import Answer, Check
    from towpath.gates.gate import Pipeline


_NOTHING = "there is nothing here that it is about"


def examine(root: Path, environ: Mapping[str, str], pipeline: Pipeline, *, offline: bool = False) -> Report:
    """Look at everything; with `offline` nobody is asked, and what that leaves open says so.

    Raises not-a-repository, no-commit, and what reading the configuration raises: without them nothing can be judged.
    """
    facts = gather(root, environ, pipeline)
    if not offline:
        facts = replace(facts, world=ask(facts))
    results = tuple(_result(check, facts, offline=offline) for check in CHECKS)
    return Report(facts.configuration.name, offline, results, forms(facts))


def _result(check: Check, facts: Facts, *, offline: bool) -> Result:
    if check.online and offline:
        return Result(check, unasked=(OFFLINE,))
    prefix = facts.settings.prefix
    answers = tuple(_answers(check, facts)) or (Unasked(_NOTHING),)
    return Result(
        check,
        tuple(replace(one, problem=one.problem.respelled(prefix)) for one in answers if isinstance(one, Finding)),
        tuple(one.said for one in answers if isinstance(one, Well)),
        tuple(one.why for one in answers if isinstance(one, Unasked)),
    )


def _answers(check: Check, facts: Facts) -> Iterator[Answer]:
    try:
        yield from check.look(facts)
    except NotAskedError as error:
        yield Unasked(str(error))
    except errors.TowpathError as error:
        yield from (Finding(Severity.PROBLEM, one) for one in error.problems)
