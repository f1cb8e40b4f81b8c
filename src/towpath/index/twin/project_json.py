"""The JSON API of projects and releases, and the provenance of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.version import Version
from werkzeug.wrappers import Response

from towpath.index.twin.answers import json_answer, not_found, tagged
from towpath.index.twin.identity import QUARANTINED
from towpath.index.twin.simple import file_url, moment

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from towpath.index.twin.records import File, Project, Release, State

_INTEGRITY = ["application/vnd.pypi.integrity.v1+json", "application/json"]
_KEPT = (
    "author",
    "author_email",
    "description",
    "description_content_type",
    "download_url",
    "dynamic",
    "home_page",
    "keywords",
    "license",
    "license_expression",
    "license_files",
    "maintainer",
    "maintainer_email",
    "platform",
    "project_urls",
    "provides_extra",
    "requires_dist",
    "requires_python",
    "summary",
)


def project_json(request: Request, project: Project | None, version: str | None, base: str) -> Response:
    """A project with its releases, or one release of it."""
    release = None
    if project is not None and project.status != QUARANTINED:
        release = _latest(project) if version is None else project.release(version)
    if project is None or release is None:
        answer = Response('{"message": "Not Found"}', "404 Not Found", content_type="application/json")
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer
    data = {
        "info": _info(project, release, base),
        "last_serial": project.serial,
        "ownership": {
            "organization": None,
            "roles": [{"role": role, "user": user} for user, role in sorted(project.roles.items())],
        },
        "urls": _files(release, base),
        "vulnerabilities": [],
    }
    if version is None:
        ordered = sorted(project.releases, key=lambda one: Version(one.version))
        data["releases"] = {one.version: _files(one, base) for one in ordered}
    answer = json_answer(data)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["X-PyPI-Last-Serial"] = str(project.serial)
    answer.headers["Cache-Control"] = "max-age=900, public"
    return tagged(answer, request)


def provenance(request: Request, state: State, name: str, version: str, filename: str) -> Response:
    """The provenance of a file (PEP 740)."""
    project = state.project(name)
    release = project.release(version) if project else None
    file = next((one for one in release.files if one.filename == filename), None) if release else None
    if file is None:
        return not_found()
    if "disable-pep740" in state.flags:
        answer = json_answer({"message": "Attestations temporarily disabled"}, 403)
    elif not request.accept_mimetypes.best_match(_INTEGRITY) and "Accept" in request.headers:
        answer = json_answer({"message": "Request not acceptable"}, 406)
    elif file.provenance is None:
        answer = json_answer({"message": f"No provenance available for {filename}"}, 404)
    else:
        answer = tagged(json_answer({"attestation_bundles": file.provenance, "version": 1}), request)
        answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "max-age=600, public"
    answer.headers["Vary"] = "Accept, Accept-Encoding"
    return answer


def _latest(project: Project) -> Release | None:
    """The newest final release that is not yanked, else the newest there is."""
    if not project.releases:
        return None

    def rank(release: Release) -> tuple[bool, bool, Version]:
        version = Version(release.version)
        return release.yanked is None, not version.is_prerelease, version

    return max(project.releases, key=rank)


def _info(project: Project, release: Release, base: str) -> dict[str, Any]:
    page = f"{base}/project/{project.normalized}/"
    info: dict[str, Any] = {name: release.metadata.get(name) for name in _KEPT}
    return {
        **info,
        "bugtrack_url": None,
        "classifiers": release.metadata.get("classifiers") or [],
        "docs_url": None,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "name": project.name,
        "package_url": page,
        "project_url": page,
        "release_url": f"{page}{release.version}/",
        "version": release.version,
        "yanked": release.yanked is not None,
        "yanked_reason": release.yanked or None,
    }


def _files(release: Release, base: str) -> list[dict[str, Any]]:
    return [_file(release, file, base) for file in sorted(release.files, key=lambda file: file.filename)]


def _file(release: Release, file: File, base: str) -> dict[str, Any]:
    uploaded = moment(file.uploaded)
    return {
        "comment_text": file.comment,
        "core-metadata": {"sha256": file.metadata_sha256} if file.metadata_sha256 else False,
        "digests": {"blake2b_256": file.blake2_256, "md5": file.md5, "sha256": file.sha256},
        "downloads": -1,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": file.md5,
        "packagetype": file.packagetype,
        "python_version": file.python_version,
        "requires_python": release.metadata.get("requires_python"),
        "size": file.size,
        "upload_time": uploaded.partition(".")[0],
        "upload_time_iso_8601": uploaded,
        "url": file_url(file, base),
        "yanked": release.yanked is not None,
        "yanked_reason": release.yanked or None,
    }
