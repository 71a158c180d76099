"""Pages about single records, found by key or by name."""

from collections.abc import Callable

from sqlalchemy import func, select

from kb.base import Base
from kb.errors import UnknownValue
from kb.pages.fact import KINDS as FACT_KINDS
from kb.pages.fact import fact_page
from kb.pages.page import Fact, Page, Section
from kb.pages.report import report_page
from kb.pages.review import review_page
from kb.pages.study import study_page
from kb.pages.terms import construct_page, instrument_page, term_page, theme_page
from kb.pages.tidier import intervention_page
from kb.store.relations import study

_Maker = Callable[[Base, str], Page | None]


def _term(table: str) -> _Maker:
    return lambda base, key: term_page(base, table, key)


def _fact(kind: str) -> _Maker:
    return lambda base, key: fact_page(base, kind, key)


_MAKERS: dict[str, _Maker] = {
    "study": study_page,
    "review": review_page,
    "report": report_page,
    "instrument": instrument_page,
    "intervention": intervention_page,
    "construct": construct_page,
    "theme": theme_page,
    "outcome": _term("outcome"),
    "approach": _term("approach"),
    "component": _term("component"),
    "comparator": _term("comparator"),
    "design": _term("design"),
    "profession": _term("profession"),
    "country": _term("country"),
    "cancer": _term("cancer"),
    "implementation_outcome": _term("implementation_outcome"),
    "eric_strategy": _term("eric_strategy"),
    **{kind: _fact(kind) for kind in FACT_KINDS},
}
KINDS = tuple(_MAKERS)
"""What has pages; each is a table."""

_NAMED = tuple(kind for kind in _MAKERS if kind not in {"report", "intervention", *FACT_KINDS})


def page(base: Base, name: str) -> Page:
    """Return the page of a record by `key`, `kind:key`, any of its names or its registration.

    Raises `UnknownValue` with the nearest records where nothing has that name.
    """
    kind, _, key = name.rpartition(":")
    if kind and kind not in _MAKERS:
        raise UnknownValue(f"There are no pages of kind '{kind}'.", f"Kinds: {', '.join(_MAKERS)}.")
    found = _by_key(base, key, [kind] if kind else list(_MAKERS))
    found = found or _by_name(base, key, [kind] if kind in _NAMED else list(_NAMED))
    found = found or (_by_registration(base, key) if kind in {"", "study"} else [])
    if not found:
        near = _nearest(base, key)
        remedy = (
            f"Nearest: {', '.join(near)}." if near else "kb search finds records by their words."
        )
        raise UnknownValue(f"Nothing is called '{name}'.", remedy)
    first, *others = found
    first.also.extend(f"{other.kind}:{other.key}" for other in others)
    return first


def _by_key(base: Base, key: str, kinds: list[str]) -> list[Page]:
    made = (_MAKERS[kind](base, key) for kind in kinds)
    return [each for each in made if each is not None]


def _by_name(base: Base, name: str, kinds: list[str]) -> list[Page]:
    pages = []
    for kind in kinds:
        for key in base.vocabulary.called(kind, name):
            pages += _by_key(base, key, [kind])
    return pages


def _by_registration(base: Base, number: str) -> list[Page]:
    query = select(study.key).where(func.lower(study.registration) == number.strip().lower())
    return [page for key in base.keys(query) if (page := study_page(base, key))]


def _nearest(base: Base, name: str) -> list[str]:
    import difflib

    from kb.vocabulary import plain

    known: dict[str, str] = {}
    for kind in _NAMED:
        for spoken, keys in base.vocabulary.names_like(kind, name).items():
            known.setdefault(spoken, keys[0])
    close = difflib.get_close_matches(plain(name), known, n=4, cutoff=0.5)
    return list(dict.fromkeys(known[spoken] for spoken in close))


__all__ = ["KINDS", "Fact", "Page", "Section", "page"]
