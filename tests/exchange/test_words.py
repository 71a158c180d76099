"""Words of a file: those that are known, those that a person decides on, and never in silence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from kb.curation.checking import check_files
from kb.errors import KbError
from kb.exchange.asking import Terms, asking
from kb.exchange.words import (
    Decisions,
    Kind,
    State,
    Word,
    WordProblems,
    Words,
    new_term,
    read_decisions,
    words_file,
)
from kb.store.engine import reading, writing
from kb_schema.tables import metadata


@pytest.fixture
def vocabulary(evidence: Engine) -> Iterator[Terms]:
    with reading(evidence) as connection:
        yield Terms(asking(connection))


def words(vocabulary: Terms, *, accept: bool = False, **choices: str) -> Words:
    decided: dict[tuple[str, str], str] = {
        (Kind.OUTCOME, word): choice for word, choice in choices.items()
    }
    return Words(vocabulary, Decisions(decided), accept=accept)


@pytest.mark.parametrize("text", ["pain", "Pain", "ACHE", " ache "])
def test_a_word_is_known_by_key_name_or_synonym(vocabulary: Terms, text: str) -> None:
    word = words(vocabulary).term(Kind.OUTCOME, text, 2)
    assert (word.state, word.key) == (State.KNOWN, "pain")


def test_an_unknown_word_is_to_be_decided_on_with_what_is_nearest(vocabulary: Terms) -> None:
    found = words(vocabulary)
    found.term(Kind.OUTCOME, "pains", 7)
    found.term(Kind.OUTCOME, "Pains", 9)
    (word,) = found.undecided()
    assert (word.text, word.uses, word.row) == ("pains", 2, 7)
    assert word.nearest[0] == "pain"
    assert word.as_dict()["key"] is None


def test_an_abbreviation_is_not_offered_what_is_alike_by_chance(vocabulary: Terms) -> None:
    found = words(vocabulary)
    found.term(Kind.INSTRUMENT, "BAS", 2)
    found.term(Kind.INSTRUMENT, "VAS-10", 3)
    assert [(word.text, word.nearest) for word in found.undecided()] == [
        ("BAS", ()),
        ("VAS-10", ("vas",)),
    ]


def test_accepted_words_become_new_terms_with_keys_of_their_own(vocabulary: Terms) -> None:
    found = words(vocabulary, accept=True)
    keys = [found.term(Kind.OUTCOME, text, 2).key for text in ("Hope", "hope!", "ho.pe", "ho/pe")]
    assert keys[:2] == ["hope", "hope"]
    assert len(set(keys)) == 3
    assert [word.text for word in found.take_new()] == ["Hope", "ho.pe", "ho/pe"]
    assert found.take_new() == []


def test_a_word_with_several_meanings_is_asked_for_even_where_new_ones_are_taken(
    evidence: Engine,
) -> None:
    also = {"vocabulary": "outcome", "text": "ache", "term_key": "survival"}
    with writing(evidence) as connection:
        connection.execute(insert(metadata.tables["synonym"]), also)
    with reading(evidence) as connection:
        found = words(Terms(asking(connection)), accept=True)
        word = found.term(Kind.OUTCOME, "ache", 2)
        assert word.state is State.UNDECIDED
        assert found.undecided()[0].nearest == ("pain", "survival")


def test_a_country_is_never_made_up_without_its_code(vocabulary: Terms) -> None:
    found = words(vocabulary, accept=True)
    word = found.term(Kind.COUNTRY, "Made-up Land", 2)
    assert (word.state, word.key) == (State.UNDECIDED, None)
    choices: dict[tuple[str, str], str] = {
        (Kind.COUNTRY, "made up land"): "XMA",
        (Kind.COUNTRY, "the states"): "USA",
    }
    found = Words(vocabulary, Decisions(choices), accept=True)
    new = found.term(Kind.COUNTRY, "Made-up Land", 2)
    assert (new.state, new.code) == (State.NEW, "XMA")
    assert found.term(Kind.COUNTRY, "the States", 3).key == "usa"


def test_decisions_are_followed(vocabulary: Terms) -> None:
    found = words(vocabulary, sting="pain", glow="new", noise="ignore")
    kinds = [(w.state, w.key) for w in (found.term(Kind.OUTCOME, t, 2) for t in ("Sting", "glow"))]
    assert kinds == [(State.DECIDED, "pain"), (State.NEW, "glow")]
    assert found.term(Kind.OUTCOME, "noise", 2).key is None
    assert found.undecided() == []


def test_a_new_term_that_is_there_by_now_is_the_same_one(vocabulary: Terms) -> None:
    word = words(vocabulary, pain="new", ache="new").term(Kind.OUTCOME, "pain", 2)
    assert (word.state, word.key) == (State.DECIDED, "pain")
    other = words(vocabulary, ache="new").term(Kind.OUTCOME, "ache", 2)
    assert (other.state, other.key) == (State.NEW, "ache")  # a synonym is not the name itself


def test_new_terms_are_not_verified_and_name_the_file(vocabulary: Terms) -> None:
    word = words(vocabulary, accept=True).term(Kind.APPROACH, "Made-up therapy", 2)
    section, record = new_term(word, "made-up.csv")
    assert (section, record["key"], record["verified"]) == ("approaches", "made-up-therapy", False)
    assert "made-up.csv" in str(record["note"])


def test_a_file_of_words_tells_everything_that_is_wrong_with_it(
    vocabulary: Terms, tmp_path: Path
) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(
        "outcome:\n  a: pian\n  b: [pain]\n  B: new\n  b.: ignore\n"
        "outcomes:\n  c: pain\ncountry:\n  d: new\ndesign: rct\n",
        encoding="utf-8",
    )
    with pytest.raises(WordProblems) as raised:
        read_decisions(path, vocabulary)
    told = [(problem.line, problem.nearest) for problem in raised.value.problems]
    assert told == [(2, "pain"), (3, ""), (5, ""), (6, "outcome"), (9, ""), (10, "")]


def test_no_file_of_words_is_an_error(vocabulary: Terms, tmp_path: Path) -> None:
    with pytest.raises(KbError, match="There is no file"):
        read_decisions(tmp_path / "none.yaml", vocabulary)


WRITTEN = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1).filter(
    lambda text: text.strip(" .?!\"'’_-‐–/")
)


@given(texts=st.lists(WRITTEN, min_size=1, unique_by=str.casefold))
def test_a_file_of_words_can_be_read_whatever_the_words(
    texts: list[str], filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("words") / "words.yaml"
    written = [Word(Kind.OUTCOME, text, State.NEW, "key", 2, uses=1) for text in texts]
    written += [Word(Kind.APPROACH, text, State.UNDECIDED, None, 3, uses=1) for text in texts]
    path.write_text(words_file(written, "made-up.csv", {}), encoding="utf-8")
    from kb.store.engine import open_engine, sqlite_url

    engine = open_engine(sqlite_url(filled))
    with reading(engine) as connection:
        read = read_decisions(path, Terms(asking(connection)))
    engine.dispose()
    assert all(read.of(Kind.OUTCOME, text) == "new" for text in texts)
    assert not any(read.of(Kind.APPROACH, text) for text in texts)


def test_decided_words_stay_decided_in_a_file_that_is_written_again(
    vocabulary: Terms, tmp_path: Path
) -> None:
    found = words(vocabulary, sting="pain", glow="new", noise="ignore")
    for text in ("sting", "glow", "noise", "unheard of"):
        found.term(Kind.OUTCOME, text, 2)
    path = tmp_path / "words.yaml"
    path.write_text(words_file(found.unknown(), "made-up.csv", {}), encoding="utf-8")
    again = read_decisions(path, vocabulary)
    read = [again.of(Kind.OUTCOME, text) for text in ("sting", "glow", "noise", "unheard of")]
    assert read == ["pain", "new", "ignore", None]


def test_new_terms_are_fit_to_be_stored(vocabulary: Terms, tmp_path: Path) -> None:
    import yaml

    found = words(vocabulary, accept=True)
    kinds = [kind for kind in Kind if kind not in {Kind.STUDY, Kind.ARM, Kind.COUNTRY}]
    records = [new_term(found.term(kind, "Made up: a 'word'", 2), "made-up.csv") for kind in kinds]
    path = tmp_path / "terms.yaml"
    content = {section: [{k: v for k, v in r.items() if v is not None}] for section, r in records}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert check_files(path).problems == []
