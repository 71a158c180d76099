"""Studies in questions: found by the indexes of the store, and as if the names of all were read."""

import difflib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, insert

from kb.ask import Understood, names, understand
from kb.ask.studies import studies_named
from kb.base import Base
from kb.facets import FACETS
from kb.spelling import alike, forms, slips
from kb.store.engine import open_engine, sqlite_url, writing
from kb.store.opening import open_base
from kb.vocabulary import plain
from kb_schema.tables import metadata

Understand = Callable[[str], Understood]

ASKED = (
    "which RCTs cite {}?",
    "{}",
    "pain in the {} trial",
    "what did {} measure since 1990",
    "barriers in {}s, not in Canada",
)


@pytest.fixture
def by_reading_all(base: Base, monkeypatch: pytest.MonkeyPatch) -> Understand:
    """Return what understands a question as if nothing could be looked up."""
    everything = list(base.vocabulary.terms("study"))

    def read(question: str) -> Understood:
        with monkeypatch.context() as patch:
            patch.setattr(names, "studies_named", lambda *_: everything)
            patch.setattr(names, "spelt_like", lambda *_: everything)
            return understand(question, base.vocabulary)

    return read


def meant(understood: Understood) -> Understood:
    """Return what was understood, without the error, which is equal to none."""
    return replace(understood, refusal=None)


def spoken(base: Base) -> list[str]:
    """Return the names by which studies are called, each as it is listed and as it is written."""
    labels = [term.name for term in base.vocabulary.terms("study").values()]
    return [*base.vocabulary.names("study"), *labels]


@pytest.mark.parametrize("asked", ASKED)
def test_a_name_in_a_question_is_found_as_if_all_were_read(
    asked: str, base: Base, by_reading_all: Understand
) -> None:
    for name in spoken(base)[ASKED.index(asked) :: 2 * len(ASKED)]:
        question = asked.format(name)
        found = understand(question, base.vocabulary)
        assert meant(found) == meant(by_reading_all(question)), question


def test_a_name_with_one_wrong_letter_is_offered_as_if_all_were_read(
    base: Base, by_reading_all: Understand
) -> None:
    authors = {term.name.split()[0].lower() for term in base.vocabulary.terms("study").values()}
    for author in sorted(name for name in authors if len(name) > 4 and name.isalpha()):
        question = f"pain with {author[0]}{author[2]}{author[1]}{author[3:]}"
        assert meant(understand(question, base.vocabulary)) == meant(by_reading_all(question))
    assert "did you mean kissane?" in understand("pain with kisane", base.vocabulary).notes[0]


@pytest.mark.parametrize(
    ("question", "studies"),
    [
        ("which RCTs measured anxiety with CBT in Canada since 2001?", set()),
        ("what helps women who are afraid of dying?", set()),
        ("the CALM trial", {"rodin-2018", "calm-spi-2020"}),
        ("which trials are like the BEST trial?", {"goodwin-2001"}),
        ("what is best for pain", set()),
        ("Low 2010", {"low-2010"}),
        ("spiegel & bloom 1983", {"spiegel-1981"}),
    ],
)
def test_only_the_studies_that_may_be_named_are_read(
    question: str, studies: set[str], base: Base
) -> None:
    assert studies_named(base.connection, question) >= studies
    assert len(studies_named(base.connection, question)) <= len(studies) + 2


def test_a_question_reads_no_table_of_studies_to_its_end(shipped: Path) -> None:
    with open_base(str(shipped)) as base:
        sent = statements(base.connection, lambda: understand("pain, Godwin", base.vocabulary))
    of_studies = [words for words in sent if "FROM study" in words or "FROM report" in words]
    assert of_studies
    assert all(" WHERE " in words for words in of_studies)


def statements(connection: Connection, run: Callable[[], object]) -> list[str]:
    """Return the statements that are sent meanwhile, each on one line."""
    sent: list[str] = []

    def keep(_: object, __: object, statement: str, *___: Any) -> None:
        sent.append(" ".join(statement.split()))

    event.listen(connection, "before_cursor_execute", keep)
    run()
    event.remove(connection, "before_cursor_execute", keep)
    return sent


def test_a_synonym_of_a_study_names_it(own_copy: Path) -> None:
    engine = open_engine(sqlite_url(own_copy))
    row = {"vocabulary": "study", "text": "made-up nick's name", "term_key": "goodwin-2001"}
    with writing(engine) as connection:
        connection.execute(insert(metadata.tables["synonym"]), row)
    engine.dispose()
    with open_base(str(own_copy)) as base:
        understood = understand("pain in the made-up nick's name trial", base.vocabulary)
        assert base.vocabulary.called("study", "Made-up nick’s name") == ["goodwin-2001"]
    assert understood.command == "kb studies --design rct --outcome pain --study goodwin-2001"


def test_every_name_alone_means_what_it_means_among_all(base: Base) -> None:
    for name, keys in base.vocabulary.names("study").items():
        assert base.vocabulary.called("study", name) == keys, name
    for key, term in base.vocabulary.terms("study").items():
        assert base.vocabulary.resolve(FACETS["study"], key) == [key]
        assert base.vocabulary.term("study", key) == term
    assert base.vocabulary.term("study", "nobody-2001") is None
    assert base.vocabulary.called("study", "?!") == []


def test_a_misspelt_name_is_offered_the_same_names_as_among_all(base: Base) -> None:
    among_all = base.vocabulary.names("study")
    for written, key in (("godwin-2001", "goodwin-2001"), ("kisane 2007", "kissane-2007")):
        near = base.vocabulary.nearest(FACETS["study"], written)
        best = difflib.get_close_matches(plain(written), among_all, n=1, cutoff=0.5)
        assert near[0] in among_all[best[0]]
        assert near[0] == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("behaviour", "behavior"),
        ("randomised", "randomized"),
        ("centre", "center"),
        ("centred", "centered"),
        ("programme", "program"),
        ("mueller", "mueler"),
        ("goetz", "getz"),
        ("kaelin", "kelin"),
        ("trial", "trials"),
    ],
)
def test_a_word_is_looked_up_as_others_write_it(one: str, other: str) -> None:
    assert other in forms(one)
    assert one in forms(other)
    assert alike(one) == alike(other)


WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12)


@given(WORD, st.data())
def test_one_slip_is_undone(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcz"))
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    for slipped in (
        word,
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        swapped,
    ):
        assert word in slips(slipped)


def test_a_word_without_end_is_looked_up_as_it_stands() -> None:
    assert forms("e" * 5000) == slips("e" * 5000) == {"e" * 5000}
