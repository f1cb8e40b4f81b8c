"""Errors of versions and of the changelog."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

NOT_NEWER = Kind(
    "not-newer",
    "{new} is not newer than {version}.",
    "Choose another part, or name a newer version with --to.",
    exit_code=2,
    retry=Retry.NEVER,
)
PLACE_CHANGED = Kind(
    "place-changed",
    "{path}, line {line}, no longer holds {value!r}: the file was changed in the meantime.",
    "Run the command again.",
    retry=Retry.AS_IT_IS,
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
