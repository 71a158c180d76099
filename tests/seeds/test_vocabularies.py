"""The frameworks are whole, and what nobody verified is marked."""

import pytest
from sqlalchemy import Connection, text

from kb.base import Base

ERIC_CLUSTERS = {
    "evaluative-iterative": 10,
    "interactive-assistance": 4,
    "adapt-tailor": 4,
    "stakeholder-interrelationships": 17,
    "train-educate": 11,
    "support-clinicians": 5,
    "engage-consumers": 5,
    "financial": 9,
    "infrastructure": 8,
}
CFIR_DOMAINS = {
    "innovation",
    "outer-setting",
    "inner-setting",
    "individuals",
    "implementation-process",
}


@pytest.fixture
def store(base_on_sqlite: Base) -> Connection:
    return base_on_sqlite.connection


def test_cfir_has_its_domains_constructs_and_subconstructs(store: Connection) -> None:
    levels = counts(store, "SELECT level, count(*) FROM construct GROUP BY level")
    domains = store.scalars(text("SELECT key FROM construct WHERE level = 'domain'"))

    assert levels.pop("subdomain") == 2
    assert levels == {"domain": 5, "construct": 48, "subconstruct": 19}
    assert set(domains) == CFIR_DOMAINS


def test_every_construct_lies_under_a_domain(store: Connection) -> None:
    parents = {
        row.key: (row.level, row.parent_key)
        for row in store.execute(text("SELECT key, level, parent_key FROM construct"))
    }
    for key, (level, parent) in parents.items():
        top = key
        while (above := parents[top][1]) is not None:
            top = above
        assert top in CFIR_DOMAINS, key
        assert (parent is None) == (level == "domain"), key


def test_subconstructs_lie_under_constructs(store: Connection) -> None:
    found = store.scalars(
        text(
            "SELECT above.level FROM construct JOIN construct AS above "
            "ON construct.parent_key = above.key WHERE construct.level = 'subconstruct'"
        )
    ).all()

    assert len(found) == 19
    assert set(found) == {"construct"}


def test_eric_has_its_strategies_in_their_clusters(store: Connection) -> None:
    sizes = counts(store, "SELECT cluster_key, count(*) FROM eric_strategy GROUP BY cluster_key")
    numbers = store.scalars(text("SELECT number FROM eric_strategy ORDER BY number")).all()

    assert sizes == ERIC_CLUSTERS
    assert list(sizes.values()).count(5) == 2
    assert list(numbers) == list(range(1, 74))


def test_proctor_has_its_outcomes(store: Connection) -> None:
    levels = counts(store, "SELECT level, count(*) FROM implementation_outcome GROUP BY level")

    assert levels == {"implementation": 8, "service": 6, "client": 3}


def test_instruments_are_all_there(store: Connection) -> None:
    found = counts(store, "SELECT verified, count(*) FROM instrument GROUP BY verified")

    assert sum(found.values()) == 60
    assert len(found) == 2, "some are known by name only"


def test_instruments_that_nobody_verified_have_no_numbers(store: Connection) -> None:
    unverified = "(SELECT key FROM instrument WHERE NOT verified)"
    told = store.execute(
        text(
            f"SELECT key FROM instrument WHERE key IN {unverified} AND (items IS NOT NULL "
            "OR score_low IS NOT NULL OR score_high IS NOT NULL OR recall IS NOT NULL)"
        )
    ).all()

    assert told == []
    for table in ("minimal_important_difference", "reference_deviation"):
        query = f"SELECT count(*) FROM {table} WHERE instrument_key IN {unverified}"
        assert store.scalar(text(query)) == 0
    assert (
        store.scalar(
            text(
                "SELECT count(*) FROM scale WHERE (NOT verified OR instrument_key IN "
                f"{unverified}) AND (items IS NOT NULL OR score_low IS NOT NULL "
                "OR score_high IS NOT NULL)"
            )
        )
        == 0
    )


def test_fields_that_no_source_confirms_are_fields_of_the_instrument(store: Connection) -> None:
    columns = set(store.execute(text("SELECT * FROM instrument LIMIT 1")).keys())
    named = store.scalars(
        text("SELECT unverified_fields FROM instrument WHERE unverified_fields IS NOT NULL")
    ).all()

    assert len(named) > 10
    assert {field.strip() for fields in named for field in fields.split(",")} <= columns


@pytest.mark.parametrize("table", ["instrument", "scale"])
def test_score_ranges_run_upwards(store: Connection, table: str) -> None:
    ranges = store.execute(
        text(f"SELECT key, score_low, score_high FROM {table} WHERE score_low IS NOT NULL")
    ).all()

    assert len(ranges) > 5
    assert [row.key for row in ranges if row.score_low >= row.score_high] == []


@pytest.mark.parametrize(
    ("table", "least"),
    [("design", 10), ("approach", 10), ("outcome", 30), ("theme", 15), ("comparator", 5)],
)
def test_terms_have_names_and_belong_to_trees(store: Connection, table: str, least: int) -> None:
    found = store.execute(text(f"SELECT key, name, parent_key FROM {table}")).all()

    assert len(found) >= least
    assert len({term.name.casefold() for term in found}) == len(found), "a name stands for one term"


def test_synonyms_belong_to_terms(store: Connection) -> None:
    vocabularies = store.scalars(text("SELECT DISTINCT vocabulary FROM synonym")).all()

    assert len(vocabularies) > 8
    for table in vocabularies:
        lost = text(
            f"SELECT text FROM synonym WHERE vocabulary = '{table}' "
            f"AND term_key NOT IN (SELECT key FROM {table})"
        )
        assert store.execute(lost).all() == []


def test_synonyms_are_in_lower_case(store: Connection) -> None:
    found = store.scalars(text("SELECT text FROM synonym")).all()

    assert [synonym for synonym in found if synonym != synonym.lower()] == []


def counts(store: Connection, query: str) -> dict[object, int]:
    return {name: count for name, count in store.execute(text(query))}  # noqa: C416
