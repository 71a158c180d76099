"""RevMan 5 reviews (`.rm5`): studies, data, risk of bias, and the results that the file states.

Entries are numbered through the file: first the data rows of all analyses, then the included
studies, then the judgements on risk of bias, each in the order of the file.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kb.exchange.citations.identifiers import doi
from kb.exchange.citations.names import joined, person
from kb.exchange.cochrane.analyses import Analysis, DataType
from kb.exchange.cochrane.measuring import Measured
from kb.exchange.cochrane.pools import stated_pools
from kb.exchange.cochrane.rm5_analyses import analyses_of, unknown_outcomes
from kb.exchange.cochrane.rm5_studies import INCLUDED, judge, studies_of, study_names
from kb.exchange.cochrane.wording import constants, cut_short, statement
from kb.exchange.drafts import Fate, Note, Reading, ReportDraft, ReviewDraft
from kb.exchange.files import FileProblem, ForeignFile
from kb.exchange.xml import parsed_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TAKEN = {"COVER_SHEET", "STUDIES_AND_REFERENCES", "QUALITY_ITEMS", "ANALYSES_AND_DATA"}
_OTHER_STUDIES = {
    "EXCLUDED_STUDIES": "excluded",
    "AWAITING_STUDIES": "awaiting classification",
    "ONGOING_STUDIES": "ongoing",
}


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return what a RevMan 5 file says; raise `FileProblem` where it is none.

    `given` may name the design of the studies, and which end of the outcomes is `better`.
    """
    said = constants(given)
    root = parsed_xml(file)
    if root.tag != "COCHRANE_REVIEW":
        raise FileProblem(
            f"{file.name} is XML, but no review of RevMan 5: it begins with <{root.tag[:40]}>.",
            "Give the .rm5 file, or another format with --as.",
        )
    names = study_names(root)
    analyses = analyses_of(root, names)
    rows = sum(len(analysis.rows) for analysis in analyses)
    studies, cited = studies_of(root, names, rows + 1)
    rows += sum(1 for _ in root.iterfind(INCLUDED))
    judged, judging = judge(root, names, studies, rows + 1)
    measured = Measured(studies, said.favours_low)
    measured.take(analyses)
    for study in studies.values():
        study.design = said.design
    pools, unstated = stated_pools(analyses)
    free = [each.title for each in analyses if each.data_type == DataType.OTHER]
    notes = (
        *(*_left(root), *unknown_outcomes(root), *_free_text(free), *_long_footnotes(analyses)),
        *(*measured.notes, *unstated, *cited, *judging),
    )
    review = _review(root, file)
    review.pools = pools
    return Reading(
        rows=rows + judged,
        notes=notes,
        review=review,
        studies=lambda: iter(studies.values()),
    )


def _review(root: "Element", file: ForeignFile) -> ReviewDraft:
    title = statement(root.findtext("COVER_SHEET/TITLE") or "") or None
    year = _year(root)
    report = ReportDraft(
        0,
        title or file.name,
        title=title,
        authors=joined(
            person(each.findtext("LAST_NAME") or "", _given_names(each))
            for each in root.iterfind("COVER_SHEET/CREATORS/PERSON")
            if each.findtext("LAST_NAME")
        ),
        year=year,
        doi=doi(root.get("DOI", "")),
    )
    return ReviewDraft(0, title or file.name, title, year, report if title else None)


def _given_names(author: "Element") -> str:
    return " ".join(author.findtext(tag) or "" for tag in ("FIRST_NAME", "MIDDLE_INITIALS"))


def _year(root: "Element") -> int | None:
    """Return the year of the issue that the review is cited by, or of its first one."""
    for tag in ("LAST_CITATION_ISSUE", "REVIEW_PUBLISHED"):
        element = root.find(f"COVER_SHEET/DATES/{tag}")
        year = "" if element is None else element.get("YEAR", "")
        if year.isdecimal() and len(year) == 4:
            return int(year)
    return None


def _left(root: "Element") -> Iterator[Note]:
    """Yield what the file holds and no table takes."""
    for element in root:
        if element.tag in _TAKEN or element.tag == "CHARACTERISTICS_OF_STUDIES":
            continue
        if "".join(element.itertext()).strip():
            message = f"What stands under {element.tag} is not stored."
            yield Note(0, element.tag, Fate.IGNORED, "not stored", message)
    for tag, kind in _OTHER_STUDIES.items():
        count = sum(1 for _ in root.iterfind(f"STUDIES_AND_REFERENCES/STUDIES/{tag}/STUDY"))
        if count:
            message = f"Studies {kind}: {count}. Included studies alone are read."
            yield Note(0, tag, Fate.IGNORED, "other studies", message)


def _long_footnotes(analyses: list[Analysis]) -> Iterator[Note]:
    for analysis in analyses:
        for row in analysis.rows:
            yield from cut_short(row.row, "FOOTNOTE", row.note, row.study)


def _free_text(titles: list[str]) -> Iterator[Note]:
    for title in titles:
        message = f"Analysis {title} is free text: that it was measured is stored, no number."
        yield Note(0, "OTHER_OUTCOME", Fate.EXPLAINED, "free text", message)
