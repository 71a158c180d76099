"""What an analysis asks, by the words in which a source names it."""

import re

from kb.base import Record

_INTERACTION = re.compile(r"\b(interaction|moderat)", re.IGNORECASE)
_SUBGROUP = re.compile(r"\bsubgroup", re.IGNORECASE)
_ADJUSTED = re.compile(r"\b(multivaria|adjusted)", re.IGNORECASE)


def is_interaction(analysis: str | None) -> bool:
    """Return whether an analysis asks whom an intervention helps, not whether it does."""
    return bool(analysis and _INTERACTION.search(analysis))


def is_by_subgroup(analysis: str | None) -> bool:
    """Return whether an analysis is of subgroups, or of how the effect differs between them."""
    return is_interaction(analysis) or bool(analysis and _SUBGROUP.search(analysis))


def is_adjusted(analysis: str | None) -> bool:
    """Return whether an analysis is called adjusted for covariates."""
    return bool(analysis and _ADJUSTED.search(analysis))


def is_between_arms(contrast: Record) -> bool:
    """Return whether a contrast says which two arms it compares."""
    return contrast["arm_key"] is not None and contrast["comparator_arm_key"] is not None


def may_be_same(one: str | None, other: str | None) -> bool:
    """Return whether two names may be of the same analysis: one may say more, or nothing."""
    return not one or not other or one.startswith(other) or other.startswith(one)
