"""Chi-squared tests: one, or one for each of many groups."""

from dataclasses import dataclass
from math import isnan
from typing import Self

import numpy as np

from kb.synthesis.distributions import Array, chi2_upper
from kb.synthesis.words import p_value


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """A chi-squared test: its statistic, degrees of freedom and p-value."""

    statistic: float
    df: int
    p: float

    def summary(self) -> str:
        """Return the test in one line."""
        return f"chi²({self.df}) = {self.statistic:.2f}, {p_value(self.p)}"


@dataclass(frozen=True, slots=True, eq=False)
class ChiSquaredMany:
    """The chi-squared tests of m groups, each array of shape (m,), NaN where there is no test."""

    statistic: Array
    df: Array
    p: Array

    @classmethod
    def of(cls, statistic: Array, df: Array | float) -> Self:
        """Return the tests of these statistics; there is none where one is NaN."""
        degrees = np.where(np.isnan(statistic), np.nan, df)
        return cls(statistic, degrees, chi2_upper(statistic, degrees))

    @classmethod
    def none(cls, m: int) -> Self:
        """Return what stands for a test that does not exist here."""
        return cls.of(np.full(m, np.nan), np.nan)

    def __getitem__(self, i: int) -> ChiSquared | None:
        """Return the test of group i; None where there is none."""
        statistic = self.statistic[i].item()
        if isnan(statistic):
            return None
        return ChiSquared(statistic, int(self.df[i]), self.p[i].item())
