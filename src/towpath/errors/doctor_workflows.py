"""What `invoke doctor` finds in the workflows of a repository, the generated ones and those written by hand."""

from __future__ import annotations

from towpath.errors.kinds import Kind

WORKFLOW_ABSENT = Kind(
    "workflow-absent",
    "There is no {path} that was generated: {what}.",
    "Write it with `invoke workflow`. Who releases from a laptop needs none.",
)
WORKFLOW_UNCOMMITTED = Kind(
    "workflow-uncommitted",
    "{path} is not committed as it is here: the forge runs what the tag's commit holds.",
    "Commit it before the release.",
)
PUBLISHED_TWICE = Kind(
    "published-twice",
    "{path} publishes to {index} as well as the generated {release}, and both start by {trigger}.",
    "Delete the one that you do not want. Of two uploads of one version the second fails, or files of two builds mix.",
)
PUBLISHER_NAMES_DIFFER = Kind(
    "publisher-names-differ",
    "{path} publishes to {index} in {there}; the configuration does so from {here}. A trusted publisher "
    "is registered with one file and one environment.",
    "Take its names over (`release` and `environments` in [tool.towpath.workflow]), or register the new ones.",
)
ENVIRONMENTS_DIFFER = Kind(
    "environments-differ",
    "The jobs that publish to {index} name different environments: {environments}.",
    "Use one: the publisher on the index is registered with one of them.",
)
ENVIRONMENT_UNNAMED = Kind(
    "environment-unnamed",
    "{path}, job {job!r}, publishes in no environment: no reviewer can be asked, and every branch's run of the file "
    "counts as the publisher.",
    "Give the job an environment, and register the publisher with it.",
)
TRIGGER_MISSES_TAGS = Kind(
    "trigger-misses-tags",
    "{path} starts for tags {patterns}; a tag of this project, such as {tag}, is not among them, and would publish "
    "nothing without a word.",
    "Make the pattern fit the tags, or set format in [tool.towpath.tag].",
)
ID_TOKEN_MISSING = Kind(
    "id-token-missing",
    "{path}, job {job!r}, publishes without a token, and may not ask for an identity either.",
    "Give the job `permissions: id-token: write`.",
)
ID_TOKEN_TOO_WIDE = Kind(
    "id-token-too-wide",
    "{path} gives `id-token: write` to {where}: everything that runs there can publish in the project's name.",
    "Give it to the job that publishes and to no other.",
)
ID_TOKEN_BESIDE_CODE = Kind(
    "id-token-beside-code",
    "{path}, job {job!r}, may publish and runs the project's own code or build too ({what}).",
    "Build and test in other jobs and hand the files over; the job that publishes does nothing else. "
    "`invoke workflow` writes it so.",
)
PERMISSIONS_OPEN = Kind(
    "permissions-open",
    "{path} {what}.",
    "Begin the workflow with `permissions: {{}}` and give each job what it needs.",
)
RELEASE_NOT_ALLOWED = Kind(
    "release-not-allowed",
    "{path}, job {job!r}, makes a release on the forge, and its token may not write to the repository.",
    "Give the job `permissions: contents: write`.",
)
ACTION_UNPINNED = Kind(
    "action-unpinned",
    "{path} uses what may change under its name: {actions}.",
    "Pin each to a full commit SHA, with the version as a comment: tags of actions have been moved to steal tokens.",
)
UNTRUSTED_TRIGGER = Kind(
    "untrusted-trigger",
    "{path} starts by pull_request_target{what}: it runs with the repository's own rights on what a fork sends.",
    "Use pull_request. PyPI takes nothing from such a run.",
)
UNTRUSTED_TEXT = Kind(
    "untrusted-text",
    "{path}, line {line}, puts {expression} into a command: what a stranger writes there is run.",
    'Hand it over as a variable (`env:`) and use "$NAME" in the command.',
)
SECRET_LEFT_OVER = Kind(
    "secret-left-over",
    "{path} uses the token secret {secret}, though {index} is published to by a trusted publisher.",
    "Take it out of the workflow, delete the secret, and revoke the token: it works from anywhere, for as long as it "
    "is there.",
)
GATE_CANNOT_FAIL = Kind(
    "gate-cannot-fail",
    "{path}, line {line}, runs a check whose failure counts for nothing: {what}.",
    "Take that away; what may fail is declared with its reason (`allowed-to-fail` in [tool.towpath]).",
)
ROUTED_BY_HYPHEN = Kind(
    "routed-by-hyphen",
    "{path}, line {line}, decides by a hyphen in the tag where a version goes: `{expression}`. A tag such as "
    "v1.4.5.1.dev1 has none, and is no final version.",
    "Let the version's kind decide, by PEP 440: the generated workflow does (`invoke workflow`).",
)
INPUT_AS_TEXT = Kind(
    "input-as-text",
    "{path}, line {line}, compares {expression}, which is never what it looks like: {why}.",
    "For an input of type boolean write `inputs.name`, and `!inputs.name`, without a comparison.",
)
CHECKOUT_SHALLOW = Kind(
    "checkout-shallow",
    "{path}, job {job!r}, builds from a checkout without tags, and {tool} takes the version from them.",
    "Set `fetch-depth: 0` on actions/checkout.",
)
PUBLISH_UNGATED = Kind(
    "publish-ungated",
    "{path}, job {job!r}, publishes, and waits for no job that tests.",
    "Name the jobs that test and lint in its `needs`.",
)
EXISTING_SKIPPED = Kind(
    "existing-skipped",
    "{path}, job {job!r}, skips files that the index has already: a forgotten bump ends green, with nothing published.",
    "Take skip-existing away; towpath compares what is there with what was sealed instead.",
)
