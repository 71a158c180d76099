"""An effect that a row gives in itself, and not by the results of its arms."""

from dataclasses import dataclass

from kb.exchange.drafts import DerivationDraft
from kb.exchange.tabular.spool import Line


@dataclass(frozen=True, slots=True)
class Effect:
    """Arm 1 against arm 2. `statistic` is a code of the schema, ratios are not logarithms."""

    statistic: str
    estimate: float
    se: float | None
    derivation: DerivationDraft
    of_change: bool = False


def inputs_of(line: Line, *names: str) -> str:
    """Return the numbers of a line that a value was computed from, as a derivation tells them."""
    return "; ".join(f"{name}={line.numbers[name]:.15g}" for name in names if name in line.numbers)
