"""What GitHub says of releases and of its API. What towpath itself ends with stands in `forge`.

The texts are those of https://docs.github.com/rest, as the API, `gh` and the release actions show them.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="GitHub")

RELEASE_EXISTS = _said(
    "release-exists",
    "There is a published release of that tag already; GitHub keeps one for each tag.",
    "Look at it before anything else: a run before this one may have made it. `nox -s github-release` finds it, sends "
    "the files that are missing and compares the others.",
    retry=Retry.NEVER,
    recognises=(
        "Release.tag_name already exists",
        '"resource":"Release","code":"already_exists"',
        '"code":"already_exists","field":"tag_name"',
        "a release with the same tag name already exists",
        "already_exists",
    ),
)
RELEASE_FILE_EXISTS = _said(
    "release-file-exists",
    "The release has a file of that name already, from a run before or from a half-done upload.",
    "Compare its digest before anything is deleted. `nox -s github-release` does so: equal bytes are kept, and other "
    "bytes are never replaced.",
    retry=Retry.NEVER,
    recognises=(
        "ReleaseAsset.name already exists",
        '"resource":"ReleaseAsset","code":"already_exists"',
        "asset under the same name already exists",
        "already_exists - name",
    ),
)
RELEASE_TAG_USED_UP = _said(
    "release-tag-used-up",
    "The tag belonged to an immutable release. Even after that is deleted, GitHub makes no other release of the tag.",
    "Release the next version: `invoke bump --part patch`. The name is used up for good.",
    retry=Retry.NEVER,
    recognises=("tag_name was used by an immutable release",),
)
RELEASE_TAG_INVALID = _said(
    "release-tag-invalid",
    "GitHub cannot make the release of that tag: the tag is missing, is not a name that git allows, or would have to "
    "be made on a commit that GitHub does not have.",
    "Push the commit and the tag first (`nox -s tag`), then make the release. Where the message names a rule, a "
    "ruleset keeps the release from making the tag itself.",
    recognises=(
        "Published releases must have a valid tag",
        "tag_name is not a valid tag",
        "tag_name is not well-formed",
        "Release.target_commitish is invalid",
        '"code":"invalid","field":"target_commitish"',
        "Release.tag_name",
        '"code":"missing_field","field":"tag_name"',
        "tag name can't be blank",
    ),
)
RELEASE_NOTES_TOO_LONG = _said(
    "release-notes-too-long",
    "The notes are longer than GitHub takes for a release: 125,000 characters.",
    "Shorten the version's section of the changelog, or link to the changelog in its place.",
    recognises=("body is too long (maximum is 125000 characters)", "body is too long"),
)
FORGE_ARCHIVED = _said(
    "forge-archived",
    "The repository is archived on GitHub: it can be read, and nothing can be written.",
    "Its owner unarchives it in the settings; then run this again.",
    recognises=("Repository was archived so is read-only", "This repository was archived so it is read-only"),
)
FORGE_SINGLE_SIGN_ON = _said(
    "forge-single-sign-on",
    "The organization lets in only tokens that are authorized for its single sign-on, or only certain addresses.",
    "Authorize the token among your GitHub settings (`Configure SSO`), or release from the workflow, whose own token "
    "belongs to the organization.",
    recognises=(
        "Resource protected by organization SAML enforcement",
        "organization has enabled or enforced SAML",
        "has an IP allow list enabled",
    ),
)
FORGE_TWO_FACTOR = _said(
    "forge-two-factor",
    "GitHub asks this account for a second factor, which a plain password or an old token cannot give.",
    "Make a fine-grained token for this repository with write access to its contents, and use that.",
    recognises=("Must specify two-factor authentication OTP code",),
)
RELEASE_NOT_MADE = _said(
    "release-not-made",
    "The release on GitHub was not made. The distributions on the index are not concerned, whatever else is said.",
    "Most often the job lacks `permissions: contents: write`, the tag is not pushed, or there is a release of that tag "
    "already. Do not publish anew: mend that, then `nox -s github-release` does this one gate.",
    recognises=(
        "GitHub release creation fails",
        "GitHub release creation failed",
        "failed to create release",
        "Failed to create GitHub release",
        "GitHub release failed with status",
    ),
)
