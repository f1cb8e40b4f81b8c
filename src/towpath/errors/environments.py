"""Errors of environments and interpreters."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

BAD_PYTHON_REQUEST = Kind(
    "bad-python-request",
    "{request!r} does not name a Python.",
    "Write a version such as 3.12, 3.12.1 or pypy3.10.",
    exit_code=2,
)
PYTHON_NOT_FOUND = Kind(
    "python-not-found",
    "Python {request} is required and was not found on this machine. Found: {found}.",
    "Install it (`uv python install {request}`, pyenv, your system's packages; with fetch-pythons = true uv does it). "
    "Required are those that `python` in [tool.towpath] lists; without a list, the lowest that requires-python allows "
    'and the one in use. One that may be missing is declared there: missing-pythons = {{ "{request}" = "why" }}.',
    recognises=(
        "No interpreter found for Python",
        "Python interpreter … not found",
    ),
)
NO_PYTHON_LEFT = Kind(
    "no-python-left",
    "Every Python of this project is one that may be missing ({missing}), and none of them is here: nothing would run.",
    "Install one of them, or take one off missing-pythons in [tool.towpath].",
)
PYTHON_NOT_FETCHED = Kind(
    "python-not-fetched",
    "Python {request} is required and not on this machine, and uv could not install it.",
    "Read uv's own words below (most often the network: uv takes Pythons from GitHub), or install it by other means.",
)
NO_UV = Kind(
    "no-uv",
    "uv is asked for by the configuration and is neither installed beside towpath nor on PATH.",
    "Install it with `pip install uv`, or configure the installer as auto or pip.",
)
BAD_PIP_CONFIGURATION = Kind(
    "bad-pip-configuration",
    "pip's configuration file {path} cannot be read: {why}.",
    "Correct the file (`pip config debug` lists all of them), or set PIP_INDEX_URL, which goes before it.",
)
ENVIRONMENT_NOT_MADE = Kind(
    "environment-not-made",
    "No virtual environment could be made of {python} with {tool}.",
    "Read the last lines below. Where venv or ensurepip is missing, install your system's python3-venv "
    "package, or uv, which needs neither.",
)
ENVIRONMENT_BUSY = Kind(
    "environment-busy",
    "The environment {folder} was in use by another run for more than {minutes} minutes.",
    "Wait until the other run has ended, or end it, then run this again.",
    retry=Retry.LATER,
)
UNRESOLVABLE = Kind(
    "unresolvable",
    "The requirements cannot be met together on Python {python}: {what}.",
    "Read {tool}'s explanation below. Loosen or correct the requirement that it names, or take this Python "
    "off the list if the requirement no longer supports it.",
    recognises=(
        "ResolutionImpossible",
        "No solution found when resolving dependencies",
        "because these package versions have conflicting dependencies",
    ),
)
INDEX_OUT_OF_REACH = Kind(
    "index-out-of-reach",
    "{tool} could not reach the package index to install for Python {python}: {what}.",
    "Look at the network, the proxy and the configured index (UV_DEFAULT_INDEX, PIP_INDEX_URL, pip's "
    "configuration), then run this again.",
    retry=Retry.LATER,
)
NOT_INSTALLED = Kind(
    "not-installed",
    "{tool} could not install for Python {python}: {what}.",
    "Read the last lines below: most often a dependency has no wheel for this Python and does not build here.",
)
