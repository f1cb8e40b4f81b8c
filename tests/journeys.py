"""A project of one of the five shapes on its whole journey, and all that stands around it on this machine.

A `Shape` says what a project is before it has heard of towpath: its files at a version, its past, the workflow that
publishes it. A `Journey` is that project with what it talks to: a bare remote, twins of PyPI and TestPyPI that know its
past, a double of GitHub that runs its workflow for real when a tag is pushed, a release published or a dispatch made.
Its verbs are the commands that a maintainer types. The project reaches all of it by `[tool.towpath]` alone: the
addresses of the indexes and of the forge's API are configured, and nothing of towpath is replaced.

The Python is the one that runs the tests, so that any machine has it; several have tests of their own.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
import re
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import releases
from jobs import HANDLERS
from packaging.version import Version
from universe import FILES, RUNNING, Ended, Project, problem_ids

from towpath import network
from towpath.forge.actions_answers import job
from towpath.forge.double import ForgeDouble
from towpath.index.twin import Issuer, Publisher, Twin
from towpath.index.upload import upload
from towpath.model import Login
from towpath.workflow import lock
from towpath.workflow.interpreter.events import lets_through
from towpath.workflow.interpreter.reading import load
from towpath.workflow.interpreter.runner import Event, Machine, RunResult, ordinary_environment, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LOCAL_GATES = ("lint", "test", "security", "build", "verify-install")


@dataclass(frozen=True)
class Shape:
    """A project before it takes towpath up.

    `files` gives every file at a version. `past` are its releases, oldest first: version, tag ("" for none), and
    whether the tag is annotated. `work` is what has been done since the last one. `published` are those of the past
    that lie on PyPI. `workflow` is the file that publishes, `environments` are those that the indexes' publishers are
    registered with ("" for any); an index without one has no publisher. `secrets` are by the index whose token they
    hold.
    `branch` is the default one.
    """

    name: str
    repository: str
    workflow: str
    files: Callable[[str], Mapping[str, str]]
    past: tuple[tuple[str, str, bool], ...]
    work: Mapping[str, str]
    published: tuple[str, ...] = ()
    environments: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    branch: str = "main"

    @property
    def path(self) -> str:
        """The workflow's path."""
        return f".github/workflows/{self.workflow}"


@dataclass
class Journey:
    """A project, what it talks to, and every run of its workflow so far."""

    shape: Shape
    project: Project
    index: Twin
    test_index: Twin
    forge: ForgeDouble
    machine: Machine
    remote: Path
    tokens: dict[str, str]
    runs: list[RunResult] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    handled: dict[str, int] = field(default_factory=dict)

    # ---- taking it up

    def init(self, *options: str) -> Any:
        """`python -m towpath init --yes --json`: what it found and wrote."""
        command = [sys.executable, "-m", "towpath", "init", "--yes", "--json", *options]
        done = subprocess.run(
            command, cwd=self.project.root, env=self.project.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def configure(self, tables: Mapping[str, str]) -> None:
        """Lines into tables of pyproject.toml ("workflow" is `[tool.towpath.workflow]`), also those that init wrote.

        Besides, what any of these journeys needs: where the doubles are, and the Python that there is.
        """
        addresses = {
            f"index.{twin.name}": f'upload-url = "{twin.upload_url}"\nsimple-url = "{twin.simple_url}"'
            for twin in (self.index, self.test_index)
        }
        forge = f'repository = "{self.shape.repository}"\napi-url = "{self.forge.address.api_url}"'
        python = f'python = "{RUNNING}"'
        made = {**addresses, "github-release": forge, **tables}
        made["workflow"] = "\n".join(filter(None, (made.get("workflow", ""), python)))
        text = (self.project.root / "pyproject.toml").read_text(encoding="utf-8")
        for name, lines in made.items():
            header = f"[tool.towpath.{name}]\n" if name else "[tool.towpath]\n"
            text = text.replace(header, f"{header}{lines}\n") if header in text else f"{text}\n{header}{lines}\n"
        self.project.write("pyproject.toml", text)

    def generate(self) -> Ended:
        """`invoke workflow --replace`, with a lock file of what the jobs have already: nothing is downloaded."""
        installed = {name: importlib.metadata.version(name) for name in ("towpath", "nox", "invoke")}
        locked = (f"{name}=={number} \\\n    --hash=sha256:{'0' * 64}\n" for name, number in installed.items())
        self.project.write(lock.PATH, "".join(locked))
        ended = well(self.project.invoke("workflow", "--replace"))
        if "workflow_dispatch" in (self.project.root / self.shape.path).read_text(encoding="utf-8"):
            self.forge.runs.workflow(self.shape.workflow, {"version": True, "dry-run": True})
        return ended

    def commit(self, message: str) -> str:
        """Commit everything and push the branch."""
        commit = self.project.commit(message)
        self.project.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
        return commit

    def settle(self, *environments: str, refs: Sequence[tuple[str, str]] = (("v*", "tag"),)) -> None:
        """What the maintainer sets up on GitHub: environments with a reviewer, for some refs alone; tags that stay."""
        guarded = {"reviewers": ["ada"], "refs": [list(ref) for ref in refs]}
        self.forge.set_up(
            default_branch=self.shape.branch,
            environments=dict.fromkeys(environments, guarded),
            rulesets=[{"name": "tags", "include": ["refs/tags/v*"], "rules": ["update", "deletion"]}],
            secrets=list(self.shape.secrets.values()),
            workflows={self.shape.path: "active", ".github/workflows/check.yml": "active"},
        )

    # ---- the ways of a release

    def doctor(self, **more: str) -> Any:
        """`invoke doctor`: the report; its problems are for the caller to judge."""
        return self.project.invoke("doctor", "--json", **self.tokens, **more).json()

    def bump(self, *arguments: str) -> str:
        """`invoke bump`, which must succeed: the version that it made; no tag comes of it."""
        made = well(self.project.invoke("bump", "--json", *arguments)).json()
        assert self.project.git("status", "--porcelain") == ""
        assert self.project.git("tag", "--points-at", "HEAD") == ""
        return str(made["new"])

    def rehearse(self, *options: str) -> Any:
        """`nox -s release`: it must come to an end, and leave indexes, forge and remote alone."""
        before = self.world()
        report = self.project.release(*options)
        assert report["done"], (problem_ids(report), report)
        assert self.world() == before, "a rehearsal touched the world"
        return report

    def release(self, to: str = "pypi") -> Any:
        """`nox -s release -- --to pypi` while GitHub listens: the report, for the caller to judge."""
        with self.listening():
            return self.project.release("--to", to, **self.tokens)

    def push_tag(self, tag: str, *, annotated: bool = True) -> RunResult:
        """A tag made and pushed by hand, and the run that it started."""
        more = ("--annotate", "--message", tag) if annotated else ()
        self.project.git("tag", *more, tag)
        self.project.git("push", "--quiet", "origin", "HEAD", f"refs/tags/{tag}")
        return self._run(Event.push_tag(tag))

    def rerun(self) -> RunResult:
        """ "Re-run failed jobs" on the page of the last run."""
        return self._run(self.runs[-1].event, again=True)

    def dispatch(self, version: str, *, dry_run: bool) -> RunResult:
        """ "Run workflow" on the page of the workflow, on the branch that is checked out."""
        self.project.git("push", "--quiet", "origin", "HEAD")
        branch = self.project.git("branch", "--show-current")
        return self._run(Event.dispatch(branch, {"version": version, "dry-run": dry_run}))

    def publish_release(self, tag: str, notes: str = "Written by hand.") -> RunResult:
        """A release published by hand on the page of GitHub, for a tag that is pushed before; and its run."""
        self.project.git("tag", tag)
        self.project.git("push", "--quiet", "origin", "HEAD", f"refs/tags/{tag}")
        url = f"{self.forge.address.api_url}/repos/{self.forge.address.repository}/releases"
        said = {"tag_name": tag, "name": tag, "body": notes, "prerelease": Version(tag).is_prerelease}
        with network.session(loopback_only=True) as session:
            headers = {"Authorization": f"Bearer {self.forge.token}"}
            session.post(url, json=said, headers=headers).raise_for_status()
        return self._run(Event.release(tag))

    def status(self, version: str = "") -> Any:
        """`invoke status`: the report."""
        asked = ("--version", version) if version else ()
        return self.project.invoke("status", "--json", *asked, **self.tokens).json()

    # ---- what is true of the world

    def world(self) -> dict[str, Any]:
        """What others can see: files of both indexes, refs of the remote, releases of the forge."""
        name = self.shape.name
        return {
            "pypi": self.index.files(name),
            "testpypi": self.test_index.files(name),
            "remote": _git(self.remote, "for-each-ref"),
            "releases": self.forge.releases,
        }

    def public(self, version: str, twin: Twin | None = None) -> dict[str, str]:
        """The files of one version on an index (PyPI's twin if none is named): name → sha256."""
        found = (twin or self.index).state.project(self.shape.name)
        made = found.release(version) if found else None
        return {file.filename: file.sha256 for file in made.files} if made else {}

    def sealed(self) -> dict[str, str]:
        """What the last run of the workflow sealed: name → sha256."""
        (kept,) = [one for one in self.runs[-1].artifacts if one.name == "distributions"]
        with zipfile.ZipFile(kept.archive) as archive:
            return {Path(name).name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}

    def assert_released(self, version: str, *, tag: str, latest: str, on_test_index: bool = False) -> None:
        """One tag on HEAD, on the index the bytes that the run sealed, one release with all of them, the right latest.

        With `on_test_index` it is the test index that has them, and PyPI has none of the version.
        """
        expected, other = (self.test_index, self.index) if on_test_index else (self.index, self.test_index)
        files = self.public(version, expected)
        assert files, f"nothing of {version} is public"
        assert files == self.sealed(), "what is public is not what the run has sealed"
        assert self.public(version, other) == {}
        head = self.project.git("rev-parse", "HEAD")
        tagged = _git(self.remote, "rev-parse", f"refs/tags/{tag}^{{commit}}")
        assert tagged == head
        (release,) = [one for one in self.forge.releases if one["tag_name"] == tag]
        assert not release["draft"]
        assert release["prerelease"] == Version(version).is_prerelease
        assert {asset["name"]: asset["sha256"] for asset in release["assets"]}.items() >= files.items()
        assert self.forge.latest == latest

    def assert_metadata(self, version: str) -> None:
        """Every public file of a version says that version itself."""
        folder = self.index.folder
        for name in self.public(version):
            if name.endswith(".whl"):
                (path,) = folder.rglob(name)
                with zipfile.ZipFile(path) as archive:
                    (member,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
                    assert f"\nVersion: {version}\n" in archive.read(member).decode()

    def unchanged(self, *besides: str) -> None:
        """The project's code is as it was before towpath came, but for the paths named and what towpath writes."""
        ours = {"pyproject.toml", "noxfile.py", "tasks.py", lock.PATH, self.shape.path, ".github/workflows/check.yml"}
        changed = set(self.project.git("diff", "--name-only", "before-towpath", "HEAD").splitlines())
        assert changed <= ours | set(besides), changed - ours - set(besides)
        lines = self.project.git("diff", "before-towpath", "HEAD", "--", "pyproject.toml").splitlines()
        gone = [line for line in lines if line.startswith("-") and not line.startswith("---")]
        assert all(re.match(r'-version = "', line) for line in gone), "configuration was added, and nothing taken away"

    # ---- GitHub

    @contextmanager
    def listening(self) -> Iterator[None]:
        """In the block, what happens on the remote and on the forge starts the workflow."""
        over, failed = threading.Event(), []
        self._new_events()

        def listen() -> None:
            try:
                while not over.is_set():
                    for event in filter(self._starts, self._new_events()):
                        self._run(event)
                    time.sleep(0.1)
            except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that waits
                failed.append(error)

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if failed:
            raise failed[0]

    def _new_events(self) -> list[Event]:
        """What has happened since this was asked last."""
        tags = _git(self.remote, "for-each-ref", "--format=%(refname)", "refs/tags").splitlines()
        published = [one["tag_name"] for one in self.forge.releases if not one["draft"]]
        happened = {
            **{f"tag {tag}": Event.push_tag(tag.removeprefix("refs/tags/")) for tag in tags},
            **{f"release {tag}": Event.release(tag) for tag in published},
            **{
                f"dispatch {number}": Event.dispatch(one["ref"], one["inputs"])
                for number, one in enumerate(self.forge.runs.dispatches)
            },
        }
        fresh = [event for name, event in happened.items() if name not in self.handled]
        self.handled.update(dict.fromkeys(happened, 1))
        return fresh

    def _starts(self, event: Event) -> bool:
        """Whether the workflow listens to it."""
        listed = load(self._workflow(event), self.shape.path).on
        return any(one.event == event.name and lets_through(one, event) for one in listed)

    def _workflow(self, event: Event) -> str:
        """As the event's own commit has it."""
        return _git(self.remote, "show", f"{event.ref}^{{commit}}:{self.shape.path}") + "\n"

    def _run(self, event: Event, *, again: bool = False) -> RunResult:
        """The workflow as the event's own commit has it, run for real, and shown on the forge."""
        before = self.runs[-1] if again else None
        commit = _git(self.remote, "rev-parse", f"{event.ref}^{{commit}}")
        text, runs = self._workflow(event), self.forge.runs
        if before:
            number = self.numbers[len(self.runs) - 1]
            runs.change(number, status="in_progress", conclusion=None)
        else:
            number = runs.add(self.shape.workflow, event.name, commit, event.ref_name, status="in_progress")
        done = run(text, event, self.machine, path=self.shape.path, rerun=before)
        self.runs.append(done)
        self.numbers[len(self.runs) - 1] = number
        for artifact in done.artifacts:
            if before is None or artifact not in before.artifacts:
                runs.archive(number, artifact.name, artifact.archive.read_bytes())
        jobs = [
            job(name, one.result, failed="Publish" if one.result == "failure" else "")
            for name, one in done.jobs.items()
        ]
        runs.change(number, status="completed", conclusion=done.result, run_attempt=done.attempt, jobs=jobs)
        self._new_events()  # what a workflow's own token does starts none
        return done


def results(done: RunResult) -> dict[str, str]:
    """Job → how it ended."""
    return {name: one.result for name, one in done.jobs.items()}


def problems(done: RunResult) -> str:
    """What a run has said of its failures, for the message of an assertion."""
    return "\n".join(f"{one.job}: {one.title} {one.message}" for one in done.annotations if one.level == "error")


def well(ended: Ended) -> Ended:
    """The same, if it ended with 0."""
    assert ended.code == 0, ended.all
    return ended


@contextmanager
def on_the_way(shape: Shape, folder: Path, environ: Mapping[str, str], **machine: Any) -> Iterator[Journey]:
    """A project with its past, and all that it talks to, as long as the block lasts; `machine` goes to the runner."""
    project, remote = _with_past(shape, folder / "project", environ), folder / "remote.git"
    with ExitStack() as stack:
        issuer = stack.enter_context(Issuer.serve())
        index = stack.enter_context(Twin.serve(folder / "pypi", "pypi", issuer=issuer))
        test_index = stack.enter_context(Twin.serve(folder / "testpypi", "testpypi", issuer=issuer))
        forge = stack.enter_context(ForgeDouble.serve(folder / "forge", shape.repository))
        forge.set_up(default_branch=shape.branch)
        twins = {"pypi": index, "testpypi": test_index}
        for version in shape.published:
            _publish_before(index, shape, version, folder / "before" / version)
        for name, environment in shape.environments.items():
            twins[name].add_publisher(Publisher(shape.name, shape.repository, shape.workflow, environment))
        _git(project.root, "clone", "--quiet", "--bare", ".", str(remote))
        project.git("remote", "add", "origin", str(remote))
        project.git("fetch", "--quiet", "origin")
        project.git("tag", "before-towpath")
        secrets = {name: twins[index_name].token() for index_name, name in shape.secrets.items()}

        def identity(claims: Mapping[str, str | None], /) -> Mapping[str, str]:
            issuer.claims = {**issuer.claims, **claims}
            return issuer.environment

        given: dict[str, Any] = {
            "folder": folder / "machine",
            "repository": remote,
            # Hosted runners keep no environments; here every job may use those of the others, to be quick.
            "environ": {**ordinary_environment(environ), "TOWPATH_CACHE_DIR": environ["TOWPATH_CACHE_DIR"]},
            "slug": shape.repository,
            "token": forge.token,
            "identity": identity,
            "indexes": {
                "https://upload.pypi.org/legacy/": index.upload_url,
                "https://test.pypi.org/legacy/": test_index.upload_url,
            },
            "secrets": secrets,
            "api_url": forge.address.api_url,
            "default_branch": shape.branch,
            "handlers": HANDLERS,
            **machine,
        }
        yield Journey(shape, project, index, test_index, forge, Machine(**given), remote, {"GITHUB_TOKEN": forge.token})


def _with_past(shape: Shape, root: Path, environ: Mapping[str, str]) -> Project:
    """The project's history: a commit for every release with the tag that it got, and the work since."""
    versions = list(dict.fromkeys(version for version, _, _ in shape.past))
    project = Project.make(root, environ, files={**dict.fromkeys(FILES), **shape.files(versions[0])})
    project.git("branch", "--move", shape.branch)
    for version, several in itertools.groupby(shape.past, key=lambda one: one[0]):
        for path, text in shape.files(version).items():
            project.write(path, text)
        project.git("add", "--all")
        project.git("commit", "--quiet", "--allow-empty", "--message", f"Bump version to {version}")
        for _, tag, annotated in several:
            if tag:
                project.git("tag", *(("--annotate", "--message", tag) if annotated else ()), tag)
    for path, text in shape.work.items():
        project.write(path, text)
    project.commit("Work since")
    return project


def _publish_before(index: Twin, shape: Shape, version: str, folder: Path) -> None:
    """A release of the past, put on the index by a token of its owner."""
    folder.mkdir(parents=True)
    login = Login("__token__", index.token())
    for path in (releases.wheel(folder, shape.name, version), releases.sdist(folder, shape.name, version)):
        answer = upload(index.address, path, login=login, loopback_only=True)
        assert answer.status == 200, answer


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
