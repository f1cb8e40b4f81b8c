"""POST /legacy/: what PyPI checks of an upload, in PyPI's order, and what it keeps.

The order and the texts are those of the recordings in tests/data/pypi-corpus.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath.index.twin import identity
from towpath.index.twin.answers import Refusal, see
from towpath.index.twin.archives import check_archive, check_sdist, check_wheel
from towpath.index.twin.form import check_filename, check_form, check_no_files, read_form
from towpath.index.twin.metadata import check_metadata
from towpath.index.twin.names import check_new_name
from towpath.index.twin.readme import check_description
from towpath.index.twin.records import File, Project
from towpath.index.twin.validation import attestations_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from packaging.metadata import Metadata
    from werkzeug.datastructures import FileStorage
    from werkzeug.wrappers import Request

    from towpath.index.twin.form import Form
    from towpath.index.twin.identity import Identity
    from towpath.index.twin.limits import NewProjects
    from towpath.index.twin.records import Release, State, User
    from towpath.index.twin.store import Store

MIB, GIB = 1024**2, 1024**3
FILE_LIMIT = 100 * MIB
PROJECT_LIMIT = 10 * GIB
CLOSING_SECONDS = 14 * 24 * 3600
ATTESTATIONS = 2
_CHUNK = 8096
_LIMITS_PAGE = "https://docs.pypi.org/project-management/storage-limits"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has arrived: where it lies, what it is called, and its measured size and digests."""

    path: Path
    filename: str
    content_type: str
    size: int
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """An upload that passed every check, and what was known when it did. `file` is None for a duplicate."""

    state: State
    name: str
    owner: str
    version: str
    metadata: dict[str, Any]
    file: File | None
    core_metadata: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def judge(request: Request, state: State, limits: NewProjects) -> tuple[Judged, Received | None]:
    """Check an upload against a state. Raises a Refusal with PyPI's answer; changes nothing."""
    check_no_files(request.files)
    _check_open(state)
    speaker = identity.identify(request.headers.get("Authorization", ""), state)
    form = read_form(request.form, request.files)
    if form.fields.get("protocol_version", ["1"])[-1] != "1":
        raise Refusal(400, "Unknown protocol version.")
    check_form(form)
    metadata = check_metadata(form)
    if form.content is None and "content" not in form.fields:
        raise Refusal(400, "Upload payload does not have a file.")
    project = state.project(form.first("name"))
    if project is not None:
        return _judge_for(project, form, metadata, state, speaker)
    user = _creator(speaker)
    headers = limits.headers(user.name, request.remote_addr or "")
    try:
        project = _new_project(state, form.first("name"), user, limits, request.remote_addr or "")
        judged, received = _judge_for(project, form, metadata, state, speaker)
    except Refusal as refusal:
        refusal.headers |= headers
        raise
    return replace(judged, headers=headers), received


def commit(store: Store, judged: Judged, received: Received | None) -> None:
    """Keep what passed. Raises a Refusal (500) if another upload was faster with the same thing."""
    if judged.file is None or received is None:
        return
    with store.change() as draft:
        if _overtaken(judged, draft):
            raise Refusal(500)
        store.keep(received.path, judged.file.path)
        if judged.core_metadata is not None:
            store.keep_bytes(judged.core_metadata, f"{judged.file.path}.metadata")
        project = draft.project(judged.name)
        if project is None:
            project = draft.create_project(judged.name, str(uuid.uuid4()), judged.owner)
        project.name = judged.name
        release = project.release(judged.version)
        if release is None:
            release = draft.create_release(project, judged.version, judged.metadata)
        draft.add_file(project, release, judged.file)


def receive(content: FileStorage) -> Received:
    """Measure a file on disk in one stream, and close it."""
    hashes: dict[str, Any] = {
        "md5": hashlib.md5(usedforsecurity=False),
        "sha256": hashlib.sha256(),
        "blake2_256": hashlib.blake2b(digest_size=32),
    }
    size = 0
    content.stream.seek(0)
    while chunk := content.stream.read(MIB):
        size += len(chunk)
        for digest in hashes.values():
            digest.update(chunk)
    path = Path(str(getattr(content.stream, "name", "")))
    content.stream.close()
    digests = {name: digest.hexdigest() for name, digest in hashes.items()}
    return Received(path, content.filename or "", content.headers.get("Content-Type", ""), size, digests)


def check_size(size: int, name: str, project: Project) -> None:
    """Raise a Refusal for a file that is too large: PyPI reads in chunks, and stops at the first limit passed."""
    limit = max(FILE_LIMIT, project.upload_limit or 0)
    too_large = limit // _CHUNK if size > limit else None
    room = max(PROJECT_LIMIT - project.total_size, 0)
    too_much = room // _CHUNK if size > room else None
    if too_large is not None and (too_much is None or too_large <= too_much):
        raise Refusal(
            400,
            f"File too large. Limit for project {name!r} is {limit // MIB} MB. "
            f"See {_LIMITS_PAGE}#requesting-a-file-size-limit-increase for more information.",
        )
    if too_much is not None:
        raise Refusal(
            400,
            f"Project size too large. Limit for project {name!r} total size is {PROJECT_LIMIT // GIB} GB. "
            f"See {_LIMITS_PAGE}#requesting-a-project-size-limit-increase",
        )


def _check_open(state: State) -> None:
    if "read-only" in state.flags:
        raise Refusal(403, "Read-only mode: Uploads are temporarily disabled.")
    if "disallow-new-upload" in state.flags:
        raise Refusal(403, f"New uploads are temporarily disabled. {see('admin-intervention')}")


def _creator(speaker: Identity) -> User:
    """Who would own a new project. Raises a Refusal for a publisher and for an account that may not."""
    if speaker.user is None:
        raise Refusal(
            400,
            "Non-user identities cannot create new projects. This was probably caused by successfully using "
            "a pending publisher but specifying the project name incorrectly (either in the publisher or in "
            "your project's metadata). Please ensure that both match. "
            "See: https://docs.pypi.org/trusted-publishers/troubleshooting/",
        )
    identity.check_account(speaker.user)
    return speaker.user


def _new_project(state: State, name: str, user: User, limits: NewProjects, address: str) -> Project:
    """What a new project would be, if it may be made."""
    if limits.exhausted(user.name, address):
        raise Refusal(429, "Too many new projects created")
    check_new_name(state, name)
    limits.hit(user.name, address)
    return Project("", name, roles={user.name: "Owner"})


def _judge_for(
    project: Project, form: Form, metadata: Metadata, state: State, speaker: Identity
) -> tuple[Judged, Received | None]:
    identity.check_allowed(speaker, project, state)
    check_description(metadata)
    return _judge_file(form, metadata, project, state, speaker)


def _judge_file(
    form: Form, metadata: Metadata, project: Project, state: State, speaker: Identity
) -> tuple[Judged, Received | None]:
    if form.content is None or not form.content.filename:
        # PyPI's code expects a file here and breaks down where the part is none.
        raise Refusal(500)
    filetype = form.first("filetype")
    check_filename(form.content.filename, filetype)
    received = receive(form.content)
    if received.content_type.startswith("image/"):
        raise Refusal(400, "Invalid distribution file.")
    check_size(received.size, metadata.name, project)
    _check_digests(form, received)
    release = project.release(str(metadata.version))
    owner = speaker.user.name if speaker.user else ""
    kept = (state, metadata.name, owner, str(metadata.version))
    if _is_duplicate(received, state):
        return Judged(*kept, {}, None), received
    _check_release(received, filetype, release, state)
    check_archive(received.path, received.filename)
    core_metadata = None
    if filetype == "sdist":
        check_sdist(received.path, received.filename, metadata)
    else:
        core_metadata = check_wheel(received.path, received.filename, metadata)
    provenance = _check_attestations(form, speaker, state)
    file = _file(form, received, core_metadata, provenance)
    return Judged(*kept, _summary(form, metadata), file, core_metadata), received


def _check_digests(form: Form, received: Received) -> None:
    for kind, digest in received.digests.items():
        sent = form.first(f"{kind}_digest")
        if sent and sent.lower() != digest:
            raise Refusal(400, "The digest supplied does not match a digest calculated from the uploaded file.")


def _is_duplicate(received: Received, state: State) -> bool:
    """Whether exactly this file is there. Raises a Refusal if only its name or only its bytes are."""
    found = [
        file
        for _, _, file in state.files()
        if file.filename == received.filename or file.blake2_256 == received.digests["blake2_256"]
    ]
    if not found:
        return False
    if any(file.filename == received.filename and file.blake2_256 == received.digests["blake2_256"] for file in found):
        return True
    what = f"({received.filename!r}, with blake2_256 hash {received.digests['blake2_256']!r})"
    raise Refusal(400, f"File already exists {what}. {see('file-name-reuse')}")


def _check_release(received: Received, filetype: str, release: Release | None, state: State) -> None:
    if received.filename in state.filenames:
        burned = "This filename was previously used by a file that has since been deleted."
        raise Refusal(400, f"{burned} Use a different version. {see('file-name-reuse')}")
    if release is None:
        return
    if time.time() - release.created > CLOSING_SECONDS:
        raise Refusal(400, "Uploading new files to releases older than 14 days is not allowed.")
    if filetype == "sdist" and any(file.packagetype == "sdist" for file in release.files):
        raise Refusal(400, "Only one sdist may be uploaded per release.")


def _check_attestations(form: Form, speaker: Identity, state: State) -> list[Any] | None:
    """PyPI verifies attestations against a public log, which a twin cannot: any well-formed one fails."""
    if "attestations" not in form.fields or "disable-pep740" in state.flags:
        return None
    text = form.first("attestations")
    if speaker.trust is None:
        fault = "Attestations are only supported when using Trusted Publishing"
    elif malformed := attestations_fault(text):
        fault = f"Malformed attestations: {malformed}"
    elif text.strip() == "[]":
        return None
    else:
        fault = "Could not verify the uploaded artifact using the included attestation: not signed by Sigstore"
    raise Refusal(400, f"Invalid attestations supplied during upload: {fault}")


def _file(form: Form, received: Received, core_metadata: bytes | None, provenance: list[Any] | None) -> File:
    blake2 = received.digests["blake2_256"]
    return File(
        filename=received.filename,
        path=f"{blake2[:2]}/{blake2[2:4]}/{blake2[4:]}/{received.filename}",
        size=received.size,
        md5=received.digests["md5"],
        sha256=received.digests["sha256"],
        blake2_256=blake2,
        packagetype=form.first("filetype"),
        python_version=form.pyversion,
        uploaded=time.time(),
        comment=form.first("comment") or None,
        metadata_sha256=None if core_metadata is None else hashlib.sha256(core_metadata).hexdigest(),
        provenance=provenance,
    )


def _summary(form: Form, metadata: Metadata) -> dict[str, Any]:
    """The metadata that a release keeps, as the JSON API shows them."""
    texts = (
        "author",
        "author_email",
        "description_content_type",
        "download_url",
        "home_page",
        "license",
        "license_expression",
        "maintainer",
        "maintainer_email",
        "summary",
    )
    kept: dict[str, Any] = {name: getattr(metadata, name) for name in texts}
    lists = ("dynamic", "license_files", "provides_extra", "requires_dist", "project_urls", "classifiers")
    shown: dict[str, Callable[[Any], Any]] = {
        "project_urls": dict,
        "requires_dist": lambda values: [str(value) for value in values],
        "dynamic": lambda values: [value.title() for value in values],
    }
    for name in lists:
        value = getattr(metadata, name)
        kept[name] = shown.get(name, list)(value) if value else None
    kept["requires_python"] = form.first("requires_python") or None
    kept["keywords"] = form.first("keywords") or None
    kept["description"] = metadata.description or ""
    kept["platform"] = next(iter(metadata.platforms or ()), None)
    return kept


def _overtaken(judged: Judged, now: State) -> bool:
    """Whether another upload, judged at the same time, has made what this one would make.

    PyPI's database refuses the second of two such transactions, and the client sees a 500.
    """
    before, after = judged.state.project(judged.name), now.project(judged.name)
    if before is None and after is not None:
        return True
    had = before is not None and before.release(judged.version) is not None
    has = after is not None and after.release(judged.version) is not None
    if has and not had:
        return True
    return judged.file is not None and judged.file.filename in now.filenames
