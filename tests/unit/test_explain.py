"""Every answer that is known is found, by its id or by a pasted text; what is not known is shown as it came."""

from __future__ import annotations

import io
import json
import re
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoke.config import Config
from invoke.context import Context
from invoke.exceptions import Exit
from rich.console import Console

from towpath.credentials.redaction import HIDDEN, without_secrets
from towpath.errors import Kind, Retry, catalogue
from towpath.errors.explaining import Match, by_id, find, near
from towpath.errors.kinds import ANY
from towpath.errors.rooms import rooms
from towpath.index.upload import Answer
from towpath.index.verdicts import refusal
from towpath.reports.explain import matches_data, show_matches, show_rooms, show_unknown
from towpath.tasks import explain as task_module

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = list(catalogue().values())
CORPUS = Path(__file__).parents[1] / "data" / "pypi-corpus"
PHRASES = [(kind.id, phrase) for kind in KINDS for phrase in kind.recognises]


def best(text: str) -> str:
    found = find(text)
    return found[0].kind.id if found else ""


def recorded() -> dict[str, dict[str, Any]]:
    """Each distinct refusal of PyPI's own software, as a client shows it."""
    texts = {}
    for name in ("run-a", "run-b", "alone"):
        for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            answer = case.get("response", {})
            if case["kind"] == "case" and answer["status"] >= 400:
                body = answer.get("body") or ""
                shown = body if isinstance(body, str) else json.dumps(body)
                texts[f"{answer['status']} {answer['reason']}\n{shown}"] = answer
    return texts


REFUSALS = recorded()


class TestRecordedAnswers:
    def test_there_are_as_many_as_were_recorded(self) -> None:
        assert len(REFUSALS) > 190

    @pytest.mark.parametrize("text", REFUSALS, ids=lambda text: text[:70])
    def test_each_is_explained(self, text: str) -> None:
        assert find(text)

    # The upload itself knows the status alone besides the text; an entry of others says more exactly what it was.
    LESS_EXACT = frozenset({"upload-refused", "not-allowed", "token-elsewhere", "index-busy"})

    @pytest.mark.parametrize("text", REFUSALS, ids=lambda text: text[:70])
    def test_it_is_explained_as_the_upload_ends_with_it(self, text: str) -> None:
        answer = REFUSALS[text]
        ended = refusal(Answer(answer["status"], answer["reason"])).id
        if best(text) != ended:
            assert ended in self.LESS_EXACT


# Each row of the table "Upload" of what PyPI answers, by a text as it is said.
UPLOAD_ROWS = [
    ("200 OK", "upload-taken"),
    ("308 An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)",
     "upload-url-without-slash"),
    ("405 Method Not Allowed", "upload-url-wrong"),
    ("410 Project pre-registration is no longer required or supported, upload your files instead.", "upload-api-gone"),
    ("403 Read-only mode: Uploads are temporarily disabled.", "index-closed"),
    ("403 New uploads are temporarily disabled. See https://pypi.org/help/#admin-intervention", "index-closed"),
    ("403 Invalid or non-existent authentication information. See https://pypi.org/help/#invalid-auth",
     "token-refused"),
    ("403 Username/Password authentication is no longer supported. Migrate to API Tokens", "password-refused"),
    ("403 Invalid API Token: token is expired, token is expired", "token-expired"),
    ("403 Invalid API Token: project-scoped token is not valid for project: 'p'", "token-elsewhere"),
    (("403 Invalid API Token: OIDC scoped token is not valid for project 'p', project-scoped token is not valid for "
     "project: 'p'"), "publisher-of-another-project"),
    ("403 Invalid API Token: signatures do not match", "token-refused"),
    ("403 Invalid API Token: deleted or nonexistent macaroon", "token-refused"),
    ("403 Invalid API Token: unknown error", "token-refused"),
    ("400 Unknown protocol version.", "upload-form-broken"),
    ("400 '-n' is an invalid value for Name. Error: Start and end with a letter or numeral", "metadata-name"),
    ("400 Invalid value for filetype. Error: Use a known file type.", "filetype-unknown"),
    ("400 Error: Include at least one message digest.", "upload-form-broken"),
    ("400 Invalid value for sha256_digest. Error: Use a valid, hex-encoded, SHA256 message digest.",
     "upload-form-broken"),
    ("400 '9.9' is not a valid metadata version. See https://packaging.python.org/", "metadata-version-unknown"),
    ("400 The use of local versions in '1.0+x' is not allowed. See https://packaging.python.org", "local-version"),
    ("400 'summary' field must be 512 characters or less.", "metadata-summary"),
    ("400 'Foo :: Bar' is not a valid classifier.", "metadata-classifier"),
    ("400 The classifier 'A :: B' has been deprecated, use one of ['C'] instead.", "metadata-classifier"),
    ("400 'x' is not a valid url.", "metadata-address"),
    ("400 'x' is not a valid email address", "metadata-address"),
    ("400 Can't have direct dependency: pkg @ git+https://example.org/x", "metadata-direct-dependency"),
    ("400 Dynamic field 'x' is not a valid dynamic field.", "metadata-dynamic"),
    ("400 'summary' has invalid data", "metadata-field"),
    ("400 License is deprecated when License-Expression is present. Only", "metadata-license"),
    ("400 Upload payload does not have a file.", "upload-form-broken"),
    ("400 Non-user identities cannot create new projects. This was probably caused by", "pending-publisher-misnamed"),
    ("429 Too many new projects created", "too-many-new-projects"),
    ("403 New project registration temporarily disabled. See https://pypi.org", "index-closed"),
    ("400 The name 'x' is invalid.", "name-refused"),
    ("400 The name 'json' isn't allowed (conflict with Python Standard Library module name).", "name-refused"),
    ("400 The name 'x' is too similar to an existing project.", "name-refused"),
    ("403 The user 'u' isn't allowed to upload to project 'p'.", "not-allowed"),
    ("403 The given token isn't allowed to upload to project 'p'.", "not-allowed"),
    ("403 User 'u' does not have a verified primary email address.", "account-incomplete"),
    ("403 User 'u', associated with the API token used, does not have two-factor authentication enabled.",
     "account-incomplete"),
    ("400 Organization account owning this project is inactive.", "organization-inactive"),
    ("400 The description failed to render for 'text/x-rst'.", "description-not-rendered"),
    ("400 The description failed to render in the default format of reStructuredText.", "description-not-rendered"),
    ("400 Cannot upload a file with '/' or '\\' in the name.", "filename-characters"),
    ("400 Cannot upload a file with non-printable characters in the name.", "filename-characters"),
    ("400 Invalid file extension: Extension .whl is invalid for filetype sdist.", "file-extension"),
    ("400 Invalid distribution file.", "archive-broken"),
    ("400 File too large. Limit for project 'p' is 100 MB.", "too-large"),
    ("400 Project size too large. Limit for project 'p' total size is 10 GB.", "too-large"),
    ("400 The digest supplied does not match a digest calculated from the uploaded file.", "upload-damaged"),
    ("400 File already exists ('f.whl', with blake2_256 hash 'ab'). See https://pypi.org/help/#file-name-reuse",
     "file-exists"),
    ("400 This filename was previously used by a file that has since been deleted. Use a different version.",
     "filename-burned"),
    ("400 Uploading new files to releases older than 14 days is not allowed.", "release-closed"),
    ("400 Only one sdist may be uploaded per release.", "second-sdist"),
    ("400 Invalid distribution file. File is not a zipfile", "archive-broken"),
    ("400 Invalid distribution file. File is not a tarfile", "archive-broken"),
    ("400 Invalid distribution file. Incorrect number of top-level directories in sdist", "sdist-layout"),
    ("400 Invalid distribution file. PKG-INFO not found at p-1/PKG-INFO", "sdist-layout"),
    ("400 Invalid distribution file. WHEEL not found at p-1.dist-info/WHEEL", "wheel-incomplete"),
    ("400 Invalid distribution file. ZIP archive not accepted: Trailing data.", "archive-ambiguous"),
    ("400 Invalid source distribution filename: x.tar.gz", "sdist-filename"),
    ("400 Start filename for 'a-b' with 'a_b'.", "sdist-filename"),
    ("400 Filename 'a-b-1.tar.gz' is invalid, should be 'a_b-1.tar.gz'.", "sdist-filename"),
    ("400 License-File L does not exist in distribution file f.whl at d/licenses/L", "license-file-left-out"),
    ("400 Binary wheel 'f.whl' has an unsupported platform tag 'linux_x86_64'.", "platform-refused"),
    ("400 Version in filename should be '1' not '2'.", "wheel-filename"),
    ("400 Wheel 'f.whl' does not contain the required RECORD file: x", "wheel-incomplete"),
    ("400 Wheel 'f.whl' does not contain the required METADATA file: x", "wheel-incomplete"),
    ("400 Wheel 'f.whl' has invalid entry points defined in the entry_points.txt file", "wheel-entry-points"),
    ("400 Invalid attestations supplied during upload: Attestations are only supported when using Trusted Publishing",
     "attestation-not-allowed"),
    (("400 Invalid attestations supplied during upload: Could not verify the uploaded artifact using the included "
     "attestation: x"), "attestation-refused"),
    ("400 Invalid attestations supplied during upload: A maximum of 2 attestations per file are supported",
     "attestation-refused"),
    ("500 Internal Server Error", "server-failed"),
    ("502 Bad Gateway", "server-failed"),
    ("503 Service Unavailable", "server-failed"),
    ("504 Gateway Timeout", "server-failed"),
]  # fmt: skip

# Each row of the table of trusted publishing.
PUBLISHER_ROWS = [
    ("invalid-payload", "malformed JWT", "identity-malformed"),
    ("invalid-payload", "unknown trusted publishing issuer", "identity-malformed"),
    ("not-enabled", "github trusted publishing functionality not enabled", "index-closed"),
    ("invalid-token", "malformed or invalid token", "identity-refused"),
    ("invalid-reuse-token", "invalid token: already used", "identity-refused"),
    ("invalid-pending-publisher", "valid token, but project already exists", "pending-publisher-late"),
    ("invalid-publisher",
     "valid token, but no corresponding publisher (Publisher with matching claims was not found)", "wrong-publisher"),
    ("invalid-publisher", ("valid token, but no corresponding publisher (The job_workflow_ref claim does not match, "
     "expecting one of ['a'], got 'b')"), "publisher-reusable"),
    ("invalid-publisher", ("valid token, but no corresponding publisher (Publishing from a workflow invoked via "
     "'pull_request_target' is not supported.)"), "publisher-trigger"),
]  # fmt: skip

# What the fault model and the incidents of other projects end with here: the fault, and the entries about it.
FAULTS = {
    "preflight: index down": "index-unreachable",
    "preflight: version taken": "version-taken",
    "preflight: name burned": "filename-burned",
    "preflight: archived": "project-closed",
    "bump: disk full": "no-space",
    "bump: files changed meanwhile": "bump-overtaken",
    "tag: local only": "audit-tag-unpushed",
    "tag: on the remote, same commit": "tag-exists",
    "tag: on the remote, other commit": "tag-elsewhere",
    "push: remote moved": "push-refused",
    "push: two people at once": "tag-taken",
    "push: dropped": "remote-unknown",
    "build: killed": "evidence-missing",
    "upload: dropped mid-body": "upload-broken",
    "upload: 5xx persists": "index-busy",
    "upload: token expired": "token-expired",
    "upload: 400 on file k": "pypi-refuses",
    "upload: someone else's upload": "index-other-bytes",
    "verify: CDN stale": "index-stale",
    "forge release: exists": "release-exists",
    "forge release: assets missing": "forge-file-lost",
    "any: clock skew": "clock-wrong",
    "incident: left-over token": "publisher-and-password",
    "incident: moved tags of actions": "unsafe-workflows",
    "incident: payload in a wheel": "module-foreign",
    "incident: secrets in distributions": "never-belongs",
    "incident: partial upload": "incomplete-set",
    "incident: wheel without code": "no-modules",
    "incident: sdist without its sources": "build-failed",
    "incident: stale index": "index-stale",
}

# Each entry of the troubleshooting sections of the five publishing guides, by its heading or by the error it shows.
GUIDES = [
    ('"Environment not found" error', "environment-not-found"),
    ('"Permission denied" when publishing', "permission-denied-alone"),
    ("Version already exists on PyPI", "version-taken"),
    ("Tests fail before deployment", "release-held-by-checks"),
    ("Error: Invalid or expired token", "token-refused"),
    ("Error: Project does not exist", "project-not-there-yet"),
    ("Error: File already exists", "file-exists"),
    ("Error: 403 Forbidden", "forbidden-alone"),
    ("HTTPError: 403 Forbidden", "forbidden-alone"),
    ("Workflow doesn't trigger", "workflow-not-started"),
    ("TestPyPI works but PyPI fails", "testpypi-only"),
    ("Error: OIDC token request failed", "no-identity"),
    ("Error: Tests failed or coverage below threshold", "release-held-by-checks"),
    ("Error: Package build failed", "build-failed"),
    ("Package build fails during workflow", "build-failed"),
    ("HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/", "bad-request-alone"),
    ("Import Errors", "import-failed"),
    ("Module import failures during build", "import-failed"),
    ("Error: The user 'xxx' isn't allowed to upload to project 'a-project'", "not-allowed"),
    ("Trusted publishing exchange failure", "exchange-refused"),
    ("Invalid or non-existent authentication information", "token-refused"),
    ("Package won't publish - File already exists", "file-exists"),
    ("Tests fail in workflow but pass locally", "tests-differ-there"),
    ("GitHub release creation fails", "release-not-made"),
    ("Invalid PyPI Token", "token-refused"),
]

# As the programs print them.
LOGS = [
    ("""To github.com:acme/demo.git
 ! [rejected]        main -> main (non-fast-forward)
error: failed to push some refs to 'github.com:acme/demo.git'
hint: Updates were rejected because the tip of your current branch is behind""", "behind-remote"),
    ("""remote: error: GH006: Protected branch update failed for refs/heads/main.
remote: error: At least one approved review is required
 ! [remote rejected] main -> main (protected branch hook declined)
error: failed to push some refs to 'github.com:acme/demo.git'""", "push-protected"),
    ("""remote: error: GH013: Repository rule violations found for refs/tags/v1.2.0.
remote: - Cannot create ref due to creations being restricted.
 ! [remote rejected] v1.2.0 -> v1.2.0 (push declined due to repository rule violations)""", "push-protected"),
    (" ! [remote rejected] main -> main (pre-receive hook declined)\nerror: failed to push some refs to 'x'",
     "push-hook-declined"),
    (" ! [rejected]        v1.0 -> v1.0 (already exists)\nerror: failed to push some refs to 'x'", "tag-exists"),
    ("error: gpg failed to sign the data\nfatal: failed to write commit object", "signing-failed"),
    ("error: gpg failed to sign the data\nerror: unable to sign the tag", "signing-failed"),
    (" ! [remote rejected] main -> main (shallow update not allowed)", "clone-shallow"),
    ("fatal: detected dubious ownership in repository at '/src'", "foreign-repository"),
    ("fatal: The current branch topic has no upstream branch.", "no-upstream"),
    ("fatal: Unable to create '/src/.git/index.lock': File exists.", "git-busy"),
    (("remote: Support for password authentication was removed on August 13, 2021.\n"
     "fatal: Authentication failed for 'https://github.com/acme/demo.git/'"), "git-not-authenticated"),
    ("git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
     "git-not-authenticated"),
    (("remote: Permission to acme/demo.git denied to bob.\nfatal: unable to access 'https://github.com/acme/d/': "
     "The requested URL returned error: 403"), "git-not-permitted"),
    ("fatal: unable to access 'https://github.com/acme/demo.git/': Could not resolve host: github.com",
     "remote-unknown"),
    ("remote: error: GH008: Your push referenced at least 1 unknown Git LFS object", "lfs-missing"),
    ("batch response: This repository is over its data quota.", "lfs-quota"),
    ("error: src refspec main does not match any", "ref-unknown"),
    ("fatal: empty ident name (for <>) not allowed", "git-no-identity"),
    ("remote: error: File a.bin is 150.00 MB; this exceeds GitHub's file size limit of 100.00 MB", "push-too-large"),
    ("LookupError: setuptools-scm was unable to detect version for /src.", "version-not-detected"),
    (('{"message":"Validation Failed","errors":[{"resource":"Release","code":"already_exists","field":"tag_name"}],'
     '"documentation_url":"https://docs.github.com/rest"}'), "release-exists"),
    ('{"message":"Validation Failed","errors":[{"resource":"ReleaseAsset","code":"already_exists","field":"name"}]}',
     "release-file-exists"),
    ("Error: Cannot upload assets to an immutable release. - https://docs.github.com/rest", "forge-release-immutable"),
    ('{"resource":"Release","code":"custom","field":"tag_name","message":"tag_name was used by an immutable release"}',
     "release-tag-used-up"),
    ("HTTP 422: Validation Failed\nPublished releases must have a valid tag", "release-tag-invalid"),
    ('{"message":"API rate limit exceeded for 192.0.2.1.","status":"403"}', "forge-rate-limited"),
    ('{"message":"You have exceeded a secondary rate limit."}', "forge-rate-limited"),
    ("You have triggered an abuse detection mechanism. Please wait a few minutes", "forge-rate-limited"),
    ('{"message":"Not Found","documentation_url":"https://docs.github.com/rest/releases","status":"404"}',
     "forge-not-found"),
    ("##[error]Resource not accessible by integration", "forge-forbidden"),
    ("gh: Bad credentials (HTTP 401)", "forge-unauthorized"),
    ('##[error]Branch "v1.1.2" is not allowed to deploy to pypi due to environment protection rules.',
     "environment-refuses"),
    ("2026-01-02T03:04:05.678Z ##[error]Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable", "no-identity"),
    ("HTTP 422: Workflow does not have 'workflow_dispatch' trigger", "workflow-not-startable"),
    ("Error: Process completed with exit code 1.", "command-ended"),
    ("ERROR: Could not find a version that satisfies the requirement demo==1.2\nERROR: No matching distribution found",
     "installer-finds-nothing"),
    ("error: externally-managed-environment", "python-managed-by-system"),
    ("ERROR    InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'", "nothing-to-upload"),
    (("ERROR    UnsupportedConfiguration: The configured repository 'http://127.0.0.1/' does not have support for the\n"
     "         following features: --skip-existing and is an unsupported configuration"), "skip-existing-unsupported"),
    ("ERROR    RedirectDetected: http://127.0.0.1/legacy attempted to redirect to https://upload.pypi.org/legacy/.",
     "upload-url-without-slash"),
    ("error: Local file and index file do not match for `demo-1.0.tar.gz`. Local: sha256=73e9, Remote: sha256=b9b4",
     "index-other-bytes"),
    (("requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection "
     "without response'))"), "connection-lost"),
    ("ERROR Backend subprocess exited when trying to invoke get_requires_for_build_wheel", "build-failed"),
    ("E   ModuleNotFoundError: No module named 'demo'", "import-failed"),
    ("FAIL Required test coverage of 95% not reached. Total coverage: 91.20%", "coverage-below"),
]  # fmt: skip

TWINE = """\x1b[33mWARNING \x1b[0m Error during upload. Retry with the --verbose option for more details.
\x1b[31mERROR   \x1b[0m HTTPError: 403 Forbidden from https://upload.pypi.org/legacy/
         Invalid API Token: project-scoped token is not valid for project: 'cl-twine',
         project-scoped token is not valid for project: 'cl-twine'
"""
UV = """error: Failed to publish `dist/cl_uv-1.0.tar.gz` to `https://upload.pypi.org/legacy/`
  cause: Server returned status code 400 Bad Request. Server says: 400 File already exists ('cl_uv-1.0.tar.gz', with
         blake2_256 hash 'adb6'). See https://pypi.org/help/#file-name-reuse for more information.
"""


class TestWhatOthersSay:
    @pytest.mark.parametrize(("text", "expected"), UPLOAD_ROWS)
    def test_a_row_of_the_uploads(self, text: str, expected: str) -> None:
        assert best(text) == expected

    @pytest.mark.parametrize(("code", "description", "expected"), PUBLISHER_ROWS)
    def test_a_row_of_trusted_publishing(self, code: str, description: str, expected: str) -> None:
        said = {"errors": [{"code": code, "description": description}], "message": "Token request failed"}
        assert best(json.dumps(said, separators=(",", ":"))) == expected
        assert best(f"Trusted publishing exchange failure:\nToken request failed\n\n* `{code}`: {description}") in {
            expected,
            "exchange-refused",  # where the code says no more than its heading
        }

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_has_its_entry(self, fault: str) -> None:
        assert FAULTS[fault] in catalogue()

    @pytest.mark.parametrize(("text", "expected"), GUIDES)
    def test_an_entry_of_a_guide(self, text: str, expected: str) -> None:
        assert best(text) == expected

    @pytest.mark.parametrize(("text", "expected"), LOGS)
    def test_a_log(self, text: str, expected: str) -> None:
        assert best(text) == expected

    @pytest.mark.parametrize(("kind_id", "phrase"), PHRASES)
    def test_no_phrase_is_shadowed_by_another_entry(self, kind_id: str, phrase: str) -> None:
        assert best(f"said: {phrase.replace(ANY, 'some words')}") == kind_id

    def test_what_a_client_wraps_and_colours_is_read_as_one_text(self) -> None:
        match = find(TWINE)[0]
        assert match.kind.id == "token-elsewhere"
        assert match.line.startswith("Invalid API Token: project-scoped")
        assert best(UV) == "file-exists"

    def test_one_line_of_a_long_log_is_found_before_pytest_loses_patience(self) -> None:
        log = "\n".join(f"2026-01-02T03:04:05.6Z collecting package {n}: ok" for n in range(30_000))
        match = find(f"{log}\n2026-01-02T03:04:06.1Z HTTPError: 403 Forbidden\n{TWINE}\n{log}")[0]
        assert match.kind.id == "token-elsewhere"

    @given(st.text(max_size=400))
    def test_any_text_is_read(self, text: str) -> None:
        for match in find(text):
            assert match.kind.id in catalogue()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
class TestEveryEntry:
    def test_it_is_found_by_its_id_however_that_is_spelled(self, kind: Kind) -> None:
        for spelled in (kind.id, f" {kind.id}\n", kind.id.upper().replace("-", "_"), f"`{kind.id}`"):
            assert by_id(spelled) is kind
        assert by_id(f"docs/reference/errors.md#{kind.id}") is kind
        assert [match.kind for match in find(kind.id)] == [kind]

    def test_it_is_found_by_our_own_report_with_its_facts(self, kind: Kind) -> None:
        facts = {name: f"q{name}q" for name in kind.facts}
        problem = kind.problem(**facts)
        match = find(f"a line before\nclosed: {problem.cause}\n   fix: {problem.fix}\n  more: {problem.more}")[0]
        assert match.kind is kind
        named = {name for _, name, _, _ in string.Formatter().parse(kind.cause) if name}
        if match.facts or match.by == "its own words":
            assert dict(match.facts) == {name: facts[name] for name in named}
        fixed = "".join(literal for literal, _, _, _ in string.Formatter().parse(kind.cause))
        assert bool(match.facts) == bool(named and not kind.said_by and len(fixed) >= 12)

    def test_it_says_whether_to_try_again(self, kind: Kind) -> None:
        assert isinstance(kind.retry, Retry)
        again = "run it again" in kind.fix.lower() or "run this again" in kind.fix.lower()
        assert not (again and kind.retry is Retry.NEVER)

    def test_its_phrases_are_long_enough_to_tell(self, kind: Kind) -> None:
        for phrase in kind.recognises:
            assert len(phrase.replace(ANY, "").strip()) >= 6, phrase
            assert phrase == " ".join(phrase.split())


SECRETS = [
    "pypi-AgEIcHlwaS5vcmcCJGYxYjA",  # pragma: allowlist secret
    "ghp_0123456789abcdefABCDEF",  # pragma: allowlist secret
    "github_pat_11ABCDEFG0123456789_abc",  # pragma: allowlist secret
    "glpat-abcdefABCDEF0123456789",  # pragma: allowlist secret
    "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJweXBpIn0.c2lnbmF0dXJl",  # pragma: allowlist secret
]


class TestSecrets:
    @pytest.mark.parametrize("secret", SECRETS)
    @pytest.mark.parametrize(
        "around", ["{}", "token={}", "Authorization: Bearer {}", "https://u:{}@example.org/x", "'{}'"]
    )
    def test_none_is_left(self, secret: str, around: str) -> None:
        shown = without_secrets(f"before {around.format(secret)} after")
        assert secret not in shown
        assert HIDDEN in shown
        assert shown.startswith("before")

    @pytest.mark.parametrize(
        "text",
        ["TWINE_PASSWORD=hunter22", 'PYPI_TOKEN: "hunter22"', "password: hunter22", "twine upload --password hunter22"],
    )
    def test_what_is_assigned_to_a_secret_name(self, text: str) -> None:
        assert "hunter22" not in without_secrets(text)

    @pytest.mark.parametrize("text", REFUSALS, ids=lambda text: text[:70])
    def test_an_answer_is_explained_the_same_without(self, text: str) -> None:
        assert best(without_secrets(text)) == best(text)


class TestUnknown:
    def test_what_no_entry_fits_is_not_guessed(self) -> None:
        assert find("the heating in room 3 is cold") == ()
        assert find("") == ()

    def test_a_mistyped_id_has_its_neighbours(self) -> None:
        assert catalogue()["file-exists"] in near("file-exist")
        assert catalogue()["token-expired"] in near("expired token")

    def test_a_log_has_none(self) -> None:
        assert near("one two three four five six seven eight nine ten") == ()


def shown(width: int, show: Callable[[Console], None]) -> str:
    out = io.StringIO()
    show(Console(file=out, width=width, force_terminal=False, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 110, 200])
class TestReports:
    def test_an_entry_fits_the_width_and_loses_no_word(self, width: int) -> None:
        text = shown(width, lambda console: show_matches(console, find(TWINE)))
        assert max(map(len, text.splitlines())) <= width
        flat = " ".join(text.split())
        assert "token-elsewhere" in flat
        assert "cl-twine" in flat
        assert "try again:" in flat
        assert "{" not in text

    def test_the_list_has_every_id(self, width: int) -> None:
        text = shown(width, lambda console: show_rooms(console, rooms()))
        assert max(map(len, text.splitlines())) <= width
        assert all(f" {kind.id} " in text or f" {kind.id}…" in text for kind in KINDS if len(kind.id) < width - 4)

    def test_the_unknown_is_shown_as_it_came_with_the_way_to_the_state(self, width: int) -> None:
        text = shown(width, lambda console: show_unknown(console, "Gremlins in the\nmachine", near("file-exist")))
        assert "Gremlins in the" in text
        assert "invoke status" in " ".join(text.split())
        assert "file-exists" in text


def test_names_of_tasks_follow_the_prefix_of_the_project() -> None:
    text = shown(110, lambda console: show_unknown(console, "?", (), "towpath-"))
    assert "invoke towpath-status" in text


class TestTheTask:
    @staticmethod
    def run(text: str | None, *, as_json: bool) -> None:
        made = task_module.explain_task(None)
        made(Context(Config()), text=text, json=as_json)

    def test_an_id_ends_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.run("filename-burned", as_json=True)
        found = json.loads(capsys.readouterr().out)
        assert found["known"]
        assert [match["id"] for match in found["matches"]] == ["filename-burned"]
        assert found["matches"][0]["retry"] == "never"

    def test_the_unknown_ends_with_1_and_as_it_came_but_for_secrets(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(Exit) as ended:
            self.run(f"gremlins {SECRETS[0]} here", as_json=True)
        assert ended.value.code == 1
        found = json.loads(capsys.readouterr().out)
        assert not found["known"]
        assert found["text"] == f"gremlins {HIDDEN} here"
        assert "invoke status" in found["state"]

    def test_from_the_standard_input(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(UV))
        self.run("-", as_json=False)
        assert "file-exists" in capsys.readouterr().out

    def test_without_a_text_all_are_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.run(None, as_json=True)
        listed = json.loads(capsys.readouterr().out)["rooms"]
        assert sum(map(len, listed.values())) == len(KINDS)

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["invoke", "explain"], []),
            (["invoke", "explain", "--json"], []),
            (["invoke", "explain", "x"], ["text"]),
            (["invoke", "towpath-explain", "-"], ["text"]),
            (["invoke", "-r", "/src/explain", "explain"], []),
            (["pytest", "a", "b"], []),
        ],
    )
    def test_the_text_is_positional_where_there_is_one(
        self, words: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.argv", words)
        assert list(task_module.explain_task(None).positional) == expected


# "This is the branch the branch", "the gate the gate", "the the", "the version is the version", "--part the part".
DOUBLED = re.compile(
    r"\b(the|an?|its|no|this|another)( [a-z]+)? (the|its)\b"
    r"|\b([a-z]+) (is |with )?the \4\b|`[^`]*\bthe (index|file|project|version|gate|tag|branch|remote)\b[^`]*`",
    re.IGNORECASE,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_what_is_not_known_is_in_words_that_fit(kind: Kind) -> None:
    stream = io.StringIO()
    matches = (Match(kind, kind.id, "", 1),)
    show_matches(Console(file=stream, width=10_000), matches)
    (data,) = matches_data(matches)
    for text, template in ((data["cause"], kind.cause), (data["fix"], kind.fix)):
        assert text in stream.getvalue()
        if text != template:
            own = {found[0] for found in DOUBLED.finditer(template)}
            assert {found[0] for found in DOUBLED.finditer(text)} <= own


def test_no_file_is_named_that_is_not_there() -> None:
    stream = io.StringIO()
    show_matches(Console(file=stream, width=200), find("index-unreachable"))
    assert "docs/reference" not in stream.getvalue()
    assert "docs/reference" not in json.dumps(matches_data(find("index-unreachable")))
