"""An open evidence base: a connection for reading and the vocabularies of its store."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from weakref import finalize

from sqlalchemy import Connection, Select, literal_column, select

from kb.citations import address, citation
from kb.errors import StoreError
from kb.order import by_columns
from kb.store.engine import explained
from kb.store.lists import among
from kb.store.relations import Relation, passage, report, store_fact
from kb.vocabulary import Vocabulary

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.brief.brief import Brief
    from kb.certainty.evidence_profile import EvidenceProfile
    from kb.certainty.summary_of_findings import SummaryOfFindings
    from kb.curation.history import History
    from kb.pages import Page
    from kb.pooling.answer import PooledAnswer
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


Values = str | int | Iterable[str] | None
"""What a facet may be held to: as on the command line, a number, or several; None is no limit."""


class Base:
    """What questions are put to: in words with `ask`, or by facets with a method for each subject.

    Facets are those of the command line: `base.studies(design="rct", outcome=["pain", "mood"])`.
    `kb terms` lists them, and `kb terms outcome` the values of one. A name that means nothing
    raises `UnknownValue`, which names the nearest.

    Threads may share a base; their questions are answered one after another.
    """

    def __init__(self, connection: Connection, close: Callable[[], object] = lambda: None) -> None:
        self.connection = connection
        self._lock = RLock()
        self._close = finalize(self, close)
        self._open = True
        self._data: DataState | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; a base may be closed twice."""
        with self._lock:
            self._open = False
            self._close()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of this store."""
        return Vocabulary(self.connection)

    @property
    def data(self) -> DataState:
        """The state of the data."""
        with self._reading():
            self._data = self._data or self._state()
            return self._data

    def ask(self, text: str) -> "Answer | PooledAnswer":
        """Return the answer to a question in words, with what it was understood as in its notes.

        Raises `UnknownValue` where nothing of it is understood.
        """
        from kb.ask import understand
        from kb.ask.answering import answered

        with self._reading():
            understood = understand(text, self.vocabulary)
            return answered(self, understood, f"Understood as: {understood.command}")

    def studies(self, **facets: Values) -> "Answer":
        """Return studies, not reports, with what they measured where an outcome is named."""
        return self._list("studies", facets)

    def results(self, **facets: Values) -> "Answer":
        """Return results: findings, contrasts and values by arm."""
        return self._list("results", facets)

    def interventions(self, **facets: Values) -> "Answer":
        """Return interventions: approach, dose, leaders (TIDieR)."""
        return self._list("interventions", facets)

    def outcomes(self, **facets: Values) -> "Answer":
        """Return what was measured, in how many studies."""
        return self._list("outcomes", facets)

    def instruments(self, **facets: Values) -> "Answer":
        """Return instruments and the studies that used them."""
        return self._list("instruments", facets)

    def reviews(self, **facets: Values) -> "Answer":
        """Return reviews, what they include and what they pooled."""
        return self._list("reviews", facets)

    def barriers(self, **facets: Values) -> "Answer":
        """Return barriers to running a group, by CFIR 2.0 construct."""
        return self._list("barriers", facets)

    def facilitators(self, **facets: Values) -> "Answer":
        """Return what helped to run a group, by CFIR 2.0 construct."""
        return self._list("facilitators", facets)

    def factors(self, **facets: Values) -> "Answer":
        """Return barriers and facilitators together."""
        return self._list("factors", facets)

    def strategies(self, **facets: Values) -> "Answer":
        """Return implementation strategies; for a construct, those that experts chose for it."""
        return self._list("strategies", facets)

    def themes(self, **facets: Values) -> "Answer":
        """Return qualitative themes and whose voice they are."""
        return self._list("themes", facets)

    def pool(self, **asked: Any) -> "PooledAnswer":
        """Return the verdict on the results that facets narrow, and their pooled effect.

        Takes facets, of which an outcome or an instrument is needed, and the options of
        `PoolOptions.of`: `base.pool(outcome="survival", approach="segt", test="knha")`.
        """
        from kb.pooling.by_name import pool_results

        with self._reading():
            return pool_results(self, asked)

    def sof(self, *, baseline: str | Iterable[str] = (), **asked: Any) -> "SummaryOfFindings":
        """Return GRADE's summary of findings: effects by outcome, with the certainty entered.

        Takes facets and options as `pool` does, and risks without the intervention, such as
        `baseline=["20%", "pain=0.3"]`.
        """
        from kb.certainty.by_name import summary_by_name

        with self._reading():
            return summary_by_name(self, _listed(baseline), asked)

    def cerqual(self, **facets: Values) -> "EvidenceProfile":
        """Return GRADE-CERQual's evidence profile: themes, with the confidence entered."""
        from kb.certainty.evidence_profile import evidence_profile

        with self._reading():
            return evidence_profile(self, self.question("themes", **facets))

    def brief(self, topic: str = "", **facets: Values) -> "Brief":
        """Return what is known of an approach, an outcome or both, how surely, and what is not.

        Say which in words or by facet: `base.brief("segt", outcome="pain")`. Raises `UnknownValue`
        for what names nothing, and for what a brief cannot be about.
        """
        from kb.brief import brief, topic_of

        given = {name: _listed(v) for name, v in facets.items() if v is not None}
        with self._reading():
            return brief(self, topic_of(self, topic, given))

    def question(self, subject: str = "studies", **facets: Values) -> "Question":
        """Return the question for a subject, narrowed by facets as on the command line.

        Raises `UnknownValue` for a subject, facet or value that names nothing.
        """
        from kb.question import build_question

        given = {name: _listed(v) for name, v in facets.items() if v is not None}
        with self._reading():
            return build_question(subject, given, self.vocabulary)

    def answer(self, question: "Question") -> "Answer":
        """Return the answer to a question that asks for rows; `ask` and `pool` return effects."""
        from kb.answers import answer

        with self._reading():
            return answer(self, question)

    def page(self, name: str) -> "Page":
        """Return the page of a record by key or name; raises `UnknownValue` for neither."""
        from kb.pages import page

        with self._reading():
            return page(self, name)

    def history(
        self, key: str | None = None, *, table: str | None = None, since: str | None = None
    ) -> "History":
        """Return who changed what and when: in the store, or of the record of a key.

        `table` keeps to the rows of one table, `since` to what was done from a day on (ISO 8601).
        """
        from kb.curation.history import history

        with self._reading():
            return history(self, key, table=table, since=since)

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
        query = everything.select_from(relation.table).where(among(column, keys))
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
            .where(among(passage.key, wanted))
        )
        return {row["key"]: _passage(row) for row in self.all(query)} if wanted else {}

    def citations(self, keys: Iterable[str | None]) -> Mapping[str, str]:
        """Return short citations of reports by key."""
        wanted = sorted({key for key in keys if key})
        query = select(report.key, report.authors, report.year, report.title).where(
            among(report.key, wanted)
        )
        return {row["key"]: citation(row) for row in self.all(query)} if wanted else {}

    def _list(self, subject: str, facets: Mapping[str, Values]) -> "Answer":
        with self._reading():
            return self.answer(self.question(subject, **facets))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Hold one state of the data: the caller's transaction, or one that ends with the block."""
        with self._lock:
            if not self._open:
                raise StoreError("This evidence base is closed.", "Open it again with kb.open().")
            if self.connection.in_transaction():
                yield
                return
            with explained(self.connection.engine), self.connection.begin():
                self._renew()
                yield

    def _renew(self) -> None:
        """Forget what was read of data that are no longer there."""
        state = self._state()
        if self._data != state:
            self.__dict__.pop("vocabulary", None)
        self._data = state

    def _state(self) -> DataState:
        rows = self.connection.execute(select(store_fact.name, store_fact.value))
        facts = dict(rows.all())
        return DataState(facts.get("data_version", "none"), facts.get("data_hash", ""))


def _listed(values: str | int | Iterable[str]) -> list[str]:
    return [str(values)] if isinstance(values, str | int) else [str(v) for v in values]


def _passage(row: Record) -> Record:
    return {
        "report": row["report"],
        "citation": citation(row),
        "address": address(row),
        "locator": row["locator"],
        "quote": row["quote"],
        "seen": row["seen"],
    }
