"""Errors of the forge."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

FORGE_OUT_OF_REACH = Kind(
    "forge-out-of-reach",
    "{host} could not be reached: {why}.",
    "Look at the network and the proxy, then run this again: what is on the forge already is found and kept.",
    retry=Retry.LATER,
)
FORGE_GARBLED = Kind(
    "forge-garbled",
    "{host} answered with status {status} and something that is not JSON: cut short on the way, or from a proxy.",
    "Run this again: what is on the forge already is found and kept. Where it stays so, look what stands between this "
    "machine and the forge, and at `github-release.api-url`.",
    retry=Retry.LATER,
)
FORGE_OTHER_SHAPE = Kind(
    "forge-other-shape",
    "{host} answered with JSON that lacks what GitHub's API has there.",
    "Look whether `github-release.api-url` is the root of a GitHub API and not of another program; nothing of the "
    "answer was used. If it is, report the lines below to towpath.",
)
FORGE_BROKEN = Kind(
    "forge-broken",
    "{host} answered with its own failure (status {status}).",
    "Wait a little and run this again: what is on the forge already is found and kept. For GitHub see "
    "https://www.githubstatus.com.",
    retry=Retry.LATER,
    recognises=(
        "We couldn't respond to your request in time",
        "Sorry, but GitHub is having some troubles",
        "HTTP 502: Server Error",
    ),
)
FORGE_UNAUTHORIZED = Kind(
    "forge-unauthorized",
    "{host} did not accept the token, or none was given (status 401).",
    "In GitHub Actions pass GITHUB_TOKEN to this job; elsewhere make a new token, as the old one may have "
    "expired or been revoked.",
    recognises=(
        "Bad credentials",
        "HTTP 401: Bad credentials",
        "Requires authentication",
    ),
)
FORGE_FORBIDDEN = Kind(
    "forge-forbidden",
    "{host} does not let this token change releases of {repository} (status 403).",
    "Give the job `permissions: contents: write`, or the token the right to write the repository's contents.",
    recognises=(
        "Resource not accessible by integration",
        "Resource not accessible by personal access token",
        "Must have admin rights to Repository",
        "HTTP 403: Resource not accessible",
    ),
)
FORGE_RATE_LIMITED = Kind(
    "forge-rate-limited",
    "{host} takes no more requests from this token or address for now.",
    "Run this again {again}: what is on the forge already is found and kept.",
    retry=Retry.LATER,
    recognises=(
        "API rate limit exceeded",
        "You have exceeded a secondary rate limit",
        "You have triggered an abuse detection mechanism",
        "secondary rate limit",
    ),
)
FORGE_NOT_FOUND = Kind(
    "forge-not-found",
    "{host} knows no repository {repository}, or does not show it to this token (status 404).",
    "Correct the repository's name, or give the token access to it: a private one looks as if it were not there.",
    recognises=(
        "HTTP 404: Not Found (https://api.github.com",
        "Could not resolve to a Repository with the name",
        '"Not Found","documentation_url":"https://docs.github.com',
        '"Not Found", "documentation_url": "https://docs.github.com',
    ),
)
FORGE_REFUSED = Kind(
    "forge-refused",
    "{host} refused the release (status {status}).",
    "Mend what its message below names, then run this again.",
    recognises=(
        "HTTP 422: Validation Failed",
        "Validation Failed",
    ),
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
    retry=Retry.AS_IT_IS,
)
FORGE_FILE_RENAMED = Kind(
    "forge-file-renamed",
    "The forge stored {file} as {given}: it allows only letters, digits, dots and dashes in names.",
    "Delete that file from the release and give it a name of such characters.",
)
FORGE_RELEASE_IMMUTABLE = Kind(
    "forge-release-immutable",
    "The release {tag} is published and immutable; it lacks: {files}.",
    "No file can be added to this one any more; the index has the distributions. From the next version on let towpath "
    "make the release instead of publishing it by hand: it sends the files to a draft first.",
    retry=Retry.NEVER,
    recognises=(
        "Cannot upload assets to an immutable release",
        "Cannot delete assets of an immutable release",
        "Cannot change the tag of an immutable release",
        "cannot be changed when release is immutable",
    ),
)
