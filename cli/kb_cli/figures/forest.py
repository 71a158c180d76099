"""The forest plot: every study's effect, and the pooled effect where there is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase

from kb.pooling.analysing.subgroups import SubgroupRow
from kb.pooling.answer import PooledAnswer
from kb.synthesis.words import p_value
from kb_cli.figures.drawing import Drawing
from kb_cli.figures.scale import Scale
from kb_cli.figures.table import Band, Column, Diamond, Row, Square, Table, plotted
from kb_cli.figures.text import sentence
from kb_cli.figures.wording import effect_header, paragraph, shown_of
from kb_cli.render.axis import Interval
from kb_cli.render.parts import counted, joined
from kb_cli.render.pool_forest import names_of
from kb_cli.render.pooled import Shown, heterogeneity_sentence, interval, model_sentence, size
from kb_cli.render.repooled import sides

_INDENT = 0.14
_SIGNS = {
    "low": "+",
    "unclear": "?",
    "some": "?",
    "moderate": "?",
    "no": "?",
    "high": "−",
    "serious": "−",
    "critical": "−",
}
"""Signs of risk of bias by the first word of a judgement of RoB 1, RoB 2 or ROBINS-I."""

_OTHER = "•"


def drawn(answer: PooledAnswer) -> Drawing:
    """Draw the effects on the reader's scale; without a diamond where they are not pooled."""
    plot = _Plot(shown_of(answer))
    table = plot.table()
    return Drawing(plotted(table), table.title, plot.description(table))


@dataclass(frozen=True)
class _Plot:
    """The rows and the words of a forest plot."""

    shown: Shown

    @property
    def answer(self) -> PooledAnswer:
        return self.shown.answer

    @property
    def is_pooled(self) -> bool:
        return self.shown.is_pooled

    @cached_property
    def subgroups(self) -> tuple[SubgroupRow, ...]:
        return self.shown.analysis.subgroups if self.is_pooled else ()

    @cached_property
    def scale(self) -> Scale:
        whole = (self.shown.pooled, self.shown.prediction) if self.is_pooled else ()
        parts = (interval(*subgroup.back) for subgroup in self.subgroups)
        found = (*self.shown.effects, *whole, *parts)
        return Scale(self.shown.analysis.effects, [each for each in found if each])

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains of risk of bias that any study was judged on."""
        return tuple(dict.fromkeys(d for entry in self.answer.entries for d, _ in entry.bias))

    def table(self) -> Table:
        """Return what is drawn."""
        pooled = self.shown.pooled if self.is_pooled else None
        return Table(
            title=f"{sentence(self.shown.name)}, {size(self.answer)}",
            subtitle=self.answer.command(),
            label="Study",
            columns=self._columns(),
            rows=tuple(self._rows()),
            axis=self.scale.axis,
            axis_name=self.scale.name,
            pooled=pooled.estimate if pooled else None,
            favours=sides(self.answer),
            domains=tuple(ascii_uppercase[: len(self.domains)]),
            notes=tuple(self._notes()),
        )

    def _columns(self) -> tuple[Column, ...]:
        arms = ("Group 1", "Group 2") if self.answer.file else ("Intervention", "Control")
        bare = not any(entry.shown for entry in self.answer.entries)
        sizes = tuple(f"{arm}\nn" if bare else "n" for arm in arms)
        level = self.answer.options.level
        return (
            Column(arms[0], "left"),
            Column(sizes[0], "left"),
            Column(arms[1], "left"),
            Column(sizes[1], "left"),
            Column(effect_header(self.shown.analysis.measure, level), "right"),
            Column("Weight", "right"),
        )

    def _rows(self) -> Iterator[Row]:
        for subgroup in self.subgroups:
            yield Row(subgroup.level, bold=True, apart=True)
            yield from (self._study(i, indent=_INDENT) for i in subgroup.members)
            yield self._subgroup(subgroup)
        members = {i for subgroup in self.subgroups for i in subgroup.members}
        others = [i for i in range(len(self.answer.entries)) if i not in members]
        if self.subgroups and others:
            yield Row("In no subgroup", bold=True, apart=True)
        indent = _INDENT if self.subgroups else 0.0
        yield from (self._study(i, indent=indent) for i in others)
        if self.is_pooled and self.shown.pooled:
            yield from self._whole(self.shown.pooled, self.shown.prediction)

    def _whole(self, pooled: Interval, prediction: Interval | None) -> Iterator[Row]:
        treated, control = map(self._participants, (0, 1))
        cells = ("", treated, "", control, self.scale.text(pooled), "")
        yield Row("Pooled effect", cells, Diamond(pooled), bold=True, apart=True)
        if prediction:
            cells = ("", "", "", "", self.scale.text(prediction), "")
            yield Row(f"{self.shown.level} prediction interval", cells, Band(prediction))

    def _participants(self, arm: int) -> str:
        """Return how many an arm has in all studies, "" where that is not known."""
        sizes = [entry.n[arm] for entry in self.answer.entries]
        known = [n for n in sizes if n is not None]
        is_whole = len(known) == len(sizes) == self.answer.selection.trials
        return f"{sum(known):,}" if is_whole else ""

    def _study(self, i: int, *, indent: float) -> Row:
        entry, effect = self.answer.entries[i], self.shown.effects[i]
        arms = entry.shown or ("", "")
        weight = self.shown.analysis.weights[i] if self.is_pooled else None
        cells = (
            arms[0],
            _written(entry.n[0]),
            arms[1],
            _written(entry.n[1]),
            self.scale.text(effect),
            "" if weight is None else f"{weight:.1f}%",
        )
        judged = dict(entry.bias)
        signs = tuple(_sign(judged.get(domain, "")) for domain in self.domains)
        square = Square(effect, self._areas[i]) if effect else None
        return Row(self._names[i], cells, square, signs, indent=indent)

    @cached_property
    def _names(self) -> list[str]:
        return names_of(self.answer.entries)

    @cached_property
    def _areas(self) -> list[float]:
        """The areas of the squares: by weight, or by precision where there are no weights."""
        weights = self.shown.analysis.weights if self.is_pooled else ()
        given = [weight or 0.0 for weight in weights]
        if not any(given):
            given = [1 / entry.vi for entry in self.answer.entries]
        return [value / max(given) for value in given]

    def _subgroup(self, subgroup: SubgroupRow) -> Row:
        found = interval(*subgroup.back)
        told = [counted(subgroup.k, "study")]
        if subgroup.k > 1 and subgroup.i2 is not None:
            told.append(f"I² = {subgroup.i2:.0f}%")
        label = f"{'Pooled' if subgroup.k > 1 else 'Alone'}: {', '.join(told)}"
        cells = ("", "", "", "", self.scale.text(found) or "not pooled", "")
        mark = Diamond(found) if found else None
        return Row(label, cells, mark, bold=True, indent=_INDENT)

    def _notes(self) -> Iterator[str]:
        if self.is_pooled:
            yield model_sentence(self.shown)
            yield paragraph([heterogeneity_sentence(self.shown), self._between()])
        else:
            yield paragraph(["Not pooled", *self.answer.verdict.reasons])
        yield self._legend()
        if self.is_pooled:
            yield paragraph(self.answer.selection.cautions)

    def _between(self) -> str:
        test = self.shown.analysis.subgroup_test
        if test is None or test.statistic is None or test.p is None:
            return ""
        told = f"Q = {test.statistic:.2f} on {test.df1} df, {p_value(test.p)}"
        return f"Test of subgroup differences: {told}"

    def _legend(self) -> str:
        """Say what letters and signs of risk of bias mean, in the words of the judgements."""
        if not self.domains:
            return ""
        letters = ", ".join(f"{ascii_uppercase[i]} {name}" for i, name in enumerate(self.domains))
        words: dict[str, dict[str, None]] = {}
        for entry in self.answer.entries:
            for _, judgement in entry.bias:
                words.setdefault(_sign(judgement), {})[judgement] = None
        signs = "; ".join(f"{sign} {', '.join(told)}" for sign, told in words.items())
        return f"Risk of bias: {letters}. {signs}."

    def description(self, table: Table) -> str:
        """Return what the figure shows in sentences."""
        told = [f"Forest plot. {table.title}; effects with {self.shown.level} intervals"]
        if self.is_pooled:
            told += [
                f"Pooled effect {self.scale.text(self.shown.pooled)}",
                model_sentence(self.shown),
            ]
            if self.shown.prediction:
                told.append(f"Prediction interval {self.scale.text(self.shown.prediction)}")
            told.append(heterogeneity_sentence(self.shown))
        else:
            told.append("There is no pooled effect")
        told.append(sentence(self.answer.selection.favours))
        for row in table.rows:
            if isinstance(row.mark, Square):
                weight = row.cells[5] and f"weight {row.cells[5]}"
                told.append(f"{row.label}: {joined([row.cells[4], weight], ', ')}")
        return paragraph(told)


def _sign(judgement: str) -> str:
    words = judgement.lower().split()
    return _SIGNS.get(words[0].strip(",;:"), _OTHER) if words else ""


def _written(n: int | None) -> str:
    return "" if n is None else f"{n:,}"
