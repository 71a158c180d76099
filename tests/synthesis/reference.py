"""The reference set: what R's metafor answers to the tables of tests/reference/data.

tests/reference/README.md says how it was made, what its blocks hold and how closely an answer has
to agree. Infinite values are read as such, null as None in a single number and as NaN in a column.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.measures import measure_of

FOLDER = Path(__file__).parent.parent / "reference"

TOLERANCES: Mapping[str, float] = MappingProxyType(
    {
        "effect size": 1e-11,
        "closed form": 1e-10,
        "iterative": 1e-8,
        "p-value": 1e-8,
        "Q-profile": 1e-8,
        "influence": 1e-8,
        "clustered": 1e-8,
    }
)
"""The largest relative difference by kind of number; the README has the reason for each."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A table of studies and what metafor makes of it.

    `kind` says what the table holds ("2x2", "means", "gen" and so on), `blocks` has the results by
    the name of the analysis ("uni", "mh", "metareg").
    """

    name: str
    kind: str
    blocks: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def primary(self) -> str:
        """The measure with every analysis; the others have only effect sizes and three models."""
        return str(self.blocks["primary"])

    @property
    def measures(self) -> list[str]:
        """The codes of the measures computed from the table."""
        return list(self.blocks.get("measures", ()))

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the studies in the table."""
        return tuple(row["study"] for row in self.blocks["rows"])

    @property
    def inputs(self) -> dict[str, Array]:
        """The columns of the table that an effect size is computed from, by metafor's names."""
        return {name: self.column(name) for name in self.blocks["inputs"]}

    def column(self, name: str) -> Array:
        """Return a column of the table as numbers, shape (k,), NaN where it is empty."""
        return numbers([row[name] for row in self.blocks["rows"]])

    def words(self, name: str) -> list[str | None]:
        """Return a column of the table as text, None where it is empty."""
        values = [row[name] for row in self.blocks["rows"]]
        return [None if value is None else str(value) for value in values]

    def block(self, *path: str) -> Any:
        """Return the results at this path, as in `block("uni", "RR", "REML")`."""
        found: Any = self.blocks
        for step in path:
            found = found[step]
        return found


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of the reference set."""
    return tuple(
        Case(name, blocks["kind"], blocks) for name, blocks in _contents()["cases"].items()
    )


@cache
def meta() -> Mapping[str, Any]:
    """Return what the reference set was made with: versions and settings."""
    return MappingProxyType(_contents()["meta"])


def case(name: str) -> Case:
    """Return the case of this name."""
    return next(each for each in cases() if each.name == name)


def pooled_cases() -> tuple[Case, ...]:
    """Return the cases that have studies to pool."""
    return tuple(each for each in cases() if "uni" in each.blocks)


def effects(case: Case, measure: str | None = None) -> Effects:
    """Return metafor's effect sizes of a measure (the primary one), without the kb's own.

    Studies without an effect or variance are set aside, as in every analysis of metafor.
    """
    code = measure or case.primary
    source = case.inputs if case.kind == "gen" else case.blocks["escalc"][code]
    return Effects.of(
        numbers(source["yi"]),
        numbers(source["vi"]),
        case.labels,
        measure=measure_of(code),
        ni=_sizes(case),
    )


def scale(effects: Effects) -> float:
    """Return the scale of tau²: the variance of the effects or the mean of their variances.

    Its root is the scale of the effects. They are the floors below which a difference counts in
    absolute terms: an estimate of 1e-9 with a standard error of 0.2 is a zero.
    """
    variance = float(np.var(effects.yi, ddof=1)) if effects.k > 1 else 0.0
    return max(variance, float(np.mean(effects.vi)))


def numbers(values: Sequence[float | None] | Array) -> Array:
    """Return values as an array, NaN where they are None."""
    return np.array([math.nan if value is None else value for value in values], dtype=float)


def close(
    actual: ArrayLike | None,
    expected: ArrayLike | Sequence[float | None] | None,
    *,
    rel: float,
    floor: ArrayLike = 0.0,
    where: str = "",
) -> None:
    """Assert that a number, or each of several, agrees with metafor's.

    The difference may be `rel` times the expected value, or times `floor` where that is larger. No
    value (None or NaN) agrees with no value alone, an infinite one with itself.
    """
    found, wanted = _values(actual), _values(expected)
    assert found.shape == wanted.shape, f"{where}: {found.size} values, metafor has {wanted.size}"
    with np.errstate(invalid="ignore"):
        difference = np.abs(found - wanted)
        allowed = rel * np.maximum(np.abs(wanted), np.asarray(floor, dtype=float))
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    wrong = ~(same | (np.isfinite(wanted) & (difference <= allowed)))
    if wrong.any():
        shown = [
            f"  [{i}] {found[i]!r}, metafor has {wanted[i]!r}: "
            f"off by {difference[i]:.2g} where {allowed[i]:.2g} is allowed"
            for i in np.flatnonzero(wrong).tolist()[:5]
        ]
        raise AssertionError(
            "\n".join([f"{where}: {int(wrong.sum())} of {wrong.size} differ", *shown])
        )


def refusals(block: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the analyses that metafor refuses, below a block."""
    if isinstance(block, dict):
        if "error" in block:
            yield path
        for key, value in block.items():
            yield from refusals(value, (*path, key))


def _values(values: ArrayLike | Sequence[float | None] | None) -> Array:
    if values is None:
        return np.array([math.nan])
    return np.atleast_1d(np.array(values, dtype=object)).astype(float)


def _sizes(case: Case) -> Array | None:
    match case.kind:
        case "2x2":
            return np.asarray(sum(case.inputs.values()))
        case "means":
            return case.column("n1i") + case.column("n2i")
        case _:
            return case.column("ni") if "ni" in case.blocks["rows"][0] else None


@cache
def _contents() -> dict[str, Any]:
    text = (FOLDER / "reference.json").read_text(encoding="utf-8")
    contents: dict[str, Any] = _with_infinities(json.loads(text))
    return contents


def _with_infinities(value: Any) -> Any:
    match value:
        case dict():
            return {key: _with_infinities(inner) for key, inner in value.items()}
        case list():
            return [_with_infinities(inner) for inner in value]
        case "Infinity" | "-Infinity":
            return float(value)
        case _:
            return value
