"""Pooling as Python asks for it: facets and options by their names."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kb.errors import UnknownValue
from kb.facets import ABOUT_MEASUREMENTS, FACETS
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.pooling.pooling import pool_table as pool_file

if TYPE_CHECKING:
    import pandas as pd

    from kb.base import Base

OPTIONS = (*(field.name for field in fields(PoolOptions)), "model")
_LISTS = {"rule", "include", "exclude", "moderators"}


def pool_results(base: "Base", asked: Mapping[str, Any]) -> PooledAnswer:
    """Return the pooled answer to facets and options in one mapping.

    Raises `UnknownValue` for a name that is neither, and where no outcome says what to pool.
    """
    check_names(asked, (*FACETS, *OPTIONS), "facet or option of pooling")
    facets = {name: value for name, value in asked.items() if name in FACETS}
    question = base.question("pool", **facets)
    if not question.about(ABOUT_MEASUREMENTS):
        raise UnknownValue("It is not said what to pool.", 'Name an outcome: outcome="survival".')
    return pool(base, question, options_of(asked))


def pool_table(table: "str | Path | pd.DataFrame", **options: Any) -> PooledAnswer:
    """Return the verdict on a table of your own and its pooled effect; no store is needed.

    `table` is a CSV file or a data frame with metafor's columns, such as ai bi ci di, m1i sd1i n1i
    m2i sd2i n2i, or yi vi; `options` are those of `PoolOptions.of`, such as measure="OR".
    """
    check_names(options, OPTIONS, "option of pooling")
    if isinstance(table, str | Path):
        return pool_file(Path(table), options_of(options))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table.to_csv(path, index=False)
        return pool_file(path, options_of(options), name="data frame")


def options_of(asked: Mapping[str, Any]) -> PoolOptions:
    """Return the options of pooling that are among what was asked."""
    given: dict[str, Any] = {
        name: _listed(value) if name in _LISTS else value
        for name, value in asked.items()
        if name in OPTIONS
    }
    return PoolOptions.of(**given)


def _listed(values: str | Iterable[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def check_names(given: Collection[str], known: Collection[str], kind: str) -> None:
    """Raise `UnknownValue`, naming the nearest, for a name that is none of those known."""
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3)
            nearest = f"Nearest: {', '.join(near)}." if near else f"There are {', '.join(known)}."
            raise UnknownValue(f"There is no {kind} '{name}'.", nearest)
