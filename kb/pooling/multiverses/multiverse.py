"""The pooled effect by every defensible way of choosing the effects and of pooling them.

The estimators and intervals are combined by `kb.synthesis.sensitivity.multiverse`. Beside them come
the ways of choosing effects from the store, the measures that a table allows, and Mantel-Haenszel
and Peto, which need no correction where an arm has no event.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import product
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.pooling.analysing.engine import NotPooled, engine_errors, number
from kb.pooling.analysing.fit import fit
from kb.pooling.answer import PooledAnswer
from kb.pooling.multiverses.chosen import (
    TOO_FEW,
    Chosen,
    Select,
    Unpooled,
    asked_for,
    chosen_by,
    is_hopeless,
    measures_found,
    measures_given,
)
from kb.pooling.multiverses.curves import Curve, Made, curve_of, excludes_null
from kb.pooling.multiverses.ways import UNDECIDED, Way, ways
from kb.pooling.options import (
    COUNT_METHODS,
    LAST_RESORT,
    RANDOM_MH,
    PoolOptions,
    UnknownOption,
    is_common,
    method_in_words,
)
from kb.pooling.pooling import pool, pool_table
from kb.pooling.sensitivities.data import estimate_as_dict
from kb.synthesis.measures import MEASURES
from kb.synthesis.options import COMMON_EFFECT, METHODS, TESTS
from kb.synthesis.sensitivity.multiverse import Multiverse, Skipped, Specification, multiverse

if TYPE_CHECKING:
    from kb.base import Base
    from kb.question import Question

METHODS_TRIED = (COMMON_EFFECT, "DL", "PM", "REML")
"""The estimators of tau² that reviews use most and simulations advise.

Veroniki AA et al. Res Synth Methods 2016;7:55-79; Langan D et al. Res Synth Methods 2019;10:83-98.
"""

TESTS_TRIED = ("z", "knha", "adhoc")

_METHODS = (*METHODS, *COUNT_METHODS)

_COUNTED = {
    "MH": {"OR", "RR", "RD", "IRR", "IRD"},
    RANDOM_MH: {"OR", "RR", "RD"},
    "PETO": {"OR", "PETO"},
}
"""The measures that methods for counts estimate."""

_COUNTS_TRIED = ("MH", "PETO")
"""Those that are tried unasked; random effects about the Mantel-Haenszel estimate are nearly DL's
and would count twice."""

_TWICE = "Peto's method is the common effect of these; it would count twice"

_SHARED = (
    "The specifications share their trials, so their results do not add up to a test: the shares "
    "describe how far the choices matter."
)


@dataclass(frozen=True)
class MultiverseAnswer:
    """All specifications.

    Attributes:
        answer: the answer by default, with the verdict on it.
        options: what was asked for; what is `held` of them, by name, does not vary.
        multiverse: the specifications; the `rule` of each is the name of its effects.
        chosen: the effects, each set of them once.
        notes: what a reader must know.
    """

    answer: PooledAnswer
    options: PoolOptions
    held: tuple[str, ...]
    multiverse: Multiverse
    chosen: tuple[Chosen, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> int:
        """How many ways of choosing led to the same effects as another."""
        return sum(len(chosen.ways) - 1 for chosen in self.chosen)

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        return replace(self.answer, options=self.options).command("multiverse")

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """A specification curve for each measure."""
        return tuple(self._curve(code) for code in self.multiverse.measures)

    def options_of(self, one: Specification) -> PoolOptions:
        """Return the options by which `kb pool` gives this specification."""
        way = self._chosen(one).ways[0]
        return replace(way.options, method=one.method, test=one.test)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as `--format json` prints it; null, never NaN."""
        answer = self.answer.as_dict()
        question = {
            **answer["question"],
            "subject": "multiverse",
            "options": self.options.as_dict(),
            "held": list(self.held),
            "command": self.command,
        }
        return {
            "question": question,
            "verdict": answer["verdict"],
            "count": len(self.multiverse.specifications),
            "curves": [curve.as_dict() for curve in self.curves],
            "specifications": [self.row(one) for one in self.multiverse.specifications],
            "effects": [chosen.as_dict() for chosen in self.chosen],
            "same_effects": self.same,
            "skipped": [
                {name: getattr(one, name) for name in Skipped.__slots__}
                for one in self.multiverse.skipped
            ],
            "notes": list(self.notes),
            "left_out": answer["left_out"],
            "data": answer["data"],
        }

    def row(self, one: Specification) -> dict[str, Any]:
        """Return a specification as plain data, with the command line that gives it."""
        effects, prediction = self._chosen(one).effects, one.prediction
        return {
            "measure": one.measure,
            "method": one.method,
            "test": one.test,
            "effects": one.rule,
            "k": one.k,
            **estimate_as_dict(effects, one.estimate),
            "pi_low": number(prediction.low) if prediction else None,
            "pi_high": number(prediction.high) if prediction else None,
            "tau2": number(one.tau2),
            "i2": number(one.i2),
            "excludes_null": excludes_null(effects.measure, one),
            "command": replace(self.answer, options=self.options_of(one)).command(),
        }

    def _chosen(self, one: Specification) -> Chosen:
        return next(c for c in self.chosen if (c.measure, c.name) == (one.measure, one.rule))

    def _curve(self, code: str) -> Curve:
        specifications = self.multiverse.curve(code)
        made = [
            Made(
                one,
                self._chosen(one).trials,
                [{**way.decisions, **_pooled_by(one)} for way in self._chosen(one).ways],
            )
            for one in sorted(specifications, key=self._place)
        ]
        return curve_of(self._chosen(specifications[0]).effects, specifications, made)

    def _place(self, one: Specification) -> tuple[int, int, int]:
        """Return the place of a specification in the order in which choices are told."""
        chosen = self.chosen.index(self._chosen(one))
        return chosen, _METHODS.index(one.method), list(TESTS).index(one.test)


def explore(
    base: "Base", question: "Question", options: PoolOptions, held: Collection[str] = ()
) -> MultiverseAnswer:
    """Return the multiverse of the results that a question selects.

    `held` names the options that are decided, as `PoolOptions.of` calls them: they do not vary.
    """
    from kb.pooling.selecting.selection import select_effects

    _check(options)
    select = cache(partial(select_effects, base, question))
    answer = pool(base, question, options)
    codes = (options.measure,) if "measure" in held else measures_found(select, options, held)
    found: list[Way] = []
    hopeless: list[Unpooled] = []
    for code in codes:
        measured = _measured(options, code)
        if is_hopeless(select, measured, held):
            hopeless.append(Unpooled(str(code), "any", TOO_FEW))
        else:
            found += _ways(select, measured, held)
    sets, unpooled = chosen_by(select, found)
    return _explored(answer, options, held, sets, [*hopeless, *unpooled])


def explore_table(path: Path, options: PoolOptions, held: Collection[str] = ()) -> MultiverseAnswer:
    """Return the multiverse of a table in a CSV file; touches no store. `held` as in `explore`."""
    from kb.pooling.tables.file import read_file
    from kb.pooling.tables.table import read_table

    _check(options)
    codes = (options.measure,) if "measure" in held else measures_given(read_file(path).columns)
    found = [Way(_measured(options, code), {}) for code in codes]
    answer = pool_table(path, replace(options, measure=found[0].options.measure))
    sets, unpooled = chosen_by(lambda chosen: read_table(path, chosen)[0], found)
    return _explored(answer, options, held, sets, unpooled)


def _ways(select: Select, options: PoolOptions, held: Collection[str]) -> tuple[Way, ...]:
    """Return the ways, with both extremes of what the rule leaves open by any of them."""
    asked = asked_for(select, options, held)
    found = ways(options, held, asked)
    is_held = any(name in LAST_RESORT for name in options.rule)
    if is_held or not any(select(way.options).undecided for way in found):
        return found
    return ways(options, held, (*asked, UNDECIDED))


def _measured(options: PoolOptions, code: str | None) -> PoolOptions:
    """Return the options that choose effects of this measure; how they are pooled comes later."""
    return replace(options, measure=code, method="REML")


def _check(options: PoolOptions) -> None:
    if options.dependence != "one":
        raise UnknownOption(
            f"A multiverse takes one effect per trial, and not --dependence {options.dependence}.",
            "Leave out --dependence, or ask kb pool.",
        )
    if options.subgroup or options.moderators:
        raise UnknownOption(
            "A multiverse is of all trials together, without subgroups or moderators.",
            "Leave them out, or ask kb pool.",
        )


def _explored(
    answer: PooledAnswer,
    options: PoolOptions,
    held: Collection[str],
    sets: Sequence[Chosen],
    unpooled: Sequence[Unpooled],
) -> MultiverseAnswer:
    methods, tests = _methods(options, held), _tests(options, held)
    weighed = [code for code in methods if code not in COUNT_METHODS]
    specifications: list[Specification] = []
    skipped = [Skipped(one.measure, "", "", one.way, one.reason) for one in unpooled]
    if sets and weighed:
        with engine_errors():
            found = multiverse(
                {str(i): chosen.effects for i, chosen in enumerate(sets)},
                methods=weighed,
                tests=tests,
                level=options.share,
                prediction=options.prediction,
            )
        for one in found.specifications:
            chosen = sets[int(one.measure)]
            specifications.append(replace(one, measure=chosen.measure, rule=chosen.name))
        for left in found.skipped:
            chosen = sets[int(left.measure)]
            skipped.append(replace(left, measure=chosen.measure, rule=chosen.name))
    for chosen, code in product(sets, (code for code in methods if code in COUNT_METHODS)):
        if chosen.units.counts is None or chosen.measure not in _COUNTED[code] or "z" not in tests:
            continue
        if chosen.measure == "PETO" and COMMON_EFFECT in methods:
            skipped.append(Skipped(chosen.measure, code, "z", chosen.name, _TWICE))
            continue
        counted = _counted(chosen, code, options)
        if isinstance(counted, Skipped):
            skipped.append(counted)
        else:
            specifications.append(counted)
    order = {code: place for place, code in enumerate(dict.fromkeys(c.measure for c in sets))}
    specifications.sort(key=lambda one: (order[one.measure], one.estimate.estimate))
    made = {one.measure for one in specifications}
    measures = {code: MEASURES[code] for code in order if code in made}
    notes = (_SHARED,) if specifications else ("No choice gives a pooled effect; see the verdict.",)
    return MultiverseAnswer(
        answer,
        options,
        tuple(sorted(held)),
        Multiverse(measures, tuple(specifications), tuple(skipped), notes),
        tuple(sets),
        notes,
    )


def _methods(options: PoolOptions, held: Collection[str]) -> tuple[str, ...]:
    """Return the methods to try: the one that is held, or those of the model that is."""
    if "method" in held:
        return (options.method,)
    tried = (*METHODS_TRIED, *_COUNTS_TRIED)
    if "model" not in held:
        return tried
    return tuple(code for code in tried if is_common(code) is is_common(options.method))


def _tests(options: PoolOptions, held: Collection[str]) -> tuple[str, ...]:
    return (options.test,) if "test" in held else TESTS_TRIED


def _counted(chosen: Chosen, method: str, options: PoolOptions) -> Specification | Skipped:
    """Return what a method for counts gives, or why their sums give no estimate."""
    try:
        with engine_errors():
            found = fit(chosen.units, replace(options, method=method, test="z"))
    except NotPooled as error:
        return Skipped(chosen.measure, method, "z", chosen.name, error.problem.rstrip("."))
    i2 = found.spread["i2"]
    return Specification(
        measure=chosen.measure,
        method=method,
        test="z",
        rule=chosen.name,
        k=found.effects.k,
        estimate=found.estimate,
        prediction=found.prediction,
        tau2=float(found.spread["tau2"] or 0),
        i2=nan if i2 is None else i2,
    )


def _pooled_by(one: Specification) -> dict[str, str]:
    return {"model": method_in_words(one.method), "interval": TESTS[one.test]}
