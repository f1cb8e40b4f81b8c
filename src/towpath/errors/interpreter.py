"""Errors of running workflows on this machine."""

from __future__ import annotations

from towpath.errors.kinds import Kind

BAD_WORKFLOW = Kind(
    "bad-workflow",
    "{path}, line {line}: {what}.",
    "Correct the workflow; GitHub would refuse it or do something else than it says.",
    exit_code=2,
    recognises=(
        "Invalid workflow file",
        "The workflow is not valid",
        "You have an error in your yaml syntax",
        "Unrecognized named-value",
    ),
)
NOT_INTERPRETED = Kind(
    "not-interpreted",
    "{path}, line {line}: {what}, which is not run on this machine.",
    "Leave it to GitHub, or give the machine a handler of your own for an action.",
    exit_code=2,
)
NOT_TRIGGERED = Kind(
    "not-triggered",
    "{path} is not started by {event}.",
    "Name an event that stands under its `on`, with a branch or tag that its filters let through.",
    exit_code=2,
)
BAD_INPUT = Kind(
    "bad-input",
    "The input {name!r} of the workflow does not take {value!r}.",
    "Give one of: {expected}.",
    exit_code=2,
)
BAD_EVENT = Kind(
    "bad-event",
    "The event {event} cannot be made here: {why}.",
    "Name a branch or tag that is in {repository}.",
    exit_code=2,
)
BAD_RERUN = Kind(
    "bad-rerun",
    "The run before cannot be taken up: {why}.",
    "Run again on the machine and with the workflow of that run.",
    exit_code=2,
)
