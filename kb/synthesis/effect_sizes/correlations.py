"""Correlations on the scale of Fisher's z."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes.rows import Rows, quietly
from kb.synthesis.effects import Effects


def fisher_z(ri: ArrayLike, ni: ArrayLike, labels: Sequence[str] | None = None) -> Effects:
    """Return z = artanh r of correlations among ni people, with the variance 1 / (n - 3).

    A correlation of 1 or -1, whose z is infinite, and a group of 3 or fewer are set aside. Raise
    BadStudy for a correlation beyond them or a group of nobody (Fisher RA. Metron 1921;1:3-32).
    """
    rows = Rows.of(labels, ri=ri, ni=ni)
    rows.refuse(
        np.abs(rows["ri"]) > 1, "the correlation is {ri:g}", "It lies between -1 and 1; correct it."
    )
    rows.refuse(
        rows["ni"] <= 0, "the group has {ni:g} people", "A correlation is of somebody; correct it."
    )
    yi, vi = quietly(_fisher_z, rows["ri"], rows["ni"])
    return rows.effects(
        "ZCOR",
        yi,
        vi,
        ni=rows["ni"],
        without=(
            (np.abs(rows["ri"]) == 1, "the correlation is perfect: its Fisher's z is infinite"),
            (rows["ni"] <= 3, "Fisher's z has a variance only with more than 3 people"),
        ),
    )


def _fisher_z(ri: Array, ni: Array) -> tuple[Array, Array]:
    return np.arctanh(ri), 1 / (ni - 3)
