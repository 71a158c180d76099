"""Tables with the column names of metafor's `escalc`: one row per study, or per comparison.

Counts (ai, bi, ci, di, n1i, n2i) and means (m1i, sd1i, n1i, m2i, sd2i, n2i) become results of the
arms; yi with vi or sei becomes a contrast only where a row has neither, of n1i + n2i participants,
and is otherwise a stated size, to be compared with what the data give.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import exp, sqrt

from kb.exchange.comparisons import ARMS
from kb.exchange.comparisons.effects import Effect, inputs_of
from kb.exchange.comparisons.measurements import BETTER, in_months
from kb.exchange.comparisons.readings import reading_of
from kb.exchange.comparisons.studies import Frame
from kb.exchange.drafts import DerivationDraft, Fate, Note, Reading, StatedSize
from kb.exchange.files import FileProblem, ForeignFile, quoted
from kb.exchange.own_exports import without_own_rows
from kb.exchange.tabular.columns import Columns, Lines, constants
from kb.exchange.tabular.reading import read_table
from kb.exchange.tabular.spool import Line, Spool

COLUMNS = Columns(
    texts={
        "slab": ("slab",),
        "author": ("author", "authors"),
        "name": ("study", "studlab", "trial"),
        "condition_arm1": ("arm1", "intervention", "treatment", "approach"),
        "condition_arm2": ("arm2", "comparator", "control"),
        "outcome": ("outcome",),
        "instrument": ("instrument",),
        "time": ("time",),
        "measure": ("measure",),
        "country": ("country",),
        "reference": ("reference", "full_ref"),
    },
    numbers={
        name: (name,)
        for name in (
            *("ai", "bi", "n1i", "ci", "di", "n2i"),
            *("m1i", "sd1i", "m2i", "sd2i"),
            *("yi", "vi", "sei", "year", "time_weeks", "months"),
        )
    },
    wholes=frozenset(("ai", "bi", "ci", "di", "n1i", "n2i", "year")),
    constants=frozenset(
        (
            *("approach", "better", "cancer", "comparator", "country", "design"),
            *("instrument", "measure", "outcome", "sheet", "time"),
        )
    ),
    quiet=frozenset(("reference", "country")),
)

_STANDING_FOR = {"approach": "condition_arm1", "comparator": "condition_arm2"}
_RATIOS = {"OR": "OR", "PETO": "OR", "RR": "RR", "HR": "HR"}
_DIFFERENCES = {"RD": "RD", "MD": "MD", "SMD": "SMD", "SMDH": "SMD"}
MEASURES = (*_RATIOS, *_DIFFERENCES)

_COUNTS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
_MEANS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
_DATA = (
    (_COUNTS, ("ai", "n1i", "ci", "n2i"), {"OR", "PETO", "RR", "RD"}),
    (_MEANS, ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), {"MD", "SMD", "SMDH"}),
)
"""Complete data of both arms: our names, metafor's, and the measures that they give."""

_NEAR_IN_MONTHS = 0.5
_LARGEST_LOG = 700.0
"""Logarithms beyond it are those of no number that can be held."""


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return what a table with metafor's columns says.

    `given` holds constants for columns that it lacks: `outcome`, `approach` and `comparator` for
    the arms, and `measure` for what yi is, such as SMD; ratios are expected as logarithms.
    """
    given = constants(given)
    sheet = without_own_rows(read_table(file, given.get("sheet")))
    lines = Lines(sheet, COLUMNS, given)
    _refuse_unfit(lines)
    survey = _Survey(lines)
    for line in lines:
        survey.add(line)
    frame = Frame(given, effect=_effect, why_not=_why_not)
    notes = [*survey.notes, *lines.notes, *lines.ignored(), *survey.on_effects()]
    return reading_of(sheet, survey.spool, frame, _sizes_of, notes)


def _sizes_of(study: str, line: Line) -> Iterator[StatedSize]:
    measure, yi = line.texts.get("measure"), line.numbers.get("yi")
    for ours, theirs, measures in _DATA:
        if yi is not None and measure in measures and line.numbers.keys() >= set(ours):
            data = dict(zip(theirs, (line.numbers[name] for name in ours), strict=True))
            yield StatedSize(line.row, study, measure, data, yi, _error(line))


def _refuse_unfit(lines: Lines) -> None:
    """Raise `FileProblem` for a table without effects, and for constants that it needs."""
    name, names = lines.sheet.name, lines.names
    has_data = names >= {"ai", "ci"} or names >= {"m1i", "m2i"}
    if not has_data and "yi" not in names:
        raise FileProblem(
            f"{name} has none of metafor's columns from which an effect is had.",
            "They are yi and vi (or sei); ai, n1i, ci and n2i; m1i, sd1i, n1i, m2i, sd2i and n2i."
            + lines.sheet.nameless,
        )
    if not names & {"slab", "author", "name"}:
        raise FileProblem(
            f"{name} does not name its studies.",
            f"Name them in a column slab, author or study.{lines.sheet.nameless}",
        )
    for constant, column in _STANDING_FOR.items():
        if constant in lines.given and column in names:
            raise FileProblem(
                f"{name} has a column {quoted(lines.column(column))}, so {constant} cannot be set.",
                f"Leave out --set {constant}=..., or take the column out of the file.",
            )
    said = {*names, *lines.given, *(_STANDING_FOR.get(each, "") for each in lines.given)}
    needed = {"outcome": "outcome", **{column: name for name, column in _STANDING_FOR.items()}}
    if not has_data:
        needed["measure"] = "measure"
    lacking = [constant for column, constant in needed.items() if column not in said]
    if lacking:
        raise FileProblem(
            f"{name} does not say {', '.join(lacking)}.",
            f"Say it: {' '.join(f'--set {each}=...' for each in lacking)}.",
        )
    if lines.given.get("better", "lower") not in BETTER:
        raise FileProblem(
            f"better cannot be '{lines.given['better']}'.", f"Set it to {' or '.join(BETTER)}."
        )
    if lines.given.get("measure", "SMD").upper() not in MEASURES:
        raise FileProblem(
            f"measure cannot be '{lines.given['measure']}'.", f"Set it to {_listed(MEASURES)}."
        )


@dataclass
class _Survey:
    """Goes through the rows once, gives them our names, and puts them aside."""

    lines: Lines
    spool: Spool = field(default_factory=Spool)
    notes: list[Note] = field(default_factory=list)
    _called: dict[str, str] = field(default_factory=dict)
    _not_compared: int = 0

    def add(self, line: Line) -> None:
        """Take in a row."""
        label = self._label(line)
        if label is None:
            self.notes.append(
                Note(line.row, "", Fate.REFUSED, "no study", "It does not name its study.")
            )
            return
        self._settle(line)
        self.spool.add(label, line)
        if _has_data(line) and "yi" in line.numbers and not any(_sizes_of(label, line)):
            self._not_compared += 1

    def on_effects(self) -> Iterator[Note]:
        """Yield a note on effects that stand beside data and cannot be compared with them."""
        if self._not_compared:
            message = (
                f"In {self._not_compared} rows it stands beside the data, which are stored, and is "
                "not compared with them: nothing says of which measure it is."
            )
            yield Note(0, self.lines.column("yi"), Fate.IGNORED, "not compared", message)

    def _label(self, line: Line) -> str | None:
        """Return the name of a row's study, with its number where another has the same."""
        texts, year = line.texts, line.count("year")
        author, name = texts.get("author"), texts.get("name")
        dated = f"{author} {year}" if author and year else author
        label = texts.get("slab") or (dated if name is None or name.isdigit() else name) or name
        if label is None or name is None:
            return label
        first = self._called.setdefault(label, name)
        return label if first == name else f"{label} ({name})"

    def _settle(self, line: Line) -> None:
        """Give what a row says our names."""
        for name, ours in _STANDING_FOR.items():
            if name in self.lines.given:
                line.texts[ours] = self.lines.given[name]
        if "comparator" in self.lines.given:
            line.texts["role_arm2"] = "control"
        if "better" in self.lines.given:
            line.texts["better"] = self.lines.given["better"]
        if "measure" in line.texts:
            line.texts["measure"] = line.texts["measure"].upper()
        for arm, event, rest in zip(ARMS, ("ai", "ci"), ("bi", "di"), strict=True):
            self._settle_arm(line, arm, event, rest)
        self._check_time(line)

    def _settle_arm(self, line: Line, arm: int, event: str, rest: str) -> None:
        numbers = line.numbers
        size, events, others = (numbers.get(name) for name in (f"n{arm}i", event, rest))
        if events is not None:
            numbers[f"event_arm{arm}"] = events
            total = None if others is None else events + others
            if size is not None and total is not None and size != total:
                message = f"It is {size:.10g}, and {event} + {rest} are {total:.10g}."
                self.notes.append(Note(line.row, f"n{arm}i", Fate.WARNED, "sizes differ", message))
            if (n := total if size is None else size) is not None:
                numbers[f"totaln_arm{arm}"] = n
        if f"m{arm}i" in numbers:
            numbers[f"mean_arm{arm}"] = numbers[f"m{arm}i"]
            if f"sd{arm}i" in numbers:
                numbers[f"sd_arm{arm}"] = numbers[f"sd{arm}i"]
        if size is not None and (f"m{arm}i" in numbers or ("yi" in numbers and events is None)):
            numbers[f"n_arm{arm}"] = size

    def _check_time(self, line: Line) -> None:
        weeks, months = (line.numbers.get(name) for name in ("time_weeks", "months"))
        if weeks is None or months is None or abs(in_months(weeks) - months) <= _NEAR_IN_MONTHS:
            return
        message = f"It is {months:.10g}, and {weeks:.10g} weeks are {in_months(weeks):.10g}."
        self.notes.append(Note(line.row, "months", Fate.WARNED, "times differ", message))


def _has_data(line: Line) -> bool:
    return any(line.numbers.keys() >= set(ours) for ours, _, _ in _DATA)


def _effect(line: Line) -> Effect | None:
    """Return the effect of a row that has no data to compute it from."""
    yi, measure = line.numbers.get("yi"), line.texts.get("measure", "")
    if yi is None or _has_data(line):
        return None
    inputs = inputs_of(line, "yi", "vi", "sei")
    if statistic := _DIFFERENCES.get(measure):
        formula = f"yi as the file gives it, measure {measure}"
        return Effect(statistic, yi, _error(line), DerivationDraft(formula, inputs))
    if (statistic := _RATIOS.get(measure)) and abs(yi) < _LARGEST_LOG:
        formula = f"exp(yi) as the file gives it, measure {measure}; the standard error is of yi"
        return Effect(statistic, exp(yi), _error(line), DerivationDraft(formula, inputs))
    return None


def _why_not(line: Line) -> tuple[str, str] | None:
    """Return why a row is refused that has an effect of which nothing says what it is."""
    if "yi" not in line.numbers or _has_data(line) or _effect(line):
        return None
    measure = line.texts.get("measure")
    said = f"{measure} is none of" if measure else "nothing says which it is of"
    return "measure unknown", f"It gives yi, and {said} {_listed(MEASURES)}."


def _error(line: Line) -> float | None:
    """Return the standard error of yi."""
    vi, sei = line.numbers.get("vi"), line.numbers.get("sei")
    if sei is not None:
        return sei
    return None if vi is None or vi < 0 else sqrt(vi)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)
