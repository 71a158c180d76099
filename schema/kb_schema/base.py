"""What every table shares: named constraints, the ways to declare a column, and the passage."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Enum
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import AutoString

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata
metadata.naming_convention = NAMING_CONVENTION


def key(description: str = "Stable, readable slug.") -> Any:
    """Declare a primary key column."""
    return Field(primary_key=True, min_length=1, description=description)


def reference(target: str, description: str = "", *, primary: bool = False) -> Any:
    """Declare a required reference to the key of the table `target`."""
    return Field(
        foreign_key=f"{target}.key",
        primary_key=primary,
        index=not primary,
        description=description or f"Key of a {target.replace('_', ' ')}.",
    )


def optional_reference(target: str, description: str = "") -> Any:
    """Declare a reference that may be absent."""
    return Field(
        default=None,
        foreign_key=f"{target}.key",
        index=True,
        description=description or f"Key of a {target.replace('_', ' ')}, where there is one.",
    )


def required(description: str) -> Any:
    """Declare a column that must have a value."""
    return Field(description=description)


def optional(description: str) -> Any:
    """Declare a column that is empty when the sources do not say."""
    return Field(default=None, description=description)


def optional_unique(description: str) -> Any:
    """Declare an optional column whose values may not repeat."""
    return Field(default=None, unique=True, description=description)


def _one_of_type(codes: type[StrEnum], name: str) -> Any:
    return Enum(
        codes,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def one_of(codes: type[StrEnum], description: str, *, primary: bool = False) -> Any:
    """Declare a required column that holds one of a closed set of codes."""
    name = codes.__name__.lower()
    return Field(sa_type=_one_of_type(codes, name), primary_key=primary, description=description)


def optional_one_of(codes: type[StrEnum], description: str) -> Any:
    """Declare a column of codes that may be absent."""
    name = codes.__name__.lower()
    return Field(
        default=None, sa_type=_one_of_type(codes, name), nullable=True, description=description
    )


def check(name: str, condition: str) -> CheckConstraint:
    """Name a condition that the database holds every row to."""
    return CheckConstraint(condition, name=name)


def holds_text(column: Column[Any]) -> bool:
    """Return whether a column holds free text or a key, and not a code or a number."""
    return isinstance(column.type, AutoString)


class Row(SQLModel):
    """The base of all tables of the evidence base."""


class Sourced(Row):
    """A row that states a fact, and so points at the passage that carries it."""

    passage_key: str = Field(
        foreign_key="passage.key",
        index=True,
        description="The passage of a report that carries this fact.",
    )


class Term(Row):
    """An entry of a controlled vocabulary."""

    key: str = key()
    name: str = required("The field's own name for the term.")
    definition: str | None = optional("What the term means, in our own words.")
    verified: bool = Field(
        default=True,
        description="False where the term is known by name only and no source of it was read.",
    )
    note: str | None = optional("What a reader should know before using the term.")
    passage_key: str | None = optional_reference("passage", "Where the term is defined or listed.")
