"""What gets in the way, what helps, and what can be done about it."""

from collections.abc import Iterator, Mapping, Sequence

from kb.answers.shared import grouped
from kb.answers.strategies import CAUTION
from kb.base import Record
from kb.brief.brief import Section, Statement, blocks
from kb.brief.material import Material, for_construct
from kb.brief.wording import (
    joined,
    label_of,
    of_how_many,
    of_studies,
    sentence,
    the_rest,
    voiced_first,
)

_HINDERING = ("barrier", "mixed")
_HELPING = ("facilitator",)
_OWN = "in its own studies"
_ELSEWHERE = "elsewhere (other studies of groups, reviews)"
_MOST_OWN = 3
_MOST_ELSEWHERE = 2
_MOST_BARRIERS = 3
_MOST_CHOSEN = 3
_LEVELS = {"1": ("50 % or more", 50), "2": ("20 to 49 %", 20), "1 or 2": ("20 % or more", 20)}
"""What the levels of CFIR-ERIC say of the share of experts, in words and in percent at least."""


def factors(material: Material) -> Section:
    """Return barriers and facilitators by CFIR 2.0 construct, of its own studies and at large."""
    told, asked = material.factors, material.topic.of_its_approach

    def own(valences: Sequence[str], subject: str) -> Iterator[Statement]:
        return _told(material, told.own, valences, _MOST_OWN, asked(subject).command())

    def elsewhere(valences: Sequence[str], subject: str) -> Iterator[Statement]:
        return _told(material, told.elsewhere, valences, _MOST_ELSEWHERE, f"kb {subject}")

    return Section(
        "factors",
        "What gets in the way, what helps",
        blocks(
            ("", _none(material)),
            (f"In the way, by CFIR construct, {_OWN}", own(_HINDERING, "barriers")),
            (f"Helps, {_OWN}", own(_HELPING, "facilitators")),
            (f"In the way {_ELSEWHERE}", elsewhere(_HINDERING, "barriers")),
            (f"Helps {_ELSEWHERE}", elsewhere(_HELPING, "facilitators")),
        ),
    )


def strategies(material: Material) -> Section:
    """Return strategies as reported, and those that experts chose for the barriers told."""
    told, topic, names = material.strategies, material.topic, material.names
    own = topic.of_its_approach("strategies").command()
    return Section(
        "strategies",
        "What can be done",
        blocks(
            (f"Done {_OWN}", _done(names, told.own, _MOST_OWN, own)),
            (
                f"Done or advised {_ELSEWHERE}",
                _done(names, told.elsewhere, 1 if told.own else _MOST_ELSEWHERE, "kb strategies"),
            ),
            ("Chosen by experts for such barriers (CFIR-ERIC): opinion", _chosen(material)),
        ),
    )


def barriers_told(material: Material) -> list[list[Record]]:
    """Return the foremost barriers: of its own studies, or elsewhere where these tell none."""
    own = _foremost(material.factors.own, _HINDERING)
    return own or _foremost(material.factors.elsewhere, _HINDERING)


def endorsed_first(material: Material, construct: str) -> list[Record]:
    """Return what experts chose for a barrier, by the least share that is known of each."""
    return sorted(material.endorsed(construct), key=lambda row: -_least(row))


def share(row: Record) -> str:
    """Return how many experts chose a strategy: "71 %", or the level where no more is known."""
    known = row["endorsement_percent"]
    return _of_level(row)[0] if known is None else f"{known:g} %"


def _foremost(rows: Sequence[Record], valences: Sequence[str]) -> list[list[Record]]:
    """Return rows by construct, those of most studies first and mixed ones last."""
    wanted = [row for row in rows if row["valence"] in valences]
    found = [
        sorted(same, key=lambda row: (valences.index(row["valence"]), voiced_first(row)))
        for same in grouped(wanted, "construct").values()
    ]
    return sorted(found, key=lambda same: (same[0]["valence"] == "mixed", *_weight(same)))


def _weight(rows: Sequence[Record]) -> tuple[int, int, str]:
    _, voice, _ = voiced_first(rows[0])
    return -len(of_studies(rows)), voice, rows[0]["construct"]


def _none(material: Material) -> Iterator[Statement]:
    topic = material.topic
    if topic.approaches and not material.factors.own:
        yield Statement(
            f"No study of {topic.approach_name} in this base tells a barrier or what helps; what "
            "follows is of other groups.",
            command=topic.of_its_approach("factors").command(),
            how="searched",
        )


def _told(
    material: Material, rows: Sequence[Record], valences: Sequence[str], most: int, command: str
) -> Iterator[Statement]:
    constructs = _foremost(rows, valences)
    yield from (_factor(material, found) for found in constructs[:most])
    yield from the_rest(len(constructs) - most, "construct", command)


def _factor(material: Material, rows: Sequence[Record]) -> Statement:
    """Return a construct by its foremost statement, with how many studies tell of it."""
    row = rows[0]
    mixed = "for good or ill" if row["valence"] == "mixed" else ""
    told = (row["voice"], label_of(material.names, row), of_how_many(rows, "construct"), mixed)
    return Statement(
        f"{sentence(row['statement'])} ({', '.join(filter(None, told))}.)",
        (row["passage"],),
        row["construct_name"],
        "coding inferred" if row["coded_by"] == "curators" else "",
    )


def _done(
    names: Mapping[str, str], rows: Sequence[Record], most: int, command: str
) -> Iterator[Statement]:
    """Yield strategies as reported, those of studies first and those with an ERIC match first."""
    ordered = sorted(rows, key=lambda row: (row["study"] is None, row["eric"] is None))
    for row in ordered[:most]:
        inferred = ", match inferred" if row["eric_matched_by"] == "curators" else ""
        yield Statement(
            f"{sentence(row['statement'])} ({label_of(names, row)}.)",
            (row["passage"],),
            mark=f"ERIC: {row['eric_name']}{inferred}" if row["eric"] else "",
        )
    yield from the_rest(len(rows) - most, "strategy", command)


def _chosen(material: Material) -> Iterator[Statement]:
    """Yield for each barrier what experts chose for it, and for which no cell was published."""
    barriers = [rows[0] for rows in barriers_told(material)[:_MOST_BARRIERS]]
    chosen = [(row, endorsed_first(material, row["construct"])) for row in barriers]
    some = [(row, rows) for row, rows in chosen if rows]
    if some:
        yield Statement(
            "Percent is the share of experts who chose a strategy for a barrier of CFIR 1; which "
            f"construct of CFIR 2.0 that is, is our reading. {CAUTION}",
            tuple(row["passage"] for _, rows in some for row in rows[:_MOST_CHOSEN]),
            "How to read it",
        )
    yield from (_of_experts(row, rows) for row, rows in some)
    without = [row["construct_name"] for row, rows in chosen if not rows]
    if without:
        yield Statement(
            f"No published choice of experts was seen for {joined(without)}.",
            command="kb terms construct",
            how="all constructs",
        )


def _of_experts(barrier: Record, chosen: Sequence[Record]) -> Statement:
    shown = "; ".join(f"{row['statement']} ({share(row)})" for row in chosen[:_MOST_CHOSEN])
    more = len(chosen) - _MOST_CHOSEN
    asked = joined(row["barrier"] for row in chosen)
    return Statement(
        f"{shown}{f'; and {more} more' if more > 0 else ''}. (Asked about: {asked}.)",
        tuple(row["passage"] for row in chosen[:_MOST_CHOSEN]),
        barrier["construct_name"],
        "expert opinion",
        for_construct(barrier["construct"]).command(),
        "all",
    )


def _least(row: Record) -> float:
    known = row["endorsement_percent"]
    return _of_level(row)[1] if known is None else float(known)


def _of_level(row: Record) -> tuple[str, float]:
    return _LEVELS.get(row["level"], ("share not known", 0))
