"""The funnel plot, with contours of significance.

Peters JL et al. Contour-enhanced meta-analysis funnel plots help distinguish publication bias from
other causes of asymmetry. J Clin Epidemiol 2008;61:991-996.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from matplotlib.axes import Axes

from kb.pooling.analysing.engine import readers_scale
from kb.pooling.answer import PooledAnswer
from kb.synthesis.distributions import central_quantile
from kb_cli.figures.drawing import INK, QUIET, SMALL, VERMILLION, Drawing
from kb_cli.figures.page import MARGIN, Page
from kb_cli.figures.scale import Scale, scaled, ticked
from kb_cli.figures.scatter import Point, draw_points
from kb_cli.figures.text import sentence
from kb_cli.figures.wording import paragraph, shown_of
from kb_cli.render.axis import Axis, Interval
from kb_cli.render.pool_forest import names_of
from kb_cli.render.pooled import Shown, model_sentence, size

_SIZE = (5.7, 4.1)
_FEW = 10
_NAMED = 15
_STEPS = 60
_LEVEL = 0.95
_ZONES = (
    (0.99, "#dcdcdc", "0.01 < p < 0.05"),
    (0.95, "#c0c0c0", "0.05 < p < 0.10"),
    (0.90, "#ffffff", "p > 0.10"),
)
"""How far zones of significance reach, the widest first, with their colours and meaning."""

_SIGNIFICANT = "#f1f1f1"
_FEW_STUDIES = (
    f"With fewer than {_FEW} studies a funnel plot cannot tell asymmetry from chance "
    "(Sterne 2011, BMJ 343:d4002)."
)


def drawn(answer: PooledAnswer) -> Drawing:
    """Draw the effects, across on the reader's scale, against their standard errors."""
    plot = _Funnel(shown_of(answer))
    return Drawing(plot.page().figure, plot.title, plot.description())


@dataclass(frozen=True)
class _Funnel:
    """The points of a funnel plot and what is drawn around them."""

    shown: Shown

    @property
    def title(self) -> str:
        return f"Funnel plot: {self.shown.name}, {size(self.shown.answer)}"

    @cached_property
    def points(self) -> list[Point]:
        """The effect on the reader's scale and the standard error of each study."""
        entries = self.shown.answer.entries
        back = readers_scale(self.shown.analysis.effects, *(entry.yi for entry in entries))
        named = zip(names_of(entries), back, entries, strict=True)
        return [Point(x, entry.vi**0.5, name) for name, x, entry in named if x is not None]

    @property
    def centre(self) -> float | None:
        """The pooled effect on the scale of analysis."""
        estimate = self.shown.analysis.result["estimate"]
        return float(estimate) if self.shown.is_pooled else None

    @cached_property
    def deepest(self) -> float:
        """The standard error at the bottom."""
        return 1.08 * max(point.y for point in self.points)

    @cached_property
    def apart(self) -> list[Point]:
        """The studies outside the pseudo limits."""
        if self.centre is None:
            return []
        limits = ((point, self._sides(self.centre, _LEVEL, point.y)) for point in self.points)
        return [point for point, (low, high) in limits if not low <= point.x <= high]

    def page(self) -> Page:
        """Return the plot drawn on its page."""
        page = Page(
            7.0, _SIZE[1] + 0.95, self.title, self.shown.answer.command(), list(self._notes())
        )
        axes = page.axes(MARGIN + 0.65, 0.0, *_SIZE)
        axis = self._axis()
        scaled(axes, axis)
        axes.set_ylim(self.deepest, 0.0)
        depths = Axis(0.0, self.deepest, 30).ticks()
        ticked(axes.yaxis, [(tick.value, tick.label) for tick in depths])
        axes.set_xlabel(sentence(self._scale.name))
        axes.set_ylabel("Standard error")
        self._draw_zones(axes)
        self._draw_limits(axes)
        axes.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.13),
            ncols=5,
            fontsize=SMALL,
            frameon=False,
            handlelength=1.6,
            columnspacing=1.2,
        )
        draw_points(axes, self.points, self._named(), _SIZE)
        return page

    @property
    def _scale(self) -> Scale:
        shown = [effect for effect in self.shown.effects if effect]
        return Scale(self.shown.analysis.effects, shown)

    def _axis(self) -> Axis:
        """Return the axis that holds all points and the funnel at its widest."""
        middle = self.centre if self.centre is not None else self.shown.analysis.measure.null
        ends = [point.x for point in self.points]
        if middle is not None:
            ends += self._sides(middle, _LEVEL, self.deepest)
        whole = Interval(min(ends), max(ends), self.points[0].x)
        return Scale(self.shown.analysis.effects, [whole]).axis

    def _sides(self, middle: float, level: float, se: float) -> tuple[float, float]:
        """Return what lies as far from the middle as a level allows, on the reader's scale."""
        reach = float(central_quantile(level)) * se
        low, high = readers_scale(self.shown.analysis.effects, middle - reach, middle + reach)
        assert low is not None
        assert high is not None
        return low, high

    def _funnel(self, middle: float, level: float) -> tuple[list[float], list[float], list[float]]:
        """Return the depths of a funnel and its sides there."""
        depths = [self.deepest * step / _STEPS for step in range(_STEPS + 1)]
        low, high = zip(*(self._sides(middle, level, depth) for depth in depths), strict=True)
        return depths, list(low), list(high)

    def _draw_zones(self, axes: Axes) -> None:
        null = self.shown.analysis.measure.null
        if null is None:
            return
        axes.patch.set_visible(True)
        axes.patch.set_facecolor(_SIGNIFICANT)
        axes.fill_between([], [], [], facecolor=_SIGNIFICANT, edgecolor=QUIET, label="p < 0.01")
        for level, colour, meaning in _ZONES:
            depths, low, high = self._funnel(null, level)
            axes.fill_betweenx(depths, low, high, facecolor=colour, edgecolor="none")
            axes.fill_between([], [], [], facecolor=colour, edgecolor=QUIET, label=meaning)
        assert self.shown.null is not None
        axes.axvline(self.shown.null, color=INK, linewidth=0.8, zorder=2)

    def _draw_limits(self, axes: Axes) -> None:
        pooled = self.shown.pooled
        if self.centre is None or pooled is None or pooled.estimate is None:
            return
        depths, low, high = self._funnel(self.centre, _LEVEL)
        label = f"pseudo {_LEVEL:.0%} limits"
        for side, name in ((low, label), (high, "_")):
            axes.plot(side, depths, "--", color=VERMILLION, linewidth=1.2, zorder=3, label=name)
        axes.axvline(pooled.estimate, color=VERMILLION, linewidth=1.0, zorder=2)

    def _named(self) -> list[Point]:
        return self.points if len(self.points) <= _NAMED else self.apart[:_NAMED]

    def _notes(self) -> Iterator[str]:
        if self.shown.is_pooled:
            yield f"The funnel stands around the pooled effect. {model_sentence(self.shown)}"
        if self.shown.analysis.measure.null is not None:
            yield "Shades: the p-value of an effect against no effect."
        if len(self.points) < _FEW:
            yield _FEW_STUDIES
        if len(self.points) > _NAMED:
            yield (
                "Only studies outside the pseudo limits are named."
                if self._named()
                else ("No study lies outside the pseudo limits, and none is named.")
            )

    def _naming(self) -> str:
        if not self.apart:
            return "No study lies outside the pseudo limits, and none is named."
        first = f"{_NAMED} of " if len(self.apart) > _NAMED else ""
        return f"Only {first}the studies outside the pseudo limits are named."

    def description(self) -> str:
        """Return what the figure shows in sentences."""
        told = [self.title, *self._notes()]
        if self.centre is not None:
            count = len(self.apart)
            told.append(f"{count} of {len(self.points)} lie outside the pseudo 95% limits")
        for point, effect in zip(self.points, self.shown.effects, strict=True):
            text = self._scale.text(effect)
            told.append(f"{point.name}: {text}, standard error {point.y:.3g}")
        return paragraph(told)
