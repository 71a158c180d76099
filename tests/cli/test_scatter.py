"""The scatter of the terminal: no mark is misplaced, every point is named once."""

from math import exp
from string import ascii_letters

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb_cli.render.scatter import ASCII, Point, Scatter

FINITE = st.floats(-1e3, 1e3)
POINTS = st.lists(st.tuples(FINITE, st.floats(0, 1e3)), min_size=1, max_size=70)


def scatter(points: list[tuple[float, float]], *, falling: bool = False) -> Scatter:
    named = [Point(f"Alder {place} (made up)", x, y) for place, (x, y) in enumerate(points)]
    return Scatter(named, x_name="effect", y_name="standard error", falling=falling)


def canvas(lines: list[str]) -> list[str]:
    """Return the lines of the drawing, without the scale to their left."""
    return [line.partition("|")[2][1:] for line in lines if "|" in line]


@example(points=[(0.0, 0.0)] * 58, width=25, falling=False)
@given(points=POINTS, width=st.integers(25, 140), falling=st.booleans())
def test_every_point_is_drawn_alone_or_counted(
    *, points: list[tuple[float, float]], width: int, falling: bool
) -> None:
    lines = scatter(points, falling=falling).lines(width, ASCII)
    drawn = "".join(canvas([line[:64] for line in lines])).replace(" ", "")

    shared = [int(mark) for mark in drawn if mark.isdigit()]
    alone = len(drawn) - len(shared)
    assert alone + sum(shared) == len(points) or 9 in shared
    assert max(map(len, lines)) <= width


@given(points=POINTS, width=st.integers(20, 64), falling=st.booleans())
def test_places_keep_the_order_of_values(
    *, points: list[tuple[float, float]], width: int, falling: bool
) -> None:
    drawing = scatter(points, falling=falling)
    x_axis, y_axis = drawing.axes(width)

    columns = [x_axis.column(x) for x in sorted(x for x, _ in points)]
    rows = [drawing.row(y_axis, y) for y in sorted(y for _, y in points)]
    assert columns == sorted(columns)
    assert rows == sorted(rows, reverse=not falling)


def test_a_letter_stands_where_its_point_is() -> None:
    lines = canvas(scatter([(0, 0), (10, 0), (0, 8), (10, 8)]).lines(50, ASCII))

    assert lines[0].strip().split() == ["c", "d"]
    assert lines[-1].strip().split() == ["a", "b"]
    assert lines[0].index("c") == lines[-1].index("a")
    assert lines[0].index("d") == lines[-1].index("b")


def test_a_falling_axis_starts_with_zero_above() -> None:
    lines = scatter([(0, 1), (10, 4)], falling=True).lines(50, ASCII)

    assert lines[1].startswith("0 |")
    assert lines[15].startswith("4 |")
    assert canvas(lines)[-1].strip() == "b"


def test_points_in_one_place_are_counted() -> None:
    lines = scatter([(1, 1), (1, 1), (5, 3)]).lines(79, ASCII)

    assert "".join(canvas(lines)).split() == ["c", "2"]
    assert sum("Alder" in part for line in lines for part in line.split("   ")) == 3


def test_many_points_share_a_mark() -> None:
    lines = scatter([(place, place % 7) for place in range(60)]).lines(200, ASCII)

    assert "o 8 more; --format json names them all" in "\n".join(lines)
    assert f"{ascii_letters[-1]} Alder 51 (made up)" in "\n".join(lines)


def test_the_legend_stands_beside_where_there_is_room() -> None:
    points = [(float(place), 1.0) for place in range(4)]
    wide, narrow = scatter(points).lines(120, ASCII), scatter(points).lines(80, ASCII)

    assert wide[0].endswith("a Alder 0 (made up)")
    assert narrow[-2:] == [
        f"{'a Alder 0 (made up)':38}   c Alder 2 (made up)",
        f"{'b Alder 1 (made up)':38}   d Alder 3 (made up)",
    ]


def test_guides_run_from_the_centre() -> None:
    drawing = Scatter(
        [Point("Alder (made up)", 1.0, 0.5)],
        x_name="odds ratio",
        y_name="standard error",
        logarithmic=True,
        guides=[lambda se: exp(-2 * se), lambda se: exp(2 * se)],
        falling=True,
    )
    lines = canvas(drawing.lines(60, ASCII))
    widths = [line.rindex(".") - line.index(".") for line in lines if line.count(".") == 2]

    assert lines[0].count(".") == 1
    assert widths == sorted(widths)


@pytest.mark.parametrize("width", [10, 20, 40])
def test_narrow_terminals_get_a_drawing(width: int) -> None:
    assert "a" in "".join(canvas(scatter([(1, 2), (3, 4)]).lines(width, ASCII)))
