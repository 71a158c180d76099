"""Full-text search over `search_entry`.

On SQLite an index beside the table, which triggers keep in step; a later revision that rebuilds
`search_entry` must make the triggers again. On PostgreSQL an index of the words of each row, told
apart and reduced to their stems as SQLite does it, so that a search finds the same in both.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

_FORGET = (
    "INSERT INTO search_index (search_index, rowid, title, body) "
    "VALUES ('delete', old.id, old.title, old.body);"
)
_LEARN = "INSERT INTO search_index (rowid, title, body) VALUES (new.id, new.title, new.body);"
_TRIGGERS = {"insert": _LEARN, "delete": _FORGET, "update": f"{_FORGET} {_LEARN}"}

_PORTER = (
    "CREATE TEXT SEARCH DICTIONARY kb_porter (TEMPLATE = snowball, LANGUAGE = porter)",
    "CREATE TEXT SEARCH CONFIGURATION kb_words (COPY = simple)",
    """
    ALTER TEXT SEARCH CONFIGURATION kb_words
        ALTER MAPPING FOR asciiword, word, numword WITH kb_porter
    """,
    # Letters lose their accents, and whatever is neither letter nor digit parts words.
    r"""
    CREATE FUNCTION kb_plain(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT regexp_replace(
            regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]+', '', 'g'),
            '(\W|_)+', ' ', 'g'
        )
    $$
    """,
)


def upgrade() -> None:
    """Add the index and fill it from the rows that are there."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5 (title, body, "
            "content='search_entry', content_rowid='id', tokenize='porter unicode61')"
        )
        for event, action in _TRIGGERS.items():
            op.execute(
                f"CREATE TRIGGER search_index_{event} AFTER {event.upper()} ON search_entry "
                f"BEGIN {action} END"
            )
        op.execute("INSERT INTO search_index (search_index) VALUES ('rebuild')")
    else:
        for statement in _PORTER:
            op.execute(statement)
        op.create_index(
            "ix_search_entry_words",
            "search_entry",
            [sa.text("to_tsvector('kb_words', kb_plain(title || ' ' || body))")],
            postgresql_using="gin",
        )


def downgrade() -> None:
    """Remove the index; the rows stay."""
    if op.get_bind().dialect.name == "sqlite":
        for event in _TRIGGERS:
            op.execute(f"DROP TRIGGER search_index_{event}")
        op.execute("DROP TABLE search_index")
    else:
        op.drop_index("ix_search_entry_words", "search_entry")
        op.execute("DROP FUNCTION kb_plain(text)")
        op.execute("DROP TEXT SEARCH CONFIGURATION kb_words")
        op.execute("DROP TEXT SEARCH DICTIONARY kb_porter")
