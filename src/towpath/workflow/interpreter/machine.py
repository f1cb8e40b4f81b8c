"""The machine that workflows run on, and what stands for GitHub around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.workflow.interpreter.actions.calling import Handler

# Of the caller's environment a job sees these and no others, as a hosted runner knows nothing of anybody's laptop.
_PASSED_ON = frozenset(
    {
        "PATH", "PATHEXT", "LANG", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "WINDIR", "PROGRAMFILES", "PROGRAMDATA",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "HTTP_PROXY",
        "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "PIP_CACHE_DIR", "PIP_DEFAULT_TIMEOUT", "UV_CACHE_DIR",
        "UV_DEFAULT_INDEX", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "UV_PYTHON_INSTALL_DIR", "PYENV_ROOT",
    }
)  # fmt: skip


class Identity(Protocol):
    """The token service: for a job's claims, the variables by which it finds the service.

    The claims are those of GitHub's tokens (sub, repository, ref, job_workflow_ref, environment …); None stands for a
    claim that the token does not hold. Called for jobs with `id-token: write` only, just before their first step.
    """

    def __call__(self, claims: Mapping[str, str | None], /) -> Mapping[str, str]:
        """ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN."""
        ...


def _approve(_environment: str, _job: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a workflow runs.

    Attributes:
        folder: For workspaces, logs and artifacts; kept for the caller, who removes it. Each run takes it from new,
            unless it takes up a run before.
        repository: The bare repository (a path, or a URL that git knows) that the event is about.
        environ: The environment that jobs are given; see `ordinary_environment`. Nothing is added of our own process.
        slug: owner/name on the forge.
        secrets: By name in capitals; masked in every log.
        variables: The context `vars`.
        token: `github.token`, masked too; reaches a step only where the workflow passes it.
        token_for: Gives a job's token by its permissions, each time the same, so that a forge double can refuse what
            the permissions do not allow; None gives every job `token`.
        identity: The token service; a job with `id-token: write` finds none where it is None.
        approve: Asked with environment and job before a job with an environment runs; False rejects it.
        other_systems: What to do with jobs for Windows and macOS (and any label but ubuntu-*): "refuse" the workflow,
            "skip" them as not run here, so that they decide nothing where another leg of the job runs and the job is
            cancelled where none does, or run them "as-ubuntu".
        handlers: More actions by owner/repo in small letters, or others in place of ours.
        indexes: URL of an index as the workflow says it → the URL to use; only loopback is ever written to.
        python: Finds an interpreter for a version such as "3.12"; None looks on this machine.
        server_url, api_url: The forge, as jobs see it.
        default_branch: The repository's own.
        default_permissions: Of a workflow that says nothing: GitHub's "read" for new repositories, or "write".
        actor: Who set the event off.
    """

    folder: Path
    repository: str | Path
    environ: Mapping[str, str]
    slug: str = "towpath/rehearsal"
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    token: str = "ghs_rehearsal000000000000000000000000"  # noqa: S105 - it opens nothing
    token_for: Callable[[Mapping[str, str]], str] | None = None
    identity: Identity | None = None
    approve: Callable[[str, str], bool] = _approve
    other_systems: Literal["refuse", "skip", "as-ubuntu"] = "refuse"
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    python: Callable[[str], Path] | None = None
    server_url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    default_branch: str = "main"
    default_permissions: Literal["read", "write"] = "read"
    actor: str = "rehearsal"

    @property
    def owner(self) -> str:
        """The first half of the slug."""
        return self.slug.partition("/")[0]

    @property
    def facts(self) -> dict[str, Any]:
        """The repository as payloads and contexts tell of it."""
        return {
            "full_name": self.slug,
            "name": self.slug.partition("/")[2],
            "owner": {"login": self.owner},
            "default_branch": self.default_branch,
            "html_url": f"{self.server_url}/{self.slug}",
            "private": False,
        }


def ordinary_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Of an environment what a job may see: where programs lie and how packages are reached, no credential."""
    return {name: value for name, value in environ.items() if name.upper() in _PASSED_ON or name.startswith("LC_")}
