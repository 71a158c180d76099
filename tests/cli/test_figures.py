"""Figures: what is drawn where, what is written, and what is refused. All trials are made up."""

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from PIL import Image

from kb.errors import KbError
from kb.pooling.analysing.analysis import analyse
from kb.pooling.answer import PooledAnswer, TableFile
from kb.pooling.evidence import Entry, Selection, Verdict
from kb.pooling.multiverses.multiverse import explore_table
from kb.pooling.options import PoolOptions
from kb.pooling.sensitivities.sensitivity import sensitivity
from kb.synthesis.measures import measure_of
from kb_cli.figures import FIGURES, SUFFIXES, draw, drawn

SVG = "{http://www.w3.org/2000/svg}"
TABLE = Path(__file__).parents[1] / "reference" / "data" / "colditz1994.csv"
LOW, HIGH, OTHER = "low risk", "high risk", "rated 3 of 5"


def entry(label: str, ratio: float, vi: float, **more: Any) -> Entry:
    return Entry(label, math.log(ratio), vi, study=label, key=label, **more)


ENTRIES = (
    entry("Alder 1991 (made up)", 0.80, 0.04, year=1991, n=(40, 42), values={"kind": "group"}),
    entry("Birch 1995 (made up)", 1.25, 0.09, year=1995, n=(30, 31), values={"kind": "one to one"}),
    entry("Cedar 2001 (made up)", 0.50, 0.02, year=2001, n=(80, 79), values={"kind": "group"}),
    entry("Elm 2010 (made up)", 1.00, 0.05, year=2010, n=(25, 26), values={"kind": "one to one"}),
)


def direction(label: str, outcome: str, code: str) -> dict[str, Any]:
    return {
        "study": label,
        "label": label,
        "year": 1991,
        "outcome": outcome,
        "outcome_name": outcome,
        "instrument": None,
        "time": "12 months",
        "direction": code,
        "by": [],
        "basis": "test",
        "statement": "",
        "n": 82,
        "n_of": "in the arms",
        "p": "p < 0.02",
        "analysis": None,
        "population": None,
        "apart": None,
        "passage": {},
    }


DIRECTIONS = (
    direction("Alder 1991 (made up)", "pain", "favours-intervention"),
    direction("Alder 1991 (made up)", "mood", "no-difference"),
    direction("Birch 1995 (made up)", "pain", "favours-control"),
    direction("Cedar 2001 (made up)", "mood", "mixed"),
    direction("Elm 2010 (made up)", "mood", "unclear"),
)


def answer(
    entries: tuple[Entry, ...] = ENTRIES,
    measure: str = "HR",
    verdict: Verdict | None = None,
    favours: str = "below 1 favours the intervention",
    **options: Any,
) -> PooledAnswer:
    chosen = PoolOptions.of(**options)
    selection = Selection(measure_of(measure), entries, favours=favours, directions=DIRECTIONS)
    analysis = analyse(selection, chosen) if entries else None
    file = TableFile("made-up.csv", "0" * 64)
    verdict = verdict or Verdict("poolable")
    return PooledAnswer(None, file, chosen, None, verdict, selection, analysis)


def subject(figure: str) -> Any:
    if figure in {"forest", "funnel", "direction"}:
        return answer()
    if figure == "multiverse":
        return explore_table(TABLE, PoolOptions.of(measure="RR"), {"measure"})
    return sensitivity(answer())


def axes_of(figure: str, about: Any, place: int = 0) -> Axes:
    return drawn(figure, about).figure.axes[place]


def mark(axes: Axes, gid: str) -> Line2D:
    return next(line for line in axes.lines if line.get_gid() == gid)


def across(line: Line2D) -> list[float]:
    return [float(x) for x in cast("list[float]", line.get_xdata())]


def down(line: Line2D) -> list[float]:
    return [float(y) for y in cast("list[float]", line.get_ydata())]


def at(line: Line2D) -> tuple[float, float]:
    return across(line)[0], down(line)[0]


def diamonds(axes: Axes) -> list[tuple[float, float]]:
    patches = [patch for patch in axes.patches if isinstance(patch, Polygon)]
    corners = [[float(x) for x, _ in patch.get_xy()] for patch in patches]
    return [(min(places), max(places)) for places in corners]


def told(path: Path) -> str:
    """Return all text of an SVG file, a space between the pieces."""
    tree = ElementTree.parse(path)
    return " ".join("".join(each.itertext()) for each in tree.iter(f"{SVG}text"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_written_in_every_form_and_twice_the_same(
    figure: str, suffix: str, tmp_path: Path
) -> None:
    about = subject(figure)
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix.upper()}"
    draw(figure, about, first)
    draw(figure, about, second)
    magic = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}[suffix]
    assert first.read_bytes().startswith(magic)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.*")) == [first.name, second.name]


@pytest.mark.parametrize("figure", FIGURES)
def test_svg_says_in_words_what_it_shows(figure: str, tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    draw(figure, subject(figure), path)
    root = ElementTree.parse(path).getroot()
    drawing = drawn(figure, subject(figure))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == drawing.title
    assert root.findtext(f"{SVG}desc") == drawing.description
    assert drawing.title in told(path)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("forest", "1.25 [0.69, 2.25]"),
        ("forest", "Heterogeneity: tau²"),
        ("funnel", "standard error 0.2"),
        ("direction", "pain: favours control, n = 82 in the arms, p < 0.02"),
        ("baujat", "Cedar 2001 (made up): squared Pearson residual"),
        ("cumulative", "+ Birch 1995 (made up)"),
        ("leave-one-out", "Without Cedar 2001 (made up)"),
        ("multiverse", "The interval excludes 1 in"),
    ],
)
def test_description_has_the_numbers(figure: str, words: str) -> None:
    assert words in drawn(figure, subject(figure)).description


def test_forest_has_the_labels_and_numbers_as_text(tmp_path: Path) -> None:
    path = tmp_path / "forest.svg"
    draw("forest", answer(), path)
    text = told(path)
    for words in (
        *(each.label for each in ENTRIES),
        "0.80 [0.54, 1.18]",
        "80 79",
        "Weight",
        "[95% CI]",
        "← favours intervention",
        "favours control →",
        "Random effects, restricted maximum likelihood; interval: Wald, normal.",
        "kb pool --data made-up.csv",
        "95% prediction interval",
        "hazard ratio (log scale)",
    ):
        assert words in text
    assert "175 178" in text  # participants of the arms in all studies


def test_square_lies_at_its_estimate_and_all_in_their_order() -> None:
    axes = axes_of("forest", answer())
    places = [at(mark(axes, f"row-{number}")) for number in range(1, 5)]
    assert [x for x, _ in places] == pytest.approx([0.80, 1.25, 0.50, 1.00])
    assert [y for _, y in places] == sorted(y for _, y in places)
    assert at(mark(axes, "no-effect"))[0] == 1.0
    assert axes.get_xscale() == "log"


def test_area_of_a_square_is_its_weight() -> None:
    about = answer()
    axes = axes_of("forest", about)
    areas = [mark(axes, f"row-{number}").get_markersize() ** 2 for number in range(1, 5)]
    assert about.analysis is not None
    weights = [weight or 0.0 for weight in about.analysis.weights]
    assert [area / areas[2] for area in areas] == pytest.approx(
        [weight / weights[2] for weight in weights]
    )


def test_diamond_spans_the_interval_of_the_pooled_effect() -> None:
    about = answer()
    assert about.analysis is not None
    back = about.analysis.back
    assert diamonds(axes_of("forest", about)) == [pytest.approx((back["ci_low"], back["ci_high"]))]


def test_band_spans_the_prediction_interval() -> None:
    about = answer()
    assert about.analysis is not None
    axes = axes_of("forest", about)
    ends = sorted(across(mark(axes, "row-6")))
    low, high = about.analysis.back["pi_low"], about.analysis.back["pi_high"]
    assert ends == pytest.approx([max(low, axes.get_xlim()[0]), min(high, axes.get_xlim()[1])])


def test_subgroups_stand_together_with_a_diamond_each(tmp_path: Path) -> None:
    about = answer(subgroup="kind")
    assert about.analysis is not None
    wanted = [(row.back[1], row.back[2]) for row in about.analysis.subgroups]
    back = about.analysis.back
    found = diamonds(axes_of("forest", about))
    assert found == [pytest.approx(ends) for ends in [*wanted, (back["ci_low"], back["ci_high"])]]
    draw("forest", about, tmp_path / "forest.svg")
    text = told(tmp_path / "forest.svg")
    order = ["group", "Alder", "Cedar", "one to one", "Birch", "Elm", "Pooled effect"]
    places = [text.index(word, text.index("Weight")) for word in order]
    assert places == sorted(places)
    assert "Test of subgroup differences: Q = " in text


def test_what_is_not_pooled_has_no_diamond_and_says_why(tmp_path: Path) -> None:
    verdict = Verdict("not poolable", ("Alder and Birch used different scales.",))
    about = answer(verdict=verdict)
    assert diamonds(axes_of("forest", about)) == []
    draw("forest", about, tmp_path / "forest.svg")
    text = told(tmp_path / "forest.svg")
    assert "Not pooled. Alder and Birch used different scales." in text
    assert "Pooled effect" not in text
    assert "Weight" not in text
    assert "There is no pooled effect" in drawn("forest", about).description


def test_wide_interval_is_cut_with_an_arrow_and_its_text_is_whole(tmp_path: Path) -> None:
    wide = replace(ENTRIES[1], vi=4.0)
    about = answer((ENTRIES[0], wide, *ENTRIES[2:]))
    axes = axes_of("forest", about)
    low, high = axes.get_xlim()
    arrows = {
        line.get_marker(): at(line)[0] for line in axes.lines if line.get_marker() in {"<", ">"}
    }
    assert arrows == {"<": low, ">": high}
    assert low > math.exp(wide.yi - 1.96 * 2)
    draw("forest", about, tmp_path / "forest.svg")
    assert "1.25 [0.02, 63.00]" in told(tmp_path / "forest.svg")


@pytest.mark.parametrize(
    ("favours", "sides"),
    [
        ("above 0 favours the intervention", ("← favours control", "favours intervention →")),
        ("below 0 favours the intervention", ("← favours intervention", "favours control →")),
    ],
)
def test_sides_of_the_axis_follow_what_is_favoured(
    favours: str, sides: tuple[str, str], tmp_path: Path
) -> None:
    draw("forest", answer(measure="SMD", favours=favours), tmp_path / "forest.svg")
    assert " ".join(sides) in told(tmp_path / "forest.svg")


def test_nothing_is_favoured_where_that_is_not_known(tmp_path: Path) -> None:
    draw("forest", answer(favours=""), tmp_path / "forest.svg")
    assert "favours" not in told(tmp_path / "forest.svg")


def test_arms_and_risk_of_bias_are_shown_where_they_are_known(tmp_path: Path) -> None:
    judged = replace(
        ENTRIES[0],
        shown=("24/40", "20/42"),
        bias=(("randomisation", LOW), ("missing data", HIGH), ("measurement", OTHER)),
    )
    draw("forest", answer((judged, *ENTRIES[1:])), tmp_path / "forest.svg")
    text = told(tmp_path / "forest.svg")
    assert "24/40" in text
    legend = "Risk of bias: A randomisation, B missing data, C measurement."
    assert f"{legend} + {LOW}; − {HIGH}; • {OTHER}." in " ".join(text.split())


def test_participants_of_a_trial_with_two_effects_are_not_added_twice(tmp_path: Path) -> None:
    twice = replace(ENTRIES[0], key="again", instrument="Other scale")
    first = replace(ENTRIES[0], instrument="First scale")
    about = answer((first, twice, *ENTRIES[1:]), dependence="robust")
    draw("forest", about, tmp_path / "forest.svg")
    text = told(tmp_path / "forest.svg")
    assert "Alder 1991 (made up) · First scale" in text
    assert "Alder 1991 (made up) · Other scale" in text
    assert "175 178" not in text
    assert "215" not in text


def test_odd_labels_are_text_and_no_markup(tmp_path: Path) -> None:
    odd = replace(ENTRIES[0], label="Fir $x$ <b> & 研究\x00\n (made up)")
    path = tmp_path / "forest.svg"
    draw("forest", answer((odd, *ENTRIES[1:])), path)
    assert "Fir $x$ <b> & 研究 (made up)" in told(path)


def test_long_labels_are_folded_and_the_height_grows(tmp_path: Path) -> None:
    many = tuple(
        entry(f"Trial {place} with a name that goes on and on and on (made up)", 0.9, 0.1)
        for place in range(15)
    )
    path = tmp_path / "forest.png"
    draw("forest", answer(many), path)
    with Image.open(path) as image:
        assert image.height > 15 * 0.3 * 300
        assert image.info["dpi"] == pytest.approx((300, 300), abs=1)
        assert image.info["Description"].startswith("Forest plot. Hazard ratio, 15 studies")


def test_figure_beyond_what_can_be_drawn_is_coarser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb_cli.figures.writing._MOST_PIXELS", 600)
    draw("forest", answer(), tmp_path / "forest.png")
    with Image.open(tmp_path / "forest.png") as image:
        assert max(image.size) == pytest.approx(600, abs=1)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.001, 20)), min_size=1, max_size=6),
    st.sampled_from(["HR", "SMD", "PLO", "ZCOR"]),
)
def test_every_square_lies_on_the_axis_and_inside_its_interval(
    effects: list[tuple[float, float]], measure: str
) -> None:
    entries = tuple(
        Entry(f"Trial {place} (made up)", yi, vi, f"t{place}", f"t{place}")
        for place, (yi, vi) in enumerate(effects)
    )
    axes = axes_of("forest", answer(entries, measure))
    low, high = axes.get_xlim()
    lines = {down(line)[0]: line for line in axes.lines if len(across(line)) == 2}
    for place in range(len(entries)):
        x, y = at(mark(axes, f"row-{place + 1}"))
        assert low <= x <= high
        ends = sorted(across(lines[y]))
        assert low <= ends[0] <= x <= ends[1] <= high


def test_funnel_has_points_limits_and_zones() -> None:
    about = answer()
    axes = axes_of("funnel", about)
    points = [at(mark(axes, f"point-{number}")) for number in range(1, 5)]
    assert [x for x, _ in points] == pytest.approx([0.80, 1.25, 0.50, 1.00])
    assert [y for _, y in points] == pytest.approx([0.2, 0.3, 0.02**0.5, 0.05**0.5])
    assert axes.get_ylim()[1] == 0.0
    assert about.analysis is not None
    mean = about.analysis.result["estimate"]
    low, high = (line for line in axes.lines if line.get_linestyle() == "--")
    for line, side in ((low, -1), (high, 1)):
        x, y = across(line)[-1], down(line)[-1]
        assert math.log(x) == pytest.approx(mean + side * 1.959964 * y, abs=1e-6)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "p < 0.01",
        "0.01 < p < 0.05",
        "0.05 < p < 0.10",
        "p > 0.10",
        "pseudo 95% limits",
    ]


def test_funnel_of_few_studies_warns(tmp_path: Path) -> None:
    few, many = tmp_path / "few.svg", tmp_path / "many.svg"
    draw("funnel", answer(), few)
    twelve = [entry(f"Trial {n} (made up)", 0.9 + n / 50, 0.05 + n / 90) for n in range(12)]
    draw("funnel", answer(tuple(twelve)), many)
    warning = "With fewer than 10 studies a funnel plot cannot tell asymmetry from chance"
    assert warning in told(few)
    assert warning not in told(many)


def test_funnel_without_no_effect_has_no_zones() -> None:
    legend = axes_of("funnel", answer(measure="PLO")).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["pseudo 95% limits"]


def test_direction_has_words_beside_every_arrow(tmp_path: Path) -> None:
    path = tmp_path / "direction.svg"
    draw("direction", answer(), path)
    text = told(path)
    for words in ("favours intervention", "favours control", "no difference", "mixed", "unclear"):
        assert words in text
    for words in ("Pain", "Mood", "12 months", "from a test", "n = 82 in the arms · p < 0.02"):
        assert words in text


def test_baujat_has_the_points_of_the_engine() -> None:
    found = sensitivity(answer())
    assert found.baujat is not None
    axes = axes_of("baujat", found)
    for number, point in enumerate(found.baujat.points, 1):
        assert at(mark(axes, f"point-{number}")) == (point.heterogeneity, point.influence)


def test_leave_one_out_and_cumulative_have_the_estimates_of_the_engine() -> None:
    found = sensitivity(answer())
    assert found.leave_one_out is not None
    assert found.cumulative is not None
    for figure, estimates in (
        ("leave-one-out", [each.estimate for each in found.leave_one_out.studies]),
        ("cumulative", [each.estimate for each in found.cumulative.steps]),
    ):
        axes = axes_of(figure, found)
        for number, one in enumerate(estimates, 1):
            assert at(mark(axes, f"row-{number}"))[0] == pytest.approx(math.exp(one.estimate))
        assert len(diamonds(axes)) == 1


def test_multiverse_has_a_point_and_its_choices_for_each_specification(tmp_path: Path) -> None:
    found = subject("multiverse")
    curve = found.curves[0]
    axes = axes_of("multiverse", found)
    for number, one in enumerate(curve.specifications, 1):
        x, y = at(mark(axes, f"RR-{number}"))
        assert x == number - 1
        assert y == pytest.approx(math.exp(one.estimate.estimate))
    artists = drawn("multiverse", found).figure.artists
    dots = [each for each in artists if isinstance(each, Line2D) and each.get_marker() == "s"]
    assert sum(len(across(line)) for line in dots) == 2 * len(curve.specifications)
    draw("multiverse", found, tmp_path / "multiverse.svg")
    for words in ("Model", "random effects, DerSimonian-Laird", "Interval", "Hartung-Knapp"):
        assert words in told(tmp_path / "multiverse.svg")


def test_wide_interval_of_the_multiverse_is_cut_with_arrows() -> None:
    found = subject("multiverse")
    first, *others = found.multiverse.specifications
    wide = replace(first, estimate=replace(first.estimate, ci_low=-20.0, ci_high=20.0))
    widened = replace(found.multiverse, specifications=(wide, *others))
    axes = axes_of("multiverse", replace(found, multiverse=widened))
    low, high = axes.get_ylim()
    arrows = [(line.get_marker(), *at(line)) for line in axes.lines if len(down(line)) == 1]
    assert [each for each in arrows if each[0] in {"v", "^"}] == [("v", 0, low), ("^", 0, high)]


@pytest.mark.parametrize("name", ["figure.jpg", "figure", "figure.svgz"])
def test_other_forms_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(KbError, match=r"cannot be written as .* ends in \.svg, \.png, \.pdf"):
        draw("forest", answer(), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_unknown_figure_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(KbError, match=r"no figure 'pie'.*forest, funnel"):
        draw("pie", answer(), tmp_path / "pie.svg")


def test_missing_folder_and_a_folder_in_place_of_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KbError, match="There is no folder"):
        draw("forest", answer(), tmp_path / "nowhere" / "forest.svg")
    folder = tmp_path / "forest.svg"
    folder.mkdir()
    with pytest.raises(KbError, match="it is a folder"):
        draw("forest", answer(), folder)


def test_missing_matplotlib_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(KbError, match=r"pip install 'evidence-kb\[plots\]'"):
        draw("forest", answer(), tmp_path / "forest.svg")


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(KbError, match=r"no effects to draw.*--figure direction"):
        drawn("forest", answer(()))
    empty = answer(())
    bare = replace(empty, selection=replace(empty.selection, directions=()))
    with pytest.raises(KbError, match="no directions of effect"):
        drawn("direction", bare)
    with pytest.raises(KbError, match=r"no leave-one-out analysis to draw\. .+"):
        drawn("leave-one-out", sensitivity(empty))


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "forest.svg"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(KbError, match="no space left on device"):
        draw("forest", answer(), path)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.glob("*.*")] == ["forest.svg"]


def test_settings_of_the_user_change_nothing(tmp_path: Path) -> None:
    import matplotlib as mpl

    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw("forest", answer(), first)
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path"}):
        draw("forest", answer(), second)
        assert mpl.rcParams["font.size"] == 20
    assert first.read_bytes() == second.read_bytes()
