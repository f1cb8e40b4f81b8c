"""The twin: a loopback index that answers as PyPI answers.

Checks, texts and statuses follow recordings of PyPI's own software. Not imitated: the CDN (HTTP/2,
compression), attestations that verify (every well-formed one is refused), issuers other than GitHub,
organizations, e-mails and the pages for people beyond their titles. Nothing here is imported before it is
used:

    with Issuer.serve() as issuer, Twin.serve(folder, issuer=issuer) as twin:
        ...  # point twine, uv or pip at twin.upload_url and twin.simple_url
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.index.twin.faults import Fault, Faults
    from towpath.index.twin.issuer import Issuer
    from towpath.index.twin.records import Publisher
    from towpath.index.twin.server import Exchange, Twin

__all__ = ["Exchange", "Fault", "Faults", "Issuer", "Publisher", "Twin"]

_HOMES = {
    "Exchange": "server",
    "Fault": "faults",
    "Faults": "faults",
    "Issuer": "issuer",
    "Publisher": "records",
    "Twin": "server",
}


def __getattr__(name: str) -> object:
    """A public name of the twin, imported when it is first asked for."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
