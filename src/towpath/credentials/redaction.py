"""Texts without the secrets that they hold, whatever those are: for a log that somebody pastes."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_SECRETS = (
    re.compile(r"\bpypi-[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{16,}"),
    re.compile(r"\bgithub_pat_[A-Za-z0-9_]{16,}"),
    re.compile(r"\bgl[a-z]{2,4}-[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.?[A-Za-z0-9_-]*"),  # a JSON Web Token
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?<=://)[^/\s@'\"]+(?=@)"),  # user and password in an address
    re.compile(r"(?i)(?<=\bbasic )[A-Za-z0-9+/=_-]{8,}|(?<=\bbearer )[^\s'\"]{8,}"),
    re.compile(  # a name that speaks of a secret, and what it is set to
        r"(?<=[_-])(?i:password|passwd|token|secret|api_?key)(?P<is>\"?\s*[:=]\s*)[\"']?(?P<value>[^\s\"',;]{6,})"
        r"|(?i:\b(?:password|passwd|api_?key))(?P<is_>\"?\s*[:=]\s*)[\"']?(?P<value_>[^\s\"',;]{6,})"
    ),
    re.compile(r"(?i)(?<=--password[ =])\S+|(?<=--token[ =])\S+|(?<= -p )\S{16,}"),
)


def without_secrets(text: str) -> str:
    """The text with `[hidden]` in place of tokens, keys, passwords in addresses and what is assigned to such names."""
    for form in _SECRETS:
        text = form.sub(_hide, text)
    return text


def _hide(found: re.Match[str]) -> str:
    named = found.groupdict()
    value = named.get("value") or named.get("value_")
    return found[0].replace(value, HIDDEN) if value else HIDDEN
