"""Errors of a walk and of the call of a gate."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

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
    retry=Retry.LATER,
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
    retry=Retry.NEVER,
)
WITHOUT_REHEARSED = Kind(
    "without-rehearsed",
    "--without and --reason are for real releases; a rehearsal walks every gate.",
    "Leave them away, or say by --to where the release goes.",
    exit_code=2,
    retry=Retry.NEVER,
)
NOT_CONFIRMED = Kind(
    "not-confirmed",
    "The question was answered with no; nothing was done.",
    "Run it again when it is time.",
    retry=Retry.AS_IT_IS,
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
    retry=Retry.AS_IT_IS,
)
SESSION_ENDED = Kind(
    "session-ended",
    "The session {session} ended with {code} without having said why.",
    "Read the last lines below, and the whole log.",
)
NOXFILE_IGNORED = Kind(
    "noxfile-ignored",
    "git ignores noxfile.py, so that the clone that is rehearsed has none; nor would any other clone, or CI.",
    "`git add --force noxfile.py`, or take it in by a line in .gitignore: `!/noxfile.py` (and the same for tasks.py).",
)
NO_ROUTE = Kind(
    "no-route",
    "{version} is a {kind} version, and {why}.",
    "Say in [tool.towpath.routes] where {kind} versions go, or bump to a version of another kind: `invoke bump`.",
    exit_code=2,
)
OFF_ROUTE = Kind(
    "off-route",
    "{version} is a {kind} version: it goes to {route}, and {index} is the public index that everybody installs from.",
    "Publish by the route (`nox -s release -- --to {last}`), or name {index} for such versions in "
    "[tool.towpath.routes].",
    exit_code=2,
)
NOT_LEFT_OUT = Kind(
    "not-left-out",
    "{gate} cannot be left out of {what}: {why}.",
    "Only {known} can be left out of one walk. A pipeline without a gate is made in noxfile.py: "
    '`sessions(RELEASE.without("{gate}"))`.',
    exit_code=2,
    retry=Retry.NEVER,
)
NO_REASON = Kind(
    "no-reason",
    "--without {gate} came without a reason.",
    'Write --reason "…": it stands in the evidence, for whoever asks later.',
    exit_code=2,
)
NOTHING_TO_REPORT = Kind(
    "nothing-to-report",
    "No evidence of {version} is in this folder.",
    "Walk it first: `nox -s release` rehearses it. Evidence is here of {known}.",
)
ONE_LANGUAGE = Kind(
    "one-language",
    "--json and --markdown were asked for at once.",
    "Leave one of them out.",
    exit_code=2,
)
