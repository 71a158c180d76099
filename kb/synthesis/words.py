"""Numbers in words, the same in every summary."""

from collections.abc import Iterable
from math import floor, log10

_DECIMALS = 4


def percent(share: float) -> str:
    """Return a share in percent, with all its digits: "95%", "97.5%"."""
    return f"{100 * share:.10g}%"


def rounded(value: float, se: float) -> str:
    """Return a value with four decimals, or with those that show three digits of a se far from 1.

    A standard error below 0.01 asks for more decimals, one from 10 on for fewer.
    """
    decimals = _DECIMALS
    if 0 < se < 0.01 or 10 <= se < float("inf"):
        decimals = max(2 - floor(log10(se)), 0)
    return f"{value:.{decimals}f}"


def p_value(p: float) -> str:
    """Return a p-value: "p = 0.012", "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def said(left_out: Iterable[object]) -> list[str]:
    """Return a line for each study that was left out."""
    return [f"left out: {study}" for study in left_out]
