"""What is not known, what would let more be pooled, and where sources differ."""

from collections.abc import Iterator

from kb.answers.shared import grouped
from kb.audit.findings import Entry
from kb.audit.ledger import audit
from kb.audit.verdicts import Verdict
from kb.base import Record
from kb.brief.brief import Section, Statement, blocks
from kb.brief.material import Material
from kb.brief.wording import counted, joined, sentence
from kb.gaps import gap_map
from kb.store.relations import claim, disagreement, gap, position, risk_of_bias
from kb.vocabulary import plain

_MOST_MISSING = 2
_MOST_DISAGREEMENTS = 2
_MOST_REVIEWS = 1


def unknown(material: Material) -> Section:
    """Return what is not known, and where sources differ."""
    return Section(
        "unknown",
        "What is not known",
        blocks(
            ("", [*_appraised(material), *_missing(material), *_not_studied(material)]),
            ("Where sources differ", [*_differing(material), *_audited(material)]),
        ),
    )


def judged(material: Material) -> set[str]:
    """Return the trials with a judgement of risk of bias in the store."""
    keys = [row["key"] for row in material.trials]
    return {r["study_key"] for r in material.base.records(risk_of_bias, keys, by="study_key")}


def unlocks(material: Material) -> list[tuple[str, str]]:
    """Return what would let trials into a pool, each with the command that says so."""
    found = (
        (told, effect.pooled.command())
        for effect in material.effects
        for told in effect.pooled.verdict.unlock
    )
    return list(dict(found).items())


def _appraised(material: Material) -> Iterator[Statement]:
    """Yield how many effects are rated, and how many trials judged."""
    topic, told = material.topic, [each for each in material.effects if each.trials]
    if told:
        rated = sum(bool(each.certainty) for each in told)
        yield Statement(
            f"How certain these effects are: rated for {rated or 'none'} of {len(told)}.",
            command=topic.question("sof").command(),
            how="what bears on it",
        )
    if material.trials:
        judgements, trials = len(judged(material)), counted(len(material.trials), "trial")
        yield Statement(
            f"How biased the trials may be: judged for {judgements or 'none'} of {trials}.",
            command=topic.question("studies", design="rct").command(),
            how="the trials",
        )


def _missing(material: Material) -> Iterator[Statement]:
    """Yield what would let more be pooled, and how much else was looked for and not found."""
    found = unlocks(material)
    for told, command in found[:_MOST_MISSING]:
        yield Statement(told, about="Missing, to pool more", command=command, how="worked out here")
    for _, command in found[_MOST_MISSING : _MOST_MISSING + 1]:
        more = counted(len(found) - _MOST_MISSING, "more such gap")
        yield Statement(f"And {more}.", command=command, how="the next")
    keys = [row["key"] for row in material.studies]
    gaps = material.base.records(gap, keys, by="study_key")
    if gaps:
        yield Statement(
            f"{counted(len(gaps), 'thing')} looked for in reports of these studies and not found.",
            command=f"kb show {gaps[0]['study_key']}",
            how="on the page of each study, such as",
        )


def _not_studied(material: Material) -> Iterator[Statement]:
    """Yield the outcomes that no study of the approach measured, or the approaches of an outcome
    that none tried, and how far that goes.
    """
    topic = material.topic
    if not (topic.approaches and topic.outcomes):
        found = gap_map(material.base, topic.question("studies"))
        empty = found.empty_columns if topic.approaches else found.empty_rows
        if empty:
            names = joined(level.label.lower() for level in empty)
            what = (
                "Not seen as measured in any of these studies"
                if topic.approaches
                else "Not seen as measured in studies of"
            )
            yield Statement(f"{what}: {names}.", command=found.command, how="mapped here")
    yield Statement(
        "The base was gathered around a few reviews and is no systematic search: what it lacks may "
        "have been studied elsewhere.",
        command="kb summary",
        how="what it holds",
    )


def _differing(material: Material) -> Iterator[Statement]:
    """Yield the disagreements of sources on these studies and these outcomes."""
    found = [row for row in _disagreements(material) if _touches(material, row["topic"])]
    keys = [row["key"] for row in found[:_MOST_DISAGREEMENTS]]
    rows = material.base.records(position, keys, by="disagreement_key")
    passages = material.base.passages(row["passage_key"] for row in rows)
    sides = grouped(rows, "disagreement_key")
    for row in found[:_MOST_DISAGREEMENTS]:
        said = sides.get(row["key"], [])
        of = material.label("study", row["study_key"])
        yield Statement(
            " But: ".join(sentence(side["statement"]) for side in said),
            tuple(passages[side["passage_key"]] for side in said),
            f"{row['topic']} ({of or material.label('review', row['review_key'])})",
        )
    for row in found[_MOST_DISAGREEMENTS : _MOST_DISAGREEMENTS + 1]:
        more = counted(len(found) - _MOST_DISAGREEMENTS, "more disagreement")
        command = f"kb show {row['study_key'] or row['review_key']}"
        yield Statement(f"And {more}.", command=command, how="the next")


def _disagreements(material: Material) -> list[Record]:
    """Return the disagreements on the studies in question; for an outcome, on reviews too."""
    base, keys = material.base, [row["key"] for row in material.studies]
    reviews = list(base.vocabulary.terms("review")) if material.topic.outcomes else []
    return [
        *base.records(disagreement, keys, by="study_key"),
        *base.records(disagreement, reviews, by="review_key"),
    ]


def _touches(material: Material, text: str) -> bool:
    """Return whether a text names the outcome asked for; where none is asked for, any does."""
    if not material.topic.outcomes:
        return True
    vocabulary = material.base.vocabulary
    meant = vocabulary.within("outcome", material.topic.outcomes)
    names = (name for name, keys in vocabulary.names("outcome").items() if meant & set(keys))
    words = f" {plain(text)} "
    return any(f" {name} " in words for name in names)


def _audited(material: Material) -> Iterator[Statement]:
    """Yield of a review that includes these studies how many claims do not hold, and one of them.

    Of several reviews it is the one with most such claims.
    """
    reviews = {each["review"] for row in material.studies for each in row["reviews"]}
    disagreeing = audit(material.base, of_studies=False).of(Verdict.DISAGREES) if reviews else ()
    found = [(entry, _reviews_of(material, entry)) for entry in disagreeing]
    told = {review: [entry for entry, of in found if review in of] for review in sorted(reviews)}
    for review in sorted(told, key=lambda review: -len(told[review]))[:_MOST_REVIEWS]:
        if entries := told[review]:
            first = min(entries, key=lambda entry: not _touches(material, entry.statement))
            yield Statement(
                f"Numbers of this review that do not agree with others: {len(entries)}. "
                f"{sentence(first.statement)}",
                first.passages,
                material.label("review", review),
                "includes some of these studies, or may",
                command=f"kb audit --review {review} --verdict disagrees",
                how="held against each other here",
            )


def _reviews_of(material: Material, entry: Entry) -> set[str]:
    """Return the reviews that a claim is of, or that its checks compare."""
    named = [key for finding in entry.findings for key in finding.named]
    rows = material.base.records(claim, named)
    return {key for key in (entry.review, *(row["review_key"] for row in rows)) if key}
