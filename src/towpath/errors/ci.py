"""Errors of a release that a workflow on the forge publishes."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

PUBLISHES_IN_CI = Kind(
    "publishes-in-ci",
    "{path} would publish {version} too, as soon as this walk {event}: two would publish the same version.",
    'Let the workflow do it: remove `from = "here"` from [tool.towpath.publish]. To publish from here, take the '
    "trigger out of that file, and commit that. If it publishes something else, say so in other-workflows.",
)
CI_OTHER_ROUTE = Kind(
    "ci-other-route",
    "This walk {event}, which starts {path}; it publishes {version} by the version's own route, and {what}.",
    "Release without that: `nox -s release -- --to {own}`. What a workflow leaves out or sends elsewhere is "
    "configured, not told by the walk that starts it.",
    exit_code=2,
)
CI_SEVERAL = Kind(
    "ci-several",
    "More than one workflow would publish {version}: {paths}.",
    "Leave one of them, or say of the others in other-workflows of [tool.towpath.publish] why they publish no release.",
)
CI_NO_WORKFLOW = Kind(
    "ci-no-workflow",
    'The configuration says from = "ci", and {why}.',
    'Run `invoke workflow`, and commit what it writes; or set from = "here" in [tool.towpath.publish].',
)
CI_BRANCH = Kind(
    "ci-branch",
    "{path} is dispatched on {wanted}, and HEAD is on {branch}.",
    "Switch to {wanted}, or set branch in [tool.towpath.workflow].",
)
CI_BEHIND = Kind(
    "ci-behind",
    "{remote} has another commit of {branch} ({there}) than the one that is to be released ({here}), and does not lie "
    "before it.",
    "A dispatch releases what the branch has on the remote. `git pull --rebase`, and release what comes of it.",
)
CI_INPUTS = Kind(
    "ci-inputs",
    "{path} requires inputs that a release does not know: {inputs}.",
    "Give them a default in the file, or start it by hand and run this again: a run that is there is followed.",
)
CI_DISPATCH_REFUSED = Kind(
    "ci-dispatch-refused",
    "{host} did not start {path} on {branch} (status {status}).",
    "The file must be on the default branch and have the trigger `workflow_dispatch`, the token the right to write "
    "`actions`. Mend what the message below names, then run this again.",
)
CI_NO_RUN = Kind(
    "ci-no-run",
    "No run of {path} for {what} has appeared within {seconds} s.",
    "See {page}: Actions may be disabled, or the file on the tagged commit may lack the trigger. GitHub starts nothing "
    "for a tag that its own token or more than three at once have pushed. Run this again: a run that is there is "
    "followed, and nothing is started twice.",
    retry=Retry.LATER,
)
CI_RUN_FAILED = Kind(
    "ci-run-failed",
    "The run of {path} ended as {conclusion}: {jobs}.",
    'Read {page}. If nothing in the commit has to change, `gh run rerun {run} --failed`, or "Re-run failed jobs" on '
    "that page: what is proven and published stays. Then run this again; it follows the same run. Else "
    "`invoke status` says what is public.",
)
CI_NOTHING_PUBLISHED = Kind(
    "ci-nothing-published",
    "The run of {path} succeeded without having published {version}: {jobs}.",
    "Read {page}: the conditions of its jobs left publishing out.",
)
CI_TIMEOUT = Kind(
    "ci-timeout",
    "The run of {path} has not ended within {seconds} s: {state}.",
    "It goes on without us, at {page}. Run this again: the same run is followed.",
    retry=Retry.LATER,
)
CI_NO_EVIDENCE = Kind(
    "ci-no-evidence",
    "{path} published {version}, and its run left nothing by which the files can be told: no evidence, and no "
    "distributions among its artifacts. They are not the bytes that were built here.",
    "Nothing says that the public files are the right ones. Compare them by hand, at {page}; `invoke workflow` writes "
    "a workflow that keeps its evidence.",
)
CI_EVIDENCE_CONTRADICTS = Kind(
    "ci-evidence-contradicts",
    "The artifacts of the run contradict its evidence: {file} is {there}… there, and {sealed}… in the evidence.",
    "Somebody or something has changed an artifact between two jobs. Do not announce this release: look at {page}.",
    retry=Retry.NEVER,
)
CI_INDEX_DIFFERS = Kind(
    "ci-index-differs",
    "{index} holds other files of this version than the run has sealed. {why}",
    "Do not announce this release: look at {page} and at the index for who has sent it.",
    retry=Retry.NEVER,
)
CI_RELEASE_MISSING = Kind(
    "ci-release-missing",
    "The run succeeded, and the release {tag} on {repository} is {state}.",
    "Read the job github-release at {page}, and run it again there; then run this again.",
)
CI_PUBLISHES = Kind(
    "ci-publishes",
    "{path} publishes {version}, so that {gate} from here would publish it a second time, perhaps from another build.",
    "Run `nox -s release -- --to {to}`: it starts that run, follows it and compares what is public. To publish from "
    'here all the same, see publish.from = "here"; a workflow that only looks as if it published belongs into '
    "publish.other-workflows.",
)
AFTER_RELEASE_IN_CI = Kind(
    "after-release-in-ci",
    "The release is finished, and the job {gate} of {path}, which comes after it, ended as {how}.",
    "Look at {page}, and run that job again there. Nothing of the release itself has to be done again.",
)
