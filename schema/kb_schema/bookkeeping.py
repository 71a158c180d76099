"""What the store knows of itself."""

from sqlmodel import Field

from kb_schema.base import Row, key, required


class StoreFact(Row, table=True):
    """A fact about this store: the version and hash of its data."""

    __tablename__ = "store_fact"

    name: str = key("data_version, data_hash, loaded_at.")
    value: str = required("Its value.")


class SearchEntry(Row, table=True):
    """The words of a record, gathered for full-text search."""

    __tablename__ = "search_entry"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True, description="Table of the record.")
    record_key: str = Field(index=True, description="Key of the record.")
    title: str = required("Name by which the record is shown.")
    body: str = required("Its words.")
