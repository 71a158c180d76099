"""Effect sizes of studies with their sampling variances: what every analysis starts from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadStudy, BadTable
from kb.synthesis.measures import MEASURES, Measure

# Beyond these, powers of the weights are no longer numbers to the machine.
_LEAST, _LARGEST = 1e-60, 1e60


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study of the table that gives no effect, and why."""

    label: str
    reason: str

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """The effects of k studies on the scale of analysis.

    Attributes:
        yi: effect sizes, shape (k,), all finite.
        vi: sampling variances of yi, shape (k,), all finite and above zero.
        labels: the names of the k studies.
        measure: what yi measures.
        rows: the row of the table that each effect came from, shape (k,), from 0.
        ni: total sample sizes, shape (k,), or None where they are not known.
        left_out: the rows of the table that gave no effect, with the reason.
    """

    yi: Array
    vi: Array
    labels: Sequence[str]
    measure: Measure = MEASURES["GEN"]
    rows: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    ni: Array | None = None
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def of(
        cls,
        yi: ArrayLike,
        vi: ArrayLike,
        labels: Sequence[str] | None = None,
        *,
        measure: Measure = MEASURES["GEN"],
        ni: ArrayLike | None = None,
        reasons: dict[int, str] | None = None,
    ) -> Self:
        """Check effects and variances, and set aside the rows where one of them is missing (NaN).

        `reasons` says, by row, why an effect is missing. A variance that is not above zero, or a
        value that is infinite, is an error that names the study: neither can be weighed.
        """
        effects, variances = column("yi", yi), column("vi", vi)
        if effects.shape != variances.shape:
            raise BadTable(
                f"yi has {effects.size} values and vi has {variances.size}. Give one of each "
                "per study."
            )
        names = study_labels(labels, effects.size)
        sizes = None if ni is None else column("ni", ni, size=effects.size)
        usable = (np.abs(effects) <= _LARGEST) & (variances >= _LEAST) & (variances <= _LARGEST)
        if usable.all():
            return cls(effects, variances, names, measure, np.arange(effects.size), sizes)
        missing = np.isnan(effects) | np.isnan(variances)
        _refuse_unusable(names, effects, variances, ~(usable | missing))
        rows = np.flatnonzero(usable)
        reasons = reasons or {}
        return cls(
            effects[rows],
            variances[rows],
            tuple(names[row] for row in rows.tolist()),
            measure,
            rows,
            None if sizes is None else sizes[rows],
            tuple(
                LeftOut(names[row], reasons.get(row, _missing(effects[row], variances[row])))
                for row in np.flatnonzero(missing).tolist()
            ),
        )

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.yi.size

    @property
    def sei(self) -> Array:
        """The standard errors of the effects."""
        return np.sqrt(self.vi)

    def take(self, which: ArrayLike) -> Self:
        """Return the effects at these positions, or where this mask is true, in that order."""
        chosen = np.arange(self.k)[np.asarray(which)]
        return type(self)(
            self.yi[chosen],
            self.vi[chosen],
            tuple(self.labels[i] for i in chosen.tolist()),
            self.measure,
            self.rows[chosen],
            None if self.ni is None else self.ni[chosen],
            self.left_out,
        )


def column(name: str, values: ArrayLike, *, size: int | None = None) -> Array:
    """Return a column as floats, shape (k,); raise BadTable if it is none, or of another size."""
    try:
        result = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise BadTable(
            f"The column {name} holds something that is not a number. Leave a missing value empty."
        ) from None
    if result.ndim != 1:
        raise BadTable(f"The column {name} has {result.ndim} dimensions. Give one value per study.")
    if size is not None and result.size != size:
        raise BadTable(
            f"The column {name} has {result.size} values for {size} studies. Give one per study."
        )
    return result


class Numbered(Sequence[str]):
    """Names for studies that have none: "study 1", "study 2" and so on, made when looked at."""

    __slots__ = ("_size",)

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(self._size)[index]]
        return f"study {range(self._size)[index] + 1}"


def study_labels(labels: Iterable[str] | None, size: int) -> Sequence[str]:
    """Return the names of `size` studies: those given, or numbers."""
    if labels is None:
        return Numbered(size)
    names = tuple(map(str, labels))
    if len(names) != size:
        raise BadTable(f"There are {len(names)} labels for {size} studies. Give one per study.")
    return names


def _missing(effect: float, variance: float) -> str:
    if np.isnan(effect) and np.isnan(variance):
        return "no effect and no variance"
    return "no effect" if np.isnan(effect) else "no variance"


def _refuse_unusable(
    names: Sequence[str], effects: Array, variances: Array, unusable: NDArray[np.bool_]
) -> None:
    for row in np.flatnonzero(unusable).tolist():
        effect, variance = effects[row], variances[row]
        if np.isinf(effect):
            what, remedy = "the effect is infinite", "Leave it out, or correct the numbers."
        elif abs(effect) > _LARGEST or _LEAST > variance > 0 or _LARGEST < variance < np.inf:
            what = (
                f"an effect of {effect:g} with a variance of {variance:g} cannot be reckoned with"
            )
            remedy = "Give the effects in other units."
        elif np.isinf(variance):
            what = "the sampling variance is infinite"
            remedy = "Leave the study out: it says nothing of the effect."
        else:
            what = f"the sampling variance is {variance:g}"
            remedy = "A variance is above zero; see whether it is a standard error or a misprint."
        raise BadStudy(names[row], what, remedy)
