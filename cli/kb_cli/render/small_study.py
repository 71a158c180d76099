"""Draw the funnel, and what is to be said of small-study effects."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pooling.analysing.engine import readers_scale
from kb.synthesis.distributions import central_quantile
from kb.synthesis.estimates import Estimate
from kb.synthesis.words import p_value
from kb_cli.render.effects import Digits
from kb_cli.render.parts import counted, grid, heading, notes
from kb_cli.render.repooled import interval_of
from kb_cli.render.scatter import Point, Scatter

if TYPE_CHECKING:
    from kb.pooling.sensitivities.sensitivity import Sensitivity
    from kb.pooling.sensitivities.small_study import SmallStudy
    from kb.synthesis.effects import Effects
    from kb.synthesis.small_study.trim_and_fill import TrimAndFill


def drawn_small_study(
    found: "Sensitivity", effects: "Effects", part: "SmallStudy"
) -> list[RenderableType]:
    """Return the funnel and the tests of its asymmetry."""
    rows = [(Text(name), Text(result)) for name, result in _results(effects, part)]
    tests: list[RenderableType] = [Text(), grid([Column(no_wrap=True), Column()], rows)]
    return [
        Text(),
        heading("Small-study effects", "whether small studies show other effects than large ones"),
        *([funnel(found, effects)] if found.leave_one_out else []),
        *(tests if rows else []),
        *notes(part.notes),
    ]


def funnel(found: "Sensitivity", effects: "Effects") -> Scatter:
    """Return the funnel plot, with the pooled effect and the sides of a pseudo 95% region.

    The region is that of studies of one true effect, the pooled one: it holds 95% of them where
    effects do not differ.
    """
    assert found.leave_one_out is not None
    centre = found.leave_one_out.whole.estimate.estimate
    reach = float(central_quantile(0.95))

    def guide(sign: float, se: float) -> float:
        return _shown(effects, centre + sign * reach * se)

    points = [
        Point(label, _shown(effects, yi), se, f"({_shown(effects, yi):.2f}, {se:.2f})")
        for label, yi, se in zip(
            effects.labels, effects.yi.tolist(), effects.sei.tolist(), strict=True
        )
    ]
    return Scatter(
        points,
        x_name=effects.measure.reported,
        y_name="standard error",
        logarithmic=effects.measure.is_ratio,
        guides=[partial(guide, sign) for sign in (-1.0, 0.0, 1.0)],
        falling=True,
    )


def _shown(effects: "Effects", value: float) -> float:
    back = readers_scale(effects, value)[0]
    return float("nan") if back is None else back


def _results(effects: "Effects", part: "SmallStudy") -> list[tuple[str, str]]:
    rows = []
    if part.egger:
        slope = part.egger.slope
        rows.append(("Egger's test", f"slope {slope.estimate:.2f}, {p_value(slope.p)}"))
    if part.begg and part.begg.tau is not None and part.begg.p is not None:
        told = f"Kendall's tau {part.begg.tau:.2f}, {p_value(part.begg.p)}"
        rows.append(("Begg's test", told))
    if part.trim_and_fill:
        rows.append(("Trim and fill", _filled(effects, part.trim_and_fill)))
    if part.pet_peese:
        chosen = part.pet_peese
        told = f"{chosen.chosen}: {effects.measure.reported} {_effect(effects, chosen.estimate)}"
        rows.append(("PET-PEESE", told))
    return rows


def _filled(effects: "Effects", found: "TrimAndFill") -> str:
    if not found.k0:
        return "no study missing"
    missing = f"{counted(found.k0, 'study')} missing on the {found.side}; filled in, the"
    return f"{missing} {effects.measure.reported} is {_effect(effects, found.adjusted.estimate)}"


def _effect(effects: "Effects", estimate: Estimate) -> str:
    shown = interval_of(effects, estimate)
    if shown is None or shown.estimate is None:
        return "beyond what can be shown"
    digits = Digits.of([shown], readers_scale(effects, effects.measure.null)[0])
    span = f"{digits.limit(shown.low)} to {digits.limit(shown.high)}"
    return f"{digits.number(shown.estimate)} ({100 * estimate.level:g}% CI {span})"
