"""Metapsy databases, whatever columns of their own they have.

One row is a comparison of two arms in an outcome at a time. Means and events become results of the
arms; an effect size becomes a contrast only where a row has no data to compute it from, and is
otherwise a stated size, to be compared with what the data give.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kb.exchange.comparisons.arms import DELIVERIES
from kb.exchange.comparisons.measurements import BETTER
from kb.exchange.comparisons.readings import reading_of
from kb.exchange.comparisons.studies import NO_COUNTRY, Frame
from kb.exchange.drafts import Fate, Note, Reading
from kb.exchange.files import FileProblem, ForeignFile
from kb.exchange.metapsy.columns import COLUMNS, NEEDED, ROB_DOMAINS, ROB_OVERALL, SIGNS
from kb.exchange.metapsy.effects import (
    Signs,
    converted_log_odds_ratio,
    effect_without_data,
    has_changes,
    has_scores,
    is_of_events,
    lacks_sign,
    outcome_of,
    sizes_of,
    unused,
    with_exact_correction,
)
from kb.exchange.own_exports import without_own_rows
from kb.exchange.tabular.columns import Lines, constants, tally
from kb.exchange.tabular.reading import read_table
from kb.exchange.tabular.spool import Line, Spool

_ROB2_WORDS = {"low", "some concerns", "high"}
_AGREE = 1e-6


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return what a Metapsy database says.

    `given` holds constants for columns that it lacks, first of all `outcome`: databases are of one
    disorder and often do not name it. `sign` (`arm1-arm2` or `arm2-arm1`) says what `.g` is where
    no row shows it, `better` (`lower` or `higher`) which end of the scores is better.
    """
    given = constants(given)
    sheet = without_own_rows(read_table(file, given.get("sheet")))
    lines = Lines(sheet, COLUMNS, given)
    _refuse_unfit(lines)
    survey = _Survey(lines, Signs(SIGNS.get(given.get("sign", ""), 0)))
    for line in lines:
        survey.add(line)
    notes = [*survey.notes, *lines.notes, *survey.on_columns()]
    return reading_of(sheet, survey.spool, survey.frame(), sizes_of, notes)


def _refuse_unfit(lines: Lines) -> None:
    """Raise `FileProblem` for a table that is no such database, and for constants it needs."""
    name = lines.sheet.name
    lacking = [each for each in NEEDED if each not in lines.names and each not in lines.given]
    if lacking:
        raise FileProblem(
            f"{name} is no Metapsy database: it has no column {', '.join(lacking)}.",
            "A database has one row per comparison, with study, condition_arm1 and condition_arm2."
            + lines.sheet.nameless,
        )
    if "outcome" not in lines.names and "outcome" not in lines.given:
        raise FileProblem(
            f"{name} does not name the outcome that its instruments measure.",
            "Say it, such as --set outcome=pain.",
        )
    for constant, allowed in (("sign", SIGNS), ("better", BETTER)):
        if lines.given.get(constant, next(iter(allowed))) not in allowed:
            raise FileProblem(
                f"{constant} cannot be '{lines.given[constant]}'.",
                f"Set it to {' or '.join(allowed)}.",
            )


@dataclass
class _Survey:
    """What going through the rows once tells of the file; the rows themselves are put aside."""

    lines: Lines
    signs: Signs
    spool: Spool = field(default_factory=Spool)
    notes: list[Note] = field(default_factory=list)
    _formats: Counter[str] = field(default_factory=Counter)
    _countries: Counter[str] = field(default_factory=Counter)
    _judgements: set[str] = field(default_factory=set)
    _weeks: int = 0
    _converted: int = 0

    def add(self, line: Line) -> None:
        """Take in a row."""
        study = line.texts.get("study")
        if study is None:
            self._note(line, "study", Fate.REFUSED, "no study", "It does not name its study.")
            return
        self.signs.learn(line)
        self._settle(line)
        self.spool.add(study, line)
        self._weeks += "time_weeks" in line.numbers
        self._formats[line.texts.get("format", "")] += 1
        self._countries[line.texts.get("country", "")] += 1
        self._judgements.update(
            line.texts[name].casefold() for name in ROB_DOMAINS if name in line.texts
        )
        self._check_sizes(line)

    def _settle(self, line: Line) -> None:
        """Give a row the word for its outcome; what `better` says is not said of events."""
        if outcome := outcome_of(line):
            line.texts["outcome"] = outcome
        if "better" in self.lines.given and not is_of_events(line):
            line.texts["better"] = self.lines.given["better"]

    def frame(self) -> Frame:
        """Return what was learned of the file, and its studies are made with."""
        signs = self.signs

        def sign(line: Line) -> int:
            return signs.of(line.texts.get("instrument", ""))

        return Frame(
            given=self.lines.given,
            effect=lambda line: effect_without_data(line, sign(line)),
            why_not=lambda line: lacks_sign(line, sign(line)),
            domains={**ROB_DOMAINS, ROB_OVERALL: "Overall"} if self.is_rob2 else {},
        )

    @property
    def is_rob2(self) -> bool:
        """Whether the judgements are of RoB 2: on its five domains, in its three words."""
        judged = self._judgements
        return (
            self.lines.names.issuperset(ROB_DOMAINS)
            and "some concerns" in judged
            and judged <= _ROB2_WORDS
        )

    def _check_sizes(self, line: Line) -> None:
        """Note values that are left out, and effect sizes that are not those of the data."""
        for column, message in unused(line):
            self._note(line, self.lines.column(column), Fate.WARNED, "value left out", message)
        numbers = line.numbers
        if "g" not in numbers:
            return
        expected = None if has_scores(line) else converted_log_odds_ratio(line)
        if expected is not None:
            agrees = abs(abs(expected) - abs(numbers["g"])) <= _AGREE * max(1, abs(expected))
            self._converted += agrees
            if not agrees:
                message = f"It is {numbers['g']:.6g}; the events give {expected:.6g}."
                self._note(line, self.lines.column("g"), Fate.WARNED, "size not of events", message)
        if "precalc_g" in numbers and (has_scores(line) or has_changes(line)):
            self._compare(line, numbers["precalc_g"], numbers["g"])

    def _compare(self, line: Line, given: float, g: float) -> None:
        """Note an effect size that is not the rounded other one, with either correction."""
        either = (g, with_exact_correction(g, line))
        if all(abs(given - each) > _rounding(given) for each in either):
            source = line.texts.get("effect_source")
            why = f" ({self.lines.column('effect_source')}: {source})" if source else ""
            message = f"It is {given:.6g}{why}, and the data, which are stored, give {g:.6g}."
            self._note(line, "precalc_g", Fate.WARNED, "two effect sizes", message)

    def on_columns(self) -> Iterator[Note]:
        """Yield what is to be said of columns as a whole."""
        yield from self.lines.ignored()
        if self._weeks:
            yield self._explained("time_weeks", "months are weeks x 7 / 30.4375.")
        if self._converted:
            yield self._explained(
                "g",
                f"of {self._converted} rows with events it is the log odds ratio x sqrt(3)/pi x "
                "(1 - 3/(4N - 9)); the events are stored.",
            )
        sign = self.signs.of()
        if sign and "g" in self.lines.names:
            order = "arm 1 minus arm 2" if sign > 0 else "arm 2 minus arm 1"
            stored = "; sizes without data are stored with the sign turned" if sign < 0 else ""
            yield self._explained("g", f"it is {order}{stored}.")
        yield from self._on_words("format", self._formats, DELIVERIES, wanted=True)
        yield from self._on_words("country", self._countries, NO_COUNTRY, wanted=False)
        yield from self._on_risk_of_bias()

    def _on_words(
        self, name: str, words: Counter[str], known: Iterable[str], *, wanted: bool
    ) -> Iterator[Note]:
        """Yield a note on the words of a column that no term can stand for."""
        left = Counter({w: n for w, n in words.items() if w and (w.casefold() in known) != wanted})
        if left:
            message = f"These words say nothing that is coded: {tally(left.elements())}."
            yield Note(0, self.lines.column(name), Fate.IGNORED, "words", message)

    def _on_risk_of_bias(self) -> Iterator[Note]:
        names = [name for name in (*ROB_DOMAINS, ROB_OVERALL) if name in self.lines.names]
        if self.is_rob2:
            yield self._explained("rob_d1", "the five judgements are taken for those of RoB 2.")
            return
        for name in names:
            message = "It does not say of which tool and domain it is a judgement."
            yield Note(0, self.lines.column(name), Fate.IGNORED, "column", message)

    def _explained(self, name: str, what: str) -> Note:
        column = self.lines.column(name)
        return Note(0, column, Fate.EXPLAINED, "reading", f"{what[0].upper()}{what[1:]}")

    def _note(self, line: Line, column: str, fate: Fate, rule: str, message: str) -> None:
        self.notes.append(Note(line.row, column, fate, rule, message))


def _rounding(value: float) -> float:
    """Return how far a printed number may be from what it was rounded from."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0.51 * 10.0 ** (exponent if isinstance(exponent, int) else 0)
