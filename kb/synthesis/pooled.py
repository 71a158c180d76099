"""The result of pooling: the mean effect, its prediction interval and the heterogeneity."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import Generic, NamedTuple, Self, TypeVar

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate, in_words
from kb.synthesis.groups import Groups
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.options import COMMON_EFFECT, METHODS, TESTS, Options
from kb.synthesis.prediction import Prediction
from kb.synthesis.words import said

T = TypeVar("T")


class Columns(NamedTuple, Generic[T]):
    """The numbers of m results, each shape (m,), or of one; NaN where a thing does not exist."""

    estimate: T
    se: T
    statistic: T
    df: T
    p: T
    ci_low: T
    ci_high: T
    pi_low: T
    pi_high: T
    pi_df: T
    tau2: T
    tau2_se: T
    i2: T
    h2: T
    q: T
    q_df: T
    q_p: T


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """A pooled effect on the scale of analysis, with what it was made of.

    Attributes:
        effects: the k studies.
        weights: their weights in percent, shape (k,).
        method, test: how tau² was estimated and the mean tested, as metafor calls them.
        estimate: the mean effect.
        prediction: where a new study's true effect is to be expected; None in a common-effect
            model.
        heterogeneity: tau², I², H² and Q.
        notes: what a reader must know of this result beyond its numbers.
    """

    effects: Effects
    weights: Array
    method: str
    test: str
    estimate: Estimate
    prediction: Prediction | None
    heterogeneity: Heterogeneity
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        effects: Effects,
        weights: Array,
        row: Columns[float],
        options: Options,
        *,
        reweighted: bool = False,
    ) -> Self:
        """Put the numbers of one result together; `reweighted` if not by inverse variance."""
        return cls(
            effects,
            weights,
            options.method,
            options.test if effects.k > 1 else "z",
            estimate_of(row, options.level),
            prediction_of(row, options),
            heterogeneity_of(row),
            _notes(options, effects.k, reweighted=reweighted),
        )

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        lines = [
            (
                f"{self.k} {'study' if self.k == 1 else 'studies'}, {METHODS[self.method]}; "
                f"interval: {TESTS[self.test]}"
            ),
            *in_words(self.effects.measure, self.estimate),
            *([self.prediction.summary()] if self.prediction else []),
            self.heterogeneity.summary(),
            *self.notes,
            *said(self.effects.left_out),
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, eq=False)
class PooledMany:
    """The results of m independent meta-analyses; item i is the `Pooled` of the group i.

    Attributes:
        options: how they were pooled.
        groups: which studies are whose.
        columns: one array of shape (m,) for each number of a `Pooled`, NaN where there is none.
        effects: the studies.
        weights: in percent of their group, shape (n,).
    """

    options: Options
    groups: Groups
    columns: Columns[Array]
    effects: Effects
    weights: Array

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[Pooled]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Pooled:
        studies = self.groups.studies(i)
        row = Columns(*(values[i].item() for values in self.columns))
        return Pooled.of(self.effects.take(studies), self.weights[studies], row, self.options)


def _given(value: float) -> float | None:
    return None if isnan(value) else value


def estimate_of(row: Columns[float], level: float) -> Estimate:
    """Return the estimate of one result."""
    return Estimate(
        row.estimate,
        row.se,
        row.statistic,
        _given(row.df),
        row.p,
        row.ci_low,
        row.ci_high,
        level,
    )


def prediction_of(row: Columns[float], options: Options) -> Prediction | None:
    """Return the prediction interval of one result: none in a common-effect model."""
    if options.method == COMMON_EFFECT:
        return None
    return Prediction(row.pi_low, row.pi_high, _given(row.pi_df), options.level)


def heterogeneity_of(row: Columns[float]) -> Heterogeneity:
    """Return the heterogeneity of one result."""
    return Heterogeneity(
        row.tau2, _given(row.tau2_se), row.i2, row.h2, row.q, int(row.q_df), row.q_p
    )


def _notes(options: Options, k: int, *, reweighted: bool) -> tuple[str, ...]:
    notes = []
    if reweighted:
        notes.append("The weights of the studies were given; they are not by inverse variance.")
    if k == 1:
        notes.append("One study: this is its own effect, and its heterogeneity cannot be known.")
        if options.test != "z":
            notes.append("The interval refers to the normal: t has no degrees of freedom here.")
    elif options.method == COMMON_EFFECT and options.test in {"knha", "adhoc"}:
        notes.append("Hartung-Knapp is made for random effects, not for a common effect.")
    return tuple(notes)
