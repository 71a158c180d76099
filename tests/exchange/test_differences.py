"""Records of publications differ in what they tell, and not in how it is written."""

import pytest

from kb.exchange.citations.differences import apart, differing, is_another

FULL = {
    "kind": "article-journal",
    "title": "A made-up trial of groups",
    "authors": "van der Berg A, Low CA",
    "container": "Journal of Made-up Oncology",
    "volume": "35",
    "pages": "900-910",
}


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("title", "A made-up trial of groups", "A Made‐Up Trial of Groups."),
        ("title", "A made-up trial", "A made-up trial: of groups"),
        ("title", "A made-up trial", "RETRACTED: A made-up trial"),
        ("title", "Effects & harms", "Effects and harms"),
        ("title", "A made-up trial", "[Eine erfundene Studie]"),
        ("authors", "van der Berg A, Low CA", "BERG A"),
        ("authors", "Schünemann HJ", "Schuenemann H"),
        ("authors", "Bélanger É", "Belanger E, et al."),
        ("authors", "Giese-Davis J", "Giese Davis J"),
        ("authors", "O'Brien M", "OBrien M"),
        ("authors", "Sørensen M", "Sorensen M"),
        ("authors", "王 小明", "Wang X"),
        ("authors", "et al.", "Low CA"),
        ("container", "Journal of Clinical Oncology", "J. Clin. Oncol."),
        ("container", "The New England journal of medicine", "N Engl J Med"),
        ("container", "New England Journal of Medicine", "NEJM"),
        ("container", "British Medical Journal", "BMJ (Clinical research ed.)"),
        ("container", "J Natl Cancer Inst", "Journal of the National Cancer Institute"),
        ("container", "Psycho-Oncology", "Psychooncology"),
        ("container", "Lancet (London, England)", "The Lancet"),
        ("container", "Support Care Cancer", "Supportive care in cancer : official journal"),
        ("container", "***", "Cancer"),
        ("volume", "35", "Vol. 35"),
        ("volume", "35", "35 Suppl 1"),
        ("volume", "2018", "5"),
        ("volume", "XII", "12"),
        ("pages", "900-910", "900"),
        ("pages", "900-910", "pp. 900–10"),
        ("pages", "E310-E316", "310"),
    ],
)
def test_what_is_written_otherwise_does_not_differ(name: str, one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        assert differing({name: first}, {name: second}) == ()


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("title", "A made-up trial", "Quite another title"),
        ("authors", "Low CA", "Lowe CA, Low CA"),
        ("authors", "Cedar D, van der Berg E", "Zedar D"),
        ("container", "Cancer", "Lancet"),
        ("container", "Lancet", "Lancet Oncology"),
        ("container", "Palliative Medicine", "Psycho-Oncology"),
        ("volume", "35", "36"),
        ("pages", "900-910", "901-910"),
        ("pages", "900-910", "900-911"),
    ],
)
def test_what_is_told_otherwise_differs(name: str, one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        assert differing({name: first}, {name: second}) == (name,)


def test_what_one_record_does_not_tell_does_not_differ() -> None:
    assert differing(FULL, dict.fromkeys(FULL)) == ()
    assert apart(FULL, {"title": FULL["title"]}) == ()


@pytest.mark.parametrize(
    ("told", "against"),
    [
        ({"authors": "Cedar D"}, ("first author",)),
        ({"volume": "36"}, ("volume",)),
        ({"pages": "1-9"}, ("first page",)),
        ({"pages": "900-999"}, ()),
        ({"container": "Psycho-Oncology"}, ()),
        ({"container": "Psycho-Oncology", "pages": None}, ("journal",)),
        ({"container": "Psycho-Oncology", "volume": "2"}, ("journal", "volume")),
        ({"container": "A press", "volume": None, "kind": "book"}, ()),
    ],
)
def test_records_of_one_title_are_apart_by_author_journal_volume_or_page(
    told: dict[str, str | None], against: tuple[str, ...]
) -> None:
    assert apart(FULL, FULL | told) == against
    assert apart(FULL | told, FULL) == against


def test_other_identifiers_tell_records_apart() -> None:
    one, other = {"doi": "10.1000/a", "pmid": "1"}, {"doi": "10.1000/A", "pmid": "2"}

    assert apart(one, other) == ("PubMed number",)


@pytest.mark.parametrize(
    ("told", "another"),
    [
        ({"title": "Quite another title", "authors": "Cedar D"}, True),
        ({"title": "Quite another title"}, False),
        ({"authors": "Cedar D"}, False),
        ({"title": "A made-up trial of group", "authors": "Cedar D"}, False),
    ],
)
def test_title_and_author_together_say_that_a_publication_is_another(
    told: dict[str, str], *, another: bool
) -> None:
    assert is_another(FULL, FULL | told) is another


def test_numbers_of_any_length_are_compared() -> None:
    assert differing({"volume": "9" * 6000}, {"volume": "0" + "9" * 6000}) == ()
