"""THE pipeline: every gate of a release, in order. Read this first."""

from __future__ import annotations

from towpath.gates.build import build
from towpath.gates.gate import Pipeline
from towpath.gates.github_release import github_release
from towpath.gates.lint import lint
from towpath.gates.publish import publish, publish_test
from towpath.gates.security import security
from towpath.gates.tag import tag
from towpath.gates.test import test
from towpath.gates.verify_install import verify_install
from towpath.gates.verify_published import verify_published

RELEASE = Pipeline(
    lint(),
    test(),
    security(),  # these three need nothing and run side by side
    build(),  # needs lint, test, security → distributions
    verify_install(),  # needs build               → those very bytes, installed
    tag(),  # needs verify-install      → annotated tag, pushed atomically    SHARED
    publish_test(),  # needs tag                 → the test index, compared          SHARED
    # ---- point of no return ----
    publish(),  # needs publish-test        → the index                         PERMANENT
    verify_published(),  # needs publish             → downloaded, compared, installed
    github_release(),  # needs verify-published    → notes and files                   SHARED
)
