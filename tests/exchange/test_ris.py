"""RIS as PubMed, Embase, CENTRAL and reference managers export it."""

from pathlib import Path

import pytest

from kb.exchange.drafts import Fate, Note, Reading, ReportDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers import ris

FILES = Path(__file__).parent / "files" / "citations"


def read(name: str) -> Reading:
    return ris.read(open_file(FILES / name), {})


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    return tmp_path / "references.ris"


def read_text(path: Path, text: str, **given: str) -> Reading:
    path.write_text(text, encoding="utf-8", newline="")
    return ris.read(open_file(path), given)


def only(reading: Reading) -> ReportDraft:
    (report,) = reading.reports
    return report


def notes(reading: Reading, fate: Fate) -> list[tuple[int, str, str]]:
    return [(note.row, note.field, note.rule) for note in reading.notes if note.fate == fate]


def test_records_of_pubmed_come_with_their_numbers_wherever_these_stand() -> None:
    first, second = read("pubmed.ris").reports

    assert first == ReportDraft(
        row=1,
        name="The effect of group psychosocial support on survival in metastatic breast cancer",
        title="The effect of group psychosocial support on survival in metastatic breast cancer",
        authors="Goodwin PJ, Leszcz M, Ennis M",
        container="N Engl J Med",
        year=2001,
        volume="345",
        pages="1719-1726",
        pmid="11742045",
    )
    assert (second.pmid, second.pmcid, second.doi) == (
        "20658835",
        "PMC3128513",
        "10.1037/a0020153",
    )


def test_a_byte_order_mark_and_crlf_leave_no_trace() -> None:
    data = (FILES / "pubmed.ris").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfTY")
    assert b"\r\n" in data

    reading = read("pubmed.ris")

    assert reading.rows == 2
    assert not any("\r" in str(report) for report in reading.reports)


def test_records_of_embase_have_wrapped_titles_their_pmid_and_no_address_of_the_database() -> None:
    report = only(read("embase.ris"))

    assert report.title == (
        "Quality of life in a randomized trial of group psychosocial support in metastatic breast "
        "cancer: overall effects of the intervention and an exploration of missing data"
    )
    assert report.authors == "Bordeleau L, Szalai JP, Ennis M"
    assert (report.pmid, report.doi) == ("12743147", "10.1200/JCO.2003.04.080")
    assert report.url is None
    assert report.note is None


def test_an_entry_without_a_title_is_refused_with_its_line() -> None:
    reading = read("embase.ris")

    assert reading.rows == 2
    assert notes(reading, Fate.REFUSED) == [(26, "", "no title")]


def test_an_abstract_of_a_meeting_is_no_article(text_file: Path) -> None:
    text = "TY  - JOUR\nTI  - A\nM3  - Conference Abstract\nER  - \n"

    assert only(read_text(text_file, text)).kind == "paper-conference"


def test_latin_letters_are_read_and_the_guess_is_told() -> None:
    reading = read("manager.ris")

    assert reading.reports[0].authors == "Puhan MA, Frey M, Büchi S, Schünemann HJ"
    assert reading.notes[0].rule == "encoding"


def test_notes_of_a_reference_manager_give_numbers_and_a_remark() -> None:
    first = read("manager.ris").reports[0]

    assert (first.pmid, first.pmcid) == ("18597689", "PMC2459149")
    assert first.note == "Read for its estimate."


def test_one_publication_twice_is_one_draft_and_the_difference_is_told() -> None:
    reading = read("manager.ris")
    (note,) = [note for note in reading.notes if note.rule == "duplicate"]

    assert [report.doi for report in reading.reports] == ["10.1186/1477-7525-6-46", None]
    assert (note.row, note.fate) == (18, Fate.REFUSED)
    assert "same publication as line 1" in note.message
    assert "(again)" in note.message


def test_what_the_first_of_two_lacks_comes_from_the_second(text_file: Path) -> None:
    text = (
        "TY  - JOUR\nTI  - A\nDO  - 10.1000/x\nUR  - https://example.org/a\nER  - \n"
        "TY  - JOUR\nTI  - A\nDO  - 10.1000/X\nPY  - 2001\nAN  - PMID:123\nER  - \n"
        "TY  - JOUR\nTI  - A\nAN  - PMID:123\nVL  - 7\nER  - \n"
    )

    report = only(read_text(text_file, text))

    assert (report.doi, report.pmid, report.year, report.volume) == ("10.1000/x", "123", 2001, "7")


def test_a_missing_end_a_missing_beginning_and_a_repeated_tag_are_told() -> None:
    reading = read("manager.ris")

    assert (18, "ER", "missing end") in notes(reading, Fate.EXPLAINED)
    assert notes(reading, Fate.WARNED) == [(22, "TI", "repeated tag")]
    assert reading.reports[1].title == "A film about a group"


def test_an_unknown_type_is_taken_for_the_nearest_and_told() -> None:
    reading = read("manager.ris")

    assert reading.reports[1].kind == "webpage"
    assert (22, "TY", "unknown type") in notes(reading, Fate.EXPLAINED)


def test_central_has_the_pmid_among_its_own_numbers() -> None:
    report = only(read("central.ris"))

    assert (report.pmid, report.pages, report.year) == ("11742045", "1719-1726", 2001)
    assert report.authors == "Goodwin PJ, Leszcz M, Ennis M"


def test_what_is_not_stored_is_named_once_with_its_count() -> None:
    ignored = [note for note in read("pubmed.ris").notes if note.fate == Fate.IGNORED]

    assert ignored == [
        Note(0, "AB", Fate.IGNORED, "not stored", "Abstracts are not stored (1 entry)."),
        Note(0, "KW", Fate.IGNORED, "not stored", "Keywords are not stored (1 entry)."),
        Note(0, "LA", Fate.IGNORED, "not stored", "No table takes it (1 entry)."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - A title\nPY  - 2001\nER  - \n",
        "TY - JOUR\nTI - A title\nPY - 2001\nER -\n",
        "TY- JOUR\nTI- A title\nPY- 2001\nER-\n",
        "TY-JOUR\nTI-A title\nPY-2001\nER-\n",
        "TY  -JOUR\nTI  -A title\nPY  -2001\nER  -\n",
        "TY  - JOUR\rTI  - A title\rPY  - 2001\rER  - \r",
        "1. \n\nTY  - JOUR\nTI  - A\n  title\nPY  - 2001///\n",
        "TI  - A title\nPY  - 2001\n",
    ],
    ids=["usual", "one-blank", "no-blank-before", "tight", "none-after", "cr", "open", "no-type"],
)
def test_tags_are_known_however_they_are_spaced(text: str, text_file: Path) -> None:
    report = only(read_text(text_file, text))

    assert (report.title, report.year) == ("A title", 2001)


def test_a_word_with_a_hyphen_is_no_tag(text_file: Path) -> None:
    text = "TY  - JOUR\nTI  - A title of\nT2-weighted images\nER  - \n"

    report = only(read_text(text_file, text))

    assert report.title == "A title of T2-weighted images"
    assert report.container is None


def test_an_accession_number_is_a_pmid_only_in_records_of_pubmed(text_file: Path) -> None:
    text = "TY  - JOUR\nTI  - A\nAN  - 11742045\n{}ER  - \n"

    assert only(read_text(text_file, text.format(""))).pmid is None
    assert only(read_text(text_file, text.format("DB  - Medline\n"))).pmid == "11742045"


def test_what_is_no_doi_is_warned_of(text_file: Path) -> None:
    text = "TY  - JOUR\nTI  - A\nDO  - forthcoming\nPY  - in press\nER  - \n"

    reading = read_text(text_file, text)

    assert only(reading).doi is None
    assert notes(reading, Fate.WARNED) == [(1, "year", "no year"), (1, "doi", "no DOI")]


def test_a_retracted_publication_is_warned_of(text_file: Path) -> None:
    reading = read_text(text_file, "TY  - JOUR\nTI  - RETRACTED: A trial\nER  - \n")

    assert notes(reading, Fate.WARNED) == [(1, "title", "retracted publication")]


def test_constants_fill_what_entries_lack(text_file: Path) -> None:
    text = "TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nTI  - B\nPY  - 1999\nER  - \n"

    first, second = read_text(text_file, text, year="2001", container="J Made Up").reports

    assert (first.year, first.container, second.year) == (2001, "J Made Up", 1999)


@pytest.mark.parametrize("given", [{"doi": "10.1000/x"}, {"year": "soon"}], ids=["doi", "year"])
def test_constants_that_make_no_sense_are_refused(given: dict[str, str], text_file: Path) -> None:
    with pytest.raises(FileProblem):
        read_text(text_file, "TY  - JOUR\nTI  - A\nER  - \n", **given)


def test_an_entry_without_an_end_was_read_to_the_next_one_or_to_the_end_of_the_file(
    text_file: Path,
) -> None:
    reading = read_text(text_file, "TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\n")

    assert [note.message for note in reading.notes if note.rule == "missing end"] == [
        "The entry does not end with ER; it was read up to where the next one begins.",
        "The entry does not end with ER; it was read up to the end of the file.",
    ]
