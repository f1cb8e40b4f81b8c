"""The scan for insecure code, by bandit."""

from __future__ import annotations

import configparser
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates.scanning import SEVERITIES, Scan, listed, parsed
from towpath.gates.sources import source_paths
from towpath.model import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.gates.gate import Workspace
    from towpath.gates.tooling import Toolbox

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILES = ("bandit.yaml", "bandit.yml", ".bandit.yaml", ".bandit.yml")
# https://bandit.readthedocs.io/en/latest/config.html
_WORDS = {
    "skips": "without {}",
    "tests": "only {}",
    "include": "only files like {}",
    "exclude_dirs": "but for paths with {}",
    "exclude": "but for paths with {}",
    "baseline": "but for what {} accepts",
}


def scan_code(workspace: Workspace, box: Toolbox, folder: Path) -> Scan:
    """Scan the project's code in a checkout. Raises unscanned-code, nothing-scanned and unreadable-report."""
    paths = source_paths(folder, workspace.subject.project)
    options = _configured(folder, paths, workspace.configuration.pyproject.get("tool", {}).get("bandit"))
    done = box.capture(["bandit", "--recursive", "--format", "json", "--quiet", *options, *paths], folder)
    report = parsed(done.stdout, "bandit", done.stderr)
    if report["errors"]:  # bandit skips a file that it cannot parse, and ends with 0 all the same
        unread = listed(f"{error['filename']}: {error['reason']}" for error in report["errors"])
        raise errors.UNSCANNED_CODE.error(count=counted(len(report["errors"]), "file"), detail=unread)
    totals = report["metrics"]["_totals"]
    if not totals["loc"]:
        raise errors.NOTHING_SCANNED.error(tool="bandit", where=", ".join(paths))
    left_out = [words for path in options[1::2] for words in _left_out(folder / path, path)]
    return _judged(report, totals, workspace.settings.security.severity, left_out)


def _configured(folder: Path, paths: Sequence[str], table: object) -> list[str]:
    """The project's own configuration of bandit, which by itself reads none but a `.bandit` in what it looks at."""
    name = "pyproject.toml" if table is not None else next((one for one in _FILES if (folder / one).is_file()), "")
    below = [one.relative_to(folder) for path in paths for one in (folder / path).rglob(".bandit") if one.is_file()]
    found = [Path(".bandit")] if table is None and (folder / ".bandit").is_file() else below
    initial = found[0].as_posix() if len(found) == 1 else ""  # of several, bandit takes none and fails
    name = name or (_initial(folder / initial).get("configfile", "") if initial else "")
    return [*(["--configfile", name] if name else []), *(["--ini", initial] if initial else [])]


def _left_out(path: Path, name: str) -> Iterator[str]:
    """What one file of bandit's configuration has it do otherwise than by itself, and above all not do."""
    found = _initial(path) if path.name == ".bandit" else _options(path)
    where = "[tool.bandit]" if name == "pyproject.toml" else name
    for key, words in _WORDS.items():
        if found.get(key):
            values = found[key] if isinstance(found[key], list) else [found[key]]
            yield f"{words.format(', '.join(map(str, values)))} by {where}"
    others = sorted(map(str, found.keys() - _WORDS.keys()))
    if others:
        yield f"{', '.join(others)} set by {where}"


def _initial(path: Path) -> Mapping[str, Any]:
    """As bandit reads it, which takes one that it cannot read for none."""
    parser = configparser.ConfigParser()
    try:
        parser.read(path)
        return dict(parser.items("bandit"))
    except (configparser.Error, UnicodeDecodeError):
        return {}


def _options(path: Path) -> Mapping[str, Any]:
    """Those of a TOML or YAML file. Raises unreadable-report: what it leaves out is then not known."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            found = tomllib.loads(text).get("tool", {}).get("bandit", {})
        else:
            found = YAML(typ="safe", pure=True).load(text)
    except (OSError, ValueError, YAMLError) as error:
        raise errors.UNREADABLE_REPORT.error(tool="bandit", detail=f"{path.name}: {error}") from None
    return found if isinstance(found, dict) else {}


def _judged(report: Mapping[str, Any], totals: Mapping[str, int], threshold: str, left_out: Sequence[str]) -> Scan:
    least = SEVERITIES.index(threshold)
    serious = [one for one in report["results"] if SEVERITIES.index(one["issue_severity"].lower()) >= least]
    marked = totals.get("nosec", 0) + totals.get("skipped_tests", 0)
    facts = {
        "lines": totals["loc"],
        "files": len(report["metrics"]) - 1,
        "findings": len(serious),
        "below": len(report["results"]) - len(serious),
        "nosec": marked,
        "left_out": list(left_out),
    }
    parts = [
        f"{counted(totals['loc'], 'line')} of code, {counted(len(serious), 'finding')}",
        f"{facts['below']} below {threshold} severity" if facts["below"] else "",
        f"{marked} marked # nosec" if marked else "",
        *left_out,
    ]
    problem = None
    if serious:
        problem = errors.INSECURE_CODE.problem(
            count=counted(len(serious), "place"), severity=threshold, detail=listed(map(_finding, serious))
        )
    return Scan(", ".join(filter(None, parts)), facts, problem)


def _finding(one: Mapping[str, Any]) -> str:
    where = f"{one['filename'].removeprefix('./')}:{one['line_number']}"
    return f"{where}: {one['test_id']} {one['issue_severity'].lower()}: {one['issue_text']}"
