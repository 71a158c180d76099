"""A brief: sections of statements, each with what it rests on, and the sources numbered once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kb.base import DataState, Record
from kb.brief.topic import Topic
from kb.citations import SEEN_IN_WORDS
from kb.flat import Flat


@dataclass(frozen=True)
class Statement:
    """What is said, and what it rests on: passages, a command that computes it again, or both.

    Attributes:
        text: a sentence or several.
        about: the outcome, theme or construct that it is about; "" where the text says so.
        mark: words that qualify it, such as "coding inferred" or "certainty not yet rated".
        passages: what the sources say, as `Base.passages` returns them.
        command: repeats what was computed, counted or chosen here; "" where a source says it all.
        how: what the command does, such as "pooled here".
    """

    text: str
    passages: tuple[Record, ...] = ()
    about: str = ""
    mark: str = ""
    command: str = ""
    how: str = "computed here"


@dataclass(frozen=True)
class Block:
    """Statements of one kind under a heading that says whose evidence they are."""

    heading: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Section:
    """A part of a brief."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Source:
    """A report that a brief rests on: its number, and how its passages were seen."""

    number: int
    report: str
    citation: str
    address: str
    seen: tuple[str, ...]

    @property
    def seen_in_words(self) -> str:
        """How it was seen: "seen at the source; read in full"."""
        return "; ".join(SEEN_IN_WORDS[code] for code in self.seen)

    def as_dict(self) -> dict[str, Any]:
        """Return the source as plain data."""
        return {
            "number": self.number,
            "report": self.report,
            "citation": self.citation,
            "address": self.address,
            "seen": list(self.seen),
        }


@dataclass(frozen=True)
class Brief:
    """What is known of a topic, in short first, then by section."""

    topic: Topic
    sections: tuple[Section, ...]
    data: DataState

    @property
    def statements(self) -> Iterator[Statement]:
        """All statements in their order."""
        for section in self.sections:
            for block in section.blocks:
                yield from block.statements

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The reports behind the statements, numbered in the order in which they are cited."""
        passages: dict[str, list[Record]] = {}
        for statement in self.statements:
            for passage in statement.passages:
                passages.setdefault(passage["report"], []).append(passage)
        return tuple(
            Source(number, report, found[0]["citation"], found[0]["address"], _seen(found))
            for number, (report, found) in enumerate(passages.items(), 1)
        )

    @property
    def read_in_full(self) -> str:
        """How many of the sources were read in full, in a sentence; "" where there is none."""
        if not self.sources:
            return ""
        full = sum("full-text" in source.seen for source in self.sources)
        return (
            f"Reports cited: {len(self.sources)}; read in full: {full}. Beside each stands how its "
            "passages were seen; what was seen in part may leave out what matters."
        )

    def markers(self, statement: Statement) -> list[int]:
        """Return the numbers of the sources of a statement."""
        return sorted({self._numbers[passage["report"]] for passage in statement.passages})

    def as_dict(self) -> dict[str, Any]:
        """Return the brief as plain data, as `--format json` prints it."""
        return {
            "question": self.topic.as_dict(),
            "title": self.topic.title,
            "answer": [self._section(section) for section in self.sections],
            "count": sum(1 for _ in self.statements),
            "sources": [source.as_dict() for source in self.sources],
            "data": self.data.as_dict(),
        }

    def flat(self) -> Flat:
        """Return a row for each statement."""
        headers = ["section", "block", "about", "statement", "mark", "sources", "command"]
        rows = [
            [
                *(section.heading, block.heading, each.about, each.text, each.mark),
                *("; ".join(self._cited(each)), each.command),
            ]
            for section in self.sections
            for block in section.blocks
            for each in block.statements
        ]
        return headers, [[cell or None for cell in row] for row in rows]

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {source.report: source.number for source in self.sources}

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "key": section.key,
            "heading": section.heading,
            "blocks": [
                {
                    "heading": block.heading or None,
                    "statements": [self._statement(each) for each in block.statements],
                }
                for block in section.blocks
            ],
        }

    def _statement(self, statement: Statement) -> dict[str, Any]:
        return {
            "about": statement.about or None,
            "text": statement.text,
            "mark": statement.mark or None,
            "sources": self.markers(statement),
            "command": statement.command or None,
            "how": statement.how if statement.command else None,
            "passages": list(statement.passages),
        }

    def _cited(self, statement: Statement) -> list[str]:
        return [
            f"{source.citation}, {source.address}"
            for source in self.sources
            if source.number in self.markers(statement)
        ]


def blocks(*given: tuple[str, Iterable[Statement]]) -> tuple[Block, ...]:
    """Return the blocks that hold anything."""
    made = (Block(heading, tuple(statements)) for heading, statements in given)
    return tuple(block for block in made if block.statements)


def _seen(passages: Iterable[Record]) -> tuple[str, ...]:
    codes = {passage["seen"] for passage in passages}
    return tuple(code for code in SEEN_IN_WORDS if code in codes)
