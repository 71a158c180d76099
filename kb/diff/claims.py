"""Claims and printed results whose verdict in the ledger is not what it was."""

from dataclasses import dataclass

from kb.audit.findings import Entry
from kb.audit.ledger import audit
from kb.base import Base


@dataclass(frozen=True)
class MovedClaim:
    """A claim or printed result with its verdicts then and now, None where it is not there."""

    table: str
    key: str
    statement: str
    then: str | None
    now: str | None

    def as_dict(self) -> dict[str, str | None]:
        """Return it as plain data."""
        return {
            "table": self.table,
            "key": self.key,
            "statement": self.statement,
            "then": self.then,
            "now": self.now,
        }


def moved_claims(old: Base, new: Base) -> tuple[list[MovedClaim], int]:
    """Return what has another verdict in the new store, and of how many claims and results."""
    before, after = _entries(old), _entries(new)
    asked = dict.fromkeys([*before, *after])
    moved = (_moved(before.get(place), after.get(place)) for place in asked)
    return [claim for claim in moved if claim.then != claim.now], len(asked)


def _entries(base: Base) -> dict[tuple[str, str], Entry]:
    return {(entry.table, entry.key): entry for entry in audit(base).entries}


def _moved(then: Entry | None, now: Entry | None) -> MovedClaim:
    entry = now or then
    assert entry is not None
    verdicts = (each.verdict.value if each else None for each in (then, now))
    return MovedClaim(entry.table, entry.key, entry.statement, *verdicts)
