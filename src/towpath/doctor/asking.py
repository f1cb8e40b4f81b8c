"""Asking the remote, the forge and the indexes: every question at once, each with a limit of time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from towpath import errors
from towpath.doctor.facts import Latest, OnIndex, World
from towpath.doctor.nouns import Known, NotAskedError, unasked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from packaging.version import Version

    from towpath.doctor.facts import Facts
    from towpath.forge.settings import RepositorySettings, Secret
    from towpath.index.client import IndexClient, Listing
    from towpath.model import IndexAddress

T = TypeVar("T")
SECONDS = 30.0
_AT_ONCE = 16
_NO_TOKEN = "no GITHUB_TOKEN or GH_TOKEN is set here"  # noqa: S105 - a reason in words
_MAY_NOT = ("forge-forbidden", "forge-not-found", "forge-unauthorized")


def ask(facts: Facts) -> World:
    """Everything that the world knows; what does not answer says why. Nothing is changed anywhere."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        started = _Started(facts, pool)
        refs = pool.submit(_known, lambda: _refs(facts))
        about = started.forge(lambda forge: forge.about())
        environments = started.forge(lambda forge: forge.environments())
        tag_rules = started.forge(lambda forge: forge.tag_rules())
        workflows = started.forge(lambda forge: forge.workflows())
        permissions = started.forge(lambda forge: forge.default_permissions(), private=True)
        actions = started.forge(lambda forge: forge.actions_enabled(), private=True)
        secrets = started.forge(lambda forge: forge.secrets(), private=True)
        of_environments = started.forge(lambda forge: _environment_secrets(forge, facts), private=True)
        immutable = started.forge(lambda forge: forge.immutable_releases(), private=True)
        addresses = {one.index: one.address for one in facts.publications}
        indexes = {name: pool.submit(_on_index, facts, address) for name, address in addresses.items()}
        return World(
            refs.result(),
            about.result(),
            environments.result(),
            tag_rules.result(),
            permissions.result(),
            actions.result(),
            secrets.result(),
            of_environments.result(),
            immutable.result(),
            workflows.result(),
            {name: one.result() for name, one in indexes.items()},
        )


class _Started:
    """Questions to the forge, each with connections of its own."""

    def __init__(self, facts: Facts, pool: ThreadPoolExecutor) -> None:
        self._facts, self._pool = facts, pool
        self._token = facts.environ.get("GITHUB_TOKEN") or facts.environ.get("GH_TOKEN") or None

    def forge(self, question: Callable[[RepositorySettings], T], *, private: bool = False) -> Future[Known[T]]:
        """Ask it; a `private` one only with a token, since nobody else is answered."""
        return self._pool.submit(_known, lambda: self._answer(question, private=private))

    def _answer(self, question: Callable[[RepositorySettings], T], *, private: bool) -> T:
        from towpath.forge.settings import RepositorySettings

        address = self._facts.forge
        if address is None:
            raise unasked(_no_forge(self._facts))
        if private and self._token is None:
            raise unasked(_NO_TOKEN)
        try:
            with RepositorySettings(address, self._token, loopback_only=False) as forge:
                return question(forge)
        except errors.TowpathError as error:
            if private and error.problems[0].id in _MAY_NOT:
                why = "the token here may not read it: an administrator's may"
                raise unasked(why) from None
            raise


def _known(question: Callable[[], T]) -> Known[T]:
    try:
        return Known(question())
    except NotAskedError as error:
        return Known(why=str(error))
    except errors.TowpathError as error:
        first = error.problems[0]
        last = first.detail.splitlines()[-1:] if first.id == errors.GIT_FAILED.id else []
        return Known(why=(last or [first.cause])[0].rstrip("."))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Known(why=f"the answer could not be read ({type(error).__name__})")


def _no_forge(facts: Facts) -> str:
    return "the remote is not on GitHub" if facts.remote_url else f"there is no remote {facts.remote}"


def _refs(facts: Facts) -> Mapping[str, str]:
    """What the remote has of the branches that are released from, and of the tag of this version."""
    from towpath.repository.state import remote_refs

    if not facts.remote_url:
        raise unasked(_no_forge(facts))
    branches = {facts.settings.workflow.branch, facts.repository.branch() or facts.settings.workflow.branch}
    refs = [f"refs/heads/{branch}" for branch in sorted(branches)]
    if facts.version.answer is not None:
        tag = facts.settings.tag.format.format(version=facts.version.answer.version)
        refs += [f"refs/tags/{tag}", f"refs/tags/{tag}^{{}}"]
    return remote_refs(facts.repository, facts.remote_url, refs)


def _environment_secrets(forge: RepositorySettings, facts: Facts) -> Mapping[str, tuple[Secret, ...]]:
    names = dict.fromkeys(one.environment for one in facts.publications)
    return {name: forge.environment_secrets(name) for name in names}


def _on_index(facts: Facts, address: IndexAddress) -> OnIndex:
    from towpath.index.client import IndexClient

    project = facts.configuration.name
    with IndexClient(address, loopback_only=False, seconds=SECONDS) as client:
        listing = _known(lambda: client.listing(project))
        return OnIndex(listing, _known(lambda: _latest(client, project, listing.get())))


def _latest(client: IndexClient, project: str, listing: Listing) -> Latest:
    """The newest release that is there, by its version; its publishers from the first of its files."""
    from towpath.index.client import by_version
    from towpath.index.provenance import origins

    found = by_version(listing.files.values())
    if not found:
        why = "it has no release there" if listing.known else "it is not there yet"
        raise unasked(why)
    newest: Version = max(found, key=lambda version: (not version.is_prerelease, version))
    file = min(found[newest], key=lambda one: one.filename)
    return Latest(str(newest), origins(client, project, str(newest), file.filename))
