"""How many participants stand behind an effect in each arm, and how that is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from kb.base import Base
from kb.pooling.selecting.candidates import Candidate, Found
from kb.selection import KINDS
from kb.store.lists import among
from kb.store.relations import participants


@dataclass(frozen=True, slots=True)
class Sizes:
    """Participants of the two arms; `said` is how they are known, in words.

    They need not be whole: a total is split as the participants were randomised.
    """

    treated: float | None = None
    control: float | None = None
    said: str = ""

    @property
    def both(self) -> tuple[float, float] | None:
        """Both sizes, where both are known and above 0."""
        return (self.treated, self.control) if self.treated and self.control else None

    @property
    def counted(self) -> tuple[int | None, int | None]:
        """The sizes that are counts and not shares of a total."""
        if any(n is not None and not float(n).is_integer() for n in (self.treated, self.control)):
            return None, None
        return (
            None if self.treated is None else int(self.treated),
            None if self.control is None else int(self.control),
        )


def randomised_by_arm(base: Base, arms: Iterable[str]) -> dict[str, int]:
    """Return how many were randomised to arms, by key: patients first."""
    query = select(participants.arm_key, participants.kind, participants.number).where(
        among(participants.arm_key, arms),
        participants.flow == "randomised",
    )
    rows = sorted(
        base.connection.execute(query).all(),
        key=lambda row: (KINDS.index(row[1]), -row[2]),
        reverse=True,
    )
    return {arm: number for arm, _, number in rows}


def sizes_of(candidate: Candidate, found: Found, randomised: Mapping[str, int]) -> Sizes:
    """Return the participants behind a candidate: analysed where that is known, else randomised."""
    treated, control = candidate.comparison.treated, candidate.comparison.control
    if treated is None:
        return Sizes()
    if candidate.source == "arm":
        return Sizes(candidate.row["n"], None, "analysed")
    if control is None:
        return Sizes()
    if candidate.source == "times":
        people = found.times[candidate.place.key]
        return Sizes(people[treated.key], people[control.key], "with a survival time")
    if not candidate.is_reported:
        first, second = candidate.by_arm
        return Sizes(first["n"], second["n"], "analysed")
    return _of_contrast(candidate, found, randomised, treated.key, control.key)


def _of_contrast(
    candidate: Candidate, found: Found, randomised: Mapping[str, int], treated: str, control: str
) -> Sizes:
    total = candidate.row["n"]
    by_arm = {
        row["arm_key"]: row["n"]
        for row in found.arm_results.get(candidate.place.key, ())
        if row["n"] and row["population"] == candidate.population
    }
    if {treated, control} <= by_arm.keys() and total in {None, by_arm[treated] + by_arm[control]}:
        return Sizes(by_arm[treated], by_arm[control], "analysed in the arms")
    if not {treated, control} <= randomised.keys() or (total is None and candidate.population):
        return Sizes()
    first, second = randomised[treated], randomised[control]
    if total in {None, first + second}:
        return Sizes(first, second, "randomised")
    if total > first + second:
        return Sizes()
    share = total / (first + second)
    words = f"{total} analysed, split as {first} and {second} were randomised"
    return Sizes(first * share, second * share, words)
