"""What PyPI says of an upload as a request: its address, its form, the account, the index itself.

The texts are PyPI's own (warehouse/forklift/legacy.py). What towpath itself ends with stands in `publishing`.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="PyPI")

UPLOAD_TAKEN = _said(
    "upload-taken",
    "The index answered 200: it has taken the file, or it had the very same bytes already.",
    "Nothing is to be mended. To send the same bytes again is always safe.",
    retry=Retry.AS_IT_IS,
    recognises=("200 OK",),
)
UPLOAD_URL_WITHOUT_SLASH = _said(
    "upload-url-without-slash",
    "The upload was sent to an address that only leads on to another one, most often one without its last slash; a "
    "client does not follow that with a credential. Nothing was taken.",
    "Write the upload address with its slash: https://upload.pypi.org/legacy/ or https://test.pypi.org/legacy/.",
    recognises=(
        "An upload was attempted to /legacy but the expected upload URL is /legacy/",
        "RedirectDetected: … attempted to redirect to",
        "Redirected URL is not in the same realm",
        "308 Permanent Redirect",
    ),
)
UPLOAD_URL_WRONG = _said(
    "upload-url-wrong",
    "The upload was sent to an address that takes none, such as the index's website or its simple page.",
    "Use the upload address: https://upload.pypi.org/legacy/ for PyPI, https://test.pypi.org/legacy/ for TestPyPI; "
    "another index's own is upload-url under [tool.towpath.index].",
    recognises=(
        "405 Method Not Allowed",
        "Method Not Allowed",
        "404 Not Found from …/legacy",
        "UploadToDeprecatedPyPIDetected",
        "This API has moved to https://upload.pypi.org/legacy/",
    ),
)
UPLOAD_API_GONE = _said(
    "upload-api-gone",
    "The client asked for something that PyPI does no more: to register a project before its first upload, or to take "
    "documentation.",
    "Use a client of these days (twine, uv publish, or `nox -s publish`): the first upload makes the project, and "
    "documentation goes elsewhere.",
    recognises=(
        "Project pre-registration is no longer required or supported",
        "Uploading documentation is no longer supported",
        "410 Gone",
    ),
)
UPLOAD_FORM_BROKEN = _said(
    "upload-form-broken",
    "The client sent a form that the index cannot use: a field is missing, doubled or sent in the wrong form, or there "
    "is no file or no digest with it.",
    "It is the client's doing, not the project's: bring twine or uv up to date. Where a program of your own uploads, "
    "compare its fields with https://docs.pypi.org/api/upload/.",
    recognises=(
        "Unknown protocol version.",
        "Include at least one message digest",
        "Use a valid, hex-encoded, SHA256 message digest",
        "Use a valid, hex-encoded, BLAKE2 message digest",
        "Use a valid, hex-encoded, MD5 message digest",
        "Upload payload does not have a file",
        "Should not be a tuple",
        "Invalid value for pyversion",
        "Python version is required for binary distribution uploads",
        "Use 'source' as Python version for an sdist",
    ),
)
FILETYPE_UNKNOWN = _said(
    "filetype-unknown",
    "The file was announced as something other than an sdist or a wheel, and PyPI takes no other kinds any more "
    "(eggs, installers, rpm).",
    "Build an sdist and a wheel: `nox -s build`, or `python -m build`.",
    recognises=("Invalid value for filetype", "Use a known file type"),
)
TOO_MANY_NEW_PROJECTS = _said(
    "too-many-new-projects",
    "The account or address has made as many new projects as PyPI allows in an hour. Nothing of this file was taken.",
    "Wait: the answer's header RateLimit says for how many seconds (`t=`), an hour at most. Then run it again.",
    retry=Retry.LATER,
    recognises=("Too many new projects created",),
)
ORGANIZATION_INACTIVE = _said(
    "organization-inactive",
    "The project belongs to an organization whose account on PyPI is inactive, so nobody can upload to it.",
    "An owner of the organization sees why on its page; it is mostly about billing. Write to PyPI's support, then run "
    "this again.",
    recognises=("Organization account owning this project is inactive",),
)
UPLOAD_DAMAGED = _said(
    "upload-damaged",
    "The bytes that arrived are not those whose digest was announced: they were damaged on the way, or the file "
    "changed while it was sent. Nothing was taken.",
    "Run it again once. If it stays so, nothing on this machine may write to dist/ meanwhile; compare the file with "
    "what was sealed (`nox -s build` puts the sealed bytes back).",
    retry=Retry.AS_IT_IS,
    recognises=("The digest supplied does not match a digest calculated from the uploaded file",),
)
SERVER_FAILED = _said(
    "server-failed",
    "A server failed while it answered (5xx). What was sent may have been taken or not: the answer says nothing of it.",
    "Do not guess, and do not build anew. Look what is there (`invoke status`), then send the very same bytes again: "
    "towpath does both by itself when it is run again.",
    retry=Retry.LATER,
    recognises=(
        "500 Internal Server Error",
        "Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "503 Service Temporarily Unavailable",
        "504 Gateway Timeout",
        "504 Gateway Time-out",
        "503 first byte timeout",
        "503 backend read error",
    ),
)
NOT_FOUND_ALONE = _said(
    "not-found-alone",
    "What was asked for is not there. On an index's simple page this alone means that there is no such project; "
    "any other failure leaves it unknown. The project page of a quarantined project answers so, too.",
    "Compare name and version with the index's own page, and mind that PyPI and TestPyPI hold different projects. Of a "
    "file that was just sent, wait: caches of the index lag behind.",
    recognises=("404 Not Found", "404 Client Error: Not Found", "HTTP error 404"),
)
ANSWER_FORM_NOT_OFFERED = _said(
    "answer-form-not-offered",
    "The client asked for the answer in a form (header Accept) that this address does not offer.",
    "Ask for `application/vnd.pypi.integrity.v1+json` or plain `application/json`; bring an older client up to date.",
    recognises=("406 Not Acceptable", "Request not acceptable", "Not Acceptable"),
)
NO_PROVENANCE = _said(
    "no-provenance",
    "The file is on the index without attestations: it was uploaded by a token, or by a client that attached none.",
    "Nothing is wrong with the file, and none can be added later. To have them on the next release, publish as a "
    "trusted publisher by `pypa/gh-action-pypi-publish`.",
    retry=Retry.NEVER,
    recognises=("No provenance available for",),
)
ATTESTATIONS_OFF = _said(
    "attestations-off",
    "PyPI has switched attestations off for the moment; the files themselves are not concerned.",
    "Wait and ask again, or publish without attestations. See https://status.python.org.",
    retry=Retry.LATER,
    recognises=("Attestations temporarily disabled",),
)
