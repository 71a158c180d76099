"""Two stores held against each other: the rows that differ and the answers that moved."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kb.base import Base, DataState
from kb.curation.comparing import Difference
from kb.diff.claims import MovedClaim, moved_claims
from kb.diff.opening import opened
from kb.diff.pools import RULE, MovedPool, moved_pools, poolable_questions
from kb.diff.questions import MovedQuestion, fixed_questions, moved_questions
from kb.diff.rows import changed_rows
from kb.flat import Flat
from kb.store.engine import name_of
from kb.store.opening import Tell


@dataclass(frozen=True)
class Compared:
    """One of the two stores: what it is called, and the data that it names."""

    name: str
    data: DataState

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"store": self.name, **self.data.as_dict()}


@dataclass(frozen=True)
class StoreDifference:
    """How two stores differ.

    Attributes:
        old, new: the stores.
        rows: the rows that were added, changed or removed.
        pools: the pooled answers that moved, of so many asked; `pools_within` counts those that are
            not the same and did not move by the rule.
        questions: the questions that other records answer, of so many asked.
        claims: the claims and printed results with another verdict, of so many audited.
    """

    old: Compared
    new: Compared
    rows: Difference
    pools: tuple[MovedPool, ...] = ()
    pools_asked: int = 0
    pools_within: int = 0
    questions: tuple[MovedQuestion, ...] = ()
    questions_asked: int = 0
    claims: tuple[MovedClaim, ...] = ()
    claims_audited: int = 0

    @property
    def is_same(self) -> bool:
        """Whether both hold the same evidence."""
        return not self.rows

    @property
    def status(self) -> str:
        """Either "the same" or "different"."""
        return "the same" if self.is_same else "different"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as `--format json` prints it."""
        return {
            "status": self.status,
            "old": self.old.as_dict(),
            "new": self.new.as_dict(),
            "counts": self._counts(),
            "rows": list(self._rows()),
            "pooled": {
                "asked": self.pools_asked,
                "within_the_rule": self.pools_within,
                "rule": RULE,
                "moved": [moved.as_dict() for moved in self.pools],
            },
            "questions": {
                "asked": self.questions_asked,
                "moved": [moved.as_dict() for moved in self.questions],
            },
            "claims": {
                "asked": self.claims_audited,
                "moved": [moved.as_dict() for moved in self.claims],
            },
        }

    def flat(self) -> Flat:
        """Return a row for each pooled answer and question that moved, and each changed value."""
        headers = ["what", "how", "where", "key", "field", "then", "now"]
        pools = [
            [
                "pooled answer",
                "; ".join(m.how),
                m.command,
                None,
                name,
                then.get(name),
                now.get(name),
            ]
            for m in self.pools
            for then, now in [(_told(m.then), _told(m.now))]
            for name in dict.fromkeys([*then, *now])
        ]
        questions = [
            ["question", "other records", m.command, None, "count", m.then, m.now]
            for m in self.questions
        ]
        claims = [
            ["verdict", "another verdict", m.table, m.key, "verdict", m.then, m.now]
            for m in self.claims
        ]
        rows = (["row", *row.values()] for row in self._rows())
        return headers, [*pools, *questions, *claims, *rows]

    def _rows(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each row that came or went, and each value that changed."""
        for change in self.rows.changes:
            for name, (then, now) in change.fields.items() or [(None, (None, None))]:
                yield {
                    "how": change.kind,
                    "table": change.table,
                    "key": change.key,
                    "field": name,
                    "then": then,
                    "now": now,
                }

    def _counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, Counter[str]] = {}
        for change in self.rows.changes:
            counts.setdefault(change.table, Counter())[change.kind] += 1
        return {table: dict(found) for table, found in counts.items()}


def diff(old: str, new: str, tell: Tell = lambda _: None) -> StoreDifference:
    """Return how two stores differ, each a path, a URL or a folder of seed files.

    `tell` takes a sentence on what is being done, for the person who waits.
    Raises `StoreError` where one cannot be read or has tables of another version.
    """
    with opened(old) as before, opened(new) as after:
        names = _compared(before, old), _compared(after, new)
        rows = changed_rows(before, after)
        if not rows:
            return StoreDifference(*names, rows)
        tell("asking both stores the same questions")
        pools, asked = poolable_questions(before, after), fixed_questions(before, after)
        moved, within = moved_pools(before, after, pools)
        claims, audited = moved_claims(before, after)
        return StoreDifference(
            *names,
            rows,
            tuple(moved),
            len(pools),
            within,
            tuple(moved_questions(before, after, asked)),
            len(asked),
            tuple(claims),
            audited,
        )


def _compared(base: Base, given: str) -> Compared:
    engine = base.connection.engine
    return Compared(name_of(engine) if "://" in given else given, base.data)


def _told(pooled: Any) -> dict[str, Any]:
    return pooled.as_dict() if pooled else {}
