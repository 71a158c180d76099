"""Which risk-of-bias tool a Cochrane review used, by the names of its domains."""

import re
from collections.abc import Iterable

from kb_schema.codes import RiskOfBiasTool

_SIGNS = (
    (RiskOfBiasTool.ROBINS_I, r"confounding|classification of interventions"),
    (RiskOfBiasTool.ROB2, r"randomi[sz]ation process|selection of the reported result"),
    (
        RiskOfBiasTool.ROB1,
        r"sequence generation|concealment|blinding|incomplete outcome|selective|other.* bias",
    ),
)


def tool_of(domains: Iterable[str]) -> RiskOfBiasTool | None:
    """Return the tool that domains of these names belong to; None where they do not tell."""
    names = "\n".join(domains)
    return next((tool for tool, sign in _SIGNS if re.search(sign, names, re.IGNORECASE)), None)
