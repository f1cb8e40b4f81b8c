"""Workflows run for real: a bare repository, bash, artifacts, matrices, outputs, failures, re-runs, publishing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import textwrap
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from universe import Project, hermetic_environment

from towpath.errors import TowpathError
from towpath.index.twin import Issuer, Publisher, Twin
from towpath.reports.workflow import show_run_result
from towpath.workflow.interpreter.actions.calling import Call, Done, Handler
from towpath.workflow.interpreter.runner import Event, Machine, ordinary_environment, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.workflow.interpreter.results import RunResult

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are bash's, the labels ubuntu's")

PATH = ".github/workflows/release.yml"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
UPLOAD = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"
DOWNLOAD = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"
PUBLISH = "pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33"
OWN = "http://127.0.0.1:9/legacy/"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a tag and its bare repository, made once."""
    folder = tmp_path_factory.mktemp("template")
    made = Project.make(folder / "sample", hermetic_environment(folder / "home", folder / "cache"))
    made.git("tag", "--annotate", "v1.0.0", "--message", "one")
    made.git("clone", "--quiet", "--bare", ".", str(folder / "bare.git"))
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path, environ: dict[str, str]) -> Project:
    shutil.copytree(template / "sample", tmp_path / "sample")
    return Project(tmp_path / "sample", environ)


@pytest.fixture
def bare(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template / "bare.git", tmp_path / "bare.git")
    return tmp_path / "bare.git"


@pytest.fixture
def machine(bare: Path, tmp_path: Path) -> Machine:
    return Machine(
        tmp_path / "machine",
        bare,
        ordinary_environment(os.environ),
        slug="ada/sample",
        secrets={"TOKEN": "canary-secret"},
    )


@pytest.fixture
def running(machine: Machine) -> Callable[..., RunResult]:
    """Runs jobs that are given as YAML, for a pushed tag unless said otherwise."""

    def go(jobs: str, event: Event | None = None, *, head: str = "", on: Machine = machine, **more: Any) -> RunResult:
        return run(workflow(jobs, head), event or Event.push_tag("v1.0.0"), on, path=PATH, **more)

    return go


def workflow(jobs: str, head: str = "") -> str:
    return f"{head or 'on: [push, workflow_dispatch]'}\njobs:\n{textwrap.indent(textwrap.dedent(jobs), '  ')}"


def one(steps: str, more: str = "") -> str:
    """A job `it` with these steps."""
    body = textwrap.indent(textwrap.dedent(steps), "    ")
    return f"it:\n  runs-on: ubuntu-latest\n{textwrap.indent(textwrap.dedent(more), '  ')}\n  steps:\n{body}"


def results(result: RunResult) -> dict[str, str]:
    return {name: job.result for name, job in result.jobs.items()}


def problem(caught: pytest.ExceptionInfo[TowpathError]) -> tuple[str, str]:
    return caught.value.problems[0].id, caught.value.problems[0].cause


class TestSteps:
    def test_what_a_step_says_reaches_the_next(self, running: Callable[..., RunResult]) -> None:
        steps = """\
            - id: say
              run: |
                echo "one=1" >> "$GITHUB_OUTPUT"
                printf 'many<<END\\na=b\\nc\\nEND\\n' >> "$GITHUB_OUTPUT"
                echo "GIVEN=value" >> "$GITHUB_ENV"
                mkdir -p "$RUNNER_TEMP/tools"; printf '#!/bin/sh\\necho found' > "$RUNNER_TEMP/tools/mytool"
                chmod +x "$RUNNER_TEMP/tools/mytool"; echo "$RUNNER_TEMP/tools" >> "$GITHUB_PATH"
                echo '## Gates' >> "$GITHUB_STEP_SUMMARY"
            - id: hear
              env:
                OWN: ${{ env.GIVEN }}-${{ steps.say.outputs.one }}
              run: |
                echo "heard=$GIVEN $OWN $(mytool)" >> "$GITHUB_OUTPUT"
                test "${{ steps.say.outputs.many }}" = "a=b
                c"
            """
        result = running(one(steps, "outputs: {heard: '${{ steps.hear.outputs.heard }}'}"))
        assert result.result == "success", result.jobs["it"].log
        assert result.jobs["it"].outputs == {"heard": "value value-1 found"}
        assert result.summary.strip() == "## Gates"

    @pytest.mark.parametrize(
        ("shell", "script", "expected"),
        [
            ("bash", "false | true", "failure"),
            ("", "false | true", "success"),
            ("bash", "false; true", "failure"),
            ("sh", "false; true", "failure"),
            ("python", "import sys; sys.exit('PATH' not in __import__('os').environ)", "success"),
            ("python", "raise SystemExit(3)", "failure"),
            ("bash -u {0}", 'echo "$UNSET"', "failure"),
            ("bash", 'test -z "$UNSET"', "success"),
            ("no-such-shell {0}", "true", "failure"),
        ],
    )
    def test_shells(self, running: Callable[..., RunResult], shell: str, script: str, expected: str) -> None:
        given = f"\n  shell: {shell}" if shell else ""
        assert running(one(f"- run: |\n    {script}{given}")).result == expected

    def test_conditions_after_a_failure(self, running: Callable[..., RunResult]) -> None:
        steps = """\
            - {id: bad, run: exit 7}
            - {id: usual, run: 'true'}
            - {id: always, if: always(), run: 'echo ${{ steps.bad.outcome }} ${{ job.status }}'}
            - {id: failed, if: failure(), run: 'true'}
            - {id: well, if: success(), run: 'true'}
            """
        result = running(one(steps))
        assert {step.id: step.outcome for step in result.jobs["it"].steps} == {
            "bad": "failure", "usual": "skipped", "always": "success", "failed": "success", "well": "skipped",
        }  # fmt: skip
        assert result.result == "failure"
        assert "failure failure" in result.jobs["it"].log
        assert result.annotations[0].message == "Process completed with exit code 7."

    def test_a_step_that_may_fail(self, running: Callable[..., RunResult]) -> None:
        steps = """\
            - {id: bad, run: exit 1, continue-on-error: true}
            - {run: 'test ${{ steps.bad.outcome }}-${{ steps.bad.conclusion }} = failure-success'}
            """
        result = running(one(steps))
        assert result.result == "success"
        assert result.jobs["it"].steps[0].outcome == "failure"

    def test_a_step_that_hangs_is_ended_with_its_children(self, running: Callable[..., RunResult]) -> None:
        result = running(one("- {run: 'echo begun; sleep 60 & sleep 60', timeout-minutes: 0.005}"))
        assert result.result == "failure"
        assert "begun" in result.jobs["it"].log
        assert "timed out" in result.annotations[0].message

    def test_a_job_that_hangs_is_cancelled(self, running: Callable[..., RunResult]) -> None:
        steps = "- run: sleep 60\n- run: 'true'\n- {id: last, if: always(), run: 'true'}"
        result = running(one(steps, "timeout-minutes: 0.005"))
        assert [step.outcome for step in result.jobs["it"].steps] == ["failure", "skipped", "success"]
        assert result.result == "cancelled"

    def test_annotations_have_their_places(self, running: Callable[..., RunResult]) -> None:
        script = """\
            - run: |
                echo '::error file=src/a.py,line=3,title=Odd%2C this::100%25 wrong%0Areally'
                echo '::stop-commands::pause-1'
                echo '::error::not one'
                echo '::pause-1::'
                for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "::warning::$n"; done
            """
        found = running(one(script)).annotations
        assert (found[0].level, found[0].file, found[0].line, found[0].title) == ("error", "src/a.py", 3, "Odd, this")
        assert found[0].message == "100% wrong\nreally"
        assert [one.message for one in found[1:]] == [str(number) for number in range(1, 11)]

    def test_secrets_are_masked_wherever_they_show(self, running: Callable[..., RunResult]) -> None:
        steps = """\
            - id: leak
              env: {TOKEN: '${{ secrets.TOKEN }}'}
              run: |
                echo "it is $TOKEN"; echo "::warning::$TOKEN"; echo "$TOKEN" >> "$GITHUB_STEP_SUMMARY"
                echo "::add-mask::found-later"; echo "and found-later"
                echo "out=$TOKEN" >> "$GITHUB_OUTPUT"
            """
        result = running(one(steps, "outputs: {out: '${{ steps.leak.outputs.out }}', fine: x}"))
        log = result.jobs["it"].log
        assert "it is ***" in log
        assert "and ***" in log
        told = log + result.summary + "".join(one.message for one in result.annotations)
        assert "canary-secret" not in told
        assert result.jobs["it"].outputs == {"fine": "x"}
        assert any("may contain a secret" in one.message for one in result.annotations)

    @pytest.mark.parametrize(
        ("script", "why"),
        [
            ("echo '::set-output name=a::b'", "switched off"),
            ("echo nonsense >> $GITHUB_OUTPUT", "invalid format"),
            ("echo 'a<<END' >> $GITHUB_ENV", "not closed"),
            ("echo 'NODE_OPTIONS=x' >> $GITHUB_ENV", "NODE_OPTIONS"),
        ],
    )
    def test_what_github_fails_a_step_for(self, running: Callable[..., RunResult], script: str, why: str) -> None:
        result = running(one(f'- run: "{script}"'))
        assert result.result == "failure"
        assert why in result.annotations[0].message


class TestEnvironment:
    def test_a_job_begins_clean(self, running: Callable[..., RunResult], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CANARY_OF_THE_LAPTOP", "1")
        script = "- {id: env, run: 'env > listed; echo names=$(cut -d= -f1 listed) >> $GITHUB_OUTPUT'}"
        jobs = one(script, "outputs: {names: '${{ steps.env.outputs.names }}'}")
        result = running(
            jobs + "\n" + jobs.replace("it:", "after:\n  needs: it").replace("'env >", "'test ! -e listed; env >")
        )
        assert results(result) == {"it": "success", "after": "success"}
        names = set(result.jobs["it"].outputs["names"].split())
        assert {"GITHUB_SHA", "GITHUB_REF", "GITHUB_REPOSITORY", "GITHUB_ACTIONS", "CI", "RUNNER_TEMP", "HOME"} <= names
        assert not {"GITHUB_TOKEN", "TOKEN", "CANARY_OF_THE_LAPTOP", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"} & names
        assert not [name for name in names if name.startswith(("GIT_AUTHOR", "PYTEST", "TOWPATH", "COVERAGE"))]
        folders = [leg.folder for leg in result.legs()]
        assert len(set(folders)) == 2

    def test_three_levels_and_defaults(self, running: Callable[..., RunResult]) -> None:
        head = "on: push\nenv: {A: workflow, B: workflow, C: workflow}\ndefaults: {run: {shell: sh}}"
        more = "env: {B: job, C: job}\ndefaults: {run: {working-directory: inner}}"
        steps = """\
            - {run: mkdir -p inner, working-directory: .}
            - {env: {C: step}, run: 'echo "$A $B $C ${{ env.C }} $(basename "$PWD")"'}
            """
        result = running(one(steps, more), head=head)
        assert "workflow job step step inner" in result.jobs["it"].log
        assert result.jobs["it"].steps[1].facts["shell"] == "sh"

    def test_the_checkout_is_the_event_s_commit(self, running: Callable[..., RunResult], project: Project) -> None:
        steps = f"""\
            - uses: {CHECKOUT}
              with: {{fetch-depth: 0, persist-credentials: false}}
            - run: |
                test "$(git rev-parse HEAD)" = "$GITHUB_SHA"
                test "$(git cat-file -t v1.0.0)" = tag
                test -f pyproject.toml
            """
        result = running(one(steps))
        assert result.result == "success", result.jobs["it"].log
        assert result.sha == project.git("rev-parse", "HEAD")
        assert result.jobs["it"].steps[0].facts["commit"] == result.sha

    def test_a_shallow_and_sparse_checkout_of_a_branch(
        self, running: Callable[..., RunResult], project: Project, bare: Path
    ) -> None:
        project.write("more.txt", "x")
        project.commit("More")
        project.git("push", "--quiet", str(bare), "main")
        steps = f"""\
            - uses: {CHECKOUT}
              with: {{sparse-checkout: "pyproject.toml\\n", sparse-checkout-cone-mode: false}}
            - run: |
                test "$(ls)" = pyproject.toml
                test "$(git rev-list --count HEAD)" = 1
                test "$(git branch --show-current)" = main
                test -z "$(git tag)"
            """
        result = running(one(steps), Event.push_branch("main"))
        assert result.result == "success", result.jobs["it"].log

    @pytest.mark.parametrize(("level", "expected"), [("read", "failure"), ("write", "success")])
    def test_a_tag_can_be_pushed_with_contents_write_only(
        self, running: Callable[..., RunResult], project: Project, bare: Path, level: str, expected: str
    ) -> None:
        steps = f"- uses: {CHECKOUT}\n- run: git tag v2 && git push --quiet origin v2"
        result = running(one(steps, f"permissions: {{contents: {level}}}"))
        assert result.result == expected
        assert ("refs/tags/v2" in project.git("ls-remote", str(bare))) == (expected == "success")

    def test_python_of_a_version_is_the_job_s_own(self, running: Callable[..., RunResult]) -> None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        steps = f"""\
            - {{id: py, uses: actions/setup-python@v7, with: {{python-version: '{version}'}}}}
            - run: |
                test "$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = {version}
                test "$(command -v python)" = "$pythonLocation/bin/python"
                python -m pip --version
            - run: test "${{{{ steps.py.outputs.python-path }}}}" = "$(command -v python)"
            """
        result = running(one(steps))
        assert result.result == "success", result.jobs["it"].log

    def test_a_python_that_is_not_there_fails(self, running: Callable[..., RunResult]) -> None:
        result = running(one("- {uses: actions/setup-python@v7, with: {python-version: '3.99'}}"))
        assert result.annotations[0].message == "there is no Python 3.99 on this machine"


class TestJobs:
    CHAIN = """\
        a: {runs-on: ubuntu-latest, steps: [{run: exit 1}]}
        b: {runs-on: ubuntu-latest, needs: a, if: always(), steps: [{run: 'true'}]}
        c: {runs-on: ubuntu-latest, needs: b, steps: [{run: 'true'}]}
        d: {runs-on: ubuntu-latest, needs: b, if: failure(), steps: [{run: 'true'}]}
        e:
          {runs-on: ubuntu-latest, needs: [a, c], if: "${{ !cancelled() }}",
           env: {BOTH: '${{ needs.a.result }} ${{ needs.c.result }}'},
           steps: [{run: 'test "$BOTH" = "failure skipped"'}]}
        f: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}
        """

    def test_the_implicit_rule_asks_all_jobs_before(self, running: Callable[..., RunResult]) -> None:
        assert results(running(self.CHAIN)) == {
            "a": "failure", "b": "success", "c": "skipped", "d": "success", "e": "success", "f": "success",
        }  # fmt: skip

    def test_a_skipped_job_skips_those_after_it(self, running: Callable[..., RunResult]) -> None:
        chain = """\
            after: {runs-on: ubuntu-latest, needs: left-out, steps: [{run: 'true'}]}
            left-out: {runs-on: ubuntu-latest, if: github.ref_type == 'branch', steps: [{run: 'true'}]}
            route: {runs-on: ubuntu-latest, needs: left-out, if: "!failure()", steps: [{run: 'true'}]}
            """
        found = running(chain)
        assert results(found) == {"left-out": "skipped", "after": "skipped", "route": "success"}
        assert next(iter(found.jobs)) == "left-out"

    def test_a_matrix_with_outputs(self, running: Callable[..., RunResult]) -> None:
        jobs = """\
            legs:
              runs-on: ${{ matrix.system }}
              name: ${{ matrix.word }} on ${{ matrix.system }}
              strategy:
                matrix:
                  system: [ubuntu-latest, ubuntu-22.04]
                  word: [one, two]
                  exclude: [{system: ubuntu-22.04, word: two}]
                  include: [{word: one, more: yes-more}, {system: ubuntu-latest, word: three}]
              outputs:
                one: ${{ matrix.word == 'one' && matrix.system == 'ubuntu-latest' && steps.s.outputs.v }}
                three: ${{ matrix.word == 'three' && steps.s.outputs.v || '' }}
              steps:
                - id: s
                  run: echo "v=${{ matrix.word }}-${{ matrix.more }}-${{ strategy.job-index }}" >> $GITHUB_OUTPUT
            after:
              needs: legs
              runs-on: ubuntu-latest
              steps: [{run: 'test "${{ needs.legs.outputs.three }}" = three--3'}]
            """
        result = running(jobs)
        assert results(result) == {"legs": "success", "after": "success"}
        assert [leg.matrix for leg in result.jobs["legs"].legs] == [
            {"system": "ubuntu-latest", "word": "one", "more": "yes-more"},
            {"system": "ubuntu-latest", "word": "two"},
            {"system": "ubuntu-22.04", "word": "one", "more": "yes-more"},
            {"system": "ubuntu-latest", "word": "three"},
        ]
        assert result.jobs["legs"].legs[1].name == "two on ubuntu-latest"

    @pytest.mark.parametrize(("fail_fast", "last"), [("true", "cancelled"), ("false", "success")])
    def test_a_leg_that_fails(self, running: Callable[..., RunResult], fail_fast: str, last: str) -> None:
        jobs = one("- run: exit ${{ matrix.n }}", f"strategy: {{fail-fast: {fail_fast}, matrix: {{n: [0, 1, 0]}}}}")
        result = running(jobs)
        assert [leg.result for leg in result.jobs["it"].legs] == ["success", "failure", last]
        assert result.result == "failure"

    def test_a_matrix_from_an_output(self, running: Callable[..., RunResult]) -> None:
        jobs = """\
            plan:
              runs-on: ubuntu-latest
              outputs: {legs: '${{ steps.p.outputs.legs }}', none: '[]'}
              steps: [{id: p, run: "echo 'legs=[3, 4]' >> $GITHUB_OUTPUT"}]
            legs:
              needs: plan
              runs-on: ubuntu-latest
              strategy: {matrix: {n: '${{ fromJSON(needs.plan.outputs.legs) }}'}}
              steps: [{run: 'test "${{ matrix.n }}" -ge 3'}]
            empty:
              needs: plan
              runs-on: ubuntu-latest
              strategy: {matrix: {n: '${{ fromJSON(needs.plan.outputs.none) }}'}}
              steps: [{run: 'true'}]
            """
        result = running(jobs)
        assert results(result) == {"plan": "success", "legs": "success", "empty": "failure"}
        assert len(result.jobs["legs"].legs) == 2

    @pytest.mark.parametrize(
        ("choice", "expected"), [("refuse", "failure"), ("skip", "cancelled"), ("as-ubuntu", "success")]
    )
    def test_other_systems_never_pass_silently(
        self, running: Callable[..., RunResult], machine: Machine, choice: Any, expected: str
    ) -> None:
        jobs = one("- run: 'true'").replace("ubuntu-latest", "windows-latest")
        result = running(jobs, on=replace(machine, other_systems=choice))
        assert result.result == expected
        assert [one.message for one in result.annotations] == (
            [] if expected == "success" else ["windows-latest is not run here"]
        )

    TWO_SYSTEMS = """\
        it:
          strategy: {fail-fast: false, matrix: {system: [ubuntu-latest, windows-latest]}}
          runs-on: ${{ matrix.system }}
          steps: [{run: 'COMMAND'}]
        after: {needs: it, runs-on: ubuntu-latest, steps: [{run: 'true'}]}
        last:
          needs: [it, after]
          if: ${{ always() }}
          runs-on: ubuntu-latest
          steps: [{run: 'test "${{ join(needs.*.result) }}" = "success,success"'}]
    """

    @pytest.mark.parametrize(("command", "expected"), [("true", "success"), ("false", "failure")])
    def test_a_leg_that_is_not_here_decides_nothing_and_is_told(
        self,
        running: Callable[..., RunResult],
        machine: Machine,
        command: str,
        expected: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        result = running(self.TWO_SYSTEMS.replace("COMMAND", command), on=replace(machine, other_systems="skip"))
        after = "success" if expected == "success" else "skipped"
        assert results(result) == {"it": expected, "after": after, "last": expected}
        assert result.result == expected
        assert [(leg.name, leg.result) for leg in result.not_here] == [("it (windows-latest)", "cancelled")]
        show_run_result(result, (), machine.folder)
        said = capsys.readouterr().out
        assert f"run here: {expected}, but for 1 that is not here" in said
        assert "it (windows-latest): not here, nothing is known of it" in said

    def test_an_environment_that_is_not_approved(self, running: Callable[..., RunResult], machine: Machine) -> None:
        asked = []

        def approve(environment: str, job: str) -> bool:
            asked.append((environment, job))
            return False

        result = running(
            one("- run: 'true'", "environment: {name: pypi, url: https://x/}"), on=replace(machine, approve=approve)
        )
        assert (result.result, asked) == ("failure", [("pypi", "it")])


class TestEvents:
    HEAD = """\
on:
  push: {branches: ['release/**', '!release/old'], tags: ['v[0-9]+.*']}
  release: {types: [published]}
  pull_request: {branches: [main]}
  workflow_dispatch:
    inputs:
      version: {type: string, default: ''}
      dry-run: {type: boolean, default: true}
      level: {type: choice, options: [low, high], default: low}
"""
    SHOW = """\
it:
  runs-on: ubuntu-latest
  outputs: {v: '${{ steps.s.outputs.v }}'}
  env:
    A: ${{ github.event_name }} ${{ github.ref }} ${{ inputs.dry-run == true }}
    B: ${{ github.event.inputs.dry-run }} ${{ inputs.level }} ${{ github.event.action }}
  steps: [{id: s, run: 'echo "v=$A $B" >> $GITHUB_OUTPUT'}]
"""

    @pytest.mark.parametrize(
        ("event", "expected"),
        [
            (Event.push_tag("v1.0.0"), "push refs/tags/v1.0.0 false"),
            (Event.release("v1.0.0"), "release refs/tags/v1.0.0 false   published"),
            (Event.pull_request("topic"), "pull_request refs/pull/1/merge false   opened"),
            (Event.push_branch("release/1"), "push refs/heads/release/1 false"),
            (Event.dispatch("main"), "workflow_dispatch refs/heads/main true true low"),
            (
                Event.dispatch("main", {"dry-run": False, "level": "high"}),
                "workflow_dispatch refs/heads/main false false high",
            ),
            (
                Event.dispatch("refs/tags/v1.0.0", {"dry-run": "true"}),
                "workflow_dispatch refs/tags/v1.0.0 true true low",
            ),
        ],
    )
    def test_what_a_run_knows_of_its_event(
        self, running: Callable[..., RunResult], project: Project, bare: Path, event: Event, expected: str
    ) -> None:
        project.git("push", "--quiet", str(bare), "main:topic", "main:release/1")
        assert running(self.SHOW, event, head=self.HEAD).jobs["it"].outputs["v"].strip() == expected

    @pytest.mark.parametrize(
        ("event", "expected"),
        [
            (Event.push_tag("nightly"), "not-triggered"),
            (Event.push_branch("main"), "not-triggered"),
            (Event.push_branch("release/old"), "not-triggered"),
            (Event.push_branch("release/none"), "bad-event"),
            (Event.pull_request("topic", base="other"), "not-triggered"),
            (Event.dispatch("main", {"unknown": "1"}), "bad-input"),
            (Event.dispatch("main", {"dry-run": "maybe"}), "bad-input"),
            (Event.dispatch("main", {"level": "middle"}), "bad-input"),
        ],
    )
    def test_what_does_not_start_it(self, running: Callable[..., RunResult], event: Event, expected: str) -> None:
        with pytest.raises(TowpathError) as caught:
            running(self.SHOW, event, head=self.HEAD)
        assert problem(caught)[0] == expected


class TestArtifacts:
    def test_files_go_from_job_to_job_by_id(self, running: Callable[..., RunResult]) -> None:
        jobs = f"""\
            build:
              runs-on: ubuntu-latest
              outputs:
                id: ${{{{ steps.up.outputs.artifact-id }}}}
                digest: ${{{{ steps.up.outputs.artifact-digest }}}}
              steps:
                - run: mkdir -p dist/inner && echo a > dist/a.txt && echo b > dist/inner/b.txt && echo h > dist/.h
                - {{id: up, uses: {UPLOAD}, with: {{name: files, path: dist}}}}
                - {{uses: {UPLOAD}, with: {{name: some, path: "dist/**/*.txt\\n!dist/inner"}}}}
                - {{uses: {UPLOAD}, with: {{name: all, path: dist, include-hidden-files: true}}}}
            use:
              needs: build
              runs-on: ubuntu-latest
              steps:
                - {{uses: {DOWNLOAD}, with: {{artifact-ids: "${{{{ needs.build.outputs.id }}}}", path: got}}}}
                - {{uses: {DOWNLOAD}, with: {{pattern: '*l*', path: many}}}}
                - {{uses: {DOWNLOAD}, with: {{path: merged, merge-multiple: true}}}}
                - run: |
                    test "$(cd got && find . -type f | sort | tr '\\n' ' ')" = "./a.txt ./inner/b.txt "
                    test "$(ls many | tr '\\n' ' ')" = "all files "
                    test -f merged/.h && test -f many/all/inner/b.txt
            """
        result = running(jobs)
        assert results(result) == {"build": "success", "use": "success"}, result.jobs["use"].log
        files, some, _ = result.artifacts
        assert str(files.id) == result.jobs["build"].outputs["id"]
        assert files.digest == result.jobs["build"].outputs["digest"]
        assert zipfile.ZipFile(some.archive).namelist() == ["a.txt"]

    @pytest.mark.parametrize(
        ("step", "why"),
        [
            (f"{{uses: {UPLOAD}, with: {{name: x, path: none, if-no-files-found: error}}}}", "no files were found"),
            (f"{{uses: {UPLOAD}, with: {{name: taken, path: f}}}}", "already exists"),
            (f"{{uses: {UPLOAD}, with: {{name: a/b, path: f}}}}", "cannot be the name"),
            (f"{{uses: {UPLOAD}, with: {{name: h, path: .h, if-no-files-found: error}}}}", "no files were found"),
            (f"{{uses: {DOWNLOAD}, with: {{name: nothing}}}}", "no artifact of this run"),
            (f"{{uses: {DOWNLOAD}, with: {{artifact-ids: '17'}}}}", "none of the artifact ids"),
            (f"{{uses: {DOWNLOAD}, with: {{artifact-ids: ','}}}}", "no list of ids"),
            (f"{{uses: {DOWNLOAD}, with: {{name: taken, merge-multiple: perhaps}}}}", "neither true nor false"),
        ],
    )
    def test_what_fails(self, running: Callable[..., RunResult], step: str, why: str) -> None:
        flag = step.replace("name: taken, merge-multiple", "pattern: taken, merge-multiple")
        steps = (
            f"- run: mkdir .h; echo > f; echo > .h/f\n- {{uses: {UPLOAD}, with: {{name: taken, path: f}}}}\n- {flag}"
        )
        result = running(one(steps))
        assert result.result == "failure"
        assert why in result.annotations[-1].message

    def test_an_archive_that_was_changed_is_refused(self, running: Callable[..., RunResult], machine: Machine) -> None:
        def tamper(call: Call) -> Done:
            with zipfile.ZipFile(call.artifacts.kept[0].archive, "a") as archive:
                archive.writestr("evil.txt", "x")
            return Done()

        changing = replace(machine, handlers={"test/tamper": Handler({}, (), tamper)})
        begin = f"- run: echo > f\n- {{uses: {UPLOAD}, with: {{path: f}}}}\n- uses: test/tamper@v1\n"
        steps = f"{begin}- {{uses: {DOWNLOAD}, with: {{name: artifact}}}}"
        result = running(one(steps), on=changing)
        assert result.result == "failure"
        assert "has not the digest" in result.annotations[-1].message


class TestRerun:
    JOBS = f"""\
        first:
          runs-on: ubuntu-latest
          outputs: {{v: 'attempt ${{{{ github.run_attempt }}}}'}}
          steps: [{{run: echo > f}}, {{uses: {UPLOAD}, with: {{name: kept, path: f}}}}]
        second:
          runs-on: ubuntu-latest
          needs: first
          strategy: {{fail-fast: false, matrix: {{n: [1, 2]}}}}
          steps:
            - {{uses: {DOWNLOAD}, with: {{name: kept}}}}
            - run: test -f f && test "${{{{ needs.first.outputs.v }}}}" = "attempt 1"
            - run: test ${{{{ matrix.n }}}} = 1 -o "$GITHUB_RUN_ATTEMPT" = 2
        third:
          runs-on: ubuntu-latest
          needs: second
          steps: [{{run: 'true'}}]
        """

    def test_what_failed_and_what_needs_it_run_again(self, running: Callable[..., RunResult]) -> None:
        before = running(self.JOBS)
        assert results(before) == {"first": "success", "second": "failure", "third": "skipped"}
        again = running(self.JOBS, rerun=before)
        assert results(again) == {"first": "success", "second": "success", "third": "success"}
        assert (again.attempt, again.run_id) == (2, before.run_id)
        assert again.jobs["first"] is before.jobs["first"]
        assert [leg.attempt for leg in again.jobs["second"].legs] == [1, 2]
        assert again.artifacts == before.artifacts

    def test_a_run_that_succeeded_or_another_workflow(self, running: Callable[..., RunResult]) -> None:
        fine = running(one("- run: 'true'"))
        for jobs in (one("- run: 'true'"), one("- run: 'false'")):
            with pytest.raises(TowpathError) as caught:
                running(jobs, rerun=fine)
            assert problem(caught)[0] == "bad-rerun"


class TestRefusals:
    @pytest.mark.parametrize(
        ("jobs", "what"),
        [
            (one("- uses: someone/unknown@v1"), "the action 'someone/unknown@v1' is not known"),
            (one("- uses: ./local"), "is not known"),
            (one(f"- {{uses: {CHECKOUT}, with: {{fetch-dept: 0}}}}"), "has no input 'fetch-dept'"),
            (one(f"- {{uses: {UPLOAD}, with: {{name: x}}}}"), "needs the input 'path'"),
            (one("- run: 'true'", "container: python:3"), "has 'container'"),
        ],
    )
    def test_nothing_runs_where_something_is_not_known(
        self, running: Callable[..., RunResult], machine: Machine, jobs: str, what: str
    ) -> None:
        with pytest.raises(TowpathError) as caught:
            running(jobs)
        assert problem(caught)[0] == "not-interpreted"
        assert what in problem(caught)[1]
        assert not machine.folder.exists()


class TestPublishing:
    WORKFLOW = f"""\
on: push
permissions: {{}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {{id-token: write}}
    steps:
      - {{uses: test/files@v1}}
      - {{uses: {PUBLISH}, with: {{skip-existing: true}}}}
  without:
    runs-on: ubuntu-latest
    steps:
      - run: test -z "$ACTIONS_ID_TOKEN_REQUEST_URL$ACTIONS_ID_TOKEN_REQUEST_TOKEN"
      - {{uses: test/files@v1}}
      - {{uses: {PUBLISH}}}
"""

    def test_trusted_publishing_against_the_twin(self, machine: Machine, tmp_path: Path, wheel: Path) -> None:
        def files(call: Call) -> Done:
            (call.workspace / "dist").mkdir()
            shutil.copy2(wheel, call.workspace / "dist")
            return Done()

        publisher = Publisher("sample-pkg", "ada/sample", "release.yml", "pypi", "1")
        with Issuer.serve() as issuer, Twin.serve(tmp_path / "twin", issuer=issuer, publishers=[publisher]) as twin:

            def identity(claims: Mapping[str, str | None]) -> dict[str, str]:
                issuer.claims.update(claims)
                return issuer.environment

            world = replace(
                machine,
                identity=identity,
                handlers={"test/files": Handler({}, (), files)},
                indexes={"https://upload.pypi.org/legacy/": twin.upload_url},
            )
            result = run(self.WORKFLOW, Event.push_tag("v1.0.0"), world, path=PATH)
            again = run(self.WORKFLOW, Event.push_tag("v1.0.0"), world, path=PATH)
            assert results(result) == {"publish": "success", "without": "failure"}, result.jobs["publish"].log
            facts = result.jobs["publish"].steps[1].facts
            assert (facts["sent"], facts["trusted"], facts["attestations"]) == ([wheel.name], True, True)
            assert again.jobs["publish"].result == "success"
            assert "needs the permission id-token: write" in result.annotations[-1].message
            assert issuer.claims["sub"] == "repo:ada/sample:environment:pypi"
            assert issuer.claims["job_workflow_ref"] == f"ada/sample/{PATH}@refs/tags/v1.0.0"
            assert issuer.request_token not in result.jobs["publish"].log

    def test_nothing_is_ever_sent_beyond_this_machine(self, running: Callable[..., RunResult]) -> None:
        given = "{password: x, verify-metadata: false}"
        steps = f"- run: mkdir dist; echo > dist/a.whl\n- {{uses: {PUBLISH}, with: {given}}}"
        result = running(one(steps))
        assert result.result == "failure"
        assert "is not on this machine" in result.annotations[-1].message

    @pytest.mark.parametrize(("there", "said"), [({}, 1), ({"https://test.pypi.org/legacy/": OWN}, 0)])
    def test_what_is_there_is_skipped_at_pypi_s_own_indexes_only(
        self, machine: Machine, there: dict[str, str], said: int
    ) -> None:
        """As twine refuses it; an index that stands here for one of those counts as that one."""
        given = f"{{password: x, verify-metadata: false, skip-existing: true, repository-url: '{OWN}'}}"
        steps = f"- run: mkdir dist; echo > dist/a.whl\n- {{uses: {PUBLISH}, with: {given}}}"
        result = run(
            f"on: push\njobs:\n{textwrap.indent(one(steps), '  ')}",
            Event.push_tag("v1.0.0"),
            replace(machine, indexes=there),
            path=PATH,
        )
        assert result.result == "failure"
        assert result.annotations[-1].message.count("--skip-existing and is an unsupported") == said


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A small wheel that an index takes."""
    path = tmp_path / "sample_pkg-1.0.0-py3-none-any.whl"
    metadata = "Metadata-Version: 2.1\nName: sample-pkg\nVersion: 1.0.0\nSummary: A sample\n\nWords.\n"
    files = {
        "sample_pkg/__init__.py": "",
        "sample_pkg-1.0.0.dist-info/METADATA": metadata,
        "sample_pkg-1.0.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any",
    }
    record = "".join(f"{name},,\n" for name in [*files, "sample_pkg-1.0.0.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "sample_pkg-1.0.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return path


class TestTheRest:
    def test_a_token_by_permissions_reaches_only_the_step_that_is_given_it(
        self, running: Callable[..., RunResult], machine: Machine
    ) -> None:
        world = replace(machine, token_for=lambda permissions: f"tok-{permissions.get('contents', 'none')}")
        steps = """\
            - run: test -z "$GITHUB_TOKEN"
            - run: test "$A $B" = "tok-write tok-write"
              env: {A: "${{ github.token }}", B: "${{ secrets.GITHUB_TOKEN }}"}
            - run: echo ${{ github.token }}
            """
        result = running(one(steps, "permissions: {contents: write}"), on=world)
        assert result.result == "success", result.jobs["it"].log
        assert "tok-write" not in result.jobs["it"].log.replace('"tok-write tok-write"', "")

    def test_a_job_that_may_fail(self, running: Callable[..., RunResult]) -> None:
        jobs = one("- run: exit 1", "continue-on-error: true")
        result = running(jobs + "\nafter: {needs: it, runs-on: ubuntu-latest, steps: [{run: 'true'}]}")
        assert results(result) == {"it": "success", "after": "success"}
        assert result.jobs["it"].legs[0].outcome == "failure"

    def test_hash_files(self, running: Callable[..., RunResult]) -> None:
        steps = """\
            - run: mkdir d && echo a > d/a.lock && echo b > d/b.lock && echo c > c.txt
            - run: echo "of=${{ hashFiles('**/*.lock') }} one=${{ hashFiles('**/*.lock', '!d/b.lock') }}"
            - run: echo "no=${{ hashFiles('*.none') }}."
            """
        log = running(one(steps)).jobs["it"].log
        inner = [hashlib.sha256(text).digest() for text in (b"a\n", b"b\n")]
        assert f"of={hashlib.sha256(b''.join(inner)).hexdigest()} one={hashlib.sha256(inner[0]).hexdigest()}" in log
        assert "no=." in log

    def test_uv(self, running: Callable[..., RunResult]) -> None:
        steps = """\
            - {id: uv, uses: astral-sh/setup-uv@v9, with: {enable-cache: false}}
            - run: test "$(command -v uv)" = "${{ steps.uv.outputs.uv-path }}" && uv --version
            """
        result = running(one(steps))
        assert result.result == "success", result.jobs["it"].log

    @pytest.mark.parametrize(
        ("scopes", "expected"), [("id-token: write", "failure"), ("id-token: write, attestations: write", "success")]
    )
    def test_an_attestation_is_recorded_and_not_made(
        self, running: Callable[..., RunResult], scopes: str, expected: str
    ) -> None:
        steps = (
            "- run: mkdir dist && printf x > dist/a.whl\n- {uses: actions/attest@v4, with: {subject-path: 'dist/*'}}"
        )
        result = running(one(steps, f"permissions: {{{scopes}}}"))
        assert result.result == expected
        if expected == "success":
            attested = result.jobs["it"].steps[1].facts["attested"]
            assert attested == {"a.whl": hashlib.sha256(b"x").hexdigest()}

    def test_a_pull_request_is_checked_out_at_its_head(
        self, running: Callable[..., RunResult], project: Project, bare: Path
    ) -> None:
        project.write("more.txt", "x")
        head = project.commit("More")
        project.git("push", "--quiet", str(bare), "main:topic")
        steps = f"- uses: {CHECKOUT}\n- run: test -f more.txt && test $GITHUB_HEAD_REF-$GITHUB_BASE_REF = topic-main"
        result = running(one(steps), Event.pull_request("topic"), head="on: pull_request")
        assert (result.result, result.sha) == ("success", head), result.jobs["it"].log

    def test_what_jobs_see_of_an_environment(self) -> None:
        given = {
            "PATH": "/p",
            "GITHUB_TOKEN": "x",
            "TWINE_PASSWORD": "x",
            "LC_ALL": "C",
            "PYTHONPATH": "/x",
            "HOME": "/h",
        }
        assert ordinary_environment(given) == {"PATH": "/p", "LC_ALL": "C"}


def test_what_is_recorded(running: Callable[..., RunResult]) -> None:
    head = "on: push\nname: Release\nrun-name: Release ${{ github.ref_name }}\nconcurrency: r-${{ github.ref }}"
    more = "permissions: {contents: read, id-token: none}\nenvironment: {name: pypi, url: 'x/${{ steps.s.outputs.v }}'}"
    result = running(one("- {id: s, name: Say, run: 'echo v=1 >> $GITHUB_OUTPUT'}", more), head=head)
    leg = result.jobs["it"].legs[0]
    assert result.name == "Release v1.0.0"
    assert result.concurrency == "r-refs/tags/v1.0.0"
    assert (leg.permissions, leg.environment, leg.environment_url) == ({"contents": "read"}, "pypi", "x/1")
    assert leg.step("Say").facts == {"command": "echo v=1 >> $GITHUB_OUTPUT", "shell": "default", "code": 0}
    assert leg.folder
    payload = json.loads((leg.folder / "work" / "_temp" / "event.json").read_text(encoding="utf-8"))
    assert payload["repository"]["full_name"] == "ada/sample"
