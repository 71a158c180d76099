"""The columns of the extraction sheet, in the order in which they are filled in."""

from dataclasses import dataclass
from enum import StrEnum

from kb_schema.codes import ArmRole, Seen, Statistic

SHEET = "Extraction"
"""The sheet of the workbook that is filled in."""

TO_DECIDE = "to decide"
"""The column in which an adjudicated sheet keeps what two people saw differently."""

EXAMPLE = "Example (made up)"
"""How the studies begin that show how to fill in the sheet, and that are never imported."""


class RowKind(StrEnum):
    """What a row holds: what one arm showed, or how two arms compare."""

    ARM = "arm"
    CONTRAST = "contrast"


class Content(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    TERM = "a term, chosen from the list or in your own words"
    CODE = "one of the list"
    COUNT = "a whole number"
    NUMBER = "a number"


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: its header.
        help: what is filled in, in a sentence or two.
        content: what its cells hold.
        codes: the words that a code may be.
        needed: whether every row must have it.
        only: the kind of row that may have it, where one alone may.
    """

    name: str
    help: str
    content: Content = Content.TEXT
    codes: tuple[str, ...] = ()
    needed: bool = False
    only: RowKind | None = None

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self.content in {Content.COUNT, Content.NUMBER}

    @property
    def rows(self) -> str:
        """Which rows have it, in words."""
        if self.only is not None:
            return f"{self.only} rows"
        return "every row" if self.needed else "any row"


_ARM, _CONTRAST = RowKind.ARM, RowKind.CONTRAST
_TERM, _CODE = Content.TERM, Content.CODE
_COUNT, _NUMBER = Content.COUNT, Content.NUMBER
_SEEN = tuple(code.value for code in Seen if code is not Seen.COMPARISON)

COLUMNS: tuple[Column, ...] = (
    Column("study", "First author and year, spelt alike in all rows of a study.", needed=True),
    Column(
        "report",
        "DOI or PMID of the report that the row was taken from; else its whole reference.",
        needed=True,
    ),
    Column("year", "Year of the study, once per study is enough.", _COUNT),
    Column("design", "Design of the study, once per study is enough.", _TERM),
    Column("country", "Country of the study, several with semicolons; once is enough.", _TERM),
    Column("cancer", "Cancer of the participants, several with semicolons; once is enough.", _TERM),
    Column(
        "row",
        "arm: what one arm showed. contrast: how two arms compare, as the report says it.",
        _CODE,
        tuple(RowKind),
        needed=True,
    ),
    Column(
        "arm",
        "What the arm is called, alike in all rows of the study; in a contrast, the arm compared.",
        needed=True,
    ),
    Column("role", "What the arm is for.", _CODE, tuple(ArmRole)),
    Column("approach", "What the arm received, if it is an intervention.", _TERM),
    Column(
        "comparator",
        "arm row: what a control arm received. contrast row: the arm compared with, by its name "
        "or by what it received.",
        _TERM,
    ),
    Column("outcome", "What was measured.", _TERM, needed=True),
    Column("instrument", "What it was measured with; no instrument for events.", _TERM),
    Column("time", "When, in the words of the report: after treatment, 12-month follow-up."),
    Column("months", "The same in months from the start, where it is one point.", _NUMBER),
    Column("n", "Participants analysed in the arm; in a contrast, in both together.", _COUNT),
    Column("events", "Participants with the event.", _COUNT, only=_ARM),
    Column("mean", "Mean.", _NUMBER, only=_ARM),
    Column("sd", "Standard deviation, not the standard error.", _NUMBER, only=_ARM),
    Column(
        "se",
        "Standard error of the mean or estimate; of HR, OR and RR that of the logarithm.",
        _NUMBER,
    ),
    Column("median", "Median.", _NUMBER, only=_ARM),
    Column("statistic", "What the estimate is.", _CODE, tuple(Statistic), only=_CONTRAST),
    Column(
        "estimate",
        "The estimate, arm against comparator; ratios as printed, not their logarithm.",
        _NUMBER,
        only=_CONTRAST,
    ),
    Column("ci_low", "Lower limit of the 95% interval.", _NUMBER),
    Column("ci_high", "Upper limit of the 95% interval.", _NUMBER),
    Column("p", "p value as printed: 0.03, or <0.001.", _NUMBER, only=_CONTRAST),
    Column(
        "adjusted",
        "Whether covariates were adjusted for; no where it is left empty.",
        _CODE,
        ("yes", "no"),
        only=_CONTRAST,
    ),
    Column("population", "The subgroup, if the numbers are not of all who were analysed."),
    Column("locator", "Where in the report: abstract, table 2, p. 5.", needed=True),
    Column("quote", "At most 25 words of the report that say it, copied exactly.", needed=True),
    Column(
        "seen",
        "What you read: full-text is the paper; record the abstract or the bibliographic record.",
        _CODE,
        _SEEN,
        needed=True,
    ),
    Column("note", "What a reader should know before using the value."),
    Column("extractor", "Your initials."),
)

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}

VOCABULARIES: tuple[str, ...] = tuple(each.name for each in COLUMNS if each.content is _TERM)
"""The columns of terms, which are called as their vocabularies are."""

OF_THE_STUDY = ("study", "year", "design", "country", "cancer")
"""The columns that tell of the study, and not of a result."""

KEY = ("study", "row", "arm", "comparator", "outcome", "instrument", "time", "population")
"""The columns that tell one row from another."""

TELLS_APART = ("statistic", "adjusted")
"""Columns that tell apart rows which the key does not."""

OWN_WORDS = ("locator", "quote", "note", "extractor")
"""Columns in which two people never write the same."""
