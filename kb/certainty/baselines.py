"""Risks without the intervention, as they are stated: `20%`, or `survival=20%` for one outcome."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kb.errors import KbError
from kb.facets import FACETS
from kb.vocabulary import Vocabulary

_WRITTEN = re.compile(r"(?P<number>\d+(\.\d*)?|\.\d+)\s*(?P<percent>%)?")
_REMEDY = "Write a percentage or a share: --baseline 20%, --baseline survival=0.2."


class BadBaseline(KbError):
    """A baseline risk that cannot be read."""


@dataclass(frozen=True)
class Baseline:
    """A risk from 0 to 1, both excluded, of one outcome or of all where that is None."""

    risk: float
    outcome: str | None
    written: str

    def is_for(self, outcome: str) -> bool:
        """Return whether it is stated for an outcome."""
        return self.outcome in {None, outcome}


def baselines(written: Iterable[str], vocabulary: Vocabulary) -> tuple[Baseline, ...]:
    """Return the risks as they were typed, several to a text where commas stand between them.

    Raises `BadBaseline` for what is no risk, and `UnknownValue` for what is no outcome.
    """
    parts = [part.strip() for text in written for part in text.split(",")]
    found = (each for part in parts if part for each in _read(part, vocabulary))
    return tuple(dict.fromkeys(found))


def _read(part: str, vocabulary: Vocabulary) -> list[Baseline]:
    name, _, risk = part.rpartition("=")
    share = _share(risk.strip(), part)
    outcomes = vocabulary.resolve(FACETS["outcome"], name.strip()) if name.strip() else [None]
    return [Baseline(share, outcome, risk.strip()) for outcome in outcomes]


def _share(text: str, part: str) -> float:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise BadBaseline(f"'{part}' is no baseline risk.", _REMEDY)
    share = float(found["number"]) / (100 if found["percent"] else 1)
    if not 0 < share < 1 or not math.isfinite(share):
        raise BadBaseline(f"A baseline risk of {text} is not between 0 % and 100 %.", _REMEDY)
    return share
