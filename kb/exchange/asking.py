"""What is asked of the store while a file is composed, whichever process does it."""

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from kb.vocabulary import Term, Vocabulary

_T = TypeVar("_T")
_P = ParamSpec("_P")


class Ask(Protocol):
    """Puts a question to the store: calls a function of a module with a connection to it."""

    def __call__(
        self,
        question: Callable[Concatenate[Connection, _P], _T],
        *given: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """Return what the function does."""


def asking(connection: Connection) -> Ask:
    """Return what asks over a connection of this process."""

    def ask(
        question: Callable[Concatenate[Connection, _P], _T], *given: _P.args, **named: _P.kwargs
    ) -> _T:
        return question(connection, *given, **named)

    return ask


class Terms:
    """The vocabularies of a store; of each is asked once."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._terms: dict[str, Mapping[str, Term]] = {}
        self._names: dict[str, Mapping[str, list[str]]] = {}

    def terms(self, table: str) -> Mapping[str, Term]:
        """Return the terms of a vocabulary by key."""
        if table not in self._terms:
            self._terms[table] = self._ask(_terms, table)
        return self._terms[table]

    def names(self, table: str) -> Mapping[str, list[str]]:
        """Return the keys that each plain name of a vocabulary may mean."""
        if table not in self._names:
            self._names[table] = self._ask(_names, table)
        return self._names[table]


def _terms(connection: Connection, table: str) -> Mapping[str, Term]:
    return Vocabulary(connection).terms(table)


def _names(connection: Connection, table: str) -> Mapping[str, list[str]]:
    return Vocabulary(connection).names(table)
