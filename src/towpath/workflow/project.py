"""A project as its workflows see it, read from its folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.environments.interpreters import current as running
from towpath.gates import pythons
from towpath.walk.world import open_workspace
from towpath.workflow import lock, sparse
from towpath.workflow.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Gate, Pipeline, Workspace

OURSELVES = "."


def layout_of(root: Path, environ: Mapping[str, str], pipeline: Pipeline) -> Layout:
    """The layout of the project in `root`.

    Raises what opening the workspace raises, checkout-too-small, and workflow-not-at-root where the project is not the
    repository's root, the only place where GitHub looks for workflows.
    """
    workspace = open_workspace(root, environ)
    if workspace.repository.prefix not in {"", "."}:
        raise errors.WORKFLOW_NOT_AT_ROOT.error(prefix=workspace.repository.prefix)
    chosen_ones = workspace.settings.workflow
    python = replace(running(), version=f"{chosen_ones.python}.0", implementation="cpython")
    declared = pythons.declared(workspace.configuration.pyproject, workspace.settings.python, python)
    names = () if declared.alone else declared.names
    return Layout(
        configuration=workspace.configuration,
        pipeline=pipeline,
        variants={gate.name: names if gate.per_python and names else ("",) for gate in pipeline},
        closing={gate.name: _closing(gate, workspace) if names else "" for gate in pipeline},
        python=chosen_ones.python,
        lock=lock.PATH,
        read_by_pipeline=sparse.patterns(workspace),
        from_checkout=chosen_ones.install == OURSELVES,
    )


def installed(layout: Layout) -> tuple[str, ...]:
    """What the workflows install, as requirements to be locked.

    In the pipeline's own repository: what it depends on, and what builds it, but not itself.
    """
    if not layout.from_checkout:
        return (layout.settings.workflow.install, "nox", "invoke")
    project = layout.configuration.pyproject.get("project", {})
    backend = layout.configuration.pyproject.get("build-system", {}).get("requires", ())
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    return (*project.get("dependencies", ()), *extras, *backend)


def _closing(gate: Gate, workspace: Workspace) -> str:
    return gate.closing if gate.closing in gate.variants(workspace) else ""
