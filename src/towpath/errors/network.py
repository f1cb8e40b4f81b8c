"""Errors of the network."""

from __future__ import annotations

from towpath.errors.kinds import Kind

TWIN_NOT_STARTED = Kind(
    "twin-not-started",
    "The twin cannot be started on port {port} with the folder {folder}: {why}.",
    "Name another port, or leave --port out: a free one is taken then. Each twin needs a folder of its own that can be "
    "written.",
    exit_code=2,
)
OUTSIDE_REHEARSAL = Kind(
    "outside-rehearsal",
    "The rehearsal tried to reach {host}, which is not this machine; the request was not made.",
    "A rehearsal talks to loopback only. If a gate of your own needs the network, give it a shared effect, "
    "so that it is left out of rehearsals.",
)
