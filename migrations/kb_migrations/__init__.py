"""How the tables of a store came to be: one Alembic revision for each change."""

REVISIONS = ("r0001", "r0002", "r0003", "r0004", "r0005")
"""Every revision, oldest first; known without importing Alembic."""

HEAD = REVISIONS[-1]
"""The revision whose tables are those of `kb_schema`."""
