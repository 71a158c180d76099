"""Questions of every kind, and both kinds of store to put them to."""

import pytest

from kb.base import Base
from kb.facets import FACETS

Facets = dict[str, str]

EACH = [{name: facet.example} for name, facet in FACETS.items()]
EXCLUDED = [{name: f"!{facet.example}"} for name, facet in FACETS.items()]
TOGETHER: list[Facets] = [
    {},
    {"design": "rct,qualitative"},
    {"design": "rct", "outcome": "pain", "approach": "segt"},
    {"design": "!rct", "country": "usa,canada"},
    {"outcome": "pain,survival", "instrument": "!poms"},
    {"outcome": "depression", "instrument": "poms"},
    {"outcome": "psychological-symptoms", "comparator": "usual-care"},
    {"approach": "segt", "delivery": "group"},
    {"approach": "segt,cbt", "component": "relaxation", "mode": "in-person"},
    {"facilitator": "!psychologist", "delivery": "group"},
    {"cancer": "breast", "country": "!usa"},
    {"year": "2001", "design": "rct"},
    {"year": "<1990,>2015"},
    {"year": "!1995..2010"},
    {"year": "..1985"},
    {"n": "<50"},
    {"n": "50..150", "year": "1990.."},
    {"n": "!>=100", "delivery": "group"},
    {"review": "cochrane-2013", "status": "confirmed"},
    {"review": "cochrane-2013,li-2024", "status": "!inferred"},
    {"review": "!li-2024"},
    {"status": "inferred", "design": "rct"},
    {"theme": "social-connectedness", "country": "canada"},
    {"construct": "funding", "valence": "barrier"},
    {"construct": "available-resources", "valence": "facilitator,mixed"},
    {"domain": "inner-setting,individuals", "valence": "!barrier"},
    {"domain": "inner-setting", "review": "li-2024"},
    {"domain": "inner-setting", "design": "qualitative"},
    {"study": "goodwin-2001,spiegel-1981"},
    {"study": "!goodwin-2001", "design": "rct"},
    {"text": "hypnosis", "outcome": "pain"},
    {"text": "telephone", "mode": "telephone"},
    {"text": "fear of dying"},
    {"text": "!hypnosis", "approach": "segt"},
    {"outcome": "pain", "cancer": "ovarian"},
    {"outcome": "pain", "year": ">2020", "country": "usa", "n": ">1000"},
]


@pytest.fixture(scope="session")
def both(base_on_sqlite: Base, base_on_postgres: Base) -> tuple[Base, Base]:
    """Return the evidence shipped on SQLite and on PostgreSQL."""
    return base_on_sqlite, base_on_postgres


@pytest.fixture(scope="session")
def questions() -> list[Facets]:
    """Return combinations of facets: each alone, each excluded, and many together."""
    return [*EACH, *EXCLUDED, *TOGETHER]
