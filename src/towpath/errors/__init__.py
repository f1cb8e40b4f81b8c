"""The error catalogue: what can go wrong, why, and what to do about it; one module for each room.

An error is data. A `Kind` stands here once, a `Problem` is one occurrence of it with the facts filled in, and
`TowpathError` carries one or more problems to whoever shows them. Nothing here renders itself.
"""

from __future__ import annotations

from towpath.errors.adopt import *
from towpath.errors.audit import *
from towpath.errors.bump import *
from towpath.errors.calls import *
from towpath.errors.ci import *
from towpath.errors.credentials import *
from towpath.errors.distributions import *
from towpath.errors.doctor import *
from towpath.errors.doctor_workflows import *
from towpath.errors.environments import *
from towpath.errors.evidence import *
from towpath.errors.files import *
from towpath.errors.forge import *
from towpath.errors.gates import *
from towpath.errors.git import *
from towpath.errors.inspection import *
from towpath.errors.installing import *
from towpath.errors.interpreter import *
from towpath.errors.kinds import DOCS as DOCS
from towpath.errors.kinds import Kind as Kind
from towpath.errors.kinds import Problem as Problem
from towpath.errors.kinds import Retry as Retry
from towpath.errors.kinds import TowpathError as TowpathError
from towpath.errors.kinds import respelled as respelled
from towpath.errors.network import *
from towpath.errors.project import *
from towpath.errors.publishing import *
from towpath.errors.said_by_actions import *
from towpath.errors.said_by_git import *
from towpath.errors.said_by_github import *
from towpath.errors.said_by_guides import *
from towpath.errors.said_by_tools import *
from towpath.errors.said_of_archives import *
from towpath.errors.said_of_metadata import *
from towpath.errors.said_of_publishers import *
from towpath.errors.said_of_uploads import *
from towpath.errors.tag import *
from towpath.errors.versions import *
from towpath.errors.walk import *
from towpath.errors.workflow import *


def catalogue() -> dict[str, Kind]:
    """Every kind of error, by id, room by room."""
    return {kind.id: kind for kind in globals().values() if isinstance(kind, Kind)}
