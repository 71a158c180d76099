"""The bundle is valid FHIR R5, hangs together, and says that it is experimental."""

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.bundle import Bundle
from sqlalchemy import func, select

from kb.base import Base
from kb.exchange.writers import fhir
from kb.store.relations import Relation


def bundle_of(base: Base, **facets: str) -> dict[str, Any]:
    text, number, _ = fhir.write(base, base.question("results", **facets))
    bundle: dict[str, Any] = json.loads(text)
    assert len(bundle["entry"]) == number
    return bundle


def kinds(bundle: dict[str, Any]) -> Counter[str]:
    return Counter(entry["resource"]["resourceType"] for entry in bundle["entry"])


def number_of(base: Base, *tables: str) -> int:
    query = (select(func.count()).select_from(Relation(name).table) for name in tables)
    return sum(base.connection.scalar(each) or 0 for each in query)


def identified(bundle: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    system = f"urn:evidence-kb:{table}"
    resources = (entry["resource"] for entry in bundle["entry"])
    return {
        resource["identifier"][0]["value"]: resource
        for resource in resources
        if resource["identifier"][0]["system"] == system
    }


def test_the_bundle_is_valid(any_base: Base) -> None:
    Bundle.model_validate(bundle_of(any_base))


def test_every_record_has_its_resource(any_base: Base) -> None:
    found = kinds(bundle_of(any_base))

    assert found["ResearchStudy"] == number_of(any_base, "study")
    assert found["EvidenceVariable"] == number_of(any_base, "arm", "measurement")
    assert found["Evidence"] == number_of(any_base, "contrast", "arm_result", "published_pool")
    assert found["ArtifactAssessment"] == number_of(any_base, "risk_of_bias", "certainty")


def test_every_reference_is_to_a_resource_of_the_bundle(any_base: Base) -> None:
    text, _, _ = fhir.write(any_base, any_base.question("results"))
    urls = re.findall(r'"fullUrl": "([^"]+)"', text)

    assert set(re.findall(r'"reference": "([^"]+)"', text)) <= set(urls)
    assert len(set(urls)) == len(urls)


def test_every_resource_is_marked_experimental(made_up: Base) -> None:
    text, _, notes = fhir.write(made_up, made_up.question("results"))
    bundle = json.loads(text)

    assert notes[0].startswith("EXPERIMENTAL")
    for resource in (bundle, *(entry["resource"] for entry in bundle["entry"])):
        assert resource["meta"]["tag"][0]["code"] == "experimental"


def test_a_hazard_ratio_comes_with_its_interval_arms_and_passage(base: Base) -> None:
    bundle = bundle_of(base, study="goodwin-2001", outcome="survival")
    evidence = identified(bundle, "contrast")["goodwin-2001/survival/hr-univariate"]
    (statistic,) = evidence["statistic"]
    interval = statistic["attributeEstimate"][0]

    assert statistic["statisticType"]["text"] == "HR"
    assert statistic["quantity"]["value"] == 1.06
    assert interval["level"] == 0.95
    assert (interval["range"]["low"]["value"], interval["range"]["high"]["value"]) == (0.78, 1.45)
    assert [v["variableRole"]["text"] for v in evidence["variableDefinition"]] == [
        "exposure",
        "referenceExposure",
        "measuredVariable",
    ]
    assert "1.06" in evidence["note"][0]["text"]
    citation = identified(bundle, "report")["goodwin-2001"]
    assert citation["citedArtifact"]["identifier"][0]["value"] == "11742045"
    Decimal(str(statistic["quantity"]["value"]))


def test_judgements_are_verbatim(made_up: Base) -> None:
    judged = identified(bundle_of(made_up, study="juniper-2016"), "risk_of_bias")
    content = judged["juniper-2016/d2"]["content"][0]

    assert content["classifier"] == [{"text": "Some concerns"}]
    assert content["type"]["text"].startswith("RoB 2: Bias due to deviations")


def test_facets_narrow_the_bundle(base: Base) -> None:
    bundle = bundle_of(base, study="goodwin-2001", outcome="survival")

    assert set(identified(bundle, "study")) == {"goodwin-2001"}
    assert {key.split("/")[1] for key in identified(bundle, "measurement")} == {"survival"}
    assert not identified(bundle, "published_pool")


@pytest.mark.parametrize("unset", ["null", "NaN", '""', "[]", "{}"])
def test_nothing_is_empty(unset: str, made_up: Base) -> None:
    text, _, _ = fhir.write(made_up, made_up.question("results"))

    assert not re.search(rf"(: |^ *){re.escape(unset)},?$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("key", "doubt"),
    [
        ("classen-2001/traumatic-stress/es", "effect size of a kind that its source does not say"),
        ("rodin-2018/depression-3m/d", "apparently printed without its sign"),
        ("kissane-2003/overall-effect/d", "which arm it favours is not said"),
    ],
)
def test_what_is_not_known_of_an_effect_comes_first(key: str, doubt: str, base: Base) -> None:
    (statistic,) = identified(bundle_of(base), "contrast")[key]["statistic"]

    assert statistic["description"].startswith(doubt)
