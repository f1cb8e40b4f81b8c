"""The arithmetic of versions: read one, compute the next, by PEP 440 through `packaging`, never as text.

Poetry's and hatch's results are the reference wherever the two agree. Unlike both, a bump never goes back:
what would not be newer is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from packaging.version import InvalidVersion, Version

from towpath import errors

POSITIONS = {"major": 1, "minor": 2, "patch": 3}
KINDS = ("a", "b", "rc")
PARTS = (*POSITIONS, "premajor", "preminor", "prepatch", "pre", *KINDS, "final", "post", "dev", "epoch")


def parse(text: str, *, where: str) -> Version:
    """The version that `text` spells; semantic spellings such as `v0.2.0-beta.1` are read too.

    Raises:
        TowpathError: `bad-version`, naming `where`, if PEP 440 refuses it.
    """
    try:
        return Version(text)
    except InvalidVersion:
        raise errors.BAD_VERSION.error(where=where, version=text) from None


def bump(version: Version, part: str, *, pre: str = "") -> Version:
    """The next version by `part`, which may be chained (`minor,rc`).

    A part is a name of `PARTS` or a position counted from 1 (`4` makes 1.4.7.7 of 1.4.7.6). `pre` is the kind
    (a, b or rc) for pre, premajor, preminor and prepatch. A release part takes a pre-release of that very
    release to the release itself (1.3.0rc1 by minor: 1.3.0), as poetry does. A pre or dev of a released
    version is one of the next patch. The first number is 0, as with poetry and hatch.

    Raises:
        TowpathError: `bad-part`, or `not-newer` if the result would not be newer (a after rc).
    """
    draft = _Draft.of(version)
    for one, always in _expanded(version, part, pre):
        draft = _applied(draft, one, always=always)
    return _newer(draft.version(), version)


def advance(version: Version, to: str) -> Version:
    """The version that `--to` names.

    Raises:
        TowpathError: `bad-version`, or `not-newer` unless it is newer than `version`.
    """
    return _newer(parse(to, where="--to"), version)


def is_newer(candidate: Version, than: Version) -> bool:
    """Whether `candidate` comes after `than` by PEP 440."""
    return candidate > than


@dataclass(frozen=True, slots=True)
class _Draft:
    epoch: int
    release: tuple[int, ...]
    pre: tuple[str, int] | None = None
    post: int | None = None
    dev: int | None = None
    fresh: bool = False  # raised earlier in this chain, so a pre or dev may be hung on it

    @classmethod
    def of(cls, version: Version) -> _Draft:
        return cls(version.epoch, version.release, version.pre, version.post, version.dev)

    @property
    def unreleased(self) -> bool:
        return self.pre is not None or (self.dev is not None and self.post is None)

    def version(self) -> Version:
        text = f"{self.epoch}!{'.'.join(map(str, self.release))}"
        text += f"{self.pre[0]}{self.pre[1]}" if self.pre else ""
        text += f".post{self.post}" if self.post is not None else ""
        text += f".dev{self.dev}" if self.dev is not None else ""
        return Version(text)


def _expanded(version: Version, part: str, pre: str) -> list[tuple[str, bool]]:
    """Simple parts, each with whether a release is raised even from a pre-release of it.

    It is where a pre or dev follows, which would fall behind the pre-release that there is.
    """
    if pre and pre not in KINDS:
        raise errors.BAD_PART.error(part=pre, version=version, known=", ".join(KINDS))
    names = [piece.strip() for piece in part.split(",")]
    parts: list[tuple[str, bool]] = []
    for index, name in enumerate(names):
        if name in _PRE_RELEASES:
            parts += [(name.removeprefix("pre"), version.pre is not None), (pre or "a", False)]
        elif name in PARTS or (name.isascii() and name.isdigit() and 1 <= int(name) <= _LONGEST):
            followed = any(later in _SUFFIXES for later in names[index + 1 :])
            parts.append((pre if name == "pre" and pre else name, followed))
        else:
            known = f"{', '.join(PARTS)}, or a position such as 4"
            raise errors.BAD_PART.error(part=name, version=version, known=known)
    return parts


_LONGEST = 9  # release segments; more is a typing error
_PRE_RELEASES = frozenset({"premajor", "preminor", "prepatch"})
_SUFFIXES = frozenset({*KINDS, "pre", "dev"})


def _applied(draft: _Draft, part: str, *, always: bool) -> _Draft:
    if part in KINDS or part == "pre":
        return _next_pre(draft, part)
    if part == "dev":
        return _next_dev(draft)
    if part == "post":
        return replace(draft, post=0 if draft.post is None else draft.post + 1, dev=None)
    if part == "final":
        return replace(draft, pre=None, dev=None, post=None if draft.pre else draft.post)
    if part == "epoch":
        return _Draft(draft.epoch + 1, draft.release, fresh=True)
    return _raised(draft, POSITIONS.get(part) or int(part), always=always)


def _raised(draft: _Draft, position: int, *, always: bool) -> _Draft:
    release = draft.release + (0,) * (position - len(draft.release))
    if draft.unreleased and not always and not any(release[position:]):
        return _Draft(draft.epoch, draft.release, fresh=True)
    rest = (0,) * (len(release) - position)
    return _Draft(draft.epoch, (*release[: position - 1], release[position - 1] + 1, *rest), fresh=True)


def _next_pre(draft: _Draft, kind: str) -> _Draft:
    if kind == "pre":
        kind = draft.pre[0] if draft.pre else "a"
    if draft.pre and not draft.fresh:
        number = draft.pre[1] + 1 if draft.pre[0] == kind else 0
        return _Draft(draft.epoch, draft.release, (kind, number), fresh=True)
    base = draft if draft.fresh or draft.unreleased else _raised(draft, POSITIONS["patch"], always=True)
    return _Draft(base.epoch, base.release, (kind, 0), fresh=True)


def _next_dev(draft: _Draft) -> _Draft:
    if draft.dev is not None:
        return replace(draft, dev=draft.dev + 1)
    if draft.fresh:
        return replace(draft, dev=0)
    if draft.post is not None:
        return replace(draft, post=draft.post + 1, dev=0)
    if draft.pre:
        return replace(draft, pre=(draft.pre[0], draft.pre[1] + 1), dev=0)
    return replace(_raised(draft, POSITIONS["patch"], always=True), dev=0)


def _newer(candidate: Version, current: Version) -> Version:
    if not is_newer(candidate, current):
        raise errors.NOT_NEWER.error(new=candidate, version=current)
    return candidate
