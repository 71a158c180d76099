"""What participants value: themes, with whose voice they are and how confident one may be."""

from collections.abc import Iterator, Sequence

from kb.answers.shared import grouped
from kb.base import Record
from kb.brief.brief import Section, Statement, blocks
from kb.brief.material import Material
from kb.brief.wording import (
    MEMBERS,
    label_of,
    of_how_many,
    of_studies,
    sentence,
    the_rest,
    voiced_first,
)

_MOST = 4
_MOST_ELSEWHERE = 2


def valued(material: Material) -> Section:
    """Return themes: those of the approach's own studies apart from those of groups at large."""
    told, topic = material.themes, material.topic
    return Section(
        "valued",
        "What participants value, and find hard",
        blocks(
            ("", _confidence(material)),
            (f"In its own studies ({topic.approach_name})", _own(material)),
            (
                "Elsewhere (other studies of groups, reviews)",
                _themes(
                    material, told.elsewhere, "kb themes", _MOST_ELSEWHERE if told.own else _MOST
                ),
            ),
        ),
    )


def foremost_themes(rows: Sequence[Record]) -> list[list[Record]]:
    """Return rows by theme: those that patients and members voice first, then of most studies."""
    themes = [sorted(found, key=voiced_first) for found in grouped(rows, "theme").values()]
    return sorted(themes, key=_foremost)


def _foremost(rows: Sequence[Record]) -> tuple[bool, int, str]:
    by_members = any(row["voice"] in MEMBERS for row in rows)
    return not by_members, -len(of_studies(rows)), rows[0]["theme"]


def _confidence(material: Material) -> Iterator[Statement]:
    """Yield that nobody has rated any theme, where that is so."""
    if not material.confidence:
        yield Statement(
            "How confident one may be in these themes (GRADE-CERQual): not yet assessed.",
            command="kb cerqual",
            how="profile",
        )


def _own(material: Material) -> Iterator[Statement]:
    topic, rows = material.topic, material.themes.own
    command = topic.of_its_approach("themes").command()
    if rows:
        yield from _themes(material, rows, command)
    elif topic.approaches:
        yield Statement("Nothing: none of them tells a theme.", command=command, how="searched")


def _themes(
    material: Material, rows: Sequence[Record], command: str, most: int = _MOST
) -> Iterator[Statement]:
    themes = foremost_themes(rows)
    yield from (_theme(material, found) for found in themes[:most])
    yield from the_rest(len(themes) - most, "theme", command)


def _theme(material: Material, rows: Sequence[Record]) -> Statement:
    """Return a theme by its foremost statement, with how many studies and reviews tell it."""
    row = rows[0]
    review = next((each for each in rows if each["review"] and each["studies"]), None)
    by_review = _of_review(review) if review else ""
    told = (row["voice"], label_of(material.names, row), of_how_many(rows, "theme"), by_review)
    return Statement(
        f"{sentence(row['statement'])} ({', '.join(filter(None, told))}.)",
        tuple(each["passage"] for each in (row, review) if each),
        row["theme_name"],
        "; ".join(filter(None, (_coded(row), _rated(material, row["theme"])))),
    )


def _of_review(row: Record) -> str:
    of = f" of {row['of_studies']}" if row["of_studies"] else ""
    return f"{row['label']} counts {row['studies']}{of}"


def _coded(row: Record) -> str:
    return "coding inferred" if row["coded_by"] == "curators" else ""


def _rated(material: Material, theme: str) -> str:
    """Return the confidence in a theme that people entered, or that it alone has none."""
    rated = [
        f"confidence {row['level']} ({row['approach']}, {row['review_label']})"
        for row in material.confidence
        if row["theme"] == theme
    ]
    return "; ".join(rated) or ("confidence not yet assessed" if material.confidence else "")
