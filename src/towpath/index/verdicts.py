"""What an index's answer to an upload means: what to do next, and which entry of the catalogue it is.

The texts are PyPI's own; https://docs.pypi.org/api/upload/ and its source, warehouse/forklift/legacy.py.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from towpath.index.upload import Answer


class Next(Enum):
    """What to do after an answer."""

    DONE = "done"
    ASK = "ask the index, then send the same bytes again"
    RENEW = "mint another token"
    STOP = "stop"


_LATER = frozenset({0, 408, 425, 429})
_SERVER = range(500, 600)
_TAKEN = range(200, 300)
_BAD_REQUEST, _FORBIDDEN, _CONFLICT = 400, 403, 409
# In other servers' words, too; what has a name of its own there is none of PyPI's.
_EXISTS = re.compile(r"already exist|existing file", re.IGNORECASE)

# By the status: the kinds whose phrases are looked for, in this order.
_REFUSALS: dict[int, tuple[errors.Kind, ...]] = {
    _FORBIDDEN: (
        errors.INDEX_CLOSED,
        errors.TOKEN_EXPIRED,
        errors.TOKEN_ELSEWHERE,
        errors.PASSWORD_REFUSED,
        errors.TOKEN_REFUSED,
        errors.ACCOUNT_INCOMPLETE,
        errors.NOT_ALLOWED,
    ),
    _BAD_REQUEST: (
        errors.PENDING_PUBLISHER_MISNAMED,
        errors.FILENAME_BURNED,
        errors.RELEASE_CLOSED,
        errors.TOO_LARGE,
        errors.NAME_REFUSED,
    ),
}
# PyPI never says 401; devpi and pypiserver do.
_OTHERWISE = {401: errors.TOKEN_REFUSED, _FORBIDDEN: errors.NOT_ALLOWED, 413: errors.TOO_LARGE}


def what_next(answer: Answer) -> Next:
    """What an answer asks for. What is not surely taken and not surely refused is doubtful."""
    if answer.status in _TAKEN:
        return Next.DONE
    if answer.status in _LATER or answer.status in _SERVER or says_exists(answer):
        return Next.ASK
    if answer.status == _BAD_REQUEST and errors.UPLOAD_DAMAGED.is_said_in(answer.reason):
        return Next.ASK
    if answer.status == _FORBIDDEN and errors.TOKEN_EXPIRED.is_said_in(answer.reason):
        return Next.RENEW
    return Next.STOP


def says_exists(answer: Answer) -> bool:
    """Whether the index says that it has a file of that name; other servers say 409 where PyPI says 400."""
    exists = answer.status in {_BAD_REQUEST, _FORBIDDEN} and _EXISTS.search(answer.reason)
    return answer.status == _CONFLICT or bool(exists)


def refusal(answer: Answer) -> errors.Kind:
    """The entry of the catalogue for an answer that stops the upload."""
    if answer.status == 0:
        return errors.UPLOAD_BROKEN
    if answer.status in _LATER or answer.status in _SERVER:
        return errors.INDEX_BUSY
    if says_exists(answer):
        return errors.FILE_EXISTS
    if answer.status == _BAD_REQUEST and errors.ORGANIZATION_INACTIVE.is_said_in(answer.reason):
        return errors.NOT_ALLOWED
    said = (kind for kind in _REFUSALS.get(answer.status, ()) if kind.is_said_in(answer.reason))
    return next(said, _OTHERWISE.get(answer.status, errors.UPLOAD_REFUSED))
