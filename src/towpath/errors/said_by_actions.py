"""What GitHub Actions says of workflows, jobs and runners."""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="GitHub Actions")

WORKFLOW_NOT_STARTED = _said(
    "workflow-not-started",
    "A tag or a release is there, and no run has begun. The tag fits no pattern of the workflow, was never pushed, was "
    "made by the workflow's own token, came with more than two others, or the file is not on that commit.",
    "See that the remote has the tag (`git ls-remote --tags origin`) and that the workflow's `on` lets its name "
    "through. Never tag twice: where the workflow can be started by hand, start it with the tag as its ref; "
    "`invoke status` says how far the version is.",
    recognises=(
        "Workflow doesn't trigger",
        "workflow does not trigger",
        "workflow didn't start",
        "workflow not triggered",
        "workflow is not triggered",
    ),
)
WORKFLOW_NOT_STARTABLE = _said(
    "workflow-not-startable",
    "The workflow cannot be started by hand: it has no `workflow_dispatch`, or the default branch does not hold it, or "
    "an input is missing or unknown.",
    "`triggers` in [tool.towpath.workflow] takes `dispatch`; write the file anew by `invoke workflow`, and merge it "
    "into the default branch, which GitHub looks at.",
    recognises=(
        "Workflow does not have 'workflow_dispatch' trigger",
        "could not find any workflows named",
        "Unexpected inputs provided",
        "Required input '…' not provided",
        "No ref found for",
    ),
)
ENVIRONMENT_NOT_FOUND = _said(
    "environment-not-found",
    "The job names an environment that the repository does not have, or that is not the one which the index was told.",
    "Make it under Settings, Environments (`pypi`, and `testpypi` for the test index), with the people who must "
    "approve; it must be the same name in the workflow, on GitHub and in the publisher's registration.",
    recognises=("Environment not found", "environment … not found", "environment … does not exist"),
)
ENVIRONMENT_REFUSES = _said(
    "environment-refuses",
    "The environment lets only certain branches or tags in, and this run is of another one.",
    "Add the tags of releases (`v*`) to the environment's deployment branches and tags, or start the run from one that "
    "is listed. Then let the failed jobs run again.",
    recognises=(
        "is not allowed to deploy to … due to environment protection rules",
        "due to environment protection rules",
    ),
)
DEPLOYMENT_REJECTED = _said(
    "deployment-rejected",
    "Somebody who has to approve the environment rejected the run, or nobody did in thirty days; the job never began.",
    "Ask them why. Once it is settled, let the failed jobs run again and have it approved.",
    recognises=("deployment was rejected", "Deployment review was not completed"),
)
PERMISSION_NOT_PASSED_ON = _said(
    "permission-not-passed-on",
    "A job asks for a permission that the workflow which calls it, or the repository's settings, do not give.",
    "Give `id-token: write` (for publishing) or `contents: write` (for the release) at the calling job, and to no "
    "other. `invoke workflow` writes each job with exactly its own.",
    recognises=(
        "is requesting '…', but is only allowed",
        "The workflow is requesting",
        "The nested job '…' is requesting",
    ),
)
ACTION_NOT_ALLOWED = _said(
    "action-not-allowed",
    "The settings of the repository or its organization do not allow this action, or only pinned by a full commit.",
    "Let an administrator allow it (Settings, Actions), and pin it by its full SHA, as `invoke workflow` does.",
    recognises=(
        "is not allowed to be used in",
        "are not allowed in … because all actions must be",
        "must be pinned to a full-length commit SHA",
    ),
)
ACTION_NOT_RESOLVED = _said(
    "action-not-resolved",
    "An action, or that version of it, does not exist, was withdrawn, or is too old for GitHub to run.",
    "Write the workflows anew by `invoke workflow`: it pins versions that are known to work. In a workflow of your "
    "own, take a version from the action's releases page.",
    recognises=(
        "Unable to resolve action",
        "unable to find version `",
        "uses a deprecated version of `actions/",
        "This request has been automatically failed because it uses a deprecated version",
    ),
)
ARTIFACT_MISSING = _said(
    "artifact-missing",
    "What one job was to hand to another is not there: the first made no files, its artifact has expired, or it "
    "belongs to another run.",
    "Look at the job that uploads it. Where it has expired, let all jobs of the run begin again; towpath does not take "
    "other bytes for a version that is public in part.",
    recognises=(
        "Unable to find an artifact with the name",
        "Artifact not found for name",
        "Unable to download artifact(s)",
        "Unable to find any artifacts for the associated workflow",
        "No files were found with the provided path",
        "No artifacts found",
    ),
)
ARTIFACT_QUOTA = _said(
    "artifact-quota",
    "The account's storage for artifacts is full, so the job could not hand its files on.",
    "Delete old artifacts or shorten their retention, then let the run begin again (the quota is counted every few "
    "hours).",
    retry=Retry.LATER,
    recognises=("Artifact storage quota has been hit", "artifact storage quota"),
)
RUNNER_LOST = _said(
    "runner-lost",
    "The machine that ran the job went away in the middle of it. What the job did in the world may be done or not.",
    "Let the job run again: every gate looks at the world first and does only what is missing.",
    retry=Retry.AS_IT_IS,
    recognises=(
        "The runner has received a shutdown signal",
        "lost communication with the server",
        "The hosted runner encountered an error while running your job",
    ),
)
JOB_TIMED_OUT = _said(
    "job-timed-out",
    "The job was ended because it took longer than it may, or because somebody cancelled it.",
    "See in its log where it stood still. A job that was waiting for the index may simply be run again; one whose "
    "tests hang will hang again.",
    recognises=("has exceeded the maximum execution time", "The operation was canceled"),
)
JOB_QUEUED_OUT = _said(
    "job-queued-out",
    "No machine took the job up: no runner has its label, or the account's minutes or payments have run out.",
    "Correct `runs-on`, or see to the billing under the account's settings; then let the run begin again.",
    recognises=(
        "recent account payments have failed or your spending limit",
        "No runner matching the specified labels was found",
        "The job was not acquired by Runner",
    ),
)
RUNNER_WITHOUT_PYTHON = _said(
    "runner-without-python",
    "The runner has no such Python: that version does not exist for its system or architecture (yet, or any more).",
    'Correct `python` in [tool.towpath] and write the workflows anew; in YAML, quote it ("3.10" would be 3.1). A new '
    "Python needs `allow-prereleases`.",
    recognises=(
        "was not found in the local cache",
        "The version '…' with architecture '…' was not found",
    ),
)
COMMAND_ENDED = _said(
    "command-ended",
    "A command ended with an error; this line says that and nothing else.",
    "The reason stands above it in the log. Give those lines to `invoke explain`.",
    recognises=("Process completed with exit code",),
)
