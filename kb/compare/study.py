"""The aspects of a study: how it was made, what was offered, what was found."""

from collections.abc import Iterable

from kb.answers.results import intervention_first, result_rows
from kb.answers.shared import measured
from kb.base import Base, Record
from kb.compare.aspects import Aspect, coded_aspects, rows_of
from kb.order import by_key
from kb.pages.numbers import DIRECTIONS, arm_text, contrast_text
from kb.pages.page import names
from kb.pages.tidier import intervention_facts
from kb.store.relations import (
    arm,
    inclusion,
    intervention,
    intervention_approach,
    participants,
    review,
    risk_of_bias,
    study,
    study_cancer,
    study_country,
)

_BY = "study_key"


def study_aspects(base: Base, key: str) -> Iterable[Aspect]:
    """Yield all that is told of a study."""
    yield from _design(base, key)
    yield from _participants(base, key)
    yield from _offered(base, key)
    yield from _results(base, key)
    for row in rows_of(base, risk_of_bias, key, _BY):
        text = f"{row['judgement']} ({row['tool']}, {row['assessor']})"
        yield Aspect("Risk of bias", row["domain"], text, row["judgement"], row["passage"])
    yield from coded_aspects(base, key, _BY)
    yield from _inclusions(base, key)


def _design(base: Base, key: str) -> Iterable[Aspect]:
    (row,) = base.records(study, [key])
    passage = base.passages([row["passage_key"]])[row["passage_key"]]
    design = base.vocabulary.label("design", row["design_key"])
    detail = f"; {row['design_detail']}" if row["design_detail"] else ""
    yield Aspect("Design", "design", design + detail, design, passage)
    for place in rows_of(base, study_country, key, _BY):
        country = base.vocabulary.label("country", place["country_key"])
        where = f" ({place['place']})" if place["place"] else ""
        yield Aspect("Design", "country", country + where, country, place["passage"])
    if row["recruitment_start"]:
        years = f"{row['recruitment_start']} to {row['recruitment_end'] or 'not known'}"
        yield Aspect("Design", "recruitment", years, years, passage)


def _participants(base: Base, key: str) -> Iterable[Aspect]:
    for row in rows_of(base, participants, key, _BY):
        if row["arm_key"] is None:
            number = str(row["number"])
            detail = f" ({row['detail']})" if row["detail"] else ""
            label = f"{row['kind']} {row['flow']}"
            yield Aspect("Participants", label, number + detail, number, row["passage"])
    for row in rows_of(base, study_cancer, key, _BY):
        cancer = base.vocabulary.label("cancer", row["cancer_key"])
        stage = f" ({row['stage']})" if row["stage"] else ""
        yield Aspect("Participants", "cancer", cancer + stage, cancer, row["passage"])


def _offered(base: Base, key: str) -> Iterable[Aspect]:
    for row in sorted(rows_of(base, arm, key, _BY), key=intervention_first):
        kind = base.vocabulary.label("comparator", row["comparator_key"]) or _approach(base, row)
        text = row["label"] + (f" ({kind})" if kind else "")
        yield Aspect("Arms", f"{row['role']} arm", text, kind, row["passage"])
    for row in rows_of(base, intervention, key, _BY):
        for fact in intervention_facts(base, row):
            yield Aspect(
                "Intervention (TIDieR)", fact.label, fact.value, fact.value, row["passage"]
            )


def _approach(base: Base, row: Record) -> str:
    """Return what the intervention of an arm follows."""
    given = [row["intervention_key"]] if row["intervention_key"] else []
    rows = base.records(intervention_approach, given, by="intervention_key")
    return names(base, "approach", (found["approach_key"] for found in rows))


def _results(base: Base, key: str) -> Iterable[Aspect]:
    rows = result_rows(base, measured(base, [], [key]))
    rows.sort(key=lambda row: (row["outcome_name"], by_key(row["key"])))
    for row in rows:
        with_what = row["instrument_name"] or ""
        told = (with_what, row["instrument_detail"], row["time"])
        text = ", ".join(filter(None, told)) or "measured"
        yield Aspect("Outcomes measured", row["outcome_name"], text, with_what, row["passage"])
    for row in rows:
        yield from _found(row)


def _found(row: Record) -> Iterable[Aspect]:
    """Yield what a measurement showed; its directions are compared, or else its estimates."""
    about = row["outcome_name"]
    for found in row["findings"]:
        direction = DIRECTIONS[found["direction"]]
        only = "; ".join(filter(None, [found["population"], found["analysis"]]))
        text = f"{direction}{f' ({only})' if only else ''}: {found['statement']}"
        yield Aspect("Results", about, text, direction, found["passage"])
    for contrast in row["contrasts"]:
        text = contrast_text(contrast)
        yield Aspect("Results", about, text, "" if row["findings"] else text, contrast["passage"])
    for shown in row["arms"]:
        text = f"{shown['arm_label']}: {arm_text(shown)}"
        yield Aspect("Results", about, text, passage=shown["passage"])


def _inclusions(base: Base, key: str) -> Iterable[Aspect]:
    rows = rows_of(base, inclusion, key, _BY)
    labels = {r["key"]: r["label"] for r in base.records(review, {r["review_key"] for r in rows})}
    for row in rows:
        text = f"{row['status']}: {row['basis']}"
        label = labels[row["review_key"]]
        yield Aspect("Included by reviews", label, text, row["status"], row["passage"])
