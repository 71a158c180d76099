"""BibTeX and biblatex files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange.citations.latex import decoded, encoded
from kb.exchange.drafts import Fate, Reading, ReportDraft
from kb.exchange.files import open_file
from kb.exchange.readers import bibtex

FILE = Path(__file__).parent / "files" / "citations" / "manager.bib"


def read(path: Path) -> Reading:
    return bibtex.read(open_file(path), {})


def read_text(tmp_path: Path, text: str) -> Reading:
    path = tmp_path / "references.bib"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_an_entry_gives_every_field_that_a_report_has() -> None:
    assert read(FILE).reports[0] == ReportDraft(
        row=4,
        name="puhan2008",
        title="The minimal important difference of the hospital anxiety and depression scale in "
        "patients with COPD",
        authors="Puhan MA, Frey M, Büchi S, Schünemann HJ",
        container="Health Qual Life Outcomes",
        year=2008,
        volume="6",
        pages="46",
        doi="10.1186/1477-7525-6-46",
        pmid="18597689",
        pmcid="PMC2459149",
        note="Read for its estimate.",
    )


def test_names_are_read_in_every_order_and_groups_stay_whole() -> None:
    authors = [report.authors for report in read(FILE).reports[1:]]

    assert authors == [
        "Rosenberg M",
        "Advanced Breast Cancer Group; Brisbane",
        "van der Berg A, Kissane DW, et al.",
    ]


def test_a_per_cent_sign_that_is_not_escaped_ends_no_title() -> None:
    page = read(FILE).reports[2]

    assert page.title == "A page & its 50% of text"
    assert (page.kind, page.url) == ("webpage", "https://example.org/a_page")


def test_an_entry_that_is_not_closed_and_one_without_a_title_are_refused() -> None:
    reading = read(FILE)
    refused = [(note.row, note.rule) for note in reading.notes if note.fate == Fate.REFUSED]

    assert refused == [(33, "no entry"), (40, "no title")]
    assert reading.rows == len(reading.reports) + len(refused)


def test_nothing_is_said_but_in_notes(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    read(FILE)

    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_fields_and_keys_that_stand_twice_are_told(tmp_path: Path) -> None:
    text = "@book{a, title={One}, title={Two}}\n@book{b, title={Three}}\n@book{b, title={Four}}\n"

    reading = read_text(tmp_path, text)

    assert [report.title for report in reading.reports] == ["One", "Three", "Four"]
    assert [(note.row, note.rule) for note in reading.notes] == [
        (1, "repeated field"),
        (3, "repeated key"),
    ]


def test_an_article_of_a_newspaper_is_one(tmp_path: Path) -> None:
    text = "@article{a, title={One}, journal={A paper}, entrysubtype={newspaper}}"

    (report,) = read_text(tmp_path, text).reports

    assert (report.kind, report.container) == ("article-newspaper", "A paper")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"Sch{\"u}nemann and B\"{u}chi", "Schünemann and Büchi"),
        (r"{\'e} \v{s} {\o} \L{}ukasz Fran\c cois na{\"\i}ve", "é š ø Łukasz François naïve"),
        (r"pages 1--2 --- ``so''", "pages 1–2 — “so”"),
        (r"\textit{in vivo} and {\em more}", "in vivo and more"),
        (r"$\alpha<5$ and $p \leq 0.05$", "α<5 and p ≤0.05"),
        (r"from $5 to $10", "from $5 to $10"),
        (r"5\% \& 6\_a \#1", "5% & 6_a #1"),
        (r"a \textless{} b", "a < b"),
        (r"\mbox{SEGT} for {W}omen", "SEGT for Women"),
    ],
)
def test_commands_become_letters(latex: str, text: str) -> None:
    assert decoded(latex) == text


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_what_is_written_is_read_again(text: str) -> None:
    shown = " ".join(text.split())

    assert decoded(encoded(shown)) == shown
