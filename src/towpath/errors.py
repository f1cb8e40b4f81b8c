"""The error catalogue: what can go wrong, why, and what to do about it.

An error is data. A `Kind` stands here once, a `Problem` is one occurrence of it with the facts filled in,
and `TowpathError` carries one or more problems to whoever shows them. Nothing here renders itself.
"""

from __future__ import annotations

import errno
import string
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = "docs/reference/errors.md"


@dataclass(frozen=True, slots=True)
class Problem:
    """One occurrence of an error: what happened, and what to do.

    `detail` holds the last lines that matter of another program's output; `exit_code` is 1 where a gate
    stays closed or a problem was found, 2 where the call or the configuration is wrong.
    """

    id: str
    cause: str
    fix: str
    exit_code: int = 1
    detail: str = ""
    log: str = ""

    @property
    def link(self) -> str:
        """Where the documentation explains this error."""
        return f"{DOCS}#{self.id}"


class TowpathError(Exception):
    """One or more problems, to be shown together."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.cause for problem in problems))
        self.problems = problems

    @property
    def exit_code(self) -> int:
        """2 if any problem lies in the call or the configuration, else 1."""
        return max(problem.exit_code for problem in self.problems)


def _encodable(text: str) -> str:
    """Names of files that are not UTF-8 reach us with lone surrogates, which no report could be written with."""
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the catalogue: the cause and the fix as templates over named facts."""

    id: str
    cause: str
    fix: str
    exit_code: int = 1
    facts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = {name for text in (self.cause, self.fix) for _, name, _, _ in string.Formatter().parse(text) if name}
        object.__setattr__(self, "facts", frozenset(names))

    def problem(self, *, detail: str = "", log: str = "", **facts: object) -> Problem:
        """This error with its facts. Raises KeyError if a fact that the texts name is missing."""
        return Problem(
            self.id,
            _encodable(self.cause.format(**facts)),
            _encodable(self.fix.format(**facts)),
            self.exit_code,
            _encodable(detail.strip("\n")),
            log,
        )

    def error(self, *, detail: str = "", log: str = "", **facts: object) -> TowpathError:
        """The exception that carries this one problem."""
        return TowpathError(self.problem(detail=detail, log=log, **facts))


def catalogue() -> dict[str, Kind]:
    """Every kind of error, by id, in the order of this file."""
    return {kind.id: kind for kind in globals().values() if isinstance(kind, Kind)}


# ---- the call and the configuration (exit 2) -----------------------------------------------------------

UNKNOWN_OPTION = Kind(
    "unknown-option",
    "{option!r} is not an option of {command}.",
    "Use one of: {options}.",
    exit_code=2,
)
MISSING_VALUE = Kind("missing-value", "{option} needs a value.", "Write {option} {example}.", exit_code=2)
UNKNOWN_NAME = Kind(
    "unknown-name",
    "There is no {kind} {name!r}.",
    "{suggestion}Known are: {known}.",
    exit_code=2,
)
BAD_CONFIGURATION = Kind(
    "bad-configuration",
    "In pyproject.toml, {where}: {what}.",
    "{suggestion}Correct [tool.towpath] in pyproject.toml.",
    exit_code=2,
)

# ---- the project --------------------------------------------------------------------------------------

NO_PYPROJECT = Kind(
    "no-pyproject",
    "There is no pyproject.toml in {folder}.",
    "Run towpath from the root of a Python project, beside its pyproject.toml.",
    exit_code=2,
)
BAD_TOML = Kind("bad-toml", "{path} does not parse: {why}.", "Correct the TOML at that place.", exit_code=2)
NO_PROJECT_NAME = Kind(
    "no-project-name",
    "pyproject.toml gives the project no name.",
    "Set name under [project] (or under [tool.poetry]).",
    exit_code=2,
)
NO_VERSION = Kind(
    "no-version",
    "No version was found: {where}.",
    "Set a static version under [project] or [tool.poetry], or a literal __version__ in the file "
    "that the build backend reads it from.",
    exit_code=2,
)
BAD_VERSION = Kind(
    "bad-version",
    "{where} says {version!r}, which is not a version by PEP 440.",
    "Write a version such as 1.2.0, 1.2.0rc1 or 1.2.0.post1.",
    exit_code=2,
)
BAD_PART = Kind(
    "bad-part",
    "There is no part {part!r} of the version {version}.",
    "Use one of: {known}.",
    exit_code=2,
)

# ---- network ------------------------------------------------------------------------------------------

OUTSIDE_REHEARSAL = Kind(
    "outside-rehearsal",
    "The rehearsal tried to reach {host}, which is not this machine; the request was not made.",
    "A rehearsal talks to loopback only. If a gate of your own needs the network, give it a shared effect, "
    "so that it is left out of rehearsals.",
)

# ---- git ----------------------------------------------------------------------------------------------

NO_GIT = Kind("no-git", "git was not found on PATH.", "Install git, or put its folder on PATH.")
NOT_A_REPOSITORY = Kind(
    "not-a-repository",
    "{folder} is not in a git repository.",
    "Run `git init` and commit, or go to the project's repository. A release is of a commit.",
    exit_code=2,
)
FOREIGN_REPOSITORY = Kind(
    "foreign-repository",
    "git does not trust the repository of {folder}, because it belongs to somebody else.",
    "Make it yours, or say that you trust it: `git config --global --add safe.directory {folder}`.",
    exit_code=2,
)
NO_COMMIT = Kind(
    "no-commit",
    "The repository of {folder} has no commit yet.",
    "Commit the project first: `git add .`, then `git commit`. A release is of a commit.",
    exit_code=2,
)
GIT_FAILED = Kind(
    "git-failed",
    "`git {command} …` failed with status {status}.",
    "Read git's own words below, and run the command by hand to see more.",
)

# ---- the walk -----------------------------------------------------------------------------------------

BAD_WORLD = Kind(
    "bad-world",
    "{path}, named by TOWPATH_WORLD, is no world that a walk of ours has written: {why}.",
    "Unset TOWPATH_WORLD. It is set by `nox -s release` for its own children only.",
    exit_code=2,
)
WALK_BUSY = Kind(
    "walk-busy",
    "Another walk is under way in this repository (process {pid}).",
    "Wait until it has ended, or end it; two walks would mix what they find.",
)
NOT_ON_ROUTE = Kind(
    "not-on-route",
    "The gate {gate} is not on the route of this walk.",
    "Run it for a target that it belongs to; `invoke plan` shows the route.",
)
PART_FOR_REAL = Kind(
    "part-for-real",
    "--part {part} is for rehearsals; a real release is of the version that is committed.",
    "Bump first (`invoke bump --part {part}`), then release.",
    exit_code=2,
)
NOT_CONFIRMED = Kind(
    "not-confirmed", "The question was answered with no; nothing was done.", "Run it again when it is time."
)
NARROWED = Kind(
    "narrowed",
    "{gate} has an effect that others see, and this run was altered ({why}); nothing was done.",
    "Leave out or unset what is named, then run it again.",
    exit_code=2,
)
NOT_SEALED = Kind(
    "not-sealed",
    "{gate} passed, but the run was narrowed or altered ({why}), so it proves nothing.",
    "Unset or leave out what is named, then run it again.",
)
GATE_BROKEN = Kind(
    "gate-broken",
    "{gate} was ended by {why} before it had found anything.",
    "Run it again; if nobody interrupted it, please report this with the lines below.",
)
SESSION_ENDED = Kind(
    "session-ended",
    "The session {session} ended with {code} and left no word.",
    "Read the last lines below, and the whole log.",
)

# ---- evidence -----------------------------------------------------------------------------------------

EVIDENCE_MISSING = Kind(
    "evidence-missing",
    "The gate {gate} is not proven for this version.",
    "Run `nox -s {session}` first.",
)
EVIDENCE_FAILED = Kind(
    "evidence-failed",
    "The gate {gate} stayed closed when it was last run.",
    "Mend what it named, then run `nox -s {session}` again.",
)
EVIDENCE_STALE = Kind(
    "evidence-stale",
    "The evidence of {gate} is about another {what} ({then}, now {now}).",
    "Run `nox -s {session}` again, about what is there now.",
)
EVIDENCE_BROKEN = Kind(
    "evidence-broken",
    "The record {path} is not to be trusted: {why}.",
    "Delete that file and run its gate again. Nobody but towpath should write there.",
)
EVIDENCE_CHAIN = Kind(
    "evidence-chain",
    "{gate} was proven on the strength of {below}, which has changed or gone since.",
    "Run `nox -s {session}` again; it will name what else it needs.",
)
FILE_MISSING = Kind(
    "file-missing", "{file} was sealed by build and is gone.", "Run `nox -s build`: it puts the sealed files back."
)
FILE_FOREIGN = Kind(
    "file-foreign",
    "{file} was not sealed by build.",
    "Move it away: dist/ holds the sealed files and nothing else, so that nothing unproven is ever sent.",
)
FILE_ALTERED = Kind(
    "file-altered",
    "{file} is not the file that build sealed (sha256 {then}…, now {now}…).",
    "Delete it and run `nox -s build`, which puts the sealed bytes back; then find out who changed it.",
)

# ---- versions and changelog ---------------------------------------------------------------------------

NOT_NEWER = Kind(
    "not-newer",
    "{new} is not newer than {version}.",
    "Choose another part, or name a newer version with --to.",
    exit_code=2,
)
PLACE_CHANGED = Kind(
    "place-changed",
    "{path}, line {line}, no longer holds {value!r}: the file was changed in the meantime.",
    "Run the command again.",
)
PLACE_MISSING = Kind(
    "place-missing",
    "The version should stand in {path} as {pattern!r}, but {why}.",
    "Correct the path or the pattern in [tool.towpath], or take the place out there.",
    exit_code=2,
)
OUT_OF_STEP = Kind(
    "out-of-step",
    "{path}, line {line}, says {value}, but the version is {version}.",
    "Run `invoke bump` with --repair, which writes the version at every place, or correct the line by hand.",
)
NO_CHANGELOG_ENTRY = Kind(
    "no-changelog-entry",
    "The changelog has neither an entry for {version} nor an Unreleased section.",
    "Write what changed under a heading Unreleased, above the newest version.",
)

# ---- the gates' own findings --------------------------------------------------------------------------

COMMAND_NOT_FOUND = Kind(
    "command-not-found",
    "The command {command!r} is not in the gate's environment and not on PATH.",
    "Declare the tool in a dependency group and name the group in [tool.towpath], or correct the command.",
)
COMMAND_FAILED = Kind(
    "command-failed",
    "`{command}` ended with {code}.",
    "Mend what it names; run the same gate alone for the whole output.",
)
NO_TEST_RAN = Kind(
    "no-test-ran",
    "`{command}` ran no test ({skipped} skipped).",
    "Look at testpaths and at the skip conditions: a run without a test proves nothing.",
)
TREE_CHANGED = Kind(
    "tree-changed",
    "The project's files changed while {gate} ran, so what it found is about no one tree.",
    "Add what the gate writes to .gitignore, or do not edit while it runs; then run it again.",
)
INSECURE_CODE = Kind(
    "insecure-code",
    "bandit found {count} places of {severity} severity or above.",
    "Mend them, or mark a false alarm with `# nosec` and its reason; the threshold is severity in "
    "[tool.towpath.security].",
)
UNSCANNED_CODE = Kind(
    "unscanned-code",
    "bandit could not read {count} files, so they were not looked at.",
    "Mend the syntax, or exclude files that are no Python of yours under [tool.bandit].",
)
NOTHING_SCANNED = Kind(
    "nothing-scanned",
    "{tool} looked at {where} and read nothing there, so it found nothing.",
    "Look at the layout of the project, and at what the tool's own configuration excludes.",
)
SECRETS_FOUND = Kind(
    "secrets-found",
    "{count} things that look like secrets stand in the files.",
    "Take them out and revoke them: what was committed is known. Mark a false alarm with "
    "`# pragma: allowlist secret`, or keep a .secrets.baseline (detect-secrets).",
)
UNREADABLE_REPORT = Kind(
    "unreadable-report",
    "{tool} left no report that can be read, so nothing is known.",
    "Read its own words below; run the gate again, or pin another version of the tool in a dependency group.",
)

# ---- distributions ------------------------------------------------------------------------------------

BUILD_FAILED = Kind(
    "build-failed",
    "`python -m build` ended with {code}.",
    "Read the backend's own words above; `python -m build` in a fresh clone shows the same.",
)
WRONG_DISTRIBUTIONS = Kind(
    "wrong-distributions",
    "The build left {names}; wanted are one sdist and at least one wheel.",
    "Look at the build backend's configuration.",
)
DAMAGED_DISTRIBUTION = Kind(
    "damaged-distribution", "{file} cannot be read: {why}.", "Build again with a standard backend."
)
VERSION_DIFFERS = Kind(
    "version-differs",
    "{what} says {found}, but the version is {wanted}.",
    "Let every place say the same version: bump with `invoke bump`, or read it from the installed metadata.",
)
DIST_TRACKED = Kind(
    "dist-tracked",
    "git tracks files in dist/, such as {file}; build replaces what lies there.",
    "Take dist/ out of git (`git rm -r --cached dist`) and add it to .gitignore.",
)
LOCAL_VERSION = Kind(
    "local-version",
    "{version} is a local version (`+…`), which {index} refuses.",
    "Release a version without the part behind the plus.",
)
DIRTY_TREE = Kind(
    "dirty-tree",
    "There is uncommitted work, but {gate} is about a commit.",
    "Commit or stash it. A rehearsal (`nox -s release`) takes uncommitted work along.",
)
NAME_DIFFERS = Kind(
    "name-differs",
    "{file} is of the project {found!r}, not {wanted!r}.",
    "Let the backend's configuration and pyproject.toml give the same name.",
)
DOES_NOT_FIT = Kind(
    "does-not-fit",
    "What {file} brings along does not fit together.",
    "Mend the project's dependencies; the installer's own words are below.",
)
NO_MODULES = Kind(
    "no-modules",
    "{name} installs no module that can be imported.",
    "Look at what the build backend puts into the wheel: a wheel without code is no release.",
)
IMPORT_FAILED = Kind(
    "import-failed",
    "{count} modules cannot be imported where only the distribution and its dependencies are installed: {modules}.",
    "Declare the missing dependency, import it late, or name the module with its reason under skip-imports in "
    "[tool.towpath.verify-install].",
)
IMPORTED_ELSEWHERE = Kind(
    "imported-elsewhere",
    "{modules} came from outside the clean environment, so the distribution was not what was tested.",
    "Look for path tricks (.pth files, sys.path) in the package.",
)
PROBE_ENDED = Kind(
    "probe-ended",
    "The process that imported the modules {how}.",
    "A module ends or blocks the process when it is imported; guard it by `if __name__ == '__main__'`.",
)

# ---- tagging and publishing ---------------------------------------------------------------------------

NO_REMOTE = Kind(
    "no-remote",
    "The repository has no remote {remote!r} to push the tag to.",
    "Add it (`git remote add {remote} URL`), or name another as remote in [tool.towpath.tag].",
)
DETACHED_HEAD = Kind(
    "detached-head",
    "HEAD is detached, so there is no branch to push together with {tag}.",
    "Check out the branch that is released: `git switch BRANCH`. A checkout of the tag itself needs none.",
)
TAG_ELSEWHERE = Kind(
    "tag-elsewhere",
    "{tag} is on another commit in {where}: {commit}.",
    "A tag is never moved. Either check that commit out, or release the next version: `invoke bump --part patch`.",
)
TAG_LIGHT = Kind(
    "tag-light",
    "{tag} is here already, as a light tag: it names neither who made it nor when.",
    "Delete it (`git tag --delete {tag}`); the gate makes an annotated one on the proven commit.",
)
PUSH_REFUSED = Kind(
    "push-refused",
    "{remote} took neither the tag nor {branch}; nothing of it has changed.",
    "Most often the branch moved on: pull, let the gates prove the new commit, then run this again.",
)
INDEX_UNREACHABLE = Kind(
    "index-unreachable",
    "The index {index} did not answer as one: {why}.",
    "Nothing is known of what it holds. Look at the network and at its status page, then run this again.",
)
INDEX_OTHER_BYTES = Kind(
    "index-other-bytes",
    "{index} has {file} already, with other bytes (sha256 {there}…, sealed {sealed}…).",
    "An index never takes other bytes under a used name. Release a new version: `invoke bump --part patch`.",
)
VERSION_TAKEN = Kind(
    "version-taken",
    "{index} has {file} already, and it was not sealed here: {version} is taken.",
    "Release the next version: `invoke bump --part patch`. A file name can never be used again.",
)
INDEX_INCOMPLETE = Kind(
    "index-incomplete",
    "{index} does not show {file} although it was sent.",
    "Run this again: the same bytes are sent again, which is safe.",
)
UPLOAD_REFUSED = Kind(
    "upload-refused",
    "{index} refused {file}: {status} {reason}",
    "Read the index's own words; nothing of this file was taken. Running this again goes on where it stopped.",
)
UPLOAD_BROKEN = Kind(
    "upload-broken",
    "The connection to {index} ended while {file} was sent: {why}.",
    "Run this again: the index is asked first, and only what is missing is sent.",
)
NO_CREDENTIAL = Kind(
    "no-credential",
    "There is no credential for {index}: no trusted publisher's identity, and {variable} is not set.",
    "Publish from the workflow that is registered as trusted publisher, or set {variable} to an API token.",
)
EXCHANGE_FAILED = Kind(
    "exchange-failed",
    "{index} did not give a token for this run's identity: {why}",
    "Compare the publisher registered on the index with this run: owner, repository, workflow file, environment.",
)
DOWNLOAD_DIFFERS = Kind(
    "download-differs",
    "{file} as downloaded from {index} is not the sealed file (sha256 {there}…, sealed {sealed}…).",
    "Do not announce this release. Look at the index and at what lies between, then plan a yank.",
)
NO_FORGE = Kind(
    "no-forge",
    "No forge is known: the remote is not on GitHub, and none is configured.",
    "Set repository (and api-url) in [tool.towpath.github-release], or leave the gate out: "
    '`sessions(RELEASE.without("github-release"))`.',
)
NO_FORGE_TOKEN = Kind(
    "no-forge-token",
    "There is no token for {forge}: GITHUB_TOKEN is not set.",
    "In GitHub Actions give the job `contents: write` and pass GITHUB_TOKEN; here set it to a token of yours.",
)

# ---- environments -------------------------------------------------------------------------------------

BAD_PYTHON_REQUEST = Kind(
    "bad-python-request",
    "{request!r} does not name a Python.",
    "Write a version such as 3.12, 3.12.1 or pypy3.10.",
    exit_code=2,
)
PYTHON_NOT_FOUND = Kind(
    "python-not-found",
    "Python {request} is required and was not found on this machine. Found: {found}.",
    "Install it (`uv python install {request}`, pyenv, your system's packages), or take it off the list of "
    "required Pythons under [tool.towpath] in pyproject.toml.",
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
)
UNRESOLVABLE = Kind(
    "unresolvable",
    "The requirements cannot be met together on Python {python}: {what}.",
    "Read {tool}'s explanation below. Loosen or correct the requirement that it names, or take this Python "
    "off the list if the requirement no longer supports it.",
)
INDEX_OUT_OF_REACH = Kind(
    "index-out-of-reach",
    "{tool} could not reach the package index to install for Python {python}: {what}.",
    "Look at the network, the proxy and the configured index (UV_DEFAULT_INDEX, PIP_INDEX_URL, pip's "
    "configuration), then run this again.",
)
NOT_INSTALLED = Kind(
    "not-installed",
    "{tool} could not install for Python {python}: {what}.",
    "Read the last lines below: most often a dependency has no wheel for this Python and does not build here.",
)

# ---- forge --------------------------------------------------------------------------------------------

FORGE_OUT_OF_REACH = Kind(
    "forge-out-of-reach",
    "{host} could not be reached: {why}.",
    "Look at the network and the proxy, then run this again: what is on the forge already is found and kept.",
)
FORGE_BROKEN = Kind(
    "forge-broken",
    "{host} answered with its own failure (status {status}).",
    "Wait a little and run this again: what is on the forge already is found and kept. For GitHub see "
    "https://www.githubstatus.com.",
)
FORGE_UNAUTHORIZED = Kind(
    "forge-unauthorized",
    "{host} did not accept the token, or none was given (status 401).",
    "In GitHub Actions pass GITHUB_TOKEN to this job; elsewhere make a new token, as the old one may have "
    "expired or been revoked.",
)
FORGE_FORBIDDEN = Kind(
    "forge-forbidden",
    "{host} does not let this token change releases of {repository} (status 403).",
    "Give the job `permissions: contents: write`, or the token the right to write the repository's contents.",
)
FORGE_RATE_LIMITED = Kind(
    "forge-rate-limited",
    "{host} takes no more requests from this token or address for now.",
    "Run this again {again}: what is on the forge already is found and kept.",
)
FORGE_NOT_FOUND = Kind(
    "forge-not-found",
    "{host} knows no repository {repository}, or does not show it to this token (status 404).",
    "Correct the repository's name, or give the token access to it: a private one looks as if it were not there.",
)
FORGE_REFUSED = Kind(
    "forge-refused",
    "{host} refused the release (status {status}).",
    "Mend what its message below names, then run this again.",
)
FORGE_MOVED = Kind(
    "forge-moved",
    "{host} says that {repository} has another name or address now.",
    "Set the new one as the repository's remote and in [tool.towpath]; nothing was written to the new one.",
)
FORGE_OTHER_HOST = Kind(
    "forge-other-host",
    "{host} named {other} for a request that carries the token; the request was not made.",
    "Look whether a proxy or the API's base URL in [tool.towpath] leads to another server than you mean.",
)
FORGE_FILE_DIFFERS = Kind(
    "forge-file-differs",
    "The release {tag} has a file {file} with other bytes than the sealed one.",
    "Nothing was changed. Look at {page}: delete that file there if it is not wanted and run this again. If "
    "people may have downloaded it, release a new version instead.",
)
FORGE_FILE_LOST = Kind(
    "forge-file-lost",
    "The release {tag} does not show these files after they were sent: {files}.",
    "Run this again; they are sent again.",
)
FORGE_FILE_RENAMED = Kind(
    "forge-file-renamed",
    "The forge stored {file} as {given}: it allows only letters, digits, dots and dashes in names.",
    "Delete that file from the release and give it a name of such characters.",
)
FORGE_RELEASE_IMMUTABLE = Kind(
    "forge-release-immutable",
    "The release {tag} is published and immutable; it lacks: {files}.",
    "No file can be added any more. Let towpath make the release instead of publishing it by hand: it sends "
    "the files to a draft first.",
)

# ---- disk ---------------------------------------------------------------------------------------------

NO_SPACE = Kind(
    "no-space",
    "The disk is full: could not {doing}.",
    "Make room, then run this again; nothing half-written is taken for finished.",
)
NOT_WRITABLE = Kind(
    "not-writable",
    "Not allowed to write at {path}: could not {doing}.",
    "Give yourself the right to write there; for environments, or set TOWPATH_CACHE_DIR to another folder.",
)
DISK_FAILURE = Kind(
    "disk-failure",
    "Could not {doing}: {why}.",
    "Look at the path and the disk that the message names, then run this again.",
)

# ---- the audit ----------------------------------------------------------------------------------------

AUDIT_TAG_DIFFERS = Kind(
    "audit-tag-differs",
    "{tag} is on a commit where {path}, line {line}, says {value}: what is built there is not {version}.",
    "Never move the tag. Release the next version with `invoke bump`, which writes every place before it is tagged.",
)
AUDIT_PLACES_DIFFER = Kind(
    "audit-places-differ",
    "At {tag}, {where} says {version}, but {others}.",
    "Nothing can be changed in a released version. See that the places agree now: `invoke bump` writes all of them.",
)
AUDIT_UNREADABLE_TAG = Kind(
    "audit-unreadable-tag",
    "The tag {tag} spells no version, so whatever was to publish it did not, and nothing said so.",
    "If that version was never published, release it anew under a tag that is spelled well; then delete this one "
    "here and on the remote.",
)
AUDIT_UNREADABLE_TREE = Kind(
    "audit-unreadable-tree",
    "What stands at {tag} cannot be read: {why}.",
    "Nothing can be built from it. Release the next version, and yank this one if it is on an index.",
)
AUDIT_TWO_TAGS = Kind(
    "audit-two-tags",
    "{version} has more than one tag: {tags}.",
    "Find out which one was published (compare the sdist with the trees); delete the others, here and on the remote.",
)
AUDIT_BACKWARDS = Kind(
    "audit-backwards",
    "On {branch}, {tag} comes after {before}, although it is the older version.",
    "Release an older line on a branch of its own. If the newer number was a slip, yank that version.",
)
AUDIT_TAG_MOVED = Kind(
    "audit-tag-moved",
    "{tag} is on {here} here and on {there} on {remote}: one of them was moved.",
    "Find out which commit was published. If the remote is right: `git tag --delete {tag}`, then `git fetch --tags`.",
)
AUDIT_TAG_UNPUSHED = Kind(
    "audit-tag-unpushed",
    "{tag} is not on {remote}.",
    "If it is the tag of a release, push it: `git push {remote} {tag}`. Else delete it: `git tag --delete {tag}`.",
)
AUDIT_UNPUBLISHED = Kind(
    "audit-unpublished",
    "{tag} is there, but {index} has no file of {version}.",
    "If the release stopped half-way, check the tag out and go on (`nox -s release`); else release the next version "
    "and say in the changelog that this one was not published.",
)
AUDIT_UNTAGGED = Kind(
    "audit-untagged",
    "{index} has {version}, but there is no tag of it.",
    "Fetch first: `git fetch --tags`. If there is none, find the commit that the sdist was built from and tag it; do "
    "not if you are not sure.",
)
AUDIT_HALF_YANKED = Kind(
    "audit-half-yanked",
    "{yanked} of the {files} files of {version} on {index} are yanked.",
    "Yank the others, too, or take the yank back: installers choose by file, so people get different things.",
)
AUDIT_PRERELEASE = Kind(
    "audit-prerelease",
    "{version} is a pre-release, and {index} is where final releases go.",
    "Yank it there if nobody is to find it. Pre-releases go to the test index.",
)
AUDIT_NO_ENTRY = Kind(
    "audit-no-entry",
    "{version} was released, and the changelog says nothing of it.",
    "Write its entry now: people look for it there.",
)
AUDIT_EMPTY_ENTRY = Kind(
    "audit-empty-entry",
    "{version} was released, and its entry in the changelog is empty.",
    "Write what changed, or that nothing did.",
)
AUDIT_ENTRY_UNRELEASED = Kind(
    "audit-entry-unreleased",
    "{version} was released, and the changelog still calls it unreleased.",
    "Write the date of its release into the heading.",
)
AUDIT_ENTRY_ALONE = Kind(
    "audit-entry-alone",
    "The changelog has an entry for {version}, which has neither a tag nor a file on an index.",
    "If it never came out, move what it says to the version that brought it; else look for its tag.",
)
AUDIT_YANK_UNSAID = Kind(
    "audit-yank-unsaid",
    "{version} is yanked on {index}, and the changelog does not say so.",
    "Add [YANKED] to the heading of its entry and say why, as Keep a Changelog asks for.",
)
AUDIT_NOT_YANKED = Kind(
    "audit-not-yanked",
    "The changelog calls {version} yanked, but on {index} it is not.",
    "Yank it there, or take the word out of the heading.",
)

# ---- the bump -----------------------------------------------------------------------------------------

BUMP_WHAT = Kind(
    "bump-what",
    "A bump needs to be told one thing: {given}.",
    "Write `invoke bump --part minor`, or `invoke bump --to 1.2.0`; `--repair` alone mends the places.",
    exit_code=2,
)
VERSION_NOT_CHOSEN = Kind(
    "version-not-chosen",
    "{tool} takes the version from git, and HEAD is neither tagged nor a release commit.",
    "Run `invoke bump --part patch`: it makes the release commit, whose trailer says the version.",
)
BUMP_DIRTY = Kind(
    "bump-dirty",
    "Files that git tracks hold changes that are not committed: {files}.",
    "Commit or stash them; a bump commits the version alone.",
)
GIT_BUSY = Kind(
    "git-busy",
    "git is in the middle of something: {what} is there.",
    "Finish or abort it (`git status` says what it is). If no git is at work, an index.lock is left over: delete it.",
)
BUMP_BUSY = Kind(
    "bump-busy",
    "Another bump is under way in this repository.",
    "Wait until it has ended, then run this again.",
)
WRONG_BRANCH = Kind(
    "wrong-branch",
    "This is the branch {branch}, and releases are made on {wanted}.",
    "`git switch {wanted}`, or correct branch in [tool.towpath.bump].",
)
BEHIND_REMOTE = Kind(
    "behind-remote",
    "{remote} has commits of {branch} that are not here ({commit}).",
    "`git pull`, look at what came, then run this again.",
)
REMOTE_UNKNOWN = Kind(
    "remote-unknown",
    "{remote} did not answer, so its branch and its tags are unknown.",
    "Look at the network and your access, then run this again. `--offline` goes on without asking it.",
)
INDEX_UNKNOWN = Kind(
    "index-unknown",
    "Whether {index} has {version} already is unknown: {why}",
    "Look at the network, then run this again. `--offline` goes on without asking it.",
)
TAG_EXISTS = Kind(
    "tag-exists",
    "{version} is tagged already, as {tag} in {where}.",
    "A tag is never moved. Choose the next version: another --part, or --to.",
)
EMPTY_CHANGELOG = Kind(
    "empty-changelog",
    "{path} says nothing about {version}: its section is empty.",
    "Write what changed under Unreleased, commit it, then run this again.",
)
NO_SUCH_CHANGELOG = Kind(
    "no-such-changelog",
    "There is no changelog {path}.",
    "Correct changelog in [tool.towpath.bump], or take it out there: towpath finds the usual names.",
    exit_code=2,
)
PLACE_UNTRACKED = Kind(
    "place-untracked",
    "{path} holds the version, and git does not track it, so no commit can carry the bump.",
    "`git add {path}` and commit it, or take the place out of [tool.towpath.bump].",
)
SAME_FILE = Kind(
    "same-file",
    "{paths} are one file, and the bump would write it differently by each name.",
    "Declare the places of that file by one of its names only.",
    exit_code=2,
)
NOT_READ_BACK = Kind(
    "not-read-back",
    "After the bump {path} would not say {version}; nothing was written.",
    "Look at how the version stands there: it must be plain text that the build backend reads.",
)
BUMP_OVERTAKEN = Kind(
    "bump-overtaken",
    "{what} changed after the plan was shown; it was not written over.",
    "Run it again: the plan is made anew.",
)
COMMIT_REFUSED = Kind(
    "commit-refused",
    "git made no commit: a hook, the signing or git itself refused. The bump's files are as they were before.",
    "Read its words below, mend what they name, then run this again.",
)
HOOK_CHANGED_VERSION = Kind(
    "hook-changed-version",
    "A git hook changed the commit, and {what}. The commit was taken back, and the files are as they were before.",
    "Let the hook leave the places of the version alone, then run this again.",
)
NO_SUCH_VERSION = Kind(
    "no-such-version",
    "Nothing is known of a version {version}: no entry in the changelog, no tag.",
    "`git tag --list` shows the tags; without --version the notes are of the version that is there now.",
    exit_code=2,
)

# ---- the gates' scans and dependencies ------------------------------------------------------------------

BAD_DEPENDENCY_GROUPS = Kind(
    "bad-dependency-groups",
    "The dependency groups in pyproject.toml cannot be used: {why}.",
    "Write each group under [dependency-groups] as a list of requirements; an include-group in it must name another "
    "group that is there, and none may lead back to itself.",
    exit_code=2,
)


def from_os_error(error: OSError, doing: str) -> TowpathError:
    """What an OSError means for the user; `doing` completes "could not …"."""
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return NO_SPACE.error(doing=doing)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return NOT_WRITABLE.error(doing=doing, path=error.filename or "the path that is named")
    return DISK_FAILURE.error(doing=doing, why=str(error))


@contextmanager
def disk(doing: str) -> Iterator[None]:
    """Turn an OSError raised inside into the TowpathError of `from_os_error`."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, doing) from error
