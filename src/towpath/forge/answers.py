"""How the double answers each request; see `double` for what it keeps to."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from towpath.forge.actions_answers import FRESH, MISSING, Question, actions_answer
from towpath.forge.settings_answers import settings_answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from werkzeug.wrappers import Request

Json = dict[str, Any]
DEFAULT_PAGE = 30
_DATE = "2026-01-01T00:00:00Z"
_LONGEST_BODY = 125_000  # characters


@dataclass(frozen=True, slots=True)
class Call:
    """A request with all that its answer depends on; `held` is the state, changed in place."""

    request: Request
    body: bytes
    held: Json
    state: str
    files: Path
    base: str
    repository: str
    token: str
    immutable: bool
    digests: bool

    @property
    def authorized(self) -> bool:
        """Whether the token was given."""
        return self.request.headers.get("Authorization") in {f"Bearer {self.token}", f"token {self.token}"}

    @property
    def data(self) -> Json:
        """The JSON that was sent."""
        try:
            sent: Json = json.loads(self.body or b"{}")
        except ValueError:
            raise _Refusal(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from None
        return sent


class _Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    def __init__(self, status: int, message: str, **details: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "status": str(int(status))} | ({"errors": [details]} if details else {})


def answer(call: Call) -> Response:
    """The answer to one call."""
    try:
        _authenticate(call)
        routes = _routes(call.repository).bind("127.0.0.1")
        verb, arguments = routes.match(call.request.path, method=call.request.method)
        given: Response = verb(call, **arguments)
    except _Refusal as refusal:
        return _json(refusal.body, refusal.status)
    except HTTPException:
        return _json({"message": "Not Found", "status": "404"}, HTTPStatus.NOT_FOUND)
    return given


def _routes(repository: str) -> Map:
    return Map([Rule(path.format(repository), methods=[how], endpoint=verb) for how, path, verb in _ROUTES])


def _authenticate(call: Call) -> None:
    if "Authorization" in call.request.headers and not call.authorized:
        raise _Refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")
    if call.request.method != "GET" and not call.authorized:
        raise _Refusal(HTTPStatus.UNAUTHORIZED, "Requires authentication")


def _list_releases(call: Call) -> Response:
    newest_first = reversed(call.held["releases"])
    return _page(call, [_shown(call, one) for one in newest_first if call.authorized or not one["draft"]])


def _create_release(call: Call) -> Response:
    data = call.data
    tag = data.get("tag_name")
    if not tag:
        raise _invalid(resource="Release", code="missing_field", field="tag_name")
    _require_short(data)
    release = {
        "id": _number(call),
        "tag_name": tag,
        "target_commitish": data.get("target_commitish") or "main",
        "name": data.get("name") or "",
        "body": data.get("body") or "",
        "draft": bool(data.get("draft", False)),
        "prerelease": bool(data.get("prerelease", False)),
        "immutable": False,
        "assets": [],
    }
    if not release["draft"]:
        _publish(call, release, data.get("make_latest", "true"))
    call.held["releases"].append(release)
    return _json(_shown(call, release), HTTPStatus.CREATED)


def _latest_release(call: Call) -> Response:
    return _json(_shown(call, _found(call.held["releases"], call.held["latest"])))


def _release_by_tag(call: Call, tag: str) -> Response:
    published = _published(call, tag)
    if published is None:
        raise _Refusal(HTTPStatus.NOT_FOUND, "Not Found")
    return _json(_shown(call, published))


def _get_release(call: Call, number: int) -> Response:
    release = _found(call.held["releases"], number)
    if release["draft"] and not call.authorized:
        raise _Refusal(HTTPStatus.NOT_FOUND, "Not Found")
    return _json(_shown(call, release))


def _update_release(call: Call, number: int) -> Response:
    release, data = _found(call.held["releases"], number), call.data
    was_draft = release["draft"]
    _require_short(data)
    texts = ("tag_name", "target_commitish", "name", "body")
    if release["immutable"] and data.get("tag_name", release["tag_name"]) != release["tag_name"]:
        raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Cannot change the tag of an immutable release.")
    release |= {name: data[name] for name in texts if data.get(name) is not None}
    release |= {name: bool(data[name]) for name in ("draft", "prerelease") if name in data}
    if was_draft and not release["draft"]:
        _publish(call, release, data.get("make_latest", "true"))
    elif "make_latest" in data:
        _set_latest(call, release, data["make_latest"])
    return _json(_shown(call, release))


def _delete_release(call: Call, number: int) -> Response:
    call.held["releases"].remove(_found(call.held["releases"], number))
    if call.held["latest"] == number:
        call.held["latest"] = None
    return Response(status=HTTPStatus.NO_CONTENT)


def _publish(call: Call, release: Json, make_latest: str) -> None:
    others = (one for one in call.held["releases"] if one["id"] != release["id"] and not one["draft"])
    if any(one["tag_name"] == release["tag_name"] for one in others):
        raise _invalid(resource="Release", code="already_exists", field="tag_name")
    _set_latest(call, release, make_latest)
    call.held["tags"].setdefault(release["tag_name"], release["target_commitish"])
    release["immutable"] = call.immutable


def _set_latest(call: Call, release: Json, make_latest: str) -> None:
    if make_latest == "true" and not release["draft"] and not release["prerelease"]:
        call.held["latest"] = release["id"]


def _list_assets(call: Call, number: int) -> Response:
    release = _found(call.held["releases"], number)
    return _page(call, [_shown_asset(call, release, asset) for asset in release["assets"]])


def _upload_asset(call: Call, number: int) -> Response:
    release, name = _found(call.held["releases"], number), call.request.args.get("name")
    if not name:
        raise _invalid(resource="ReleaseAsset", code="missing_field", field="name")
    if release["immutable"]:
        raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Cannot upload assets to an immutable release.")
    if any(asset["name"] == name for asset in release["assets"]):
        raise _invalid(resource="ReleaseAsset", code="already_exists", field="name")
    digest = hashlib.sha256(call.body).hexdigest()
    asset = {"id": _number(call), "name": name, "size": len(call.body), "sha256": digest, "state": call.state}
    asset["content_type"] = call.request.headers.get("Content-Type", "")
    (call.files / str(asset["id"])).write_bytes(call.body)
    release["assets"].append(asset)
    return _json(_shown_asset(call, release, asset), HTTPStatus.CREATED)


def _get_asset(call: Call, number: int) -> Response:
    release, asset = _asset(call, number)
    if call.request.headers.get("Accept") != "application/octet-stream":
        return _json(_shown_asset(call, release, asset))
    return Response(status=HTTPStatus.FOUND, headers={"Location": f"{call.base}/storage/{number}"})


def _delete_asset(call: Call, number: int) -> Response:
    release, asset = _asset(call, number)
    if release["immutable"]:
        raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Cannot delete assets of an immutable release.")
    release["assets"].remove(asset)
    return Response(status=HTTPStatus.NO_CONTENT)


def _download(call: Call, number: int) -> Response:
    if not (call.files / str(number)).is_file():
        raise _Refusal(HTTPStatus.NOT_FOUND, "Not Found")
    return Response((call.files / str(number)).read_bytes(), content_type="application/octet-stream")


def _asset(call: Call, number: int) -> tuple[Json, Json]:
    for release in call.held["releases"]:
        for asset in release["assets"]:
            if asset["id"] == number:
                return release, asset
    raise _Refusal(HTTPStatus.NOT_FOUND, "Not Found")


def _published(call: Call, tag: str) -> Json | None:
    releases = call.held["releases"]
    return next((one for one in releases if one["tag_name"] == tag and not one["draft"]), None)


def _found(releases: list[Json], number: int | None) -> Json:
    for release in releases:
        if release["id"] == number:
            return release
    raise _Refusal(HTTPStatus.NOT_FOUND, "Not Found")


def _number(call: Call) -> int:
    number: int = call.held["next"]
    call.held["next"] = number + 1
    return number


def _require_short(data: Json) -> None:
    if len(data.get("body") or "") > _LONGEST_BODY:
        said = f"body is too long (maximum is {_LONGEST_BODY} characters)"
        raise _invalid(resource="Release", code="custom", field="body", message=said)


def _invalid(**details: str) -> _Refusal:
    return _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", **details)


def _shown(call: Call, release: Json) -> Json:
    root = f"{call.base}/repos/{call.repository}/releases/{release['id']}"
    place = f"untagged-{release['id']}" if release["draft"] else quote(release["tag_name"])
    return release | {
        "url": root,
        "html_url": f"{call.base}/{call.repository}/releases/tag/{place}",
        "upload_url": f"{call.base}/uploads/repos/{call.repository}/releases/{release['id']}/assets{{?name,label}}",
        "created_at": _DATE,
        "published_at": None if release["draft"] else _DATE,
        "assets": [_shown_asset(call, release, asset) for asset in release["assets"]],
    }


def _shown_asset(call: Call, release: Json, asset: Json) -> Json:
    shown = {name: value for name, value in asset.items() if name != "sha256"}
    address = f"{call.base}/{call.repository}/releases/download/{quote(release['tag_name'])}/{asset['name']}"
    return shown | {
        "url": f"{call.base}/repos/{call.repository}/releases/assets/{asset['id']}",
        "browser_download_url": address,
        "digest": f"sha256:{asset['sha256']}" if call.digests and asset["state"] == "uploaded" else None,
        "label": "",
    }


def _settings(call: Call, rest: str = "") -> Response:
    said, status = settings_answer(call.held.get("settings", {}), call.repository, rest, authorized=call.authorized)
    return _json(said, status)


def _actions(call: Call, rest: str) -> Response:
    held = call.held.setdefault("actions", copy.deepcopy(FRESH))
    question = Question(
        method=call.request.method,
        rest=rest,
        query=call.request.args.to_dict(),
        sent=call.data,
        accept=call.request.headers.get("Accept", ""),
        authorized=call.authorized,
        held=held,
        base=call.base,
        repository=call.repository,
    )
    said = actions_answer(question)
    if said.location:
        return Response(status=said.status, headers={"Location": said.location})
    if said.paged:
        response = _page(call, said.data)
        response.set_data(json.dumps({"total_count": len(said.data), said.paged: json.loads(response.get_data())}))
        return response
    if said is MISSING and call.request.method == "GET":
        return _settings(call, f"actions/{rest}")
    return Response(status=said.status) if said.data is None else _json(said.data, said.status)


def _page(call: Call, entries: list[Json]) -> Response:
    """One page of a list. `per_page` is 30 unless given, and 100 at most."""
    size = min(call.request.args.get("per_page", DEFAULT_PAGE, int), 100)
    page = call.request.args.get("page", 1, int)
    response = _json(entries[(page - 1) * size : page * size])
    if page * size < len(entries):
        filters = {name: value for name, value in call.request.args.items() if name not in {"per_page", "page"}}
        query = urlencode({**filters, "per_page": size, "page": page + 1})
        following = f"{call.base}{call.request.path}?{query}"
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _json(data: object, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(data), status, content_type="application/json; charset=utf-8")


_ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/repos/{}/releases", _list_releases),
    ("POST", "/repos/{}/releases", _create_release),
    ("GET", "/repos/{}/releases/latest", _latest_release),
    ("GET", "/repos/{}/releases/tags/<path:tag>", _release_by_tag),
    ("GET", "/repos/{}/releases/<int:number>", _get_release),
    ("PATCH", "/repos/{}/releases/<int:number>", _update_release),
    ("DELETE", "/repos/{}/releases/<int:number>", _delete_release),
    ("GET", "/repos/{}/releases/<int:number>/assets", _list_assets),
    ("POST", "/uploads/repos/{}/releases/<int:number>/assets", _upload_asset),
    ("GET", "/repos/{}/releases/assets/<int:number>", _get_asset),
    ("DELETE", "/repos/{}/releases/assets/<int:number>", _delete_asset),
    ("GET", "/storage/<int:number>", _download),
    ("GET", "/repos/{}/actions/<path:rest>", _actions),
    ("POST", "/repos/{}/actions/<path:rest>", _actions),
    ("GET", "/repos/{}", _settings),
    ("GET", "/repos/{}/<path:rest>", _settings),
)
