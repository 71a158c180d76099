"""Full-text search over every record, ranked, on either kind of store."""

import re
import unicodedata

from sqlalchemy import TextClause, select, text

from kb.answer import LeftOut
from kb.base import Base, Record
from kb.store.relations import study_report

_SQLITE = """
    SELECT e.kind, e.record_key AS key, e.title,
           snippet(search_index, -1, '[', ']', ' … ', 16) AS excerpt,
           -bm25(search_index, 5.0, 1.0) AS score
    FROM search_index JOIN search_entry AS e ON e.id = search_index.rowid
    WHERE search_index MATCH :words
    ORDER BY score DESC, e.id
"""
_POSTGRESQL = """
    SELECT e.kind, e.record_key AS key, e.title,
           ts_headline('kb_words', e.title || ' ' || e.body, query,
                       'StartSel=[, StopSel=], MaxWords=16, MinWords=8') AS excerpt,
           ts_rank(setweight(to_tsvector('kb_words', kb_plain(e.title)), 'A')
                   || to_tsvector('kb_words', kb_plain(e.body)), query) AS score
    FROM search_entry AS e, to_tsquery('kb_words', :words) AS query
    WHERE to_tsvector('kb_words', kb_plain(e.title || ' ' || e.body)) @@ query
    ORDER BY score DESC, e.id
"""
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_LETTERS = re.compile(r"[^\W_]+")
_SMALL = re.compile(
    "a|an|and|are|as|at|be|by|for|from|how|in|is|its?|of|on|or|that|the|their|to|was|were|what"
    "|which|who|with",
    re.IGNORECASE,
)
"""Words that nearly every record holds; they are searched for only where there are no others."""

_OF_REPORTS = ("report", "passage")


def search(base: Base, words: str) -> tuple[list[Record], list[LeftOut]]:
    """Return the records that hold all the words, best first.

    Where no record holds them all, returns those that hold any, and says so.
    """
    hits = _matching(base, words, "all")
    if hits or len(_words(words)) < 2:
        return hits, []
    wider = _matching(base, words, "any")
    reason = "no record holds them together; these hold at least one"
    return wider, [LeftOut(f"records with all of the words '{words}'", reason)] if wider else []


def studies_with_words(base: Base, words: str) -> list[str]:
    """Return the keys of the studies of which any record, or report, holds all the words."""
    hits = _matching(base, words, "all")
    owners = [(hit["kind"], hit["key"].partition("/")[0]) for hit in hits]
    reports = {owner for kind, owner in owners if kind in _OF_REPORTS}
    query = select(study_report.study_key).where(study_report.report_key.in_(reports))
    others = {owner for kind, owner in owners if kind not in _OF_REPORTS}
    return sorted(others | set(base.keys(query)))


def records_with_words(base: Base, words: str, kind: str) -> list[str]:
    """Return the keys of the records of one kind that hold all the words."""
    return [hit["key"] for hit in _matching(base, words, "all") if hit["kind"] == kind]


def _matching(base: Base, words: str, how: str) -> list[Record]:
    found = _words(words)
    if not found:
        return []
    sqlite = base.connection.dialect.name == "sqlite"
    statement, phrase = _query(found, how, sqlite=sqlite)
    rows = base.connection.execute(statement, {"words": phrase}).mappings()
    return [{**row, "excerpt": " ".join(row["excerpt"].split())} for row in rows]


def _words(text: str) -> list[str]:
    words = [word for word in _WORD.findall(text) if _plain(word)]
    return [word for word in words if not _SMALL.fullmatch(word)] or words


def _query(words: list[str], how: str, *, sqlite: bool) -> tuple[TextClause, str]:
    if sqlite:
        quoted = [f'"{word}"' for word in words]
        return text(_SQLITE), (" AND " if how == "all" else " OR ").join(quoted)
    quoted = [f"'{_plain(word)}'" for word in words]
    return text(_POSTGRESQL), (" & " if how == "all" else " | ").join(quoted)


def _plain(word: str) -> str:
    """Return a word as the index on PostgreSQL holds it: without accents and marks."""
    letters = unicodedata.normalize("NFKD", word)
    return " ".join(_LETTERS.findall("".join(c for c in letters if not unicodedata.combining(c))))
