"""References of a file are told apart: from one another, and from those of the store."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kb.exchange.drafts import Fate
from kb.exchange.importing import bring, preview
from kb.exchange.preview import Preview
from tests.exchange.import_files import order, rows_of

Write = Callable[..., Path]
ARTICLE = "made-up.cedar-2021"
TAGS = {
    "authors": "AU",
    "year": "PY",
    "title": "TI",
    "container": "JF",
    "volume": "VL",
    "pages": "SP",
    "doi": "DO",
}


def entry(title: str = "A made-up trial of groups", **told: str) -> str:
    told = {"authors": "Cedar, D.", "year": "2021", "title": title} | told
    lines = "".join(f"{TAGS[name]}  - {value}\n" for name, value in told.items())
    return f"TY  - JOUR\n{lines}ER  - \n"


FULL = entry(container="Palliative Medicine", volume="35", pages="900")
OTHER = entry("Quite some other matter", volume="7")
REPLY = entry("Reply", authors="Young, X.", container="Cancer", volume="7", pages="99")
ANOTHER_REPLY = entry("Reply", authors="Zedar, D.", container="Lancet", volume="1", pages="2")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*entries: str, name: str = "made-up") -> Path:
        path = tmp_path / f"{name}.ris"
        path.write_text("".join(entries), encoding="utf-8")
        return path

    return written


def brought(engine: Engine, path: Path) -> Preview:
    return bring(engine, order(path, "ris"))


def previewed(engine: Engine, path: Path) -> Preview:
    return preview(engine, order(path, "ris"))


def keys(engine: Engine, *names: str) -> set[str]:
    begin = tuple(f"{name}." for name in names or ("made-up",))
    return {key for key in rows_of(engine, "report") if key.startswith(begin)}


def said(found: Preview, rule: str) -> list[str]:
    return [note.message for note in found.notes if note.rule == rule]


def is_unchanged(found: Preview) -> bool:
    return not any(counts.new or counts.changed for counts in found.records.values())


@pytest.mark.parametrize(
    "other",
    [
        ANOTHER_REPLY,
        entry("Reply", authors="Young, X.", container="Cancer", volume="8"),
        entry("Reply", authors="Young, X.", container="Cancer", volume="7", pages="120"),
        entry("Reply", authors="Young, X.", container="Lancet"),
    ],
    ids=["everything", "volume", "page", "journal"],
)
def test_references_with_one_title_and_year_are_kept_apart(
    evidence: Engine, write: Write, other: str
) -> None:
    path = write(REPLY, other)
    found = brought(evidence, path)

    assert len(keys(evidence)) == 2
    (message,) = said(found, "possible duplicate")
    assert "'Reply' is also the title of made-up.young-2021 (another " in message
    assert said(found, "given again") == []
    assert is_unchanged(previewed(evidence, path))


def test_they_are_kept_apart_from_those_of_another_file(evidence: Engine, write: Write) -> None:
    brought(evidence, write(ANOTHER_REPLY, name="first"))
    path = write(REPLY)
    found = brought(evidence, path)

    assert keys(evidence, "first", "made-up") == {"first.zedar-2021", "made-up.young-2021"}
    (message,) = said(found, "possible duplicate")
    assert message == (
        "'Reply' is also the title of first.zedar-2021 (another first author, journal, volume, "
        "first page)"
    )
    assert is_unchanged(previewed(evidence, path))


@pytest.mark.parametrize("less", [entry(), entry(container="Palliat Med")], ids=["bare", "short"])
def test_a_reference_with_less_detail_is_the_same(
    evidence: Engine, write: Write, less: str
) -> None:
    found = brought(evidence, write(FULL, less))
    assert keys(evidence) == {ARTICLE}
    assert len(said(found, "given again")) == 1

    again = previewed(evidence, write(less, name="less"))
    assert [(each.key, each.by) for each in again.matched] == [(ARTICLE, "its title and year")]
    assert again.notes == []


def test_a_title_that_may_be_that_of_several_is_kept_and_told(
    evidence: Engine, write: Write
) -> None:
    path = write(REPLY, ANOTHER_REPLY, "TY  - JOUR\nTI  - Reply\nPY  - 2021\nER  - \n")
    found = brought(evidence, path)

    assert len(keys(evidence)) == 3
    assert said(found, "possible duplicate")[-1] == (
        "'Reply' is also the title of made-up.young-2021 (may be the same) and "
        "made-up.zedar-2021 (may be the same)"
    )
    assert is_unchanged(previewed(evidence, path))


def test_a_reference_with_an_identifier_is_not_lost_in_one_without(
    evidence: Engine, write: Write
) -> None:
    path = write(entry(), entry(doi="10.1000/made-up"))
    found = brought(evidence, path)

    assert {row["doi"] for key, row in rows_of(evidence, "report").items() if ARTICLE in key} == {
        None,
        "10.1000/made-up",
    }
    assert len(said(found, "possible duplicate")) == 1
    assert is_unchanged(previewed(evidence, path))


def test_many_of_one_title_are_told_in_one_note_each(evidence: Engine, write: Write) -> None:
    found = previewed(evidence, write(*(entry("Reply", volume=str(n)) for n in range(1, 7))))

    told = said(found, "possible duplicate")
    assert len(told) == 5
    assert told[-1].endswith("(another volume) and 2 more")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "Quite another title", "the file says 'Quite another title', this base 'A made-"),
        ("authors", "Zedar, D.", "the file says 'Zedar D', this base 'Cedar D', which stays"),
        ("container", "Cancer", "the file says 'Cancer', this base 'Palliative Medicine', which"),
        ("volume", "99", "the file says '99', this base '35', which stays"),
        ("pages", "1", "the file says '1', this base '900', which stays"),
        ("year", "2019", "the file says 2019, this base 2021, which stays"),
    ],
)
def test_what_a_file_says_otherwise_of_a_known_doi_is_told(
    evidence: Engine, write: Write, field: str, value: str, message: str
) -> None:
    here = {"container": "Palliative Medicine", "volume": "35", "pages": "900"}
    here |= {"doi": "10.1000/made-up"}
    brought(evidence, write(entry(**here), name="first"))
    before = rows_of(evidence, "report")
    found = brought(evidence, write(entry(**here | {field: value})))

    (note,) = [note for note in found.notes if note.rule == "told otherwise"]
    assert note.field == field
    assert message in note.message
    assert rows_of(evidence, "report") == before


def test_a_doi_under_another_title_and_author_is_refused(evidence: Engine, write: Write) -> None:
    here = {"doi": "10.1000/made-up"}
    brought(evidence, write(entry(**here), name="first"))
    wrong = entry("Quite another title", authors="Zedar, D.", volume="99", **here)
    found = brought(evidence, write(wrong, REPLY))

    assert (found.rows, found.taken, found.refused) == (2, 1, {1})
    (message,) = said(found, "reports that conflict")
    assert message == (
        "Quite another title: its DOI is that of first.cedar-2021, which has another title and "
        "author"
    )
    assert rows_of(evidence, "report")["first.cedar-2021"]["volume"] is None


def test_a_doi_under_another_title_and_author_of_the_same_file_is_refused(
    evidence: Engine, write: Write
) -> None:
    here = {"doi": "10.1000/made-up"}
    wrong = entry("Quite another title", authors="Zedar, D.", volume="99", **here)
    found = brought(evidence, write(entry(**here), wrong))

    (note,) = [note for note in found.notes if note.fate is Fate.REFUSED]
    assert (note.row, note.rule) == (7, "identifier of another reference")
    assert rows_of(evidence, "report")[ARTICLE]["volume"] is None


@pytest.mark.parametrize("entries", [(OTHER,), (OTHER, FULL), (FULL, OTHER)])
def test_a_new_reference_never_takes_the_place_of_one_of_an_earlier_file_of_the_name(
    evidence: Engine, write: Write, entries: tuple[str, ...]
) -> None:
    brought(evidence, write(FULL))
    before = rows_of(evidence, "report")
    path = write(*entries)
    brought(evidence, path)

    after = rows_of(evidence, "report")
    assert after[ARTICLE] == before[ARTICLE]
    (added,) = after.keys() - before.keys()
    assert after[added]["title"] == "Quite some other matter"
    assert is_unchanged(previewed(evidence, path))


@pytest.mark.parametrize(
    "corrected",
    [
        entry(container="Palliative Medicine", volume="36", pages="900"),
        entry("A made-up trial of group", container="Palliative Medicine"),
    ],
    ids=["volume", "title"],
)
def test_a_corrected_reference_stays_one(evidence: Engine, write: Write, corrected: str) -> None:
    brought(evidence, write(FULL))
    found = brought(evidence, write(corrected))

    assert keys(evidence) == {ARTICLE}
    assert found.records["report"].changed == 1
    assert found.notes == []
