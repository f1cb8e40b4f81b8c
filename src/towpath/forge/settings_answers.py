"""How the double answers questions about a repository's settings, as GitHub documents it.

What they are lies in the state under "settings" and is put there by `ForgeDouble.set_up`. A question that only an
administrator may ask is answered 401 without the token; a test that wants 403 uses a `Fault`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]
FRESH: Mapping[str, Any] = {
    "default_branch": "main",
    "archived": False,
    "renamed": "",
    "environments": {},
    "rulesets": [],
    "workflow_permissions": "read",
    "actions_enabled": True,
    "secrets": [],
    "immutable": False,
    "workflows": {},
}
_DATE = "2026-01-01T00:00:00Z"
_NEEDS_TOKEN = ("actions/permissions", "actions/secrets", "immutable-releases", "/secrets")
NOT_FOUND: tuple[Json, int] = ({"message": "Not Found", "status": "404"}, HTTPStatus.NOT_FOUND)


def settings_answer(settings: Json, repository: str, path: str, *, authorized: bool) -> tuple[Json | list[Json], int]:
    """The answer to a question below the repository: the JSON and the status."""
    if any(part in path for part in _NEEDS_TOKEN) and not authorized:
        return {"message": "Requires authentication", "status": "401"}, HTTPStatus.UNAUTHORIZED
    known = {**FRESH, **settings}
    simple: dict[str, Any] = {
        "": _about(known, repository),
        "environments": _counted("environments", [_environment(*one) for one in known["environments"].items()]),
        "rulesets": [_brief(number, one) for number, one in enumerate(known["rulesets"], 1)],
        "actions/permissions/workflow": {
            "default_workflow_permissions": known["workflow_permissions"],
            "can_approve_pull_request_reviews": False,
        },
        "actions/permissions": {"enabled": known["actions_enabled"], "allowed_actions": "all"},
        "actions/secrets": _counted("secrets", [_secret(name) for name in known["secrets"]]),
        "actions/workflows": _counted("workflows", [_workflow(*one) for one in known["workflows"].items()]),
    }
    if known["immutable"]:
        simple["immutable-releases"] = {"enabled": True, "enforced_by_owner": False}
    found = simple.get(path)
    return (found, HTTPStatus.OK) if found is not None else _nested(known, path)


def _nested(known: Json, path: str) -> tuple[Json, int]:
    first, _, rest = path.partition("/")
    name, _, what = rest.partition("/")
    if first == "rulesets" and name.isdigit() and 0 < int(name) <= len(known["rulesets"]):
        number = int(name)
        one = known["rulesets"][number - 1]
        rules = [{"type": rule} for rule in one["rules"]]
        conditions = {"ref_name": {"include": one["include"], "exclude": one.get("exclude", [])}}
        bypass = one.get("bypass", "never")
        more = {"rules": rules, "conditions": conditions, "current_user_can_bypass": bypass}
        return _brief(number, one) | more, HTTPStatus.OK
    environment = known["environments"].get(name) if first == "environments" else None
    if environment is not None and what == "deployment-branch-policies":
        policies = [_policy(*one) for one in enumerate(environment.get("refs") or [], 1)]
        return _counted("branch_policies", policies), HTTPStatus.OK
    if environment is not None and what == "secrets":
        return _counted("secrets", [_secret(one) for one in environment.get("secrets", [])]), HTTPStatus.OK
    return NOT_FOUND


def _about(known: Json, repository: str) -> Json:
    return {
        "full_name": known["renamed"] or repository,
        "default_branch": known["default_branch"],
        "archived": known["archived"],
        "private": False,
    }


def _environment(name: str, said: Json) -> Json:
    rules: list[Json] = []
    if said.get("reviewers"):
        people = [{"type": "User", "reviewer": {"login": login}} for login in said["reviewers"]]
        rules.append({"id": 1, "type": "required_reviewers", "prevent_self_review": False, "reviewers": people})
    refs, policy = said.get("refs"), None
    if refs is not None:
        rules.append({"id": 2, "type": "branch_policy"})
        policy = {"protected_branches": refs == [], "custom_branch_policies": refs != []}
    return {"id": 1, "name": name, "protection_rules": rules, "deployment_branch_policy": policy}


def _policy(number: int, ref: list[str]) -> Json:
    return {"id": number, "name": ref[0], "type": ref[1]}


def _brief(number: int, one: Json) -> Json:
    said = {"target": one.get("target", "tag"), "enforcement": one.get("enforcement", "active")}
    return {"id": number, "name": one["name"], "source_type": "Repository", **said}


def _secret(name: str) -> Json:
    return {"name": name, "created_at": _DATE, "updated_at": _DATE}


def _workflow(path: str, state: str) -> Json:
    return {"id": 1, "name": path, "path": path, "state": state}


def _counted(key: str, entries: list[Json]) -> Json:
    return {"total_count": len(entries), key: entries}
