"""The scan of every file for secrets, by detect-secrets and by a search of the raw bytes."""

from __future__ import annotations

import json
import mmap
import os
import re
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.credentials.forms import ALLOWED, LINE_LIMIT, SECRET
from towpath.gates.scanning import Scan, listed, parsed
from towpath.model import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.gates.tooling import Toolbox

BASELINE = ".secrets.baseline"
# These three take most ordinary words beside `password =` and most digests for secrets; a project that wants them
# keeps a baseline, whose own list of plugins is used then.
_GUESSING = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString")
# A URL with a user and a password is how documentation and tests show an address; elsewhere it is taken at its word.
_EXAMPLE = "Basic Auth Credentials"
_EXAMPLES = re.compile(
    r"(?:.*/)?(?:docs?|documentation|examples?|tests?|testing)/.*|.*\.(?:md|rst|adoc)"
    r"|(?:.*/)?(?:test_[^/]*|[^/]*_test|conftest)\.py",
    re.IGNORECASE,
)
_CANARY_KEY = "AKIA" + "TOWPATHCANARYKEY"  # in two parts, so that no scanner finds it here
# Files whose whole purpose is to hold secrets.
_SECRET_FILES = frozenset({".pypirc", ".netrc", "_netrc", ".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
_NEWLINE = re.compile(rb"\n")
# Filters of a baseline, by the end of their path → the option that they were made by.
_FILTERS = {
    "regex.should_exclude_file": "--exclude-files",
    "regex.should_exclude_line": "--exclude-lines",
    "regex.should_exclude_secret": "--exclude-secrets",
}
_LIMITS = {"Base64HighEntropyString": "--base64-limit", "HexHighEntropyString": "--hex-limit"}


def scan_secrets(box: Toolbox, folder: Path) -> Scan:
    """Scan all files of a checkout. Raises nothing-scanned, bad-baseline and unreadable-report."""
    baseline = _baseline(folder)
    accepted = set(_hashes(baseline)) if baseline else set()
    report = _detected(box, folder, baseline)
    lines = {(_posix(name), one["hashed_secret"]): one for name, all_ in report["results"].items() for one in all_}
    fresh = [one for one in _hashes(report) if one not in accepted and one[0] != BASELINE]
    examples = [] if baseline else [one for one in fresh if _is_example(one[0], lines[one]["type"])]
    shown = _plain_secrets(folder, {name for name, _ in accepted})
    places = [one for one in fresh if one not in examples]
    shown |= {f"{one[0]}:{lines[one]['line_number']}": lines[one]["type"] for one in places}
    facts = {
        "detectors": len(report["plugins_used"]),
        "findings": len(shown),
        "accepted": len(accepted),
        "examples": [f"{one[0]}:{lines[one]['line_number']}" for one in examples],
        "excluded": [pattern for _, pattern in _excluded(baseline)],
    }
    problem = None
    if shown:
        told = (f"{where}: {what}" for where, what in shown.items())
        problem = errors.SECRETS_FOUND.problem(count=counted(len(shown), "thing"), detail=listed(told))
    return Scan(_told(facts, has_baseline=baseline is not None), facts, problem)


def _told(facts: Mapping[str, Any], *, has_baseline: bool) -> str:
    parts = [
        f"{facts['detectors']} detectors, {facts['findings'] or 'nothing'} found",
        f"{counted(facts['accepted'], 'secret')} accepted by {BASELINE}" if has_baseline else "",
        f"which leaves out {', '.join(facts['excluded'])}" if facts["excluded"] else "",
        f"{counted(len(facts['examples']), 'URL')} with a password in documentation and tests taken for examples"
        if facts["examples"]
        else "",
    ]
    return ", ".join(filter(None, parts))


def _baseline(folder: Path) -> dict[str, Any] | None:
    """The project's own list of what is no secret; None if it keeps none."""
    path = folder / BASELINE
    if not path.is_file():
        return None
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        list(_hashes(read))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.BAD_BASELINE.error(path=BASELINE, detail=str(error)) from None
    return dict(read)


def _detected(box: Toolbox, folder: Path, baseline: Mapping[str, Any] | None) -> dict[str, Any]:
    # A scan that finds nothing has to show that it can find something; no file of the project can have this name.
    canary = f"towpath-{token_hex(16)}.txt"
    (folder / canary).write_text(f"key = '{_CANARY_KEY}'\n", encoding="utf-8")
    # --no-verify: otherwise it would try what it found at the services that it belongs to
    options = ["--no-verify", "--all-files", "--exclude-files", r"^\.git/", *_options(baseline)]
    done = box.capture(["detect-secrets", "scan", *options, "."], folder)
    (folder / canary).unlink()
    report: dict[str, Any] = parsed(done.stdout, "detect-secrets", done.stderr)
    if not report["results"].pop(canary, None):
        raise errors.NOTHING_SCANNED.error(tool="detect-secrets", where="the whole tree")
    return report


def _options(baseline: Mapping[str, Any] | None) -> list[str]:
    """How the scan that made the baseline was done: its guessing detectors, their limits, and what it leaves out."""
    used = {plugin["name"]: plugin for plugin in (baseline or {}).get("plugins_used", [])}
    options = [word for name in _GUESSING if name not in used for word in ("--disable-plugin", name)]
    limits = ((option, used.get(name, {}).get("limit")) for name, option in _LIMITS.items())
    options += [word for option, limit in limits if limit is not None for word in (option, str(limit))]
    return options + [word for option, pattern in _excluded(baseline) for word in (option, pattern)]


def _excluded(baseline: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Option and pattern of everything that a baseline leaves out."""
    found: list[tuple[str, str]] = []
    for one in (baseline or {}).get("filters_used", []):
        option = next((option for end, option in _FILTERS.items() if str(one.get("path", "")).endswith(end)), "")
        patterns: Sequence[str] | str = one.get("pattern", ())
        found += [(option, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns) if option]
    return found


def _is_example(name: str, kind: str) -> bool:
    return kind == _EXAMPLE and _EXAMPLES.fullmatch(name) is not None


def _plain_secrets(folder: Path, accepted: set[str]) -> dict[str, str]:
    """What detect-secrets passes over because of the file's name or kind; place → what stands there."""
    found = {}
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for path in (Path(parent, name) for name in files):
            name = path.relative_to(folder).as_posix()
            if name in accepted or path.is_symlink():
                continue
            if path.name in _SECRET_FILES:
                found[name] = "a file that is made to hold secrets"
            found |= {f"{name}:{line}": what for line, what in _fixed_forms(path)}
    return dict(sorted(found.items()))


def _fixed_forms(path: Path) -> list[tuple[int, str]]:
    """Line and beginning of each secret that none can mistake, in whatever kind of file; never the whole in memory."""
    if not path.stat().st_size:
        return []  # cannot be mapped
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return [
            (1 + sum(1 for _ in _NEWLINE.finditer(content, 0, match.start())), f"begins with {_beginning(match[0])!r}")
            for match in SECRET.finditer(content)
            if not _is_allowed(content, match)
        ]


def _beginning(secret: bytes) -> str:
    return secret.replace(b"\0", b"")[:4].decode()


def _is_allowed(content: mmap.mmap, match: re.Match[bytes]) -> bool:
    """Whether a pragma of detect-secrets stands on the secret's line, or on the one before for the next."""
    after = content.find(b"\n", match.end(), match.end() + LINE_LIMIT)
    end = after if after >= 0 else match.end() + LINE_LIMIT
    until = content[max(0, match.start() - LINE_LIMIT) : end].replace(b"\0", b"")
    return bool(ALLOWED.search(until))


def _hashes(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """File and hash of each secret; those that an audit of the baseline called real are not accepted."""
    for name, secrets in report["results"].items():
        yield from ((_posix(name), one["hashed_secret"]) for one in secrets if not one.get("is_secret"))


def _posix(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")
