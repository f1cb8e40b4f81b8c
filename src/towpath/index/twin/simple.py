"""The simple API (PEP 503, 592, 629, 658, 691, 700, 714, 792) as PyPI serves it."""

from __future__ import annotations

import html
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from packaging.version import Version
from werkzeug.wrappers import Response

from towpath.index.twin.answers import json_answer, tagged
from towpath.index.twin.identity import QUARANTINED

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from towpath.index.twin.records import File, Project, Release, State

API_VERSION = "1.4"
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
_STATUS = {"archived": "archived", "archived-noindex": "archived", QUARANTINED: "quarantined"}


def variant(request: Request) -> str:
    """The content type to answer with; HTML for everything that is not on offer."""
    return request.accept_mimetypes.best_match(["text/html", HTML, JSON], default="text/html")


def index_page(request: Request, state: State) -> Response:
    """The list of projects."""
    projects = [project for _, project in sorted(state.projects.items()) if project.status != QUARANTINED]
    kind = variant(request)
    if kind == JSON:
        names = [{"_last-serial": project.serial, "name": project.name} for project in projects]
        answer = json_answer({"meta": _meta(state.serial), "projects": names})
    else:
        links = "\n".join(
            f'<a href="/simple/{project.normalized}/">{html.escape(project.name)}</a>' for project in projects
        )
        answer = _html("Simple index", "", f"{links}\n" if links else "")
    return _finished(answer, kind, state.serial, request)


def project_page(request: Request, project: Project, base: str) -> Response:
    """The files of a project, their URLs below `base`."""
    kind = variant(request)
    files = listed(project)
    if kind == JSON:
        answer = json_answer(
            {
                "files": [_entry(release, file, project, base) for release, file in files],
                "meta": _meta(project.serial),
                "name": project.normalized,
                "project-status": {"status": status(project)},
                "versions": list(dict.fromkeys(release.version for release, _ in files)),
            }
        )
    else:
        links = "".join(f"{_link(release, file, base)}<br />\n" for release, file in files)
        title = f"Links for {project.normalized}"
        mark = f'<meta name="pypi:project-status" content="{status(project)}">'
        answer = _html(title, mark, f"    <h1>{title}</h1>\n{links}", f"<!--SERIAL {project.serial}-->")
    return _finished(answer, kind, project.serial, request)


def listed(project: Project) -> list[tuple[Release, File]]:
    """The files that the simple API shows, by version and name."""
    if project.status == QUARANTINED:
        return []
    return [
        (release, file)
        for release in sorted(project.releases, key=lambda release: Version(release.version))
        if release.status != QUARANTINED
        for file in sorted(release.files, key=lambda file: file.filename)
    ]


def status(project: Project) -> str:
    """The project's status by PEP 792."""
    return _STATUS.get(project.status, "active")


def file_url(file: File, base: str) -> str:
    """Where a file is downloaded."""
    return f"{base}/packages/{file.path}"


def _entry(release: Release, file: File, project: Project, base: str) -> dict[str, Any]:
    core_metadata = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    where = f"{base}/integrity/{project.normalized}/{release.version}/{file.filename}/provenance"
    return {
        "core-metadata": core_metadata,
        "data-dist-info-metadata": core_metadata,
        "filename": file.filename,
        "hashes": {"sha256": file.sha256},
        "provenance": where if file.provenance is not None else None,
        "requires-python": release.metadata.get("requires_python"),
        "size": file.size,
        "upload-time": moment(file.uploaded),
        "url": file_url(file, base),
        "yanked": False if release.yanked is None else release.yanked or True,
    }


def moment(seconds: float) -> str:
    """A time as PyPI writes it: UTC with microseconds."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _link(release: Release, file: File, base: str) -> str:
    attributes = [f'href="{file_url(file, base)}#sha256={file.sha256}"']
    core_metadata = ""
    requires = release.metadata.get("requires_python")
    if requires:
        attributes.append(f'data-requires-python="{html.escape(requires)}"')
    if release.yanked is not None:
        attributes.append(f'data-yanked="{html.escape(release.yanked)}"')
    if file.metadata_sha256:
        digest = f"sha256={file.metadata_sha256}"
        core_metadata = f'data-dist-info-metadata="{digest}" data-core-metadata="{digest}"'
    return f"<a {' '.join(attributes)} {core_metadata}>{html.escape(file.filename)}</a>"


def _meta(serial: int) -> dict[str, Any]:
    return {"_last-serial": serial, "api-version": API_VERSION}


def _html(title: str, mark: str, body: str, tail: str = "") -> Response:
    return Response(
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n'
        f'    <meta name="pypi:repository-version" content="{API_VERSION}">\n'
        f"{mark}    <title>{html.escape(title)}</title>\n  </head>\n  <body>\n{body}</body>\n</html>\n{tail}"
    )


def _finished(answer: Response, kind: str, serial: int, request: Request) -> Response:
    if kind == JSON:
        answer.set_data(answer.get_data() + b"\n")
    answer.headers["Content-Type"] = f"{kind}; charset=UTF-8" if kind == "text/html" else kind
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["X-PyPI-Last-Serial"] = str(serial)
    answer.headers["Cache-Control"] = "max-age=600, public"
    answer.headers["Vary"] = "Accept, Accept-Encoding"
    return tagged(answer, request)
