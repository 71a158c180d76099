"""A review that a file is of, with the pooled results that it states, as records of a seed file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from sqlalchemy import Connection, select

from kb.curation.given import Given
from kb.exchange.asking import Ask
from kb.exchange.drafts import ReviewDraft, StatedPool
from kb.exchange.naming import slug
from kb.exchange.publications import Publications
from kb.exchange.records import RATIOS, Composed, Passages, Record, Source, joined
from kb.exchange.standing import standing
from kb.exchange.words import Kind, Words
from kb.store.relations import Relation, passage


class ReviewRecords:
    """Composes the review of one file."""

    def __init__(self, ask: Ask, source: Source, words: Words, publications: Publications) -> None:
        self._ask = ask
        self._source = source
        self._words = words
        self._publications = publications

    def compose(self, draft: ReviewDraft) -> Composed:
        """Return the review; one that the store has from another source stays as it is."""
        composed = Composed(key=self._key(draft))
        report, reports = self._source.report, []
        if draft.report is not None:
            taken = self._publications.take(draft.report)
            composed.notes += taken.notes
            report = taken.key or report
            reports += [taken.record] if taken.record else []
        if composed.key in self._reviews and not self._is_own(composed.key):
            composed.by = "its report"
            record = self._ask(standing, "review", composed.key)
            composed.naming("report", record["passage"]["report"])
        else:
            record = self._new(draft, composed.key, report)
        composed.naming("report", self._source.report, record["report"])
        record["pooled"] = list(self._pools(draft.pools, composed))
        composed.rows.add(draft.row)
        composed.document = Given({"reports": reports, "review": record}, draft.row)
        return composed

    def _new(self, draft: ReviewDraft, key: str, report: str) -> Record:
        words = {draft.row: f"review={joined(draft.name)}"}
        return {
            "key": key,
            "label": draft.title or draft.name,
            "kind": "meta-analysis",
            "report": report,
            "year": draft.year,
            "passage": Passages(self._source, words, draft.name).of(draft.row),
        }

    @cached_property
    def _reviews(self) -> dict[str, tuple[str, str]]:
        """The publications of the reviews of the store, and where each was seen, by key."""
        return self._ask(_reviews)

    def _is_own(self, key: str) -> bool:
        return self._reviews[key][1] == self._source.report

    def _key(self, draft: ReviewDraft) -> str:
        """Return the key of the review that has this publication, or a key of its own."""
        if draft.report is not None:
            known = self._publications.present.report(draft.report).key
            same = [key for key, (report, _) in self._reviews.items() if report == known]
            if known and len(same) == 1:
                return same[0]
        own = slug(draft.name)
        taken = own in self._reviews and not self._is_own(own)
        return f"{own}.{self._source.slug}" if taken else own

    def _pools(self, pools: Iterable[StatedPool], composed: Composed) -> Iterator[Given]:
        keys: Counter[str] = Counter()
        for pool in pools:
            outcome = self._words.term(Kind.OUTCOME, pool.outcome, pool.row).key
            if outcome is None or not self._can_be(pool, composed):
                composed.left_out["published_pool"] += 1
                continue
            own = slug(" ".join((pool.name, pool.subgroup or "", pool.statistic)))
            keys[own] += 1
            number = f"-{keys[own]}" if keys[own] > 1 else ""
            composed.rows.add(pool.row)
            yield self._pool(pool, f"{self._source.slug}.{own}{number}", outcome)

    def _can_be(self, pool: StatedPool, composed: Composed) -> bool:
        if pool.statistic not in RATIOS or pool.estimate > 0:
            return True
        message = f"{pool.name}: the file states {pool.estimate:g}, which no ratio can be"
        composed.warn(pool.row, "estimate", "stated result left out", message)
        return False

    def _pool(self, pool: StatedPool, key: str, outcome: str) -> Given:
        limits = f" {pool.ci_low:g} {pool.ci_high:g}" if pool.ci_low is not None else ""
        words = f"{joined(pool.name)} {joined(pool.subgroup or '')} {pool.estimate:g}{limits}"
        record = {
            "key": key,
            "outcome": outcome,
            "population": pool.subgroup,
            "statistic": pool.statistic,
            "estimate": pool.estimate,
            "ci_low": pool.ci_low,
            "ci_high": pool.ci_high,
            "ci_level": pool.ci_level if pool.ci_low is not None else None,
            "p": pool.p,
            "i2": pool.i2,
            "studies": len({effect.study for effect in pool.members}) or None,
            "participants": pool.participants,
            "note": f"{pool.name}: {pool.model} effect, method {pool.method}.",
            "passage": Passages(self._source, {pool.row: words}, pool.name).of(pool.row),
        }
        return Given(record, pool.row)


def _reviews(connection: Connection) -> dict[str, tuple[str, str]]:
    review = Relation("review")
    query = select(review.key, review.report_key, passage.report_key).join_from(
        review.table, passage.table, review.passage_key == passage.key
    )
    return {key: (report, seen) for key, report, seen in connection.execute(query)}
