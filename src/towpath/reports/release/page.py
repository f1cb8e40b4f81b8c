"""The report as a page: one file, without a script and without anything from elsewhere.

Whatever comes from logs, names and other people is escaped by the template engine, and shown as it is.
"""

from __future__ import annotations

import re
from functools import cache as kept_in_memory
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from towpath.model import State
from towpath.reports.release import words
from towpath.reports.release.timeline import timeline
from towpath.reports.words import apart, duration, file_size, moment, rule_of_no_return

if TYPE_CHECKING:
    from towpath.reports.release.nouns import Told

_HERE, _TEMPLATE, _STYLE = Path(__file__).parent, "page.html.jinja", "page.css"
_MARKS = {
    State.PROVEN: ("good", "✓"),
    State.ALREADY_PROVEN: ("good", "✓"),
    State.BY_CI: ("good", "✓"),
    State.CLOSED: ("bad", "✗"),
    State.FAILED_AFTER: ("bad", "✗"),
    State.NO_TESTS: ("care", "!"),
    State.PASSED_UNSEALED: ("care", "!"),
    State.STOPPED: ("care", "-"),
    State.NOT_HERE: ("care", "-"),
    State.NOT_REHEARSED: ("care", "-"),
}
_MEMBERS_SHOWN = 500


def page(told: Told, cache: Path | None = None) -> str:
    """The whole page. `cache` is a folder of ours, where the template is kept compiled; that takes longest.

    One that cannot be used is no matter.
    """
    template = template_of(cache)
    first_after = next((gate.session for gate in told.gates if gate.after_point_of_no_return), "")
    return template.render(
        told=told,
        line=timeline(told.gates),
        first_after=first_after,
        rule=rule_of_no_return(told.rehearsal),
        shown=_MEMBERS_SHOWN,
    )


@kept_in_memory
def template_of(cache: Path | None) -> jinja2.Template:
    """The page's template, compiled; asked for early, it is there when the page is written."""
    try:
        made = _engine(_kept(cache)).get_template(_TEMPLATE)
        made.environment.get_template(_STYLE)
    except OSError:
        made = _engine(None).get_template(_TEMPLATE)
    return made


def _kept(cache: Path | None) -> jinja2.BytecodeCache | None:
    """Jinja compares the source before it uses what is kept."""
    if cache is None:
        return None
    folder = cache / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(folder))


def _engine(cache: jinja2.BytecodeCache | None) -> jinja2.Environment:
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        bytecode_cache=cache,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters |= {
        "duration": duration,
        "moment": moment,
        "apart": apart,
        "file_size": file_size,
        "address": address,
        "kind": lambda state: _MARKS.get(state, ("none", "·"))[0],
        "mark": lambda state: _MARKS.get(state, ("none", "·"))[1],
        "ending": words.ending_words,
        "freshness": words.freshness_words,
        "age": words.age_words,
        "changed": words.changed_words,
        "counts": words.tests_words,
        "apart_from_sealed": words.told_apart,
    }
    return engine


def address(page_of: str) -> str:
    """An address that may be followed; empty for anything but http and https."""
    return page_of if re.fullmatch(r"https?://\S+", page_of) else ""
