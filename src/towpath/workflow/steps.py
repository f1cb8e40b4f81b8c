"""The steps that the jobs share: the commit, Python, the pipeline's own packages, evidence in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.workflow.pins import use

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.workflow.layout import Layout

EVIDENCE = ".towpath"
DISTRIBUTIONS = "distributions"

Step = dict[str, Any]


def check_out(layout: Layout, *, sparse: bool = False) -> Step:
    """The commit with its whole history and tags, and no credential left in the folder.

    A sparse one holds nothing but what the pipeline itself reads: no code of the project is there to run.
    """
    inputs: dict[str, Any] = {"fetch-depth": 0, "persist-credentials": False}
    if sparse:
        inputs |= {"sparse-checkout": _lines(layout.read_by_pipeline), "sparse-checkout-cone-mode": False}
    return {"name": "Check out the commit", "uses": use("actions/checkout"), "with": inputs}


def python(layout: Layout, tested: str = "") -> Step:
    """The Python that runs the pipeline, after the one that is tested: the last one is `python`."""
    versions = _lines([tested, layout.python]) if tested and tested != layout.python else layout.python
    return {"name": "Set up Python", "uses": use("actions/setup-python"), "with": {"python-version": versions}}


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
    return {"TOWPATH_EVIDENCE_DIGESTS": _lines(lines)} if lines else {}


def keep_evidence(name: str) -> Step:
    """The evidence of this job; overwritten where a failed job is run again."""
    return _upload("Keep the evidence", "evidence", f"evidence-{name}", EVIDENCE)


def keep_distributions() -> Step:
    """The sealed files."""
    return _upload("Keep the distributions", "distributions", DISTRIBUTIONS, "dist")


def _upload(title: str, step_id: str, name: str, path: str) -> Step:
    inputs = {
        "name": name,
        "path": path,
        "if-no-files-found": "error",
        "include-hidden-files": True,
        "overwrite": True,
    }
    return {"name": title, "id": step_id, "uses": use("actions/upload-artifact"), "with": inputs}


def _download(title: str, inputs: dict[str, Any]) -> Step:
    return {"name": title, "uses": use("actions/download-artifact"), "with": inputs}


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
