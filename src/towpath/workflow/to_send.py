"""What is asked where another program uploads: nothing is sent that was not sealed, or whose name has other bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.before_upload import look_before
from towpath.gates.sealed import publishable_files
from towpath.index.client import IndexClient
from towpath.walk import alone
from towpath.walk.world import handed_down, open_workspace, part_of_gate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Pipeline


def files_to_send(pipeline: Pipeline, name: str, root: Path, environ: Mapping[str, str]) -> str:
    """The sealed files of a gate that uploads, in lines as `sha256sum --check` takes them.

    Nothing is sent and nothing sealed. Raises unknown-name for a gate that does not upload, not-on-route, what keeps
    the gate closed, and what `publishable_files` and `look_before` raise.
    """
    uploading = [gate.name for gate in pipeline if gate.credential in {"test-index", "index"}]
    if name not in uploading:
        known = ", ".join(uploading)
        raise errors.UNKNOWN_NAME.error(kind="gate that uploads", name=name, known=known, suggestion="")
    world = handed_down(environ)
    workspace = open_workspace(root, environ, world=world)
    part, off = part_of_gate(pipeline, pipeline[name], workspace, world, {})
    if off:
        raise errors.NOT_ON_ROUTE.error(gate=name)
    alone.opened_by(part, alone.Step(part[name], ""), workspace)
    wanted = tuple(file for file, _ in publishable_files(workspace))
    target = workspace.target
    address = target.test_index if part[name].credential == "test-index" else target.index
    with IndexClient(address, loopback_only=workspace.rehearsing) as client:
        look_before(client, workspace.subject, wanted)
    return "\n".join(f"{file.sha256}  {file.filename}" for file in wanted)
