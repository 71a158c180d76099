"""Draw an evidence profile: what stands behind each theme, and the confidence that was entered."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.base import Record
from kb.certainty.evidence_profile import NOT_ASSESSED
from kb.certainty.flat import rating_in_words
from kb.certainty.ratings import COMPONENTS
from kb.flat import Flat
from kb_cli.render.parts import (
    EVEN,
    QUIET,
    STRONG,
    Footnotes,
    counted,
    grid,
    heading,
    indented,
    joined,
)
from kb_cli.render.sof import circles, labelled

if TYPE_CHECKING:
    from kb.certainty.evidence_profile import EvidenceProfile, ThemeRow

_LABEL = 26


def drawn_profile(found: "EvidenceProfile", *, sources: bool) -> list[RenderableType]:
    """Return the profile as renderables."""
    footnotes = Footnotes(sources)
    rated = f"{found.rated} of them with a confidence entered"
    blocks = [part for row in found.rows for part in _block(row, footnotes)]
    return [
        heading(f"{counted(len(found.rows), 'theme')}, {rated}", found.command),
        *(
            blocks
            or [Text(), Text("Nothing in the store speaks of it; kb terms theme lists the themes.")]
        ),
        *_left_out(found),
        *footnotes.drawn(),
    ]


def readable_profile(found: "EvidenceProfile") -> Flat:
    """Return the columns of the profile as text, for Markdown."""
    headers = ["theme", "studies", "reviews, apart", "voices", *COMPONENTS, "confidence", "why"]
    return headers, [
        [
            joined([row.name, row.definition or ""], ": "),
            _studies(row),
            joined([f"{label}: {joined(said, ' ')}" for label, said in row.reviews.items()], "; "),
            _tallied(row.voices),
            *(_judged(component) for component in row.components(rating).values()),
            _confidence(rating),
            (rating["reasons"] if rating else None) or "",
        ]
        for row in found.rows
        for rating in (row.ratings or [None])
    ]


def _block(row: "ThemeRow", footnotes: Footnotes) -> Iterator[RenderableType]:
    lines = [
        ("Studies", Text(_studies(row) or "none")),
        *(("What they say", text) for text in _statements(row, footnotes)),
        ("Voices, statements", Text(_tallied(row.voices))),
        ("Countries, studies", Text(_tallied(row.countries))),
        ("Delivery, studies", Text(_tallied(row.deliveries))),
        *(("Reviews, apart", text) for text in _reviews(row, footnotes)),
        *(line for rating in (row.ratings or [None]) for line in _assessed(row, rating, footnotes)),
    ]
    yield Text()
    yield heading(row.name, joined([row.definition or "", row.key]))
    yield indented(labelled([line for line in lines if line[1].plain], _LABEL))


def _studies(row: "ThemeRow") -> str:
    """Return the contributing studies, each with the reports that say it."""
    reports = row.reports
    told = [f"{label}, in {joined(reports[key], ', ')}" for key, label in row.studies.items()]
    return f"{len(told)}: {joined(told, '; ')}" if told else ""


def _statements(row: "ThemeRow", footnotes: Footnotes) -> Iterator[Text]:
    for each in row.findings:
        if each["study"]:
            mark = footnotes.mark(each["passage"])
            yield Text.assemble(each["statement"], mark, (f" {each['label']}", QUIET))


def _reviews(row: "ThemeRow", footnotes: Footnotes) -> Iterator[Text]:
    for each in row.findings:
        if each["review"]:
            share = (
                f", {each['studies']} of {each['of_studies']} studies" if each["studies"] else ""
            )
            mark = footnotes.mark(each["passage"])
            yield Text.assemble(each["statement"], mark, (f" {each['label']}{share}", QUIET))


def _assessed(
    row: "ThemeRow", rating: Record | None, footnotes: Footnotes
) -> Iterator[tuple[str, Text]]:
    """Yield the four components and the confidence, of one rating or of none."""
    for component, judged in row.components(rating).items():
        label = component[:1].upper() + component[1:]
        yield label, Text(_judged(judged), "" if judged else EVEN)
    mark = footnotes.mark(rating["passage"]) if rating else Text()
    yield "Confidence", Text(_confidence(rating), STRONG if rating else EVEN) + mark
    if rating and rating["reasons"]:
        yield "because", Text(rating["reasons"])


def _judged(component: Record | None) -> str:
    if component is None:
        return NOT_ASSESSED
    return f"{component['concern']} concerns: {component['reason']}"


def _confidence(rating: Record | None) -> str:
    if rating is None:
        return NOT_ASSESSED
    return f"{circles(rating['level'])} {rating_in_words(rating)}"


def _tallied(tally: Mapping[str, int]) -> str:
    return joined([f"{name} {count}" for name, count in tally.items()], ", ")


def _left_out(found: "EvidenceProfile") -> Iterator[RenderableType]:
    if not found.left_out:
        return
    yield Text()
    yield Text(f"Left out ({len(found.left_out)})", STRONG)
    rows = [(Text(item.what), Text(item.reason, QUIET)) for item in found.left_out]
    yield grid([Column(), Column()], rows)
