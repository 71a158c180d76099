"""The same evidence gives the same answers on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from kb.base import Base
from kb.errors import KbError
from kb.facets import FACETS
from kb.pages import KINDS
from kb.pages.fact import KINDS as FACTS
from kb.question import SUBJECTS
from kb.search import search
from kb.summary import summary, table_counts
from kb.terms import terms_listed
from kb.trace import trace
from kb_schema.tables import metadata

Both = tuple[Base, Base]
Facets = dict[str, str]

SEARCHES = (
    "hypnosis",
    "self-hypnosis pain",
    "supportive expressive",
    "support/expressive",
    "0.001",
    "OR 1.46",
    "2001",
    "women's",
    "women’s groups",
    "Goodwin",
    "fear of dying",
    "weekly",
    "month",
    "metastatic breast cancer",
    "barriers to running a group",
    "EORTC QLQ-C30",
    "social_connectedness",
    "telephone-based",
    "doi",
    "qualité",
    "cost and funding",
    "training; supervision",
    "'quoted' (words)",
    "zzz",
    "&",
    "",
)


def plain(found: Any) -> str:
    """Return data as they are written out, with their types and their order."""
    return json.dumps(found, indent=1, ensure_ascii=False)


def told(base: Base, subject: str, facets: Facets) -> Any:
    try:
        return base.answer(base.question(subject, **facets)).as_dict()
    except KbError as error:
        return str(error)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_answers_are_equal(subject: str, both: Both, questions: list[Facets]) -> None:
    for facets in questions:
        on_sqlite, on_postgresql = (told(base, subject, facets) for base in both)
        assert plain(on_sqlite) == plain(on_postgresql), facets


def test_questions_are_many_and_most_have_answers(both: Both, questions: list[Facets]) -> None:
    base, _ = both
    rows = [base.answer(base.question(**facets)).count for facets in questions]

    assert len(rows) - len(FACETS) >= 40
    assert sum(count > 0 for count in rows) >= 40
    assert {name for facets in questions for name in facets} == set(FACETS)


def test_pages_are_equal(both: Both) -> None:
    for name in pages(both[0]):
        on_sqlite, on_postgresql = (base.page(name).as_dict() for base in both)
        assert plain(on_sqlite) == plain(on_postgresql), name


def pages(base: Base) -> Iterator[str]:
    """Yield what to show: every record that is the subject of a page, and a few of each fact."""
    for kind in KINDS:
        table = metadata.tables[kind]
        keys = sorted(base.keys(select(table.c.key)))
        step = max(1, len(keys) // (8 if kind in FACTS else 25))
        yield from (f"{kind}:{key}" for key in keys[::step])


def test_summaries_are_equal(both: Both) -> None:
    on_sqlite, on_postgresql = (summary(base).as_dict() for base in both)
    assert plain(on_sqlite) == plain(on_postgresql)
    assert table_counts(both[0]) == table_counts(both[1])


def test_traces_are_equal(both: Both) -> None:
    vocabulary = both[0].vocabulary
    for key in [*vocabulary.terms("study"), *vocabulary.terms("review")]:
        on_sqlite, on_postgresql = ([t.as_dict() for t in trace(base, key)] for base in both)
        assert plain(on_sqlite) == plain(on_postgresql), key


def test_terms_are_listed_alike(both: Both) -> None:
    for name, facet in FACETS.items():
        if not facet.is_range and name != "text":
            on_sqlite, on_postgresql = (terms_listed(base.vocabulary, name) for base in both)
            assert on_sqlite == on_postgresql, name


def test_names_mean_the_same(both: Both) -> None:
    for table in ("study", "review", "outcome", "approach", "construct", "theme", "instrument"):
        on_sqlite, on_postgresql = (dict(base.vocabulary.names(table)) for base in both)
        assert list(on_sqlite.items()) == list(on_postgresql.items()), table


@pytest.mark.parametrize("words", SEARCHES)
def test_searches_find_the_same(words: str, both: Both) -> None:
    (hits, left_out), (others, other_left_out) = (search(base, words) for base in both)

    assert {(hit["kind"], hit["key"]) for hit in hits} == {(h["kind"], h["key"]) for h in others}
    assert left_out == other_left_out
