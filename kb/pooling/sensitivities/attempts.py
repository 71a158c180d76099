"""Analyses that are made where they can be, and otherwise leave a note that says why not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kb.synthesis.errors import SynthesisError

T = TypeVar("T")


@dataclass
class Attempts:
    """Collects in `notes` what the engine says where it refuses an analysis."""

    notes: list[str] = field(default_factory=list)

    def __call__(self, make: Callable[[], T]) -> T | None:
        """Return what is made, or None with a note."""
        try:
            return make()
        except SynthesisError as error:
            self.notes.append(str(error))
            return None
