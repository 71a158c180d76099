"""Names to terms: keys, names, synonyms and codes of the field's vocabularies."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, select

from kb.citations import citation
from kb.errors import UnknownValue
from kb.facets import FACETS, Facet
from kb.order import by_key
from kb.store.lists import among
from kb.store.relations import Relation, report, study_report, synonym
from kb.study_names import called, called_nearly

_TREES = {
    "design",
    "approach",
    "comparator",
    "profession",
    "cancer",
    "outcome",
    "construct",
    "theme",
}
_NAME_COLUMN = {"review": "label", "study": "label"}
_ALSO_NAMED_BY = {"country": "iso", "instrument": "abbreviation", "construct": "code"}
_Finder = Callable[[Connection, str], Iterable[str]]


@dataclass(frozen=True)
class Term:
    """An entry of a vocabulary."""

    key: str
    name: str
    parent: str | None
    also: str | None = None


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Return a name in the form in which names are compared: lower case, single spaces."""
    return re.sub(r"[\s_\-‐–/]+", " ", text.lower().replace("’", "'")).strip(" .?!\"'")


class Vocabulary:
    """The vocabularies of one store. Each is read when it is first asked for.

    Studies may be many thousands: what asks for a few of them takes `of_studies`.
    """

    def __init__(self, connection: Connection, studies: Iterable[str] | None = None) -> None:
        self.connection = connection
        self._studies = None if studies is None else sorted(studies)
        self._terms: dict[str, dict[str, Term]] = {}
        self._names: dict[str, dict[str, list[str]]] = {}

    def terms(self, table: str) -> Mapping[str, Term]:
        """Return the terms of a vocabulary by key."""
        if table not in self._terms:
            relation = Relation(table)
            columns = [relation.key, relation.named(_NAME_COLUMN.get(table, "name")).label("name")]
            columns += [relation.parent_key.label("parent")] if table in _TREES else []
            columns += [relation.named(also).label("also") for also in self._also(table)]
            query = select(*columns).where(*self._among_studies(table, relation.key))
            rows = self.connection.execute(query).mappings()
            self._terms[table] = {
                row["key"]: Term(row["key"], row["name"], row.get("parent"), row.get("also"))
                for row in sorted(rows, key=lambda row: by_key(row["key"]))
            }
        return self._terms[table]

    def names(self, table: str) -> Mapping[str, list[str]]:
        """Return the keys that each plain name of a vocabulary may mean."""
        if table not in self._names:
            names: dict[str, list[str]] = {}
            for name, key in self._all_names(table):
                keys = names.setdefault(plain(name), [])
                if key not in keys:
                    keys.append(key)
            self._names[table] = names
        return self._names[table]

    def label(self, table: str, key: str | None) -> str:
        """Return the name of a term, or its key where it is not in the vocabulary."""
        if key is None:
            return ""
        term = self.term(table, key)
        return term.name if term else key

    def term(self, table: str, key: str) -> Term | None:
        """Return the term of a vocabulary, None where there is none of that key."""
        if table == "study" and table not in self._terms:
            return self.of_studies([key]).terms(table).get(key)
        return self.terms(table).get(key)

    def called(self, table: str, name: str) -> list[str]:
        """Return the keys that a name may mean."""
        return list(self._beside(table, name, called).names(table).get(plain(name), []))

    def names_like(self, table: str, name: str) -> Mapping[str, list[str]]:
        """Return the names of a vocabulary among which those are that are most like a name."""
        return self._beside(table, name, called_nearly).names(table)

    def of_studies(self, keys: Iterable[str]) -> "Vocabulary":
        """Return a vocabulary with these studies alone."""
        return Vocabulary(self.connection, keys)

    def within(self, table: str, keys: Iterable[str]) -> set[str]:
        """Return the keys and those of everything below them in the tree."""
        found = set(keys)
        if table not in _TREES:
            return found
        grew = True
        while grew:
            below = {term.key for term in self.terms(table).values() if term.parent in found}
            grew = not below <= found
            found |= below
        return found

    def resolve(self, facet: Facet, value: str) -> list[str]:
        """Return the keys or codes that a value of a facet means.

        An everyday word may mean several terms: 'cost' is the innovation's cost, and funding.
        Raises `UnknownValue`, naming the nearest values, where it means nothing.
        """
        if facet.codes is not None:
            return [_resolve_code(facet, value)]
        known = self.term(facet.vocabulary, value) is not None
        keys = [value] if known else self.called(facet.vocabulary, value)
        if facet.name == "domain":
            keys = [key for key in keys if self.terms("construct")[key].parent is None]
        if not keys:
            raise self._unknown(facet, value)
        return keys

    def nearest(self, facet: Facet, value: str, count: int = 3) -> list[str]:
        """Return the keys whose names are most like the value."""
        names = self.names_like(facet.vocabulary, value)
        close = difflib.get_close_matches(plain(value), names, n=count * 2, cutoff=0.5)
        wanted = plain(value).split()
        holding = [name for name in names if wanted and set(wanted) <= set(name.split())]
        keys = dict.fromkeys(key for name in [*holding, *close] for key in names[name])
        if facet.name == "domain":
            return [key for key in keys if self.terms("construct")[key].parent is None][:count]
        return list(keys)[:count]

    def _unknown(self, facet: Facet, value: str) -> UnknownValue:
        near = self.nearest(facet, value)
        remedy = f"Nearest: {', '.join(near)}. " if near else ""
        listing = {"outcome": "kb outcomes", "instrument": "kb instruments", "review": "kb reviews"}
        where = listing.get(facet.name, f"kb terms {facet.name}")
        return UnknownValue(
            f"No {facet.name} is called '{value}'.", f"{remedy}'{where}' lists them all."
        )

    def _all_names(self, table: str) -> Iterable[tuple[str, str]]:
        for term in self.terms(table).values():
            yield term.key, term.key
            yield term.name, term.key
            if term.also:
                yield term.also, term.key
        query = select(synonym.text, synonym.term_key).where(
            synonym.vocabulary == table, *self._among_studies(table, synonym.term_key)
        )
        yield from sorted((text, key) for text, key in self.connection.execute(query))
        if table == "study":
            yield from self._study_names()

    def _study_names(self) -> Iterable[tuple[str, str]]:
        """Yield names from either part of a study's label, and from its reports."""
        for term in self.terms("study").values():
            before, _, inside = term.name.partition("(")
            yield from ((part.strip(" )"), term.key) for part in (before, inside) if part.strip())
        query = (
            select(study_report.study_key, report.key, report.authors, report.year, report.title)
            .join_from(study_report.table, report.table, study_report.report_key == report.key)
            .where(
                study_report.role != "comment",
                report.year.is_not(None),
                *self._among_studies("study", study_report.study_key),
            )
        )
        rows = self.connection.execute(query).mappings()
        for row in sorted(rows, key=lambda row: (row["study_key"], row["key"])):
            yield citation(dict(row)), row["study_key"]
            yield row["key"], row["study_key"]

    def _beside(self, table: str, name: str, find: _Finder) -> "Vocabulary":
        """Return the vocabulary that has the terms of a table which come near a name."""
        if table != "study" or self._studies is not None:
            return self
        return self.of_studies(find(self.connection, name))

    def _among_studies(
        self, table: str, column: ColumnElement[str]
    ) -> Iterable[ColumnElement[bool]]:
        """Yield the condition that keeps to the studies of this vocabulary, where it has a few."""
        if table == "study" and self._studies is not None:
            yield among(column, self._studies)

    @staticmethod
    def _also(table: str) -> list[str]:
        return [_ALSO_NAMED_BY[table]] if table in _ALSO_NAMED_BY else []


def _resolve_code(facet: Facet, value: str) -> str:
    assert facet.codes is not None
    by_name = {plain(code.value): code.value for code in facet.codes} | dict(facet.spoken)
    found = by_name.get(plain(value))
    if found:
        return found
    near = difflib.get_close_matches(plain(value), by_name, n=1, cutoff=0.5)
    nearest = f"Nearest: {by_name[near[0]]}. " if near else ""
    allowed = ", ".join(code.value for code in facet.codes)
    raise UnknownValue(
        f"No {facet.name} is called '{value}'.", f"{nearest}The values are {allowed}."
    )


def facet_values(vocabulary: Vocabulary, name: str) -> list[tuple[str, str]]:
    """Return the values of a facet with their names, for completion and listing."""
    facet = FACETS[name]
    if facet.codes is not None:
        return [(code.value, "") for code in facet.codes]
    if not facet.vocabulary:
        return []
    terms = vocabulary.terms(facet.vocabulary).values()
    if name == "domain":
        return [(term.key, term.name) for term in terms if term.parent is None]
    return [(term.key, term.name) for term in terms]
