"""A length of time as people write it."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """`90m`, `12h`, `7d`, `2w`. Raises ValueError for anything else."""
    found = re.fullmatch(r"(\d{1,5})([mhdw])", text, re.ASCII)
    if found is None:
        message = f"{text!r} is no length of time such as 90m, 12h, 7d or 2w"
        raise ValueError(message)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
