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
