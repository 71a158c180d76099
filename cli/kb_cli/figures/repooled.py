"""Forest plots of pooled effects: each row is the result of some of the studies."""

from collections.abc import Sequence

from kb.pooling.sensitivities.sensitivity import Sensitivity
from kb.synthesis.effects import Effects
from kb.synthesis.words import p_value
from kb_cli.figures.drawing import Drawing
from kb_cli.figures.scale import Scale
from kb_cli.figures.table import Column, Diamond, Row, Square, Table, plotted
from kb_cli.figures.wording import effect_header, paragraph
from kb_cli.render.repooled import Repooled, interval_of, sides

_AREA = 0.4


def drawn_repooled(
    subject: Sensitivity,
    effects: Effects,
    rows: Sequence[Repooled],
    *,
    title: str,
    label: str = "Studies",
    before: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Drawing:
    """Draw pooled effects one below the other; `before` are headers of the cells before them."""
    found = (interval_of(effects, row.estimate) for row in rows)
    scale = Scale(effects, [interval for interval in found if interval])
    drawn = tuple(_row(row, effects, scale) for row in rows)
    whole = drawn[-1].mark
    table = Table(
        title=title,
        subtitle=subject.answer.command("sensitivity"),
        label=label,
        columns=(
            *(Column(header, "left") for header in before),
            Column(effect_header(effects.measure, subject.answer.options.level), "right"),
            Column("p", "right"),
            Column("I²", "right"),
        ),
        rows=drawn,
        axis=scale.axis,
        axis_name=scale.name,
        pooled=whole.interval.estimate if whole else None,
        favours=sides(subject.answer),
        notes=tuple(notes),
    )
    told = [f"{row.label}: {', '.join(row.cells[len(before) :])}" for row in drawn]
    return Drawing(plotted(table), title, paragraph([title, *told, *notes]))


def _row(row: Repooled, effects: Effects, scale: Scale) -> Row:
    interval, is_whole = interval_of(effects, row.estimate), row.is_whole
    spread = f"{row.heterogeneity.i2:.0f}%" if row.heterogeneity.q_df else "–"
    p = p_value(row.estimate.p).removeprefix("p").removeprefix(" = ").strip()
    cells = (*row.before, scale.text(interval), p, spread)
    if interval is None:
        return Row(row.label, cells)
    mark = Diamond(interval) if is_whole else Square(interval, _AREA)
    return Row(row.label, cells, mark, bold=is_whole, apart=is_whole)
