"""Errors that a person can act on.

KbError
├── UnknownValue     a facet or key that names nothing in the store
├── SeedError        seed files with problems; carries all of them
├── StoreError       a store that cannot be opened, read or written
└── NothingToDo      a command that makes no sense in the present state
"""


class KbError(Exception):
    """Something went wrong: one sentence on what, one on what to do."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem} {remedy}".strip())


class UnknownValue(KbError):
    """A facet value or a key that names nothing in the store."""


class StoreError(KbError):
    """A store that cannot be opened, read or written."""
