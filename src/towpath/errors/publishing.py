"""Errors of publishing: of the index, and of what is there already."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

INDEX_UNREACHABLE = Kind(
    "index-unreachable",
    "The index {index} gave no answer that can be used: {why}.",
    "Nothing is known of what it holds. Look at the network and at its status page, then run this again.",
    retry=Retry.LATER,
)
INDEX_OTHER_BYTES = Kind(
    "index-other-bytes",
    "{index} has {file} already, with other bytes (sha256 {there}…, sealed {sealed}…).",
    "An index never takes other bytes under a used name. Release a new version: `invoke bump --part patch`.",
    retry=Retry.NEVER,
    recognises=("Local file and index file do not match for",),
)
VERSION_TAKEN = Kind(
    "version-taken",
    "{index} has {file} already, and it was not sealed here: {version} is taken.",
    "Release the next version: `invoke bump --part patch`. A file name can never be used again.",
    retry=Retry.NEVER,
    recognises=(
        "Version already exists on PyPI",
        "Version already exists",
        "version is already published",
    ),
)
INDEX_INCOMPLETE = Kind(
    "index-incomplete",
    "{index} does not show {file}, neither on its simple page nor elsewhere, after {seconds} s.",
    "Run publish again: what is missing is sent again, which is safe for the same bytes.",
    retry=Retry.AS_IT_IS,
)
INDEX_STALE = Kind(
    "index-stale",
    "{index} has taken {file}, but its simple page, which pip reads, is still an old one after {seconds} s.",
    "Nothing is lost, and nothing is to be sent again: a cache lags behind. Run this again in some minutes.",
    retry=Retry.LATER,
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
    retry=Retry.NEVER,
    recognises=("Uploading new files to releases older than 14 days is not allowed",),
)
UPLOAD_REFUSED = Kind(
    "upload-refused",
    "{index} refused {file}: {status} {reason}",
    "Read the index's own words, or give them to `invoke explain`; nothing of this file was taken. After the fix, run "
    "this again: it goes on where it stopped.",
)
UPLOAD_BROKEN = Kind(
    "upload-broken",
    "{file} was not surely taken by {index}, and it does not show it: {why}.",
    "Run this again: the index is asked first, and only what is missing is sent.",
    retry=Retry.AS_IT_IS,
)
INDEX_BUSY = Kind(
    "index-busy",
    "{index} put {file} off for {hint}: {status} {reason}",
    "Wait, then run this again: the index is asked first, and only what is missing is sent.",
    retry=Retry.LATER,
)
INDEX_CLOSED = Kind(
    "index-closed",
    "{index} takes no uploads at the moment: {status} {reason}",
    "Look at its status page, and run this again when it is open: only what is missing is sent.",
    retry=Retry.LATER,
    recognises=(
        "Read-only mode: Uploads are temporarily disabled",
        "New uploads are temporarily disabled",
        "New project registration temporarily disabled",
        "trusted publishing functionality not enabled",
        "not-enabled",
    ),
)
FILE_EXISTS = Kind(
    "file-exists",
    "{index} says that {file} exists already, and does not show it as sealed: {status} {reason}",
    "Its name was used with other bytes, or its bytes under another name. Release a new version: "
    "`invoke bump --part patch`.",
    retry=Retry.NEVER,
    recognises=(
        "File already exists ('…', with blake2_256 hash",
        "File already exists",
        "409 Conflict",
    ),
)
FILENAME_BURNED = Kind(
    "filename-burned",
    "{file} was on {index} once and has been deleted: {status} {reason}",
    "A file name can never be used again, even with the same bytes. Release the next version: "
    "`invoke bump --part patch`.",
    retry=Retry.NEVER,
    recognises=(
        "This filename was previously used by a file that has since been deleted",
        "filename has already been used, use a different version",
    ),
)
NAME_REFUSED = Kind(
    "name-refused",
    "{index} does not take {project} as a name: {status} {reason}",
    "The project needs another name. Nothing was taken.",
    retry=Retry.NEVER,
    recognises=(
        "The name '…' is invalid",
        "The name '…' isn't allowed",
        "The name '…' is too similar to an existing project",
        "conflict with Python Standard Library module name",
    ),
)
TOO_LARGE = Kind(
    "too-large",
    "{index} has no room for {file}: {status} {reason}",
    "Make the file smaller, or ask the index for more (PyPI: 100 MiB for a file, 10 GiB for a project). Nothing of it "
    "was taken.",
    recognises=(
        "File too large. Limit for project",
        "Project size too large. Limit for project",
        "413 Request Entity Too Large",
        "413 Payload Too Large",
        "413 Content Too Large",
    ),
)
DOWNLOAD_DIFFERS = Kind(
    "download-differs",
    "{file} as downloaded from {index} is not the sealed file (sha256 {there}…, sealed {sealed}…).",
    "Do not announce this release. Look at the index and at what lies between; `invoke withdraw` plans the yank.",
    retry=Retry.NEVER,
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
    retry=Retry.LATER,
)
NOT_REPRODUCED = Kind(
    "not-reproduced",
    "{version} is public in part, what was sealed is not in this folder, and building {tag} again makes other bytes "
    "of {differs}: the missing {missing} cannot be had.",
    "Release from the folder in which it was sealed, if there is one; if a place named below could not be asked, run "
    "this again later. Else `invoke withdraw` plans the yank, and "
    "`invoke bump --part patch` the next version.",
)
PUBLIC_DIFFERS = Kind(
    "public-differs",
    "{file} has other bytes on {one} (sha256 {first}…) than on {other} (sha256 {second}…).",
    "Neither can be replaced. `invoke withdraw` plans the yank; then release the next version.",
    retry=Retry.NEVER,
)
AFTER_RELEASE_FAILED = Kind(
    "after-release-failed",
    "The release is finished, and {gate}, which comes after it, has failed: `{command}` {how}.",
    "Mend what it says, then run `nox -s {gate}`. Nothing of the release itself has to be done again.",
)
