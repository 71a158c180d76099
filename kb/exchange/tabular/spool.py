"""Rows put aside on disk by the study that they are of, wherever in a file they stand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from weakref import finalize


@dataclass(slots=True)
class Line:
    """What a row says, by the reader's own names for the columns.

    Attributes:
        row: where it stands in the file.
        words: its cells as `column=value`, for a quote.
        texts: words of the file.
        numbers: cells that are numbers.
    """

    row: int
    words: str
    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)

    def count(self, name: str) -> int | None:
        """Return a number that is a whole one."""
        value = self.numbers.get(name)
        return None if value is None else int(value)


class Spool:
    """Lines by study, in an unnamed file that goes when the spool does; memory holds places."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed with the spool
        self._places: dict[str, list[int]] = {}
        self._end = 0
        finalize(self, self._file.close)

    def add(self, study: str, line: Line) -> None:
        """Put a line aside."""
        data = json.dumps((line.row, line.words, line.texts, line.numbers)).encode() + b"\n"
        self._file.write(data)
        self._places.setdefault(study, []).append(self._end)
        self._end += len(data)

    def studies(self) -> Iterator[tuple[str, list[Line]]]:
        """Yield each study with its lines, both in the order in which they came."""
        for study, places in self._places.items():
            yield study, [self._line(place) for place in places]

    def _line(self, place: int) -> Line:
        self._file.seek(place)
        return Line(*json.loads(self._file.readline()))
