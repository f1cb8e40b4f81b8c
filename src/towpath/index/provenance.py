"""Who published a file: what an index has of its provenance (PEP 740).

See https://docs.pypi.org/api/integrity/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.index.client import IndexClient


@dataclass(frozen=True, slots=True)
class Origin:
    """A trusted publisher as a file's provenance names it: owner/name, the workflow's file, and "" for no environment.

    `kind` is `GitHub`, `GitLab`, `Google` or what else may come.
    """

    kind: str
    repository: str
    workflow: str
    environment: str = ""


def origins(client: IndexClient, project: str, version: str, filename: str) -> tuple[Origin, ...]:
    """The publishers of a file; none where it has no provenance. Raises index-unreachable."""
    return tuple(_read(client.provenance(project, version, filename) or {}))


def _read(document: dict[str, Any]) -> Iterator[Origin]:
    for bundle in document.get("attestation_bundles", ()):
        said = bundle.get("publisher", {}) if isinstance(bundle, dict) else {}
        if isinstance(said, dict) and said.get("kind"):
            workflow = said.get("workflow") or said.get("workflow_filepath") or ""
            texts = (said["kind"], said.get("repository") or "", workflow, said.get("environment") or "")
            yield Origin(*map(str, texts))
