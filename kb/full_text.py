"""What the full-text index of either kind of store is asked: which records hold these words."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, text

from kb.spelling import alike, indexed_words

Words = Sequence[Collection[str]]
"""Words that stand together, each in the forms that it may have."""

# A cross join is made in the order in which it is written: not of all records of the kind first.
_SQLITE = text("""
    SELECT e.record_key AS key, e.title
    FROM search_index CROSS JOIN search_entry AS e ON e.id = search_index.rowid
    WHERE search_index MATCH :words AND e.kind = :kind
""")
_POSTGRESQL = text("""
    SELECT record_key AS key, title FROM search_entry
    WHERE to_tsvector('kb_words', kb_plain(title || ' ' || body))
          @@ to_tsquery('kb_words', :words) AND kind = :kind
""")
_TOGETHER = 200
"""Alternatives that are asked for in one statement."""

_LONGEST = 100
"""Letters of the longest word that a store is asked for."""


def records_with(connection: Connection, kind: str, wanted: Sequence[Words]) -> set[str]:
    """Return the keys of records of a kind that hold all the words of any of the alternatives."""
    return {key for key, _ in _found(connection, kind, wanted, "")}


def titled_with(connection: Connection, kind: str, wanted: Sequence[Words]) -> set[str]:
    """Return the keys of records of a kind whose titles do so: labels, where they have one."""
    meant = [[{alike(form) for form in word} for word in words] for words in wanted]
    found = set()
    for key, title in _found(connection, kind, wanted, "title : "):
        held = {alike(word.lower()) for word in indexed_words(title)}
        if any(all(held & word for word in words) for words in meant):
            found.add(key)
    return found


def _found(
    connection: Connection, kind: str, wanted: Sequence[Words], column: str
) -> Iterator[tuple[str, str]]:
    sqlite = connection.dialect.name == "sqlite"
    phrases = [_phrase(words, sqlite=sqlite) for words in wanted if _may_be_held(words)]
    for start in range(0, len(phrases), _TOGETHER):
        together = (" OR " if sqlite else " | ").join(phrases[start : start + _TOGETHER])
        asked = f"{column}({together})" if sqlite else together
        statement = _SQLITE if sqlite else _POSTGRESQL
        rows = connection.execute(statement, {"words": asked, "kind": kind})
        yield from ((row.key, row.title) for row in rows)


def _may_be_held(words: Words) -> bool:
    return all(len(form) <= _LONGEST for word in words for form in word)


def _phrase(words: Words, *, sqlite: bool) -> str:
    quote, any_of, all_of = ('"', " OR ", " AND ") if sqlite else ("'", " | ", " & ")
    each = (any_of.join(f"{quote}{form}{quote}" for form in sorted(word)) for word in words)
    return f"({all_of.join(f'({forms})' for forms in each)})"
