"""What a reader of comparisons hands on: studies, one at a time, from rows put aside."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from kb.exchange.comparisons.studies import Frame, StudyMaker
from kb.exchange.drafts import Note, Reading, StatedSize
from kb.exchange.sheets import Sheet
from kb.exchange.tabular.making import Made
from kb.exchange.tabular.spool import Line, Spool

SizesOf = Callable[[str, Line], Iterator[StatedSize]]
"""Yields the effect sizes that a row of a study states beside its data."""


def reading_of(
    sheet: Sheet, spool: Spool, frame: Frame, sizes_of: SizesOf, notes: Iterable[Note]
) -> Reading:
    """Return the reading of a sheet whose rows are in a spool; `notes` are those known so far."""

    def sizes() -> Iterator[StatedSize]:
        for study, lines in spool.studies():
            for line in lines:
                yield from sizes_of(study, line)

    made = Made(spool, partial(StudyMaker, frame=frame))
    every = sorted((*sheet.notes, *notes, *made.notes))
    return Reading(sheet.count, tuple(every), studies=made.studies, named=made.named, sizes=sizes)
