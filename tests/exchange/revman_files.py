"""Made-up reviews in the formats of RevMan: nothing in them is real, their results are R's."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from kb.exchange.drafts import Reading
from kb.exchange.files import ForeignFile, open_file

REFERENCE = Path(__file__).parent / "reference"
Record = dict[str, Any]

MADE_UP: list[Record] = json.loads((REFERENCE / "made-up-review.json").read_text())["analyses"]
"""Analyses with their data and what R's metafor makes of them; the script is beside them."""

STUDIES = ("Ash 2001", "Birch 2002", "Cedar 2003", "Dogwood 2004", "Elm 2005", "Fir 2006")
COMPARISONS = {"1": "Made-up group against usual care", "2": "The same again", "3": "No zeros"}
LABELS = ("Made-up group", "Usual care")

_TYPES = {"DICH": "Dichotomous", "CONT": "Continuous", "IV": "Contrast level"} | {
    "IPD": "O-E and variance"
}
_EFFECTS = {
    "OR": "Odds Ratio",
    "RR": "Risk Ratio",
    "RD": "Risk Difference",
    "Odds Ratio": "Odds Ratio",
    "PETO_OR": "Peto Odds Ratio",
    "MD": "Mean Difference",
    "SMD": "Standardized Mean Difference",
}
_DATA = {
    "ai": ("EVENTS_1", "Experimental cases"),
    "n1i": ("TOTAL_1", "Experimental N"),
    "ci": ("EVENTS_2", "Control cases"),
    "n2i": ("TOTAL_2", "Control N"),
    "m1i": ("MEAN_1", "Experimental mean"),
    "sd1i": ("SD_1", "Experimental SD"),
    "m2i": ("MEAN_2", "Control mean"),
    "sd2i": ("SD_2", "Control SD"),
    "yi": ("ESTIMATE", "GIV Mean"),
    "sei": ("SE", "GIV SE"),
    "o_minus_e": ("O_E", "O-E"),
    "v": ("VAR", "Variance"),
}
_POOL = {"estimate": "EFFECT_SIZE", "ci_low": "CI_START", "ci_high": "CI_END", "p": "P_Z"} | {
    "tau2": "TAU2",
    "i2": "I2",
    "q": "CHI2",
}
ROW_HEADER = (
    "Analysis group,Analysis number,Analysis name,Subgroup,Applicability,Study,Study year,GIV Mean,"
    "GIV SE,Experimental mean,Experimental SD,Experimental cases,Experimental N,Control mean,"
    "Control SD,Control cases,Control N,O-E,Variance,Weight,Mean,CI start,CI end,Footnotes"
)
SETTING_HEADER = (
    "Analysis group,Analysis number,Analysis name,Analysis group name,Data type,Log-scale data,"
    "Experimental group label,Control group label,Statistical method,Effect measure,Analysis model,"
    "Subgroup estimates,Overall estimates,Swap event and non-event,Study CI,Estimate CI,"
    "Heterogeneity estimator,CI method,Mean,CI start,CI end,Heterogeneity Tau²,Heterogeneity Chi²,"
    "Heterogeneity df,Heterogeneity P,Heterogeneity I²,Effect Z,Effect P,ID"
)
SUBGROUP_HEADER = (
    "Analysis group,Analysis number,Subgroup,Subgroup number,Experimental cases,Experimental N,"
    "Control cases,Control N,Weight,Mean,CI start,CI end,Heterogeneity Tau²,Heterogeneity Chi²,"
    "Heterogeneity df,Heterogeneity P,Heterogeneity I²,Effect Z,Effect P,ID"
)


def analysis(number: str) -> Record:
    """Return a made-up analysis by its number."""
    return next(each for each in MADE_UP if each["number"] == number)


def data_rows(made: Record) -> Iterator[Record]:
    """Yield the rows of an analysis: data with the effect that R gives."""
    columns = {**made["data"], **{f"row_{name}": values for name, values in made["rows"].items()}}
    for place in range(len(made["data"]["study"])):
        yield {name: values[place] for name, values in columns.items()}


# RevMan 5


def rm5(
    analyses: Sequence[Record] = MADE_UP,
    *,
    encoding: str = "ISO-8859-1",
    included: str | None = None,
    items: str = "",
    more: str = "",
) -> bytes:
    """Return an `.rm5` of these analyses."""
    parts = [f'<?xml version="1.0" encoding="{encoding}" standalone="no"?>\n']
    parts.append('<COCHRANE_REVIEW DOI="" ID="1" REVMAN_VERSION="5" TYPE="INTERVENTION">\n')
    parts.append("<COVER_SHEET><TITLE>A made-up review</TITLE></COVER_SHEET>\n")
    parts.append("<STUDIES_AND_REFERENCES><STUDIES><INCLUDED_STUDIES>\n")
    parts.append(_rm5_studies() if included is None else included)
    parts.append("</INCLUDED_STUDIES></STUDIES></STUDIES_AND_REFERENCES>\n")
    parts.append(f"<QUALITY_ITEMS>{items}</QUALITY_ITEMS>\n{more}")
    parts.append('<ANALYSES_AND_DATA CALCULATED_DATA="YES">\n')
    for number in dict.fromkeys(each["number"].split(".")[0] for each in analyses):
        parts.append(f'<COMPARISON NO="{number}">\n<NAME>{COMPARISONS[number]}</NAME>\n')
        parts += [rm5_outcome(each) for each in analyses if each["number"].startswith(f"{number}.")]
        parts.append("</COMPARISON>\n")
    parts.append("</ANALYSES_AND_DATA>\n</COCHRANE_REVIEW>\n")
    return "".join(parts).encode(encoding)


def study_id(name: str) -> str:
    return "STD-" + name.replace("-", "_x002d_").replace(" ", "-")


def _rm5_studies() -> str:
    return "".join(
        f'<STUDY DATA_SOURCE="PUB" ID="{study_id(name)}" NAME="{name}" YEAR="{name[-4:]}"/>\n'
        for name in STUDIES
    )


def rm5_outcome(made: Record) -> str:
    """Return the element of an outcome."""
    kind, number = made["type"], made["number"].split(".")[1]
    inside = kind in {"DICH", "CONT"}
    attributes = {
        "NO": number,
        "RANDOM": "YES" if made["model"] == "random" else "NO",
        "TOTALS": made.get("totals", "YES"),
        "SUBGROUPS": "YES" if "subgroups" in made else "NO",
        "CI_STUDY": "95",
        "CI_TOTAL": "95",
        "ESTIMABLE": "YES",
        **({"METHOD": made["method"]} if kind == "DICH" else {}),
        **({"SWAP_EVENTS": "YES"} if made.get("swapped") else {}),
        **({"EFFECT_MEASURE": made["effect"]} if inside else {}),
        **_rm5_result(made["pool"]),
    }
    body = [f"<NAME>{escape(made['name'])}</NAME>\n"]
    body += [f"<GROUP_LABEL_{i}>{label}</GROUP_LABEL_{i}>\n" for i, label in enumerate(LABELS, 1)]
    if not inside:
        body.append(f"<EFFECT_MEASURE>{made['effect']}</EFFECT_MEASURE>\n")
    rows = list(data_rows(made))
    for place, (name, pool) in enumerate(made.get("subgroups", {}).items(), 1):
        group = {"NO": str(place), **_rm5_result(pool)}
        body.append(f"<{kind}_SUBGROUP{_xml(group)}><NAME>{name}</NAME>\n")
        body += [_rm5_row(kind, row, made) for row in rows if row["subgroup"] == name]
        body.append(f"</{kind}_SUBGROUP>\n")
    if "subgroups" not in made:
        body += [_rm5_row(kind, row, made) for row in rows]
    return f"<{kind}_OUTCOME{_xml(attributes)}>\n{''.join(body)}</{kind}_OUTCOME>\n"


def _rm5_row(kind: str, row: Record, made: Record) -> str:
    shown = {_DATA[name][0]: repr(value) for name, value in row.items() if name in _DATA}
    none = row["row_estimate"] is None
    result = {
        "EFFECT_SIZE": "0.0" if none else repr(row["row_estimate"]),
        "CI_START": "0.0" if none else repr(row["row_ci_low"]),
        "CI_END": "0.0" if none else repr(row["row_ci_high"]),
    }
    attributes = {"STUDY_ID": study_id(row["study"]), **shown, **result}
    attributes["ESTIMABLE"] = "NO" if none else "YES"
    attributes["WEIGHT"] = repr(row["row_weight"])
    return f"<{kind}_DATA{_xml(attributes)}/>\n"


def _rm5_result(pool: Mapping[str, float]) -> dict[str, str]:
    return {_POOL[name]: repr(value) for name, value in pool.items()}


def _xml(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())


# The data package


def package_tables(analyses: Sequence[Record] = MADE_UP) -> dict[str, str]:
    """Return the tables of a data package of these analyses by what their names end in."""
    rows, settings, subgroups = [], [], []
    for made in analyses:
        group, number = made["number"].split(".")
        place = {"Analysis group": group, "Analysis number": number}
        settings.append({**place, **_setting(made)})
        named = {**place, "Analysis name": made["name"]}
        rows += [{**named, **_package_row(row)} for row in data_rows(made)]
        for name, pool in made.get("subgroups", {}).items():
            subgroups.append({**place, "Subgroup": name, **_package_result(pool)})
    return {
        "analysis-data/X-data-rows.csv": csv_text(ROW_HEADER, rows),
        "analysis-data/X-overall-estimates-and-settings.csv": csv_text(SETTING_HEADER, settings),
        "analysis-data/X-subgroup-estimates.csv": csv_text(SUBGROUP_HEADER, subgroups),
        "study-data/X-study-information.csv": _study_information(),
    }


def _study_information() -> str:
    header = "Study,Year,Data source,Char: Methods,Char: Participants,Char: Notes"
    lines = [f"{name},{name[-4:]},PUB,Made-up trial,,Made up" for name in STUDIES]
    return "\n".join([f"\ufeff{header}", *lines]) + "\n"


def csv_text(header: str, rows: Sequence[Mapping[str, object]]) -> str:
    """Return a table as RevMan Web writes it: with a byte-order mark, quoted where needed."""
    columns = header.split(",")
    lines = [header]
    lines += [",".join(_cell(row.get(column, "")) for column in columns) for row in rows]
    return "\ufeff" + "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    text = str(value)
    return f'"{text}"' if "," in text else text


def _six(value: float | None) -> float | int:
    return 0 if value is None else round(value, 6)


def _package_row(row: Record) -> Record:
    zeros = dict.fromkeys((column for _, column in _DATA.values()), 0)
    return {
        **zeros,
        "Subgroup": row.get("subgroup", ""),
        "Applicability": "SUBGROUP_AND_OVERALL",
        "Study": row["study"],
        "Study year": row["study"][-4:],
        **{_DATA[name][1]: value for name, value in row.items() if name in _DATA},
        "Weight": _six(row["row_weight"]),
        "Mean": "" if row["row_estimate"] is None else _six(row["row_estimate"]),
        "CI start": "" if row["row_estimate"] is None else _six(row["row_ci_low"]),
        "CI end": "" if row["row_estimate"] is None else _six(row["row_ci_high"]),
    }


def _setting(made: Record) -> Record:
    effect = _EFFECTS.get(made["effect"], made["effect"])
    return {
        "Analysis name": made["name"],
        "Analysis group name": COMPARISONS[made["number"].split(".")[0]],
        "Data type": _TYPES[made["type"]],
        "Log-scale data": str(made["effect"] not in {"MD", "SMD", "RD"}).lower(),
        "Experimental group label": LABELS[0],
        "Control group label": LABELS[1],
        "Statistical method": "Peto" if made["method"] == "PETO" else made["method"],
        "Effect measure": effect,
        "Analysis model": "Random effect" if made["model"] == "random" else "Fixed effect",
        "Subgroup estimates": "true",
        "Overall estimates": "true",
        "Swap event and non-event": str(bool(made.get("swapped"))).lower(),
        "Study CI": "95%",
        "Estimate CI": "95%",
        "Heterogeneity estimator": _ESTIMATORS[made.get("estimator", "DL")],
        "CI method": "Hartung-Knapp-Sidik-Jonkman" if made.get("test") == "knha" else "Wald-type",
        **_package_result(made["pool"]),
    }


_ESTIMATORS = {"DL": "DerSimonian and Laird", "REML": "Restricted maximum-likelihood"}


def _package_result(pool: Mapping[str, float]) -> Record:
    columns = ("Mean", "CI start", "CI end", "Effect P")
    names = ("estimate", "ci_low", "ci_high", "p")
    spread = {"Tau²": "tau2", "Chi²": "q", "I²": "i2"}
    return {column: _six(pool[name]) for column, name in zip(columns, names, strict=True)} | {
        f"Heterogeneity {column}": _six(pool[name]) for column, name in spread.items()
    }


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP of these files."""
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def package(analyses: Sequence[Record] = MADE_UP, *, prefix: str = "X-") -> bytes:
    """Return the data archive of a package."""
    return zipped({f"{prefix}{name}": text for name, text in package_tables(analyses).items()})


def saved(folder: Path, name: str, content: bytes | str) -> ForeignFile:
    """Return a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_file(path)


def accounted(reading: Reading) -> set[int]:
    """Return the rows that are in a draft or that a note refuses."""
    rows = {row for study in reading.studies() for row in study.words}
    return rows | {note.row for note in reading.notes if note.fate == "refused"}
