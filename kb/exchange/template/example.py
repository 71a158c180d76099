"""The example of the extraction sheet: a study that was made up, so that no one takes it along."""

from kb.exchange.template.columns import EXAMPLE

_Row = dict[str, str | float]

_STUDY: _Row = {
    "study": f"{EXAMPLE} 2001",
    "report": "10.1234/made-up",
    "locator": "table 2",
    "seen": "full-text",
    "extractor": "AB",
}
_MEASURED: _Row = {
    "outcome": "Pain",
    "instrument": "Visual Analogue Scale for pain",
    "time": "12 months",
    "months": 12,
}
_DESCRIBED: _Row = {
    "year": 2001,
    "design": "Randomised controlled trial",
    "country": "Canada",
    "cancer": "Breast cancer",
}

ROWS: tuple[_Row, ...] = (
    {
        **_STUDY,
        **_DESCRIBED,
        "row": "arm",
        "arm": "SEGT",
        "role": "intervention",
        "approach": "Supportive-expressive group therapy",
        **_MEASURED,
        "n": 60,
        "mean": 2.1,
        "sd": 1.4,
        "quote": "SEGT 60 2.1 (1.4)",
    },
    {
        **_STUDY,
        "row": "arm",
        "arm": "Control",
        "role": "control",
        "comparator": "Usual care",
        **_MEASURED,
        "n": 58,
        "mean": 2.7,
        "sd": 1.5,
        "quote": "Control 58 2.7 (1.5)",
    },
    {
        **_STUDY,
        "row": "contrast",
        "arm": "SEGT",
        "comparator": "Control",
        "outcome": "Overall survival",
        "time": "end of follow-up",
        "n": 118,
        "statistic": "HR",
        "estimate": 0.95,
        "ci_low": 0.7,
        "ci_high": 1.29,
        "p": 0.74,
        "adjusted": "no",
        "locator": "abstract",
        "quote": "hazard ratio for death 0.95 (95 percent CI 0.70 to 1.29; P=0.74)",
    },
)
"""Two arms and a contrast."""


def is_example(study: str) -> bool:
    """Return whether a study is one that shows how to fill in the sheet."""
    return study.casefold().startswith(EXAMPLE.casefold())
