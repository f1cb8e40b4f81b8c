"""actions/attest and actions/attest-build-provenance: what would be attested is recorded, nothing is signed."""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path

from towpath.workflow.interpreter.actions.calling import ActionFailed, Call, Done, Handler


def act(call: Call) -> Done:
    """Record the subjects by sha256. Fails where GitHub's would: without permission, or without a subject."""
    for scope in ("id-token", "attestations"):
        if call.permissions.get(scope) != "write":
            message = f"an attestation needs the permission {scope}: write"
            raise ActionFailed(message)
    for name in ("subject-digest", "subject-name", "subject-checksums"):
        call.refuse(name, "")
    subjects = _subjects(call)
    if not subjects:
        message = f"no file was found with the subject-path {call.inputs['subject-path']!r}"
        raise ActionFailed(message)
    call.log.annotate("notice", f"{len(subjects)} files would be attested on GitHub; nothing is signed here")
    return Done(facts={"attested": subjects})


def _subjects(call: Call) -> dict[str, str]:
    """File name → sha256."""
    patterns = [part.strip() for line in call.lines("subject-path") for part in line.split(",") if part.strip()]
    places = (Path(place) for one in patterns for place in glob.glob(str(call.workspace / one), recursive=True))  # noqa: PTH207 - the pattern may be absolute
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(places) if file.is_file()}


HANDLER = Handler(
    {
        "subject-path": "",
        "subject-digest": "",
        "subject-name": "",
        "subject-checksums": "",
        "push-to-registry": "false",
        "create-storage-record": "true",
        "show-summary": "true",
        "github-token": "",
    },
    ("attestation-id", "attestation-url", "bundle-path", "storage-record-ids"),
    act,
)
