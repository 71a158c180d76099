"""Alembic's environment: run the revisions over the connection that the program hands in."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum
from sqlmodel.sql.sqltypes import AutoString

from kb_schema.tables import metadata

_SEARCH = ("search_index", "ix_search_entry_words")
"""Names of what full-text search needs; the models do not know of it."""


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Say whether what the database holds is compared with the models."""
    return kind == "schema" or not (name or "").startswith(_SEARCH)


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write texts and codes as plain SQLAlchemy types, so that no revision needs the models."""
    if kind != "type" or not isinstance(item, AutoString | Enum):
        return False
    if isinstance(item, AutoString):
        length = getattr(item.impl, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    codes = ", ".join(map(repr, item.enums))
    return (
        f"sa.Enum({codes}, name={item.name!r}, "
        f"native_enum=False, create_constraint=True, length={item.length})"
    )


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=True,
    include_name=include_name,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
