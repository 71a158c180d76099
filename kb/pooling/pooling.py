"""Pool on demand: put selection, analysis and verdict together."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kb.pooling.analysing.analysis import Analysis, analyse
from kb.pooling.analysing.engine import NotPooled
from kb.pooling.answer import PooledAnswer
from kb.pooling.evidence import Selection
from kb.pooling.options import PoolOptions
from kb.pooling.verdict import judge

if TYPE_CHECKING:
    from kb.base import Base
    from kb.question import Question


def pool(base: "Base", question: "Question", options: PoolOptions) -> PooledAnswer:
    """Return the verdict on the results that a question selects, and the pooled effect."""
    from kb.pooling.selecting.reported import reported_pools
    from kb.pooling.selecting.selection import select_effects

    selection = select_effects(base, question, options)
    analysis, refused = _analysed(selection, options)
    return PooledAnswer(
        question=replace(question, subject="pool"),
        file=None,
        options=options,
        data=base.data,
        verdict=judge(selection, analysis, options, refused),
        selection=selection,
        analysis=analysis,
        reported=reported_pools(base, question, options),
    )


def pool_table(path: Path, options: PoolOptions, name: str = "") -> PooledAnswer:
    """Return the verdict on a table in a CSV file, and its pooled effect; touches no store.

    `name` is what the table is called, where that is not its path.
    """
    from kb.pooling.tables.table import read_table

    selection, file = read_table(path, options, name)
    analysis, refused = _analysed(selection, options)
    return PooledAnswer(
        question=None,
        file=file,
        options=options,
        data=None,
        verdict=judge(selection, analysis, options, refused),
        selection=selection,
        analysis=analysis,
    )


def _analysed(selection: Selection, options: PoolOptions) -> tuple[Analysis | None, str]:
    """Return the pooled effect, or why dependent effects cannot be pooled as was asked."""
    if not selection.entries:
        return None, ""
    try:
        return analyse(selection, options), ""
    except NotPooled as error:
        if options.dependence == "one":
            raise
        return None, str(error)
