"""Errors of tagging and publishing."""

from __future__ import annotations

from towpath.errors.kinds import Kind

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
TAG_MISFIT = Kind(
    "tag-misfit",
    "This run was started by the tag {tag}, but the project's version is {version} (tags are spelled {format}).",
    "A tag is never moved. Delete one that nobody has used yet, or bump to the version that is meant; then let "
    "`nox -s release -- --to pypi` make the tag.",
)
TAG_BRANCH = Kind(
    "tag-branch",
    "This is the branch {branch}, and versions are tagged on {wanted}.",
    "Switch to that branch and let the gates prove its commit, or correct branches in [tool.towpath.tag].",
)
TAG_TAKEN = Kind(
    "tag-taken",
    "{remote} has {tag} since a moment: somebody else has just tagged this version, and is releasing it.",
    "Leave the release to them; `invoke status` shows how far it is. Running this again goes on where they stop.",
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
    "{index} does not show {file}, neither on its simple page nor elsewhere, after {seconds} s.",
    "Run publish again: what is missing is sent again, which is safe for the same bytes.",
)
INDEX_STALE = Kind(
    "index-stale",
    "{index} has taken {file}, but its simple page, which pip reads, is still an old one after {seconds} s.",
    "Nothing is lost, and nothing is to be sent again: a cache lags behind. Run this again in some minutes.",
)
PROJECT_CLOSED = Kind(
    "project-closed",
    "{project} is {status} on {index}: it takes no files.{reason}",
    "Archived: its owner unarchives it on its settings page. Quarantined: write to the index's administrators. Then "
    "run this again.",
)
RELEASE_CLOSED = Kind(
    "release-closed",
    "{index} takes no new file for {version}: the release is older than 14 days, and {file} is not there.",
    "A release that was left half done cannot be finished any more. Yank it, and release the next version: "
    "`invoke bump --part patch`.",
)
UPLOAD_REFUSED = Kind(
    "upload-refused",
    "{index} refused {file}: {status} {reason}",
    "Read the index's own words; nothing of this file was taken. Running this again goes on where it stopped.",
)
UPLOAD_BROKEN = Kind(
    "upload-broken",
    "{file} was not surely taken by {index}, and it does not show it: {why}.",
    "Run this again: the index is asked first, and only what is missing is sent.",
)
INDEX_BUSY = Kind(
    "index-busy",
    "{index} put {file} off: {status} {reason}. {hint}",
    "Wait, then run this again: the index is asked first, and only what is missing is sent.",
)
INDEX_CLOSED = Kind(
    "index-closed",
    "{index} takes no uploads at the moment: {status} {reason}",
    "Look at its status page, and run this again when it is open: only what is missing is sent.",
)
FILE_EXISTS = Kind(
    "file-exists",
    "{index} says that {file} exists already, and does not show it as sealed: {status} {reason}",
    "Its name was used with other bytes, or its bytes under another name. Release a new version: "
    "`invoke bump --part patch`.",
)
FILENAME_BURNED = Kind(
    "filename-burned",
    "{file} was on {index} once and has been deleted: {status} {reason}",
    "A file name can never be used again, even with the same bytes. Release the next version: "
    "`invoke bump --part patch`.",
)
TOKEN_REFUSED = Kind(
    "token-refused",
    "{index} does not know the credential: {status} {reason}",
    "Make a new API token there (PyPI and TestPyPI each have their own) and set {variable} to all of it, `pypi-` "
    "included.",
)
TOKEN_EXPIRED = Kind(
    "token-expired",
    "The token for {index} has expired: {status} {reason}",
    "A minted token lives 15 minutes: run this again for a new one. An API token with an end: make a new one. Where it "
    "is new, compare this machine's clock.",
)
TOKEN_ELSEWHERE = Kind(
    "token-elsewhere",
    "The token for {index} is not good for {project}: {status} {reason}",
    "A token of one project uploads to no other; a first upload needs a token of the whole account, or a pending "
    "trusted publisher of exactly this name.",
)
PASSWORD_REFUSED = Kind(
    "password-refused",
    "{index} takes no user names and passwords: {status} {reason}",
    "Leave username out of [tool.towpath.index] and set {variable} to an API token, or publish as a trusted publisher.",
)
NOT_ALLOWED = Kind(
    "not-allowed",
    "{index} does not let this credential upload to {project}: {status} {reason}",
    "Let an owner of the project make you a maintainer. If the name belongs to somebody else, the project needs "
    "another one.",
)
ACCOUNT_INCOMPLETE = Kind(
    "account-incomplete",
    "The account on {index} may not upload yet: {status} {reason}",
    "Verify its e-mail address, switch two-factor authentication on, then run this again.",
)
NAME_REFUSED = Kind(
    "name-refused",
    "{index} does not take {project} as a name: {status} {reason}",
    "The project needs another name. Nothing was taken.",
)
PENDING_PUBLISHER_MISNAMED = Kind(
    "pending-publisher-misnamed",
    "The pending publisher on {index} was for another name than {project}: {status} {reason}",
    "A project of the wrong name has been made there by minting. Register a pending publisher for exactly {project}, "
    "then run this again; delete the empty project.",
)
TOO_LARGE = Kind(
    "too-large",
    "{index} has no room for {file}: {status} {reason}",
    "Make the file smaller, or ask the index for more (PyPI: 100 MiB for a file, 10 GiB for a project). Nothing of it "
    "was taken.",
)
PLAIN_HTTP = Kind(
    "plain-http",
    "The address of {index} begins with http://, and it is not on this machine.",
    "A credential sent there could be read on the way. Use its https:// address.",
    exit_code=2,
)
NO_CREDENTIAL = Kind(
    "no-credential",
    "There is no credential for {index}: no trusted publisher's identity, and {variable} is not set.",
    "Publish from the workflow that is registered as trusted publisher, or set {variable} to an API token.",
)
NO_STORED_CREDENTIAL = Kind(
    "no-stored-credential",
    "There is no credential for {index} in the {store}: {why}.",
    "Store one for {url}, or take another way by credentials in [tool.towpath.index].",
)
MALFORMED_CREDENTIAL = Kind(
    "malformed-credential",
    "The credential for {index} holds a character that none can have (it is not shown).",
    "Most often it was pasted with more than itself. Set {variable} to the token alone.",
)
NO_IDENTITY = Kind(
    "no-identity",
    "This run has no identity to show to {index}: {why}",
    "In GitHub Actions the job needs `permissions: id-token: write`; in GitLab CI an `id_tokens` entry whose variable "
    "is PYPI_ID_TOKEN (or TESTPYPI_ID_TOKEN) with the index as `aud`.",
)
EXCHANGE_FAILED = Kind(
    "exchange-failed",
    "{index} did not give a token for this run's identity: {why}",
    "Run this again; look at the index's status page if it stays so. Nothing was sent.",
)
WRONG_PUBLISHER = Kind(
    "wrong-publisher",
    "{index} has no trusted publisher that matches this run: {why}",
    "Compare the publisher registered on the index with this run: owner, repository, workflow file, environment. A "
    "reusable workflow of another repository, or one started by `pull_request_target`, never matches.",
)
IDENTITY_REFUSED = Kind(
    "identity-refused",
    "{index} did not accept this run's identity: {why}",
    "It was made for another index, too early or too late by its clock, or used before: run this again.",
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
WITHDRAW_UNKNOWN = Kind(
    "withdraw-unknown",
    "What is public of {version} is not known: {why}",
    "Look at the network, then run this again: a plan that leaves a file out would be worse than none.",
)
NOT_REPRODUCED = Kind(
    "not-reproduced",
    "{version} is public in part, what was sealed is not in this folder, and building {tag} again makes other bytes "
    "of {differs}: the missing {missing} cannot be had.",
    "Release from the folder in which it was sealed, if there is one. Else `invoke withdraw` plans the yank, and "
    "`invoke bump --part patch` the next version.",
)
PUBLIC_DIFFERS = Kind(
    "public-differs",
    "{file} has other bytes on {one} (sha256 {first}…) than on {other} (sha256 {second}…).",
    "Neither can be replaced. `invoke withdraw` plans the yank; then release the next version.",
)
