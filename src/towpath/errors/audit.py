"""Disagreements that the audit names."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

AUDIT_TAG_DIFFERS = Kind(
    "audit-tag-differs",
    "{tag} is on a commit where {path}, line {line}, says {value}: what is built there is not {version}.",
    "Never move the tag. Release the next version with `invoke bump`, which writes every place before it is tagged.",
    retry=Retry.NEVER,
)
AUDIT_PLACES_DIFFER = Kind(
    "audit-places-differ",
    "At {tag}, {where} says {version}, but {others}.",
    "Nothing can be changed in a released version. See that the places agree now: `invoke bump` writes all of them.",
    retry=Retry.NEVER,
)
AUDIT_UNREADABLE_TAG = Kind(
    "audit-unreadable-tag",
    "The tag {tag} spells no version, so whatever was to publish it did not, and nothing said so.",
    "If that version was never published, release it anew under a tag that is spelled well; then delete this one "
    "here and on the remote.",
    retry=Retry.NEVER,
)
AUDIT_UNREADABLE_TREE = Kind(
    "audit-unreadable-tree",
    "What stands at {tag} cannot be read: {why}.",
    "Nothing can be built from it. Release the next version, and yank this one if it is on an index.",
    retry=Retry.NEVER,
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
    recognises=("would clobber existing tag",),
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
    "Fetch first: `git fetch --tags`. If there is none, find the commit that the sdist was built from and tag it; "
    "leave it if you are not sure.",
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
