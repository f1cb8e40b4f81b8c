"""Errors of evidence and of what was sealed."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

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
EVIDENCE_EXPIRED = Kind(
    "evidence-expired",
    "What {gate} found held until {expires} (UTC); that has passed.",
    "Run `nox -s {session}` again: what it asks changes with time.",
    retry=Retry.AS_IT_IS,
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
EVIDENCE_SECRET = Kind(
    "evidence-secret",
    "The record {path} holds a secret ({what}), and would be public beside the release.",
    "Revoke it: whoever could read the record has seen it. Then stop its gate from telling it, delete the record below "
    ".towpath, and run this again from there.",
)
EVIDENCE_NOT_HANDED = Kind(
    "evidence-not-handed",
    "The gate needs {path}, and TOWPATH_EVIDENCE_DIGESTS says no digest of it.",
    "Hand over the `evidence-digests` output of the job that made it, or unset the variable where one job makes all.",
)
EVIDENCE_SWAPPED = Kind(
    "evidence-swapped",
    "{path} is not the record that was handed over (sha256 {then}…, here {now}…).",
    "Take the files of the very job whose digest was handed over. Nobody but that job should have written them: "
    "find out who did.",
)
BAD_DIGESTS = Kind(
    "bad-digests",
    "TOWPATH_EVIDENCE_DIGESTS cannot be read: {why}.",
    "Set it to the `evidence-digests` outputs of the jobs before, one in each line, or to lines `path=sha256`; or "
    "unset it.",
    exit_code=2,
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
