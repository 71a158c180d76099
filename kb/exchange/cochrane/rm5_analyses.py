"""The analyses of a RevMan 5 file: what stands under `ANALYSES_AND_DATA`."""

import re
from collections.abc import Iterator, Mapping
from math import isclose, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from kb.exchange.cochrane.analyses import (
    Analysis,
    ArmData,
    DataRow,
    DataType,
    Measure,
    Result,
    arm_names,
    favours_low,
    measure_of,
)
from kb.exchange.cochrane.numbers import count, level, usual, value
from kb.exchange.cochrane.wording import statement, words
from kb.exchange.drafts import Fate, Note
from kb.exchange.files import quoted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KINDS = {
    "DICH": DataType.DICHOTOMOUS,
    "CONT": DataType.CONTINUOUS,
    "IV": DataType.GENERIC,
    "IPD": DataType.LOG_RANK,
    "OTHER": DataType.OTHER,
}
_ENTERED = {
    DataType.DICHOTOMOUS: "EVENTS_1 TOTAL_1 EVENTS_2 TOTAL_2",
    DataType.CONTINUOUS: "MEAN_1 SD_1 TOTAL_1 MEAN_2 SD_2 TOTAL_2",
    DataType.GENERIC: "ESTIMATE EFFECT_SIZE SE CI_START CI_END TOTAL_1 TOTAL_2",
    DataType.LOG_RANK: "O_E VAR EVENTS_1 TOTAL_1 EVENTS_2 TOTAL_2",
    DataType.OTHER: "",
}
_CODED = re.compile(r"_x([0-9a-fA-F]{4})_")
_ROUNDED = 0.02
"""How far a printed interval may be from its standard error and still tell the scale of both."""


def analyses_of(root: "Element", names: Mapping[str, str]) -> list[Analysis]:
    """Return the analyses; `names` are those of the studies by their identifiers.

    Data rows are numbered through the file, from 1.
    """
    rows = _Rows(names)
    return [
        rows.analysis(comparison, outcome, tag)
        for comparison in root.iterfind("ANALYSES_AND_DATA/COMPARISON")
        for outcome in comparison
        if (tag := outcome.tag.removesuffix("_OUTCOME")) in KINDS and tag != outcome.tag
    ]


def unknown_outcomes(root: "Element") -> Iterator[Note]:
    """Yield a note on every outcome of a kind that RevMan 5 does not have."""
    for comparison in root.iterfind("ANALYSES_AND_DATA/COMPARISON"):
        for outcome in comparison:
            if (
                outcome.tag.endswith("_OUTCOME")
                and outcome.tag.removesuffix("_OUTCOME") not in KINDS
            ):
                name = quoted(_text(outcome, "NAME"))
                message = (
                    f"The outcome {name} is a {outcome.tag}, which is not known: it is not read."
                )
                yield Note(0, outcome.tag, Fate.WARNED, "unknown kind of outcome", message)


class _Rows:
    """The data rows of a file, numbered in its order."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._last = 0

    def analysis(self, comparison: "Element", outcome: "Element", tag: str) -> Analysis:
        """Return an outcome of a comparison as an analysis."""
        data_type, compared = KINDS[tag], _text(comparison, "NAME")
        effect = outcome.get("EFFECT_MEASURE") or _text(outcome, "EFFECT_MEASURE")
        measure = measure_of(effect)
        of_studies = usual(level(outcome.get("CI_STUDY")))
        groups = {None: outcome} | _subgroups(outcome, tag)
        rows = tuple(
            self._row(data, data_type, measure, of_studies, subgroup)
            for subgroup, group in groups.items()
            for data in group.iterfind(f"{tag}_DATA")
        )
        totals = outcome.get("TOTALS", "YES")
        labels = _text(outcome, "GROUP_LABEL_1"), _text(outcome, "GROUP_LABEL_2")
        swapped = outcome.get("SWAP_EVENTS") == "YES" or bool(measure and measure.swapped)
        low = favours_low(_text(outcome, "GRAPH_LABEL_1"), _text(outcome, "GRAPH_LABEL_2"), labels)
        return Analysis(
            number=f"{comparison.get('NO', '?')}.{outcome.get('NO', '?')}",
            comparison=compared,
            name=_text(outcome, "NAME") or compared or "unnamed outcome",
            data_type=data_type,
            effect=effect,
            measure=measure,
            arms=arm_names(*labels, compared),
            model="random" if outcome.get("RANDOM") == "YES" else "common",
            method=_method(outcome, data_type, effect),
            level=usual(level(outcome.get("CI_TOTAL"))),
            study_level=of_studies,
            swapped=swapped,
            overall=_result(outcome) if totals == "YES" and rows and measure else None,
            subgroups={
                name: _result(group)
                for name, group in groups.items()
                if name and totals != "NO" and measure and group.find(f"{tag}_DATA") is not None
            },
            rows=rows,
            row=rows[0].row if rows else 0,
            favours_low=low if low is None else low != swapped,
            units=statement(outcome.get("UNITS", "")),
        )

    def _row(
        self,
        data: "Element",
        data_type: DataType,
        measure: Measure | None,
        of_studies: float,
        subgroup: str | None,
    ) -> DataRow:
        self._last += 1
        identifier = data.get("STUDY_ID", "")
        study = self._names.get(identifier) or plain_identifier(identifier)
        said = words({"STUDY": study} | _entered(data, data_type) | {"SUBGROUP": subgroup})
        try:
            numbers = _numbers(data, data_type, measure, of_studies)
        except ValueError as error:
            wrong = f"{error}" if study else "the row names no study"
            return DataRow(self._last, study, said, wrong=wrong)
        return DataRow(
            self._last,
            study,
            said,
            subgroup=subgroup,
            estimable=data.get("ESTIMABLE", "YES") == "YES",
            note=statement("".join(data.itertext())) or None,
            wrong=None if study else "the row names no study",
            **numbers,
        )


def _subgroups(outcome: "Element", tag: str) -> dict[str | None, "Element"]:
    """Return the subgroups by name, with the number where two have the same."""
    found: dict[str | None, Element] = {}
    for group in outcome.iterfind(f"{tag}_SUBGROUP"):
        name, number = _text(group, "NAME"), group.get("NO", str(len(found) + 1))
        found[name if name and name not in found else f"{name} ({number})".strip()] = group
    return found


def plain_identifier(identifier: str) -> str:
    """Return the name in the identifier of a study: `STD-ISIS_x002d_2-1988` is ISIS-2 1988."""
    plain = identifier.removeprefix("STD-").replace("-", " ")
    return _CODED.sub(lambda found: chr(int(found[1], 16)), plain)


def _entered(data: "Element", data_type: DataType) -> dict[str, str | None]:
    text = statement("".join(data.itertext())) if data_type == DataType.OTHER else None
    return {name: data.get(name) for name in _ENTERED[data_type].split()} | {"TEXT": text}


def _numbers(
    data: "Element", data_type: DataType, measure: Measure | None, of_studies: float
) -> dict[str, Any]:
    """Return the numbers of a row by the names of `DataRow`; raise ValueError for what is none."""
    if data_type == DataType.OTHER:
        return {}
    printed = {
        "estimate": value(data.get("EFFECT_SIZE")),
        "ci_low": value(data.get("CI_START")),
        "ci_high": value(data.get("CI_END")),
        "weight": value(data.get("WEIGHT")),
    }
    numbers: dict[str, Any] = {
        "experimental": _arm(data, "1"),
        "control": _arm(data, "2"),
        **printed,
    }
    if data_type == DataType.LOG_RANK:
        numbers |= {"o_minus_e": value(data.get("O_E")), "v": value(data.get("VAR"))}
    if data_type == DataType.GENERIC:
        numbers |= _estimate(data, printed, of_studies, ratio=bool(measure and measure.is_ratio))
    return numbers


def _arm(data: "Element", arm: str) -> ArmData:
    return ArmData(
        n=count(data.get(f"TOTAL_{arm}")),
        events=count(data.get(f"EVENTS_{arm}")),
        mean=value(data.get(f"MEAN_{arm}")),
        sd=value(data.get(f"SD_{arm}")),
    )


def _estimate(
    data: "Element", printed: Mapping[str, float | None], of_studies: float, *, ratio: bool
) -> dict[str, float | None]:
    """Return the estimate that was entered and its standard error, on the scale of analysis.

    Where the file gives the effect of a ratio alone, its interval tells with the standard error
    whether it is a logarithm. Raise ValueError where it does not.
    """
    sei, entered = value(data.get("SE")), value(data.get("ESTIMATE"))
    estimate = printed["estimate"]
    if entered is not None or estimate is None or not sei or not ratio:
        return {"yi": entered if entered is not None else estimate, "sei": sei}
    low, high = printed["ci_low"], printed["ci_high"]
    if low is not None and high is not None:
        width = 2 * NormalDist().inv_cdf(0.5 + of_studies / 200) * sei
        if min(low, high, estimate) > 0 and isclose(log(high / low), width, rel_tol=_ROUNDED):
            return {"yi": log(estimate), "sei": sei}
        if isclose(high - low, width, rel_tol=_ROUNDED):
            return {"yi": estimate, "sei": sei} | dict.fromkeys(("estimate", "ci_low", "ci_high"))
    raise ValueError("the row does not tell whether its estimate is a logarithm")


def _result(element: "Element") -> Result:
    names = ("EFFECT_SIZE", "CI_START", "CI_END", "P_Z", "TAU2", "I2", "CHI2")
    return Result.of(map(element.get, names))


def _method(outcome: "Element", data_type: DataType, effect: str) -> str:
    if data_type == DataType.LOG_RANK or "PETO" in effect.upper():
        return "PETO"
    method = outcome.get("METHOD", "IV").upper()
    return method if data_type == DataType.DICHOTOMOUS and method in {"MH", "PETO"} else "IV"


def _text(element: "Element", tag: str) -> str:
    return statement(element.findtext(tag) or "")
