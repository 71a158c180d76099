"""Which reviews there are, what they include, and what they pooled."""

from sqlalchemy import func, select

from kb.answer import Answer
from kb.answers.shared import grouped, nearby_questions, searched
from kb.base import Base
from kb.facets import ABOUT_INCLUSIONS
from kb.question import Question
from kb.selection import studies
from kb.store.relations import claim, inclusion, published_pool, review

_COLUMNS = ("key", "label", "kind", "year", "studies", "participants", "searched", "passage_key")
_POOL = (
    "key",
    "review_key",
    "outcome_key",
    "statistic",
    "estimate",
    "ci_low",
    "ci_high",
    "studies",
)


def respond(base: Base, question: Question) -> Answer:
    """Return the reviews asked for; with facets of studies, those that include such a study."""
    query = select(*(review.named(name) for name in _COLUMNS)).order_by(
        review.year.is_(None), review.year.desc(), review.key
    )
    named = question.criterion("review")
    if named is not None and named.wanted:
        query = query.where(review.key.in_(named.wanted))
    narrowing = question.without(ABOUT_INCLUSIONS)
    if narrowing.criteria:
        met = studies(base, narrowing).order_by(None)
        including = select(inclusion.review_key).where(inclusion.study_key.in_(met))
        query = query.where(review.key.in_(including))
    found = base.all(query)
    if not found:
        notes = [searched(question)]
        return Answer(question, [], base.data, [], notes, nearby_questions(base, question))
    keys = [row["key"] for row in found]
    included = grouped(
        base.all(
            select(inclusion.review_key, inclusion.status, inclusion.study_key)
            .distinct()
            .where(inclusion.review_key.in_(keys))
        ),
        "review_key",
    )
    pools = grouped(
        base.all(
            select(*(published_pool.named(name) for name in _POOL))
            .where(published_pool.review_key.in_(keys))
            .order_by(published_pool.key)
        ),
        "review_key",
    )
    claims: dict[str, int] = dict(
        base.connection.execute(
            select(claim.review_key, func.count()).group_by(claim.review_key)
        ).all()
    )
    passages = base.passages(row["passage_key"] for row in found)
    rows = [
        {
            **{name: row[name] for name in _COLUMNS if name != "passage_key"},
            "included": {
                status: len(
                    {r["study_key"] for r in included.get(row["key"], []) if r["status"] == status}
                )
                for status in ("confirmed", "probable", "inferred")
            },
            "included_here": len({r["study_key"] for r in included.get(row["key"], [])}),
            "pooled": pools.get(row["key"], []),
            "claims": claims.get(row["key"], 0),
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]
    return Answer(question, rows, base.data)
