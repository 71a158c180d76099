"""What a check or a rule found of a claim or a printed result."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.audit.verdicts import Verdict
from kb.base import Record


class Rule(StrEnum):
    """By what something was recomputed."""

    CHECK = "check"
    PERCENTAGE = "percentage"
    QUESTION = "question"
    INTERVAL = "interval"
    P_VALUE = "p value"
    COUNTS = "counts"
    POOLED_AGAIN = "pooled again"


_OF_INCONSISTENCIES = {
    Verdict.DISAGREES: "An inconsistency, found by rule.",
    Verdict.AGREES: "Recorded as an inconsistency, which no rule finds.",
    Verdict.RECORDED: "An inconsistency, shown as recorded.",
}


@dataclass(frozen=True)
class Finding:
    """A comparison: the claimed and the recomputed value, by what rule, and what is missing.

    `named` holds the keys of the claims whose numbers were compared.
    """

    verdict: Verdict
    rule: Rule
    meaning: str
    claimed: str
    recomputed: str = ""
    missing: str = ""
    expression: str = ""
    named: tuple[str, ...] = ()
    passages: tuple[Record, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "verdict": self.verdict.value,
            "rule": self.rule.value,
            "meaning": self.meaning,
            "claimed": self.claimed,
            "recomputed": self.recomputed or None,
            "missing": self.missing or None,
            "expression": self.expression or None,
            "claims": list(self.named),
            "passages": list(self.passages),
        }


@dataclass(frozen=True)
class Entry:
    """A claim or a printed result in the ledger, with all that was found of it.

    `missing` says why nothing could be compared, where nothing was; `elsewhere` names the claims
    whose checks compare its numbers.
    """

    table: str
    key: str
    kind: str
    statement: str
    review: str | None = None
    findings: tuple[Finding, ...] = ()
    missing: str = ""
    elsewhere: tuple[str, ...] = ()
    passages: tuple[Record, ...] = ()
    verdict: Verdict = Verdict.UNCHECKED

    @property
    def note(self) -> str:
        """What became of an inconsistency that was found by reading."""
        return _OF_INCONSISTENCIES.get(self.verdict, "") if self.kind == "inconsistency" else ""

    def of(self, verdict: Verdict) -> Sequence[Finding]:
        """Return the findings of that verdict."""
        return [finding for finding in self.findings if finding.verdict == verdict]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "table": self.table,
            "key": self.key,
            "kind": self.kind,
            "statement": self.statement,
            "review": self.review,
            "verdict": self.verdict.value,
            "note": self.note or None,
            "missing": self.missing or None,
            "compared_under": list(self.elsewhere),
            "findings": [finding.as_dict() for finding in self.findings],
            "passages": list(self.passages),
        }
