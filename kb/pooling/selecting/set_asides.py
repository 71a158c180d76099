"""The list of what does not enter a pool, as it is drawn up on the way to what does."""

from kb.order import by_key
from kb.pooling.evidence import SetAside
from kb.pooling.selecting.candidates import Candidate, Measured
from kb.pooling.selecting.eligibility import Obstacle
from kb.pooling.selecting.wording import Wording


class SetAsides:
    """What was set aside so far.

    `candidates` are the effects that were, each with what stands in its way.
    """

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._places: list[SetAside] = []
        self.candidates: list[tuple[Candidate, Obstacle]] = []

    def add(self, candidate: Candidate, obstacle: Obstacle) -> None:
        """Set an effect aside."""
        self.candidates.append((candidate, obstacle))

    def add_place(self, place: Measured, reason: str) -> None:
        """Set aside a measurement that gives no effect."""
        what = self._wording.place(place)
        self._places.append(SetAside(place.label, what, reason, place.key))

    def rows(self) -> tuple[SetAside, ...]:
        """Return everything that was set aside, by study."""
        effects = [
            SetAside(
                candidate.place.label,
                self._wording.candidate(candidate),
                obstacle.reason,
                candidate.key,
                obstacle.ask,
            )
            for candidate, obstacle in self.candidates
        ]
        rows = [*effects, *self._places]
        return tuple(sorted(rows, key=lambda row: (by_key(row.label), by_key(row.key))))
