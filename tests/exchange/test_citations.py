"""Names, identifiers, years and pages in the ways in which files write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange.citations import identifiers
from kb.exchange.citations.names import author, authors, group, joined, person
from kb.exchange.citations.numbering import ends, page_range, pages, year
from kb.exchange.citations.wording import plain


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Goodwin, Pamela J", "Goodwin PJ"),
        ("Goodwin, P.J.", "Goodwin PJ"),
        ("Goodwin, P. J.", "Goodwin PJ"),
        ("Goodwin PJ", "Goodwin PJ"),
        ("Goodwin P.J.", "Goodwin PJ"),
        ("GOODWIN, PAMELA J", "GOODWIN PJ"),
        ("Giese-Davis, Janine", "Giese-Davis J"),
        ("Dupont, Jean-Pierre", "Dupont JP"),
        ("Dupont J.-P.", "Dupont JP"),
        ("van der Berg, Anna", "van der Berg A"),
        ("Berg, Anna van der", "van der Berg A"),
        ("D'Agostino, Norma", "D'Agostino N"),
        ("King, Martin L., Jr", "King ML Jr"),
        ("King, Jr., Martin L.", "King ML Jr"),
        ("King ML Jr", "King ML Jr"),
        ("Ivanov II", "Ivanov II"),
        ("Schünemann, Holger J.", "Schünemann HJ"),
        ("Bélanger, Élodie", "Bélanger É"),
        ("Li Zhicheng", "Li Zhicheng"),
        ("Plato", "Plato"),
        ("A Study Group", "A Study Group"),
        ("et al", "et al."),
        ("others", "et al."),
        ("王, 小明", "王 小明"),
        ("One, Two, Three, Four", "One; Two; Three; Four"),
    ],
)
def test_an_author_is_a_family_name_with_initials(written: str, name: str) -> None:
    assert str(author(written)) == name


def test_a_group_is_one_author_whatever_commas_its_name_has() -> None:
    whole = joined([group("Cancer Group, Toronto"), person("Low", "Carissa A")])

    assert whole == "Cancer Group; Toronto, Low CA"
    assert [name.family for name in authors(whole)] == ["Cancer Group; Toronto", "Low"]


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1200/JCO.2003.04.080", "10.1200/JCO.2003.04.080"),
        ("doi:10.1200/JCO.2003.04.080.", "10.1200/JCO.2003.04.080"),
        ("DOI: 10.1200/JCO.2003.04.080", "10.1200/JCO.2003.04.080"),
        ("https://doi.org/10.1200/JCO.2003.04.080", "10.1200/JCO.2003.04.080"),
        ("http://dx.doi.org/10.1200/JCO.2003.04.080", "10.1200/JCO.2003.04.080"),
        ("10.1037/a0020153 [doi]", "10.1037/a0020153"),
        (
            "https://doi.org/10.1002/(SICI)1099-1611(199907/08)8:4%3C295::AID-PON386%3E3.0.CO;2-Y",
            "10.1002/(SICI)1099-1611(199907/08)8:4<295::AID-PON386>3.0.CO;2-Y",
        ),
        (
            "10.1002/(SICI)1099-1611(199907/08)8:4&lt;295::AID-PON386&gt;3.0.CO;2-Y",
            "10.1002/(SICI)1099-1611(199907/08)8:4<295::AID-PON386>3.0.CO;2-Y",
        ),
        ("10.1016/S0895-4356(99)00148-1)", "10.1016/S0895-4356(99)00148-1"),
        ("S0895-4356(99)00148-1 [pii]", None),
        ("forthcoming", None),
        ("", None),
    ],
)
def test_a_doi_stands_without_what_surrounds_it(text: str, doi: str | None) -> None:
    assert identifiers.doi(text) == doi


@pytest.mark.parametrize(
    ("text", "pmid"),
    [
        ("11742045", "11742045"),
        ("PMID: 11742045", "11742045"),
        ("PUBMED 11742045", "11742045"),
        ("11742045[pmid]", "11742045"),
        ("https://pubmed.ncbi.nlm.nih.gov/11742045/", "11742045"),
        ("http://www.ncbi.nlm.nih.gov/pubmed/11742045", "11742045"),
        ("PMC6346264", None),
        ("L2040010236", None),
        ("1234567890", None),
        ("0", None),
    ],
)
def test_a_pmid_is_a_number_or_is_called_one(text: str, pmid: str | None) -> None:
    assert identifiers.pmid(text) == pmid


@pytest.mark.parametrize(
    ("text", "pmcid"),
    [
        ("PMC6346264", "PMC6346264"),
        ("PMCID: PMC6346264", "PMC6346264"),
        ("PMC6346264[pmcid]", "PMC6346264"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC6346264/", "PMC6346264"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC6346264", "PMC6346264"),
        ("6346264", None),
    ],
)
def test_a_pmcid_has_its_letters(text: str, pmcid: str | None) -> None:
    assert identifiers.pmcid(text) == pmcid


@pytest.mark.parametrize(
    ("date", "number"),
    [
        ("2001", 2001),
        ("2001 Dec 13", 2001),
        ("1998 Nov-Dec", 1998),
        ("2001/12/13/", 2001),
        ("20011213", 2001),
        ("13.12.2001", 2001),
        ("Spring 1999", 1999),
        ("1899", None),
        ("in press", None),
        ("12345678", None),
    ],
)
def test_a_date_has_a_year(date: str, number: int | None) -> None:
    assert year(date) == number


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("1719-26", "1719-1726"),
        ("1719--1726", "1719-1726"),
        ("1719–1726", "1719-1726"),
        ("pp. 28-35", "28-35"),
        ("E310-6", "E310-E316"),
        ("E310-E316", "E310-E316"),
        ("46", "46"),
        ("46-46", "46"),
        ("CD004253", "CD004253"),
        ("1-3, 7", "1-3, 7"),
        ("98-5", "98-5"),
        ("", None),
    ],
)
def test_pages_are_whole(written: str, whole: str | None) -> None:
    assert pages(written) == whole


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("1719", "1726", "1719-1726"),
        ("1719", "26", "1719-1726"),
        ("1719-1726", "1726", "1719-1726"),
        ("1719", "1719-1726", "1719-1726"),
        ("46", "46", "46"),
        ("46", "", "46"),
        ("", "46", "46"),
        ("", "", None),
    ],
)
def test_first_and_last_page_are_a_range(first: str, last: str, whole: str | None) -> None:
    assert page_range(first, last) == whole


@given(st.integers(1, 10**6), st.integers(0, 10**4), st.sampled_from(["", "E", "S"]))
def test_a_range_is_parted_and_joined_again(first: int, more: int, letter: str) -> None:
    whole = pages(f"{letter}{first}-{letter}{first + more}")
    assert whole is not None

    assert page_range(*ends(whole)) == whole


def test_mark_up_and_entities_are_not_part_of_a_text() -> None:
    assert (
        plain("A <i>group</i> &amp; more<br/>of it: p < 0.05") == "A group & more of it: p < 0.05"
    )
    assert plain("  ") is None
