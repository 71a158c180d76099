"""The summary of findings as Python asks for it: facets and options by their names."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kb.certainty.summary_of_findings import SummaryOfFindings, summary_of_findings
from kb.facets import FACETS
from kb.pooling.by_name import OPTIONS, check_names, options_of

if TYPE_CHECKING:
    from kb.base import Base

NOT_OF_A_SUMMARY = ("subgroup", "moderators")
"""Options of pooling that make no row of a summary of findings."""


def summary_by_name(
    base: "Base", stated: Iterable[str], asked: Mapping[str, Any]
) -> SummaryOfFindings:
    """Return the summary for facets and options in one mapping; `UnknownValue` for neither."""
    options = [name for name in OPTIONS if name not in NOT_OF_A_SUMMARY]
    check_names(asked, (*FACETS, *options), "facet or option of a summary of findings")
    facets = {name: value for name, value in asked.items() if name in FACETS}
    question = base.question("results", **facets)
    return summary_of_findings(base, question, options_of(asked), stated)
