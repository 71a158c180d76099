"""How much the true effects differ: tau², I², H² and Cochran's Q."""

from dataclasses import dataclass

from kb.synthesis.words import p_value


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """The heterogeneity of k studies.

    Attributes:
        tau2: the variance of the true effects, never below zero; 0 by definition in a
            common-effect model.
        tau2_se: its standard error, None where the method gives none.
        i2: the share of the variation that sampling error does not explain, in percent.
        h2: total variation over sampling variation; 1 where the effects agree.
        q: Cochran's Q at the inverse-variance weights 1/vi.
        q_df: its degrees of freedom.
        q_p: the p-value of the test that all true effects are equal.
    """

    tau2: float
    tau2_se: float | None
    i2: float
    h2: float
    q: float
    q_df: int
    q_p: float

    def summary(self) -> str:
        """Return the heterogeneity in one line; tau² where the model has one."""
        tau2 = "" if self.tau2_se is None else f"tau² {self.tau2:.4g}; "
        return f"{tau2}I² {self.i2:.1f}%; Q({self.q_df}) = {self.q:.2f}, {p_value(self.q_p)}"
