"""What a person is asked follows from the tables, and answers in the field's words are taken."""

from collections.abc import Iterator

import pytest

from kb.curation.cells import Unfit
from kb.curation.checking import Known
from kb.curation.choosing import Choices, Records, slug
from kb.curation.prompting import (
    ADDED_ON_THE_WAY,
    CALLED,
    GROUPS,
    KEY_FROM,
    NEEDED_ONCE_ASKED,
    ONLY_IF,
    Question,
    passage_question,
    question_of,
    required_first,
    suggested_key,
)
from kb.curation.shape import FILE, TOP_LEVEL, Shape


def asked_within(shape: Shape) -> Iterator[Shape]:
    yield shape
    for name, child in shape.children.items():
        if name in CALLED:
            yield from asked_within(child)


STUDY = FILE["study"]
MEASUREMENT = STUDY.children["measurements"]
CONTRAST = MEASUREMENT.children["contrasts"]
ASKED = {
    shape.table.name: shape
    for shape in [
        *asked_within(STUDY),
        *asked_within(MEASUREMENT),
        *(FILE[TOP_LEVEL[table]] for table in ADDED_ON_THE_WAY if table in TOP_LEVEL),
    ]
}


@pytest.mark.parametrize("table", ASKED)
def test_every_field_of_a_record_that_is_asked_for_is_asked_once(table: str) -> None:
    shape = ASKED[table]
    offered = [name for group in GROUPS.get(table, ()) for name in group.names]
    asked = [*required_first(shape), *offered]

    assert sorted(asked) == sorted(set(shape.columns) - {"key", "review"})


@pytest.mark.parametrize("table", ASKED)
def test_every_question_says_what_it_is_about(table: str) -> None:
    assert all(question_of(ASKED[table], name).words for name in ASKED[table].columns)


def test_what_depends_on_another_field_is_asked_after_it() -> None:
    for (table, name), (other, _) in ONLY_IF.items():
        offered = [n for group in GROUPS[table] for n in group.names]
        order = [*required_first(ASKED[table]), *offered]
        assert order.index(other) < order.index(name)
    assert set(ONLY_IF) >= NEEDED_ONCE_ASKED
    assert all(set(names) <= set(ASKED[table].columns) for table, names in KEY_FROM.items())


@pytest.fixture(scope="module")
def reports() -> Choices:
    records = Records()
    row = {"title": "Made up", "authors": "Maker A", "year": 2031}
    records.put("report", "maker-2031", {**row, "doi": "10.1000/ABC-1", "pmid": "123"})
    records.put("report", "maker-2032", {**row, "pmid": "124"})
    return records.choices("report")


@pytest.mark.parametrize(
    "words",
    [
        "maker-2031",
        "MAKER-2031",
        "10.1000/abc-1",
        "https://doi.org/10.1000/ABC-1",
        "doi:10.1000/abc-1",
        "123",
        "PMID 123",
        "pmid: 123",
    ],
)
def test_a_report_is_named_by_key_doi_or_pmid(words: str, reports: Choices) -> None:
    assert reports.resolve(words) == "maker-2031"


def test_words_that_mean_two_records_are_not_guessed(reports: Choices) -> None:
    with pytest.raises(Unfit, match="may mean maker-2031 or maker-2032; say which"):
        reports.resolve("made up")
    with pytest.raises(Unfit, match="not known here") as unknown:
        reports.resolve("maker-2033")

    assert set(unknown.value.nearest.split(", ")) == {"maker-2031", "maker-2032"}


def test_completion_offers_keys_and_names(sound_records: Known) -> None:
    records = Records()
    for (key,), values in sound_records["outcome"].items():
        records.put("outcome", key, values)
    choices = records.choices("outcome")

    assert {"pain", "Pain"} <= set(choices.beginning("PAI"))
    assert all(word.lower().startswith("pai") for word in choices.beginning("PAI"))
    assert not {"pain", "Pain"} & set(choices.without("pain").beginning("pai"))


@pytest.mark.parametrize(
    ("name", "answer", "value"),
    [
        ("estimate", "-0.50", -0.5),
        ("estimate", "3", 3),
        ("n", "12", 12),
        ("adjusted", "Yes", True),
        ("analysis", "true", "true"),
        ("analysis", "012", "012"),
        ("statistic", "md", "MD"),
    ],
)
def test_an_answer_becomes_the_value_that_its_field_takes(
    name: str, answer: str, value: object
) -> None:
    found = question_of(CONTRAST, name).read(answer)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("estimate", "0,5", "must be a number; found '0,5'"),
        ("estimate", "nan", "must be a number"),
        ("estimate", "1e999", "must be a number"),
        ("p", "<0.05", "must be a number; found '<0.05'"),
        ("n", "12.5", "must be a whole number"),
        ("adjusted", "maybe", "must be yes or no"),
        ("key", "Not A Key", "must be of a-z"),
        ("key", "md", "'md' is another contrast's already"),
        ("note", "a\x1b[2J", "holds the control character U\\+001B"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(name: str, answer: str, message: str) -> None:
    question = question_of(CONTRAST, name, taken={"md"} if name == "key" else ())
    with pytest.raises(Unfit, match=message):
        question.read(answer)


@pytest.mark.parametrize("count", [25, 26])
def test_a_quote_has_at_most_25_words(count: int) -> None:
    question: Question = passage_question("quote")
    if count > 25:
        with pytest.raises(Unfit, match="has 26 words"):
            question.read("word " * count)
    else:
        assert question.read("word " * count) == " ".join(["word"] * count)


@pytest.mark.parametrize(
    ("table", "given", "key"),
    [
        ("study", {"label": "Müller 2031 (made up)"}, "muller-2031"),
        (
            "report",
            {"title": "Made up", "authors": "Maker A, Other B", "year": 2031},
            "maker-other-2031",
        ),
        ("measurement", {"outcome": "pain"}, "pain-3"),
        (
            "factor",
            {"construct": "inner-setting.x.funding", "valence": "barrier"},
            "funding-barrier",
        ),
        ("arm", {"role": "control"}, "control"),
        ("study", {"label": "某"}, None),
    ],
)
def test_a_key_is_suggested_that_is_free(table: str, given: dict[str, object], key: str) -> None:
    assert suggested_key(table, given, {"pain", "pain-2"}) == key


def test_a_key_is_cut_after_a_word() -> None:
    assert slug("Whether the made-up groups met face to face was not seen") == (
        "whether-the-made-up-groups-met-face-to"
    )
