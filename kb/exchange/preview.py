"""What an import would do, or has done: counts, what a person must decide, and what to look at."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kb.curation.reading import Problem
from kb.exchange.drafts import Fate, Note
from kb.exchange.words import Word

if TYPE_CHECKING:
    from kb.exchange.restating import Restated
    from kb.exchange.stated_sizes import RestatedSizes


@dataclass
class Counts:
    """How many records of one kind are new, changed, unchanged, and ignored."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ignored: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the counts as plain data."""
        return {
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "ignored": self.ignored,
        }


@dataclass(frozen=True)
class Matched:
    """A study, review or report of the file that the store had, and what it was known by."""

    kind: str
    name: str
    key: str
    by: str

    def as_dict(self) -> dict[str, str]:
        """Return the match as plain data."""
        return {"kind": self.kind, "name": self.name, "key": self.key, "by": self.by}


@dataclass(frozen=True)
class Rule:
    """The notes of one kind."""

    fate: Fate
    name: str
    notes: Sequence[Note]


@dataclass
class Preview:
    """What an import would do, or did where `event` is its number.

    `unit` is what one of its `rows` is, and `entry` what says where one stands. `seen` is the word
    for the state of the store that was looked at. `lost` counts rows of the file of which nothing
    was heard, which no reader should leave; `undirected` counts measurements of which nothing says
    which end is better, by the word for their outcome; `ends` holds what a person said of others.
    """

    file: str
    checksum: str
    format: str
    entry: str
    unit: str
    slug: str
    rows: int
    refused: set[int] = field(default_factory=set)
    warned: set[int] = field(default_factory=set)
    lost: int = 0
    records: dict[str, Counts] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    matched: list[Matched] = field(default_factory=list)
    undecided: list[Word] = field(default_factory=list)
    unknown: list[Word] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pools: list["Restated"] = field(default_factory=list)
    sizes: "RestatedSizes | None" = None
    designs: Counter[str] = field(default_factory=Counter)
    undirected: Counter[str] = field(default_factory=Counter)
    ends: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""
    event: int | None = None

    @property
    def taken(self) -> int:
        """The rows that are in."""
        return self.rows - self.lost - len(self.refused)

    @property
    def waiting(self) -> int:
        """The rows with cells that a person must decide on."""
        return len({note.row for note in self.notes if note.fate is Fate.UNDECIDED})

    @property
    def is_refused(self) -> bool:
        """Whether it has rows, and none of them can be taken."""
        return self.rows > 0 and self.taken == 0

    @property
    def is_ready(self) -> bool:
        """Whether it can be applied."""
        in_the_way = self.undecided or self.problems or self.lost or self.waiting
        return not (in_the_way or self.is_refused)

    @property
    def changes(self) -> int:
        """How many records are new or changed."""
        return sum(counts.new + counts.changed for counts in self.records.values())

    def rules(self, *fates: Fate) -> list[Rule]:
        """Return the notes of some fates by their kind, the most frequent first."""
        found: dict[tuple[Fate, str], list[Note]] = {}
        for note in self.notes:
            if note.fate in fates:
                found.setdefault((note.fate, note.rule), []).append(note)
        rules = (Rule(fate, name, sorted(notes)) for (fate, name), notes in found.items())
        return sorted(rules, key=lambda rule: (-len(rule.notes), rule.name))

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "file": self.file,
            "sha256": self.checksum,
            "format": self.format,
            "applied": self.event is not None,
            "event": self.event,
            "ready": self.is_ready,
            "seen": self.seen,
            "rows": {
                "total": self.rows,
                "in": self.taken,
                "warned": len(self.warned - self.refused),
                "refused": len(self.refused),
                "lost": self.lost,
            },
            "records": {table: counts.as_dict() for table, counts in self.records.items()},
            "designs": dict(sorted(self.designs.items())),
            "better_end_unknown": self.undirected.total(),
            "better_end_unknown_by_outcome": dict(sorted(self.undirected.items())),
            "undecided": _all(self.undecided),
            "words": _all(self.unknown),
            "problems": [_problem(problem) for problem in self.problems],
            "matched": _all(self.matched),
            "stated_results": _all(self.pools),
            "stated_sizes": self.sizes.as_dict() if self.sizes else None,
            "notes": [_note(note) for note in sorted(self.notes)],
        }


def _all(items: Iterable[Any]) -> list[Any]:
    return [item.as_dict() for item in items]


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "row": problem.line,
        "field": problem.field,
        "message": problem.message,
        "nearest": problem.nearest or None,
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "row": note.row or None,
        "field": note.field,
        "fate": note.fate.value,
        "rule": note.rule,
        "message": note.message,
    }
