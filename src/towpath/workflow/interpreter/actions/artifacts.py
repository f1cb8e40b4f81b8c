"""actions/upload-artifact (v4 and later) and actions/download-artifact (v5 and later)."""

from __future__ import annotations

import fnmatch
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.actions.calling import ActionFailed, Call, Done, Handler
from towpath.workflow.interpreter.artifacts import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.workflow.interpreter.results import Artifact

_GLOB = re.compile(r"[*?\[]")


def upload(call: Call) -> Done:
    """Keep what the paths name; hidden files only where asked for."""
    call.refuse("archive", "true")
    roots, files = _found(call)
    if not files:
        return _nothing(call)
    root = roots[0] if len(roots) == 1 else Path(os.path.commonpath(roots))
    try:
        kept = call.artifacts.keep(
            call.inputs["name"],
            root,
            files,
            overwrite=call.flag("overwrite"),
            by=(str(call.github["job"]), int(call.github["run_attempt"])),
        )
    except ArtifactError as error:
        raise ActionFailed(str(error)) from error
    call.log.write(f"Artifact {kept.name} of {len(files)} files has the id {kept.id} and the digest {kept.digest}")
    url = f"{call.github['server_url']}/{call.github['repository']}/actions/runs/{call.github['run_id']}/artifacts"
    outputs = {"artifact-id": str(kept.id), "artifact-digest": kept.digest, "artifact-url": f"{url}/{kept.id}"}
    return Done(outputs, facts={"artifact": kept, "files": [file.relative_to(root).as_posix() for file in files]})


def download(call: Call) -> Done:
    """Lay artifacts of this run into a folder: one by name, those of ids, or all that fit a pattern."""
    for name in ("repository", "run-id"):
        call.refuse(name, "", str(call.github["repository"]).lower(), str(call.github["run_id"]))
    call.refuse("skip-decompress", "false")
    found, straight = _wanted(call)
    folder = call.path("path")
    folder.mkdir(parents=True, exist_ok=True)
    for artifact in found:
        _extract(call, artifact, folder if straight or call.flag("merge-multiple") else folder / artifact.name)
    return Done({"download-path": str(folder)}, facts={"artifacts": [artifact.id for artifact in found]})


def _found(call: Call) -> tuple[list[Path], list[Path]]:
    """The folders that the search begins at, and the files found."""
    patterns = call.lines("path")
    hidden = call.flag("include-hidden-files")
    left_out = [str(call.workspace / pattern[1:]) for pattern in patterns if pattern.startswith("!")]
    roots, files = [], dict[Path, None]()
    for pattern in (pattern for pattern in patterns if not pattern.startswith("!")):
        begin, rest = _split(call.workspace / pattern)
        roots.append(begin if rest or begin.is_dir() else begin.parent)
        files.update(dict.fromkeys(_walk(begin, rest, hidden=hidden)))
    return roots, [file for file in files if not any(_matches(file, pattern) for pattern in left_out)]


def _matches(file: Path, pattern: str) -> bool:
    return fnmatch.fnmatchcase(str(file), pattern) or file.is_relative_to(pattern)


def _split(pattern: Path) -> tuple[Path, str]:
    """The part of a path without wildcards, and the rest."""
    parts = pattern.parts
    plain = next((place for place, part in enumerate(parts) if _GLOB.search(part)), len(parts))
    return Path(*parts[:plain]), "/".join(parts[plain:])


def _walk(begin: Path, rest: str, *, hidden: bool) -> Iterator[Path]:
    """The files of a search; one whose name begins with a dot, or a folder so named on the way, is left out."""
    named = begin.glob(rest) if rest else iter((begin,))
    for start in sorted(named):
        if not hidden and any(part.startswith(".") for part in [begin.name, *start.relative_to(begin).parts]):
            continue
        inner = start.rglob("*") if start.is_dir() else iter((start,))
        for file in sorted(inner):
            visible = not any(part.startswith(".") for part in file.relative_to(start).parts)
            if file.is_file() and (hidden or visible):
                yield file


def _nothing(call: Call) -> Done:
    message = f"no files were found with the path {call.inputs['path']!r}; no artifact is uploaded"
    level = call.inputs["if-no-files-found"]
    if level == "error":
        raise ActionFailed(message)
    if level not in {"warn", "ignore"}:
        wrong = f"if-no-files-found cannot be {level!r}"
        raise ActionFailed(wrong)
    if level == "warn":
        call.log.annotate("warning", message)
    return Done()


def _wanted(call: Call) -> tuple[list[Artifact], bool]:
    """The artifacts, and whether they go straight into the folder."""
    name, ids, kept = call.inputs["name"], call.inputs["artifact-ids"], call.artifacts.kept
    if name and ids:
        message = "name and artifact-ids cannot be given together"
        raise ActionFailed(message)
    if name:
        found = [artifact for artifact in kept if artifact.name == name]
        if not found:
            message = f"no artifact of this run has the name {name!r}"
            raise ActionFailed(message)
        return found[-1:], True
    if ids:
        found = _by_ids(call, ids)
        return found, len(found) == 1
    pattern = call.inputs["pattern"]
    return [artifact for artifact in kept if not pattern or fnmatch.fnmatchcase(artifact.name, pattern)], False


def _by_ids(call: Call, ids: str) -> list[Artifact]:
    listed = [one.strip() for one in ids.split(",") if one.strip()]
    if not listed or not all(one.isdecimal() for one in listed):
        message = f"artifact-ids holds no list of ids: {ids!r}"
        raise ActionFailed(message)
    wanted = {int(one) for one in listed}
    found = [artifact for artifact in call.artifacts.kept if artifact.id in wanted]
    if not found:
        message = "none of the artifact ids is an artifact of this run"
        raise ActionFailed(message)
    missing = wanted - {artifact.id for artifact in found}
    if missing:
        call.log.annotate("warning", f"no artifacts of this run: {', '.join(map(str, sorted(missing)))}")
    return found


def _extract(call: Call, artifact: Artifact, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        intact = call.artifacts.extract(artifact, folder)
    except ArtifactError as error:
        raise ActionFailed(str(error)) from error
    level = call.inputs["digest-mismatch"]
    if level not in {"ignore", "info", "warn", "error"}:
        message = f"digest-mismatch cannot be {level!r}"
        raise ActionFailed(message)
    if intact or level == "ignore":
        return
    message = f"the artifact {artifact.name!r} has not the digest that it was uploaded with"
    if level == "error":
        raise ActionFailed(message)
    call.log.annotate("warning" if level == "warn" else "notice", message)


UPLOAD = Handler(
    {
        "name": "artifact",
        "path": None,
        "if-no-files-found": "warn",
        "retention-days": "",
        "compression-level": "6",
        "overwrite": "false",
        "include-hidden-files": "false",
        "archive": "true",
    },
    ("artifact-id", "artifact-url", "artifact-digest"),
    upload,
)
DOWNLOAD = Handler(
    {
        "name": "",
        "artifact-ids": "",
        "path": ".",
        "pattern": "",
        "merge-multiple": "false",
        "github-token": "",
        "repository": "",
        "run-id": "",
        "skip-decompress": "false",
        "digest-mismatch": "error",
    },
    ("download-path",),
    download,
)
