"""The steps that the jobs share: the commit, Python, the pipeline's own packages, evidence in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.workflow.pins import use

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.gates.gate import Gate
    from towpath.workflow.layout import Layout

EVIDENCE = ".towpath"
DIGESTS = "TOWPATH_EVIDENCE_DIGESTS"
READ = {"contents": "read"}
MINUTES = 60  # GitHub's own limit is six hours, which a hanging test would use up
DISTRIBUTIONS = "distributions"

Step = dict[str, Any]


def prepared(layout: Layout, *pythons: str, sparse: bool = False) -> tuple[Step, ...]:
    """The commit, Python and the pipeline: what every job begins with."""
    return check_out(layout, sparse=sparse), python(*(pythons or (layout.python,))), install(layout)


def of_gate(gate: Gate, run: str, environ: Mapping[str, str]) -> Step:
    """The step that calls a gate's session."""
    step: Step = {"name": gate.summary.rstrip("."), "id": "gate", "run": run}
    return {**step, "env": dict(environ)} if environ else step


def check_out(layout: Layout, *, sparse: bool = False) -> Step:
    """The commit with its whole history and tags, and no credential left in the folder.

    A sparse one holds nothing but what the pipeline itself reads: no code of the project is there to run.
    """
    inputs: dict[str, Any] = {"fetch-depth": 0, "persist-credentials": False}
    if sparse:
        inputs |= {"sparse-checkout": _lines(layout.read_by_pipeline), "sparse-checkout-cone-mode": False}
    return {"name": "Check out the commit", "uses": use("actions/checkout"), "with": inputs}


def python(*versions: str) -> Step:
    """Pythons, of which the last one is `python` and runs the pipeline."""
    given = _lines(versions) if len(versions) > 1 else versions[0]
    return {"name": "Set up Python", "uses": use("actions/setup-python"), "with": {"python-version": given}}


def install(layout: Layout) -> Step:
    """The pipeline's packages, each of them held to the hashes of the lock file."""
    lines = [f"python -m pip install --require-hashes --only-binary :all: -r {layout.lock}"]
    if layout.from_checkout:
        lines.append("python -m pip install --no-deps --no-build-isolation .")
    return {"name": "Install the pipeline", "run": _lines(lines)}


def take_over(layout: Layout, sessions: Iterable[str], *, distributions: bool) -> list[Step]:
    """The evidence of sessions before, and the sealed files, by artifact id: names could be taken by others."""
    ids = [layout.output(session, "artifact") for session in sessions]
    steps = []
    if ids:
        inputs = {"artifact-ids": ",".join(ids), "path": EVIDENCE, "merge-multiple": True}
        steps.append(_download("Take over the evidence", inputs))
    if distributions:
        steps.append(distributions_at(layout, "dist"))
    return steps


def distributions_at(layout: Layout, folder: str) -> Step:
    """The sealed files."""
    inputs = {"artifact-ids": layout.output("build", "distributions"), "path": folder, "merge-multiple": True}
    return _download("Take over the distributions", inputs)


def digests(layout: Layout, sessions: Iterable[str]) -> dict[str, str]:
    """The sha256 of the evidence before, as the jobs that sealed it said: apart from the artifacts."""
    lines = [layout.output(session, "evidence") for session in sessions]
    return {DIGESTS: _lines(lines)} if lines else {}


def keep_evidence(name: str) -> Step:
    """The evidence of this job; overwritten where a failed job is run again."""
    return keep("Keep the evidence", "evidence", f"evidence-{name}", EVIDENCE)


def keep_distributions() -> Step:
    """The sealed files."""
    return keep("Keep the distributions", "distributions", DISTRIBUTIONS, "dist")


def keep(title: str, step_id: str, name: str, path: str) -> Step:
    """Files for the jobs after this one, as an artifact."""
    inputs = {
        "name": name,
        "path": path,
        "if-no-files-found": "error",
        "include-hidden-files": True,
        "overwrite": True,
    }
    return {"name": title, "id": step_id, "uses": use("actions/upload-artifact"), "with": inputs}


def take_part(artifact: str, platform: str, folder: str) -> Step:
    """What one platform made."""
    inputs = {"artifact-ids": artifact, "path": folder, "merge-multiple": True}
    return _download(f"Take over the files of {platform}", inputs)


def _download(title: str, inputs: dict[str, Any]) -> Step:
    return {"name": title, "uses": use("actions/download-artifact"), "with": inputs}


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
