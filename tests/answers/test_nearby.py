"""What is said, and offered, where a question has no answer."""

import shlex

import pytest

from kb.answer import Answer, Nearby
from kb.base import Base


def ask(base: Base, subject: str, **facets: str | list[str]) -> Answer:
    return base.answer(base.question(subject, **facets))


def ask_command(base: Base, command: str) -> Answer:
    _, subject, *flags = shlex.split(command)
    facets = dict(zip(flags[::2], flags[1::2], strict=True))
    return ask(base, subject, **{name.removeprefix("--"): v for name, v in facets.items()})


EMPTY = [
    ("studies", {"outcome": "pain", "country": "uk"}),
    ("studies", {"outcome": "pain", "instrument": "poms", "design": "rct"}),
    ("studies", {"text": "zzz"}),
    ("results", {"outcome": "pain", "cancer": "ovarian"}),
    ("interventions", {"component": "self-hypnosis", "mode": "online"}),
    ("outcomes", {"instrument": "pain-vas", "country": "uk"}),
    ("instruments", {"outcome": "pain", "country": "uk"}),
    ("barriers", {"construct": "funding", "country": "canada"}),
    ("strategies", {"text": "zzz"}),
    ("themes", {"theme": "social-connectedness", "n": ">100000"}),
    ("reviews", {"review": "cochrane-2013", "study": "mackie-2024"}),
]


@pytest.mark.parametrize(("subject", "facets"), EMPTY, ids=str)
def test_empty_answer_says_what_was_searched(
    subject: str, facets: dict[str, str], base: Base
) -> None:
    answer = ask(base, subject, **facets)

    assert answer.rows == []
    assert answer.notes[0].startswith(f"No {subject} have ")
    assert all(name in answer.notes[0] for name in facets)


@pytest.mark.parametrize(("subject", "facets"), EMPTY, ids=str)
def test_nearest_questions_have_the_answers_that_are_promised(
    subject: str, facets: dict[str, str], base: Base
) -> None:
    nearby = ask(base, subject, **facets).nearby

    assert nearby
    assert [near.count for near in nearby] == sorted(near.count for near in nearby)
    for near in nearby:
        assert ask_command(base, near.command).count == near.count > 0


def test_answer_with_rows_offers_nothing_else(base: Base) -> None:
    assert ask(base, "studies", outcome="pain").nearby == []


def test_term_above_is_near(base: Base) -> None:
    """Only Goodwin 2001 names a visual analogue scale, and for pain, not for suffering."""
    answer = ask(base, "studies", outcome="suffering", instrument="pain-vas")

    assert answer.rows == []
    assert Nearby("kb studies --outcome pain --instrument pain-vas", 1) in answer.nearby


def test_one_facet_alone_is_offered_where_no_two_go_together(base: Base) -> None:
    answer = ask(base, "studies", outcome="pain", year=">2020", n=">1000", country="uk")

    assert Nearby("kb studies --outcome pain", 3) in answer.nearby


def test_everything_is_offered_last(base: Base) -> None:
    everything = ask(base, "studies").count

    assert ask(base, "studies", text="zzz").nearby == [Nearby("kb studies", everything)]
