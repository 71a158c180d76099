"""What a reader of comparisons hands on: studies, one at a time, from rows put aside."""

from collections.abc import Callable, Iterable, Iterator

from kb.exchange.comparisons.studies import Frame, StudyMaker
from kb.exchange.drafts import Note, Reading, StatedSize, StudyDraft
from kb.exchange.sheets import Sheet
from kb.exchange.tabular.spool import Aside, Line, Spool

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

    drafts, every = Aside[StudyDraft](), [*sheet.notes, *notes]
    for study, lines in spool.studies():
        maker = StudyMaker(study, lines, frame)
        if draft := maker.make():
            drafts.add(draft)
        every += maker.notes
    return Reading(sheet.count, tuple(sorted(every)), studies=lambda: iter(drafts), sizes=sizes)
