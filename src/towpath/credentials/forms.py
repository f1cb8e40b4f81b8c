"""How secrets look that none can mistake, wherever they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS = (
    r"AKIA[0-9A-Z]{16}",
    r"pypi-AgE[A-Za-z0-9_-]{50,}",
    r"gh[pousr]_[A-Za-z0-9]{36,}",
    r"github_pat_[A-Za-z0-9_]{60,}",
    r"glpat-[A-Za-z0-9_-]{20,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
)
# Each character may have a NUL behind it, as in UTF-16.
SECRET = re.compile("|".join(re.sub(r"(\[.+?\]|.)(\*|\{.+?\})?", r"(?:\1\\x00?)\2", one) for one in _FORMS).encode())
# detect-secrets' own mark, on the secret's line or on the one before.
ALLOWED = re.compile(rb"pragma: ?(?:allow|white)list[ -](?:secret[^\n]*|nextline[ -]secret[^\n]*\n[^\n]*)\Z")
LINE_LIMIT = 4096  # bytes to either side of a secret in which its line's mark is looked for


def secrets_in(content: bytes) -> Iterator[str]:
    """Each secret that is not marked as allowed, by its beginning and its line."""
    for match in SECRET.finditer(content):
        after = content.find(b"\n", match.end(), match.end() + LINE_LIMIT)
        end = after if after >= 0 else match.end() + LINE_LIMIT
        until = content[max(0, match.start() - LINE_LIMIT) : end].replace(b"\0", b"")
        if not ALLOWED.search(until):
            beginning = match[0].replace(b"\0", b"")[:4].decode()
            line = 1 + content.count(b"\n", 0, match.start())
            yield f"a secret in line {line}, which begins with {beginning!r}"
