"""The audit of what the project depends on, by pip-audit: every dependency is looked up, or the gate closes."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from towpath import errors
from towpath.environments import environment as environments
from towpath.environments.index import configured_index
from towpath.gates.dependencies import Requirements
from towpath.gates.scanning import OPTION_VARIABLES, Scan, listed
from towpath.gates.tooling import Toolbox, Tools, installer, installer_environ, interpreter, toolbox
from towpath.model import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.config.sections import Security
    from towpath.environments.environment import Environment
    from towpath.gates.gate import Workspace

# What is known of vulnerabilities changes by the day.
VALID_SECONDS = 86_400
SERVICES = ("pypi", "osv")
_FINISHED = (0, 1)  # nothing found, something found; also what an exception ends with
# What pip-audit warns of here it has left out of what it tells (pip_audit/_service/osv.py).
_LEFT_OUT = re.compile(r"^WARNING:pip_audit\._service\S*:(.*)$", re.MULTILINE)


def resolved_tools(settings: Security) -> Tools:
    """The environment that the project's dependencies are resolved in: with it, and nothing else, installed."""
    return Tools("", Requirements(extras=tuple(settings.audit_extras)), with_project=True)


def scan_dependencies(workspace: Workspace, box: Toolbox) -> Scan:
    """Look up every dependency that the project gets when it is installed.

    Raises dependencies-unknown where one could not be looked up and is not declared as such, and what an installation
    raises.
    """
    settings = workspace.settings.security
    with toolbox(workspace, resolved_tools(settings)) as installed:
        pins, elsewhere = _resolved(installed.environment, workspace.subject.project, settings.audit_extras)
    if not pins and not elsewhere:
        return Scan("the project has no dependencies", {"dependencies": {}, "elsewhere": []}, looked=False)
    answer = _audited(workspace, box, pins) if pins else Answer((), {})
    others: dict[str, str] = {}
    for requirement in elsewhere:
        more, further = _audited_elsewhere(workspace, box, requirement, pins)
        answer, others = answer.with_(further), {**others, **more}
    looked_at = {**others, **pins}
    unknown = {name: why for name, why in answer.unknown.items() if name not in _canonical(settings.unaudited)}
    if unknown:
        told = listed(
            " ".join(filter(None, (name, looked_at.get(name, "")))) + f": {why}" for name, why in unknown.items()
        )
        raise errors.DEPENDENCIES_UNKNOWN.error(
            count=counted(len(unknown), "dependency"),
            total=len(looked_at.keys() | answer.unknown.keys()),
            service=settings.audit_service,
            detail=told,
        )
    return _judged(settings, pins, answer, others)


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known vulnerability of one dependency, with all its names and the versions that mend it."""

    name: str
    version: str
    ids: tuple[str, ...]
    mended: tuple[str, ...]

    def told(self) -> str:
        """In one line."""
        others = f" ({', '.join(self.ids[1:])})" if self.ids[1:] else ""
        mended = f"mended in {', '.join(self.mended)}" if self.mended else "mended in no version"
        return f"{self.name} {self.version}: {self.ids[0]}{others}, {mended}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: the vulnerabilities, and what it said nothing of, with the reason."""

    vulnerabilities: tuple[Vulnerability, ...]
    unknown: Mapping[str, str]

    def with_(self, other: Answer) -> Answer:
        """Both together, each vulnerability once."""
        found = dict.fromkeys((*self.vulnerabilities, *other.vulnerabilities))
        return Answer(tuple(found), {**self.unknown, **other.unknown})


def read_answer(report: Mapping[str, Any], pins: Mapping[str, str]) -> Answer:
    """Read pip-audit's JSON. What was asked and is not answered at that very version is unknown.

    Raises KeyError, TypeError and AttributeError for a report of another form.
    """
    told = {str(canonicalize_name(one["name"])): one for one in report["dependencies"]}
    unknown, found = {}, []
    for name, version in pins.items():
        one = told.get(name, {})
        if "skip_reason" in one:
            unknown[name] = one["skip_reason"]
        elif "vulns" not in one or one.get("version") != version:
            unknown[name] = "it is not in the answer"
        else:
            found += [Vulnerability(name, version, _ids(v), tuple(v["fix_versions"])) for v in one["vulns"]]
    return Answer(tuple(found), unknown)


def _ids(vulnerability: Mapping[str, Any]) -> tuple[str, ...]:
    return (vulnerability["id"], *sorted(vulnerability.get("aliases", ())))


def _audited(workspace: Workspace, box: Toolbox, pins: Mapping[str, str]) -> Answer:
    import json

    service = workspace.settings.security.audit_service
    chosen = [service] if service in SERVICES else ["osv", "--osv-url", service]
    # A proxy with a password may be the only way to the service; no code of the project runs here.
    environ = environments.activated(box.environment, installer_environ(workspace))
    undirected = {name: value for name, value in environ.items() if not name.startswith(OPTION_VARIABLES)}
    reaching = Toolbox(box.environment, undirected)
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "pins.txt").write_text("".join(f"{name}=={pins[name]}\n" for name in pins), encoding="utf-8")
        # A cache of its own: an answer of yesterday is none.
        options = ["--requirement", "pins.txt", "--no-deps", "--disable-pip", "--cache-dir", "cache"]
        options += ["--format", "json", "--progress-spinner", "off", "--vulnerability-service", *chosen]
        done = reaching.capture(["pip-audit", *options], folder)
    try:
        answer = read_answer(json.loads(done.stdout), pins)
    except (ValueError, KeyError, TypeError, AttributeError):
        why = _last_words(done.stderr)
        return Answer((), dict.fromkeys(pins, why))
    left_out = _LEFT_OUT.findall(done.stderr)
    if left_out or done.code not in _FINISHED:
        why = "; ".join(left_out) or f"pip-audit ended with {done.code}"
        return Answer(answer.vulnerabilities, {**dict.fromkeys(pins, why), **answer.unknown})
    return answer


def _audited_elsewhere(
    workspace: Workspace, box: Toolbox, requirement: Requirement, pins: Mapping[str, str]
) -> tuple[dict[str, str], Answer]:
    """What another Python or platform gets: the requirement without its marker, as it is resolved on this one."""
    name, environ, tool = str(canonicalize_name(requirement.name)), installer_environ(workspace), installer(workspace)
    try:
        with environments.fresh(interpreter(workspace, ""), environ=environ, installer=tool) as clean:
            index = configured_index(workspace.environ)
            environments.install(clean, [_without_marker(requirement)], environ=environ, index=index)
            held = environments.installed(clean)
    except errors.TowpathError as error:
        return {}, Answer((), {name: f"only for other Pythons or platforms, and: {error.problems[0].cause}"})
    own = {one: version for one, version in held.items() if one == name or one != "pip" or tool.kind != "pip"}
    more = {one: version for one, version in own.items() if pins.get(one) != version}
    return more, _audited(workspace, box, more) if more else Answer((), {})


def _without_marker(requirement: Requirement) -> str:
    bare = Requirement(str(requirement))
    bare.marker = None
    return str(bare)


def _last_words(printed: str) -> str:
    """What an exception says, which is the last line of its traceback."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no answer"


def _judged(settings: Security, pins: Mapping[str, str], answer: Answer, others: Mapping[str, str]) -> Scan:
    ignored = settings.ignore_vulnerabilities
    passed_over = [one for one in answer.vulnerabilities if set(one.ids) & set(ignored)]
    serious = [one for one in answer.vulnerabilities if one not in passed_over]
    reasons = {one.told(): next(ignored[id_] for id_ in one.ids if id_ in ignored) for one in passed_over}
    without = {name: reason for name, reason in _canonical(settings.unaudited).items() if name in answer.unknown}
    gone = sorted(set(ignored) - {id_ for one in answer.vulnerabilities for id_ in one.ids})
    facts = {
        "dependencies": dict(pins),
        "service": settings.audit_service,
        "vulnerabilities": [one.told() for one in serious],
        "ignored": reasons,
        "unaudited": without,
        "elsewhere": dict(others),
    }
    looked_at = {*pins.items(), *others.items()}
    known = counted(len([name for name, _ in looked_at if name not in without]), "dependency")
    parts = [
        f"{known} looked up, {counted(len(serious), 'vulnerability')}",
        *(f"ignored: {what} ({reason})" for what, reason in reasons.items()),
        *(f"not looked up: {name} ({reason})" for name, reason in without.items()),
        f"no longer known: {', '.join(gone)}" if gone else "",
        f"for other Pythons or platforms: {', '.join(others)}" if others else "",
    ]
    problem = None
    if serious:
        problem = errors.VULNERABLE_DEPENDENCIES.problem(
            count=counted(len(serious), "vulnerability"), detail=listed(one.told() for one in serious)
        )
    return Scan(", ".join(filter(None, parts)), facts, problem)


def _resolved(
    environment: Environment, project: str, extras: tuple[str, ...]
) -> tuple[dict[str, str], list[Requirement]]:
    """What was installed with the project, name → version, and what it would want on other Pythons or platforms."""
    held = environments.installed(environment)
    own = str(canonicalize_name(project))
    every = {str(canonicalize_name(one.name)): one for one in distributions(path=_site_packages(environment))}
    wanted = {canonicalize_name(requirement.name) for one in every.values() for requirement in _wants(one, ())}
    brought = {"pip"} - wanted if environment.installer.kind == "pip" else set()
    pins = {name: version for name, version in held.items() if name not in {own, *brought}}
    here_or_not = _wants(every[own], extras) if own in every else ()
    return pins, [one for one in here_or_not if canonicalize_name(one.name) != own and not _is_met(one, pins)]


def _is_met(requirement: Requirement, pins: Mapping[str, str]) -> bool:
    version = pins.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def _wants(distribution: Distribution, extras: tuple[str, ...]) -> Iterator[Requirement]:
    """What a distribution requires, leaving out what only other extras want."""
    for requirement in map(Requirement, distribution.requires or ()):
        marker = str(requirement.marker or "")
        named = re.findall(r"""extra\s*==\s*["']([^"']+)["']""", marker)
        if not named or {canonicalize_name(one) for one in named} & {canonicalize_name(one) for one in extras}:
            yield requirement


def _site_packages(environment: Environment) -> list[str]:
    patterns = ("Lib/site-packages", "lib/*/site-packages", "lib64/*/site-packages")
    return [str(path) for pattern in patterns for path in environment.folder.glob(pattern)]


def _canonical(declared: Mapping[str, str]) -> dict[str, str]:
    return {str(canonicalize_name(name)): reason for name, reason in declared.items()}
