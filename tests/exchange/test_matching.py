"""Which reports and studies of a file the store has: what is sure is matched, the rest offered."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert

from kb.exchange.drafts import ReportDraft, StudyDraft
from kb.exchange.matching import Present
from kb.store.engine import reading, writing
from kb_schema.tables import metadata

PAGES = (
    {"key": "page", "kind": "webpage", "title": "[A page]", "url": "https://made-up.org/page/"},
    {"key": "talk", "kind": "webpage", "title": "A talk without a year", "url": None},
    {"key": "one", "kind": "webpage", "title": "One of two", "url": "https://made-up.org/both"},
    {"key": "two", "kind": "webpage", "title": "Two of two", "url": "https://made-up.org/both"},
)


@pytest.fixture
def present(evidence: Engine) -> Iterator[Present]:
    with writing(evidence) as connection:
        connection.execute(insert(metadata.tables["report"]), PAGES)
    with reading(evidence) as connection:
        yield Present.of(connection, "file-made-up")


def report(**told: object) -> ReportDraft:
    return ReportDraft(2, "made up", **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("draft", "key", "by"),
    [
        (report(doi="10.1000/FIRST"), "first-2001", "its DOI"),
        (report(pmid="9999903"), "second-2003", "its PubMed number"),
        (report(title="The First Report.", year=2001), "first-2001", "its title and year"),
        (report(title="a talk without a year"), "talk", "its title"),
        (report(title="Another", url="http://www.made-up.org/page"), "page", "its address"),
    ],
    ids=["doi", "pmid", "title and year", "title alone", "address"],
)
def test_a_report_is_matched_by_what_is_sure(
    present: Present, draft: ReportDraft, key: str, by: str
) -> None:
    match = present.report(draft)
    assert (match.key, match.by) == (key, by)


@pytest.mark.parametrize(
    "draft",
    [
        report(title="The first report", year=2002),
        report(title="The first report"),
        report(title="A talk without a year", year=2001),
        report(title="The first report", year=2001, doi="10.1000/other"),
        report(title="Another", url="https://made-up.org/both"),
        report(title="", year=2001),
    ],
    ids=["other year", "no year", "year here alone", "other doi", "shared address", "no title"],
)
def test_a_report_that_may_be_another_one_is_not_matched(
    present: Present, draft: ReportDraft
) -> None:
    assert present.report(draft).key == ""


def test_a_title_that_is_almost_the_same_is_told(present: Present) -> None:
    match = present.report(report(title="The first reports", year=2001))
    assert (match.key, match.alike) == ("", ("first-2001",))


@pytest.mark.parametrize(
    ("told", "is_same"),
    [
        ({"authors": "Reply A", "container": "J. Replies", "volume": "1", "pages": "2-3"}, True),
        ({"container": "Journal of Replies"}, True),
        ({"authors": "Young X"}, False),
        ({"volume": "7"}, False),
        ({"pages": "99"}, False),
        ({"container": "Lancet"}, False),
        ({"doi": "10.1000/reply"}, True),
        ({"doi": "10.1000/other"}, False),
    ],
)
def test_a_title_and_year_match_where_nothing_speaks_against_it(
    evidence: Engine, told: dict[str, str], *, is_same: bool
) -> None:
    here = {"key": "reply", "kind": "article-journal", "title": "Reply", "year": 2001}
    here |= {"authors": "Reply A, Low CA", "container": "Journal of Replies", "volume": "1"}
    here |= {"pages": "2-4", "doi": "10.1000/reply"}
    with writing(evidence) as connection:
        connection.execute(insert(metadata.tables["report"]), here)
    with reading(evidence) as connection:
        match = Present.of(connection, "").report(report(title="Reply", year=2001, **told))
    assert match.key == ("reply" if is_same else "")
    assert set(match.namesakes) == (set() if is_same else {"reply"})


def test_an_address_under_another_title_and_author_is_no_match(evidence: Engine) -> None:
    here = {"key": "news", "kind": "webpage", "title": "Made-up news", "authors": "Low CA"}
    here |= {"url": "https://made-up.org/news"}
    with writing(evidence) as connection:
        connection.execute(insert(metadata.tables["report"]), here)
    with reading(evidence) as connection:
        present = Present.of(connection, "")
    at = {"url": "https://made-up.org/news", "title": "Something else"}
    assert present.report(report(**at)).key == "news"
    assert present.report(report(**at, authors="Young X")).key == ""


def test_identifiers_of_two_reports_are_a_conflict(present: Present) -> None:
    match = present.report(report(doi="10.1000/first", pmid="9999903"))
    assert match.key == ""
    assert "first-2001" in match.conflict
    assert "second-2003" in match.conflict


@pytest.mark.parametrize(
    ("name", "reports", "by"),
    [
        ("First 2001", [], "its name"),
        ("First, 2001", [], "its name"),
        ("BEST", [], "its name"),
        ("Something else", ["second-2003"], "a report that both have"),
    ],
)
def test_a_study_is_matched_by_what_is_sure(
    present: Present, name: str, reports: list[str], by: str
) -> None:
    match = present.study(StudyDraft(2, name), reports)
    assert (match.key, match.by) == ("first-2001", by)


@pytest.mark.parametrize("name", ["Firsts 2001", "first-2001a"])
def test_a_study_with_a_name_that_is_alike_is_offered(present: Present, name: str) -> None:
    match = present.study(StudyDraft(2, name, year=2001), [])
    assert (match.key, match.candidates) == ("", ("first-2001",))
    assert match.why


def test_a_study_of_another_name_is_new(present: Present) -> None:
    match = present.study(StudyDraft(2, "Unheard of 1999", year=1999), [])
    assert (match.key, match.candidates) == ("", ())


def test_a_study_is_matched_by_its_registration(evidence: Engine) -> None:
    from sqlalchemy import update

    study = metadata.tables["study"]
    with writing(evidence) as connection:
        connection.execute(update(study).values(registration="NCT00000001"))
    with reading(evidence) as connection:
        match = Present.of(connection, "").study(
            StudyDraft(2, "Unheard of", registration="nct00000001"), []
        )
    assert (match.key, match.by) == ("first-2001", "registration nct00000001")


def test_studies_of_the_file_itself_are_known_by_their_keys_alone(evidence: Engine) -> None:
    with reading(evidence) as connection:
        present = Present.of(connection, "first-2001")
    assert present.study(StudyDraft(2, "First 2001"), ["second-2003"]).key == ""
