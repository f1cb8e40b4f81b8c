"""security: bandit over the project's code, and a scan of every file for secrets. Both work offline."""

from __future__ import annotations

import json
import mmap
import os
import re
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates import dependencies
from towpath.gates.dependencies import Requirements
from towpath.gates.gate import Gate
from towpath.gates.sources import source_paths
from towpath.gates.tooling import Toolbox, Tools, toolbox, versions
from towpath.model import Outcome
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.gates.gate import Workspace

SEVERITIES = ("low", "medium", "high")
BASELINE = ".secrets.baseline"
# These three take most ordinary words beside `password =` and most digests for secrets; a project that wants them
# keeps a baseline, whose own list of plugins is used then.
_GUESSING = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString")
_CANARY_KEY = "AKIA" + "TOWPATHCANARYKEY"  # in two parts, so that no scanner finds it here
# Files whose whole purpose is to hold secrets.
_SECRET_FILES = frozenset({".pypirc", ".netrc", "_netrc", ".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
_FORMS = (
    r"AKIA[0-9A-Z]{16}",
    r"pypi-AgEI[A-Za-z0-9_-]{50,}",
    r"gh[pousr]_[A-Za-z0-9]{36,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
)
# Each character may have a NUL behind it, as in UTF-16.
_FORM = re.compile("|".join(re.sub(r"(\[.+?\]|.)(\*|\{.+?\})?", r"(?:\1\\x00?)\2", one) for one in _FORMS).encode())
_ALLOWED = re.compile(rb"pragma: ?(?:allow|white)list[ -](?:secret[^\n]*|nextline[ -]secret[^\n]*\n[^\n]*)\Z")
_NEWLINE = re.compile(rb"\n")
_LINE_LIMIT = 4096  # bytes to either side of a secret in which its line's pragma is looked for
_SHOWN = 20


def security() -> Gate:
    """The gate."""
    return Gate(
        "security",
        "Look for insecure code (bandit) and for secrets in the files.",
        act,
        configuration=lambda workspace, _: {"severity": workspace.settings.security.severity},
        tools=lambda workspace, _: versions(workspace, _tools(workspace)),
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Scan a checkout of exactly the subject's tree.

    Raises insecure-code, unscanned-code, nothing-scanned and secrets-found.
    """
    with (
        toolbox(workspace, _tools(workspace)) as box,
        throwaway_checkout(workspace.repository) as folder,
    ):
        project = folder / workspace.repository.prefix
        code = _bandit(workspace, box, project)
        kept = _secrets(box, project)
    return Outcome(notes=("nothing insecure and no secrets found", code, kept))


def _tools(workspace: Workspace) -> Tools:
    pyproject, root = workspace.configuration.pyproject, workspace.root
    names = ("bandit", "detect-secrets")
    lines = tuple(line for name in names for line in dependencies.declared(pyproject, root, name))
    return Tools("", Requirements(lines), with_project=False)


def _bandit(workspace: Workspace, box: Toolbox, folder: Path) -> str:
    paths = source_paths(folder, workspace.subject.project)
    options = ["--recursive", "--format", "json", "--quiet"]
    if "bandit" in workspace.configuration.pyproject.get("tool", {}):
        options += ["--configfile", "pyproject.toml"]
    done = box.capture(["bandit", *options, *paths], folder)
    report = _parsed(done.stdout, "bandit", done.stderr)
    if report["errors"]:  # bandit skips a file that it cannot parse, and ends with 0 all the same
        unread = "\n".join(f"{error['filename']}: {error['reason']}" for error in report["errors"])
        raise errors.UNSCANNED_CODE.error(count=len(report["errors"]), detail=unread)
    threshold = SEVERITIES.index(workspace.settings.security.severity)
    serious = [one for one in report["results"] if SEVERITIES.index(one["issue_severity"].lower()) >= threshold]
    if serious:
        shown = "\n".join(map(_finding, serious[:_SHOWN]))
        raise errors.INSECURE_CODE.error(count=len(serious), severity=SEVERITIES[threshold], detail=shown)
    lines = report["metrics"]["_totals"]["loc"]
    if not lines:
        raise errors.NOTHING_SCANNED.error(tool="bandit", where=", ".join(paths))
    lesser = len(report["results"])
    return f"bandit: {lines} lines of code, {lesser} findings below {SEVERITIES[threshold]} severity"


def _finding(one: Mapping[str, Any]) -> str:
    where = f"{one['filename'].removeprefix('./')}:{one['line_number']}"
    return f"{where}: {one['test_id']} {one['issue_severity'].lower()}: {one['issue_text']}"


def _secrets(box: Toolbox, folder: Path) -> str:
    baseline = folder / BASELINE
    known = json.loads(baseline.read_text(encoding="utf-8")) if baseline.is_file() else None
    disabled = _GUESSING if known is None else _left_out(known)
    options = [word for plugin in disabled for word in ("--disable-plugin", plugin)]
    accepted = set(_hashes(known)) if known else set()
    shown = _plain_secrets(folder, {name for name, _ in accepted})
    # A scan that finds nothing has to show that it can find something; no file of the project can have this name.
    canary = f"towpath-{token_hex(16)}.txt"
    (folder / canary).write_text(f"key = '{_CANARY_KEY}'\n", encoding="utf-8")
    # --no-verify: otherwise it would try what it found at the services that it belongs to
    options += ["--no-verify", "--all-files", "--exclude-files", r"^\.git/"]
    done = box.capture(["detect-secrets", "scan", *options, "."], folder)
    report = _parsed(done.stdout, "detect-secrets", done.stderr)
    if not report["results"].pop(canary, None):
        raise errors.NOTHING_SCANNED.error(tool="detect-secrets", where="the whole tree")
    lines = {
        (name.replace("\\", "/"), one["hashed_secret"]): one for name, all_ in report["results"].items() for one in all_
    }
    found = [one for one in _hashes(report) if one not in accepted and one[0] != BASELINE]
    shown |= {f"{name}:{lines[name, hash_]['line_number']}": lines[name, hash_]["type"] for name, hash_ in found}
    if shown:
        detail = "\n".join(f"{where}: {what}" for where, what in list(shown.items())[:_SHOWN])
        raise errors.SECRETS_FOUND.error(count=len(shown), detail=detail)
    return f"detect-secrets: {len(report['plugins_used'])} detectors, nothing found"


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
            for match in _FORM.finditer(content)
            if not _is_allowed(content, match)
        ]


def _beginning(secret: bytes) -> str:
    return secret.replace(b"\0", b"")[:4].decode()


def _is_allowed(content: mmap.mmap, match: re.Match[bytes]) -> bool:
    """Whether a pragma of detect-secrets stands on the secret's line, or on the one before for the next."""
    after = content.find(b"\n", match.end(), match.end() + _LINE_LIMIT)
    end = after if after >= 0 else match.end() + _LINE_LIMIT
    until = content[max(0, match.start() - _LINE_LIMIT) : end].replace(b"\0", b"")
    return bool(_ALLOWED.search(until))


def _hashes(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """File and hash of each secret; those that an audit of the baseline called real are not accepted."""
    for name, secrets in report["results"].items():
        yield from ((name.replace("\\", "/"), one["hashed_secret"]) for one in secrets if not one.get("is_secret"))


def _left_out(baseline: Mapping[str, Any]) -> tuple[str, ...]:
    used = {plugin["name"] for plugin in baseline.get("plugins_used", [])}
    return tuple(name for name in _GUESSING if name not in used)


def _parsed(text: str, tool: str, stderr: str) -> dict[str, Any]:
    """A report that cannot be read is a failure, never a clean bill."""
    try:
        report: dict[str, Any] = json.loads(text)
    except ValueError:
        raise errors.UNREADABLE_REPORT.error(tool=tool, detail=stderr or text) from None
    return report
