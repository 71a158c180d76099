"""Results in words and figures, the same on every page and table."""

from kb.base import Record
from kb.pages.page import number

DIRECTIONS = {
    "favours-intervention": "favours intervention",
    "favours-control": "favours control",
    "no-difference": "no difference",
    "mixed": "mixed",
    "unclear": "unclear",
}

_STATISTICS = {"ES": "effect size", "p": "", "eta2": "eta²", "d": "Cohen's d", "b": "b"}


def contrast_text(row: Record) -> str:
    """Return a contrast as 'HR 1.06 (95 % CI 0.78 to 1.45), p = 0.70, adjusted'."""
    name = _STATISTICS.get(row["statistic"], row["statistic"])
    parts = []
    if row["estimate"] is not None:
        parts.append(f"{name} {number(row['estimate'])}".strip() + _interval(row))
    if row["p"] is not None:
        parts.append(f"p {row['p_relation']} {number(row['p'])}")
    if row["adjusted"]:
        parts.append(f"adjusted for {row['adjusted_for']}" if row["adjusted_for"] else "adjusted")
    parts += [row[name] for name in ("analysis", "population") if row[name]]
    if row["n"] is not None:
        parts.append(f"n = {row['n']}")
    if row["derivation_key"]:
        parts.append("derived, not reported")
    return ", ".join(parts)


def arm_text(row: Record) -> str:
    """Return what one arm showed as 'mean 36.6 (SD 37.6) months, n = 50'."""
    unit = f" {row['unit']}" if row["unit"] else ""
    parts = []
    if row["events"] is not None:
        of = f" of {row['n']}" if row["n"] is not None else ""
        parts.append(f"{row['events']}{of}{unit}")
    if row["percent"] is not None:
        parts.append(f"{number(row['percent'])} %")
    if row["mean"] is not None:
        spread = f" (SD {number(row['sd'])})" if row["sd"] is not None else ""
        parts.append(f"mean {number(row['mean'])}{spread}{unit}")
    if row["median"] is not None:
        parts.append(f"median {number(row['median'])}{_interval(row)}{unit}")
    if row["n"] is not None and row["events"] is None:
        parts.append(f"n = {row['n']}")
    if row["population"]:
        parts.append(row["population"])
    if row["derivation_key"]:
        parts.append("derived, not reported")
    return ", ".join(parts)


def _interval(row: Record) -> str:
    if row["ci_low"] is None or row["ci_high"] is None:
        return ""
    level = f"{number(row['ci_level'])} % " if row["ci_level"] is not None else ""
    return f" ({level}CI {number(row['ci_low'])} to {number(row['ci_high'])})"
