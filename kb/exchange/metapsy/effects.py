"""What a row of a Metapsy database gives of an effect, and in which direction its sizes point."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp, lgamma, log, pi, sqrt

from kb.exchange.comparisons.effects import Effect, inputs_of
from kb.exchange.drafts import DerivationDraft, StatedSize
from kb.exchange.tabular.spool import Line

_SCORES = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
_CHANGES = tuple(name.replace("_arm", "_change_arm") for name in _SCORES)
_EVENTS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
_ALL_SCORES, _ALL_CHANGES, _ALL_EVENTS = map(frozenset, (_SCORES, _CHANGES, _EVENTS))
_MEANS_AT_METAFOR = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
_EVENTS_AT_METAFOR = ("ai", "n1i", "ci", "n2i")

_UNTOLD_EVENTS = {"", "dich", "msd"}
"""Words of the column `outcome_type` that do not say which event was counted."""

_CLEAR = 0.95
"""Share of the rows with means whose `.g` must have one sign before others are taken to have it."""


def has_scores(line: Line) -> bool:
    """Return whether the row has means, SDs and sizes of both arms."""
    return line.numbers.keys() >= _ALL_SCORES


def has_changes(line: Line) -> bool:
    """Return whether the row has means, SDs and sizes of change in both arms."""
    return line.numbers.keys() >= _ALL_CHANGES


def has_events(line: Line) -> bool:
    """Return whether the row has the events and sizes of both arms."""
    return line.numbers.keys() >= _ALL_EVENTS


def is_of_events(line: Line) -> bool:
    """Return whether the row is of an event and not of a score."""
    if "event_arm1" in line.numbers or "event_arm2" in line.numbers:
        return True
    return _ratio(line) is not None and not _has_difference(line)


def _has_difference(line: Line) -> bool:
    return has_scores(line) or has_changes(line) or _given(line) is not None


@dataclass
class Signs:
    """Whether `.g` is arm 1 minus arm 2 (1) or the reverse (-1), learned from rows with means."""

    said: int = 0
    _seen: dict[str, Counter[int]] = field(default_factory=dict)

    def learn(self, line: Line) -> None:
        """Take in a row with means and `.g`."""
        data = _difference_data(line)
        columns = _given(line)
        if data is None or columns is None or data["m1i"] == data["m2i"]:
            return
        g = line.numbers[columns[0]]
        if not g:
            return
        sign = 1 if (data["m1i"] > data["m2i"]) == (g > 0) else -1
        for instrument in {"", line.texts.get("instrument", "")}:
            self._seen.setdefault(instrument, Counter())[sign] += 1

    def of(self, instrument: str = "") -> int:
        """Return the sign of `.g` for an instrument; 0 where nothing tells it."""
        if self.said:
            return self.said
        seen = self._seen.get(instrument) or self._seen.get("")
        if not seen:
            return 0
        sign, times = seen.most_common(1)[0]
        return sign if times >= _CLEAR * seen.total() else 0


def effect_without_data(line: Line, sign: int) -> Effect | None:
    """Return the effect of a row that has no data to compute it from, arm 1 against arm 2.

    `sign` is that of `.g`; without one a difference cannot be told.
    """
    if has_scores(line) or has_events(line):
        return None
    if has_changes(line):
        return _of_changes(line)
    if given := _given(line):
        return _as_given(*given, line, sign) if sign else None
    return _of_ratio(line)


def lacks_sign(line: Line, sign: int) -> tuple[str, str] | None:
    """Return why a row is refused whose effect size has no direction that anything tells."""
    if sign or has_scores(line) or has_changes(line) or has_events(line) or not _given(line):
        return None
    return "direction unknown", (
        "It gives an effect size alone, and no row tells whether that is arm 1 minus arm 2 or the "
        "reverse; --set sign=arm1-arm2 or --set sign=arm2-arm1 says it."
    )


def unused(line: Line) -> Iterator[tuple[str, str]]:
    """Yield columns whose numbers have no place beside what the row gives besides, and why."""
    change = next((name for name in _CHANGES if name in line.numbers), None)
    if change and (has_scores(line) or has_events(line)):
        yield change, "The change was left out: the results of the arms are stored."
    elif change and not has_changes(line):
        yield change, "The change was left out: mean, SD and n are not there for both arms."
    ratio = _ratio(line)
    if ratio and not has_events(line) and _has_difference(line):
        yield ratio[0], "It was left out: the row has a difference as well, which is stored."


def sizes_of(study: str, line: Line) -> Iterator[StatedSize]:
    """Yield the effect sizes that a row states beside the data that they come from."""
    if (data := _difference_data(line)) and (columns := _given(line)):
        yield _stated(study, line, "SMD", data, columns)
    if has_events(line) and (columns := _ratio(line)):
        counts = dict(zip(_EVENTS_AT_METAFOR, _values(line, _EVENTS), strict=True))
        yield _stated(study, line, "RR", counts, columns)


def _stated(
    study: str, line: Line, measure: str, data: dict[str, float], columns: tuple[str, str]
) -> StatedSize:
    value, error = columns
    return StatedSize(line.row, study, measure, data, line.numbers[value], line.numbers.get(error))


def with_exact_correction(g: float, line: Line) -> float:
    """Return a Hedges' g that was corrected by 1 - 3 / (4 df - 1) with the exact factor instead."""
    data = _difference_data(line)
    assert data is not None
    df = data["n1i"] + data["n2i"] - 2
    if df < 2:
        return g
    exact = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
    return g * exact / (1 - 3 / (4 * df - 1))


def converted_log_odds_ratio(line: Line) -> float | None:
    """Return the Hedges' g that Metapsy computes from events, arm 1 against arm 2.

    It is the log odds ratio times sqrt(3)/pi (Hasselblad and Hedges 1995), times the correction
    1 - 3 / (4 N - 9) for the N participants; 1/2 is added to all counts where an arm has no event.
    None where no odds ratio can be had.
    """
    if not has_events(line):
        return None
    a, n1, c, n2 = _values(line, _EVENTS)
    b, d = n1 - a, n2 - c
    if 0 in (a, c):
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    if min(a, b, c, d) <= 0:
        return None
    return log(a * d / (b * c)) * sqrt(3) / pi * (1 - 3 / (4 * (a + b + c + d) - 9))


def outcome_of(line: Line) -> str | None:
    """Return the word for what a row measured: of an event, that which says what happened."""
    outcome, kind = line.texts.get("outcome"), line.texts.get("outcome_type", "")
    if outcome is None or not is_of_events(line):
        return outcome
    if event := line.texts.get("event"):
        return event
    return f"{outcome} (events)" if kind.casefold() in _UNTOLD_EVENTS else f"{outcome}: {kind}"


def _difference_data(line: Line) -> dict[str, float] | None:
    for complete, columns in ((has_scores, _SCORES), (has_changes, _CHANGES)):
        if complete(line):
            return dict(zip(_MEANS_AT_METAFOR, _values(line, columns), strict=True))
    return None


def _values(line: Line, names: tuple[str, ...]) -> list[float]:
    return [line.numbers[name] for name in names]


def _given(line: Line) -> tuple[str, str] | None:
    """Return the columns of the effect size that the row gives, and of its standard error."""
    return next(((name, f"{name}_se") for name in ("g", "precalc_g") if name in line.numbers), None)


def _ratio(line: Line) -> tuple[str, str] | None:
    return next(
        ((name, f"{name}_se") for name in ("log_rr", "precalc_log_rr") if name in line.numbers),
        None,
    )


def _as_given(name: str, se: str, line: Line, sign: int) -> Effect:
    order = "" if sign > 0 else ", its sign turned to arm 1 minus arm 2"
    return Effect(
        "SMD",
        sign * line.numbers[name],
        line.numbers.get(se),
        DerivationDraft(f"Hedges' g as the file gives it{order}", inputs_of(line, name, se)),
    )


def _of_ratio(line: Line) -> Effect | None:
    columns = _ratio(line)
    if columns is None or abs(line.numbers[columns[0]]) > _LARGEST_LOG:
        return None
    name, se = columns
    formula = "exp(log risk ratio) as the file gives it; the standard error is of the logarithm"
    return Effect(
        "RR",
        exp(line.numbers[name]),
        line.numbers.get(se),
        DerivationDraft(formula, inputs_of(line, *columns)),
    )


_LARGEST_LOG = 700.0
"""Logarithms beyond it are those of no number that can be held."""


def _of_changes(line: Line) -> Effect | None:
    """Return the standardised difference of the changes from baseline."""
    from kb.synthesis.effect_sizes import escalc
    from kb.synthesis.errors import SynthesisError

    data = _difference_data(line)
    assert data is not None
    try:
        effects = escalc("SMD", {name: [value] for name, value in data.items()})
    except SynthesisError:
        return None
    if not len(effects.yi):
        return None
    return Effect(
        "SMD",
        float(effects.yi[0]),
        sqrt(float(effects.vi[0])),
        DerivationDraft(
            "Hedges' g of the changes from baseline, arm 1 minus arm 2, with the exact correction",
            inputs_of(line, *_CHANGES),
            "kb.synthesis",
        ),
        of_change=True,
    )
