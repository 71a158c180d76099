"""Flat rows as a data frame of pandas, which is loaded when one is asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kb.flat import Flat

if TYPE_CHECKING:
    import pandas as pd


def frame(flat: Flat) -> "pd.DataFrame":
    """Return a frame with a column for each header, in their order.

    Whole numbers stay whole (Int64) where some are missing, numbers are float64 and truths boolean.
    """
    import pandas as pd

    headers, rows = flat
    columns = zip(*rows, strict=True) if rows else [()] * len(headers)
    return pd.DataFrame(
        {
            header: pd.Series(list(column), dtype=_dtype(column))
            for header, column in zip(headers, columns, strict=True)
        }
    )


def _dtype(values: Sequence[Any]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int}:
        return "Int64"
    if kinds == {bool}:
        return "boolean"
    if kinds and kinds <= {int, float}:
        return "float64"
    return None if kinds else object
