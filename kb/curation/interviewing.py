"""The conversations in which a person adds a study, a result, a theme or a factor.

Who is asked, and how, is not known here: a conversation asks a `Person`, and keeps the additions to
a seed file that the answers amount to.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from kb.curation.checking import unique_columns
from kb.curation.choosing import Records
from kb.curation.prompting import (
    ADDED_ON_THE_WAY,
    CALLED,
    NEW,
    Question,
    Value,
    groups_of,
    is_worth_asking,
    passage_question,
    question_of,
    required_first,
    suggested_key,
)
from kb.curation.reading import Problem
from kb.curation.rows import Gathered, SeedRow
from kb.curation.rules import broken_rules
from kb.curation.shape import FILE, OWN_PASSAGE, TOP_LEVEL, Shape, target
from kb.curation.spelling import Entry
from kb.curation.writing import Addition

_STUDY = FILE["study"]
_PARTS = (
    "countries",
    "cancers",
    "interventions",
    "arms",
    "participants",
    "characteristics",
    "gaps",
)
"""The lists of a study that are offered when it is added."""

_NESTED: Mapping[str, tuple[str, ...]] = {
    "intervention": ("approaches", "components", "modes", "facilitators"),
    "measurement": ("contrasts", "arm_results", "findings"),
}
"""The lists within a record that are offered with it, by table."""

_WITHIN_THE_STUDY = {"arm": "arms", "intervention": "interventions"}
_REPORTED = frozenset({"measurement", "participants"})
"""Tables whose records name a report that must be one of the study's."""


class Person(Protocol):
    """Who is asked."""

    def ask(self, question: Question) -> Value | None:
        """Return the answer to a question, asked again until it fits; None where it is skipped."""

    def confirm(self, words: str, *, default: bool = False) -> bool:
        """Return whether the answer is yes."""

    def head(self, words: str) -> None:
        """Say what the next questions are about."""

    def say(self, words: str) -> None:
        """Say something of the answers that were given."""


@dataclass
class Interview:
    """Asks for records of one study or review: the record `root` of the section `kind`."""

    person: Person
    records: Records
    kind: str = "study"
    root: str = ""
    additions: list[Addition] = field(default_factory=list)
    _last: Entry = field(default_factory=dict)

    def study(self) -> None:
        """Ask for a study: its report, who took part in it, and what they received."""
        self.person.head("The report that names the study")
        asked = question_of(_STUDY.children["reports"], "report")
        report = self._named(replace(asked, words="The report that names the study."))
        self.records.study_reports.add(report)
        self.person.head("The study")
        entry = self._record(_STUDY, "")
        self.root = str(entry["key"])
        entry["reports"] = [{"report": report, "role": "primary"}]
        self.additions.append(Addition(("study",), entry))
        for name in _PARTS:
            self._add_to_list(("study", name), _STUDY.children[name], self.root)

    def result(self) -> None:
        """Ask for a measurement with its results, or for more results of one that is there."""
        shape = _STUDY.children["measurements"]
        known = self.records.choices("measurement", self.root)
        self.person.head("What was measured")
        key: Value | None = NEW
        if known.names:
            words = "Key of a measurement of this study that has more results, or new."
            question = Question(
                "measurement",
                words,
                shape.columns["key"],
                choices=known,
                default=NEW,
                may_add=True,
            )
            key = self.person.ask(question)
        if key == NEW:
            entry = self._record(shape, self.root)
            self.additions.append(Addition(("study", "measurements"), entry))
            return
        for name in _NESTED["measurement"]:
            place = ("study", "measurements", str(key), name)
            self._add_to_list(place, shape.children[name], f"{self.root}/{key}")

    def themes(self) -> None:
        """Ask for themes that the study or review reports."""
        self._add_to_list((self.kind, "themes"), self._shape("themes"), self.root, least=1)

    def factors(self) -> None:
        """Ask for what hinders or helps implementation, as the study or review reports it."""
        self._add_to_list((self.kind, "factors"), self._shape("factors"), self.root, least=1)

    def _shape(self, name: str) -> Shape:
        return FILE[self.kind].children[name]

    def _add_to_list(
        self, place: tuple[str, ...], shape: Shape, enclosing: str, least: int = 0
    ) -> None:
        """Ask for records until there are no more, each an addition."""
        beside: list[Entry] = []
        while len(beside) < least or self._one_more(place[-1], beside):
            self.person.head(_capital(CALLED[place[-1]]))
            beside.append(self._record(shape, enclosing, beside))
            self.additions.append(Addition(place, beside[-1]))

    def _nested_list(self, name: str, shape: Shape, enclosing: str) -> list[Entry]:
        """Ask for the records of a list within a record."""
        found: list[Entry] = []
        while self._one_more(name, found):
            found.append(self._record(shape, enclosing, found))
        return found

    def _one_more(self, name: str, beside: list[Entry]) -> bool:
        return self.person.confirm("One more?" if beside else f"Add {CALLED[name]}?")

    def _record(self, shape: Shape, enclosing: str, beside: list[Entry] | None = None) -> Entry:
        """Ask for one record: its required fields, the optional ones in groups, key and passage."""
        table = shape.table.name
        given: Entry = {}
        self._ask(shape, required_first(shape), given, beside)
        for group in groups_of(shape):
            if group.asked or self.person.confirm(f"{group}?"):
                self._ask(shape, group.names, given, beside)
        self._mend(shape, given)
        if table in _REPORTED and self.kind == "study":
            self._report_of_study(given)
        if "key" in shape.columns:
            given["key"] = self._key(shape, given, enclosing)
            self.records.put(table, _within(enclosing, given["key"]), given)
        if shape.passage_required or (shape.sourced and self.person.confirm("Give a passage?")):
            given[OWN_PASSAGE] = self._passage(given)
        for name in _NESTED.get(table, ()):
            inner = _within(enclosing, given["key"])
            if found := self._nested_list(name, shape.children[name], inner):
                given[name] = found
        order = [*shape.columns, OWN_PASSAGE, *shape.children]
        return {name: given[name] for name in order if name in given}

    def _ask(
        self,
        shape: Shape,
        names: tuple[str, ...] | list[str],
        given: Entry,
        beside: list[Entry] | None = None,
    ) -> None:
        """Ask for some fields of a record and put the answers beside those given."""
        for name in names:
            if not is_worth_asking(shape.table.name, name, given):
                continue
            answer = self._answer(self._question(shape, name, given, beside or []))
            if answer is not None:
                given[name] = answer

    def _question(self, shape: Shape, name: str, given: Entry, beside: list[Entry]) -> Question:
        question = question_of(shape, name)
        table = target(question.column)
        if not table:
            return replace(question, taken=self._taken(shape, name))
        question = self._naming(question, table)
        choices = question.choices
        assert choices is not None
        for other in given:  # what is compared must be two
            if other in shape.columns and target(shape.columns[other]) == table:
                choices = choices.without(str(given[other]))
        if question.column.primary_key:  # what a list holds once
            for entry in beside:
                choices = choices.without(str(entry[name]))
        default = self._likely_report() if name == "report" and not question.optional else None
        return replace(question, choices=choices, default=default)

    def _naming(self, question: Question, table: str) -> Question:
        choices = self.records.choices(table, self.root)
        words = question.words
        if table == "report":
            words = f"{words.removesuffix('.')}: key, DOI or PMID"
        return replace(question, words=words, choices=choices, may_add=table in ADDED_ON_THE_WAY)

    def _taken(self, shape: Shape, name: str) -> set[str]:
        """Return the values that no other record of the table may have, such as DOIs."""
        column = shape.columns[name].name
        if column not in unique_columns(shape.table):
            return set()
        every = self.records.by_table.get(shape.table.name, {}).values()
        return {str(values[column]).lower() for values in every if values.get(column)}

    def _likely_report(self) -> str | None:
        if self._last:
            return str(self._last["report"])
        reports = list(self.records.study_reports)
        return reports[0] if len(reports) == 1 else None

    def _named(self, question: Question) -> str:
        """Return the key of the record that a person names, or adds."""
        return str(self._answer(self._naming(question, target(question.column))))

    def _answer(self, question: Question) -> Value | None:
        answer = self.person.ask(question)
        if answer != NEW or not question.may_add:
            return answer
        table = target(question.column)
        if nested := _WITHIN_THE_STUDY.get(table):
            place: tuple[str, ...] = ("study", nested)
            shape, enclosing = _STUDY.children[nested], self.root
        else:
            place = (TOP_LEVEL[table],)
            shape, enclosing = FILE[place[0]], ""
        self.person.head(f"A new {table}")
        entry = self._record(shape, enclosing)
        self.additions.append(Addition(place, entry))
        self.person.head(f"Back to {question.name}: {entry['key']}")
        return str(entry["key"])

    def _key(self, shape: Shape, given: Entry, enclosing: str) -> str:
        every = self.records.keys(shape.table.name)
        scope = f"{enclosing}/" if enclosing else ""
        taken = {key.removeprefix(scope) for key in every if key.startswith(scope)}
        suggestion = suggested_key(shape.table.name, given, taken)
        question = replace(question_of(shape, "key"), taken=taken, default=suggestion)
        return str(self.person.ask(question))

    def _mend(self, shape: Shape, given: Entry) -> None:
        """Ask anew for what breaks a rule of the table, until nothing does."""
        while problem := next(self._broken(shape, given), None):
            name = problem.field.removeprefix(".")
            self.person.say(f"{name} {problem.message}")
            about = [
                other
                for other in shape.columns
                if other == name or re.search(rf"\b{other}\b", problem.message)
            ]
            for other in about:
                given.pop(other, None)
            self._ask(shape, about, given)

    def _broken(self, shape: Shape, given: Entry) -> Iterator[Problem]:
        columns = {shape.columns[name].name: value for name, value in given.items()}
        values = {
            **dict.fromkeys(column.name for column in shape.table.columns),
            **shape.written.blank,
            **columns,
        }
        if shape.parent:
            values[shape.parent] = self.root
        row = SeedRow(shape.table.name, values, "", 0, lines=dict.fromkeys(columns, 0))
        return broken_rules(Gathered({row.table: {("",): row}}))

    def _report_of_study(self, given: Entry) -> None:
        """Ask what a report is to the study where it is not yet one of its reports."""
        report = given.get("report")
        if report is None or report in self.records.study_reports:
            return
        self.person.say(f"{report} is not among the reports of this study yet.")
        shape = _STUDY.children["reports"]
        role = self.person.ask(question_of(shape, "role"))
        self.records.study_reports.add(str(report))
        self.additions.append(Addition(("study", "reports"), {"report": report, "role": role}))

    def _passage(self, given: Entry) -> Entry:
        """Ask for the passage that carries a fact, offering the one used last."""
        if self._last:
            report, locator, quote = (self._last[name] for name in ("report", "locator", "quote"))
            same = f"Same passage ({report}, {locator}: “{quote}”)?"
            if self.person.confirm(same, default=given.get("report", report) == report):
                return self._last
        self.person.head("Its passage")
        report = self._naming(passage_question("report"), "report")
        default = str(given["report"]) if "report" in given else self._likely_report()
        passage: Entry = {"report": self._answer(replace(report, default=default))}
        for name in ("locator", "quote", "seen"):
            passage[name] = self.person.ask(passage_question(name))
        self._last = {name: passage[name] for name in ("report", "locator", "seen", "quote")}
        return self._last


def _within(enclosing: str, key: object) -> str:
    return f"{enclosing}/{key}" if enclosing else str(key)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
