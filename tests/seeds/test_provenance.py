"""Every fact of the evidence shipped stands on a passage that is really there."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, Table, func, select, text

from kb.base import Base
from kb.curation.shape import SLUG
from kb_schema.base import holds_text
from kb_schema.tables import metadata

FACTS = [
    table
    for table in metadata.sorted_tables
    if "passage_key" in table.c and not table.c.passage_key.nullable
]
QUOTES_AT_MOST = 25
KNOWN_PLACES = {
    "ahsri.atlassian.net",
    "apm.amegroups.org",
    "ascopost.com",
    "cancerforum.org.au",
    "cfirguide.org",
    "cosa-2022.p.asnevents.com.au",
    "cosa-2023.p.asnevents.com.au",
    "cosa-2024.p.asnevents.com.au",
    "ebn.bmj.com",
    "github.com/JaeManP/pcatR",
    "github.com/metapsy-project/metapsyTools",
    "insights.ovid.com",
    "mdanderson.elsevierpure.com",
    "onf.ons.org",
    "pmc.ncbi.nlm.nih.gov",
    "pure.korea.ac.kr",
    "rd.springer.com",
    "search.r-project.org",
    "survivingmesothelioma.com",
    "tlcr.amegroups.com",
    "www.advancedbreastcancergroup.org.au",
    "www.mdedge.com",
    "www.mytributes.com.au",
    "www.ons.org",
    "www.prweb.com",
    "www.scilit.net",
    "www.uhn.ca",
}
"""Where publishers, registries and services keep their own pages. A new place is added here by one
who has looked that it is no mirror, proxy or copy."""

COPIES = (
    "acnpsearch",
    "alljournals",
    "brum.beds",
    "docksci",
    "jhjulian",
    "laibokeji",
    "moam.info",
    "pdfslide",
    "scribd",
    "studylib",
    "weglot",
    "wilddata",
    "zhenzhi",
    "zhixidata",
)
"""Mirrors, proxies and copies that were met while the evidence was gathered."""


@pytest.fixture
def store(base_on_sqlite: Base) -> Connection:
    return base_on_sqlite.connection


def test_the_facts_are_those_of_the_tables() -> None:
    """A table that loses its passage would otherwise leave this page in silence."""
    assert {table.name for table in FACTS} == {
        "arm",
        "arm_result",
        "certainty",
        "cfir_eric_match",
        "characteristic",
        "claim",
        "contrast",
        "factor",
        "finding",
        "further_passage",
        "implementation_finding",
        "inclusion",
        "intervention",
        "intervention_approach",
        "intervention_component",
        "intervention_facilitator",
        "intervention_mode",
        "measurement",
        "minimal_important_difference",
        "participants",
        "position",
        "published_pool",
        "reference_deviation",
        "review",
        "risk_of_bias",
        "strategy",
        "study",
        "study_cancer",
        "study_country",
        "survival_time",
        "theme_finding",
    }


@pytest.mark.parametrize("table", FACTS, ids=lambda table: table.name)
def test_every_fact_has_a_passage_of_a_report(store: Connection, table: Table) -> None:
    passage, report = metadata.tables["passage"], metadata.tables["report"]
    sourced = table.join(passage, table.c.passage_key == passage.c.key).join(
        report, passage.c.report_key == report.c.key
    )
    rows = store.scalar(select(func.count()).select_from(table))

    assert store.scalar(select(func.count()).select_from(sourced)) == rows


def test_most_kinds_of_facts_are_there(store: Connection) -> None:
    empty = {table.name for table in FACTS if store.execute(select(table).limit(1)).first() is None}

    assert empty <= {"risk_of_bias", "certainty"}


def test_every_quote_is_short_and_stands_somewhere(store: Connection) -> None:
    passages = store.execute(text("SELECT key, quote, locator FROM passage")).all()
    long = [p.key for p in passages if not 1 <= len(p.quote.split()) <= QUOTES_AT_MOST]

    assert len(passages) > 1_000
    assert long == []
    assert [p.key for p in passages if not p.locator.strip()] == []


def test_every_passage_is_used(store: Connection) -> None:
    used = " UNION ".join(
        f"SELECT passage_key FROM {table.name}"
        for table in metadata.sorted_tables
        if "passage_key" in table.c
    )

    assert (
        rows(store, f"SELECT key FROM passage WHERE key NOT IN ({used} EXCEPT SELECT NULL)") == []
    )


def test_further_passages_belong_to_records_that_exist(store: Connection) -> None:
    further = store.execute(text("SELECT record_table, record_key, field FROM further_passage"))
    keys: dict[str, set[str]] = {}
    lost = []
    seen = 0
    for name, key, field in further:
        seen += 1
        table = metadata.tables[name]
        if name not in keys:
            found = store.execute(select(*table.primary_key))
            keys[name] = {"/".join(map(str, row)) for row in found}
        if key not in keys[name] or (field != "*" and field not in table.c):
            lost.append((name, key, field))

    assert seen > 100
    assert lost == []


def test_a_report_is_given_once(store: Connection) -> None:
    found = store.execute(text("SELECT key, doi, pmid FROM report")).all()
    for identifier in ("doi", "pmid"):
        given = [getattr(row, identifier).casefold() for row in found if getattr(row, identifier)]

        assert len(given) >= 40
        assert len(given) == len(set(given))


def test_identifiers_have_their_form(store: Connection) -> None:
    found = store.execute(text("SELECT key, doi, pmid, pmcid FROM report")).all()

    assert [r.key for r in found if r.doi and not re.fullmatch(r"10\.\d{4,9}/\S+", r.doi)] == []
    assert [r.key for r in found if r.pmid and not re.fullmatch(r"[1-9]\d{4,7}", r.pmid)] == []
    assert [r.key for r in found if r.pmcid and not re.fullmatch(r"PMC\d+", r.pmcid)] == []


def test_a_report_without_an_identifier_says_where_it_is_or_what_it_is(store: Connection) -> None:
    unfindable = (
        "SELECT key FROM report WHERE doi IS NULL AND pmid IS NULL AND pmcid IS NULL "
        "AND url IS NULL AND container IS NULL AND note IS NULL AND kind <> 'book'"
    )

    assert rows(store, unfindable) == []


def test_addresses_are_of_the_source_and_no_copy(store: Connection) -> None:
    addresses = [url for (url,) in store.execute(text("SELECT url FROM report")) if url]
    places = set()
    for address in addresses:
        host, path = urlsplit(address).hostname or "", urlsplit(address).path
        owner = "/".join(path.split("/")[:3]) if host == "github.com" else ""
        places.add(f"{host}{owner}")

    assert len(addresses) > 20
    assert places - KNOWN_PLACES == set()
    assert KNOWN_PLACES - places == set(), "a place that is gone may be taken off the list"


def test_the_columns_of_text_are_looked_through() -> None:
    columns = {(table.name, column) for table, column in text_columns()}

    assert len(columns) > 200
    assert {("report", "url"), ("gap", "note"), ("passage", "quote")} <= columns


def test_no_words_of_the_base_lead_to_a_copy(store: Connection) -> None:
    found = [
        (table.name, copy, value)
        for table, column in text_columns()
        for (value,) in store.execute(select(table.c[column]).where(table.c[column].is_not(None)))
        for copy in COPIES
        if copy in value.lower()
    ]

    assert found == []


def test_keys_are_slugs(store: Connection) -> None:
    part = re.compile(SLUG.pattern)
    checked = 0
    for table in metadata.sorted_tables:
        if "key" not in table.c or table.name == "passage":
            continue
        for key in store.scalars(select(table.c.key)):
            checked += 1
            assert all(part.fullmatch(step) for step in key.split("/")), (table.name, key)

    assert checked > 1_500


def test_no_text_is_empty_or_padded(store: Connection) -> None:
    found = [
        (table.name, column, value)
        for table, column in text_columns()
        for (value,) in store.execute(select(table.c[column]).where(table.c[column].is_not(None)))
        if value != value.strip() or not value
    ]

    assert found == []


def text_columns() -> Iterator[tuple[Table, str]]:
    for table in metadata.sorted_tables:
        if table.name in {"search_entry", "store_fact"}:
            continue
        for column in table.columns:
            if holds_text(column):
                yield table, column.name


def rows(store: Connection, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in store.execute(text(query))]
