"""GRADE-CERQual's evidence profile: a row for each theme, with the confidence people entered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb.answer import LeftOut
from kb.answers.shared import grouped
from kb.base import Base, DataState, Record
from kb.certainty.ratings import COMPONENTS, ratings
from kb.question import Question
from kb.selection import values
from kb.store.lists import among
from kb.store.relations import intervention, study_country, theme

if TYPE_CHECKING:
    import pandas as pd

NOT_ASSESSED = "not yet assessed"
"""What is said of a component, or of a confidence, that nobody has judged."""


@dataclass(frozen=True)
class ThemeRow:
    """What is found on one theme.

    Attributes:
        key, name, definition: the theme; the definition is None where the vocabulary has none.
        findings: what studies and reviews say, as `kb themes` answers.
        countries, deliveries: of the contributing studies, each with the number of studies.
        ratings: the confidence as people entered it, a record each (`kb.certainty.ratings`).
    """

    key: str
    name: str
    definition: str | None
    findings: tuple[Record, ...]
    countries: Mapping[str, int]
    deliveries: Mapping[str, int]
    ratings: tuple[Record, ...]

    @property
    def studies(self) -> dict[str, str]:
        """The labels of the contributing studies, by key."""
        return {row["study"]: row["label"] for row in self.findings if row["study"]}

    @property
    def reports(self) -> dict[str, list[str]]:
        """The citations of the reports in which a contributing study says it, by study."""
        found: dict[str, dict[str, None]] = {}
        for row in self.findings:
            if row["study"]:
                found.setdefault(row["study"], {})[row["passage"]["citation"]] = None
        return {study: list(citations) for study, citations in found.items()}

    @property
    def reviews(self) -> dict[str, list[str]]:
        """What reviews say, by their labels; they are no contributing studies."""
        found: dict[str, list[str]] = {}
        for row in self.findings:
            if row["review"]:
                share = f" ({row['studies']} of {row['of_studies']} studies)"
                counted = share if row["studies"] and row["of_studies"] else ""
                found.setdefault(row["label"], []).append(f"{row['statement']}{counted}")
        return found

    @property
    def voices(self) -> dict[str, int]:
        """How many statements of studies are in each voice, the most first."""
        tally = Counter(row["voice"] for row in self.findings if row["study"])
        return dict(tally.most_common())

    def components(self, rating: Record | None) -> dict[str, Record | None]:
        """Return the judgement of a rating on each component, None where there is none."""
        judged = {each["domain"]: each for each in rating["domains"]} if rating else {}
        return {component: judged.get(component) for component in COMPONENTS}

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "theme": self.key,
            "theme_name": self.name,
            "definition": self.definition,
            "studies": self.studies,
            "reports": self.reports,
            "reviews": self.reviews,
            "statements": [row for row in self.findings if row["study"]],
            "voices": self.voices,
            "countries": dict(self.countries),
            "delivery": dict(self.deliveries),
            "confidence": list(self.ratings),
        }


@dataclass(frozen=True)
class EvidenceProfile:
    """The profile, with what has no row and why."""

    question: Question
    rows: tuple[ThemeRow, ...]
    left_out: tuple[LeftOut, ...]
    data: DataState

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        return replace(self.question, subject="cerqual").command()

    @property
    def rated(self) -> int:
        """The number of themes with a rating."""
        return sum(bool(row.ratings) for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as plain data, as `--format json` prints it."""
        return {
            "question": replace(self.question, subject="cerqual").as_dict(),
            "answer": [row.as_dict() for row in self.rows],
            "count": len(self.rows),
            "left_out": [item.as_dict() for item in self.left_out],
            "notes": [],
            "data": self.data.as_dict(),
        }

    def to_frame(self) -> "pd.DataFrame":
        """Return the rows as a data frame: the columns and rows of `--format csv`."""
        from kb.certainty.flat import flat_profile
        from kb.frames import frame

        return frame(flat_profile(self))


def evidence_profile(base: Base, question: Question) -> EvidenceProfile:
    """Return a row for each theme that studies or reviews speak of, those of most studies first.

    A theme that was rated has a row also where nothing in the store speaks of it, unless facets of
    studies narrow the question.
    """
    answer = base.answer(replace(question, subject="themes"))
    found = grouped(answer.rows, "theme")
    entered = grouped(_ratings(base, question, found), "theme")
    definitions = {row["key"]: row["definition"] for row in base.records(theme, {*found, *entered})}
    rows = [
        _row(base, key, definition, found.get(key, []), entered.get(key, []))
        for key, definition in definitions.items()
    ]
    rows.sort(key=lambda row: (-len(row.studies), row.name))
    return EvidenceProfile(question, tuple(rows), tuple(answer.left_out), base.data)


def _ratings(base: Base, question: Question, found: Iterable[str]) -> list[Record]:
    asked = question.criterion("theme")
    if question.without(["theme"]).criteria or (asked and asked.unwanted):
        return ratings(base, themes=found)
    every = values(base, asked) if asked else list(base.vocabulary.terms("theme"))
    return ratings(base, themes=every)


def _row(
    base: Base, key: str, definition: str | None, findings: list[Record], entered: list[Record]
) -> ThemeRow:
    studies = sorted({row["study"] for row in findings if row["study"]})
    return ThemeRow(
        key=key,
        name=base.vocabulary.label("theme", key),
        definition=definition,
        findings=tuple(findings),
        countries=_countries(base, studies),
        deliveries=_deliveries(base, studies),
        ratings=tuple(entered),
    )


def _countries(base: Base, studies: list[str]) -> dict[str, int]:
    from sqlalchemy import select

    query = select(study_country.study_key, study_country.country_key).where(
        among(study_country.study_key, studies)
    )
    label = base.vocabulary.label
    return _tally(label("country", row["country_key"]) for row in base.all(query))


def _deliveries(base: Base, studies: list[str]) -> dict[str, int]:
    from sqlalchemy import select

    query = (
        select(intervention.study_key, intervention.delivery)
        .distinct()
        .where(among(intervention.study_key, studies), intervention.delivery.is_not(None))
    )
    return _tally(row["delivery"] for row in base.all(query))


def _tally(words: Iterable[str]) -> dict[str, int]:
    tally = Counter(words)
    return dict(sorted(tally.items(), key=lambda item: (-item[1], item[0])))
