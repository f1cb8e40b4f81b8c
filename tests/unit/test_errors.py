"""The catalogue: every kind has an id, a cause and a fix that can be read at 23:00."""

from __future__ import annotations

import errno
import re
import string

import pytest

from towpath import errors
from towpath.errors import Kind, Problem, TowpathError

PROGRAMS = ("git ", "uv ", "pip", "pre-commit ", "bandit ", "zizmor ", "pyproject")
KINDS = [value for value in vars(errors).values() if isinstance(value, Kind)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
class TestEveryKind:
    def test_its_id_is_its_constant_in_kebab_case(self, kind: Kind) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.id)
        assert vars(errors)[kind.id.upper().replace("-", "_")] is kind

    def test_its_exit_code(self, kind: Kind) -> None:
        assert kind.exit_code in {1, 2}

    def test_its_facts_have_names(self, kind: Kind) -> None:
        for text in (kind.cause, kind.fix):
            for _, name, _, _ in string.Formatter().parse(text):
                assert name is None or re.fullmatch(r"[a-z_]+", name), f"{name!r} in {text!r}"

    def test_its_texts_are_sentences(self, kind: Kind) -> None:
        for text in (kind.cause, kind.fix):
            assert text[0].isupper() or text[0] in "{`-" or text.startswith(PROGRAMS)
            # Where another program's words stand last, they bring their own end.
            assert text.endswith((".", "{reason}", "{why}")), text
            assert "  " not in text
            assert text == text.strip()

    def test_it_needs_exactly_its_facts(self, kind: Kind) -> None:
        facts = {name: f"<{name}>" for name in kind.facts}
        problem = kind.problem(**facts)
        told = problem.cause + problem.fix
        assert all(f"<{name}>" in told or f"'<{name}>'" in told for name in kind.facts)
        assert told.count("{") == (kind.cause + kind.fix).count("{{")
        for name in kind.facts:
            with pytest.raises(KeyError):
                kind.problem(**{other: value for other, value in facts.items() if other != name})

    def test_a_fact_with_braces_is_taken_literally(self, kind: Kind) -> None:
        problem = kind.problem(**dict.fromkeys(kind.facts, "{x} {} %s"))
        assert (problem.cause + problem.fix).count("{x} {} %s") >= len(kind.facts)

    def test_it_is_in_the_catalogue(self, kind: Kind) -> None:
        assert errors.catalogue()[kind.id] is kind


def test_ids_are_unique() -> None:
    assert len({kind.id for kind in KINDS}) == len(KINDS) == len(errors.catalogue())


def test_texts_are_unique() -> None:
    assert len({kind.cause for kind in KINDS}) == len(KINDS), "two ids for one cause"


def test_a_problem_names_the_command_that_explains_it() -> None:
    problem = Problem("no-git", "c.", "Run `invoke bump`.")
    assert problem.more == "invoke explain no-git"
    assert problem.respelled("x-").more == "invoke x-explain no-git"
    assert problem.respelled("x-").fix == "Run `invoke x-bump`."


def test_a_problem_keeps_the_detail_without_the_lines_around() -> None:
    assert errors.NO_GIT.problem(detail="\n\n  a\nb\n\n").detail == "  a\nb"


def test_an_error_carries_all_its_problems() -> None:
    one, two = errors.NO_GIT.problem(), errors.NO_PROJECT_NAME.problem()
    both = TowpathError(one, two)
    assert both.problems == (one, two)
    assert str(both) == f"{one.cause}; {two.cause}"


@pytest.mark.parametrize(("codes", "expected"), [((1,), 1), ((2,), 2), ((1, 2), 2), ((2, 1, 1), 2)])
def test_the_exit_code_is_2_if_any_problem_lies_in_the_call(codes: tuple[int, ...], expected: int) -> None:
    assert TowpathError(*(Problem("x", "c.", "f.", code) for code in codes)).exit_code == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "no-space"),
        (getattr(errno, "EDQUOT", errno.ENOSPC), "no-space"),
        (errno.EACCES, "not-writable"),
        (errno.EPERM, "not-writable"),
        (errno.EROFS, "not-writable"),
        (errno.EIO, "disk-failure"),
        (errno.ENOENT, "disk-failure"),
    ],
)
def test_what_an_os_error_means(number: int, expected: str) -> None:
    def fail() -> None:
        raise OSError(number, "words of the system", "/some/file")

    with pytest.raises(TowpathError) as caught, errors.disk("keep it"):
        fail()
    problem = caught.value.problems[0]
    assert problem.id == expected
    assert "could not keep it" in problem.cause.lower()
    assert isinstance(caught.value.__cause__, OSError)


def test_what_is_no_os_error_passes_through() -> None:
    with pytest.raises(KeyError), errors.disk("keep it"):
        raise KeyError


def test_a_name_that_is_not_utf_8_can_be_reported() -> None:
    found = errors.NOT_A_REPOSITORY.problem(folder="caf\udce9", detail="caf\udce9")
    assert (found.cause + found.detail).encode("utf-8")
