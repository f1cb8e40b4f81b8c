from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.version import Version

from towpath.changelog import notes, sections
from towpath.changelog.headings import headings
from towpath.changelog.titles import find_entry, may_have_entry
from towpath.errors import TowpathError

DATE = dt.date(2026, 11, 2)
KEEP = """# Changelog

All notable changes.

## [Unreleased]

### Added

- A thing.

## [1.1.0] - 2025-01-15

- Old.

## [1.0.0] - 2024-01-15

### Added

[unreleased]: https://github.com/o/r/compare/v1.1.0...HEAD
[1.1.0]: https://github.com/o/r/compare/v1.0.0...v1.1.0
[1.0.0]: https://github.com/o/r/releases/tag/v1.0.0
"""
KEPT = """# Changelog

All notable changes.

## [Unreleased]

## [1.2.0] - 2026-11-02

### Added

- A thing.

## [1.1.0] - 2025-01-15

- Old.

## [1.0.0] - 2024-01-15

### Added

[unreleased]: https://github.com/o/r/compare/v1.2.0...HEAD
[1.2.0]: https://github.com/o/r/compare/v1.1.0...v1.2.0
[1.1.0]: https://github.com/o/r/compare/v1.0.0...v1.1.0
[1.0.0]: https://github.com/o/r/releases/tag/v1.0.0
"""


def titles(text: str) -> list[str]:
    return [heading.title for heading in headings(text)]


# ---- reading -----------------------------------------------------------------------------------------------


def test_a_section_is_found_by_its_version() -> None:
    assert sections.section(KEEP, "1.1.0") == "- Old."
    assert sections.section(KEEP, "v1.1") == "- Old."
    assert sections.section(KEEP, "1.0.0") == ""
    assert sections.section(KEEP, "1.2.0") is None
    assert sections.section(KEEP, "nonsense") is None
    assert sections.unreleased(KEEP) == "### Added\n\n- A thing."


@pytest.mark.parametrize(
    "heading",
    [
        "## [1.2.0] - 2025-01-15",
        "## [1.2.0] \u2014 2025-01-15",
        "## [1.2.0]",
        "## 1.2.0",
        "# 1.2.0",
        "### 1.2.0",
        "## 1.2.0 (2025-01-15)",
        "## 1.2.0 - January 15, 2025",
        "## 1.2.0, 15 Jan 2025",
        "## 1.2.0 2025-01-15",
        "## 1.2.0: the one with the boat",
        "## 1.2.0 ##",
        "## Version 1.2.0",
        "## Release v1.2.0 / 2025-01-15",
        "## v1.2.0",
        "## [v1.2.0] - 2025-01-15 [YANKED]",
        "## [1.2.0](https://github.com/o/r/compare/v1.1.0...v1.2.0) (2025-01-15)",
        "## [1.2.0][] - 2025-01-15",
        "## **1.2.0**",
        '## <a name="1.2.0"></a>1.2.0 (2025-01-15)',
        "## sample 1.2.0",
        "1.2.0\n=====",
        "1.2.0 (2025-01-15)\n---",
        "=====\n1.2.0\n=====",
        "  ## 1.2.0",
        "\ufeff## 1.2.0",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_style_of_heading_is_read(heading: str, newline: str) -> None:
    older = heading.replace("1.2.0", "1.1.0").lstrip("\ufeff")
    text = f"{heading}\n\nTold.\n\n{older}\n- Old.\n".replace("\n", newline)
    assert sections.section(text, "1.2.0") == "Told."
    assert sections.section(text, "1.1.0") == "- Old."


@pytest.mark.parametrize(
    "heading",
    [
        "## 3.10 support",
        "## 2025-01-15",
        "## Python 3.10",
        "### sample 3.10",
        "## 3 new features",
        "## 3.10-support",
        "#3.10",
        "    ## 3.10",
        "3.10\n\n---",
        "- 3.10\n---",
        "text\n3.10\n---",
        "- item\n\n  ## 3.10",
        "```\n## 3.10\n```",
        "~~~~ md\n## 3.10\n~~~\n## 3.10\n~~~~",
        "- ```\n  ## 3.10\n  ```",
        "```\n~~~\n## 3.10",
        "- item\n\n    ```text\n    ## 3.10\n    ```",
        "<!--\n## 3.10\n-->",
        "<!-- ## 3.10\n\n## 3.10",
        "<pre>\n## 3.10\n</pre>",
    ],
)
def test_what_only_looks_like_an_entry_is_none(heading: str) -> None:
    assert sections.section(f"## 1.2.0\n\n{heading}\n", "3.10") is None


@pytest.mark.parametrize(
    "inside", ["```\n# 1.1.0\n```", "<!-- x -->", "`<!--`", "- ```\n  # 1.1.0\n  ```", "    ```", "```a```"]
)
def test_the_section_after_a_fence_or_comment_is_found(inside: str) -> None:
    text = f"# 1.2.0\n\n- a\n\n{inside}\n\n# 1.1.0\n\n- b\n"
    assert sections.section(text, "1.1.0") == "- b"
    assert sections.section(text, "1.2.0") == f"- a\n\n{inside}"


def test_a_fence_left_open_in_a_list_ends_with_the_list() -> None:
    assert sections.section("# 1.2.0\n\n- a\n  ```\n  code\n\n# 1.1.0\n\n- b\n", "1.1.0") == "- b"


def test_restructured_text_is_read() -> None:
    text = "=======\nChanges\n=======\n\n1.2.0 (2025-01-15)\n~~~~~~~~~~~~~~~~~~\n\n"
    text += "Fixed\n.....\n\n* a\n\n1.1.0\n~~~~~\n* b\n"
    assert sections.section(text, "1.2.0") == "Fixed\n.....\n\n* a"
    assert sections.section(text, "1.1.0") == "* b"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        "### Added\n\n### Fixed\n",
        "<!-- write here -->\n",
        "<!-- write\n\n- here",
        "Added\n-----\n",
        "- \n*\n",
        "---\n",
        "[1.0.0]: https://x/compare/v1...v2\n",
        "### Added\r\n\r\n-\r\n",
    ],
)
def test_an_unreleased_section_that_says_nothing_is_empty(body: str) -> None:
    assert sections.unreleased(f"# Changes\n\n## [Unreleased]\n{body}") == ""


@pytest.mark.parametrize(
    "title",
    ["Unreleased", "[Unreleased]", "UNRELEASED", "[Unreleased] - date", "[Unreleased](https://x/compare/v1...HEAD)",
     "Upcoming",
     "Next release", "1.3.0 (unreleased)", "[1.3.0] - Unreleased", "1.3.0 - TBD", "[1.3.0] - xxxx-xx-xx"],
)  # fmt: skip
def test_unreleased_is_recognised(title: str) -> None:
    assert sections.unreleased(f"# Changes\n\n## {title}\n- a\n\n## 1.2.0\n- b\n") == "- a"


@pytest.mark.parametrize(
    "title", ["Unreleased features removed", "Nextcloud", "1.2.0 - 2025-01-15", "Next steps", "Development"]
)
def test_other_headings_are_not_unreleased(title: str) -> None:
    assert sections.unreleased(f"# Changes\n\n## {title}\n- a\n") is None


def test_the_pallets_projects_say_unreleased_below_the_heading() -> None:
    text = "Version 2.3.0\n-------------\n\nUnreleased\n\n-   a\n\n"
    text += "\nVersion 2.2.0\n-------------\n\nReleased 2022-08-01\n\n-   b\n"
    assert sections.unreleased(text) == sections.section(text, "2.3.0") == "Unreleased\n\n-   a"
    assert sections.promote(text, "2.3.0", DATE) == text.replace("Unreleased", "Released 2026-11-02")
    assert sections.unreleased(text.replace("-   a\n", "")) == ""


# ---- promoting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_unreleased_is_promoted(newline: str) -> None:
    assert sections.promote(KEEP.replace("\n", newline), "1.2.0", DATE) == KEPT.replace("\n", newline)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## [Unreleased]\n- a\n", "## [Unreleased]\n\n## [1.2.0] - 2026-11-02\n- a\n"),
        ("## Unreleased\n- a\n", "## Unreleased\n\n## 1.2.0 - 2026-11-02\n- a\n"),
        ("## Unreleased", "## Unreleased\n\n## 1.2.0 - 2026-11-02"),
        ("# Unreleased #\n- a\n# v1.1.0 #\n", "# Unreleased #\n\n# v1.2.0 #\n- a\n# v1.1.0 #\n"),
        (
            "## Unreleased\n## Version 1.1.0 (Jan 3, 2024)\n",
            "## Unreleased\n\n## Version 1.2.0 (Nov 2, 2026)\n## Version 1.1.0 (Jan 3, 2024)\n",
        ),
        (
            "## Unreleased\n## 1.1.0 - 3 May 2024 [YANKED]\n",
            "## Unreleased\n\n## 1.2.0 - 2 November 2026\n## 1.1.0 - 3 May 2024 [YANKED]\n",
        ),
        ("## Unreleased\n## 1.1.0 (2024/05/03)\n", "## Unreleased\n\n## 1.2.0 (2026/11/02)\n## 1.1.0 (2024/05/03)\n"),
        (
            "## Unreleased\n## [1.1.0]\n## [1.0.0] - 2024-01-01\n",
            "## Unreleased\n\n## [1.2.0] - 2026-11-02\n## [1.1.0]\n## [1.0.0] - 2024-01-01\n",
        ),
        (
            "## 1.3.0 (unreleased)\n- a\n## 1.1.0 (2024-05-03)\n",
            "## Unreleased\n\n## 1.2.0 (2026-11-02)\n- a\n## 1.1.0 (2024-05-03)\n",
        ),
        ("## [1.2.0] - Unreleased\n- a\n", "## [Unreleased]\n\n## [1.2.0] - 2026-11-02\n- a\n"),
        ("## Unreleased\n## [1.1.0][1.1.0]\n", "## Unreleased\n\n## [1.2.0][1.2.0]\n## [1.1.0][1.1.0]\n"),
        (
            '## Unreleased\n## <a name="1.1.0"></a>1.1.0\n',
            '## Unreleased\n\n## <a name="1.2.0"></a>1.2.0\n## <a name="1.1.0"></a>1.1.0\n',
        ),
        (
            "Changes\n=======\nUnreleased\n---\n",
            "Changes\n=======\nUnreleased\n---\n\n1.2.0 - 2026-11-02\n------------------\n",
        ),
        ("Unreleased\n----------\n\n1.1.0\n-----\n", "Unreleased\n----------\n\n1.2.0\n-----\n\n1.1.0\n-----\n"),
        (
            "==========\nUnreleased\n==========\n- a\n",
            "==========\nUnreleased\n==========\n\n==================\n1.2.0 - 2026-11-02\n==================\n- a\n",
        ),
        ("\ufeff## Unreleased\n", "\ufeff## Unreleased\n\n## 1.2.0 - 2026-11-02\n"),
    ],
)  # fmt: skip
def test_the_new_heading_follows_the_file(before: str, after: str) -> None:
    assert sections.promote(before, "1.2.0", DATE) == after


def test_links_within_headings_are_kept_up_to_date() -> None:
    base = "https://github.com/o/r/compare/"
    before = f"# [Unreleased]({base}v1.1.0...HEAD)\n- a\n# [1.1.0]({base}v1.0.0...v1.1.0) (2025-01-15)\n"
    after = f"# [Unreleased]({base}v1.2.0...HEAD)\n\n# [1.2.0]({base}v1.1.0...v1.2.0) (2026-11-02)\n- a\n"
    assert sections.promote(before, "1.2.0", DATE) == after + before.split("- a\n")[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "[Unreleased]: https://gitlab.com/o/r/-/compare/1.1.0...main",
            "[Unreleased]: https://gitlab.com/o/r/-/compare/1.2.0...main\n[1.2.0]: https://gitlab.com/o/r/-/compare/1.1.0...1.2.0",
        ),
        (
            "[v1.1.0]: https://x/compare/v1.0.0..v1.1.0\n",
            "[v1.2.0]: https://x/compare/v1.1.0..v1.2.0\n[v1.1.0]: https://x/compare/v1.0.0..v1.1.0\n",
        ),
        (
            "[1.1.0]: https://x/releases/tag/r-1.1.0\n",
            "[1.2.0]: https://x/releases/tag/r-1.2.0\n[1.1.0]: https://x/releases/tag/r-1.1.0\n",
        ),
        (
            "[unreleased]: https://x/compare/main...HEAD\n[1.1.0]: https://x/releases/tag/v1.1.0\n",
            (
                "[unreleased]: https://x/compare/main...HEAD\n"
                "[1.2.0]: https://x/releases/tag/v1.2.0\n[1.1.0]: https://x/releases/tag/v1.1.0\n"
            ),
        ),
        ("[#12]: https://x/issues/12\n", "[#12]: https://x/issues/12\n"),
        (
            "```\n[unreleased]: https://x/compare/v1.1.0...HEAD\n```\n",
            "```\n[unreleased]: https://x/compare/v1.1.0...HEAD\n```\n",
        ),
        (
            "[1.2.0]: https://elsewhere\n[1.1.0]: https://x/tags/1.1.0\n",
            "[1.2.0]: https://elsewhere\n[1.1.0]: https://x/tags/1.1.0\n",
        ),
    ],
)  # fmt: skip
def test_the_footer_is_kept_up_to_date(before: str, after: str) -> None:
    head = "## [Unreleased]\n\n- a\n\n"
    made = sections.promote(head + before, "1.2.0", DATE)
    assert made == "## [Unreleased]\n\n## [1.2.0] - 2026-11-02\n\n- a\n\n" + after
    assert sections.section(made, "1.2.0") == (
        "- a" if "```" not in before and "#12" not in before else f"- a\n\n{before.strip()}"
    )


def test_an_entry_that_is_there_is_used() -> None:
    text = "## [1.2.0]\n- by hand\n\n## [1.1.0] - 2025-01-15\n\n[1.1.0]: https://x/compare/v1.0.0...v1.1.0\n"
    linked = "[1.2.0]: https://x/compare/v1.1.0...v1.2.0\n[1.1.0]"
    assert sections.promote(text, "1.2.0", DATE) == text.replace("[1.1.0]:", f"{linked}:")
    assert (
        sections.promote("## 1.2.0\n- x\n## Unreleased\n- y\n", "1.2.0", DATE) == "## 1.2.0\n- x\n## Unreleased\n- y\n"
    )


def test_an_entry_far_below_is_used_and_an_old_one_that_was_never_released_is_left_alone() -> None:
    former = "".join(f"## 1.{n}.0 - 2024-01-01\n\n- Old.\n\n" for n in range(30, 0, -1))
    text = f"## Unreleased\n\n- New.\n\n{former}## 0.9 (unreleased)\n\n- Never.\n\n## 0.8.1 - 2023-01-01\n\n- There.\n"
    assert sections.promote(text, "0.8.1", DATE) == text
    assert sections.promote(text, "1.31.0", DATE) == text.replace(
        "## Unreleased\n", "## Unreleased\n\n## 1.31.0 - 2026-11-02\n"
    )


@given(
    st.sampled_from(["1.1", "1.1.0", "01.01", "v1.1", "2.0", "2", "1!1.1", "1.1rc1", "11.1", "0.1.1", "1.1.1", "10.1"]),
    st.sampled_from(["## {}", "## [{}] - 2025-01-02", "# lib {} #", "{}\n---", "  {}\n=====", "- {}", "## a {} b"]),
    st.sampled_from(["1.1.0", "2.0.0", "1!1.1", "1.1rc1", "0.1", "2025.1"]),
)
def test_a_text_without_a_line_of_the_version_has_no_entry_of_it(written: str, line: str, version: str) -> None:
    text = f"# Changes\n\n{line.format(written)}\n\n- 1.1 and 2.0 are named\n"
    wanted = Version(version)
    assert may_have_entry(text, wanted) or find_entry(headings(text), wanted) is None


def test_an_entry_is_seen_in_any_spelling() -> None:
    for title in ("## 1.1.0", "1.1\n---", "## [v01.01] - 2025-01-02", "# lib 1.1.0 #"):
        assert may_have_entry(f"\n{title}\n", Version("1.1.0"))
    assert not may_have_entry("## 1.1.1\n\n- Needs 1.1.0.\n\n## 2025-01-01\n", Version("1.1.0"))


@pytest.mark.parametrize("text", ["", "# Changelog\n", "## 1.1.0\n- a\n", "```\n## Unreleased\n```\n"])
def test_without_entry_and_unreleased_promoting_is_refused(text: str) -> None:
    with pytest.raises(TowpathError) as caught:
        sections.promote(text, "1.2.0", DATE)
    assert caught.value.problems[0].id == "no-changelog-entry"
    with pytest.raises(TowpathError, match="PEP 440"):
        sections.promote(text, "1.2.x", DATE)


words = st.text(alphabet="ab1 .-*_`<>#[]()!:~=\u00e9", min_size=0, max_size=20)
lines = st.lists(
    st.one_of(words, words.map(lambda word: f"- {word}"), st.just("### Added"), st.just("```\n# 9.9\n```")), max_size=6
)
bodies = lines.map("\n".join)
headed = st.sampled_from(
    ["## [{}] - 2025-01-15", "## {}", "## v{} (2025-01-15)", "# {}", "## [{}](https://x/tags/v{})"]
)


@given(
    bodies,
    bodies,
    headed,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n[1.1.0]: https://x/tags/v1.1.0\n"]),
)
def test_promote_then_read_gives_the_same_entries(body: str, old: str, style: str, newline: str, end: str) -> None:
    former = style.replace("{}", "1.1.0")
    head, tail = "# Changelog\n\n## [Unreleased]\n", f"\n\n{former}\n\n{old}{end}"
    text = f"{head}{body}{tail}".replace("\n", newline)
    assume(sections.section(text, "1.2.0") is None)
    entries, told = sections.unreleased(text), sections.section(text, "1.1.0")
    after = sections.promote(text, "1.2.0", DATE)
    assert sections.section(after, "1.2.0") == entries
    assert sections.section(after, "1.1.0") == told
    assert sections.unreleased(after) == ""
    assert sections.promote(after, "1.2.0", DATE) == after
    kept = f"{body}\n\n{former}\n\n{old}".replace("\n", newline)
    assert kept in after
    assert after.startswith(head.replace("\n", newline))


@given(st.text(alphabet="#=-~`<!> \n\r\t*1.2[]:()vUnreleased\ufeff", max_size=120))
def test_any_text_can_be_read_and_promoted(text: str) -> None:
    for heading in headings(text):
        assert text[heading.title_start :].startswith(heading.title)
    sections.section(text, "1.2")
    if sections.unreleased(text) is None and sections.section(text, "1.2") is None:
        return
    after = sections.promote(text, "1.2", DATE)
    position = -1
    for char in (char for char in text if char in "`<!>\t*"):  # what no heading of ours is made of stays in order
        position = after.index(char, position + 1)
    assert sections.section(after, "1.2") is not None


# ---- notes -------------------------------------------------------------------------------------------------


def test_notes_are_the_section_with_the_compare_link() -> None:
    text = "### Added\r\n\r\n- A thing by @someone (#12).\r\n"
    assert notes.notes(text, compare_url="https://x/compare/v1...v2") == (
        "### Added\n\n- A thing by @someone (#12).\n\n**All changes**: https://x/compare/v1...v2\n"
    )
    assert notes.notes("- a", compare_url="") == "- a\n"


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("- a <!-- open", "- a &lt;!-- open"),
        ("<!-- closed --> a <!-- open\n- b", "<!-- closed --> a &lt;!-- open\n- b"),
        ("<!-- closed -->", "<!-- closed -->"),
        ("```\n<!-- code\n```\n- b", "```\n<!-- code\n```\n- b"),
        ("```\ncode", "```\ncode\n```"),
        ("~~~~ x\n```\n~~~", "~~~~ x\n```\n~~~\n~~~~"),
        ("```a``` <!-- x", "```a``` &lt;!-- x"),
    ],
)
def test_what_is_left_open_does_not_swallow_the_rest(section: str, expected: str) -> None:
    link = "\n\n**All changes**: https://x\n"
    assert notes.notes(section, compare_url="https://x") == expected + link


def test_notes_stay_below_the_forges_limit() -> None:
    long = notes.notes("```\n" + "- entry\n" * 30_000, compare_url="https://x")
    assert len(long) < 125_000
    assert "```\n\n(shortened" in long
    assert long.endswith("https://x\n")


def test_commits_become_a_list() -> None:
    subjects = [
        "Use @property in List<int> (#12)",
        "Merge branch 'main'",
        "fixup! Use it",
        "Rename __init__ and *args to `__x__`",
        "# Not a heading",
        "---",
        "1. First",
        "Mail a@b.example",
        "Mail a@b.example",
        "",
        "Thanks, @org/team!",
        "See https://x/a_b_c",
    ]
    assert notes.from_commits(subjects).split("\n") == [
        "- Use `@property` in List&lt;int\\> (#12)",
        "- Rename \\_\\_init\\_\\_ and \\*args to `__x__`",
        "- \\# Not a heading",
        "- --\\-",
        "- 1\\. First",
        "- Mail a@b.example",
        "- Thanks, `@org/team`!",
        "- See https://x/a_b_c",
    ]
    assert notes.from_commits([]) == ""


@given(st.lists(st.text(max_size=30), max_size=5))
def test_every_commit_is_one_line(subjects: list[str]) -> None:
    shown = notes.from_commits([" ".join(subject.split()) for subject in subjects])
    assert all(line.startswith("- ") for line in shown.split("\n") if shown)
