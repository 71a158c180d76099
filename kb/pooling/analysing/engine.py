"""Between the engine and a reader: its errors in two sentences, its numbers with None for none."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite, nan

from kb.errors import KbError
from kb.synthesis.back import back_transform
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy, SynthesisError

Triple = tuple[float | None, float | None, float | None]
"""An estimate and the limits of its interval."""


class NotPooled(KbError):
    """Effects that cannot be analysed as was asked."""


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what the engine refuses into a `NotPooled`: what is wrong, and what to do."""
    try:
        yield
    except SynthesisError as error:
        text = str(error)
        named = len(error.label) if isinstance(error, BadStudy) else 0
        problem, _, remedy = text[named:].partition(". ")
        problem = text[:named] + problem
        raise NotPooled(f"{problem.rstrip('.')}.", remedy) from None


def number(value: float | None) -> float | None:
    """Return a finite number as it is, and None for any other."""
    return float(value) if value is not None and isfinite(value) else None


def readers_scale(effects: Effects, *values: float | None) -> tuple[float | None, ...]:
    """Return values of the scale of analysis as a reader of the measure knows them."""
    given = [nan if value is None else value for value in values]
    back = back_transform(effects.measure, given, effects.ni)
    return tuple(number(value) for value in back.tolist())


def triple(effects: Effects, estimate: float, low: float, high: float) -> Triple:
    """Return an estimate and its limits on the reader's scale."""
    back = readers_scale(effects, estimate, low, high)
    return back[0], back[1], back[2]
