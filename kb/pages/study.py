"""The page of a study."""

from collections.abc import Iterable

from sqlalchemy import select

from kb.answers.results import intervention_first, result_rows
from kb.answers.shared import grouped, measured
from kb.base import Base, Record
from kb.citations import address, citation
from kb.order import oldest_first
from kb.pages.numbers import DIRECTIONS, arm_text, contrast_text
from kb.pages.page import Fact, Page, sections
from kb.pages.tidier import intervention_facts
from kb.store.relations import (
    Relation,
    arm,
    characteristic,
    disagreement,
    factor,
    gap,
    implementation_finding,
    inclusion,
    intervention,
    participants,
    position,
    report,
    review,
    risk_of_bias,
    strategy,
    study,
    study_cancer,
    study_country,
    study_report,
    theme_finding,
)

_FLOWS = ("approached", "randomised", "enrolled", "analysed", "completed")


def study_page(base: Base, key: str) -> Page | None:
    """Return the page of a study, or None where there is none of that key."""
    row = base.record(study, key)
    if row is None:
        return None
    told = _Told(base, key)
    return Page(
        "study",
        key,
        row["label"],
        row["title"] or "",
        sections(
            ("At a glance", _glance(base, row, told)),
            ("What was offered", _offered(base, told)),
            ("Results", _results(base, key)),
            ("Risk of bias", _risk_of_bias(told)),
            ("Characteristics", told.stated(characteristic, "topic")),
            ("Themes", told.coded(theme_finding, "theme", "theme_key")),
            ("Barriers and facilitators", told.factors()),
            (
                "Implementation outcomes",
                told.coded(implementation_finding, "implementation_outcome", "outcome_key"),
            ),
            ("Strategies", told.strategies()),
            ("Sources disagree", disagreements(base, "study_key", key)),
            ("Not found", gaps(base, "study_key", key)),
            ("Reports", _reports(base, key)),
        ),
    )


def disagreements(base: Base, column: str, key: str) -> list[Fact]:
    """Return the positions in the disagreements about a study or review."""
    rows = base.records(disagreement, [key], by=column)
    found = base.records(position, [row["key"] for row in rows], by="disagreement_key")
    positions = grouped(found, "disagreement_key")
    passages = base.passages(row["passage_key"] for row in found)
    facts = []
    for row in rows:
        for place, held in enumerate(positions.get(row["key"], [])):
            label = row["topic"] if place == 0 else ""
            facts.append(
                Fact(label, held["statement"], passages[held["passage_key"]], key=held["key"])
            )
        if row["note"]:
            facts.append(Fact("", row["note"], mark="our reading"))
    return facts


def gaps(base: Base, column: str, key: str) -> list[Fact]:
    """Return what was looked for about a study or review and not found."""
    rows = base.records(gap, [key], by=column)
    return [
        Fact("", row["missing"] + (f" {row['note']}" if row["note"] else ""), key=row["key"])
        for row in rows
    ]


class _Told:
    """The facts of one study, with their passages."""

    def __init__(self, base: Base, key: str) -> None:
        self._base = base
        self._key = key

    def rows(self, relation: Relation) -> list[Record]:
        found = self._base.records(relation, [self._key], by="study_key")
        passages = self._base.passages(row.get("passage_key") for row in found)
        return [{**row, "passage": passages.get(row.get("passage_key", ""))} for row in found]

    def stated(self, relation: Relation, topic: str) -> list[Fact]:
        return [
            Fact(row[topic], row["statement"], row["passage"], key=row["key"])
            for row in sorted(self.rows(relation), key=lambda row: row[topic])
        ]

    def coded(self, relation: Relation, vocabulary: str, column: str) -> list[Fact]:
        label = self._base.vocabulary.label
        return [
            Fact(
                label(vocabulary, row[column]),
                f"{row['statement']} ({row['voice']})",
                row["passage"],
                key=row["key"],
            )
            for row in self.rows(relation)
        ]

    def factors(self) -> list[Fact]:
        label = self._base.vocabulary.label
        return [
            Fact(
                row["valence"],
                f"{row['statement']} ({row['voice']}; {label('construct', row['construct_key'])})",
                row["passage"],
                "inferred" if row["status"] == "inferred" else "",
                row["key"],
            )
            for row in sorted(self.rows(factor), key=lambda row: row["valence"])
        ]

    def strategies(self) -> list[Fact]:
        label = self._base.vocabulary.label
        return [
            Fact(
                label("eric_strategy", row["eric_key"]) or "not in ERIC",
                row["statement"],
                row["passage"],
                row["status"] if row["eric_key"] else "",
                row["key"],
            )
            for row in self.rows(strategy)
        ]


def _glance(base: Base, row: Record, told: _Told) -> Iterable[Fact]:
    passages = base.passages([row["passage_key"]])
    design = base.vocabulary.label("design", row["design_key"])
    detail = f"; {row['design_detail']}" if row["design_detail"] else ""
    yield Fact("design", design + detail, passages[row["passage_key"]])
    for place in told.rows(study_country):
        name = base.vocabulary.label("country", place["country_key"])
        yield Fact(
            "country", name + (f" ({place['place']})" if place["place"] else ""), place["passage"]
        )
    for disease in told.rows(study_cancer):
        name = base.vocabulary.label("cancer", disease["cancer_key"])
        stage = f" ({disease['stage']})" if disease["stage"] else ""
        yield Fact("cancer", name + stage, disease["passage"])
    yield from _participants(base, told)
    if row["recruitment_start"]:
        end = row["recruitment_end"] or "not known"
        yield Fact("recruitment", f"{row['recruitment_start']} to {end}")
    if row["registration"]:
        yield Fact("registration", row["registration"])
    yield from _inclusions(base, told)
    if row["note"]:
        yield Fact("note", row["note"])


def _participants(base: Base, told: _Told) -> Iterable[Fact]:
    arms = {row["key"]: row["label"] for row in told.rows(arm)}
    cited = base.citations(row["report_key"] for row in told.rows(participants))
    rows = sorted(
        told.rows(participants),
        key=lambda row: (_FLOWS.index(row["flow"]), row["arm_key"] is not None),
    )
    for row in rows:
        of = [arms[row["arm_key"]]] if row["arm_key"] else []
        of += [cited[row["report_key"]]] if row["report_key"] else []
        of += [row["detail"]] if row["detail"] else []
        text = f"{row['number']} {row['kind']}" + (f" ({'; '.join(of)})" if of else "")
        yield Fact(row["flow"], text, row["passage"], key=row["key"])


def _inclusions(base: Base, told: _Told) -> Iterable[Fact]:
    rows = told.rows(inclusion)
    cited = base.citations(row["report_key"] for row in rows)
    labels = {
        row["key"]: row["label"]
        for row in base.records(review, {row["review_key"] for row in rows})
    }
    for row in rows:
        by = f", as {cited[row['report_key']]}" if row["report_key"] else ""
        against = f" Against: {row['against']}" if row["against"] else ""
        text = f"{labels[row['review_key']]}{by}: {row['basis'].rstrip('.')}.{against}"
        yield Fact("in review", text, row["passage"], row["status"], row["key"])


def _offered(base: Base, told: _Told) -> Iterable[Fact]:
    for row in sorted(told.rows(arm), key=intervention_first):
        kind = base.vocabulary.label("comparator", row["comparator_key"])
        text = row["label"] + (f" ({kind.lower()})" if kind else "")
        yield Fact(f"{row['role']} arm", text, row["passage"], key=row["key"])
    for row in told.rows(intervention):
        yield from intervention_facts(base, row)


def _results(base: Base, key: str) -> Iterable[Fact]:
    for row in result_rows(base, measured(base, [], [key])):
        label = row["outcome_name"]
        told = (row["instrument_name"], row["instrument_detail"], row["time"], row["citation"])
        about = ", ".join(filter(None, told))
        yield Fact(label, about, row["passage"], key=row["key"])
        for found in row["findings"]:
            direction = DIRECTIONS[found["direction"]]
            only = "; ".join(filter(None, [found["population"], found["analysis"]]))
            subset = f" ({only})" if only else ""
            yield Fact(
                "",
                f"→ {direction}{subset}: {found['statement']}",
                found["passage"],
                key=found["key"],
            )
        for contrast in row["contrasts"]:
            text = f"→ {contrast_text(contrast)}"
            yield Fact("", text, contrast["passage"], contrast["note"] or "", contrast["key"])
        for shown in row["arms"]:
            text = f"→ {shown['arm_label']}: {arm_text(shown)}"
            yield Fact("", text, shown["passage"], shown["note"] or "", shown["key"])
        if row["survival_times"]:
            yield Fact("", f"→ {row['survival_times']} individual survival times are stored")


def _risk_of_bias(told: _Told) -> list[Fact]:
    return [
        Fact(
            row["domain"], f"{row['judgement']} ({row['tool']}, {row['assessor']})", row["passage"]
        )
        for row in told.rows(risk_of_bias)
    ]


def _reports(base: Base, key: str) -> list[Fact]:
    query = (
        select(
            study_report.role,
            report.key,
            report.authors,
            report.year,
            report.title,
            report.doi,
            report.pmid,
            report.url,
        )
        .join_from(study_report.table, report.table, study_report.report_key == report.key)
        .where(study_report.study_key == key)
    )
    return [
        Fact(row["role"], f"{citation(row)}. {row['title']}. {address(row)}", key=row["key"])
        for row in sorted(base.all(query), key=oldest_first)
    ]
