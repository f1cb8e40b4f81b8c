"""What a repository's settings on GitHub say, only read: environments, tag rules, permissions, names of secrets.

See https://docs.github.com/en/rest/deployments/environments, /deployments/branch-policies, /repos/rules,
/actions/permissions, /actions/secrets, /actions/workflows and /repos/repos (immutable releases). Some of it is shown
only to an administrator's token; a token that may not read it is told so by 403 or, where it may not even know of it,
by 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from towpath import errors, network
from towpath.forge.transport import PAGE_SIZE, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import requests
    from typing_extensions import Self

    from towpath.model import ForgeAddress

SECONDS = 30.0
_CONNECT, _READ = 5.0, 15.0
_PAGES = 20


@dataclass(frozen=True, slots=True)
class About:
    """The repository itself; `name` is owner/name as the forge has it now."""

    name: str
    default_branch: str
    archived: bool


@dataclass(frozen=True, slots=True)
class RefRule:
    """A pattern of the branches or tags (`kind`) that may use an environment."""

    pattern: str
    kind: str = "branch"


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployment environment; `rules` is None where any branch and tag may use it.

    With `protected_only`, protected branches alone may, and no tag.
    """

    name: str
    reviewers: int = 0
    rules: tuple[RefRule, ...] | None = None
    protected_only: bool = False


@dataclass(frozen=True, slots=True)
class Ruleset:
    """An active ruleset about tags: the refs that it is about, and what it restricts (`creation`, `update`, …).

    `bypass` is whether the token's owner may pass it: `always`, `pull_requests_only`, `never`; "" where it is not said.
    """

    name: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    restricts: frozenset[str]
    bypass: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by its name, and when it was last set (ISO 8601); its value is never shown."""

    name: str
    updated: str


@dataclass(frozen=True, slots=True)
class KnownWorkflow:
    """A workflow that the forge knows: its path, its state (`active`, `disabled_manually`, …)."""

    path: str
    state: str


class RepositorySettings:
    """Read-only questions about one repository. Use it in a `with` statement.

    Each raises what a request raises: forge-out-of-reach, forge-broken, forge-unauthorized, forge-forbidden,
    forge-rate-limited, forge-not-found, forge-garbled, forge-other-shape.
    """

    def __init__(self, address: ForgeAddress, token: str | None, *, loopback_only: bool) -> None:
        self._transport = _Limited(address, token, loopback_only=loopback_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    def about(self) -> About:
        """The repository."""
        return self._transport.read(_about, self._found(""))

    def environments(self) -> tuple[Environment, ...]:
        """Every environment, with its reviewers and the refs that may use it."""
        return tuple(
            self._transport.read(self._environment, one) for one in self._entries("/environments", "environments")
        )

    def tag_rules(self) -> tuple[Ruleset, ...]:
        """The active rulesets about tags, those of the organisation included."""
        listed = [one for one in self._transport.listed("/rulesets") if one.get("target") == "tag"]
        active = [one for one in listed if one.get("enforcement") == "active"]
        ids = [self._transport.read(lambda rules: rules["id"], one) for one in active]
        return tuple(self._transport.read(_ruleset, self._found(f"/rulesets/{id_}")) for id_ in ids)

    def default_permissions(self) -> str:
        """What a workflow's token may where the workflow does not say: `read` or `write`. An administrator's to ask."""
        found = self._found("/actions/permissions/workflow")
        return self._transport.read(lambda said: str(said["default_workflow_permissions"]), found)

    def actions_enabled(self) -> bool:
        """Whether any workflow may run. An administrator's to ask."""
        return self._transport.read(lambda said: bool(said["enabled"]), self._found("/actions/permissions"))

    def secrets(self) -> tuple[Secret, ...]:
        """The repository's secrets, by name."""
        return tuple(self._transport.read(_secret, one) for one in self._entries("/actions/secrets", "secrets"))

    def environment_secrets(self, environment: str) -> tuple[Secret, ...]:
        """The secrets of an environment, by name; none where there is no such environment."""
        try:
            found = self._entries(f"/environments/{quote(environment, safe='')}/secrets", "secrets")
            return tuple(self._transport.read(_secret, one) for one in found)
        except errors.TowpathError as error:
            if error.problems[0].id == errors.FORGE_NOT_FOUND.id:
                return ()
            raise

    def immutable_releases(self) -> bool:
        """Whether releases are immutable once published; 404 is GitHub's answer for no."""
        found = self._transport.get("/immutable-releases")
        return bool(found and found.get("enabled"))

    def workflows(self) -> tuple[KnownWorkflow, ...]:
        """Every workflow that the forge knows."""
        found = self._entries("/actions/workflows", "workflows")
        return tuple(self._transport.read(_workflow, one) for one in found)

    def _environment(self, said: dict[str, Any]) -> Environment:
        name, policy = str(said["name"]), said.get("deployment_branch_policy")
        asked = [rule for rule in said.get("protection_rules", ()) if rule.get("type") == "required_reviewers"]
        reviewers = sum(len(rule.get("reviewers", ())) for rule in asked)
        if not policy:
            return Environment(name, reviewers)
        if not policy.get("custom_branch_policies"):
            return Environment(name, reviewers, (), protected_only=True)
        path = f"/environments/{quote(name, safe='')}/deployment-branch-policies"
        listed = self._entries(path, "branch_policies")
        return Environment(
            name, reviewers, tuple(RefRule(str(one["name"]), str(one.get("type", "branch"))) for one in listed)
        )

    def _found(self, path: str) -> dict[str, Any]:
        found = self._transport.get(path)
        if found is None:
            raise errors.FORGE_NOT_FOUND.error(host=self._transport.host, repository=self._transport.repository)
        return found

    def _entries(self, path: str, key: str) -> Iterator[dict[str, Any]]:
        """The entries of a list that stands in an object beside its `total_count`, page after page."""
        seen = 0
        for page in range(1, _PAGES + 1):
            found = self._found(f"{path}?per_page={PAGE_SIZE}&page={page}")
            listed, total = self._transport.read(lambda said: (list(said[key]), int(said["total_count"])), found)
            yield from listed
            seen += len(listed)
            if seen >= total or not listed:
                return


class _Limited(Transport):
    """Each question ends within SECONDS, however slowly the answer comes."""

    def __init__(self, address: ForgeAddress, token: str | None, *, loopback_only: bool) -> None:
        super().__init__(address, token, loopback_only=loopback_only)
        network.held(self._session, loopback_only=loopback_only, connect=_CONNECT, read=_READ)

    def send(self, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as its base has them
        with network.at_most(self._session, SECONDS):
            return super().send(method, url, **options)


def _ruleset(said: dict[str, Any]) -> Ruleset:
    refs = (said.get("conditions") or {}).get("ref_name", {})
    return Ruleset(
        str(said["name"]),
        tuple(map(str, refs.get("include", ()))),
        tuple(map(str, refs.get("exclude", ()))),
        frozenset(str(rule["type"]) for rule in said.get("rules", ())),
        str(said.get("current_user_can_bypass") or ""),
    )


def _about(said: dict[str, Any]) -> About:
    return About(str(said["full_name"]), str(said["default_branch"]), bool(said.get("archived")))


def _workflow(said: dict[str, Any]) -> KnownWorkflow:
    return KnownWorkflow(str(said["path"]), str(said["state"]))


def _secret(said: dict[str, Any]) -> Secret:
    return Secret(str(said["name"]), str(said.get("updated_at", "")))
