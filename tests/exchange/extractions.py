"""Extraction sheets that two made-up people filled in, of made-up trials."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from kb.exchange.template.columns import COLUMNS

Row = Mapping[str, str]

_TRIAL = {
    "study": "Madeupson 2003",
    "report": "10.1234/madeup.1",
    "locator": "table 2",
    "seen": "full-text",
    "extractor": "AB",
}
_DESCRIBED = {
    "year": "2003",
    "design": "Randomised controlled trial",
    "country": "Canada; United States of America",
    "cancer": "Breast cancer",
}
_PAIN = {
    "outcome": "Pain",
    "instrument": "Visual Analogue Scale for pain",
    "time": "12 months",
    "months": "12",
}

SEGT = {
    **_TRIAL,
    **_DESCRIBED,
    "row": "arm",
    "arm": "SEGT",
    "role": "intervention",
    "approach": "Supportive-expressive group therapy",
    **_PAIN,
    "n": "60",
    "mean": "2.1",
    "sd": "1.4",
    "quote": "SEGT 60 2.1 (1.4)",
}
CONTROL = {
    **_TRIAL,
    "row": "arm",
    "arm": "Control",
    "role": "control",
    "comparator": "Usual care",
    **_PAIN,
    "n": "58",
    "mean": "2.7",
    "sd": "1.5",
    "quote": "Control 58 2.7 (1.5)",
}
SURVIVAL = {
    **_TRIAL,
    "row": "contrast",
    "arm": "SEGT",
    "comparator": "Control",
    "outcome": "Overall survival",
    "time": "end of follow-up",
    "n": "118",
    "statistic": "HR",
    "estimate": "0.95",
    "ci_low": "0.70",
    "ci_high": "1.29",
    "p": "0.74",
    "adjusted": "no",
    "locator": "abstract",
    "quote": "hazard ratio 0.95 (0.70 to 1.29)",
    "seen": "record",
}
MOOD = {
    **_TRIAL,
    "row": "contrast",
    "arm": "SEGT",
    "comparator": "Usual care",
    "outcome": "Mood",
    "instrument": "Profile of Mood States",
    "time": "12 months",
    "statistic": "MD",
    "estimate": "-1.2",
    "se": "0.6",
    "p": "<0.05",
    "quote": "mood improved by 1.2 (SE 0.6), P<0.05",
}
ANNA = (SEGT, CONTROL, SURVIVAL, MOOD)
BEN = (
    {**SEGT, "design": "randomised controlled trial", "sd": "1.40", "extractor": "CD"},
    {
        **CONTROL,
        "n": "57",
        "sd": "0.2",
        "quote": "2.7 (1.5) in 58 controls",
        "extractor": "CD",
    },
    {
        **SURVIVAL,
        "statistic": "OR",
        "p": "NA",
        "quote": "0.95 (95% CI 0.70 to 1.29)",
        "extractor": "CD",
    },
    {**MOOD, "time": "1 year", "extractor": "CD"},
)


def saved(path: Path, rows: Sequence[Row], *, delimiter: str = ",") -> Path:
    """Write rows as an extraction sheet."""
    headers = [column.name for column in COLUMNS]
    headers += [name for row in rows for name in row if name not in headers]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, dict.fromkeys(headers), restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path
