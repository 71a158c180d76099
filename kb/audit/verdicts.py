"""The verdicts of the ledger."""

from enum import StrEnum


class Verdict(StrEnum):
    """What is known of a claim once it was held against the rest."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNCHECKED = "unchecked"
    RECORDED = "recorded"


IN_WORDS = {
    Verdict.AGREES: "agrees",
    Verdict.DISAGREES: "disagrees",
    Verdict.UNCHECKED: "cannot be checked",
    Verdict.RECORDED: "recorded only",
}
