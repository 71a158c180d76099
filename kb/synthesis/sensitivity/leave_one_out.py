"""Leave-one-out analysis: the pooled effect without each of the studies in turn."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.pooled import Columns, Pooled
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.subsets import excludes, join, pool_subsets, results
from kb.synthesis.words import said


@dataclass(frozen=True, slots=True)
class Without:
    """The pooled effect and the heterogeneity of all studies but the one named."""

    label: str
    estimate: Estimate
    heterogeneity: Heterogeneity


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """A leave-one-out analysis.

    Attributes:
        whole: the result of all studies.
        studies: the result without each study, in the order of the studies.
        notes: what to bear in mind.
    """

    whole: Pooled
    studies: tuple[Without, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.whole.k

    def summary(self) -> str:
        """Return how far the result depends on single studies, in plain sentences."""
        low, high = _ends(self.studies, [each.estimate.estimate for each in self.studies])
        least, most = _ends(self.studies, [each.heterogeneity.i2 for each in self.studies])
        lines = [
            (
                f"Leave-one-out, {self.k} studies, {METHODS[self.whole.method]}; "
                f"interval: {TESTS[self.whole.test]}"
            ),
            f"all studies: {self.whole.effects.measure.name} {self.whole.estimate.summary()}",
            (
                "Without one study the estimate lies between "
                f"{low.estimate.estimate:.4f} (without {low.label}) and "
                f"{high.estimate.estimate:.4f} (without {high.label}); I² between "
                f"{least.heterogeneity.i2:.1f}% (without {least.label}) and "
                f"{most.heterogeneity.i2:.1f}% (without {most.label})."
            ),
            *self._conclusion(),
            *self.notes,
            *said(self.whole.effects.left_out),
        ]
        return "\n".join(lines)

    def _conclusion(self) -> tuple[str, ...]:
        null = self.whole.effects.measure.null
        if null is None:
            return ()
        clear = excludes(self.whole.estimate, null)
        turned = [each.label for each in self.studies if excludes(each.estimate, null) != clear]
        with_all = f"With all studies the interval {'excludes' if clear else 'includes'} no effect"
        if not turned:
            return (f"{with_all}, and so it does without any one of them.",)
        return (f"{with_all}; this changes without {', or without '.join(turned)}.",)


def leave_one_out(
    effects: Effects, *, method: str = "REML", test: str = "z", level: float = DEFAULT_LEVEL
) -> LeaveOneOut:
    """Return the k pooled effects that leave out one study each.

    `method`, `test` and `level` are those of `pool`; tau² is estimated anew each time (Viechtbauer
    W, Cheung MW-L. Outlier and influence diagnostics for meta-analysis. Res Synth Methods
    2010;1:112-125). Raise TooFewStudies below two studies.
    """
    columns = without_each(effects, method=method, test=test, level=level)
    whole = pool(effects, method=method, test=test, level=level)
    studies = tuple(
        Without(label, *result)
        for label, result in zip(effects.labels, results(columns, level), strict=True)
    )
    notes = ("With two studies, each of these analyses is a single study.",) if whole.k == 2 else ()
    return LeaveOneOut(whole, studies, whole.notes + notes)


def without_each(
    effects: Effects, *, method: str, test: str = "z", level: float = DEFAULT_LEVEL
) -> Columns[Array]:
    """Return the results without each study as columns of shape (k,)."""
    k = effects.k
    if k < 2:
        raise TooFewStudies("An analysis that leaves one study out", needed=2, found=k)
    studies = np.arange(k)
    return join(
        pool_subsets(
            effects,
            k,
            lambda which: which[:, None] != studies,
            method=method,
            test=test,
            level=level,
        )
    )


def _ends(studies: tuple[Without, ...], values: list[float]) -> tuple[Without, Without]:
    """Return the studies of the least and of the greatest value."""
    return studies[int(np.argmin(values))], studies[int(np.argmax(values))]
