"""The evidence as a bundle of EBM-on-FHIR resources, release 5. EXPERIMENTAL.

Shapes of these resources still change from ballot to ballot (https://hl7.org/fhir/uv/ebm); this is
their state in FHIR R5. What is coded here is told in words: no code of a foreign system is claimed.

| the store | FHIR |
|---|---|
| report | Citation |
| study, with its arms | ResearchStudy |
| arm, measurement | EvidenceVariable |
| contrast, result of an arm, published pool | Evidence |
| judgement on risk of bias, rating of certainty | ArtifactAssessment |
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from kb.base import Base, Record
from kb.exchange.writers.comparisons import doubts
from kb.facets import ABOUT_MEASUREMENTS
from kb.question import Question
from kb.selection import measurement_conditions, studies
from kb.store.lists import among
from kb.store.relations import (
    Relation,
    arm,
    arm_result,
    certainty,
    contrast,
    measurement,
    published_pool,
    report,
    review,
    risk_of_bias,
    study,
    study_cancer,
    study_country,
    study_report,
)

NOTICE = "EXPERIMENTAL: shapes of EBM-on-FHIR still change; this is FHIR R5"

_NAMES = UUID("6f0c2f1e-6d0b-4f4b-9d7e-3a5d0c9b7e21")
"""What the identifiers of resources are derived from, so that they stay the same."""

_TAG = {"code": "experimental", "display": NOTICE}
_SYSTEM = "urn:evidence-kb:{}"
_DOI, _PMID = "https://doi.org", "https://pubmed.ncbi.nlm.nih.gov"
_RELATIONS = {"<": "<", "<=": "<=", ">": ">"}
_VALUES = ("mean", "median", "percent")

Resource = dict[str, Any]


def write(base: Base, question: Question) -> tuple[str, int, list[str]]:
    """Return the bundle as JSON, the number of its resources, and what is to be told of it.

    A question narrows the studies and what they measured; what reviews pooled and rated is in the
    bundle of the whole base.
    """
    bundle = _Bundle(base)
    bundle.add_studies(question)
    notes = [NOTICE]
    if question.criteria:
        notes.append("what reviews pooled and rated is only in the bundle of the whole base")
    else:
        bundle.add_reviews()
    bundle.add_citations()
    text = json.dumps(bundle.as_dict(), indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n", len(bundle.entries), notes


class _Bundle:
    def __init__(self, base: Base) -> None:
        self._base = base
        self._cited: set[str] = set()
        self._passages: Mapping[str, Record] = {}
        self._doubts: Mapping[str, str] = {}
        self.entries: dict[str, Resource] = {}

    def as_dict(self) -> Resource:
        """Return the bundle as plain data, the same for the same evidence."""
        data = self._base.data
        return {
            "resourceType": "Bundle",
            "meta": {"tag": [_TAG]},
            "identifier": {"system": _SYSTEM.format("data"), "value": data.hash or "none"},
            "type": "collection",
            "entry": [
                {"fullUrl": url, "resource": resource} for url, resource in self.entries.items()
            ],
        }

    def add_studies(self, question: Question) -> None:
        """Add the studies that a question finds, with their arms, measurements and results."""
        keys = self._base.keys(studies(self._base, question))
        conditions = measurement_conditions(self._base, question.about(ABOUT_MEASUREMENTS))
        measured = self._base.keys(
            select(measurement.key).where(among(measurement.study_key, keys), *conditions)
        )
        rows = self._base.records
        places = rows(measurement, measured)
        arms = rows(arm, keys, by="study_key")
        contrasts = rows(contrast, measured, by="measurement_key")
        results = rows(arm_result, measured, by="measurement_key")
        judged = rows(risk_of_bias, keys, by="study_key")
        described = rows(study, keys)
        self._read_passages([*described, *places, *arms, *contrasts, *results, *judged])
        self._doubts = doubts(self._base, question)
        self._add_described(described, arms)
        for each in arms:
            self._add_variable("arm", each["key"], each["label"])
        for each in places:
            self._add_variable("measurement", each["key"], self._measured(each))
        outcomes = {each["key"]: each for each in places}
        for each in contrasts:
            self._add_contrast(each, outcomes[each["measurement_key"]])
        for each in results:
            self._add_result(each, outcomes[each["measurement_key"]])
        for each in judged:
            self._add_judgement(each)

    def add_reviews(self) -> None:
        """Add what reviews pooled, and the certainty that they or others rated."""
        pools, ratings = self._every(published_pool), self._every(certainty)
        reviews = {each["key"]: each for each in self._every(review)}
        self._read_passages([*pools, *ratings])
        for each in pools:
            self._add_pool(each)
        for each in ratings:
            self._add_rating(each, reviews[each["review_key"]]["report_key"])

    def add_citations(self) -> None:
        """Add the reports that anything in the bundle points at."""
        for each in self._base.records(report, sorted(self._cited)):
            self._add("Citation", "report", each["key"], _citation(each))

    def _every(self, relation: Relation) -> list[Record]:
        keys = self._base.keys(select(relation.key))
        return self._base.records(relation, keys)

    def _read_passages(self, rows: Iterable[Record]) -> None:
        keys = (row["passage_key"] for row in rows)
        self._passages = {**self._passages, **self._base.passages(keys)}

    def _add(self, kind: str, table: str, key: str, content: Resource) -> None:
        url = _url(table, key)
        self.entries[url] = {
            "resourceType": kind,
            "id": url.rpartition(":")[2],
            "meta": {"tag": [_TAG]},
            "identifier": [{"system": _SYSTEM.format(table), "value": key}],
            **_without_nothing(content),
        }

    def _cite(self, key: str) -> Resource:
        self._cited.add(key)
        return {"reference": _url("report", key)}

    def _source(self, row: Record) -> Resource:
        """Return the citation of the passage behind a row, with its words as a note."""
        told = self._passages[row["passage_key"]]
        words = f'{told["locator"]}: "{told["quote"]}"'
        return {"citeAsReference": self._cite(told["report"]), "note": [{"text": words}]}

    def _add_described(self, rows: Sequence[Record], arms: Sequence[Record]) -> None:
        keys = [row["key"] for row in rows]
        told = _by(self._base.records(study_report, keys, by="study_key"))
        countries = _by(self._base.records(study_country, keys, by="study_key"))
        cancers = _by(self._base.records(study_cancer, keys, by="study_key"))
        groups = _by(arms)
        label = self._base.vocabulary.label
        for row in rows:
            key = row["key"]
            content = {
                "status": "active",
                "title": row["title"] or row["label"],
                "label": [{"value": row["label"]}],
                "studyDesign": [_words(label("design", row["design_key"]))],
                "condition": [
                    _words(label("cancer", each["cancer_key"])) for each in cancers.get(key, [])
                ],
                "region": [
                    _words(label("country", each["country_key"])) for each in countries.get(key, [])
                ],
                "relatedArtifact": [
                    {"type": "citation", "resourceReference": self._cite(each["report_key"])}
                    for each in told.get(key, [])
                ],
                "comparisonGroup": [
                    {
                        "name": each["label"],
                        "type": _words(each["role"]),
                        "intendedExposure": [{"reference": _url("arm", each["key"])}],
                    }
                    for each in groups.get(key, [])
                ],
            }
            self._add("ResearchStudy", "study", key, content)

    def _measured(self, row: Record) -> str:
        label = self._base.vocabulary.label
        instrument = label("instrument", row["instrument_key"]) or row["instrument_detail"]
        parts = (label("outcome", row["outcome_key"]), instrument, row["time"])
        return ", ".join(part for part in parts if part)

    def _add_variable(self, table: str, key: str, title: str) -> None:
        content = {"status": "active", "experimental": True, "title": title}
        self._add("EvidenceVariable", table, key, content)

    def _add_contrast(self, row: Record, place: Record) -> None:
        roles = {"exposure": row["arm_key"], "referenceExposure": row["comparator_arm_key"]}
        statistic = {
            "description": _told(row, self._doubts.get(row["key"], "")),
            "statisticType": _words(row["statistic"]),
            "quantity": _quantity(row["estimate"]),
            "sampleSize": {"numberOfParticipants": row["n"]},
            "attributeEstimate": [*_interval(row), *_spread(row), *_p_value(row)],
        }
        self._add_evidence("contrast", row, place, roles, [statistic])

    def _add_result(self, row: Record, place: Record) -> None:
        size = {"sampleSize": {"numberOfParticipants": row["n"]}}
        interval_of = next((name for name in ("mean", "median") if row[name] is not None), None)
        statistics = [
            {
                **size,
                "description": row["population"],
                "statisticType": _words(name),
                "quantity": _quantity(row[name], "%" if name == "percent" else row["unit"]),
                "attributeEstimate": [
                    *(_interval(row) if name == interval_of else []),
                    *(_spread(row) if name == "mean" else []),
                ],
            }
            for name in _VALUES
            if row[name] is not None
        ]
        if row["events"] is not None:
            count = {"statisticType": _words("number of events"), "numberOfEvents": row["events"]}
            statistics.append({**size, "description": row["population"], **count})
        self._add_evidence("arm_result", row, place, {"population": row["arm_key"]}, statistics)

    def _add_evidence(
        self,
        table: str,
        row: Record,
        place: Record,
        roles: Mapping[str, str | None],
        statistics: Sequence[Resource],
    ) -> None:
        variables = [
            {"variableRole": _words(role), "observed": {"reference": _url("arm", key)}}
            for role, key in roles.items()
            if key is not None
        ]
        measured = {"reference": _url("measurement", place["key"])}
        variables.append({"variableRole": _words("measuredVariable"), "observed": measured})
        content = {
            "status": "active",
            "experimental": True,
            "title": self._measured(place),
            **self._source(row),
            "relatedArtifact": [
                {
                    "type": "part-of",
                    "resourceReference": {"reference": _url("study", place["study_key"])},
                }
            ],
            "variableDefinition": variables,
            "statistic": statistics,
        }
        self._add("Evidence", table, row["key"], content)

    def _add_pool(self, row: Record) -> None:
        outcome = self._base.vocabulary.label("outcome", row["outcome_key"])
        title = ", ".join(part for part in (outcome, row["time"], row["population"]) if part)
        content = {
            "status": "active",
            "experimental": True,
            "title": f"{title}, as a review pooled it",
            **self._source(row),
            "synthesisType": _words("meta-analysis"),
            "variableDefinition": [
                {"variableRole": _words("measuredVariable"), "description": outcome}
            ],
            "statistic": [
                {
                    "statisticType": _words(row["statistic"]),
                    "quantity": _quantity(row["estimate"]),
                    "sampleSize": {
                        "numberOfStudies": row["studies"],
                        "numberOfParticipants": row["participants"],
                    },
                    "attributeEstimate": [
                        *_interval(row),
                        *_p_value({**row, "p_relation": "="}),
                        *_attribute("I-squared in percent", row["i2"]),
                    ],
                }
            ],
        }
        self._add("Evidence", "published_pool", row["key"], content)

    def _add_judgement(self, row: Record) -> None:
        content = {
            "title": f"{row['tool']}: {row['domain']}",
            "citeAsReference": self._source(row)["citeAsReference"],
            "artifactReference": {"reference": _url("study", row["study_key"])},
            "content": [
                {
                    "informationType": "rating",
                    "type": _words(f"{row['tool']}: {row['domain']}"),
                    "classifier": [_words(row["judgement"])],
                    "summary": row["support"],
                }
            ],
        }
        self._add("ArtifactAssessment", "risk_of_bias", row["key"], content)

    def _add_rating(self, row: Record, rated: str) -> None:
        label = self._base.vocabulary.label
        about = label("outcome", row["outcome_key"]) or label("theme", row["theme_key"])
        content = {
            "title": f"{row['approach']}: {about}",
            "citeAsReference": self._source(row)["citeAsReference"],
            "artifactReference": self._cite(rated),
            "content": [
                {
                    "informationType": "rating",
                    "type": _words(f"{row['approach']}: {about}"),
                    "classifier": [_words(row["level"])],
                    "summary": row["reasons"],
                }
            ],
        }
        self._add("ArtifactAssessment", "certainty", row["key"], content)


def _citation(row: Record) -> Resource:
    numbers = [(_DOI, row["doi"]), (_PMID, row["pmid"])]
    form = {
        "publishedIn": {"title": row["container"]},
        "volume": row["volume"],
        "issue": row["issue"],
        "publicationDateText": str(row["year"]) if row["year"] else None,
        "pageString": row["pages"],
    }
    return {
        "status": "active",
        "experimental": True,
        "title": row["title"],
        "citedArtifact": {
            "identifier": [{"system": s, "value": value} for s, value in numbers if value],
            "title": [{"text": row["title"]}],
            "publicationForm": [form],
            "contributorship": {"summary": [{"value": row["authors"]}]},
            "webLocation": [{"url": row["url"]}],
        },
    }


def _told(row: Record, doubt: str) -> str:
    """Return what a reader must know of a contrast, its doubt first: which analysis, in whom."""
    adjusted = f"adjusted for {row['adjusted_for'] or 'covariates'}" if row["adjusted"] else ""
    derived = f"derivation {row['derivation_key']}" if row["derivation_key"] else ""
    parts = (doubt, row["analysis"], row["population"], adjusted, derived, row["note"])
    return "; ".join(part for part in parts if part)


def _interval(row: Record) -> list[Resource]:
    if row["ci_low"] is None and row["ci_high"] is None:
        return []
    level = None if row["ci_level"] is None else row["ci_level"] / 100
    limits = {"low": _quantity(row["ci_low"]), "high": _quantity(row["ci_high"])}
    return [{"type": _words("confidence interval"), "level": level, "range": limits}]


def _spread(row: Record) -> list[Resource]:
    return [
        *_attribute("standard deviation", row.get("sd")),
        *_attribute("standard error", row.get("se")),
    ]


def _p_value(row: Record) -> list[Resource]:
    found = _attribute("p-value", row["p"])
    comparator = _RELATIONS.get(row["p_relation"] or "")
    if found and comparator:
        found[0]["quantity"]["comparator"] = comparator
    return found


def _attribute(name: str, value: float | None) -> list[Resource]:
    return [] if value is None else [{"type": _words(name), "quantity": _quantity(value)}]


def _quantity(value: float | None, unit: str | None = None) -> Resource | None:
    return None if value is None else {"value": value, "unit": unit}


def _words(text: str) -> Resource:
    return {"text": text}


def _url(table: str, key: str) -> str:
    return f"urn:uuid:{uuid5(_NAMES, f'{table}/{key}')}"


def _by(rows: Iterable[Record]) -> dict[str, list[Record]]:
    """Return rows by their study."""
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(row["study_key"], []).append(row)
    return groups


def _without_nothing(value: Any) -> Any:
    """Return data without what is empty, which FHIR does not allow."""
    if isinstance(value, Mapping):
        kept = {name: _without_nothing(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in (None, "", [], {})}
    if isinstance(value, list):
        return [
            kept for each in value if (kept := _without_nothing(each)) not in (None, "", [], {})
        ]
    return value
