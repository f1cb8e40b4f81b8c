"""E-mail and web addresses, judged as by the libraries that PyPI uses (email-validator, rfc3986)."""

from __future__ import annotations

import re

_SPECIAL = ("arpa", "invalid", "local", "localhost", "onion", "test")
_ATOM = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\U0010ffff]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LETTER = r"A-Za-z0-9\u0080-\U0010ffff"
_LABEL = re.compile(rf"[{_LETTER}](?:[{_LETTER}-]*[{_LETTER}])?")


def bad_address(address: str) -> str:
    """What is wrong with an e-mail address, or nothing."""
    if "@" not in address:
        return "An email address must have an @-sign."
    local, _, domain = address.rpartition("@")
    if not local:
        return "There must be something before the @-sign."
    if not domain:
        return "There must be something after the @-sign."
    if not _LOCAL.fullmatch(local):
        return "The email address contains invalid characters before the @-sign."
    return _bad_domain(domain)


def is_web_address(text: str) -> bool:
    """Whether it is a URI with the scheme http or https whose parts are well formed."""
    from rfc3986 import uri_reference  # type: ignore[import-untyped]  # the library has no type hints
    from rfc3986.exceptions import RFC3986Exception  # type: ignore[import-untyped]  # the same
    from rfc3986.validators import Validator  # type: ignore[import-untyped]  # the same

    checks = Validator().allow_schemes("http", "https").require_presence_of("scheme")
    checks = checks.check_validity_of("scheme", "host", "port", "path", "query")
    try:
        checks.validate(uri_reference(text).normalize())
    except (RFC3986Exception, ValueError):
        return False
    return True


def _bad_domain(domain: str) -> str:
    """What is wrong with the part after the @-sign, or nothing."""
    labels = domain.split(".")
    special = f"The domain name {domain} is a special-use or reserved name that cannot be used with email."
    part = "The part after the @-sign"
    complaints = (
        (domain.startswith("."), "An email address cannot have a period immediately after the @-sign."),
        (domain.endswith("."), "An email address cannot end with a period."),
        (".." in domain, "An email address cannot have two periods in a row."),
        (not all(map(_LABEL.fullmatch, labels)), f"{part} contains invalid characters."),
        (labels[-1].lower() in _SPECIAL, special),
        (len(labels) == 1, f"{part} is not valid. It should have a period."),
        (not domain[-1:].isalpha(), f"{part} is not valid. It is not within a valid top-level domain."),
    )
    return next((complaint for wrong, complaint in complaints if wrong), "")
