"""What a gate does, imported only when it is asked for.

`nox -l` and every session import the pipeline, and with it the file of each gate; what the larger gates do stands in
`gates/acts/`, a module for each, since importing all of that would take longer than the listing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome


@dataclass(frozen=True, slots=True)
class Late:
    """The functions of the module `gates/acts/NAME.py`, under the names that a Gate knows them by."""

    name: str

    @property
    def module(self) -> str:
        """The module's full name."""
        return f"towpath.gates.acts.{self.name}"

    def act(self, workspace: Workspace, variant: str) -> Outcome:
        """The module's `act`. Raises what that raises."""
        outcome: Outcome = self._function("act")(workspace, variant)
        return outcome

    def configuration(self, workspace: Workspace, variant: str) -> Mapping[str, Any]:
        """The module's `configuration`."""
        facts: Mapping[str, Any] = self._function("configuration")(workspace, variant)
        return facts

    def tools(self, workspace: Workspace, variant: str) -> Mapping[str, Any]:
        """The module's `tools`."""
        facts: Mapping[str, Any] = self._function("tools")(workspace, variant)
        return facts

    def restore(self, workspace: Workspace) -> None:
        """The module's `restore`."""
        self._function("restore")(workspace)

    def _function(self, name: str) -> Any:  # noqa: ANN401 - each of the four has its own type, given above
        return getattr(import_module(self.module), name)
