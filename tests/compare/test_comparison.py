"""Two records side by side: what differs, what is shared, what one side lacks."""

import json

import pytest

from kb.base import Base
from kb.compare.aspects import Aspect
from kb.compare.comparison import (
    DIFFERENT,
    ONLY_A,
    ONLY_B,
    SHARED,
    Comparison,
    Line,
    NotComparable,
    compare,
    flat_comparison,
)
from kb.errors import UnknownValue

PAIRS = [
    ("goodwin-2001", "spiegel-1981"),
    ("cochrane-2013", "li-2024"),
    ("segt", "cbt"),
]


def standings(found: Comparison) -> dict[tuple[str, str], str]:
    return {(line.section, line.label): line.standing for line in found.lines}


@pytest.mark.parametrize(
    ("a", "b", "standing"),
    [
        (["x"], ["x"], SHARED),
        (["x"], ["y"], DIFFERENT),
        (["x", "y"], ["y", "x"], SHARED),
        (["x", "y"], ["x"], DIFFERENT),
        ([""], ["y"], SHARED),
        (["", "x"], ["x"], SHARED),
        (["x"], [], ONLY_A),
        ([], ["x"], ONLY_B),
    ],
    ids=[
        "same",
        "other",
        "order",
        "more",
        "not-compared",
        "compared-in-part",
        "only-a",
        "only-b",
    ],
)
def test_only_what_is_known_of_both_can_differ(a: list[str], b: list[str], standing: str) -> None:
    sides = [tuple(Aspect("Part", "label", "words", held) for held in side) for side in (a, b)]

    assert Line("Part", "label", *sides).standing == standing


def test_studies_differ_in_what_they_gave_and_found(base: Base) -> None:
    found = standings(compare(base, "goodwin-2001", "spiegel-1981"))

    assert found["Design", "design"] == SHARED
    assert found["Design", "country"] == DIFFERENT
    assert found["Design", "recruitment"] == ONLY_A
    assert found["Participants", "patients randomised"] == DIFFERENT
    assert found["Participants", "cancer"] == SHARED
    assert found["Arms", "control arm"] == DIFFERENT
    assert found["Intervention (TIDieR)", "approach"] == SHARED
    assert found["Outcomes measured", "Overall survival"] == SHARED
    assert found["Results", "Overall survival"] == DIFFERENT
    assert found["Included by reviews", "Cochrane 2013"] == SHARED


def test_reviews_differ_in_how_surely_they_include_a_study(base: Base) -> None:
    comparison = compare(base, "cochrane-2013", "li-2024")
    found = standings(comparison)

    assert found["Question and search", "studies counted"] == DIFFERENT
    assert found["Includes", "Goodwin 2001 (BEST)"] == SHARED
    assert found["Includes", "Classen 2001 (second Stanford trial)"] == DIFFERENT
    assert found["Includes", "Aranda 2006"] == ONLY_A
    assert found["Pooled effects, as printed", "Overall survival"] == ONLY_A
    assert found["Claims with numbers", "pain"] == DIFFERENT


def test_approaches_are_held_by_the_directions_of_their_studies(base: Base) -> None:
    comparison = compare(base, "segt", "cbt")
    found = standings(comparison)
    (survival,) = [x for x in comparison.lines if x.label == "Overall survival"]

    assert found["In all", "studies"] == DIFFERENT
    assert found["Studies", "Goodwin 2001 (BEST)"] == ONLY_A
    assert found["Studies", "Edelman 1999"] == ONLY_B
    texts = [aspect.text for aspect in survival.a]
    assert "no difference: Goodwin 2001 (BEST), univariate" in texts
    assert not any(text.startswith("measured") and "Spiegel 1981" in text for text in texts)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_sides_change_places(base: Base, pair: tuple[str, str]) -> None:
    opposite = {DIFFERENT: DIFFERENT, SHARED: SHARED, ONLY_A: ONLY_B, ONLY_B: ONLY_A}
    there = standings(compare(base, *pair))
    back = standings(compare(base, *reversed(pair)))

    assert back == {place: opposite[standing] for place, standing in there.items()}


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_line_stands_in_json_and_in_rows_once(base: Base, pair: tuple[str, str]) -> None:
    found = compare(base, *pair)
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    headers, rows = flat_comparison(found)

    assert sum(len(told[x]) for x in ("different", "shared", "only_a", "only_b")) == len(rows)
    assert (
        len(rows) == len(found.lines) == len({(line.section, line.label) for line in found.lines})
    )
    assert {len(row) for row in rows} == {len(headers)}


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_what_is_told_has_a_passage(base: Base, pair: tuple[str, str]) -> None:
    """Only sums over the studies of an approach have none."""
    lines = [line for line in compare(base, *pair).lines if line.section != "In all"]

    assert [x.text for line in lines for x in (*line.a, *line.b) if not x.passage] == []


def test_records_are_found_by_their_names(base: Base) -> None:
    found = compare(base, "Goodwin et al. 2001", "SPIEGEL-1981")

    assert (found.kind, found.a.key, found.b.key) == ("study", "goodwin-2001", "spiegel-1981")


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ("goodwin-2001", "segt", "'goodwin-2001' is a study, and 'segt' is an approach"),
        ("pain", "mood", "'pain' is an outcome"),
        ("segt", "supportive-expressive group therapy", "are the same approach, segt"),
    ],
    ids=["kinds", "outcomes", "same"],
)
def test_what_cannot_be_compared_is_said(base: Base, a: str, b: str, told: str) -> None:
    with pytest.raises(NotComparable, match=told):
        compare(base, a, b)


def test_a_name_that_nothing_has_gets_the_nearest(base: Base) -> None:
    with pytest.raises(UnknownValue, match="Nearest: goodwin-2001"):
        compare(base, "segt", "godwin-2001")
