"""Jobs that upload: to which indexes, with what credential, and what is asked and compared before a byte is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.config.routes import KINDS, PUBLIC, route_of
from towpath.workflow import conditions, steps
from towpath.workflow.pins import use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.gates.gate import Gate
    from towpath.workflow.layout import Layout

Job = dict[str, Any]

_HOSTS = {"pypi": "https://pypi.org", "testpypi": "https://test.pypi.org"}
# The digests came as an output of the job before, apart from the artifact; a file more is refused, too.
_COMPARE = """\
cd dist
printf '%s\\n' "$FILES" | sha256sum --check --strict
test "$(find . -mindepth 1 | wc -l)" -eq "$(printf '%s\\n' "$FILES" | wc -l)"
"""


def uploads(gate: Gate) -> bool:
    """Whether a gate sends files to an index."""
    return gate.credential in {"test-index", "index"}


def by_action(layout: Layout, gate: Gate) -> bool:
    """Whether PyPA's action sends the files, and the gate only compares them afterwards."""
    return uploads(gate) and layout.settings.workflow.publish_by == "action"


def indexes_of(layout: Layout, gate: Gate) -> tuple[str, ...]:
    """The indexes that a gate may send to: by the route of each kind of version, one for each run."""
    settings = layout.settings
    test = settings.publish_test.index
    if gate.credential == "test-index":
        return (test,)
    named = [name for kind in KINDS for name in route_of(settings, kind) if name != test]
    return tuple(dict.fromkeys(named)) or (settings.publish.index,)


def goes_apart(layout: Layout) -> bool:
    """Whether versions of different kinds go to different indexes, so that a run has to say to which."""
    return any(len(indexes_of(layout, gate)) > 1 for gate in layout.pipeline if uploads(gate))


def asking(gate: Gate) -> str:
    """The job that asks the index before the action sends to it."""
    return f"before-{gate.name}"


def sending(layout: Layout, gate: Gate) -> dict[str, str]:
    """The jobs in which the action sends, each with its index."""
    indexes = indexes_of(layout, gate)
    apart = len(indexes) > 1
    return {f"upload-{gate.name}{f'-{index}' if apart else ''}": index for index in indexes}


def action_jobs(layout: Layout, gate: Gate, needs: list[str]) -> Iterator[tuple[str, Job]]:
    """The jobs in front of a gate whose files PyPA's action sends: asking the index, then sending."""
    yield asking(gate), _asking_job(layout, gate, needs)
    for name, index in sending(layout, gate).items():
        yield name, {"name": name, **_sending_job(layout, gate, [*needs, asking(gate)], index)}


def after_sending(layout: Layout, gate: Gate, needs: list[str]) -> tuple[list[str], str]:
    """What the gate's own job needs where the action sends, and when it runs: its version's upload went well."""
    jobs = sending(layout, gate)
    every = [*needs, *jobs]
    if len(jobs) == 1:
        return every, conditions.on_route(layout, gate.name, every)
    well = {name: conditions.succeeded_or(name, conditions.to_another(index)) for name, index in jobs.items()}
    return every, conditions.on_route(layout, gate.name, every, well=well)


def permissions(layout: Layout, gate: Gate) -> dict[str, str]:
    """What a gate that sends for itself may do: get an identity, unless each of its indexes has a secret."""
    trusted = any(index not in layout.settings.workflow.secrets for index in indexes_of(layout, gate))
    return {**steps.READ, **({"id-token": "write"} if trusted else {})}


def secrets(layout: Layout, gate: Gate) -> dict[str, str]:
    """The variables of a gate that sends for itself, each with the secret of the index that this version goes to."""
    named = layout.settings.workflow.secrets
    by_variable: dict[str, dict[str, str]] = {}
    for index in indexes_of(layout, gate):
        if index in named:
            variable = layout.configuration.index(index).token_variable
            by_variable.setdefault(variable, {})[index] = f"secrets.{named[index]}"
    return {variable: _of_run(layout, gate, values) for variable, values in by_variable.items()}


def environment(layout: Layout, gate: Gate) -> Job:
    """The environment that a gate's publisher is registered with."""
    indexes = indexes_of(layout, gate)
    if len(indexes) == 1:
        return _environment(layout, indexes[0])
    named = layout.settings.workflow.environments
    names = {index: _literal(named.get(index, index)) for index in indexes}
    return {"environment": {"name": _of_run(layout, gate, names)}}


def _of_run(layout: Layout, gate: Gate, values: Mapping[str, str]) -> str:
    """The value for the index that a run's version goes to; empty for one that has none."""
    if len(indexes_of(layout, gate)) == 1:
        return next(f"${{{{ {value} }}}}" for value in values.values())
    chosen = " || ".join(f"{conditions.to_index(index)} && {value}" for index, value in values.items())
    return f"${{{{ {chosen} || '' }}}}"


def _literal(text: str) -> str:
    """A text in an expression, where a quote stands for itself when it is doubled."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _environment(layout: Layout, index: str) -> Job:
    name = layout.settings.workflow.environments.get(index, index)
    if index not in _HOSTS:
        return {"environment": {"name": name}}
    return {"environment": {"name": name, "url": f"{_HOSTS[index]}/project/{layout.configuration.name}/"}}


def _asking_job(layout: Layout, gate: Gate, needs: list[str]) -> Job:
    """Read-only: the files are as sealed, and the index has no others of their names; their digests go on from here."""
    sessions = layout.sessions(layout.before(gate))
    return {
        "name": asking(gate),
        "needs": needs,
        "if": conditions.on_route(layout, gate.name, needs),
        "runs-on": layout.system,
        "timeout-minutes": steps.MINUTES,
        "permissions": steps.READ,
        "outputs": {"files": "${{ steps.ask.outputs.files }}"},
        "steps": [
            *steps.prepared(layout),
            *steps.take_over(layout, sessions, distributions=True),
            {
                "name": "Ask the index what it has of the sealed files",
                "id": "ask",
                "run": f"invoke {layout.settings.prefix}plan --before-upload {gate.name}",
                "env": steps.digests(layout, sessions),
            },
        ],
    }


def _sending_job(layout: Layout, gate: Gate, needs: list[str], index: str) -> Job:
    """The upload by PyPA's action: nothing is checked out or installed where the token can be had."""
    secret = layout.settings.workflow.secrets.get(index)
    here = [conditions.to_index(index)] if len(indexes_of(layout, gate)) > 1 else []
    return {
        "needs": needs,
        "if": conditions.on_route(layout, gate.name, needs, *here),
        "runs-on": layout.system,
        "timeout-minutes": steps.MINUTES,
        "permissions": {} if secret else {"id-token": "write"},
        **_environment(layout, index),
        "steps": [
            steps.distributions_at(layout, "dist"),
            {
                "name": "Compare the files with what was sealed",
                "run": _COMPARE,
                "shell": "bash",
                "env": {"FILES": f"${{{{ needs.{asking(gate)}.outputs.files }}}}"},
            },
            {
                "name": f"Send the files to {index}",
                "uses": use("pypa/gh-action-pypi-publish"),
                "with": _inputs(layout, index),
            },
        ],
    }


def _inputs(layout: Layout, index: str) -> dict[str, Any]:
    """What the action is told. twine refuses `--skip-existing` at any other index than PyPI's own."""
    address, secret = layout.configuration.index(index), layout.settings.workflow.secrets.get(index)
    made: dict[str, Any] = {"packages-dir": "dist"}
    if index in PUBLIC:
        made["skip-existing"] = True
    if index != "pypi":
        made["repository-url"] = address.upload_url
    if secret:
        made |= {"user": address.username} if address.username != "__token__" else {}
        made["password"] = f"${{{{ secrets.{secret} }}}}"
    return made
