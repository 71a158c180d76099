"""Forest plots of effects that were pooled again: without a study, up to a year, by a method."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kb.pooling.analysing.engine import readers_scale
from kb_cli.render.axis import Interval
from kb_cli.render.forest import Beside, Forest, Kind, Row
from kb_cli.render.pooled import interval

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer
    from kb.synthesis.effects import Effects
    from kb.synthesis.estimates import Estimate
    from kb.synthesis.heterogeneity import Heterogeneity

_SIDES = ("favours intervention", "favours control")


class Repooled(NamedTuple):
    """A pooled effect with its name; `before` are the cells between name and drawing."""

    label: str
    estimate: "Estimate"
    heterogeneity: "Heterogeneity"
    before: Sequence[str] = ()
    is_whole: bool = False


def forest_of(
    answer: "PooledAnswer",
    effects: "Effects",
    rows: Sequence[Repooled],
    *,
    title: str,
    before: Sequence[str] = (),
) -> Forest:
    """Return the forest plot of pooled effects on the reader's scale, with the I² of each.

    `title` is the header of the names, `before` those of the cells that follow.
    """
    columns = [
        Beside(header, [row.before[place] for row in rows]) for place, header in enumerate(before)
    ]
    i2 = Beside("I²", [_i2(row.heterogeneity) for row in rows], after=True)
    return Forest(
        rows=[
            Row(
                row.label,
                interval_of(effects, row.estimate),
                Kind.POOLED if row.is_whole else Kind.STUDY,
                size=0.5,
            )
            for row in rows
        ],
        effect=effect_header(answer, effects),
        null=readers_scale(effects, effects.measure.null)[0],
        logarithmic=effects.measure.is_ratio,
        beside=[*columns, i2],
        favours=sides(answer),
        title=title,
    )


def _i2(found: "Heterogeneity") -> str:
    """Return I², which a single study does not have."""
    return f"{found.i2:.0f}%" if found.q_df else ""


def interval_of(effects: "Effects", estimate: "Estimate") -> Interval | None:
    """Return an estimate with its limits on the reader's scale."""
    ends = (estimate.estimate, estimate.ci_low, estimate.ci_high)
    return interval(*readers_scale(effects, *ends))


def effect_header(answer: "PooledAnswer", effects: "Effects") -> str:
    """Return the header of effects with their intervals."""
    code = effects.measure.code
    return f"{'Effect' if code == 'GEN' else code} [{answer.options.level:g}% CI]"


def sides(answer: "PooledAnswer") -> tuple[str, str]:
    """Return what lies below and above no effect favours, "" where that is not known."""
    match answer.selection.favours.partition(" ")[0]:
        case "below":
            return _SIDES
        case "above":
            return _SIDES[1], _SIDES[0]
    return "", ""
