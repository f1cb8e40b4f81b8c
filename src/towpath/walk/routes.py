"""Which gates a version passes: its kind by PEP 440, the configuration, and where the caller wants to go.

It follows from the version and the configuration alone, so that a gate run alone as a job of its own gets the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.version import Version

from towpath import errors
from towpath.config.routes import DEVELOPMENT, PRERELEASE, SPELLED, kind_of, route_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.gates.gate import Pipeline

# What may be left out of one walk with a reason: a broken test index must never burn a version that is tagged.
DISPENSABLE = ("publish-test",)
_SERVED_BY = {"test": "publish-test", "index": "publish"}
_LEFT_OUT = re.compile(r"without (?P<gate>[a-z0-9-]+): (?P<reason>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a version of this kind goes.

    `name` is the target's: the last index. `index` is the name of the index of publish. `off` says of each gate that
    is not on the route why; `problem` why there is no route at all.
    """

    kind: str
    indexes: tuple[str, ...]
    name: str
    index: str
    off: Mapping[str, str] = field(default_factory=dict)
    problem: errors.Problem | None = None


def route(pipeline: Collection[str], configuration: Configuration, version: str, to: str = "") -> Route:
    """The route of a version through the gates of these names; `to` is an index, or "" for the version's own route.

    `to` as the index of the configuration means the version's own route, too. To the test index alone, the walk of a
    version that goes further ends after publish-test, and pushes no tag for what may still change. Raises unknown-name.
    """
    found = _route(tuple(pipeline), configuration, version, to)
    return replace(found, off={**_not_after(configuration.settings, found.kind, pipeline), **found.off})


def _not_after(settings: Settings, kind: str, names: Iterable[str]) -> dict[str, str]:
    """What is done after releases of other kinds only: name → why."""
    declared = {name: one.kinds for name, one in settings.after_release.items() if name in names}
    return {
        name: f"{kind}, and it is done after {' and '.join(kinds)} only"
        for name, kinds in declared.items()
        if kind not in {SPELLED[one] for one in kinds}
    }


def _route(names: tuple[str, ...], configuration: Configuration, version: str, to: str) -> Route:
    settings = configuration.settings
    kind, test = kind_of(Version(version)), settings.publish_test.index
    own = route_of(settings, kind)
    if to == test and own[-1:] != (test,):
        ended = dict.fromkeys(_all_but_test(names), f"--to {test} ends after publish-test")
        return Route(kind, (test,), test, settings.publish.index, ended)
    if to in {"", settings.publish.index, *own}:
        return _along(names, settings, kind, own, _problem(names, settings, kind, own, version))
    configuration.index(to)  # raises for a name that is not known
    problem = None
    if to == "pypi" and kind in {PRERELEASE, DEVELOPMENT}:
        shown = " and ".join(own) or "no index"
        last = own[-1] if own else "NAME"
        problem = errors.OFF_ROUTE.problem(version=version, kind=kind, route=shown, index=to, last=last)
    return _along(names, settings, kind, (to,), problem)


def require_dispensable(names: Iterable[str], found: Route, left_out: Mapping[str, str]) -> None:
    """Raise not-left-out and no-reason unless every gate may be left out of this walk, with a reason."""
    for gate, reason in left_out.items():
        facts = {"gate": gate, "what": "this walk", "known": ", ".join(DISPENSABLE)}
        if gate not in names:
            raise errors.NOT_LEFT_OUT.error(**facts, why="there is no such gate in the pipeline")
        if gate not in DISPENSABLE:
            raise errors.NOT_LEFT_OUT.error(**facts, why="what comes after it relies on what it proves")
        if not reason.strip():
            raise errors.NO_REASON.error(gate=gate)
        if found.index not in found.indexes:
            raise errors.NOT_LEFT_OUT.error(**facts, why=f"nothing would be published, as it goes to {found.name} only")


def on_record(changes: Iterable[str]) -> dict[str, str]:
    """The gates that a record says were left out with a reason: name → reason."""
    found = (_LEFT_OUT.fullmatch(change) for change in changes)
    return {one["gate"]: one["reason"] for one in found if one and one["gate"] in DISPENSABLE}


def as_recorded(pipeline: Pipeline, changes: Iterable[str]) -> Pipeline:
    """The pipeline without the gates that a record says were left out."""
    part = pipeline
    for gate, reason in on_record(changes).items():
        if gate in part.names:
            part = part.without(gate, reason=reason)
    return part


def _along(
    names: tuple[str, ...], settings: Settings, kind: str, indexes: tuple[str, ...], problem: errors.Problem | None
) -> Route:
    test = settings.publish_test.index
    others = [name for name in indexes if name != test]
    why = f"{kind}, to {' and '.join(indexes) or 'no index'} only"
    off = set() if test in indexes else {"publish-test"}
    if not others:
        off |= {"publish", "verify-published"}
    last = indexes[-1] if indexes else settings.publish.index
    main = others[0] if others else settings.publish.index
    return Route(kind, indexes, last, main, {name: why for name in names if name in off}, problem)


def _problem(
    names: tuple[str, ...], settings: Settings, kind: str, indexes: tuple[str, ...], version: str
) -> errors.Problem | None:
    """A version that is published nowhere, though the pipeline publishes, is no green release."""
    if not indexes:
        return errors.NO_ROUTE.problem(version=version, kind=kind, why="[tool.towpath.routes] has no index for such")
    test = settings.publish_test.index
    serving = {_SERVED_BY["test" if name == test else "index"] for name in indexes}
    publishing = set(_SERVED_BY.values()) & set(names)
    if publishing and not serving & publishing:
        why = f"goes to {' and '.join(indexes)}, for which the pipeline has no gate {' or '.join(sorted(serving))}"
        return errors.NO_ROUTE.problem(version=version, kind=kind, why=why)
    return None


def _all_but_test(names: tuple[str, ...]) -> tuple[str, ...]:
    after = names[names.index("publish-test") + 1 :] if "publish-test" in names else ()
    return tuple(name for name in names if name in after or name == "tag")
