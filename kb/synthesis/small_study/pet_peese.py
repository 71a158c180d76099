"""PET-PEESE: the effect of an infinitely large study, by regression on the standard error.

Stanley TD, Doucouliagos H. Meta-regression approximations to reduce publication selection bias. Res
Synth Methods 2014;5:60-78; Stanley TD. Limitations of PET-PEESE and other meta-analysis methods.
Soc Psychol Personal Sci 2017;8:581-591.
"""

from dataclasses import dataclass

from kb.synthesis.effects import Effects
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate
from kb.synthesis.small_study.regression_test import RegressionTest, egger, regression_test
from kb.synthesis.words import p_value, said

# Two-sided, which is 5% one-sided in the direction that the intercept has (Stanley 2017).
_ALPHA = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class PetPeese:
    """The precision-effect test (PET) and the precision-effect estimate (PEESE).

    `pet` is the regression on standard errors, `peese` the one on their squares; both have
    weights 1/vi, multiplicative dispersion, and t with k - 2 degrees of freedom.
    """

    pet: RegressionTest
    peese: RegressionTest

    @property
    def chosen(self) -> str:
        """The one that the rule takes: "PEESE" where PET finds an effect, otherwise "PET"."""
        return "PEESE" if _intercept(self.pet).p < _ALPHA else "PET"

    @property
    def estimate(self) -> Estimate:
        """The corrected effect: the intercept of the chosen regression."""
        return _intercept(self.peese if self.chosen == "PEESE" else self.pet)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know beyond the numbers."""
        return self.pet.notes

    def summary(self) -> str:
        """Return the corrected effect, and how it was chosen, in plain sentences."""
        p = _intercept(self.pet).p
        finding = "finds an effect" if self.chosen == "PEESE" else "finds no effect"
        lines = [
            (
                f"PET-PEESE, {self.pet.k} studies: PET {finding} ({p_value(p)} for its intercept, "
                f"set against {_ALPHA:g}), so {self.chosen} is the estimate"
            ),
            f"corrected effect: {self.estimate.summary()}",
            f"PET:   {_intercept(self.pet).summary()}",
            f"PEESE: {_intercept(self.peese).summary()}",
            *self.notes,
            *said(self.pet.fit.left_out),
        ]
        return "\n".join(lines)


def pet_peese(effects: Effects, *, level: float = DEFAULT_LEVEL) -> PetPeese:
    """Return the effect corrected for small-study effects, of at least three studies.

    Both are weighted least squares of the effects with weights 1/vi: PET on the standard errors,
    PEESE on the variances. The conditional rule takes PEESE if PET rejects that its intercept is
    zero, else PET (Stanley & Doucouliagos 2014); the level is 0.10 two-sided, that is
    0.05 one-sided in the direction of the intercept (Stanley 2017). The interval of the estimate
    takes the choice as given.

    Raise TooFewStudies below three studies, and BadOption where all standard errors are equal.
    """
    return PetPeese(
        egger(effects, level=level),
        regression_test(effects, model="lm", predictor="vi", level=level),
    )


def _intercept(test: RegressionTest) -> Estimate:
    return test.fit.coefficients[0]
