"""Gates as jobs: each calls the gate's own nox session, with what it needs and no more.

Who may do what follows from the gate: one with a credential runs none of the project's code and sees only the files
that the pipeline reads; a token that can publish (`id-token`) is given to the job that publishes and to no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.workflow import conditions, native, steps, uploads
from towpath.workflow.layout import INDEX, PLAN, command, output_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.gates.gate import Gate
    from towpath.workflow.layout import Layout

Job = dict[str, Any]

_LAST = "passed"
_EACH = "${{ matrix.session }}-${{ matrix.python }}-${{ matrix.system }}"
_ALL_WELL = """\
for result in $RESULTS; do
  case "$result" in
    success{also}) ;;
    *) echo "::error::A job ended as $result"; exit 1 ;;
  esac
done
"""


def release_jobs(layout: Layout) -> dict[str, Job]:
    """Every job of the release workflow, by id. Raises job-twice."""
    made = [(PLAN, _plan_job(layout))]
    made += [one for gate in layout.pipeline for one in _release_jobs_of(layout, gate)]
    jobs = _by_id(made)
    # What comes after the release is none of the release's: it fails for itself.
    required = [name for name in jobs if name not in {gate.name for gate in layout.pipeline if gate.afterwards}]
    return {**jobs, _LAST: _last(required, skipped=True)}


def check_jobs(layout: Layout) -> dict[str, Job]:
    """Every job of the check workflow, by id: the gates that touch nothing that others see. Raises job-twice."""
    gates = [gate for gate in layout.pipeline if layout.is_before_tag(gate)]
    jobs = _by_id(one for gate in gates for one in _local_jobs(layout, gate, ()))
    return {**jobs, _LAST: _last(jobs, skipped=False)}


def _by_id(made: Iterable[tuple[str, Job]]) -> dict[str, Job]:
    """The jobs by id. Of two with one id the later would take the other's place, and a gate would never be asked."""
    jobs: dict[str, Job] = {}
    for name, job in made:
        if name in {*jobs, _LAST}:
            raise errors.JOB_TWICE.error(name=name)
        jobs[name] = job
    return jobs


def _release_jobs_of(layout: Layout, gate: Gate) -> Iterator[tuple[str, Job]]:
    if layout.is_before_tag(gate):
        yield from _local_jobs(layout, gate, (PLAN,))
        return
    if uploads.by_action(layout, gate):
        yield from uploads.action_jobs(layout, gate, _needs(layout, gate, PLAN))
    yield gate.name, _world_job(layout, gate)


def _plan_job(layout: Layout) -> Job:
    on_route = [gate.name for gate in layout.pipeline if not layout.is_before_tag(gate)]
    said = ["version", *([INDEX] if uploads.goes_apart(layout) else [])]
    twice = [name for name in on_route if name in {"version", INDEX}]
    if twice:
        raise errors.JOB_TWICE.error(name=twice[0])
    return {
        "name": "plan",
        "runs-on": layout.system,
        "timeout-minutes": steps.MINUTES,
        "permissions": steps.READ,
        "outputs": {name: f"${{{{ steps.plan.outputs.{name} }}}}" for name in (*said, *on_route)},
        "steps": [
            *steps.prepared(layout),
            {
                "name": "Plan the release",
                "id": "plan",
                "run": f"invoke {layout.settings.prefix}plan --outputs",
                "env": _inputs(layout),
            },
        ],
    }


def _inputs(layout: Layout) -> dict[str, str]:
    if "dispatch" not in layout.settings.workflow.triggers:
        return {}
    return {"TOWPATH_CI_VERSION": "${{ inputs.version }}", "TOWPATH_CI_DRY_RUN": "${{ inputs.dry-run }}"}


def _local_jobs(layout: Layout, gate: Gate, first: tuple[str, ...]) -> Iterator[tuple[str, Job]]:
    if _is_native(layout, gate):
        yield native.PARTS, native.part_job(layout, gate, _needs(layout, gate, *first))
    yield gate.name, _local_job(layout, gate, first)
    for closing in layout.closing_session(gate):
        yield closing, _closing_job(layout, gate, closing, first)


def _closing_job(layout: Layout, gate: Gate, session: str, first: tuple[str, ...]) -> Job:
    """What can be judged only when every Python has been proven."""
    sessions = layout.legs_sealed(gate)
    return {
        "name": session,
        "needs": [*first, gate.name],
        "runs-on": layout.system,
        "timeout-minutes": steps.MINUTES,
        "permissions": steps.READ,
        "outputs": _said(),
        "steps": [
            *steps.prepared(layout),
            *steps.take_over(layout, sessions, distributions=False),
            steps.of_gate(gate, command(layout, session), steps.digests(layout, sessions)),
            steps.keep_evidence(session),
        ],
    }


def _local_job(layout: Layout, gate: Gate, first: tuple[str, ...]) -> Job:
    before = layout.before(gate)
    matrix = len(layout.legs(gate)) > 1
    job: Job = {
        "name": "${{ matrix.session }}, Python ${{ matrix.python }} on ${{ matrix.system }}" if matrix else gate.name,
        "needs": [*_needs(layout, gate, *first), *([native.PARTS] if _is_native(layout, gate) else [])],
        "runs-on": "${{ matrix.system }}" if matrix else layout.legs(gate)[0].system,
        "timeout-minutes": steps.MINUTES,
        "permissions": steps.READ,
        **_strategy(layout, gate),
        "outputs": _outputs(layout, gate),
        "steps": [
            *steps.prepared(layout, *_tested(layout, gate)),
            *_gate_steps(layout, gate, before),
        ],
    }
    if not job["needs"]:
        del job["needs"]
    return job


def _tested(layout: Layout, gate: Gate) -> tuple[str, ...]:
    """The Pythons to set up, the last of which runs the pipeline; a session without a variant tests that very one."""
    legs = layout.legs(gate)
    if len(legs) == 1 and not legs[0].variant:
        return (layout.python,)
    tested = "${{ matrix.python }}" if len(legs) > 1 else legs[0].python
    return (tested, layout.python) if legs[0].variant else (tested,)


def _strategy(layout: Layout, gate: Gate) -> Job:
    legs = layout.legs(gate)
    if len(legs) < 2:  # noqa: PLR2004 - one session needs no matrix
        return {}
    include = [{"session": leg.session, "python": leg.python, "system": leg.system} for leg in legs]
    return {"strategy": {"fail-fast": False, "matrix": {"include": include}}, "defaults": {"run": {"shell": "bash"}}}


def _gate_steps(layout: Layout, gate: Gate, before: tuple[Gate, ...]) -> Iterator[steps.Step]:
    matrix = len(layout.legs(gate)) > 1
    if _is_native(layout, gate):
        yield from native.collecting_steps(layout, gate)
    else:
        yield from _own_steps(layout, gate, before)
    yield steps.keep_evidence(_EACH if matrix else gate.name)
    if gate.name == "build":
        yield steps.keep_distributions()


def _own_steps(layout: Layout, gate: Gate, before: tuple[Gate, ...]) -> Iterator[steps.Step]:
    sessions = layout.sessions(before)
    yield from steps.take_over(layout, sessions, distributions=_has_files(layout, gate))
    environ, run = steps.digests(layout, sessions), command(layout, layout.legs(gate)[0].session)
    if len(layout.legs(gate)) > 1:
        environ, run = {"SESSION": "${{ matrix.session }}", **environ}, f'nox -s {layout.settings.prefix}"$SESSION"'
    yield steps.of_gate(gate, run, environ)


def _is_native(layout: Layout, gate: Gate) -> bool:
    return gate.name == "build" and bool(layout.platforms)


def _outputs(layout: Layout, gate: Gate) -> dict[str, str]:
    """What a job says to those after it. An empty output of one leg does not overwrite that of another."""
    made: dict[str, str] = {}
    legs = [leg for leg in layout.legs(gate) if leg.sealed]
    for leg in legs:
        only = ""
        if len(layout.legs(gate)) > 1:
            wanted = {"session": leg.session, "python": leg.python, "system": leg.system}
            only = "".join(f"matrix.{name} == '{value}' && " for name, value in wanted.items())
        made |= {output_name(what, leg.variant): value for what, value in _said(only).items()}
    if gate.name == "build":
        made["distributions"] = "${{ steps.distributions.outputs.artifact-id }}"
    return made


def _said(only: str = "") -> dict[str, str]:
    """The outputs of a session; of a matrix one leg's alone: another's `false` would be a word, and overwrite it."""
    said = {"evidence": "steps.gate.outputs.evidence-digests", "artifact": "steps.evidence.outputs.artifact-id"}
    otherwise = " || ''" if only else ""
    return {what: f"${{{{ {only}{value}{otherwise} }}}}" for what, value in said.items()}


def _world_job(layout: Layout, gate: Gate) -> Job:
    """A gate with an effect, or one after it; one with a credential sees no code of the project."""
    before = layout.before(gate)
    needs = _needs(layout, gate, PLAN)
    holds = conditions.on_route(layout, gate.name, needs)
    by_action = uploads.by_action(layout, gate)
    if by_action:
        needs, holds = uploads.after_sending(layout, gate, needs)
    sends = uploads.uploads(gate) and not by_action
    sessions = layout.sessions(before)
    environ = {**steps.digests(layout, sessions), **({} if by_action else _given(layout, gate))}
    run = f"{command(layout, gate.name)} -- --yes" if gate.credential else command(layout, gate.name)
    return {
        "name": gate.name,
        "needs": needs,
        "if": holds,
        "runs-on": layout.system,
        "timeout-minutes": steps.MINUTES,
        "permissions": uploads.permissions(layout, gate) if sends else _permissions(layout, gate),
        **({"continue-on-error": True} if gate.afterwards else {}),
        **(uploads.environment(layout, gate) if sends else {}),
        "outputs": _outputs(layout, gate),
        "steps": [
            *steps.prepared(layout, sparse=bool(gate.credential) and not layout.from_checkout),
            *_pushing(gate),
            *steps.take_over(layout, sessions, distributions=_has_files(layout, gate)),
            steps.of_gate(gate, run, environ),
            steps.keep_evidence(gate.name),
        ],
    }


def _permissions(layout: Layout, gate: Gate) -> dict[str, str]:
    writes = gate.credential == "forge" or _pushes(layout, gate)
    return {"contents": "write"} if writes else steps.READ


def _given(layout: Layout, gate: Gate) -> dict[str, str]:
    """The credentials that a job gets as variables of the one step that uses them."""
    if gate.credential in {"forge", "remote"}:
        return {"GITHUB_TOKEN": "${{ github.token }}"}
    if gate.variables:
        return {name: f"${{{{ secrets.{name} }}}}" for name in gate.variables}
    return uploads.secrets(layout, gate) if uploads.uploads(gate) else {}


def _pushes(layout: Layout, gate: Gate) -> bool:
    """A dispatch makes the tag itself; for the other triggers it is there already."""
    return gate.credential == "remote" and "dispatch" in layout.settings.workflow.triggers


def _pushing(gate: Gate) -> Iterator[steps.Step]:
    """git asks for the token when it talks to the remote; it stands in no file."""
    if gate.credential != "remote":
        return
    helper = '!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f'
    yield {
        "name": "Let git ask for the token",
        "run": f"git config --local credential.helper '{helper}'\n"
        'git config --local user.name "github-actions[bot]"\n'
        'git config --local user.email "41898282+github-actions[bot]@users.noreply.github.com"\n',
    }


def _has_files(layout: Layout, gate: Gate) -> bool:
    return layout.comes_after(gate, "build") and not gate.afterwards


def _needs(layout: Layout, gate: Gate, *first: str) -> list[str]:
    names = [name for need in layout.before(gate) for name in layout.jobs(need)]
    if _has_files(layout, gate) and "build" not in names:
        names = ["build", *names]
    return [*first, *names]


def _last(jobs: Iterable[str], *, skipped: bool) -> Job:
    """The one job to require: a skipped one would count as passed, so that this one always runs."""
    return {
        "name": _LAST,
        "needs": list(jobs),
        "if": "${{ always() }}",
        "runs-on": "ubuntu-latest",
        "timeout-minutes": 5,
        "permissions": {},
        "steps": [
            {
                "name": "Require every job",
                "run": _ALL_WELL.format(also="|skipped" if skipped else ""),
                "env": {"RESULTS": "${{ join(needs.*.result, ' ') }}"},
            }
        ],
    }
