"""What narrows or alters a run, so that it may pass but proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.model import Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Gate


def reasons(
    gate: Gate, environ: Mapping[str, str], *, arguments: tuple[str, ...], nox_options: tuple[str, ...]
) -> tuple[str, ...]:
    """Why a run of this gate by this caller is no proof; empty if it is one.

    Raises narrowed for a gate with an effect that others see: whoever passes such an option does not expect one.
    """
    extra = (f"arguments {' '.join(arguments)}",) if arguments else ()
    variables = tuple(f"{name} is set" for name in gate.altered_by if environ.get(name))
    found = (*extra, *variables, *nox_options)
    if found and gate.effect in {Effect.SHARED, Effect.PERMANENT}:
        raise errors.NARROWED.error(gate=gate.name, why=", ".join(found))
    return found
