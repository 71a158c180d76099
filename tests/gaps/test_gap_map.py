"""A gap map holds what `kb studies` finds, cell by cell, and tells all that it does not hold."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base import Base
from kb.errors import KbError, UnknownValue
from kb.gaps import gap_map
from kb.gaps.axes import KINDS, chosen_facets
from kb.gaps.directions import DIRECTIONS, MIXED, NONE_FOUND, direction, tally
from kb.gaps.gap_map import Cell, GapMap, Tally
from kb.gaps.wording import tally_in_words
from kb.selection import study_keys

PAIRS = [
    ("approach", "outcome"),
    ("outcome", "instrument"),
    ("approach", "delivery"),
    ("design", "cancer"),
    ("construct", "country"),
    ("comparator", "outcome"),
]
NARROWED: list[tuple[str, str, dict[str, str]]] = [
    ("approach", "outcome", {"design": "rct", "year": "1990.."}),
    ("approach", "outcome", {"outcome": "anxiety,depression,pain", "approach": "!cbt"}),
    ("approach", "outcome", {"instrument": "poms"}),
    ("approach", "design", {"outcome": "survival"}),
    ("approach", "country", {"delivery": "group", "facilitator": "social-worker"}),
    ("construct", "design", {"valence": "barrier"}),
    ("construct", "country", {"domain": "inner-setting"}),
    ("outcome", "cancer", {"review": "cochrane-2013"}),
]


def mapped(
    base: Base, rows: str | None = None, columns: str | None = None, **facets: str
) -> GapMap:
    return gap_map(base, base.question("studies", **facets), rows, columns)


def found_by(base: Base, cell: Cell) -> tuple[str, ...]:
    """Return the studies that the command of a cell finds."""
    words = shlex.split(cell.command)
    assert words[:2] == ["kb", "studies"]
    flags = dict(zip(words[2::2], words[3::2], strict=True))
    question = base.question(
        "studies", **{name.removeprefix("--"): value for name, value in flags.items()}
    )
    return tuple(study_keys(base, question))


def test_every_cell_of_the_default_map_is_what_kb_studies_finds(base: Base) -> None:
    found = mapped(base)

    assert (found.rows.facet, found.columns.facet) == ("approach", "outcome")
    assert len(found.filled) > 30
    for cell in found.cells:
        asked = base.question("studies", approach=cell.row.key, outcome=cell.column.key)
        assert cell.tally.studies == tuple(study_keys(base, asked)) == found_by(base, cell)


@pytest.mark.parametrize(("rows", "columns"), PAIRS[1:])
def test_every_filled_cell_is_what_kb_studies_finds(rows: str, columns: str, base: Base) -> None:
    found = mapped(base, rows, columns)

    assert found.filled
    for cell in [*found.filled, *found.empty[::20]]:
        assert cell.tally.studies == found_by(base, cell)


@pytest.mark.parametrize(("rows", "columns", "facets"), NARROWED)
def test_facets_narrow_every_cell(
    rows: str, columns: str, facets: dict[str, str], base: Base
) -> None:
    found = mapped(base, rows, columns, **facets)

    assert found.filled
    for cell in found.cells:
        assert cell.tally.studies == found_by(base, cell)


def test_the_same_on_both_kinds_of_store(base_on_sqlite: Base, base_on_postgres: Base) -> None:
    for rows, columns in PAIRS:
        here, there = mapped(base_on_sqlite, rows, columns), mapped(base_on_postgres, rows, columns)
        assert there.as_dict() == here.as_dict()


def test_rows_and_columns_are_the_terms_on_top(base: Base) -> None:
    found = mapped(base, "construct", "delivery")

    assert len(found.rows.levels) == 5
    assert [level.key for level in found.columns.levels] == [
        "group",
        "individual",
        "couple",
        "family",
    ]


def test_a_named_value_is_a_row_of_its_own(base: Base) -> None:
    found = mapped(base, outcome="pain,pain-intensity", approach="segt")

    assert [level.key for level in found.rows.levels] == ["segt"]
    assert [level.key for level in found.columns.levels] == ["pain", "pain-intensity"]


def test_an_excluded_value_is_no_gap(base: Base) -> None:
    found = mapped(base, approach="!meaning-centered", outcome="!pain")

    assert not {"meaning-centered", "mcgp"} & {level.key for level in found.rows.levels}
    assert "pain" not in {level.key for level in found.columns.levels}


def test_a_domain_gives_its_constructs(base: Base) -> None:
    found = mapped(base, "construct", "country", domain="inner-setting")
    terms = base.vocabulary.terms("construct")

    assert {terms[level.key].parent for level in found.rows.levels} == {"inner-setting"}


def test_segt_and_survival(base: Base) -> None:
    """The four trials of Spiegel 1981, Classen 2001, Goodwin 2001 and Kissane 2007."""
    cell = next(
        cell
        for cell in mapped(base).cells
        if (cell.row.key, cell.column.key) == ("segt", "survival")
    )

    assert cell.tally == Tally(
        ("spiegel-1981", "classen-2001", "goodwin-2001", "kissane-2007"), 4, 86 + 125 + 235 + 227, 0
    )
    assert cell.pointing == {
        "spiegel-1981": "favours-intervention",
        "classen-2001": "no-difference",
        "goodwin-2001": "no-difference",
        "kissane-2007": "no-difference",
    }
    assert cell.directions == {**dict.fromkeys(DIRECTIONS, 0), **counted(cell.pointing.values())}
    assert cell.words == "studies of Supportive-expressive group therapy that measured Survival"


def counted(values: Iterable[str]) -> dict[str, int]:
    listed = list(values)
    return {value: listed.count(value) for value in listed}


def test_participants_are_counted_as_kb_studies_counts_them(base: Base) -> None:
    sizes = {row["key"]: row["n"] for row in base.studies().rows}
    found = mapped(base, "cancer", "design")

    for tallied in [*(cell.tally for cell in found.cells), *found.row_totals, found.total]:
        known = [sizes[key] for key in tallied.studies if sizes[key] is not None]
        assert tallied.participants == (sum(known) if known else None)
        assert tallied.uncounted == tallied.count - len(known)


def test_randomised_trials_are_told_from_others(base: Base) -> None:
    trials = {row["key"] for row in base.studies(design="rct").rows}
    found = mapped(base)
    note = next(note for note in found.notes if note.startswith("Not randomised"))

    for cell in found.cells:
        assert cell.tally.randomised == len(trials & set(cell.tally.studies))
    for key, row in found.studies.items():
        assert (row["label"] in note) == (key not in trials)


@pytest.mark.parametrize("rows", ["approach", "cancer", "outcome"])
def test_exclusive_columns_add_up_to_the_row(rows: str, base: Base) -> None:
    """A study has one design: the cells of a row share no study."""
    found = mapped(base, rows, "design")

    for level, total in zip(found.rows.levels, found.row_totals, strict=True):
        cells = [cell.tally for cell in found.row(level)]
        assert sum(cell.count for cell in cells) == total.count
        assert sum(cell.participants or 0 for cell in cells) == (total.participants or 0)
        assert sum(cell.randomised for cell in cells) == total.randomised


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_totals_count_a_study_once(rows: str, columns: str, base: Base) -> None:
    found = mapped(base, rows, columns)
    by_row = {key for tallied in found.row_totals for key in tallied.studies}
    by_column = {key for tallied in found.column_totals for key in tallied.studies}

    assert by_row == by_column == set(found.total.studies) == set(found.studies)
    assert all(len(set(t.studies)) == t.count for t in (*found.row_totals, *found.column_totals))


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_what_is_empty_is_told_once(rows: str, columns: str, base: Base) -> None:
    found = mapped(base, rows, columns)
    scattered = {(row, column) for row, empty in found.scattered() for column in empty}
    wholly = {(r, c) for r in found.empty_rows for c in found.columns.levels} | {
        (r, c) for r in found.rows.levels for c in found.empty_columns
    }

    assert scattered | wholly == {(cell.row, cell.column) for cell in found.empty}
    assert scattered & wholly == set()
    assert found.empty_first[: len(found.empty)] == found.empty


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_every_study_is_on_the_map_or_named_with_a_reason(
    rows: str, columns: str, base: Base
) -> None:
    found = mapped(base, rows, columns)
    named = {item.what for item in found.left_out}

    for row in base.studies().rows:
        assert row["key"] in found.studies or row["label"] in named
    assert all(item.reason for item in found.left_out)


def test_a_study_that_is_partly_unknown_is_named(base: Base) -> None:
    found = mapped(base, "outcome", "instrument")
    reasons = {item.what: item.reason for item in found.left_out}

    assert "goodwin-2001" in found.studies
    assert reasons[found.studies["goodwin-2001"]["label"]] == (
        "it names no instrument for some of what it measured"
    )


def test_studies_that_a_facet_leaves_out_are_named(base: Base) -> None:
    found = mapped(base, country="canada")
    asked = base.studies(country="canada")

    assert asked.left_out
    assert set(asked.left_out) <= set(found.left_out)


def test_a_study_in_several_rows_is_named(base: Base) -> None:
    notes = mapped(base).notes

    assert "In more than one of the approaches: Cunningham 1998 (Toronto trial)." in notes


def test_an_inclusion_that_is_inferred_is_told(base: Base) -> None:
    reviews = {row["key"]: row["included"] for row in base.reviews().rows}
    uncertain = next(key for key, counts in reviews.items() if counts["inferred"])

    notes = " ".join(mapped(base, "design", "country", review=uncertain).notes)

    assert "is not confirmed" in notes
    assert "(inferred" in notes


def test_codes_of_curators_are_told(base: Base) -> None:
    assert any("by curators" in note for note in mapped(base, "construct", "country").notes)
    assert not any("by curators" in note for note in mapped(base).notes)


def test_directions_belong_to_outcomes(base: Base) -> None:
    without = mapped(base, "approach", "design")
    narrowed = mapped(base, "approach", "design", outcome="survival")

    assert not without.has_directions
    assert any("Directions of effect are shown where" in note for note in without.notes)
    assert narrowed.has_directions


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_every_study_of_a_cell_has_its_passages(rows: str, columns: str, base: Base) -> None:
    for cell in mapped(base, rows, columns).filled:
        assert tuple(cell.evidence) == cell.tally.studies
        for items in cell.evidence.values():
            assert items
            assert all(
                i["what"] and i["passage"]["quote"] and i["passage"]["locator"] for i in items
            )


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_directions_count_each_study_once(rows: str, columns: str, base: Base) -> None:
    for cell in mapped(base, rows, columns).cells:
        if cell.directions is not None:
            assert sum(cell.directions.values()) == cell.tally.count


def test_nothing_found_is_an_answer(base: Base) -> None:
    found = mapped(base, year="..1950")

    assert found.filled == []
    assert found.notes[0] == "No studies have year <=1950."
    assert tally_in_words(found.total) == "no study"


def test_flat_rows_are_the_cells(base: Base) -> None:
    found = mapped(base)
    headers, rows = found.flat()
    records = [dict(zip(headers, row, strict=True)) for row in rows]

    assert len(records) == len(found.cells)
    assert [r["studies"] for r in records[: len(found.empty)]] == [0] * len(found.empty)
    assert {(r["row"], r["column"]): r["studies"] for r in records} == {
        (cell.row.key, cell.column.key): cell.tally.count for cell in found.cells
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((None, None), ("approach", "outcome")),
        (("outcome", None), ("outcome", "approach")),
        ((None, "approach"), ("outcome", "approach")),
        (("cancer", None), ("cancer", "outcome")),
        ((None, "country"), ("approach", "country")),
    ],
)
def test_what_is_not_named_is_approach_and_outcome(
    asked: tuple[str | None, str | None], expected: tuple[str, str]
) -> None:
    assert chosen_facets(*asked) == expected


@pytest.mark.parametrize("facet", ["outcom", "colour", "year", ""])
def test_an_unknown_facet_names_those_there_are(facet: str) -> None:
    with pytest.raises(UnknownValue) as raised:
        chosen_facets(facet, None)

    assert f"rows of a gap map cannot be '{facet}'" in str(raised.value)
    assert all(kind in str(raised.value) for kind in KINDS)


@pytest.mark.parametrize("facet", KINDS)
def test_the_same_facet_twice_is_refused(facet: str) -> None:
    with pytest.raises(KbError, match=f"Rows and columns are both {facet}"):
        chosen_facets(facet, facet)


def finding(direction: str, population: str = "", analysis: str = "") -> dict[str, Any]:
    return {
        "direction": direction,
        "population": population or None,
        "analysis": analysis or None,
    }


def measured(outcome: str, *findings: Mapping[str, Any]) -> dict[str, Any]:
    return {"outcome": outcome, "findings": list(findings)}


FOR, AGAINST, EVEN = "favours-intervention", "favours-control", "no-difference"


@pytest.mark.parametrize(
    ("measurements", "expected"),
    [
        ([], NONE_FOUND),
        ([measured("pain")], NONE_FOUND),
        ([measured("pain", finding(FOR)), measured("pain")], FOR),
        ([measured("pain", finding(FOR)), measured("pain", finding(AGAINST))], MIXED),
        ([measured("pain", finding(FOR)), measured("sleep", finding(EVEN))], MIXED),
        ([measured("pain", finding("unclear"))], MIXED),
        ([measured("pain", finding("mixed"))], MIXED),
        ([measured("pain", finding(EVEN), finding(FOR, population="the most distressed"))], EVEN),
        ([measured("pain", finding(EVEN), finding(FOR, analysis="interaction"))], EVEN),
        ([measured("pain", finding(FOR, population="the most distressed"))], FOR),
    ],
    ids=[
        "nothing measured",
        "no finding",
        "one finding",
        "opposite",
        "outcomes differ",
        "unclear",
        "mixed",
        "all participants before some",
        "whether before whom",
        "only some",
    ],
)
def test_the_direction_of_a_study(measurements: list[dict[str, Any]], expected: str) -> None:
    assert direction(measurements) == expected


@given(st.lists(st.sampled_from(DIRECTIONS)))
def test_a_tally_of_directions_loses_none(directions: list[str]) -> None:
    assert sum(tally(directions).values()) == len(directions)


@pytest.mark.parametrize(
    ("tallied", "words"),
    [
        (Tally((), 0, None, 0), "no study"),
        (Tally(("a",), 0, None, 1), "1 study, none randomised, participants not known"),
        (Tally(("a",), 1, 1, 0), "1 study, 1 randomised, 1 participant"),
        (Tally(("a", "b"), 1, 1200, 1), "2 studies, 1 randomised, 1,200 participants (of 1)"),
    ],
    ids=["none", "unknown number", "one", "partly known"],
)
def test_a_tally_in_words(tallied: Tally, words: str) -> None:
    assert tally_in_words(tallied) == words
