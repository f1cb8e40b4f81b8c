"""What the tools around a release say: installers, uploaders, build front ends, the interpreter, the network.

Texts of pip, uv, twine, build, the gh-action-pypi-publish action and requests.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="pip, uv, twine, build")

INSTALLER_FINDS_NOTHING = _said(
    "installer-finds-nothing",
    "The installer sees no version of that package that it may take: it is not on this index, needs another Python, is "
    "a pre-release, is yanked, or is so new that a cache does not show it yet.",
    "Right after publishing, wait some minutes: `invoke status` tells apart what is absent and what is only stale. "
    "Else compare name and version with the index, the Python with requires-python, and add `--pre` for a pre-release.",
    retry=Retry.LATER,
    recognises=(
        "No matching distribution found for",
        "Could not find a version that satisfies the requirement",
        "was not found in the package registry",
        "there is no version of",
    ),
)
INSTALLER_HASH_DIFFERS = _said(
    "installer-hash-differs",
    "What was downloaded has another hash than the one that was asked for.",
    "Do not install it. Where a lock file is old, lock anew and look at the difference; where it is not, the file was "
    "changed on the way or on the index: compare with the index's own page from another network.",
    recognises=(
        "THESE PACKAGES DO NOT MATCH THE HASHES",
        "Hash mismatch for",
        "In --require-hashes mode, all requirements must have their versions pinned",
    ),
)
PYTHON_MANAGED_BY_SYSTEM = _said(
    "python-managed-by-system",
    "This Python belongs to the operating system, which does not let pip install into it.",
    "Make an environment: `python -m venv .venv` (or `uv venv`), and install there. The gates make their own and are "
    "not concerned.",
    recognises=("externally-managed-environment", "This environment is externally managed"),
)
PYTHON_NOT_SUPPORTED = _said(
    "python-not-supported",
    "The package says (requires-python) that it is not for this version of Python.",
    "Use another Python, or an older version of the package. If it is your own, correct requires-python and release "
    "anew: a published version cannot be changed.",
    recognises=(
        "requires a different Python",
        "Ignored the following versions that require a different python version",
    ),
)
DEPENDENCY_NOT_BUILT = _said(
    "dependency-not-built",
    "A dependency has no wheel for this Python and this system, and could not be built from its sources.",
    "Take a version of it that has a wheel, another Python, or install the compiler and headers that its own words "
    "above name.",
    recognises=(
        "Failed building wheel for",
        "Failed to build installable wheels for some pyproject.toml based projects",
        "error: command 'gcc' failed",
        "Microsoft Visual C++ 14.0 or greater is required",
        "Unable to find a compiler",
    ),
)
CERTIFICATE_REFUSED = _said(
    "certificate-refused",
    "The server's certificate could not be verified: a proxy puts its own in between, the certificates of this machine "
    "are old, or its clock is wrong.",
    "Never switch the verification off. Give the proxy's certificate (SSL_CERT_FILE, REQUESTS_CA_BUNDLE; for git "
    "http.sslCAInfo), or bring certificates and clock up to date.",
    recognises=(
        "CERTIFICATE_VERIFY_FAILED",
        "SSLCertVerificationError",
        "SSL certificate problem",
        "server certificate verification failed",
        "invalid peer certificate",
    ),
)
CONNECTION_LOST = _said(
    "connection-lost",
    "The connection broke, or no answer came in time. If it was an upload, the file may have been taken or not.",
    "Look at the network and the proxy, then run it again. Of an upload, ask the index first (`invoke status`): "
    "towpath does, and the same bytes may always be sent again.",
    retry=Retry.AS_IT_IS,
    recognises=(
        "Max retries exceeded with url",
        "Connection aborted",
        "Remote end closed connection without response",
        "Connection reset by peer",
        "ConnectionResetError",
        "Read timed out",
        "ReadTimeoutError",
        "ConnectTimeout",
        "NewConnectionError",
        "Name or service not known",
        "Temporary failure in name resolution",
        "nodename nor servname provided",
        "getaddrinfo failed",
        "error sending request for url",
        "operation timed out",
        "the remote end hung up unexpectedly",
        "RPC failed;",
    ),
)
PROXY_REFUSED = _said(
    "proxy-refused",
    "The proxy between this machine and the server did not let the request through.",
    "Correct HTTPS_PROXY and NO_PROXY, or the proxy's user and password; the server itself was not asked.",
    recognises=("407 Proxy Authentication Required", "ProxyError", "Tunnel connection failed"),
)
NOTHING_TO_UPLOAD = _said(
    "nothing-to-upload",
    "The uploader was given no file: dist/ is empty, or the pattern fits nothing.",
    "Build first (`nox -s build`). In a workflow, the job that publishes must download what the build job made, into "
    "the folder that it publishes from.",
    recognises=(
        "Cannot find file (or expand pattern)",
        "No files found to publish",
        "It looks like there are no Python distribution packages to publish in the directory",
    ),
)
UPLOADER_OUTDATED = _said(
    "uploader-outdated",
    "The uploader cannot read the metadata of the file: mostly it is older than the build backend that wrote it.",
    "Bring twine and packaging up to date (`python -m pip install --upgrade twine packaging`). If they are, the file "
    "is damaged: build it again.",
    recognises=(
        "Metadata is missing required fields",
        "Invalid distribution metadata",
        "unrecognized or malformed field",
        "Unknown distribution format",
    ),
)
SKIP_EXISTING_UNSUPPORTED = _said(
    "skip-existing-unsupported",
    "`--skip-existing` was asked for an index at which twine cannot do it. It proves nothing anyway: it passes over "
    "files of the same name, whatever they hold.",
    "Leave the option out. `nox -s publish` compares by sha256, sends what is missing and refuses other bytes.",
    recognises=("does not have support for the following features: --skip-existing",),
)
PYPIRC_SECTION_MISSING = _said(
    "pypirc-section-missing",
    "The uploader was told the name of an index that stands in no .pypirc and in no configuration.",
    "Correct the name, or give the index under [tool.towpath.index] (for twine alone: in ~/.pypirc).",
    recognises=("Missing '…' section from", "InvalidConfiguration", "Found no index with the name"),
)
BUILD_BACKEND_MISSING = _said(
    "build-backend-missing",
    "The build backend cannot be imported where the distribution is built.",
    "Name it and what it needs in build-system.requires of pyproject.toml: an isolated build has nothing else.",
    recognises=(
        "BackendUnavailable",
        "Cannot import 'setuptools.build_meta'",
        "Backend '…' is not available",
        "does not appear to be a Python project: neither 'setup.py' nor 'pyproject.toml' found",
    ),
)
PACKAGES_NOT_FOUND_BY_BACKEND = _said(
    "packages-not-found-by-backend",
    "The build backend does not know which folder is the package: none has the project's name, or several could be it.",
    "Tell it: `packages` under [tool.setuptools] or [tool.hatch.build.targets.wheel], `module` under [tool.flit]; or "
    "name the folder as the project is named.",
    recognises=(
        "Multiple top-level packages discovered in a flat-layout",
        "Multiple top-level modules discovered in a flat-layout",
        "Unable to determine which files to ship inside the wheel",
        "No file/folder found for package",
        "No file/folder found with name",
    ),
)
