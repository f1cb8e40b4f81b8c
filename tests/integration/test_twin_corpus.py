"""The twin against recordings of PyPI's own software: each case is sent as it was, and answered alike.

What is compared: status, reason, content type, body (as far as it was recorded), the headers that matter, and
whether the state changed.
"""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import threading
import time
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from towpath.index.twin import Fault, Issuer, Publisher, Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parent.parent / "data" / "pypi-corpus"

# Cases that the twin answers otherwise, each with its reason.
_ORDER = "the message lists the choices in an order that varies from process to process, on PyPI too"
EXCEPTIONS = {"description-content-type-bad": _ORDER, "description-content-type-variant": _ORDER}

RECORDED_TOKEN = re.compile(r"(?:pypi-)?AgEI[A-Za-z0-9_-]{40,}")
SHA = "a" * 40
WORKFLOW = ".github/workflows/release.yml@refs/heads/main"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def acme(project: str, **claims: Any) -> dict[str, Any]:
    """The claims of a workflow release.yml in the repository acme/PROJECT."""
    repository = f"acme/{project}"
    return {
        "sub": f"repo:{repository}:ref:refs/heads/main",
        "repository": repository,
        "repository_owner": "acme",
        "repository_owner_id": "77",
        "job_workflow_ref": f"{repository}/{WORKFLOW}",
        "sha": SHA,
        "environment": None,
        **claims,
    }


def publisher(project: str, repository: str = "", *, environment: str = "", user: str = "alice") -> Publisher:
    return Publisher(project, f"acme/{repository or project}", "release.yml", environment, "77", user)


# What the words of the cases say of the identity token.
CLAIMS: dict[str, dict[str, Any]] = {
    "mint-no-iss": acme("oidc-pkg", iss=None),
    "mint-wrong-audience": acme("oidc-pkg", aud="notpypi"),
    "mint-audience-testpypi": acme("oidc-pkg", aud="testpypi"),
    "mint-no-exp": acme("oidc-pkg", exp=None),
    "mint-no-publisher-owner-id": acme("oidc-pkg", repository_owner_id="78"),
    "mint-job-workflow-ref-mismatch": acme(
        "oidc-pkg", job_workflow_ref="acme/oidc-pkg/.github/workflows/release.yml@refs/heads/other"
    ),
    "mint-job-workflow-ref-odd": acme("oidc-pkg", job_workflow_ref="acme/oidc-pkg@refs/heads/main"),
    "mint-pull-request-target": acme("oidc-pkg", event_name="pull_request_target"),
    "mint-environment-missing": acme("oidc-env"),
    "mint-environment-other": acme("oidc-env", environment="staging"),
    "mint-environment-right": acme("oidc-env", environment="pypi"),
    "mint-unknown-claim": acme("oidc-pkg", surprise="yes"),
    "mint-no-jti": acme("oidc-pkg", jti=None),
    "mint-ok-tag-ref": acme(
        "oidc-pkg",
        ref="refs/tags/v1",
        job_workflow_ref="acme/oidc-pkg/.github/workflows/release.yml@refs/tags/v1",
    ),
    "mint-repository-case": acme("oidc-pkg", repository="ACME/Oidc-Pkg"),
    "mint-two-projects": acme("oidc-two"),
    "mint-publisher-without-project": acme("oidc-noproj"),
    "mint-gitlab-issuer-no-publisher": acme("oidc-pkg", iss="https://gitlab.com"),
    "mint-pending": acme("pending-pkg"),
    "mint-pending-again": acme("pending-pkg"),
    "mint-pending-exists": acme("pending-exists"),
    "mint-pending-exists-again": acme("pending-exists"),
    "mint-pending-stdlib": acme("json"),
    "mint-pending-similar": acme("0idc-pkg"),
    "mint-pending-stale": acme("claimed-pkg"),
    "mint-pending-other-name": acme("pending-named"),
    "mint-archived": acme("oidc-arch"),
    "mint-quarantined": acme("oidc-quar"),
}
# The uploads' names for the tokens that these cases minted.
MINTED = {
    "mint-ok": "minted",
    "mint-two-projects": "minted-two",
    "mint-publisher-without-project": "minted-noproj",
    "mint-pending": "minted-pending",
    "mint-pending-other-name": "minted-named",
    "mint-archived": "minted-arch",
    "mint-quarantined": "minted-quar",
}


HEADERS = ("X-PyPI-Last-Serial", "Allow", "Cache-Control", "RateLimit-Policy", "Access-Control-Allow-Origin")
# The recorder cut long bodies off.
CUT = 590


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came; the headers' names in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: str


class Replay:
    """Sends the lines of a run to a twin, in order."""

    def __init__(self, twin: Twin, issuer: Issuer) -> None:
        self.twin = twin
        self.issuer = issuer
        self.used_identity = ""
        for name in ("alice", "bob", "erin", "frank"):
            twin.add_user(name)
        twin.add_user("carol", email_verified=False)
        twin.add_user("dave", two_factor=False)
        self.tokens = {name: twin.token(name) for name in ("alice", "bob", "carol", "dave", "erin")}
        self.tokens["frank-frozen"] = twin.token("frank")
        twin.freeze_user("frank")
        self.tokens["alice-expired"] = twin.token("alice", expires=time.time() - 60)
        self.tokens["alice-scoped-base"] = twin.token("alice", projects=["demo-pkg"])
        self.tokens["alice-scoped-other"] = twin.token("alice", projects=["some-other-project"])
        self.tokens["alice-deleted"] = twin.token("alice")
        twin.revoke(self.tokens["alice-deleted"])

    def answer(self, line: dict[str, Any]) -> Answer:
        """Send a case or an upload."""
        request = line["request"]
        # The recorder began each case with a fresh hour, but for the one about that limit.
        if not str(request.get("filename")).startswith("ratel"):
            self.twin.forget_new_projects()
        answer = self.send(request, *self.body(line))
        if answer.status == 200 and line.get("id") in MINTED:
            self.tokens[MINTED[line["id"]]] = json.loads(answer.body)["token"]
        return answer

    def prepare_publishers(self) -> None:
        twin = self.twin
        for one in (
            publisher("oidc-pkg"),
            publisher("oidc-env", environment="pypi"),
            publisher("oidc-two-a", "oidc-two"),
            publisher("oidc-two-b", "oidc-two"),
            publisher("", "oidc-noproj"),
            publisher("oidc-arch"),
            publisher("oidc-quar"),
            publisher("pending-pkg"),
            publisher("pending-named"),
            publisher("json"),
            publisher("0idc-pkg"),
            publisher("claimed-pkg", user="bob"),
        ):
            twin.add_publisher(one)
        twin.add_pending_publisher(publisher("oidc-env", "pending-exists"))
        now = time.time()
        of_oidc_pkg = publisher("oidc-pkg")
        self.tokens["oidc-expired"] = twin.minted(of_oidc_pkg, expires=now - 60)
        self.tokens["oidc-not-yet"] = twin.minted(of_oidc_pkg, expires=now + 900, not_before=now + 600)
        twin.set_flag("read-only")
        minted = self.send(
            {"method": "POST", "host": "pypi.org", "path": "/_/oidc/mint-token", "accept": "*/*"},
            "application/json",
            json.dumps({"token": self.issuer.token("pypi", **acme("oidc-pkg"))}).encode(),
        )
        self.tokens["minted-read-only"] = json.loads(minted.body)["token"]
        twin.set_flag("read-only", enabled=False)

    def body(self, line: dict[str, Any]) -> tuple[str, bytes]:
        """Content type and body of a line's request."""
        request = line["request"]
        if "form" in request:
            return multipart(request)
        if "json" in request:
            return request.get("content_type", ""), self.identity(line)
        if request.get("content_type") == "application/x-www-form-urlencoded":
            fields = "name=form-pkg&version=1.0&metadata_version=2.1&filetype=sdist&pyversion=source&md5_digest=x"
            return request["content_type"], f":action=file_upload&protocol_version=1&{fields}".encode()
        if request.get("content_type") == "application/json":
            return request["content_type"], b'{"name": "form-pkg"}'
        return "", b""

    def identity(self, line: dict[str, Any]) -> bytes:
        """The body that offers an identity token."""
        name, sent = line["id"], line["request"]["json"]
        if sent in ("(empty)", "hello", "{}"):
            return {"(empty)": "", "hello": "hello", "{}": "{}"}[sent].encode()
        if sent == '{token: ""}':
            return b'{"token": ""}'
        if sent not in ("{token: <jwt>}", "{token: <jwt>, x: 1}"):
            return str(sent).encode()
        token = self.identity_token(name)
        return json.dumps({"token": token} if "x: 1" not in sent else {"token": token, "x": 1}).encode()

    def identity_token(self, name: str) -> str:
        claims = CLAIMS.get(name, acme("oidc-pkg"))
        now = int(time.time())
        if name == "mint-malformed-three-parts":
            return "a.b.c"
        if name == "mint-reuse":
            return self.used_identity
        if name.startswith("mint-expired"):
            seconds = re.search(r"(\d+)s", name)
            claims = {**claims, "exp": now - int(seconds.group(1) if seconds else 600), "iat": now - 900}
        token = self.issuer.token("pypi", **claims)
        if name in ("mint-unknown-kid", "mint-no-kid", "mint-bad-signature", "mint-hs256"):
            return self.forged(name)
        self.used_identity = token
        return token

    def forged(self, name: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer.claims["iss"], "iat": now, "exp": now + 300, "aud": "pypi", "jti": name}
        claims |= {key: value for key, value in acme("oidc-pkg").items() if value}
        if name == "mint-hs256":
            return self.issuer.sign(claims, key="x" * 32, algorithm="HS256")
        if name == "mint-bad-signature":
            return Issuer().sign(claims)
        return self.issuer.sign(claims, kid="k9" if name == "mint-unknown-kid" else None)

    def authorization(self, recorded: str) -> str:
        """The recorded header with this twin's tokens in it."""
        scheme, _, value = recorded.partition(" ")
        if scheme == "Basic" and value.startswith("__token__:<token "):
            token = self.tokens[value.removeprefix("__token__:<token ").rstrip(">")]
            return "Basic " + base64.b64encode(f"__token__:{token}".encode()).decode()
        if scheme == "Basic" and len(value) > 60:
            plain = base64.b64decode(value).decode()
            wanted = self.tokens["alice"]

            def substitute(found: re.Match[str]) -> str:
                return wanted if found.group().startswith("pypi-") else wanted.removeprefix("pypi-")

            return "Basic " + base64.b64encode(RECORDED_TOKEN.sub(substitute, plain).encode()).decode()
        return re.sub(r"<token ([^>]+)>", lambda found: self.tokens[found.group(1)], recorded)

    def send(self, request: dict[str, Any], content_type: str, body: bytes) -> Answer:
        headers = {"Host": request["host"], "Connection": "close", **request.get("headers", {})}
        if request.get("accept") is not None:
            headers["Accept"] = request["accept"]
        if request.get("authorization") is not None:
            headers["Authorization"] = self.authorization(request["authorization"])
        if "If-None-Match" in headers and headers["If-None-Match"] != '"x"':
            headers["If-None-Match"] = self.etag(request)
        if content_type:
            headers["Content-Type"] = content_type
        if body or request["method"] == "POST":
            headers["Content-Length"] = str(len(body))
        head = f"{request['method']} {request['path']} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        return raw_exchange(self.twin, head.encode("latin-1"), body)

    def etag(self, request: dict[str, Any]) -> str:
        """The ETag that this twin gives for what is asked."""
        head = f"GET {request['path']} HTTP/1.1\r\nHost: pypi.org\r\nAccept: {request['accept']}\r\n\r\n"
        return raw_exchange(self.twin, head.encode(), b"").headers["etag"]

    def change(self, line: dict[str, Any]) -> None:
        """Make a change behind the server's back, as a `state` line says."""
        twin = self.twin
        if "flag" in line:
            twin.set_flag(line["flag"], enabled=line["enabled"])
        elif "deleted_file" in line:
            twin.delete_file(line["deleted_file"])
        elif "deleted_releases_of" in line:
            twin.delete_release(line["deleted_releases_of"], None)
        elif "deleted_project" in line:
            twin.delete_project(line["deleted_project"])
        elif "prohibited_name" in line:
            twin.prohibit(line["prohibited_name"])
        elif "user" in line:
            twin.freeze_user(line["user"], frozen=line["frozen"])
        elif "provenance_of" in line:
            twin.set_provenance(line["provenance_of"], line["bundles"])
        elif "publisher_removed_from_its_project" in line:
            twin.remove_publisher("oidc-pkg")
        else:
            self.change_project(line)

    def change_project(self, line: dict[str, Any]) -> None:
        twin, project, version = self.twin, line["project"], line.get("version")
        if "status" in line:
            twin.set_status(project, line["status"])
        elif "release_status" in line:
            twin.set_release_status(project, version, line["release_status"])
        elif "release_age" in line:
            twin.age_release(project, version, age(line["release_age"]))
        elif "yanked" in line:
            twin.yank(project, version, line["yanked"])
        elif "maintainer" in line:
            twin.add_role(project, line["maintainer"], "Maintainer")
        elif "owners_added" in line:
            for user in line["owners_added"]:
                twin.add_role(project, user)
        else:
            twin.set_limits(project, total_size=line.get("total_size"), upload_limit=line.get("upload_limit"))


def age(words: str) -> timedelta:
    """The age in words such as `14 days 1 minute`."""
    parts = words.split()
    units = {f"{unit.rstrip('s')}s": float(number) for number, unit in zip(parts[::2], parts[1::2], strict=True)}
    return timedelta(**units)


def multipart(request: dict[str, Any]) -> tuple[str, bytes]:
    """The form and the file as they were sent; a file that was too large to be recorded is built."""
    content = file_content(request)
    boundary = "-" * 16 + "recorded"
    parts = []
    for name, values in request["form"].items():
        given = values if isinstance(values, list) else [values]
        parts += [field_part(name, unshortened(name, value, request, content)) for value in given]
    if content is not None and request["filename"] is not None:
        kind = f"\r\nContent-Type: {request['content_part_type']}" if request["content_part_type"] else ""
        head = f'Content-Disposition: form-data; name="content"; filename="{request["filename"]}"{kind}\r\n\r\n'
        parts.append(head.encode() + content)
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={boundary}", body + b"--" + boundary.encode() + b"--\r\n"


def field_part(name: str, value: str) -> bytes:
    file = re.fullmatch(r"<file part filename='(.*)' type='(.*)'>", value)
    if file is None:
        return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
    head = f'Content-Disposition: form-data; name="{name}"; filename="{file.group(1)}"'
    return f"{head}\r\nContent-Type: {file.group(2)}\r\n\r\nx".encode()


def unshortened(name: str, value: str, request: dict[str, Any], content: bytes | None) -> str:
    """A value as it was sent: repeated characters written out, the digest that of a file built here."""
    repeated = re.fullmatch(r"(.)\1+\.\.\.<(\d+) chars>", value)
    if repeated:
        return repeated.group(1) * int(repeated.group(2))
    if name == "sha256_digest" and value == request["file_sha256"] and content is not None:
        import hashlib

        return hashlib.sha256(content).hexdigest()
    return value


def file_content(request: dict[str, Any]) -> bytes | None:
    if request.get("content_b64") is not None:
        return base64.b64decode(request["content_b64"])
    kind = request["file_kind"]
    if kind.startswith("an empty"):
        return b""
    if kind.startswith("65 MiB of zeros"):
        return bomb(request["filename"])
    return bytes(request["file_size"])


def bomb(filename: str) -> bytes:
    """A wheel with 65 MiB of zeros in it."""
    name, version, _ = filename.split("-", 2)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/zeros", bytes(65 * 1024**2))
        for member in ("WHEEL", "METADATA", "RECORD"):
            archive.writestr(f"{name}-{version}.dist-info/{member}", "x")
    return content.getvalue()


def raw_exchange(twin: Twin, head: bytes, body: bytes) -> Answer:
    """Send and receive without a library, since PyPI's reasons may hold line feeds."""
    port = int(twin.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head)
        connection.sendall(body)
        with connection.makefile("rb") as stream:
            answer = stream.read()
    top, _, rest = answer.decode("iso-8859-1").partition("\r\n\r\n")
    status, *headers = top.split("\r\n")
    _, code, reason = status.split(" ", 2)
    named = {name.lower(): value for name, _, value in (header.partition(": ") for header in headers)}
    return Answer(int(code), reason, named, rest.encode("iso-8859-1").decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer.serve() as serving:
        yield serving


@pytest.mark.parametrize("run", ["run-a", "run-b"])
def test_the_twin_answers_as_pypi_did(run: str, tmp_path: Path, issuer: Issuer) -> None:
    wrong: dict[str, str] = {}
    cases = 0
    with Twin.serve(tmp_path, issuer=issuer) as twin:
        replay = Replay(twin, issuer)
        for line in lines(run):
            if line["kind"] == "state":
                replay.change(line)
                continue
            if line.get("id") == "oidc-audience":
                replay.prepare_publishers()
            before = twin.state
            answer = replay.answer(line)
            if line["kind"] == "upload":
                assert answer.status == line["response"]["status"], (line, answer)
                continue
            cases += 1
            found = differences(answer, line["response"], twin.url)
            if (twin.state != before) != line["state_changed"]:
                found.append(f"state changed: {twin.state != before}")
            if line["id"] in EXCEPTIONS:
                assert sorted(answer.reason) == sorted(line["response"]["reason"])
            elif found:
                wrong[line["id"]] = "\n  ".join(found)
    assert cases == {"run-a": 353, "run-b": 137}[run]
    assert not wrong, "\n".join(f"{name}: {what}" for name, what in wrong.items())


def differences(answer: Answer, recorded: dict[str, Any], url: str) -> list[str]:
    """In what an answer differs from the recorded one."""
    if (answer.status, answer.reason) != (recorded["status"], recorded["reason"]):
        return [f"{answer.status} {answer.reason}", f"PyPI: {recorded['status']} {recorded['reason']}"]
    found = []
    given = {name: answer.headers.get(name.lower()) for name in HEADERS}
    given["Content-Type"] = answer.headers.get("content-type")
    wanted = {name: recorded.get("headers", {}).get(name) for name in HEADERS}
    wanted["Content-Type"] = recorded.get("content_type")
    found += [f"{name}: {given[name]} PyPI: {wanted[name]}" for name in given if given[name] != wanted[name]]
    body, expected = without_moments(answer.body, url), without_moments(recorded.get("body") or "", url)
    if len(recorded.get("body") or "") >= CUT:
        expected = re.sub(r"[^,<]*$", "", expected)
    if not body.startswith(expected):
        found += [body, f"PyPI: {expected}"]
    return found


def without_moments(body: str, url: str) -> str:
    """A body without what differs from run to run: hosts, times, tokens."""
    body = body.replace(f"{url}/packages/", "https://files.pythonhosted.org/packages/")
    body = body.replace(url, "https://pypi.org")
    body = re.sub(r'"(upload-time|upload_time|upload_time_iso_8601)":"[^"]*"', r'"\1":""', body)
    return re.sub(r'"expires":\d+|"token":"[^"]*"', "", body)


@pytest.mark.parametrize("case", lines("alone"), ids=lambda case: str(case["id"]))
def test_uploads_at_the_same_moment(case: dict[str, Any], tmp_path: Path, issuer: Issuer) -> None:
    with Twin.serve(tmp_path, issuer=issuer) as twin:
        replay = Replay(twin, issuer)
        first, second = simultaneous(case["id"], replay)
        twin.faults.add(Fault("slow", times=2, seconds=0.5))
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda sent=sent: statuses.append(replay.send(*sent).status))
            for sent in (first, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    recorded = {tuple(sorted(one["status"] for one in run["responses"])) for run in case["repetitions"]}
    assert {tuple(sorted(statuses))} == recorded


def simultaneous(name: str, replay: Replay) -> tuple[Any, Any]:
    """The two uploads of a case, after what must be there before them."""
    uploads = {
        "sdist": upload("race", "1.0", "sdist"),
        "wheel": upload("race", "1.0", "bdist_wheel"),
        "other wheel": upload("race", "1.0", "bdist_wheel", build="1"),
        "same name": upload("race", "1.0", "bdist_wheel", comment="other bytes"),
    }
    if name == "concurrent-new-release":
        assert replay.send(*upload("race", "0.1", "sdist")).status == 200
    elif name not in ("concurrent-new-project", "concurrent-two-projects"):
        assert replay.send(*uploads["sdist"]).status == 200
    if name == "concurrent-two-projects":
        return uploads["sdist"], upload("rival", "1.0", "sdist")
    if name == "concurrent-existing-release":
        return uploads["wheel"], uploads["other wheel"]
    if name == "concurrent-same-file":
        return uploads["wheel"], uploads["wheel"]
    if name == "concurrent-same-filename-other-bytes":
        return uploads["wheel"], uploads["same name"]
    return uploads["sdist"], uploads["wheel"]


def upload(name: str, version: str, filetype: str, build: str = "", comment: str = "") -> Any:
    """An upload made from the first sdist and wheel of the recordings, renamed."""
    import hashlib
    import tarfile

    content = io.BytesIO()
    if filetype == "sdist":
        filename = f"{name}-{version}.tar.gz"
        with tarfile.open(fileobj=content, mode="w:gz") as archive:
            member = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
            archive.addfile(member)
            archive.addfile(tarfile.TarInfo(f"{name}-{version}/setup.py"))
    else:
        filename = f"{name}-{version}-{build}-py3-none-any.whl" if build else f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(content, "w") as zipped:
            for file in ("WHEEL", "METADATA", "RECORD"):
                zipped.writestr(f"{name}-{version}.dist-info/{file}", f"{build}{comment}")
    form = {
        ":action": "file_upload",
        "protocol_version": "1",
        "name": name,
        "version": version,
        "metadata_version": "2.1",
        "filetype": filetype,
        "pyversion": "source" if filetype == "sdist" else "py3",
        "sha256_digest": hashlib.sha256(content.getvalue()).hexdigest(),
    }
    request = {
        "method": "POST",
        "host": "upload.pypi.org",
        "path": "/legacy/",
        "accept": "*/*",
        "authorization": "Basic __token__:<token alice>",
        "form": form,
        "filename": filename,
        "content_part_type": "application/octet-stream",
        "content_b64": base64.b64encode(content.getvalue()).decode(),
        "file_sha256": form["sha256_digest"],
    }
    return request, *multipart(request)
