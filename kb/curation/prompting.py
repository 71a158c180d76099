"""What a person is asked who adds a record: which fields, in which order, and what is allowed.

All of it follows from the shape of seed files and the models; only how optional fields are grouped,
when one is worth asking, and what a key is made of is said here.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Enum, Float, Integer

from kb.citations import citation
from kb.curation.cells import QUOTE_WORDS, Unfit, read_cell
from kb.curation.choosing import Choices, codes, slug
from kb.curation.parsing import Located, Unreadable, constant, refuse_control
from kb.curation.shape import PASSAGE, SLUG, Shape, target
from kb.curation.spelling import Entry
from kb.curation.wording import shown
from kb_schema import tables as t

Value = str | int | float | bool

NEW = "new"
"""The answer that adds the record which a field is to name."""

TRUTHS = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}


class Group(NamedTuple):
    """Optional fields that belong together. Those that are `asked` are not offered first."""

    words: str
    names: tuple[str, ...]
    asked: bool = False

    def __str__(self) -> str:
        fields = f" ({', '.join(self.names)})" if len(self.names) > 1 else ""
        return f"{self.words}{fields}"


_SHARE = Group("In how many studies", ("studies", "of_studies"))
_TERM = Group("About the term", ("definition", "verified", "note"))
_VALUE = Group("Unit, direction, derivation, note", ("unit", "better", "derivation", "note"))

GROUPS: Mapping[str, tuple[Group, ...]] = {
    "report": (
        Group("Authors and year", ("authors", "year"), asked=True),
        Group("Where it was published", ("container", "volume", "issue", "pages")),
        Group("Identifiers", ("doi", "pmid", "pmcid", "url"), asked=True),
        Group("A note", ("note",)),
    ),
    "derivation": (Group("Software and method", ("software", "report")),),
    "study": (
        Group("Title and year", ("title", "year"), asked=True),
        Group("More on the design", ("design_detail", "registration")),
        Group("Recruitment", ("recruitment_start", "recruitment_end")),
        Group("A note", ("note",)),
    ),
    "study_country": (Group("Place", ("place",), asked=True),),
    "study_cancer": (Group("Stage", ("stage",), asked=True),),
    "intervention": (
        Group("What and why", ("theory", "materials", "procedures")),
        Group("Who, how and where", ("facilitation", "delivery", "setting")),
        Group(
            "When and how much",
            (
                "frequency",
                "session_minutes_low",
                "session_minutes_high",
                "sessions_low",
                "sessions_high",
                "weeks",
                "schedule",
            ),
        ),
        Group("Tailoring and fidelity", ("tailoring", "modifications", "fidelity")),
        Group("The group", ("group_size_low", "group_size_high", "membership")),
    ),
    "arm": (Group("What it received", ("intervention", "comparator"), asked=True),),
    "participants": (Group("Whom it counts", ("arm", "report", "detail")),),
    "characteristic": (
        Group("Its number", ("number", "unit"), asked=True),
        Group("The arm", ("arm",)),
    ),
    "gap": (Group("A note", ("note",), asked=True),),
    "measurement": (
        Group("Instrument", ("instrument", "instrument_detail"), asked=True),
        Group("Time point", ("time", "months"), asked=True),
        Group("Whether it was primary", ("primary_outcome",)),
    ),
    "contrast": (
        Group("The arms", ("arm", "comparator_arm"), asked=True),
        Group("The estimate", ("estimate", "ci_low", "ci_high", "ci_level", "se"), asked=True),
        Group("p and number", ("p", "p_relation", "n"), asked=True),
        Group("Analysis", ("adjusted", "adjusted_for", "analysis", "population")),
        Group("Direction, derivation, note", ("better", "derivation", "note")),
    ),
    "arm_result": (
        Group("Number", ("n",), asked=True),
        Group("Events", ("events", "percent")),
        Group("Mean or median", ("mean", "sd", "se", "median", "ci_low", "ci_high", "ci_level")),
        Group("Subgroup", ("population",)),
        _VALUE,
    ),
    "finding": (Group("Analysis", ("analysis", "population")),),
    "theme_finding": (_SHARE,),
    "factor": (_SHARE,),
    "country": (_TERM,),
    "cancer": (Group("Its place in the tree", ("parent",)), _TERM),
    "profession": (Group("Its place in the tree", ("parent",)), _TERM),
}
"""The optional fields that are offered, by table. What stands in none is left to an editor."""

ONLY_IF: Mapping[tuple[str, str], tuple[str, Collection[Value] | None]] = {
    ("arm", "comparator"): ("role", ("control",)),
    ("contrast", "adjusted_for"): ("adjusted", (True,)),
    ("contrast", "ci_high"): ("ci_low", None),
    ("contrast", "ci_level"): ("ci_low", None),
    ("contrast", "p_relation"): ("p", None),
    ("arm_result", "ci_high"): ("ci_low", None),
    ("arm_result", "ci_level"): ("ci_low", None),
    ("characteristic", "unit"): ("number", None),
    ("theme_finding", "of_studies"): ("studies", None),
    ("factor", "of_studies"): ("studies", None),
}
"""Fields that are asked only where another has an answer, or one of some answers."""

NEEDED_ONCE_ASKED = frozenset(
    {
        ("arm", "comparator"),
        ("arm_result", "ci_high"),
        ("contrast", "ci_high"),
        ("contrast", "p_relation"),
    }
)
"""Fields that cannot be left out where what they go with was answered."""

ADDED_ON_THE_WAY = (
    "report",
    "derivation",
    "arm",
    "intervention",
    "country",
    "cancer",
    "profession",
)
"""Tables of which a record can be added when one is to be named; terms of the other vocabularies
are agreed on before they are used."""

CALLED: Mapping[str, str] = {
    "countries": "a country",
    "cancers": "a cancer",
    "interventions": "an intervention",
    "approaches": "an approach that it follows",
    "components": "an ingredient that it holds",
    "modes": "a means of delivery",
    "facilitators": "a profession that leads it",
    "arms": "an arm",
    "participants": "a number of participants",
    "characteristics": "another fact of the study, such as ages or blinding",
    "gaps": "a gap: what was looked for and not found",
    "contrasts": "a comparison between arms",
    "arm_results": "the result of one arm",
    "findings": "a direction of effect",
    "themes": "a theme",
    "factors": "a barrier or facilitator",
}
"""What one record of a list is called when it is offered."""

KEY_FROM: Mapping[str, tuple[str, ...]] = {
    "arm": ("role",),
    "participants": ("flow", "arm"),
    "characteristic": ("topic",),
    "gap": ("missing",),
    "measurement": ("outcome",),
    "contrast": ("statistic",),
    "arm_result": ("arm",),
    "finding": ("direction",),
    "theme_finding": ("theme",),
    "factor": ("construct", "valence"),
    "derivation": ("formula",),
}
"""The fields whose values make a key, where a name does not."""


@dataclass(frozen=True)
class Question:
    """One field that is asked: its name, what it means, and what may be answered.

    Attributes:
        default: what an empty answer means; nothing where it is None.
        taken: what may not be given again, in lower case: keys, and other values of one record.
        may_add: whether the record to be named may be a new one.
    """

    name: str
    words: str
    column: Column[Any]
    optional: bool = False
    choices: Choices | None = None
    default: str | None = None
    taken: Collection[str] = ()
    may_add: bool = False

    @property
    def is_truth(self) -> bool:
        """Whether the answer is yes or no."""
        return isinstance(self.column.type, Boolean)

    @property
    def is_code(self) -> bool:
        """Whether the answer is one of a closed set."""
        return isinstance(self.column.type, Enum)

    def read(self, answer: str) -> Value:
        """Return the value that an answer stands for. Raises `Unfit`."""
        try:
            refuse_control(answer, 1)
        except Unreadable as error:
            raise Unfit(error.message) from error
        if self.may_add and answer == NEW:
            return NEW
        if self.choices is not None:
            return self.choices.resolve(answer)
        if self.is_truth:
            if answer.lower() not in TRUTHS:
                raise Unfit(f"must be yes or no; found {shown(answer)}.")
            return TRUTHS[answer.lower()]
        value = self._cell(answer)
        if self.column.name == "key" and not re.fullmatch(SLUG.pattern, answer):
            raise Unfit(f"must be {SLUG.words}; found {shown(answer)}.")
        if answer.lower() in self.taken:
            what = self.column.table.name.replace("_", " ")
            raise Unfit(f"{shown(answer)} is another {what}'s already.")
        return value

    def _cell(self, answer: str) -> Value:
        number = isinstance(self.column.type, Integer | Float)
        cell = Located(constant(answer) if number else answer, 1, answer)
        value: Value = read_cell(self.column, cell)
        return cell.value if number else value


def question_of(shape: Shape, name: str, **more: Any) -> Question:
    """Return the question for a field of a record."""
    column = shape.columns[name]
    words = shape.model.model_fields[column.name].description or ""
    needed = name in shape.written.required or (shape.table.name, name) in NEEDED_ONCE_ASKED
    return _question(name, words, column, optional=not needed, **more)


def passage_question(name: str, **more: Any) -> Question:
    """Return the question for a field of a passage."""
    column = PASSAGE[name]
    words = t.Passage.model_fields[column.name].description or ""
    return _question(name, words, column, optional=False, **more)


def _question(name: str, words: str, column: Column[Any], **more: Any) -> Question:
    words = re.sub(r"\ba (?=[aeiou])", "an ", words)
    if isinstance(column.type, Enum) and "choices" not in more:
        more["choices"] = codes(dict.fromkeys(column.type.enums, ""))
    return Question(name, words, column, **more)


def required_first(shape: Shape) -> list[str]:
    """Return the fields that a record must have, but for its key, which is asked last."""
    return [name for name in shape.columns if name in shape.written.required and name != "key"]


def groups_of(shape: Shape) -> tuple[Group, ...]:
    """Return the groups of optional fields that are offered for a record."""
    return GROUPS.get(shape.table.name, ())


def is_worth_asking(table: str, name: str, given: Entry) -> bool:
    """Return whether a field makes sense beside what was answered."""
    if (table, name) not in ONLY_IF:
        return True
    other, answers = ONLY_IF[table, name]
    return other in given and (answers is None or given[other] in answers)


def names_a_record(shape: Shape, name: str) -> str:
    """Return the table that a field refers to, or an empty string."""
    return target(shape.columns[name])


def suggested_key(table: str, given: Entry, taken: Collection[str]) -> str | None:
    """Return a key that is free, made of what was answered."""
    if table == "study":
        words = str(given.get("label", "")).partition("(")[0]
    elif table == "report":
        words = citation({"authors": None, "year": None, "title": "", **given})
    elif table in KEY_FROM:
        words = " ".join(_last_part(given, name) for name in KEY_FROM[table] if name in given)
    else:
        words = str(given.get("name") or given.get("label") or given.get("title") or "")
    stem = slug(words)
    if not stem:
        return None
    number = 1
    while (key := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return key


def _last_part(given: Entry, name: str) -> str:
    """Return a value; of a construct, the code below its domain and what is above it."""
    value = str(given[name])
    return value.rpartition(".")[2] if name == "construct" else value


def words_left(quote: str) -> str:
    """Return how many words a quote has of those it may have."""
    return f"{len(quote.split())} of {QUOTE_WORDS} words"
