"""Where a version goes: the indexes of its kind, by PEP 440 and the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from towpath.config.sections import Settings

KINDS = FINAL, PRERELEASE, DEVELOPMENT, POST = "final", "pre-release", "development", "post"
PUBLIC = ("pypi", "testpypi")
# As they are spelled in a configuration.
SPELLED = {"final": FINAL, "post": POST, "prerelease": PRERELEASE, "development": DEVELOPMENT}


def kind_of(version: Version) -> str:
    """The kind by PEP 440: development before pre-release before post-release, else final."""
    if version.is_devrelease:
        return DEVELOPMENT
    if version.is_prerelease:
        return PRERELEASE
    return POST if version.is_postrelease else FINAL


def route_of(settings: Settings, kind: str) -> tuple[str, ...]:
    """The names of the indexes that versions of a kind go to, in order; empty where they go nowhere.

    Without a configuration, what is not final goes to the test index only, so that it is never on the production index
    by accident, and what is final to the index; `load` puts the test index before it where the project names one.
    """
    routes = settings.routes
    final = routes.final if routes.final is not None else (settings.publish.index,)
    early = routes.prerelease if routes.prerelease is not None else (settings.publish_test.index,)
    chosen = {
        FINAL: final,
        POST: final if routes.post is None else routes.post,
        PRERELEASE: early,
        DEVELOPMENT: early if routes.development is None else routes.development,
    }
    return chosen[kind]


def wrong_routes(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every complaint about the routes, each with its table."""
    test, main = settings.publish_test.index, settings.publish.index
    if test == main:
        yield "publish-test", f"publish-test and publish both name {test!r}: nothing would be tried out before"
    for kind in ("final", "prerelease", "development", "post"):
        for what in _wrong(getattr(settings.routes, kind) or (), test, {*PUBLIC, *settings.index}):
            yield "routes", f"{kind} {what}"


def _wrong(route: tuple[str, ...], test: str, known: set[str]) -> Iterator[str]:
    for name in route:
        if name not in known:
            yield f"names {name!r}: known are {', '.join(sorted(known))}"
    others = [name for name in route if name != test]
    if len(others) > 1 or len(set(route)) != len(route) or (len(route) > 1 and route[0] != test):
        yield f"is {list(route)}: a route is the test index {test!r}, one other, or first that and then the other"
