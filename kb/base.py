"""An open evidence base: a connection for reading and the vocabularies of its store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, literal_column, select

from kb.citations import address, citation
from kb.order import by_columns
from kb.store.relations import Relation, passage, report, store_fact
from kb.vocabulary import Vocabulary

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.pages import Page
    from kb.question import Question

Record = dict[str, Any]
"""A row of the store, or what is told of one, as plain data."""


@dataclass(frozen=True)
class DataState:
    """Which data a store holds: the version they came as and the digest of what is there."""

    version: str
    hash: str

    def as_dict(self) -> dict[str, str]:
        """Return the state as plain data."""
        return {"version": self.version, "hash": self.hash}


class Base:
    """What questions are put to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.vocabulary = Vocabulary(connection)

    @cached_property
    def data(self) -> DataState:
        """The state of the data."""
        rows = self.connection.execute(select(store_fact.name, store_fact.value))
        facts = dict(rows.all())
        return DataState(facts.get("data_version", "none"), facts.get("data_hash", ""))

    def question(self, subject: str = "studies", **facets: str | Iterable[str]) -> "Question":
        """Return the question for a subject, narrowed by facets as on the command line.

        Raises `UnknownValue` for a subject, facet or value that names nothing.
        """
        from kb.question import build_question

        given = {name: [v] if isinstance(v, str) else list(v) for name, v in facets.items()}
        return build_question(subject, given, self.vocabulary)

    def answer(self, question: "Question") -> "Answer":
        """Return the answer to a question."""
        from kb.answers import answer

        return answer(self, question)

    def page(self, name: str) -> "Page":
        """Return the page of a record by key or name; raises `UnknownValue` for neither."""
        from kb.pages import page

        return page(self, name)

    def all(self, query: Select[Any]) -> list[Record]:
        """Return the rows of a query."""
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def keys(self, query: Select[Any]) -> list[str]:
        """Return the first column of a query."""
        return list(self.connection.scalars(query))

    def record(self, relation: Relation, key: str) -> Record | None:
        """Return the whole row of that key."""
        rows = self.records(relation, [key])
        return rows[0] if rows else None

    def records(self, relation: Relation, keys: Iterable[str], by: str = "key") -> list[Record]:
        """Return whole rows by the values of one column, in the order of their keys."""
        column = relation.named(by)
        everything: Select[Any] = select(literal_column("*"))
        query = everything.select_from(relation.table).where(column.in_(list(keys)))
        return sorted(self.all(query), key=by_columns)

    def passages(self, keys: Iterable[str | None]) -> Mapping[str, Record]:
        """Return passages by key, each with its report's citation and address."""
        wanted = sorted({key for key in keys if key})
        query: Select[Any] = (
            select(
                passage.key,
                passage.locator,
                passage.quote,
                passage.seen,
                passage.report_key.label("report"),
                report.authors,
                report.year,
                report.title,
                report.doi,
                report.pmid,
                report.url,
            )
            .join_from(passage.table, report.table, passage.report_key == report.key)
            .where(passage.key.in_(wanted))
        )
        return {row["key"]: _passage(row) for row in self.all(query)} if wanted else {}

    def citations(self, keys: Iterable[str | None]) -> Mapping[str, str]:
        """Return short citations of reports by key."""
        wanted = sorted({key for key in keys if key})
        query = select(report.key, report.authors, report.year, report.title).where(
            report.key.in_(wanted)
        )
        return {row["key"]: citation(row) for row in self.all(query)} if wanted else {}


def _passage(row: Record) -> Record:
    return {
        "report": row["report"],
        "citation": citation(row),
        "address": address(row),
        "locator": row["locator"],
        "quote": row["quote"],
        "seen": row["seen"],
    }
