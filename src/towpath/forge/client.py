"""The client of the forge, that leads a release to what it is to be, wherever it stands.

Nothing is remembered here: what is there already is read from the forge each time, so that a run that broke
off at any point is completed by running it again, and a finished release is left as it is.

PyGithub would do the five calls that are needed. It is not used because it makes its own connections, which a
rehearsal could not hold to loopback at every redirect, because it reads a release's files into memory, and
because its import alone costs more than a gate's other work.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

import requests

from towpath import errors
from towpath.forge.releases import Asset, Release, ReleaseFile, Wanted, read_asset, read_release
from towpath.forge.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from typing_extensions import Self

    from towpath.model import ForgeAddress

CHUNK_BYTES = 1 << 20


class Forge(Protocol):
    """What a gate asks of a forge."""

    def release(self, tag: str) -> Release | None:
        """The release of a tag, drafts included."""

    def ensure_release(self, wanted: Wanted) -> Release:
        """Make or complete the release, and return it as published."""


class GitHub:
    """GitHub, or GitHub Enterprise by its base URL. Use it in a `with` statement."""

    def __init__(self, address: ForgeAddress, token: str | None, *, loopback_only: bool) -> None:
        """Connect to nothing yet. Raises `outside-rehearsal` if held to loopback and sent elsewhere."""
        self._transport = Transport(address, token, loopback_only=loopback_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    def release(self, tag: str) -> Release | None:
        """The release of a tag: the published one, else the oldest draft, else None.

        Drafts are only in the list, and only for a token that may write.
        """
        published = self._transport.get(f"/releases/tags/{quote(tag, safe='')}")
        if published is not None:
            return self._with_assets(self._transport.read(read_release, published))
        every = [self._transport.read(read_release, data) for data in self._transport.listed("/releases")]
        drafts = [one for one in every if one.tag == tag]
        # Two runs at once may have made two: all of them take the same one.
        oldest = min(drafts, key=lambda release: release.id, default=None)
        return self._with_assets(oldest) if oldest else None

    def ensure_release(self, wanted: Wanted) -> Release:
        """Make or complete the release of a tag, and return it as published with all its files.

        A draft is made or taken up, the missing files are sent, all are compared by sha256, and only then it
        is published. One that is published already is only completed. Title and notes that somebody has
        written are kept. Nothing is sent or deleted where a file of the same name has other bytes.

        Raises `file-altered` if a local file is not the sealed one; `forge-file-differs`,
        `forge-release-immutable`, `forge-file-renamed`, and those of a request: `forge-out-of-reach`,
        `forge-unauthorized`, `forge-forbidden`, `forge-rate-limited`, `forge-not-found`, `forge-refused`,
        `forge-moved`, `forge-broken`, `forge-garbled`, `forge-other-shape`.
        """
        for file in wanted.files:
            _require_sealed(file)
        release = self.release(wanted.tag) or self._create(wanted)
        self._require_equal(release, wanted.files)
        self._complete(release, wanted.files)
        complete = self._with_assets(release)
        self._require_complete(complete, wanted.files)
        return self._publish(complete, wanted) if complete.is_draft else complete

    def latest(self) -> str | None:
        """The tag of the release that is shown as the latest; None where none is."""
        found = self._transport.get("/releases/latest")
        return None if found is None else self._transport.read(lambda release: str(release["tag_name"]), found)

    def download(self, asset: Asset, to: Path) -> str:
        """Download a release's file in pieces, and return the sha256 of what came. Raises those of a request."""
        digest = hashlib.sha256()
        with self._transport.content(f"/releases/assets/{asset.id}") as answer, to.open("wb") as opened:
            for chunk in answer.iter_content(CHUNK_BYTES):
                digest.update(chunk)
                opened.write(chunk)
        return digest.hexdigest()

    def _create(self, wanted: Wanted) -> Release:
        draft: dict[str, object] = {
            "tag_name": wanted.tag,
            "name": wanted.title,
            "body": wanted.notes,
            "draft": True,
            "prerelease": wanted.prerelease,
        }
        if wanted.commit:
            draft["target_commitish"] = wanted.commit
        answer = self._transport.change("POST", "/releases", draft)
        if answer.status_code == requests.codes.created:
            return self._first(self._transport.read(read_release, answer.json()))
        existing = self.release(wanted.tag)  # made by somebody else in the meantime
        if existing is None:
            raise self._transport.refused(answer)
        return existing

    def _first(self, made: Release) -> Release:
        """The draft just made, unless another run has made one before it: ours is taken back then.

        A tag may have any number of drafts, so that nothing but looking again tells two runs at once from one.
        """
        first = self.release(made.tag)
        if first is None or first.id == made.id:
            return made
        answer = self._transport.change("DELETE", f"/releases/{made.id}")
        if answer.status_code not in {requests.codes.no_content, requests.codes.not_found}:
            raise self._transport.refused(answer)
        return first

    def _complete(self, release: Release, files: Iterable[ReleaseFile]) -> None:
        """Send what is missing; half a file (in state "starter") is deleted and sent again."""
        there = {asset.name: asset for asset in release.assets}
        missing = [file for file in files if file.path.name not in there or not there[file.path.name].is_whole]
        if missing and release.is_immutable and not release.is_draft:
            names = ", ".join(file.path.name for file in missing)
            raise errors.FORGE_RELEASE_IMMUTABLE.error(tag=release.tag, files=names)
        for file in missing:
            half = there.get(file.path.name)
            if half is not None:
                self._delete(half)
            self._upload(release, file)

    def _delete(self, asset: Asset) -> None:
        answer = self._transport.change("DELETE", f"/releases/assets/{asset.id}")
        if answer.status_code not in {requests.codes.no_content, requests.codes.not_found}:
            raise self._transport.refused(answer)

    def _upload(self, release: Release, file: ReleaseFile) -> None:
        with file.path.open("rb") as body:
            answer = self._transport.upload(release.upload_url, file.path.name, body)
        if answer.status_code == requests.codes.created:
            given = self._transport.read(lambda asset: asset["name"], answer.json())
            if given != file.path.name:
                raise errors.FORGE_FILE_RENAMED.error(file=file.path.name, given=given)
        elif not _exists_already(answer):  # else it is compared afterwards, as any other
            raise self._transport.refused(answer)

    def _require_equal(self, release: Release, files: Iterable[ReleaseFile]) -> None:
        """Each wanted file that is there has the wanted bytes, or may stay; found out before anything is changed."""
        there = {asset.name: asset for asset in release.assets if asset.is_whole}
        for file in files:
            asset = there.get(file.path.name)
            if asset is None or self._sha256(asset) == file.sha256:
                continue
            why = self._why_not(asset, file)
            if why is None or why:
                facts = {"tag": release.tag, "file": asset.name, "page": release.page}
                raise errors.FORGE_FILE_DIFFERS.error(detail=why or "", **facts)

    def _why_not(self, asset: Asset, file: ReleaseFile) -> str | None:
        """What is said against a file that has other bytes than ours; None where nothing else would do."""
        if file.why_not is None:
            return None
        with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
            there = Path(folder, file.path.name)
            self.download(asset, there)
            return file.why_not(there)

    def _require_complete(self, release: Release, files: Iterable[ReleaseFile]) -> None:
        self._require_equal(release, files)
        whole = {asset.name for asset in release.assets if asset.is_whole}
        missing = sorted({file.path.name for file in files} - whole)
        if missing:
            raise errors.FORGE_FILE_LOST.error(tag=release.tag, files=", ".join(missing))

    def _publish(self, draft: Release, wanted: Wanted) -> Release:
        latest = wanted.latest and not wanted.prerelease
        change: dict[str, object] = {
            "draft": False,
            "name": draft.title or wanted.title,
            "body": draft.notes or wanted.notes,
            "prerelease": wanted.prerelease,
            "make_latest": str(latest).lower(),  # the API takes it as a text
        }
        answer = self._transport.change("PATCH", f"/releases/{draft.id}", change)
        if not answer.ok:
            raise self._transport.refused(answer)
        return self._with_assets(self._transport.read(read_release, answer.json()))

    def _with_assets(self, release: Release) -> Release:
        """The release with all its files: the list in a release's own JSON may be cut off."""
        listed = self._transport.listed(f"/releases/{release.id}/assets")
        return replace(release, assets=tuple(self._transport.read(read_asset, data) for data in listed))

    def _sha256(self, asset: Asset) -> str:
        if asset.sha256 is not None:
            return asset.sha256
        digest = hashlib.sha256()
        with self._transport.content(f"/releases/assets/{asset.id}") as answer:
            for chunk in answer.iter_content(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()


def _require_sealed(file: ReleaseFile) -> None:
    digest = hashlib.sha256()
    with errors.disk(f"read {file.path}"), file.path.open("rb") as body:
        while chunk := body.read(CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() != file.sha256:
        raise errors.FILE_ALTERED.error(file=file.path.name, then=file.sha256[:12], now=digest.hexdigest()[:12])


def _exists_already(answer: requests.Response) -> bool:
    if answer.status_code != requests.codes.unprocessable_entity:
        return False
    said = answer.json()
    found = said.get("errors") or () if isinstance(said, dict) else ()
    return any(isinstance(one, dict) and one.get("code") == "already_exists" for one in found)
