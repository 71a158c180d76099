"""Rows put aside on disk by the study that they are of, wherever in a file they stand."""

import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Any, Generic, TypeVar
from weakref import finalize

_T = TypeVar("_T")


@dataclass(slots=True)
class Line:
    """What a row says, by the reader's own names for the columns.

    Attributes:
        row: where it stands in the file.
        words: its cells as `column=value`, for a quote.
        texts: words of the file.
        numbers: cells that are numbers.
        unread: cells of columns of numbers that are none, which were taken for missing.
    """

    row: int
    words: str
    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def count(self, name: str) -> int | None:
        """Return a number that is a whole one."""
        value = self.numbers.get(name)
        return None if value is None else int(value)


class Aside(Generic[_T]):
    """Things put aside in an unnamed file that goes when this does; memory holds places.

    Nothing waits to be written, and reading moves nothing: a copy of this process may read as well.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed with what it belongs to
        self._places = [0]
        finalize(self, self._file.close)

    def __len__(self) -> int:
        return len(self._places) - 1

    def __iter__(self) -> Iterator[_T]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, number: int) -> _T:
        start, end = self._places[number : number + 2]
        found: _T = pickle.loads(self._read(start, end - start))  # noqa: S301 - as it was put there
        return found

    def add(self, thing: _T) -> None:
        """Put a thing aside, behind the others."""
        rest = memoryview(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))
        end = self._places[-1] + len(rest)
        self._file.seek(self._places[-1])
        while rest:
            rest = rest[self._file.write(rest) :]
        self._places.append(end)

    def _read(self, start: int, size: int) -> bytes:
        if sys.platform != "win32":
            return os.pread(self._file.fileno(), size, start)
        self._file.seek(start)
        return self._file.read(size)


class Spool:
    """Lines by study."""

    def __init__(self) -> None:
        self._lines = Aside[tuple[Any, ...]]()
        self._numbers: dict[str, list[int]] = {}

    def add(self, study: str, line: Line) -> None:
        """Put a line aside."""
        self._numbers.setdefault(study, []).append(len(self._lines))
        self._lines.add((line.row, line.words, line.texts, line.numbers, line.unread))

    def studies(self) -> Iterator[tuple[str, list[Line]]]:
        """Yield each study with its lines, both in the order in which they came."""
        for study, numbers in self._numbers.items():
            yield study, [Line(*self._lines[number]) for number in numbers]
