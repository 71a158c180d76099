"""The ledger: every claim and printed result, and whether it can be confirmed here."""

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.audit.facts import Facts
from kb.audit.findings import Entry, Finding
from kb.audit.pools import pooled_again
from kb.audit.rules import PRINTED_RESULT, findings_of, printed_pools, printed_results
from kb.audit.verdicts import Verdict
from kb.base import Base, DataState, Record
from kb.errors import UnknownValue
from kb.order import by_key
from kb_schema.codes import ClaimKind

NOTHING_STORED = {
    ClaimKind.NUMBER: "A number that nothing stored can be held against.",
    ClaimKind.FINDING: "A finding in words: there is no number to compute again.",
    ClaimKind.INTERPRETATION: "An interpretation: there is no number to compute again.",
    ClaimKind.RECOMMENDATION: "A recommendation: there is no number to compute again.",
    ClaimKind.BIBLIOGRAPHIC: "A bibliographic statement, to be held against the publication.",
    ClaimKind.INCONSISTENCY: "Found by reading and recorded; no number decides it.",
}
"""Why nothing could be compared, by the kind of the claim."""

_NO_CHECKS = (
    "The store holds no checks, as one of an older version of kb. `kb load` adds those shipped."
)
_ELSEWHERE = "Its numbers are compared under another claim."


@dataclass(frozen=True)
class Ledger:
    """The entries asked for, the state of the data, and what a reader must know of them."""

    entries: tuple[Entry, ...]
    data: DataState
    notes: tuple[str, ...] = ()

    def of(self, verdict: Verdict) -> Sequence[Entry]:
        """Return the entries of that verdict."""
        return [entry for entry in self.entries if entry.verdict == verdict]

    @property
    def counts(self) -> Mapping[str, Mapping[Verdict, int]]:
        """The number of claims and of printed results by verdict."""
        found = Counter((_what(entry), entry.verdict) for entry in self.entries)
        return {
            what: {verdict: found[what, verdict] for verdict in Verdict}
            for what in ("claims", "printed results")
        }

    @property
    def why_unchecked(self) -> Mapping[str, list[Entry]]:
        """The claims that cannot be checked, by what is missing; those of one kind together."""
        groups: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.of(Verdict.UNCHECKED):
            if not entry.findings:
                groups[entry.missing].append(entry)
        return groups

    @property
    def lacking(self) -> Sequence[tuple[Entry, Finding]]:
        """The comparisons that could not be made, because something is missing in the base."""
        return [(entry, f) for entry in self.entries for f in entry.of(Verdict.UNCHECKED)]

    def as_dict(self) -> dict[str, Any]:
        """Return the ledger as plain data, as `--format json` prints it."""
        return {
            "summary": {what: _plain(numbers) for what, numbers in self.counts.items()},
            "answer": [entry.as_dict() for entry in self.entries],
            "count": len(self.entries),
            "notes": list(self.notes),
            "data": self.data.as_dict(),
        }


def audit(
    base: Base,
    *,
    claim: str | None = None,
    review: str | None = None,
    verdict: str | None = None,
    of_studies: bool = True,
) -> Ledger:
    """Return the ledger of a base, or the part of it that is asked for.

    Without `of_studies` the printed results of studies, which may be many, are left out.
    A review's part has its own claims and printed pools and the claims whose checks compare them.
    Raises `UnknownValue` where no claim or review has the key.
    """
    facts = Facts(base)
    if claim is not None:
        _refuse_unknown(claim, facts.claims, "claim")
    if review is not None:
        _refuse_unknown(review, facts.reviews, "review")
    if claim is not None:
        entries = _of_claim(facts, claim)
    else:
        entries = _ledger(facts, of_studies=of_studies and review is None)
    kept = (
        entry
        for entry in entries
        if (review is None or review in _reviews(facts, entry))
        and (verdict is None or entry.verdict == verdict)
    )
    return Ledger(tuple(kept), base.data, () if facts.checks else (_NO_CHECKS,))


def _ledger(facts: Facts, *, of_studies: bool) -> Iterator[Entry]:
    yield from _claims(facts)
    again = dict(pooled_again(facts))
    for entry in printed_pools(facts):
        more = [again[entry.key]] if entry.key in again else []
        yield _judged(replace(entry, findings=(*entry.findings, *more)))
    if of_studies:
        yield from map(_judged, printed_results(facts))


def _of_claim(facts: Facts, key: str) -> Iterator[Entry]:
    """Yield the entry of a claim and of those whose checks compare it."""
    for entry in _claims(facts):
        if entry.key == key or any(key in finding.named for finding in entry.findings):
            yield entry


def _claims(facts: Facts) -> Iterator[Entry]:
    rows = sorted(facts.claims.values(), key=lambda row: by_key(row["key"]))
    found = {row["key"]: tuple(findings_of(facts, row)) for row in rows}
    confirmed, compared = _others(found)
    passages = facts.base.passages(row["passage_key"] for row in rows)
    for row in rows:
        own = found[row["key"]]
        elsewhere = confirmed[row["key"]] or compared[row["key"]]
        yield _judged(
            Entry(
                "claim",
                row["key"],
                row["kind"],
                row["statement"],
                row["review_key"],
                own,
                "" if own else _missing(row, elsewhere),
                tuple(elsewhere),
                (passages[row["passage_key"]],),
            ),
            confirmed=bool(confirmed[row["key"]]),
        )


def _others(
    found: Mapping[str, Iterable[Finding]],
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    """Return by claim the other claims whose checks confirm its numbers, or only compare them."""
    confirmed: dict[str, dict[str, None]] = defaultdict(dict)
    compared: dict[str, dict[str, None]] = defaultdict(dict)
    for owner, findings in found.items():
        for finding in findings:
            for key in finding.named:
                agrees = finding.verdict == Verdict.AGREES
                (confirmed if agrees else compared)[key].setdefault(owner)
    return _without_themselves(confirmed), _without_themselves(compared)


def _without_themselves(owners: Mapping[str, Iterable[str]]) -> Mapping[str, list[str]]:
    others = {key: [owner for owner in of if owner != key] for key, of in owners.items()}
    return defaultdict(list, others)


def _missing(row: Record, elsewhere: Sequence[str]) -> str:
    return _ELSEWHERE if elsewhere else NOTHING_STORED[ClaimKind(row["kind"])]


def _judged(entry: Entry, *, confirmed: bool = False) -> Entry:
    """Return an entry with the verdict that its findings and those of others come to."""
    verdicts = {finding.verdict for finding in entry.findings}
    if Verdict.DISAGREES in verdicts:
        verdict = Verdict.DISAGREES
    elif Verdict.AGREES in verdicts or confirmed:
        verdict = Verdict.AGREES
    elif entry.kind == ClaimKind.INCONSISTENCY:
        verdict = Verdict.RECORDED
    else:
        verdict = Verdict.UNCHECKED
    return replace(entry, verdict=verdict)


def _reviews(facts: Facts, entry: Entry) -> set[str | None]:
    named = (facts.claims[key]["review_key"] for f in entry.findings for key in f.named)
    return {entry.review, *named}


def _refuse_unknown(key: str, known: Mapping[str, Record], what: str) -> None:
    if key in known:
        return
    near = difflib.get_close_matches(key, known, n=4, cutoff=0.4)
    remedy = f"Nearest: {', '.join(near)}." if near else "`kb audit` lists them."
    raise UnknownValue(f"No {what} has the key '{key}'.", remedy)


def _what(entry: Entry) -> str:
    return "printed results" if entry.kind == PRINTED_RESULT else "claims"


def _plain(numbers: Mapping[Verdict, int]) -> dict[str, int]:
    return {verdict.value: number for verdict, number in numbers.items()}
