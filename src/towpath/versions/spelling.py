"""How a project spells its versions: `1.2.0rc1`, `v1.4.5.1-dev1`, `0.2.0-beta.1`, `2025.01.05`.

What is written always equals the version by PEP 440; only the spelling follows the project.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Sequence

# The spellings that PEP 440, appendix B, lets a reader accept.
SPELLED = re.compile(
    r"""
    (?P<v>v?)
    (?:(?P<epoch>\d+)!)?
    (?P<release>\d+(?:\.\d+)*)
    (?P<pre>(?P<pre_sep>[-_.]?)(?P<pre_word>alpha|a|beta|b|preview|pre|c|rc)(?P<pre_dot>[-_.]?)(?P<pre_n>\d*))?
    (?P<post>-(?P<post_n1>\d+)|(?P<post_sep>[-_.]?)(?P<post_word>post|rev|r)(?P<post_dot>[-_.]?)(?P<post_n>\d*))?
    (?P<dev>(?P<dev_sep>[-_.]?)(?P<dev_word>dev)(?P<dev_dot>[-_.]?)(?P<dev_n>\d*))?
    (?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONG = {"a": "alpha", "b": "beta", "rc": "rc"}


def spell(version: Version, like: Sequence[str]) -> str:
    """`version` as the project would write it, by former spellings, the most telling one first.

    The first of `like` gives the leading `v` and the padding with zeros; for pre, post and dev the first that
    has one does. Where nothing tells, the spelling is PEP 440's normal form.
    """
    former = [match for text in like if (match := SPELLED.fullmatch(text.strip()))]
    if not former:
        return str(version)
    text = former[0]["v"] + (f"{version.epoch}!" if version.epoch else "") + _release(version, former[0])
    text += _pre(version, former) + _post(version, former) + _dev(version, former)
    text += f"+{version.local}" if version.local else ""
    return text if _means(text, version) else str(version)


def _release(version: Version, former: re.Match[str]) -> str:
    widths = [len(digits) if digits.startswith("0") else 1 for digits in former["release"].split(".")]
    widths += [1] * (len(version.release) - len(widths))
    return ".".join(f"{number:0{width}d}" for number, width in zip(version.release, widths, strict=False))


def _pre(version: Version, former: list[re.Match[str]]) -> str:
    if version.pre is None:
        return ""
    kind, number = version.pre
    shown = next((match for match in former if match["pre"]), None)
    if shown:
        word = _word(kind, shown)
        return f"{shown['pre_sep']}{word}{shown['pre_dot']}{number}"
    return f"{_hyphen(former, '')}{kind}{number}"


def _word(kind: str, shown: re.Match[str]) -> str:
    before = shown["pre_word"]
    if Version(f"1{before}1").pre == (kind, 1):
        return before
    return _LONG[kind] if before.lower() in {"alpha", "beta"} or shown["pre_dot"] else kind


def _post(version: Version, former: list[re.Match[str]]) -> str:
    if version.post is None:
        return ""
    shown = next((match for match in former if match["post"]), None)
    if shown and shown["post_n1"] is None:
        return f"{shown['post_sep']}{shown['post_word']}{shown['post_dot']}{version.post}"
    return f"-{version.post}" if shown else f".post{version.post}"


def _dev(version: Version, former: list[re.Match[str]]) -> str:
    if version.dev is None:
        return ""
    shown = next((match for match in former if match["dev"]), None)
    if shown:
        return f"{shown['dev_sep']}{shown['dev_word']}{shown['dev_dot']}{version.dev}"
    return f"{_hyphen(former, '.')}dev{version.dev}"


def _hyphen(former: list[re.Match[str]], otherwise: str) -> str:
    """A project that sets one suffix off by a hyphen sets off the others so."""
    hyphened = any("-" in (match["pre_sep"], match["dev_sep"]) for match in former)
    return "-" if hyphened else otherwise


def _means(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False
