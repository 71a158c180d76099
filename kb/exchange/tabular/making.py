"""Studies made of rows that were put aside, once, and put aside themselves."""

from collections.abc import Callable, Iterator
from typing import Protocol

from kb.exchange.drafts import Note, StudyDraft, StudyName
from kb.exchange.tabular.spool import Aside, Line, Spool


class Maker(Protocol):
    """Makes the draft of one study, and keeps notes on its rows."""

    notes: list[Note]

    def make(self) -> StudyDraft | None:
        """Return the draft; None where every row is refused."""


class Made:
    """The studies of a file, with their names and the notes on their rows."""

    def __init__(self, spool: Spool, maker: Callable[[str, list[Line]], Maker]) -> None:
        self.notes: list[Note] = []
        self.named: list[StudyName] = []
        self._drafts = Aside[StudyDraft]()
        for study, lines in spool.studies():
            made = maker(study, lines)
            if draft := made.make():
                self._drafts.add(draft)
                self.named.append(StudyName(draft.name, draft.year))
            self.notes += made.notes

    def studies(self) -> Iterator[StudyDraft]:
        """Yield the studies, one at a time."""
        return iter(self._drafts)
