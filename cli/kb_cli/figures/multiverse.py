"""The specification curve: the pooled effect by every defensible choice, and the choices below it.

Simonsohn U, Simmons JP, Nelson LD. Specification curve analysis. Nat Hum Behav 2020;4:1208-1214.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from matplotlib.axes import Axes

from kb.errors import KbError
from kb.pooling.multiverses.curves import Curve, excludes_null
from kb.pooling.multiverses.multiverse import MultiverseAnswer
from kb.pooling.options import method_in_words
from kb.synthesis.options import TESTS
from kb.synthesis.sensitivity.multiverse import Specification
from kb_cli.figures.drawing import BLUE, INK, QUIET, RULE, SIZE, SMALL, Drawing
from kb_cli.figures.page import LINE, MARGIN, Page
from kb_cli.figures.scale import Scale, raised, ticked
from kb_cli.figures.text import sentence, wrapped
from kb_cli.figures.wording import paragraph
from kb_cli.render.axis import Axis, Interval
from kb_cli.render.parts import counted
from kb_cli.render.repooled import interval_of

_LABEL = 3.1
_TICKS = 0.45
_CURVE = (5.4, 2.3)
_ROW = LINE + 0.01
_GAP = 0.3
_INDENT = 0.12
_LIGHT = "#e4e4e4"


def drawn(found: MultiverseAnswer) -> Drawing:
    """Draw a curve for each measure, one below the other."""
    if not found.curves:
        raise KbError("No choice gives a pooled effect, so there is no curve to draw.")
    plots = [_Plot(found, curve) for curve in found.curves]
    count = counted(len(found.multiverse.specifications), "specification")
    title = f"The pooled effect by every defensible choice: {count}"
    body = sum(plot.height + _GAP for plot in plots)
    page = Page(
        2 * MARGIN + _LABEL + _TICKS + _CURVE[0],
        body,
        title,
        found.command,
        found.notes,
    )
    y = 0.0
    for plot in plots:
        plot.draw(page, y)
        y += plot.height + _GAP
    told = [text for plot in plots for text in plot.told()]
    return Drawing(page.figure, title, paragraph([title, *told, *found.notes]))


@dataclass(frozen=True)
class _Line:
    """A row below the curve: a choice, or one of its decisions and the places that have it."""

    text: str
    places: frozenset[int] | None = None

    @property
    def lines(self) -> list[str]:
        """The text as it fits beside the drawing."""
        is_choice = self.places is None
        text = sentence(self.text) if is_choice else self.text
        return wrapped(text, _LABEL - _INDENT, SMALL, bold=is_choice)


@dataclass(frozen=True)
class _Plot:
    """The curve of one measure and the decisions behind each of its specifications."""

    found: MultiverseAnswer
    curve: Curve

    @cached_property
    def intervals(self) -> list[Interval]:
        """The results on the reader's scale, in the order of the specifications."""
        found = (interval_of(self.curve.effects, one.estimate) for one in self._ones)
        return [interval for interval in found if interval and interval.estimate is not None]

    @cached_property
    def lines(self) -> list[_Line]:
        """The choices that differ between specifications, with their decisions."""
        places: dict[tuple[str, str], set[int]] = {}
        for place, one in enumerate(self._ones):
            for decided in self._decisions(one):
                for item in decided.items():
                    places.setdefault(item, set()).add(place)
        order = list(dict.fromkeys(name for name, _ in places))
        ordered = sorted(places, key=lambda item: order.index(item[0]))
        lines: list[_Line] = []
        for name, items in groupby(ordered, key=lambda item: item[0]):
            decisions = [_Line(item[1], frozenset(places[item])) for item in items]
            if len(decisions) > 1:
                lines += [_Line(name), *decisions]
        return lines

    @property
    def height(self) -> float:
        """The height of everything, in inches."""
        return 3 * LINE + _CURVE[1] + 0.1 + _ROW * sum(len(line.lines) for line in self.lines)

    @property
    def _ones(self) -> Sequence[Specification]:
        return self.curve.specifications

    def _decisions(self, one: Specification) -> Iterator[Mapping[str, str]]:
        """Yield what was decided, by each of the ways that lead to the same effects."""
        pooled = {"model": method_in_words(one.method), "interval": TESTS[one.test]}
        for chosen in self.found.chosen:
            if (chosen.measure, chosen.name) == (one.measure, one.rule):
                yield from ({**pooled, **way.decisions} for way in chosen.ways)

    def draw(self, page: Page, y: float) -> None:
        """Draw the curve with its choices, from y down."""
        scale = Scale(self.curve.effects, self.intervals)
        heading = f"{sentence(scale.name)}, {counted(len(self._ones), 'specification')}"
        page.write(MARGIN, y, heading, SIZE, weight="bold")
        y += 1.5 * LINE
        x = MARGIN + _LABEL + _TICKS
        axes = page.axes(x, y, *_CURVE)
        axes.set_xlim(-0.7, len(self._ones) - 0.3)
        ticked(axes.xaxis, [])
        axes.spines["bottom"].set_visible(False)
        self._draw_curve(axes, scale.axis)
        self._draw_key(page, y)
        y += _CURVE[1] + 0.1
        self._draw_choices(page, x, y)

    def _draw_curve(self, axes: Axes, axis: Axis) -> None:
        raised(axes, axis)
        if axis.null is not None:
            axes.axhline(axis.null, color=INK, linewidth=0.9, zorder=1, gid="no-effect")
        size = min(5.0, max(1.2, 40 * _CURVE[0] / len(self._ones)))
        for place, (one, interval) in enumerate(zip(self._ones, self.intervals, strict=True)):
            excludes = excludes_null(self.curve.measure, one) is not False
            colour = BLUE if excludes else QUIET
            ends = max(interval.low, axis.low), min(interval.high, axis.high)
            axes.plot([place, place], ends, color=colour, linewidth=size / 4)
            for end, marker in ((interval.low, "v"), (interval.high, "^")):
                if not axis.holds(end):
                    cut = axis.low if marker == "v" else axis.high
                    axes.plot([place], [cut], marker, color=colour, markersize=size, clip_on=False)
            axes.plot(
                [place],
                [interval.estimate or 0.0],
                marker="o",
                markersize=size,
                color=colour,
                markerfacecolor=colour if excludes else "white",
                gid=f"{self.curve.measure.code}-{place + 1}",
            )

    def _draw_key(self, page: Page, y: float) -> None:
        """Say beside the curve what its marks mean."""
        if self.curve.excluding is None:
            return
        null = f"{self.curve.back(self.curve.measure.null)[0]:g}"
        y += _CURVE[1] / 2 - LINE
        for text, colour, inside in (
            (f"interval excludes {null}", BLUE, BLUE),
            (f"interval holds {null}", QUIET, "white"),
        ):
            page.mark(
                [MARGIN + 0.06],
                [y + LINE / 2],
                marker="o",
                color=colour,
                markerfacecolor=inside,
                markersize=5,
            )
            page.write(MARGIN + 0.2, y, text, SMALL)
            y += 1.2 * LINE

    def _draw_choices(self, page: Page, x: float, y: float) -> None:
        count = len(self._ones)
        for line in self.lines:
            weight, indent = ("bold", 0.0) if line.places is None else ("normal", _INDENT)
            for number, text in enumerate(line.lines):
                page.write(MARGIN + indent, y + number * _ROW, text, SMALL, weight=weight)
            if line.places is not None:
                middle = y + LINE / 2
                page.mark([x, x + _CURVE[0]], [middle, middle], color=_LIGHT, linewidth=0.8)
                across = [x + (place + 0.7) / (count + 0.4) * _CURVE[0] for place in line.places]
                size = min(4.5, max(1.0, 40 * _CURVE[0] / count))
                page.mark(
                    sorted(across),
                    [middle] * len(across),
                    marker="s",
                    linestyle="none",
                    markersize=size,
                    color=INK,
                    markeredgewidth=0,
                )
            y += _ROW * len(line.lines)
        page.mark([x, x + _CURVE[0]], [y + 0.05, y + 0.05], color=RULE, linewidth=0.8)

    def told(self) -> Iterator[str]:
        """Yield sentences on the curve."""
        scale = Scale(self.curve.effects, self.intervals)
        low, high = self.intervals[0], self.intervals[-1]
        count = len(self._ones)
        name = self.curve.measure.reported
        yield f"{sentence(name)}: {count} estimates from {scale.text(low)} to {scale.text(high)}"
        if self.curve.excluding is not None:
            null = f"{self.curve.back(self.curve.measure.null)[0]:g}"
            yield f"The interval excludes {null} in {self.curve.excluding} of {count}"
        most = self.curve.decisive
        yield (
            f"The choice that matters most is {most.name}"
            if most
            else ("No choice moves the median estimate")
        )
