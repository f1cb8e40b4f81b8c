"""Errors of the network."""

from __future__ import annotations

from towpath.errors.kinds import Kind

OUTSIDE_REHEARSAL = Kind(
    "outside-rehearsal",
    "The rehearsal tried to reach {host}, which is not this machine; the request was not made.",
    "A rehearsal talks to loopback only. If a gate of your own needs the network, give it a shared effect, "
    "so that it is left out of rehearsals.",
)
