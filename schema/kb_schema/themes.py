"""Qualitative themes and who voiced them."""

from kb_schema.base import (
    Sourced,
    check,
    key,
    one_of,
    optional,
    optional_reference,
    reference,
    required,
)
from kb_schema.codes import CodedBy, Voice


class ThemeFinding(Sourced, table=True):
    """That a study or a review reports a theme, and whose voice it is."""

    __tablename__ = "theme_finding"
    __table_args__ = (
        check("one_origin", "(study_key IS NULL) <> (review_key IS NULL)"),
        check("count", "studies > 0 AND studies <= of_studies"),
    )

    key: str = key()
    study_key: str | None = optional_reference("study")
    review_key: str | None = optional_reference("review")
    theme_key: str = reference("theme")
    statement: str = required("The finding in our own words.")
    voice: Voice = one_of(Voice, "Who said it.")
    coded_by: CodedBy = one_of(CodedBy, "Who assigned the theme.")
    studies: int | None = optional("In how many studies, where a review counts them.")
    of_studies: int | None = optional("Of how many.")
