"""A file brought to the twin through every fault of it, and everything that it may be refused for."""

from __future__ import annotations

import io
import tarfile
import time
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from towpath.credentials.logins import log_in
from towpath.errors import TowpathError
from towpath.evidence.store import measure
from towpath.gates.before_upload import look_before
from towpath.index.client import HTML, IndexClient
from towpath.index.sending import Errand, bring
from towpath.index.twin import Fault, Issuer, Twin
from towpath.index.upload import Answer
from towpath.index.verdicts import Next, refusal, what_next
from towpath.index.waiting import Question, look, wait_until_served, wait_until_taken
from towpath.model import Distribution, Login, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from towpath import errors

PATIENCE = 10
SUBJECT = Subject("boat", "1.0", "t" * 40, "c" * 40)


def sdist(folder: Path, version: str = "1.0", more: str = "", name: str = "boat") -> Path:
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {more}\n".encode()
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member in ("PKG-INFO", "boat.py"):
            info = tarfile.TarInfo(f"{name}-{version}/{member}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return path


def wheel(folder: Path) -> Path:
    info = "boat-1.0.dist-info"
    files = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: boat\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
        f"{info}/RECORD": "".join(f"{info}/{name},,\n" for name in ("METADATA", "WHEEL", "RECORD")),
    }
    path = folder / "boat-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


class Sender:
    """What a gate does for one file, with a clock that does not pass."""

    def __init__(self, twin: Twin, client: IndexClient, folder: Path) -> None:
        self.twin, self.client, self.folder = twin, client, folder
        self.slept: list[float] = []
        self.told: list[str] = []
        self.errand = self.errands()
        self.login = Login("__token__", twin.token())

    def errands(self, **more: Any) -> Errand:
        given = {"loopback_only": True, "patience": PATIENCE, "tell": self.told.append, "sleep": self.slept.append}
        return Errand(self.client, "boat", "1.0", **{**given, **more})

    def send(self, path: Path | None = None) -> str:
        path = path or sdist(self.folder)
        return bring(self.errand, measure(path), path, self.login).how

    def refused(self, path: Path | None = None) -> errors.Problem:
        with pytest.raises(TowpathError) as caught:
            self.send(path)
        (problem,) = caught.value.problems
        assert self.login.password not in repr(problem)
        return problem

    @property
    def posted(self) -> int:
        return sum(exchange.path == "/legacy/" for exchange in self.twin.log)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with Twin.serve(tmp_path / "twin") as running:
        yield running


@pytest.fixture
def client(twin: Twin) -> Iterator[IndexClient]:
    with IndexClient(twin.address, loopback_only=True) as opened:
        yield opened


@pytest.fixture
def sender(twin: Twin, client: IndexClient, tmp_path: Path) -> Sender:
    return Sender(twin, client, tmp_path)


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "posts"),
        [
            (Fault("drop-before-body"), 2),
            (Fault("drop-within-body"), 2),
            (Fault("drop-after-body"), 2),
            (Fault("drop-after-commit"), 1),
            (Fault("error-before-commit", status=500), 2),
            (Fault("error-before-commit", status=502), 2),
            (Fault("error-before-commit", status=503), 2),
            (Fault("error-before-commit", status=504), 2),
            (Fault("error-before-commit", status=408), 2),
            (Fault("error-after-commit", status=500), 1),
            (Fault("error-after-commit", status=503), 1),
            (Fault("too-many-requests", times=2), 3),
            (Fault("strip-reason"), 1),
        ],
        ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
    )
    def test_it_gets_there_once(self, sender: Sender, fault: Fault, posts: int) -> None:
        sender.twin.faults.add(fault)
        sender.send()
        assert sender.posted == posts, "what is known to be there is not sent again"
        assert list(sender.twin.files("boat")) == ["boat-1.0.tar.gz"]
        assert sender.twin.crashes == ()

    @pytest.mark.parametrize("kind", ["silence-before-commit", "silence-after-commit"])
    def test_an_answer_that_never_comes(self, sender: Sender, kind: str) -> None:
        sender.errand = sender.errands(patience=0.6)
        sender.twin.faults.add(Fault(kind, times=None))
        began = time.monotonic()
        if kind == "silence-after-commit":
            assert "the index has it" in sender.send()
        else:
            assert sender.refused().id == "upload-broken"
            assert sender.twin.files("boat") == {}
        assert time.monotonic() - began < 6

    def test_the_pauses_grow_and_are_told(self, sender: Sender) -> None:
        sender.twin.faults.add(Fault("error-before-commit", times=3))
        assert sender.send() == "sent at attempt 4"
        assert [0.5 <= s <= 1 for s in sender.slept[:1]] == [True]
        assert [low <= s <= low * 2 for low, s in zip((0.5, 1, 2), sender.slept, strict=True)] == [True] * 3
        assert len(sender.told) == 3
        assert "503" in sender.told[0]

    def test_the_indexs_own_hint_is_kept(self, sender: Sender) -> None:
        sender.twin.faults.add(Fault("too-many-requests", seconds=7))
        assert sender.send() == "sent at attempt 2"
        assert sender.slept == [7.0]

    def test_a_hint_beyond_all_patience_is_passed_on(self, sender: Sender) -> None:
        sender.twin.faults.add(Fault("too-many-requests", seconds=3600))
        problem = sender.refused()
        assert problem.id == "index-busy"
        assert "3600 s" in problem.cause
        assert sender.slept == []

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (Fault("drop-after-body", times=None), "upload-broken"),
            (Fault("error-before-commit", times=None), "index-busy"),
            (Fault("too-many-requests", times=None), "index-busy"),
        ],
        ids=lambda value: getattr(value, "kind", ""),
    )
    def test_patience_ends(self, sender: Sender, fault: Fault, expected: str) -> None:
        sender.twin.faults.add(fault)
        assert sender.refused().id == expected
        assert 3 <= sender.posted <= 6
        assert sender.twin.files("boat") == {}

    def test_a_doubtful_answer_while_the_simple_page_is_stale(self, sender: Sender) -> None:
        sender.twin.faults.add(Fault("drop-after-commit"), Fault("stale", on="simple", times=None))
        sender.send()
        assert sender.posted == 1, "the JSON API is fresh"

    def test_a_doubtful_answer_while_nothing_can_be_asked(self, sender: Sender) -> None:
        sender.twin.faults.add(Fault("drop-after-commit"), Fault("error-before-commit", on="simple", times=None))
        assert sender.send() == "sent at attempt 2"
        assert [exchange.status for exchange in sender.twin.log if exchange.path == "/legacy/"] == [0, 200]

    def test_other_bytes_that_come_to_light_in_doubt(self, sender: Sender) -> None:
        """Somebody else was faster, and our answer was lost."""
        sender.send(sdist(sender.folder, more="theirs"))
        sender.twin.faults.add(Fault("drop-after-body", times=None))
        assert sender.refused(sdist(sender.folder, more="ours")).id == "index-other-bytes"


class TestTokensThatEnd:
    @pytest.fixture
    def issuer(self) -> Iterator[Issuer]:
        with Issuer.serve() as running:
            yield running

    @pytest.fixture
    def trusting(self, tmp_path: Path, issuer: Issuer) -> Iterator[Twin]:
        with Twin.serve(tmp_path / "trusting", issuer=issuer, publishers=[issuer.publisher("boat")]) as running:
            yield running

    def test_between_two_files_another_is_minted(self, trusting: Twin, issuer: Issuer, tmp_path: Path) -> None:
        trusting.faults.add(Fault("expire-tokens", after=1))
        with IndexClient(trusting.address, loopback_only=True) as client:
            sender = Sender(trusting, client, tmp_path)
            authorized = log_in(trusting.address, issuer.environment, loopback_only=True)
            sender.login, sender.errand = authorized.login, sender.errands(renew=authorized.renew)
            sender.send()
            trusting.create_project("other")
            sender.send(sdist(tmp_path, version="1.1"))
        assert sorted(trusting.files("boat")) == ["boat-1.0.tar.gz", "boat-1.1.tar.gz"]
        uploads = [exchange.status for exchange in trusting.log if exchange.path == "/legacy/"]
        assert uploads == [200, 403, 200]

    def test_one_that_is_about_to_end_is_not_tried(self, sender: Sender) -> None:
        fresh, renewed = sender.login, []

        def renew() -> Login:
            renewed.append(1)
            return fresh

        sender.errand = sender.errands(renew=renew)
        sender.login = Login("__token__", "pypi-ended", time.time() + 5)
        assert sender.send() == "sent"
        assert renewed == [1]
        assert sender.posted == 1

    def test_one_that_ends_again_and_again(self, sender: Sender) -> None:
        sender.login = Login("__token__", sender.twin.token(expires=time.time() - 60))
        assert sender.refused().id == "token-expired", "nothing can renew it"
        sender.errand = sender.errands(renew=lambda: sender.login)
        assert sender.refused().id == "token-expired"
        assert sender.posted == 1 + 4


class TestRefusals:
    """Each ends in its own entry of the catalogue, with the index's words, behind a proxy too."""

    @pytest.fixture(params=["plainly", "reason stripped"], autouse=True)
    def through(self, request: pytest.FixtureRequest, sender: Sender) -> None:
        if request.param != "plainly":
            sender.twin.faults.add(Fault("strip-reason", times=None))

    def test_the_same_bytes_again(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        assert (sender.send(path), sender.send(path)) == ("sent", "sent")

    def test_other_bytes(self, sender: Sender) -> None:
        sender.send(sdist(sender.folder, more="first"))
        assert sender.refused(sdist(sender.folder, more="second")).id == "index-other-bytes"

    def test_other_bytes_that_the_index_does_not_show(self, sender: Sender) -> None:
        before = Fault("stale", on="any", times=None)
        sender.twin.faults.add(before)
        sender.send(sdist(sender.folder, more="first"))
        problem = sender.refused(sdist(sender.folder, more="second"))
        assert problem.id == "file-exists"
        assert "File already exists ('boat-1.0.tar.gz'" in problem.cause
        assert sender.posted == 3, "sent twice: the first answer might have been about a request that was doubled"

    def test_a_burned_name(self, sender: Sender) -> None:
        sender.send(sdist(sender.folder, more="first"))
        sender.twin.delete_file("boat-1.0.tar.gz")
        assert sender.refused(sdist(sender.folder, more="second")).id == "filename-burned"

    def test_a_closed_release(self, sender: Sender) -> None:
        sender.send(wheel(sender.folder))
        sender.twin.age_release("boat", "1.0", timedelta(days=15))
        problem = sender.refused()
        assert problem.id == "release-closed"
        assert sender.send(wheel(sender.folder)) == "sent", "the same bytes are no new file"

    def test_another_users_project(self, sender: Sender) -> None:
        sender.twin.create_project("boat", owner="mallory")
        problem = sender.refused()
        assert problem.id == "not-allowed"
        assert "isn't allowed to upload to project 'boat'" in problem.cause

    @pytest.mark.parametrize("status", ["archived", "quarantine-enter"])
    def test_a_closed_project(self, sender: Sender, client: IndexClient, status: str) -> None:
        sender.send()
        sender.twin.set_status("boat", status)
        with pytest.raises(TowpathError) as caught:
            look_before(client, Subject("boat", "2.0", "", ""), (Distribution("boat-2.0.tar.gz", 1, "0" * 64),))
        assert caught.value.problems[0].id == "project-closed"

    @pytest.mark.parametrize(
        ("login", "expected"),
        [
            (lambda twin: ("__token__", twin.token(projects=["other"])), "token-elsewhere"),
            (lambda twin: ("__token__", twin.token()[:-6] + "AAAAAA"), "token-refused"),
            (lambda _: ("__token__", "pypi-nonsense"), "token-refused"),
            (lambda twin: ("__token__", twin.token(expires=time.time() - 60)), "token-expired"),
            (lambda twin: ("ada", twin.token()), "password-refused"),
        ],
        ids=["of another project", "damaged", "no token", "expired", "a password"],
    )
    def test_a_credential_that_is_not_good(
        self, sender: Sender, login: Callable[[Twin], tuple[str, str]], expected: str
    ) -> None:
        sender.twin.create_project("boat")
        sender.login = Login(*login(sender.twin))
        assert sender.refused().id == expected
        assert sender.posted == 1

    @pytest.mark.parametrize("flag", ["read-only", "disallow-new-upload", "disallow-new-project-registration"])
    def test_an_index_that_takes_nothing(self, sender: Sender, flag: str) -> None:
        sender.twin.set_flag(flag)
        assert sender.refused().id == "index-closed"

    @pytest.mark.parametrize("lacking", ["email_verified", "two_factor"])
    def test_an_account_that_is_not_complete(self, sender: Sender, lacking: str) -> None:
        sender.twin.add_user("owner", **{lacking: False})
        assert sender.refused().id == "account-incomplete"

    def test_a_project_that_is_full(self, sender: Sender) -> None:
        sender.twin.create_project("boat")
        sender.twin.set_limits("boat", total_size=10 * 1024**3)
        assert sender.refused().id == "too-large"

    @pytest.mark.parametrize("name", ["json", "b0at"])
    def test_a_name_that_is_not_free(self, sender: Sender, name: str) -> None:
        sender.twin.create_project("boat")
        assert sender.refused(sdist(sender.folder, name=name)).id == "name-refused"

    def test_what_has_no_entry_of_its_own_is_shown_as_it_came(self, sender: Sender) -> None:
        problem = sender.refused(sdist(sender.folder, version="1.0+local"))
        assert problem.id == "upload-refused"
        assert "400 The use of local versions in '1.0+local' is not allowed." in problem.cause


@pytest.mark.parametrize(
    ("answer", "step", "kind"),
    [
        (Answer(201, "Created"), Next.DONE, None),
        (Answer(0, "no answer in time"), Next.ASK, "upload-broken"),
        (Answer(409, "Conflict"), Next.ASK, "file-exists"),
        (
            Answer(400, "The digest supplied does not match a digest calculated from the uploaded file."),
            Next.ASK,
            "upload-refused",
        ),
        (
            Answer(400, "Uploading new files to releases older than 14 days is not allowed."),
            Next.STOP,
            "release-closed",
        ),
        (
            Answer(400, "Non-user identities cannot create new projects. This …"),
            Next.STOP,
            "pending-publisher-misnamed",
        ),
        (Answer(400, "File too large. Limit for project 'boat' is 100 MB."), Next.STOP, "too-large"),
        (Answer(413, "Request Entity Too Large"), Next.STOP, "too-large"),
        (Answer(401, "Unauthorized"), Next.STOP, "token-refused"),
        (Answer(403, "The given token isn't allowed to upload to project 'boat'."), Next.STOP, "not-allowed"),
        (Answer(302, "Found: the upload was sent on to https://x/"), Next.STOP, "upload-refused"),
        (Answer(400, "Organization account owning this project is inactive."), Next.STOP, "not-allowed"),
        (
            Answer(403, "Invalid API Token: OIDC scoped token is not valid for project 'b'"),
            Next.STOP,
            "token-elsewhere",
        ),
        (Answer(403, "nobody knows why"), Next.STOP, "not-allowed"),
        (Answer(418, "I'm a teapot"), Next.STOP, "upload-refused"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else "",
)
def test_what_an_answer_means(answer: Answer, step: Next, kind: str | None) -> None:
    assert what_next(answer) is step
    assert kind is None or refusal(answer).id == kind


class TestBeforehand:
    def look(self, client: IndexClient, *files: Path) -> Any:
        return look_before(client, SUBJECT, tuple(measure(path) for path in files))

    def problem(self, client: IndexClient, *files: Path) -> str:
        with pytest.raises(TowpathError) as caught:
            self.look(client, *files)
        return caught.value.problems[0].id

    def test_a_project_that_is_not_there_yet(self, sender: Sender, client: IndexClient) -> None:
        path = sdist(sender.folder)
        assert self.look(client, path).missing == (measure(path),)

    def test_ours_are_there(self, sender: Sender, client: IndexClient) -> None:
        path = sdist(sender.folder)
        sender.send(path)
        assert self.look(client, path) == look_before(client, SUBJECT, (measure(path),))
        assert self.look(client, path).missing == ()

    def test_before_anything_is_built(self, sender: Sender, client: IndexClient) -> None:
        assert self.look(client).missing == ()
        sender.twin.create_project("boat")
        sender.twin.set_status("boat", "archived")
        assert self.problem(client) == "project-closed"

    @pytest.mark.parametrize("stale", [False, True])
    def test_other_bytes(self, sender: Sender, client: IndexClient, *, stale: bool) -> None:
        if stale:
            sender.twin.faults.add(Fault("stale", on="simple", times=None))
        sender.send(sdist(sender.folder, more="theirs"))
        assert self.problem(client, sdist(sender.folder, more="ours")) == "index-other-bytes"

    def test_what_is_there_behind_a_stale_page_is_not_sent_again(self, sender: Sender, client: IndexClient) -> None:
        path = sdist(sender.folder)
        sender.twin.faults.add(Fault("stale", on="simple", times=None))
        sender.send(path)
        assert self.look(client, path).there == {path.name}
        assert self.problem(client) == "version-taken"

    def test_a_file_that_is_not_ours(self, sender: Sender, client: IndexClient) -> None:
        sender.send()
        assert self.problem(client) == "version-taken"

    def test_a_half_made_release_says_until_when(self, sender: Sender, client: IndexClient) -> None:
        path = sdist(sender.folder)
        sender.send(path)
        wheel = Distribution("boat-1.0-py3-none-any.whl", 1, "0" * 64)
        before = look_before(client, SUBJECT, (measure(path), wheel))
        assert before.missing == (wheel,)
        assert "takes the others until" in before.notes[0]

    def test_a_release_that_can_no_more_be_finished(
        self, sender: Sender, client: IndexClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = sdist(sender.folder)
        sender.send(path)
        with monkeypatch.context() as earlier:
            earlier.setattr("towpath.gates.before_upload.CLOSING", timedelta(seconds=-60))
            wheel = Distribution("boat-1.0-py3-none-any.whl", 1, "0" * 64)
            with pytest.raises(TowpathError) as caught:
                look_before(client, SUBJECT, (measure(path), wheel))
            assert caught.value.problems[0].id == "release-closed"
            assert look_before(client, SUBJECT, (measure(path),)).missing == (), "all there: there is nothing to send"

    @pytest.mark.parametrize("seconds", [-3600, 3600])
    def test_a_clock_that_is_wrong_is_told(
        self, sender: Sender, client: IndexClient, monkeypatch: pytest.MonkeyPatch, seconds: int
    ) -> None:
        listing = client.listing("boat")
        assert listing.skew is not None
        assert abs(listing.skew) < 5
        monkeypatch.setattr(client, "listing", lambda _project: replace(listing, skew=float(seconds)))
        (note,) = self.look(client, sdist(sender.folder)).notes
        assert f"3600 s {'behind' if seconds > 0 else 'ahead of'} the index's" in note

    @pytest.mark.parametrize("status", [500, 503])
    def test_an_index_that_is_down_is_not_taken_for_an_empty_one(
        self, sender: Sender, client: IndexClient, status: int
    ) -> None:
        sender.twin.faults.add(Fault("error-before-commit", on="simple", times=None, status=status))
        assert self.problem(client, sdist(sender.folder)) == "index-unreachable"


class TestWaiting:
    def question(self, sender: Sender, path: Path) -> Question:
        return Question(sender.client, "boat", "1.0", (measure(path),))

    def test_served_stale_and_absent_are_told_apart(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        question = self.question(sender, path)
        assert look(question).absent == {path.name}
        sender.twin.faults.add(Fault("stale", on="simple-json"))
        sender.send(path)
        assert look(question).stale == {path.name}
        assert look(question).served == {path.name}

    def test_what_pip_sees_counts_and_not_the_other_page(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        sender.twin.faults.add(Fault("stale", on="simple-html", times=None))
        sender.send(path)
        assert look(self.question(sender, path)).served == {path.name}
        assert sender.client.listing("boat", accept=HTML).files == {}

    def test_a_stale_page_is_waited_for_with_progress(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        sender.twin.faults.add(Fault("stale", on="simple", times=2))
        sender.send(path)
        told: list[str] = []
        seen = wait_until_served(self.question(sender, path), tell=told.append, limit=20)
        assert seen.served == {path.name}
        assert len(told) == 2
        assert "1 taken, but not yet on the simple page" in told[0]

    def test_taken_is_enough_for_the_gate_that_sends(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        sender.twin.faults.add(Fault("stale", on="simple", times=None))
        sender.send(path)
        seen = wait_until_taken(self.question(sender, path), tell=sender.told.append, limit=20)
        assert seen.stale == {path.name}
        assert sender.told == []

    def failing(self, sender: Sender, path: Path) -> str:
        with pytest.raises(TowpathError) as caught:
            wait_until_served(self.question(sender, path), tell=sender.told.append, limit=0.6)
        return caught.value.problems[0].id

    def test_it_ends_each_in_its_own_way(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        assert self.failing(sender, path) == "index-incomplete"
        sender.twin.faults.add(Fault("stale", on="simple", times=None))
        sender.send(path)
        assert self.failing(sender, path) == "index-stale"
        sender.twin.faults.clear()
        sender.twin.faults.add(Fault("error-before-commit", on="simple", times=None))
        assert self.failing(sender, path) == "index-unreachable"

    def test_an_answer_that_fails_now_and_then_is_asked_again(self, sender: Sender) -> None:
        path = sdist(sender.folder)
        sender.send(path)
        sender.twin.faults.add(
            Fault("error-before-commit", on="simple"), Fault("drop-after-body", on="simple", after=1)
        )
        seen = wait_until_served(self.question(sender, path), tell=sender.told.append, limit=20)
        assert seen.served == {path.name}
        assert "no answer" in sender.told[0]

    def test_other_bytes_are_not_waited_for(self, sender: Sender) -> None:
        sender.send(sdist(sender.folder, more="theirs"))
        assert self.failing(sender, sdist(sender.folder, more="ours")) == "index-other-bytes"
