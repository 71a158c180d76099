"""The analyses of a Cochrane data package: settings, data rows, estimates."""

import re
from collections.abc import Iterable, Iterator, Mapping

from kb.exchange.cochrane.analyses import (
    Analysis,
    ArmData,
    DataRow,
    DataType,
    Result,
    arm_names,
    favours_low,
    measure_of,
)
from kb.exchange.cochrane.numbers import count, level, usual, value
from kb.exchange.cochrane.package_files import Table
from kb.exchange.cochrane.wording import words
from kb.exchange.drafts import Fate, Note
from kb.exchange.files import quoted
from kb.exchange.sheets import SheetRow

_Key = tuple[str, str]

_TYPES = {
    "dichotomous": DataType.DICHOTOMOUS,
    "continuous": DataType.CONTINUOUS,
    "contrast level": DataType.GENERIC,
    "generic inverse variance": DataType.GENERIC,
    "inverse variance": DataType.GENERIC,
    "o-e and variance": DataType.LOG_RANK,
}
_ESTIMATORS = ((r"dersimonian|\bdl\b", "DL"), (r"restricted|\breml\b", "REML"))
_ARM_COLUMNS = ("N", "cases", "mean", "SD")
_ENTERED = {
    DataType.DICHOTOMOUS: tuple(
        f"{arm} {column}" for arm in ("Experimental", "Control") for column in ("cases", "N")
    ),
    DataType.CONTINUOUS: tuple(
        f"{arm} {column}" for arm in ("Experimental", "Control") for column in ("mean", "SD", "N")
    ),
    DataType.GENERIC: ("GIV Mean", "GIV SE"),
    DataType.LOG_RANK: ("O-E", "Variance"),
    DataType.OTHER: (),
}
_PLACE = ("Analysis group", "Analysis number", "Analysis name")

ROW_COLUMNS = frozenset(
    {*_PLACE, "Subgroup", "Applicability", "Study", "Study year", "GIV Mean", "GIV SE", "O-E"}
    | {f"{arm} {column}" for arm in ("Experimental", "Control") for column in _ARM_COLUMNS}
    | {"Variance", "Weight", "Mean", "CI start", "CI end", "Footnotes"}
)
SETTING_COLUMNS = frozenset(
    {*_PLACE, "Analysis group name", "Data type", "Log-scale data", "Statistical method"}
    | {f"{arm} {what}" for arm in ("Experimental", "Control") for what in ("cases", "N")}
    | {f"{arm} {what}" for arm in ("Experimental", "Control") for what in ("intervention",)}
    | {f"{arm} group label" for arm in ("Experimental", "Control")}
    | {"Effect measure", "Analysis model", "Subgroup estimates", "Overall estimates"}
    | {"Test for subgroup differences", "Swap event and non-event", "Study CI", "Estimate CI"}
    | {"Graph label (left)", "Graph label (right)", "Unit of effect measure"}
    | {"CI/PI level", "CI method", "Heterogeneity estimator", "Mean", "CI start", "CI end"}
    | {f"Heterogeneity {what}" for what in ("Tau²", "Chi²", "df", "P", "I²")}
    | {f"Subgroup {what}" for what in ("Chi²", "df", "P", "I²")}
    | {"Effect Z", "Effect P", "ID", "Analysis ID"}
)


def analyses_of(
    settings: Table, data: Table, subgroups: Table
) -> tuple[list[Analysis], list[Note]]:
    """Return the analyses in the order of their settings, and notes."""
    rows = _by_analysis(data.rows)
    estimates = _by_analysis(subgroups.rows)
    notes: list[Note] = []
    analyses = []
    for setting in settings.rows:
        key = _key(setting)
        notes += _unknown(setting, key)
        analyses.append(_analysis(setting, rows.pop(key, []), estimates.get(key, [])))
    for key, lost in rows.items():
        for row in lost:
            message = f"There are no settings of an analysis {'.'.join(key)}."
            notes.append(Note(row.row, "Analysis number", Fate.REFUSED, "no settings", message))
    return analyses, notes


def _by_analysis(rows: Iterable[SheetRow]) -> dict[_Key, list[SheetRow]]:
    found: dict[_Key, list[SheetRow]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row)
    return found


def _key(row: SheetRow) -> _Key:
    return row.cells.get("Analysis group", ""), row.cells.get("Analysis number", "")


def _analysis(setting: SheetRow, data: list[SheetRow], estimates: list[SheetRow]) -> Analysis:
    cells = setting.cells
    compared, effect = cells.get("Analysis group name", ""), cells.get("Effect measure", "")
    data_type = _data_type(cells)
    measure = measure_of(effect)
    rows = tuple(_row(row, data_type) for row in data)
    both = level(cells.get("CI/PI level"))
    swapped = _true(cells, "Swap event and non-event") or bool(measure and measure.swapped)
    ends = cells.get("Graph label (left)", ""), cells.get("Graph label (right)", "")
    low = favours_low(*ends, _labels(cells))
    return Analysis(
        number=".".join(_key(setting)),
        comparison=compared,
        name=cells.get("Analysis name", "") or compared or "unnamed analysis",
        data_type=data_type,
        effect=effect,
        measure=measure,
        arms=arm_names(*_labels(cells), compared),
        model="random" if cells.get("Analysis model", "").lower().startswith("rand") else "common",
        method=_method(cells.get("Statistical method", ""), effect),
        estimator=_estimator(cells.get("Heterogeneity estimator", "")) or "DL",
        test=_test(cells.get("CI method", "")),
        level=usual(level(cells.get("Estimate CI")), both),
        study_level=usual(level(cells.get("Study CI")), both),
        swapped=swapped,
        overall=_result(cells) if _true(cells, "Overall estimates") and rows else None,
        subgroups={
            each.cells.get("Subgroup", ""): _result(each.cells)
            for each in estimates
            if _true(cells, "Subgroup estimates")
        },
        rows=rows,
        row=rows[0].row if rows else 0,
        favours_low=low if low is None else low != swapped,
        units=cells.get("Unit of effect measure", ""),
    )


def _unknown(setting: SheetRow, key: _Key) -> Iterator[Note]:
    """Yield notes on settings that are not understood."""
    cells, number = setting.cells, ".".join(key)
    said = cells.get("Data type", "")
    if said.lower() not in _TYPES:
        message = f"Analysis {number} is of the data type {quoted(said)}: no number of it is read."
        yield Note(0, "Data type", Fate.WARNED, "unknown data type", message)
    estimator = cells.get("Heterogeneity estimator", "")
    random = cells.get("Analysis model", "").lower().startswith("rand")
    if random and estimator and _estimator(estimator) is None:
        message = (
            f"Analysis {number} estimates tau² by {quoted(estimator)}, which is not known here; "
            "its result is compared with that of DerSimonian and Laird."
        )
        yield Note(0, "Heterogeneity estimator", Fate.WARNED, "unknown estimator", message)


def _row(row: SheetRow, data_type: DataType) -> DataRow:
    cells = row.cells
    study = cells.get("Study", "")
    used = ("Study", *_ENTERED[data_type], *_PLACE[:2], "Subgroup", "Weight")
    said = words({column: cells.get(column) for column in used})
    if not study:
        return DataRow(row.row, study, said, wrong="the row names no study")
    applies = cells.get("Applicability", "")
    try:
        return DataRow(
            row.row,
            study,
            said,
            subgroup=cells.get("Subgroup") or None,
            experimental=_arm(cells, "Experimental"),
            control=_arm(cells, "Control"),
            yi=value(cells.get("GIV Mean")),
            sei=value(cells.get("GIV SE")) or None,
            o_minus_e=value(cells.get("O-E")),
            v=value(cells.get("Variance")) or None,
            estimate=value(cells.get("Mean")),
            ci_low=value(cells.get("CI start")),
            ci_high=value(cells.get("CI end")),
            weight=value(cells.get("Weight")),
            in_overall=not applies or "OVERALL" in applies.upper(),
            in_subgroup=not applies or "SUBGROUP" in applies.upper(),
            note=cells.get("Footnotes") or None,
        )
    except ValueError as error:
        return DataRow(row.row, study, said, wrong=str(error))


def _arm(cells: Mapping[str, str], arm: str) -> ArmData:
    people, events, mean, sd = (cells.get(f"{arm} {column}") for column in _ARM_COLUMNS)
    return ArmData(n=count(people), events=count(events), mean=value(mean), sd=value(sd))


def _labels(cells: Mapping[str, str]) -> tuple[str, str]:
    first, second = (
        cells.get(f"{arm} group label") or cells.get(f"{arm} intervention") or ""
        for arm in ("Experimental", "Control")
    )
    return first, second


def _result(cells: Mapping[str, str]) -> Result:
    spread = ("Effect P", "Heterogeneity Tau²", "Heterogeneity I²", "Heterogeneity Chi²")
    return Result.of(map(cells.get, ("Mean", "CI start", "CI end", *spread)))


def _true(cells: Mapping[str, str], column: str) -> bool:
    return cells.get(column, "").lower() == "true"


def _data_type(cells: Mapping[str, str]) -> DataType:
    return _TYPES.get(cells.get("Data type", "").lower(), DataType.OTHER)


def _method(method: str, effect: str) -> str:
    if "peto" in f"{method} {effect}".lower():
        return "PETO"
    return "MH" if method.upper() == "MH" or "mantel" in method.lower() else "IV"


def _estimator(said: str) -> str | None:
    return next((code for sign, code in _ESTIMATORS if re.search(sign, said.lower())), None)


def _test(said: str) -> str:
    return "knha" if re.search(r"hartung|hksj", said.lower()) else "z"
