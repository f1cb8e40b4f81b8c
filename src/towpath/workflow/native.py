"""A build of several platforms: a job for each, whose files are then inspected and sealed together, once.

The digest of each platform's record travels as an output, apart from its files, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.workflow import steps
from towpath.workflow.layout import command, output_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.gates.gate import Gate
    from towpath.workflow.layout import Layout

PARTS = "build-parts"
_PLACE = "${{ runner.temp }}/parts"

Job = dict[str, Any]


def part_job(layout: Layout, gate: Gate, needs: list[str]) -> Job:
    """The job that makes the files of each platform on a machine of its own."""
    sessions = layout.sessions(layout.before(gate))
    include = [{"platform": name, "system": layout.runner(name)} for name in layout.platforms]
    run = command(layout, gate.name)
    return {
        "name": "build for ${{ matrix.platform }}",
        **({"needs": needs} if needs else {}),
        "runs-on": "${{ matrix.system }}",
        "timeout-minutes": steps.MINUTES,
        "permissions": steps.READ,
        "strategy": {"fail-fast": False, "matrix": {"include": include}},
        "defaults": {"run": {"shell": "bash"}},
        "outputs": dict(_outputs(layout)),
        "steps": [
            *steps.prepared(layout),
            *steps.take_over(layout, sessions, distributions=False),
            steps.of_gate(gate, run, steps.digests(layout, sessions)),
            steps.keep("Keep this platform's files", "part", "part-${{ matrix.platform }}", "dist\n.towpath\n"),
        ],
    }


def collecting_steps(layout: Layout, gate: Gate) -> Iterator[steps.Step]:
    """The steps that take over what every platform made, and seal it as one."""
    sessions = layout.sessions(layout.before(gate))
    yield from steps.take_over(layout, sessions, distributions=False)
    for platform in layout.platforms:
        yield steps.take_part(_said("artifact", platform), platform, f"{_PLACE}/{platform}")
    handed = steps.digests(layout, sessions).get(steps.DIGESTS, "")
    parts = "".join(f"{platform}/build.json={_said('digest', platform)}\n" for platform in layout.platforms)
    environ = {"PARTS": _PLACE, steps.DIGESTS: handed + parts}
    yield steps.of_gate(gate, f'{command(layout, gate.name)} -- --from "$PARTS"', environ)


def _outputs(layout: Layout) -> Iterator[tuple[str, str]]:
    values = {"artifact": "steps.part.outputs.artifact-id", "digest": "steps.gate.outputs.evidence-digest"}
    for platform in layout.platforms:
        for what, value in values.items():
            yield output_name(what, platform), f"${{{{ matrix.platform == '{platform}' && {value} || '' }}}}"


def _said(what: str, platform: str) -> str:
    return f"${{{{ needs.{PARTS}.outputs.{output_name(what, platform)} }}}}"
