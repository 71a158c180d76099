"""Whether small trials show other effects than large ones, and what would follow."""

from dataclasses import dataclass
from functools import partial

from kb.pooling.sensitivities.attempts import Attempts
from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.small_study.pet_peese import PetPeese, pet_peese
from kb.synthesis.small_study.rank_test import RankTest, begg
from kb.synthesis.small_study.regression_test import FEWEST, RegressionTest, egger
from kb.synthesis.small_study.trim_and_fill import TrimAndFill, trim_and_fill


@dataclass(frozen=True)
class SmallStudy:
    """Four looks at the funnel plot; None where one cannot be taken, and a note says why.

    Attributes:
        egger: Egger's regression test.
        begg: Begg and Mazumdar's rank correlation test.
        trim_and_fill: how many trials a symmetric funnel lacks, and the effect with them.
        pet_peese: the effect of an infinitely large trial.
        notes: what a reader must know beyond the numbers.
    """

    egger: RegressionTest | None
    begg: RankTest | None
    trim_and_fill: TrimAndFill | None
    pet_peese: PetPeese | None
    notes: tuple[str, ...]


def small_study_effects(effects: Effects, *, method: str, test: str, level: float) -> SmallStudy:
    """Return the four analyses; `method` and `test` are those of the effect with filled trials.

    Raise TooFewStudies below three studies.
    """
    if effects.k < FEWEST:
        raise TooFewStudies("A look at small-study effects", FEWEST, effects.k)
    made = Attempts()
    regression = made(partial(egger, effects, level=level))
    rank = made(partial(begg, effects))
    filled = made(partial(trim_and_fill, effects, method=method, test=test, level=level))
    corrected = made(partial(pet_peese, effects, level=level))
    for part in (regression, rank, filled, corrected):
        made.notes += part.notes if part else ()
    return SmallStudy(regression, rank, filled, corrected, tuple(dict.fromkeys(made.notes)))
