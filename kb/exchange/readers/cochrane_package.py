"""Cochrane data packages, the ZIP that RevMan Web exports and the Cochrane Library offers.

The archive may be the one that is downloaded, the data archive in it, or a folder of it. Rows are
those of `data-rows.csv`; those of the studies, of the risk of bias and of the references are
numbered on after them.
"""

from collections.abc import Mapping

from kb.exchange.archives import unpacked
from kb.exchange.cochrane.measuring import Measured
from kb.exchange.cochrane.package_analyses import ROW_COLUMNS, SETTING_COLUMNS, analyses_of
from kb.exchange.cochrane.package_files import (
    DATA,
    REFERENCES,
    RISK_OF_BIAS,
    SETTINGS,
    STUDIES,
    SUBGROUPS,
    left_out,
    package_files,
    settings_of,
    table,
    unread_columns,
)
from kb.exchange.cochrane.package_studies import cite, doubts, judge, studies_of
from kb.exchange.cochrane.pools import stated_pools
from kb.exchange.cochrane.wording import Given, constants
from kb.exchange.drafts import Note, Reading, ReportDraft, ReviewDraft, StudyDraft
from kb.exchange.files import ForeignFile


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return what a data package says; raise `FileProblem` where it is none.

    `given` may name the design of the studies, and which end of the outcomes is `better`.
    """
    said = constants(given)
    with unpacked(file) as members:
        found = package_files(members, file.name)
        reading = _reading(found, said)
        left = tuple(left_out(members, found))
    return Reading(
        reading.rows, (*left, *reading.notes), reading.reports, reading.review, reading.studies
    )


def _reading(found: Mapping[str, ForeignFile], said: Given) -> Reading:
    data = table(found[DATA])
    settings, subgroups = settings_of(found[SETTINGS]), settings_of(found.get(SUBGROUPS))
    information = table(found.get(STUDIES), data.last)
    risk = table(found.get(RISK_OF_BIAS), information.last)
    analyses, unknown = analyses_of(settings, data, subgroups)
    studies = studies_of(information)
    judged, judging = judge(risk, studies)
    references, alone, citing = _cited(found, studies, risk.last)
    measured = Measured(studies, said.favours_low)
    measured.take(analyses)
    for study in studies.values():
        study.design = said.design
    pools, unstated = stated_pools(analyses)
    name = found[DATA].name.removesuffix(DATA).rstrip("-")
    tables = (data, settings, subgroups, information, risk)
    return Reading(
        rows=data.count + information.count + judged + references,
        notes=(
            *(note for each in tables for note in each.notes),
            *unread_columns(found[DATA], data, ROW_COLUMNS),
            *unread_columns(found[SETTINGS], settings, SETTING_COLUMNS),
            *(*unknown, *doubts(information), *measured.notes),
            *(*unstated, *judging, *citing),
        ),
        reports=tuple(alone),
        review=ReviewDraft(0, name or found[DATA].name, pools=pools),
        studies=lambda: iter(studies.values()),
    )


def _cited(
    found: Mapping[str, ForeignFile], studies: Mapping[str, StudyDraft], after: int
) -> tuple[int, list[ReportDraft], list[Note]]:
    if REFERENCES not in found:
        return 0, [], []
    return cite(found[REFERENCES], studies, after)
