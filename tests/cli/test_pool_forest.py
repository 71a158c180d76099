"""The forest plot made of characters: nothing is misplaced, at any width, for any effects."""

from collections.abc import Sequence
from itertools import pairwise
from math import exp

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from kb_cli.render.axis import Axis, Interval
from kb_cli.render.effects import decimals_for, effect_texts, written
from kb_cli.render.forest import ASCII, UNICODE, Beside, Forest, Kind, Marks, Row, folded

REACH = 1e4
values = st.floats(-REACH, REACH, allow_subnormal=False)
halves = st.floats(1e-3, REACH)
widths = st.integers(12, 60)
labels = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=40)


def interval(centre: float, half: float) -> Interval:
    return Interval(centre - half, centre + half, centre)


intervals = st.builds(interval, values, halves)
ratios = st.builds(
    lambda centre, half: Interval(exp(centre - half), exp(centre + half), exp(centre)),
    st.floats(-8, 8),
    st.floats(1e-3, 20),
)
cases = st.sampled_from([False, True]).flatmap(
    lambda logarithmic: st.tuples(
        st.lists(ratios if logarithmic else intervals, min_size=1, max_size=8), st.just(logarithmic)
    )
)


def forest(found: Sequence[Interval], *, logarithmic: bool = False) -> Forest:
    rows = [Row(f"Trial {place} (made up)", shown) for place, shown in enumerate(found)]
    return Forest(rows, "MD [95% CI]", 1.0 if logarithmic else 0.0, logarithmic)


def axis_over(found: Sequence[Interval], width: int, *, logarithmic: bool) -> Axis:
    return Axis.over(found, width, null=1.0 if logarithmic else 0.0, logarithmic=logarithmic)


@given(cases, widths)
def test_a_larger_value_is_never_left_of_a_smaller_one(
    case: tuple[list[Interval], bool], width: int
) -> None:
    found, logarithmic = case
    axis = axis_over(found, width, logarithmic=logarithmic)
    placed = sorted(value for shown in found for value in shown if value is not None)
    columns = [axis.column(value) for value in placed]

    assert columns == sorted(columns)
    assert min(columns) >= 0
    assert max(columns) < width


@given(cases, widths)
def test_every_estimate_lies_on_the_axis_within_its_interval(
    case: tuple[list[Interval], bool], width: int
) -> None:
    found, logarithmic = case
    axis = axis_over(found, width, logarithmic=logarithmic)

    for low, high, estimate in found:
        assert estimate is not None
        assert axis.holds(estimate)
        assert axis.column(low) <= axis.column(estimate) <= axis.column(high)


@given(cases, widths)
def test_an_interval_touches_the_line_of_no_effect_only_where_it_holds_it(
    case: tuple[list[Interval], bool], width: int
) -> None:
    found, logarithmic = case
    axis = axis_over(found, width, logarithmic=logarithmic)
    assert axis.null is not None
    null = axis.column(axis.null)

    for low, high, _ in found:
        touches = axis.column(low) <= null <= axis.column(high)
        assert touches == (low <= axis.null <= high)


@given(cases, widths)
@example(([Interval(0.03408, 0.03435, 0.03422)], True), 28)
def test_ticks_are_in_order_on_the_axis_and_their_labels_apart(
    case: tuple[list[Interval], bool], width: int
) -> None:
    found, logarithmic = case
    axis = axis_over(found, width, logarithmic=logarithmic)
    ticks = axis.ticks()

    assert all(axis.holds(tick.value) for tick in ticks)
    assert [float(tick.label) for tick in ticks] == pytest.approx([t.value for t in ticks])
    ends = [(axis.column(t.value), len(t.label)) for t in ticks]
    for (first, size), (second, next_size) in pairwise(ends):
        assert second - first > (size + next_size) / 2


@pytest.mark.parametrize(
    ("low", "high", "width", "ticks"),
    [
        (0.08, 7, 50, "0.125 0.25 0.5 1 2 4"),
        (0.08, 7, 22, "0.25 1 4"),
        (0.009, 5, 40, "0.01 0.03 0.1 0.3 1 3"),
        (0.07, 3.5, 22, "0.1 0.3 1 3"),
        (0.0002, 5000, 50, "0.001 0.01 0.1 1 10 100 1000"),
        (0.8, 1.3, 40, "0.8 0.9 1.0 1.1 1.2 1.3"),
    ],
)
def test_ratios_have_ticks_that_readers_know(
    low: float, high: float, width: int, ticks: str
) -> None:
    axis = Axis(low, high, width, null=1.0, logarithmic=True)

    assert " ".join(tick.label for tick in axis.ticks()) == ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (-1.2, 0.7, "-1.0 -0.5 0.0 0.5"),
        (-95, 40, "-50 0"),
        (-0.012, 0.004, "-0.010 -0.005 0.000"),
        (3, 11, "4 6 8 10"),
    ],
)
def test_differences_have_ticks_in_steps_of_1_2_or_5(low: float, high: float, ticks: str) -> None:
    assert " ".join(tick.label for tick in Axis(low, high, 30).ticks()) == ticks


@given(cases, st.integers(20, 160), st.sampled_from([UNICODE, ASCII]), labels)
def test_all_lines_have_one_width_that_fits(
    case: tuple[list[Interval], bool], width: int, marks: Marks, label: str
) -> None:
    found, logarithmic = case
    plot = forest(found, logarithmic=logarithmic)
    rows = [*plot.rows, Row(label, found[0], Kind.POOLED)]
    cells = ["158/77"] * len(rows)
    beside = [
        Beside("n", cells),
        Beside("AB", ["+-"] * len(rows), wide=True, after=True, legend="A one, B another domain"),
    ]
    plot = Forest(rows, plot.effect, plot.null, plot.logarithmic, beside, ("left", "right"))
    lines = plot.lines(width, marks)
    effects = max(map(cell_len, effect_texts([row.interval for row in rows])))

    assert len({cell_len(line.text) for line in lines}) == 1
    if width >= effects + 20:
        assert cell_len(lines[0].text) <= width


@given(cases, st.integers(80, 140))
def test_the_line_of_no_effect_is_in_one_column_of_every_row(
    case: tuple[list[Interval], bool], width: int
) -> None:
    found, logarithmic = case
    heading = Row("A heading", kind=Kind.HEADING)
    plot = forest(found, logarithmic=logarithmic)
    plot = Forest([heading, *plot.rows, heading], "MD", plot.null, logarithmic)
    header, *lines = (line.text for line in plot.lines(width))
    null = lines[0].index(UNICODE.null)

    assert header[null] == " "
    for shown, line in zip([None, *found, None], lines, strict=False):
        holds = shown is not None and shown.low <= (plot.null or 0.0) <= shown.high
        assert holds or line[null] == UNICODE.null
    assert lines[len(found) + 2][null] in {UNICODE.null_at_axis, UNICODE.null_at_tick}


@given(cases, st.integers(80, 140), st.sampled_from([UNICODE, ASCII]))
def test_marks_are_where_the_axis_has_their_values(
    case: tuple[list[Interval], bool], width: int, marks: Marks
) -> None:
    found, logarithmic = case
    plot = forest(found, logarithmic=logarithmic)
    _, *lines = (line.text for line in plot.lines(width, marks))
    effects = max(map(len, effect_texts(found, plot.null)))
    label = max(len(row.label) for row in plot.rows)
    room = len(lines[0]) - label - max(effects, len("MD [95% CI]")) - 4
    axis = axis_over(found, room, logarithmic=logarithmic)

    for shown, line in zip(found, lines, strict=False):
        assert shown.estimate is not None
        assert line[label + 2 + axis.column(shown.estimate)] in marks.squares
        cut = axis.column(shown.low), axis.column(shown.high)
        for end, beyond, arrow in zip(
            cut, (shown.low < axis.low, shown.high > axis.high), marks.cut, strict=True
        ):
            at = line[label + 2 + end]
            assert (at == arrow) == (beyond and at not in marks.squares)


def test_far_limits_are_cut_off_and_marked() -> None:
    near = [interval(0.1 * place, 0.5) for place in range(5)]
    lines = forest([*near, interval(0.2, 400.0)]).lines(80)

    assert "◄" in lines[6].text
    assert "►" in lines[6].text
    assert not any("►" in line.text for line in lines[:6])


def test_squares_grow_with_size() -> None:
    rows = [Row(f"{size}", interval(0.5, 0.4), size=size) for size in (0.1, 0.5, 1.0)]
    lines = [line.text for line in Forest(rows, "MD", 0.0, logarithmic=False).lines(80)]

    for mark, line in zip("▪■█", lines[1:], strict=False):
        assert mark in line


def test_what_is_wide_goes_first_then_the_drawing_then_the_other_columns() -> None:
    rows = [Row("Alder 1991 (made up)", interval(0.5, 0.4))]
    beside = [Beside("n", ["158/77"]), Beside("Intervention", ["36.6 (37.6)"], wide=True)]
    plot = Forest(rows, "MD [95% CI]", 0.0, logarithmic=False, beside=beside)

    def parts(width: int) -> tuple[bool, bool, bool, bool]:
        text = "\n".join(line.text for line in plot.lines(width))
        return "36.6" in text, "■" in text or "█" in text, "158/77" in text, "[0.10, 0.90]" in text

    assert parts(120) == (True, True, True, True)
    assert parts(80) == (False, True, True, True)
    assert parts(52) == (False, False, True, True)
    assert parts(36) == (False, False, False, True)


def test_the_sides_stand_beside_the_line_of_no_effect() -> None:
    plot = forest([interval(0.2, 0.5)])
    plot = Forest(plot.rows, plot.effect, 0.0, logarithmic=False, favours=("therapy", "control"))
    lines = [line.text for line in plot.lines(80)]
    null = lines[2].index("┼")

    assert lines[-1][: null - 1].endswith("◄ therapy")
    assert lines[-1][null + 2 :].startswith("control ►")


def test_two_hundred_studies_are_one_line_each() -> None:
    assert len(forest([interval(place / 50, 1.0) for place in range(200)]).lines(80)) == 203


@given(labels, st.integers(2, 30))
def test_a_label_is_folded_without_loss(label: str, width: int) -> None:
    lines = folded(label, width)

    assert "".join("".join(lines).split()) == "".join(label.split())
    assert all(cell_len(line) <= width for line in lines)


def test_a_label_breaks_between_words_and_after_hyphens() -> None:
    assert folded("Hart & Sutherland 1977", 16) == ["Hart &", "Sutherland 1977"]
    assert folded("Orpington-Moderate", 12) == ["Orpington-", "Moderate"]


@pytest.mark.parametrize(
    ("half", "decimals"),
    [(0.00004, 5), (0.005, 3), (0.05, 2), (0.3, 2), (9.0, 2), (12.0, 1), (300.0, 0)],
)
def test_narrow_intervals_have_more_decimals(half: float, decimals: int) -> None:
    assert decimals_for([interval(1.0, half)]) == decimals


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9249, "0.92"),
        (-0.25, "-0.25"),
        (0.0007, "0.0007"),
        (-0.004, "-0.004"),
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (1234.5, "1234.50"),
        (3.2e9, "3.2e+09"),
    ],
)
def test_no_value_is_written_as_a_zero_that_it_is_not(value: float, text: str) -> None:
    assert written(value, 2) == text
