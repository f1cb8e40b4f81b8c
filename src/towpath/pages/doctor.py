"""The page about the doctor, made from its list of checks."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from towpath.doctor.checks import CHECKS, NOT_TO_KNOW
from towpath.doctor.guides import ENTRIES

if TYPE_CHECKING:
    from towpath.doctor.guides import Entry
    from towpath.doctor.nouns import Check

_INTRO = """\
# The doctor

`invoke doctor` looks at everything that can be known before a release is tried. Each finding has cause and fix: a
**problem** keeps a release from ending well (exit 1), **advice** does not (exit 0). What was looked at and found well
is shown as `ok`, what could not be asked as `not asked` with the reason: never as ok. Nothing is changed anywhere.

`--offline` asks nobody, `--json` prints it all as data. The forge is asked with GITHUB_TOKEN or GH_TOKEN where one is
set; without one it answers for public repositories, but not about its default permissions, secrets and immutable
releases. All questions are asked at once, each with a limit of time.

At the end stand the values for the index's form of a trusted publisher, letter by letter, with its address: filled in
for a project that is there (`…/manage/project/NAME/settings/publishing/?provider=github&owner=…`), the account's page
for a new one, which needs a pending publisher. Where there is no generated workflow they are those of the one that was
written by hand and publishes.
"""


_LEFT = "\n## What cannot be known beforehand\n\nAnd where it shows instead:\n\n"
_GUIDES = """
## What publishing guides warn of

The troubleshooting sections of five projects' guides, and what finds the causes of each beforehand.

| they say | found by the doctor | and by |
|---|---|---|
"""


def doctor_page() -> str:
    """The text, without the notice."""
    parts = "".join(_part(part, tuple(checks)) for part, checks in groupby(CHECKS, key=lambda check: check.part))
    left = "".join(f"- {what}: {where}\n" for what, where in NOT_TO_KNOW.items())
    guides = "".join(map(_entry, ENTRIES))
    return f"{_INTRO}{parts}{_LEFT}{left}{_GUIDES}{guides}"


def _part(part: str, checks: tuple[Check, ...]) -> str:
    head = "| check | well, if | finds of its own |\n|---|---|---|\n"
    return f"\n## {part[:1].upper()}{part[1:]}\n\n{head}" + "".join(map(_row, checks))


def _entry(entry: Entry) -> str:
    kinds = ", ".join(f"[{kind.id}](errors.md#{kind.id})" for kind in entry.kinds)
    return f"| {entry.said} | {kinds} | {entry.also} |\n"


def _row(check: Check) -> str:
    kinds = ", ".join(f"[{kind.id}](errors.md#{kind.id})" for kind in check.kinds)
    return f"| {check.name} | {check.asks} | {kinds} |\n"
