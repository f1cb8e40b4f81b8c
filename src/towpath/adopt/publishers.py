"""Who publishes a project now, as `init` asks it; the walk asks the same, and so it is read below both."""

from __future__ import annotations

from towpath.gates.publishers import ACTION, FOLDER, Upload, Workflow, is_generated, read, registered, sends, workflows

__all__ = ["ACTION", "FOLDER", "Upload", "Workflow", "is_generated", "read", "registered", "sends", "workflows"]
