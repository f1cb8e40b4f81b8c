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
_EXISTS = re.compile(r"already exist|existing file", re.IGNORECASE)
_DAMAGED = re.compile(r"digest supplied does not match", re.IGNORECASE)
_EXPIRED = re.compile(r"token is expired", re.IGNORECASE)

_REFUSALS: tuple[tuple[int, str, errors.Kind], ...] = (
    (403, r"read-only mode|uploads are temporarily disabled|registration temporarily disabled", errors.INDEX_CLOSED),
    (403, r"token is expired", errors.TOKEN_EXPIRED),
    (403, r"token is not valid for project", errors.TOKEN_ELSEWHERE),
    (403, r"username/password authentication", errors.PASSWORD_REFUSED),
    (403, r"invalid or non-existent authentication|invalid api token", errors.TOKEN_REFUSED),
    (403, r"verified primary email|two-factor authentication", errors.ACCOUNT_INCOMPLETE),
    (403, r"isn.t allowed to upload to project", errors.NOT_ALLOWED),
    (400, r"non-user identities cannot create", errors.PENDING_PUBLISHER_MISNAMED),
    (400, r"filename was previously used", errors.FILENAME_BURNED),
    (400, r"releases older than 14 days", errors.RELEASE_CLOSED),
    (400, r"(file|project size) too large", errors.TOO_LARGE),
    (400, r"the name '.*' (is invalid|isn.t allowed|is too similar)", errors.NAME_REFUSED),
    (400, r"organization account owning this project", errors.NOT_ALLOWED),
    (401, r"", errors.TOKEN_REFUSED),  # PyPI never says so; devpi and pypiserver do
    (403, r"", errors.NOT_ALLOWED),
    (413, r"", errors.TOO_LARGE),
)


def what_next(answer: Answer) -> Next:
    """What an answer asks for. What is not surely taken and not surely refused is doubtful."""
    if answer.status in _TAKEN:
        return Next.DONE
    if answer.status in _LATER or answer.status in _SERVER or says_exists(answer):
        return Next.ASK
    if answer.status == 400 and _DAMAGED.search(answer.reason):  # noqa: PLR2004 - Bad Request
        return Next.ASK
    if answer.status == 403 and _EXPIRED.search(answer.reason):  # noqa: PLR2004 - Forbidden
        return Next.RENEW
    return Next.STOP


def says_exists(answer: Answer) -> bool:
    """Whether the index says that it has a file of that name; other servers say 409 where PyPI says 400."""
    exists = answer.status in {400, 403} and _EXISTS.search(answer.reason)
    return answer.status == 409 or bool(exists)  # noqa: PLR2004 - Conflict


def refusal(answer: Answer) -> errors.Kind:
    """The entry of the catalogue for an answer that stops the upload."""
    if answer.status == 0:
        return errors.UPLOAD_BROKEN
    if answer.status in _LATER or answer.status in _SERVER:
        return errors.INDEX_BUSY
    if says_exists(answer):
        return errors.FILE_EXISTS
    known = ((re.compile(text, re.IGNORECASE), kind) for code, text, kind in _REFUSALS if code == answer.status)
    return next((kind for text, kind in known if text.search(answer.reason)), errors.UPLOAD_REFUSED)
