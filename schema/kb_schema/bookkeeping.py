"""What the store knows of itself."""

from sqlmodel import Field

from kb_schema.base import Row, key, one_of, optional, required
from kb_schema.codes import ChangeKind, EventKind


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


class Event(Row, table=True):
    """A time at which somebody changed the evidence in this store."""

    __tablename__ = "event"

    id: int | None = Field(default=None, primary_key=True)
    kind: EventKind = one_of(EventKind, "Load, import or undo.")
    made_at: str = required("When, in UTC, as ISO 8601.")
    made_by: str = required("Who, as the system or the person names themselves.")
    source: str | None = optional("Name of the file or folder that the records came from.")
    file_format: str | None = optional("Format of that file.")
    checksum: str | None = optional("SHA-256 of that file.")
    data_hash: str = required("Hash of the data after the event.")
    undoes: int | None = Field(
        default=None, foreign_key="event.id", unique=True, description="The event taken back."
    )


class RecordChange(Row, table=True):
    """What an event did to one record."""

    __tablename__ = "record_change"

    event_id: int = Field(foreign_key="event.id", primary_key=True, description="The event.")
    record_table: str = key("Table of the record.")
    record_key: str = Field(primary_key=True, index=True, description="Key of the record.")
    kind: ChangeKind = one_of(ChangeKind, "Added, changed or removed.")
    before: str | None = optional("The values that changed or went, as JSON.")
    after: str | None = optional("The values that they changed to, as JSON.")
