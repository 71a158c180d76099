"""GOSH: the pooled effects and the heterogeneity of all subsets of the studies, or of many.

Olkin I, Dahabreh IJ, Trikalinos TA. GOSH - a graphical display of study heterogeneity. Res Synth
Methods 2012;3:214-223.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL
from kb.synthesis.groups import Index
from kb.synthesis.options import METHODS, method_of
from kb.synthesis.sensitivity.subsets import Mask, pool_subsets
from kb.synthesis.words import said

_MOST_STUDIES = 15
_MOST_SETS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Gosh:
    """The results of the subsets.

    Attributes:
        effects: the k studies.
        method: the model, as metafor calls it.
        complete: whether these are all subsets, not a random choice of them.
        included: a bit for each study of a subset, the first study lowest, shape
            (subsets, bytes); `holding` reads it.
        sizes: the number of studies of each subset, shape (subsets,).
        estimate, i2, tau2: the mean, I² in percent and tau² of each subset, shape (subsets,); a
            subset of one study has no heterogeneity to show, and 0 for both.
    """

    effects: Effects
    method: str
    complete: bool
    included: NDArray[np.uint8]
    sizes: Index
    estimate: Array
    i2: Array
    tau2: Array

    def __len__(self) -> int:
        return self.sizes.size

    def holding(self, study: int) -> Mask:
        """Return which subsets hold the study at this position, shape (subsets,)."""
        at = range(self.effects.k)[study]
        return (self.included[:, at // 8] >> at % 8 & 1).astype(bool)

    def summary(self) -> str:
        """Return the spread of the results, and the study that parts them most."""
        kind = "all" if self.complete else "random"
        lines = [
            f"GOSH of {self.effects.k} studies: {kind} {len(self)} subsets, {METHODS[self.method]}",
            f"{self.effects.measure.name}: {_spread(self.estimate, '.4f')}",
            f"I²: {_spread(self.i2, '.1f')} (percent)",
            *self._parting(),
            *said(self.effects.left_out),
        ]
        return "\n".join(lines)

    def _parting(self) -> tuple[str, ...]:
        """Say which study moves the median estimate most by being in a subset."""
        parted = []
        for study in range(self.effects.k):
            held = self.holding(study)
            if held.any() and not held.all():
                inside, outside = np.median(self.estimate[held]), np.median(self.estimate[~held])
                parted.append((abs(inside - outside), study, inside, outside))
        if not parted:
            return ()
        _, study, inside, outside = max(parted)
        text = (
            f"The study that parts the subsets most is {self.effects.labels[study]}: the median "
            f"estimate is {inside:.4f} with it and {outside:.4f} without."
        )
        return (text,)


def gosh(
    effects: Effects,
    *,
    method: str = "REML",
    sets: int | None = None,
    seed: int | np.random.Generator | None = None,
) -> Gosh:
    """Return the results of the subsets of at least two studies.

    Args:
        effects: the studies.
        method: as in `pool`.
        sets: how many random subsets to take, at most 1,000,000; None for all 2^k - 1, which are
            within reach up to 15 studies. A random subset holds each study with probability one
            half, and the same one may come twice; an empty one is drawn again.
        seed: what random subsets start from: a number, or numpy's Generator.
    """
    if effects.k < 2:
        raise TooFewStudies("GOSH", needed=2, found=effects.k)
    method = method_of(method)
    included = _all(effects.k) if sets is None else _random(effects.k, sets, seed)
    batches = pool_subsets(
        effects,
        len(included),
        lambda which: _unpacked(included[which], effects.k),
        method=method,
        test="z",
        level=DEFAULT_LEVEL,
    )
    parts = [(c.q_df.astype(np.intp) + 1, c.estimate, c.i2, c.tau2) for c in batches]
    sizes, estimate, i2, tau2 = map(np.concatenate, zip(*parts, strict=True))
    return Gosh(effects, method, sets is None, included, sizes, estimate, i2, tau2)


def _all(k: int) -> NDArray[np.uint8]:
    """Return the bits of all subsets but the empty one: the numbers 1 to 2^k - 1."""
    if k > _MOST_STUDIES:
        raise BadOption(
            f"{k} studies have 2^{k} - 1 subsets, and all of them are taken up to {_MOST_STUDIES} "
            "studies. Give the number of random subsets (sets) and a seed."
        )
    numbers = np.arange(1, 2**k, dtype="<u2")
    return numbers.view(np.uint8).reshape(-1, 2)[:, : (k + 7) // 8]


def _random(k: int, sets: int, seed: int | np.random.Generator | None) -> NDArray[np.uint8]:
    """Return the bits of random subsets."""
    if not 1 <= sets <= _MOST_SETS:
        raise BadOption(f"The number of subsets is between 1 and {_MOST_SETS:,}, not {sets:,}.")
    if seed is None:
        raise BadOption("Random subsets need a seed, so that they can be drawn again. Give one.")
    generator = np.random.default_rng(seed)
    drawn = np.zeros((sets, (k + 7) // 8), np.uint8)
    empty = np.arange(sets)
    while empty.size:
        fresh = generator.integers(0, 256, (empty.size, drawn.shape[1]), np.uint8)
        fresh[:, -1] &= 0xFF >> (-k % 8)
        drawn[empty] = fresh
        empty = empty[~fresh.any(axis=1)]
    return drawn


def _unpacked(included: NDArray[np.uint8], k: int) -> Mask:
    return np.unpackbits(included, axis=1, count=k, bitorder="little").astype(bool)


def _spread(values: Array, form: str) -> str:
    low, lower, middle, upper, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
    return (
        f"{low:{form}} to {high:{form}}, median {middle:{form}}, "
        f"half of them between {lower:{form}} and {upper:{form}}"
    )
