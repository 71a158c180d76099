"""Judgements on risk of bias in the columns of robvis: Study, the domains, Overall, Weight.

robvis takes the domains of RoB 2 and ROBINS-I by their places and names them itself, so that they
are put in its order (D1, D2, ...). RoB 1 has no set order there: its columns bear the names of the
domains, for the tool "Generic" or "ROB1" (McGuinness LA, Higgins JPT. Res Synth Methods
2021;12:55-61).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.errors import KbError
from kb.exchange.writers.cells import table_for_r

TOOLS = {"RoB 2": "ROB2", "ROBINS-I": "ROBINS-I", "RoB 1": "ROB1"}
"""What robvis calls the tools of the store."""

_DOMAINS: Mapping[str, tuple[str, ...]] = {
    "RoB 2": (
        r"randomi[sz]ation",
        r"deviation",
        r"missing",
        r"measure",
        r"select|report",
    ),
    "ROBINS-I": (
        r"confound",
        r"selection of participants",
        r"classif",
        r"deviation",
        r"missing",
        r"measure",
        r"report",
    ),
}
"""Words by which the domains of a tool are known, in the order of the tool."""

_OVERALL = re.compile(r"\boverall\b", re.IGNORECASE)
_WEIGHT = 1
_UNKNOWN_DOMAIN = "Name it in the words of the tool; robvis takes its domains by their places."


@dataclass(frozen=True)
class Judged:
    """A judgement: the study by its label, the result by its key or None, who judged."""

    study: str
    result: str | None
    tool: str
    assessor: str
    domain: str
    judgement: str


def write(judgements: Sequence[Judged], tool: str | None) -> tuple[str, int, str]:
    """Return the table, the number of its rows, and the tool that robvis is to be told.

    Each row is one assessment: of a study, or of one of its results, by one assessor; judgements
    are verbatim. Raises `KbError` where there are none, where several tools were used and none is
    named, and for a domain that the tool does not have.
    """
    chosen = _tool(judgements, tool)
    assessments: dict[tuple[str, str | None, str], dict[str, str]] = {}
    for each in judgements:
        if each.tool == chosen:
            own = assessments.setdefault((each.study, each.result, each.assessor), {})
            own[_column(chosen, each)] = each.judgement
    columns = _columns(chosen, assessments.values())
    several = len({assessor for _, _, assessor in assessments}) > 1
    rows: list[list[Any]] = [
        [_label(*of, several=several), *(judged.get(name) for name in columns), _WEIGHT]
        for of, judged in assessments.items()
    ]
    return table_for_r(["Study", *columns, "Weight"], rows), len(rows), TOOLS[chosen]


def _tool(judgements: Sequence[Judged], tool: str | None) -> str:
    there = sorted({each.tool for each in judgements})
    if not there:
        raise KbError(
            "No judgements on risk of bias are stored for these studies.",
            "Import an appraisal first, or ask for other studies.",
        )
    if tool is None and len(there) > 1:
        raise KbError(
            f"The judgements were made with several tools: {', '.join(there)}.",
            "Choose one with --tool.",
        )
    if tool is not None and tool not in there:
        raise KbError(f"No judgement was made with {tool}.", f"There are {', '.join(there)}.")
    return tool or there[0]


def _column(tool: str, judged: Judged) -> str:
    if _OVERALL.search(judged.domain):
        return "Overall"
    if tool not in _DOMAINS:
        return judged.domain
    number = re.fullmatch(r"D(\d)\b.*", judged.domain)
    if number and 1 <= int(number[1]) <= len(_DOMAINS[tool]):
        return f"D{number[1]}"
    for place, words in enumerate(_DOMAINS[tool], 1):
        if re.search(words, judged.domain, re.IGNORECASE):
            return f"D{place}"
    raise KbError(f"{tool} has no domain '{judged.domain}' ({judged.study}).", _UNKNOWN_DOMAIN)


def _columns(tool: str, assessments: Any) -> list[str]:
    """Return the columns of the domains: all that the tool has, or those that were judged."""
    if tool in _DOMAINS:
        return [*(f"D{place}" for place in range(1, len(_DOMAINS[tool]) + 1)), "Overall"]
    named = dict.fromkeys(name for judged in assessments for name in judged if name != "Overall")
    return [*named, "Overall"]


def _label(study: str, result: str | None, assessor: str, *, several: bool) -> str:
    more = [result.rpartition("/")[2] if result else "", assessor if several else ""]
    told = ", ".join(part for part in more if part)
    return f"{study} ({told})" if told else study
