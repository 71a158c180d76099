"""The units of means: an analysis that pools mean differences has one, which it seldom names."""

from collections.abc import Sequence

from kb.exchange.cochrane.analyses import Analysis, DataRow, DataType


def units_of(analyses: Sequence[Analysis]) -> list[str | None]:
    """Return the unit of the means of each analysis, None where its means may be in several.

    Analyses of mean differences that have the data of a study in common are in the same unit. It
    has the name that the first of them gives it, or else that of the analysis itself.
    """
    leads = list(range(len(analyses)))
    first: dict[object, int] = {}
    for place, analysis in enumerate(analyses):
        for row in analysis.rows if _is_in_one_unit(analysis) else ():
            if _has_means(row):
                data = (row.study, row.experimental, row.control, row.yi, row.sei)
                earlier = first.setdefault(data, place)
                one, other = sorted((_lead(leads, place), _lead(leads, earlier)))
                leads[other] = one
    names: dict[int, str] = {}
    for place, analysis in enumerate(analyses):
        if analysis.units:
            names.setdefault(_lead(leads, place), analysis.units)
    return [_unit(analyses, names, place, _lead(leads, place)) for place in range(len(analyses))]


def _unit(analyses: Sequence[Analysis], names: dict[int, str], place: int, lead: int) -> str | None:
    if not _is_in_one_unit(analyses[place]):
        return analyses[place].units or None
    own = analyses[place].units or names.get(lead)
    return own or f"that of analysis {analyses[lead].number}"


def _is_in_one_unit(analysis: Analysis) -> bool:
    """Return whether what is pooled are differences of means as they were measured."""
    measured = analysis.data_type in {DataType.CONTINUOUS, DataType.GENERIC}
    return measured and analysis.measure is not None and analysis.measure.statistic == "MD"


def _has_means(row: DataRow) -> bool:
    return bool(row.sei) or any(arm.mean or arm.sd for arm in (row.experimental, row.control))


def _lead(leads: list[int], place: int) -> int:
    while leads[place] != place:
        place = leads[place]
    return place
