"""What PyPI answers to an upload, row by row as it is known, asked of the twin: status and words."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import time
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from towpath.index.twin import Issuer, Publisher, Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MIB = 1024**2


def sdist(name: str = "boat", version: str = "1.0", *, top: str = "", pkg_info: bool = True, more: str = "") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in ("PKG-INFO" if pkg_info else "boat.py", "pyproject.toml"):
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}".encode()
            info = tarfile.TarInfo(f"{top or f'{name}-{version}'}/{path}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
        if top == "two":
            archive.addfile(tarfile.TarInfo("another/file"))
    return packed.getvalue()


def wheel(leave_out: str = "", entry_points: str = "", *, version: str = "1.0", twice: bool = False) -> bytes:
    info = f"boat-{version}.dist-info"
    files = {
        "boat.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: boat\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    if entry_points:
        files[f"{info}/entry_points.txt"] = entry_points
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            if not name.endswith(f"/{leave_out}"):
                archive.writestr(zipfile.ZipInfo(name), text)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr(zipfile.ZipInfo("boat.py"), "")
    return packed.getvalue()


WHEEL = "boat-1.0-py3-none-any.whl"


@dataclass(frozen=True)
class Row:
    """An upload and its answer. The usual one is an sdist of boat 1.0; `form` replaces fields, None leaves one out."""

    status: int
    words: str
    form: Mapping[str, str | None] = field(default_factory=dict)
    filename: str = "boat-1.0.tar.gz"
    content: bytes | None = None
    prepare: Callable[[Twin], Any] = id
    login: Callable[[Twin], tuple[str, str]] = lambda twin: ("__token__", twin.token())
    no_file: bool = False
    part_type: str = "application/octet-stream"


def of(project: Callable[[Twin], Any]) -> Callable[[Twin], Any]:
    """Where the project is there already."""

    def prepare(twin: Twin) -> None:
        twin.create_project("boat")
        project(twin)

    return prepare


def post(twin: Twin, row: Row) -> requests.Response:
    is_wheel = row.filename.endswith(".whl")
    content = row.content if row.content is not None else (wheel() if is_wheel else sdist())
    form: dict[str, str | None] = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": "boat",
        "version": "1.0",
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": "py3" if is_wheel else "source",
        "sha256_digest": hashlib.sha256(content).hexdigest(),
        **row.form,
    }
    files = None if row.no_file else {"content": (row.filename, content, row.part_type)}
    fields = {name: value for name, value in form.items() if value is not None}
    return requests.post(twin.upload_url, data=fields, files=files, auth=row.login(twin), timeout=60)


def sent(twin: Twin, **changes: Any) -> None:
    answer = post(twin, Row(200, "", **changes))
    assert answer.status_code == 200, answer.reason


def crowded(twin: Twin) -> None:
    for number in range(20):
        sent(
            twin, form={"name": f"crowd{number}"}, filename=f"crowd{number}-1.0.tar.gz", content=sdist(f"crowd{number}")
        )


def deleted(twin: Twin) -> None:
    sent(twin)
    twin.delete_file("boat-1.0.tar.gz")


def aged(twin: Twin) -> None:
    sent(twin, filename=WHEEL)
    twin.age_release("boat", "1.0", timedelta(days=14, minutes=1))


def trust_of(project: str) -> Callable[[Twin], tuple[str, str]]:
    """A token minted for a publisher of a project that is there."""

    def login(twin: Twin) -> tuple[str, str]:
        twin.create_project(project)
        publisher = Publisher(project, "owner/repository")
        twin.add_publisher(publisher)
        return "__token__", twin.minted(publisher, expires=time.time() + 900)

    return login


FLAGGED = {
    "read-only": Row(
        403, r"Read-only mode: Uploads are temporarily disabled\.", prepare=lambda t: t.set_flag("read-only")
    ),
    "uploads off": Row(
        403,
        r"New uploads are temporarily disabled\. See https://pypi\.org/help/#admin-intervention",
        prepare=lambda t: t.set_flag("disallow-new-upload"),
    ),
    "registration off": Row(
        403,
        r"New project registration temporarily disabled\. See",
        prepare=lambda t: t.set_flag("disallow-new-project-registration"),
    ),
}
CREDENTIALS = {
    "no token": Row(
        403, r"Invalid or non-existent authentication information\. See", login=lambda _: ("__token__", "x")
    ),
    "a password": Row(
        403,
        r"Username/Password authentication is no longer supported\. Migrate to API Tokens or Trusted Publishers",
        login=lambda _: ("ada", "secret"),
    ),
    "nothing": Row(403, r"Username/Password authentication", login=lambda _: ("", "")),
    "expired": Row(
        403,
        r"Invalid API Token: token is expired, token is expired",
        prepare=of(id),
        login=lambda t: ("__token__", t.token(expires=time.time() - 1)),
    ),
    "another project's": Row(
        403,
        r"Invalid API Token: project-scoped token is not valid for project: 'boat'",
        prepare=of(id),
        login=lambda t: ("__token__", t.token(projects=["ship"])),
    ),
    "another publisher's": Row(
        403,
        r"Invalid API Token: .*OIDC scoped token is not valid for project 'boat'",
        prepare=of(id),
        login=trust_of("ship"),
    ),
    "damaged": Row(
        403,
        r"Invalid API Token: signatures do not match",
        prepare=of(id),
        login=lambda t: ("__token__", t.token()[:-6] + "AAAAAA"),
    ),
    "a publisher's for a new project": Row(
        400, r"Non-user identities cannot create new projects\.", login=trust_of("ship")
    ),
    "another user's": Row(
        403,
        r"The user 'mallory' isn't allowed to upload to project 'boat'\. See",
        prepare=of(id),
        login=lambda t: ("__token__", t.token("mallory")),
    ),
    "archived": Row(
        403,
        r"The user 'owner' isn't allowed to upload to project 'boat'\.",
        prepare=of(lambda t: t.set_status("boat", "archived")),
    ),
    "no e-mail": Row(
        403,
        r"User 'owner', .* does not have a verified primary email address\.",
        prepare=lambda t: t.add_user("owner", email_verified=False),
    ),
    "no second factor": Row(
        403,
        r"User 'owner', .* does not have two-factor authentication enabled\.",
        prepare=lambda t: t.add_user("owner", two_factor=False),
    ),
}
FORM = {
    "protocol": Row(400, r"Unknown protocol version\.", {"protocol_version": "2"}),
    "name": Row(
        400, r"'-boat' is an invalid value for Name\. Error: Start and end with a letter or numeral", {"name": "-boat"}
    ),
    "filetype": Row(400, r"Invalid value for filetype\. Error: Use a known file type\.", {"filetype": "bdist_egg"}),
    "no digest": Row(400, r"Error: Include at least one message digest\.", {"sha256_digest": None}),
    "no sha256": Row(400, r".*Use a valid, hex-encoded, SHA256 message digest\.", {"sha256_digest": "z"}),
    "metadata version": Row(
        400, r"'2\.6' is not a valid metadata version\. See .*core-metadata", {"metadata_version": "2.6"}
    ),
    "local version": Row(400, r"The use of local versions in '1\.0\+x' is not allowed\.", {"version": "1.0+x"}),
    "summary": Row(400, r"'summary' field must be 512 characters or less\.", {"summary": "x" * 513}),
    "classifier": Row(400, r"'Nonsense' is not a valid classifier\.", {"classifiers": "Nonsense"}),
    "deprecated classifier": Row(
        400,
        r"The classifier 'Natural Language :: Ukranian' has been deprecated",
        {"classifiers": "Natural Language :: Ukranian"},
    ),
    "url": Row(400, r"'nowhere' is not a valid url\.", {"home_page": "nowhere"}),
    "e-mail": Row(400, r"'nobody' is not a valid email address", {"author_email": "nobody"}),
    "direct dependency": Row(
        400,
        r"Can't have direct dependency: ship @ git\+https://example\.org/ship",
        {"requires_dist": "ship @ git+https://example.org/ship"},
    ),
    "license twice": Row(
        400,
        r"License is deprecated when License-Expression is present\.",
        {"metadata_version": "2.4", "license": "MIT", "license_expression": "MIT"},
    ),
    "no file": Row(400, r"Upload payload does not have a file\.", no_file=True),
    "description": Row(
        400,
        r"The description failed to render in the default format of reStructuredText\. See",
        {"description": ".. nonsense::"},
    ),
    "description of a kind": Row(
        400,
        r"The description failed to render for 'text/x-rst'\. See",
        {"description": ".. nonsense::", "description_content_type": "text/x-rst"},
    ),
}
NAMES = {
    "of the library": Row(
        400,
        r"The name 'json' isn't allowed \(conflict with Python Standard Library module name\)\. See",
        {"name": "json"},
    ),
    "prohibited": Row(400, r"The name 'boat' isn't allowed\. See", prepare=lambda t: t.prohibit("boat")),
    "alike": Row(
        400, r"The name 'boat' is too similar to an existing project\. See", prepare=lambda t: t.create_project("b0at")
    ),
    "of a file": Row(400, r"Cannot upload a file with '/' or '\\' in the name\.", filename=r"a\\boat-1.0.tar.gz"),
    "extension": Row(
        400,
        r"Invalid file extension: Extension \.whl is invalid for filetype sdist\.",
        {"filetype": "sdist", "pyversion": "source"},
        filename=WHEEL,
    ),
    "unknown extension": Row(
        400, r"Invalid file extension: Use \.tar\.gz, \.whl or \.zip extension\.", filename="boat-1.0.exe"
    ),
    "too many": Row(429, r"Too many new projects created", prepare=crowded),
}
FILES = {
    "project full": Row(
        400,
        r"Project size too large\. Limit for project 'boat' total size is 10 GB\.",
        prepare=of(lambda t: t.set_limits("boat", total_size=10 * 1024 * MIB)),
    ),
    "digest": Row(
        400,
        r"The digest supplied does not match a digest calculated from the uploaded file\.",
        {"sha256_digest": "0" * 64},
    ),
    "other bytes": Row(
        400,
        r"File already exists \('boat-1\.0\.tar\.gz', with blake2_256 hash '[0-9a-f]{64}'\)\. See .*#file-name-reuse",
        prepare=lambda t: sent(t, content=sdist(more="Summary: other\n")),
    ),
    "burned": Row(
        400,
        r"This filename was previously used by a file that has since been deleted\. Use a different version\.",
        prepare=deleted,
    ),
    "closed": Row(400, r"Uploading new files to releases older than 14 days is not allowed\.", prepare=aged),
    "second sdist": Row(
        400, r"Only one sdist may be uploaded per release\.", prepare=sent, filename="boat-1.0.zip", content=b"x"
    ),
    "an image": Row(400, r"Invalid distribution file\.", part_type="image/png"),
    "no archive": Row(400, r"Invalid distribution file\. File is not a tarfile", content=b"nothing"),
    "no zip": Row(400, r"Invalid distribution file\. File is not a zipfile", filename=WHEEL, content=b"nothing"),
    "two folders": Row(
        400, r"Invalid distribution file\. Incorrect number of top-level directories in sdist", content=sdist(top="two")
    ),
    "no PKG-INFO": Row(
        400, r"Invalid distribution file\. PKG-INFO not found at boat-1\.0/PKG-INFO", content=sdist(pkg_info=False)
    ),
    "sdist's name": Row(400, r"Start filename for 'boat' with 'boat'\.", filename="ship-1.0.tar.gz", content=sdist()),
    "twice in a zip": Row(
        400, r".*ZIP archive not accepted: Duplicate filename in", filename=WHEEL, content=wheel(twice=True)
    ),
    "trailing data": Row(400, r".*ZIP archive not accepted: Trailing data", filename=WHEEL, content=wheel() + b"x"),
    "platform": Row(
        400,
        r"Binary wheel 'boat-1\.0-py3-none-linux_x86_64\.whl' has an unsupported platform tag 'linux_x86_64'\.",
        filename="boat-1.0-py3-none-linux_x86_64.whl",
        content=wheel(),
    ),
    "version in the name": Row(
        400,
        r"Version in filename should be '1\.0' not '2\.0'\.",
        filename="boat-2.0-py3-none-any.whl",
        content=wheel(version="2.0"),
    ),
    "no RECORD": Row(
        400,
        r"Wheel 'boat-1\.0-py3-none-any\.whl' does not contain the required RECORD file:",
        filename=WHEEL,
        content=wheel("RECORD"),
    ),
    "no METADATA": Row(
        400,
        r"Wheel 'boat-1\.0-py3-none-any\.whl' does not contain the required METADATA file:",
        filename=WHEEL,
        content=wheel("METADATA"),
    ),
    "no WHEEL": Row(
        400,
        r"Invalid distribution file\. WHEEL not found at boat-1\.0\.dist-info/WHEEL",
        filename=WHEEL,
        content=wheel("WHEEL"),
    ),
    "entry points": Row(
        400,
        r"Wheel '.*' has invalid entry points",
        filename=WHEEL,
        content=wheel(entry_points="[console_scripts]\na b = c\n"),
    ),
    "license file": Row(
        400,
        r"License-File NOTHING does not exist in distribution file boat-1\.0\.tar\.gz at boat-1\.0/NOTHING",
        {"metadata_version": "2.4", "license_file": "NOTHING"},
    ),
    "attestations": Row(
        400,
        r"Invalid attestations supplied during upload: Attestations are only supported when using Trusted Publishing",
        {"attestations": "[]"},
    ),
}
SAME = sdist(more="Summary: the same\n")
FILES["the same bytes"] = Row(200, r"OK", prepare=lambda twin: sent(twin, content=SAME), content=SAME)
GROUPS = {"flag": FLAGGED, "credential": CREDENTIALS, "form": FORM, "name": NAMES, "file": FILES}
ROWS = {f"{group} {name}": row for group, rows in GROUPS.items() for name, row in rows.items()}


@pytest.fixture
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    with Twin.serve(tmp_path_factory.mktemp("twin")) as running:
        yield running


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_an_upload(twin: Twin, row: Row) -> None:
    row.prepare(twin)
    before = twin.files("boat")
    answer = post(twin, row)
    assert (answer.status_code, answer.reason) == (row.status, answer.reason)
    assert re.match(row.words, answer.reason), answer.reason
    assert twin.files("boat") == before, "a refusal changes nothing, nor does the same file again"
    assert twin.crashes == ()


def test_other_urls(twin: Twin) -> None:
    moved = requests.post(twin.upload_url.rstrip("/"), allow_redirects=False, timeout=30)
    assert (moved.status_code, moved.reason.partition(" but ")[0]) == (308, "An upload was attempted to /legacy")
    assert requests.post(f"{twin.url}/simple/", timeout=30).status_code == 405
    old = requests.post(twin.upload_url, data={":action": "submit"}, timeout=30)
    assert (old.status_code, old.reason.partition(",")[0]) == (
        410,
        "Project pre-registration is no longer required or supported",
    )


@pytest.mark.parametrize(
    ("claims", "code", "description"),
    [
        ({"iss": "https://example.org"}, "invalid-payload", "unknown trusted publishing issuer"),
        ({"audience": "testpypi"}, "invalid-token", "malformed or invalid token"),
        ({"exp": 1}, "invalid-token", "malformed or invalid token"),
        ({"nbf": 2**40}, "invalid-token", "malformed or invalid token"),
        ({"repository_owner_id": "9"}, "invalid-publisher", "Publisher with matching claims was not found"),
        ({"event_name": "pull_request_target"}, "invalid-publisher", "'pull_request_target' is not supported."),
    ],
)
def test_a_mint(claims: dict[str, Any], code: str, description: str, tmp_path: Path) -> None:
    with Issuer.serve() as issuer, Twin.serve(tmp_path, issuer=issuer) as twin:
        twin.create_project("boat")
        twin.add_publisher(issuer.publisher("boat"))
        token = issuer.token(**{"audience": "pypi", **claims})
        answer = requests.post(f"{twin.url}/_/oidc/mint-token", json={"token": token}, timeout=30)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["code"], description in error["description"]) == (code, True), error
