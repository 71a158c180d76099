"""MEDLINE and .nbib files of PubMed."""

from pathlib import Path

from kb.exchange.drafts import Fate, Reading, ReportDraft
from kb.exchange.files import open_file
from kb.exchange.readers import pubmed

FILE = Path(__file__).parent / "files" / "citations" / "pubmed.nbib"


def read(path: Path) -> Reading:
    return pubmed.read(open_file(path), {})


def test_a_record_gives_every_field_that_a_report_has() -> None:
    first, second = read(FILE).reports

    assert first == ReportDraft(
        row=2,
        name="PMID 11742045",
        title="The effect of group psychosocial support on survival in metastatic breast cancer",
        authors="Goodwin PJ, Leszcz M, A made-up study group",
        container="The New England journal of medicine",
        year=2001,
        volume="345",
        pages="1719-1726",
        pmid="11742045",
    )
    assert (second.doi, second.pmcid, second.issue) == ("10.1037/a0020153", "PMC3128513", "4")


def test_full_names_stand_in_where_short_ones_are_missing() -> None:
    assert read(FILE).reports[1].authors == "Low CA, Stanton AL"


def test_the_bookkeeping_of_pubmed_is_not_told_and_the_rest_that_is_left_out_is() -> None:
    ignored = [note.field for note in read(FILE).notes if note.fate == Fate.IGNORED]

    assert ignored == ["AB", "IS", "MH", "SO"]


def test_a_retracted_publication_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text("PMID- 1\nTI  - A made-up title.\nPT  - Retracted Publication\n")

    reading = read(path)

    assert [note.rule for note in reading.notes] == ["retracted publication"]
    assert reading.reports[0].title == "A made-up title"


def test_a_chapter_is_in_its_book(tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text(
        "PMID- 1\nCTI - A chapter\nBTI - A book\nPB  - A press\n\nPMID- 2\nBTI - A book\n"
    )

    chapter, book = read(path).reports

    assert (chapter.kind, chapter.title, chapter.container) == ("chapter", "A chapter", "A book")
    assert (book.kind, book.title) == ("book", "A book")


def test_a_title_in_brackets_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text("PMID- 1\nTI  - [A translated title].\n")

    assert read(path).reports[0].title == "[A translated title]"
