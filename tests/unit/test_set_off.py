"""Which workflows publish when a version is released: their triggers, conditions and uploads, as GitHub reads them."""

from __future__ import annotations

import pytest

from towpath.gates.set_off import Setting, publishers_of

UPLOAD = "      - uses: pypa/gh-action-pypi-publish@release/v1\n"


def workflow(on: str, *, job: str = "", steps: str = UPLOAD) -> str:
    return f"on:\n{on}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n{job}    steps:\n{steps}"


def triggers(text: str, tag: str = "v1.0.0", **others: str) -> tuple[str, ...]:
    texts = {"release.yml": text, **{f"{name}.yml": other for name, other in others.items()}}
    found = {one.name: one.triggers for one in publishers_of(texts, Setting(tag, "Ada/sample"))}
    return found.get("release.yml", ())


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("  push:\n    tags: ['v*']", ("tag",)),
        ("  push:\n    tags: ['v[0-9]+.[0-9]+.[0-9]+']", ("tag",)),
        ("  push:\n    tags: ['release-*']", ()),
        ("  push:\n    tags: ['v*', '!v1.0.*']", ()),
        ("  push:\n    tags-ignore: ['v*rc*']", ("tag",)),
        ("  push:\n    branches: [main]", ()),
        ("  push:", ("tag",)),
        ("  create:", ("tag",)),
        ("  release:\n    types: [published]", ("release",)),
        ("  release:\n    types: deleted", ()),
        ("  release:", ("release",)),
        ("  workflow_dispatch:", ("dispatch",)),
        ("  push:\n    tags: 'v*'\n  release:\n  workflow_dispatch:", ("tag", "release", "dispatch")),
        ("  pull_request:", ()),
        ("  schedule:\n    - cron: '0 0 * * *'", ()),
    ],
)
def test_triggers(on: str, wanted: tuple[str, ...]) -> None:
    assert triggers(workflow(on)) == wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("github.event_name == 'release'", ("release",)),
        ("github.event_name != 'release'", ("tag", "dispatch")),
        ("startsWith(github.ref, 'refs/tags/v')", ("tag", "release")),
        ("!startsWith(github.ref, 'refs/tags/')", ("dispatch",)),
        ("!startsWith(github.ref, 'refs/tags/beta')", ("tag", "release", "dispatch")),
        ("github.ref == 'refs/heads/main'", ("dispatch",)),
        ("github.ref_type == 'tag' && github.event_name == 'push'", ("tag",)),
        ("github.event_name == 'release' || inputs.publish", ("tag", "release", "dispatch")),
        ("github.repository == 'ada/sample'", ("tag", "release", "dispatch")),
        ("github.repository == 'somebody/else'", ()),
        ("false", ()),
        ("needs.plan.outputs.publish == 'true'", ("tag", "release", "dispatch")),
    ],
)
@pytest.mark.parametrize("where", ["job", "step"])
def test_plain_conditions(condition: str, wanted: tuple[str, ...], where: str) -> None:
    on = "  push:\n    tags: ['v*']\n  release:\n  workflow_dispatch:"
    line = f"if: ${{{{ {condition} }}}}\n"
    if where == "job":
        assert triggers(workflow(on, job=f"    {line}")) == wanted
    else:
        assert triggers(workflow(on, steps=f"{UPLOAD}        {line}")) == wanted


@pytest.mark.parametrize(
    ("run", "wanted"),
    [
        ("twine upload dist/*", ("tag",)),
        ("uv publish", ("tag",)),
        ("flit publish", ("tag",)),
        ("nox -s publish -- --yes", ("tag",)),
        ("nox -s publish-test", ("tag",)),
        ('nox -s towpath-"publish"', ("tag",)),
        ("nox -s release -- --to pypi", ("tag",)),
        ("nox -s release", ()),
        ("nox -s verify-published", ()),
        ("uv publish --dry-run", ()),
        ("echo published", ()),
    ],
)
def test_commands(run: str, wanted: tuple[str, ...]) -> None:
    assert triggers(workflow("  push:\n    tags: ['v*']", steps=f"      - run: {run!r}\n")) == wanted


def test_a_workflow_that_calls_the_one_that_publishes() -> None:
    below = workflow("  workflow_call:")
    calling = "on:\n  push:\n    tags: ['v*']\njobs:\n  all:\n    uses: ./.github/workflows/below.yml\n"
    assert triggers(calling, below=below) == ("tag",)
    assert triggers(calling, below=below.replace("pypa/gh-action-pypi-publish", "actions/checkout")) == ()
    assert triggers(calling.replace("below", "release")) == (), "one that calls itself ends"


def test_one_that_cannot_be_read_starts_nothing() -> None:
    assert triggers("on: [push\n# publish") == ()


def test_where_it_sends_and_what_a_dispatch_takes() -> None:
    on = "  workflow_dispatch:\n    inputs:\n      version:\n        required: true\n      why:\n"
    text = workflow(on, steps=f"{UPLOAD}        with:\n          repository-url: https://test.pypi.org/legacy/\n")
    (one,) = publishers_of({"x.yml": text}, Setting("v1", "ada/sample"))
    assert (one.indexes, one.generated, one.path) == (("testpypi",), False, ".github/workflows/x.yml")
    assert one.inputs == {"version": {"required": True}, "why": {}}
