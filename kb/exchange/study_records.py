"""A study that a file tells of, as a record of a seed file with all that is nested in it.

What is nested has a key that begins with the name of its source, so that it is never taken for what
another source says. Keys follow from what a record says.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kb.curation.given import Given
from kb.exchange.arm_records import ArmRecords, ComposedArm
from kb.exchange.drafts import Fate, MeasurementDraft, Note, StudyDraft
from kb.exchange.matching import label
from kb.exchange.measurement_records import MeasurementRecords
from kb.exchange.naming import digest, slug
from kb.exchange.publications import Taken
from kb.exchange.records import Composed, Merged, Passages, Record, Source
from kb.exchange.standing import StandingStudy
from kb.exchange.words import Kind, Words

NOT_STATED = "not-stated"
"""The design of a study of which the file tells none."""

_YEARS = range(1900, 2101)


class StudyRecords:
    """Composes one study into `composed`.

    `stands` is the study where the store has it from another source: it then stays as it is, and
    what the file says is put beside it. `again` says that another study of the file is the same
    one. Rows that are `dropped` are not taken.
    """

    def __init__(
        self,
        draft: StudyDraft,
        composed: Composed,
        source: Source,
        words: Words,
        ends: Mapping[tuple[Kind, str], str],
        *,
        stands: StandingStudy | None,
        dropped: Iterable[int],
        again: bool,
    ) -> None:
        self._draft = draft
        self._composed = composed
        self._source = source
        self._words = words
        self._ends = ends
        self._stands = stands
        self._dropped = set(dropped)
        self._prefix = f"{source.slug}." + (f"{digest(draft.name)}." if again else "")
        self._passages = Passages(source, draft.words, draft.name)

    def compose(self, publications: Sequence[Taken], review: str) -> None:
        """Fill in what was composed. `review` is the review that the file says includes it."""
        draft, composed = self._draft, self._composed
        self._tell_passages(publications)
        arms = self._arms()
        measured = list(self._measured())
        if draft.measurements and not measured:
            composed.left_out["study"] += 1
        else:
            composed.rows |= {draft.row, *(arm.row for arm in draft.arms)} - self._dropped
            composed.rows |= {report.row for report in draft.reports} - self._dropped
            self._document(arms, measured, publications, review)
        self._account()

    def _document(
        self,
        arms: Sequence[ComposedArm],
        measured: Iterable[tuple[MeasurementDraft, str]],
        publications: Sequence[Taken],
        review: str,
    ) -> None:
        draft, composed = self._draft, self._composed
        reports = [taken for taken in publications if taken.key]
        keys = {arm.name: arm.key for arm in arms}
        measurements = MeasurementRecords(
            self._source,
            composed,
            self._passages,
            self._words,
            self._prefix,
            keys,
            self._dropped,
            self._ends,
        )
        own = self._new(reports, keys) if self._stands is None else self._standing(reports)
        record = own | {
            "interventions": [arm.intervention for arm in arms if arm.intervention],
            "arms": [arm.record for arm in arms if arm.record],
            "measurements": list(measurements.compose(measured)),
            "risk_of_bias": self._risk_of_bias(review),
            "inclusions": [self._inclusion(review)] if review else [],
        }
        composed.naming("report", self._source.report, *(taken.key for taken in reports))
        composed.notes += [note for taken in publications for note in taken.notes]
        sections = {
            "reports": [Given(taken.record, taken.row) for taken in reports if taken.record],
            "derivations": list(measurements.derivations.values()),
            "study": record,
        }
        composed.document = Given(sections, draft.row)

    def _tell_passages(self, publications: Sequence[Taken]) -> None:
        """Take the passages that rows name; leave out rows whose report is not taken."""
        names = [report.name for report in self._draft.reports]
        keys = {name: taken.key for name, taken in zip(names, publications, strict=True)}
        for row, told in self._draft.passages.items():
            if key := keys.get(told.report):
                self._passages.tell(row, key, told)
            elif row not in self._dropped:
                message = f"its report '{told.report}' is not taken, so it has no passage"
                self._composed.notes.append(
                    Note(row, "report", Fate.REFUSED, "no passage", message)
                )
                self._dropped.add(row)

    def _account(self) -> None:
        """Say of every row that is not in why it is not."""
        composed = self._composed
        said = {note.row for note in composed.notes if note.fate is Fate.REFUSED}
        for row in sorted(rows_of(self._draft) - composed.rows - said - self._dropped):
            composed.refuse(row, "row", "nothing is left of it without what was left out")

    # what is not taken

    def _arms(self) -> list[ComposedArm]:
        """Return the arms that are taken; leave out the rows that need another."""
        records = ArmRecords(
            self._draft, self._composed, self._passages, self._words, self._prefix, self._stands
        )
        arms = list(records.compose())
        taken = {arm.name for arm in arms}
        for arm in self._draft.arms:
            if arm.name not in taken:
                self._composed.left_out["arm"] += 1
                self._drop(_rows_with(self._draft, arm.name), "arm", f"the arm '{arm.name}'")
        return arms

    def _measured(self) -> Iterator[tuple[MeasurementDraft, str]]:
        """Yield the measurements that are taken with their outcomes; leave out other rows."""
        for draft in self._draft.measurements:
            word = self._words.term(Kind.OUTCOME, draft.outcome, draft.row)
            rows = {result.row for result in draft.arm_results}
            rows |= {contrast.row for contrast in draft.contrasts}
            rows = rows or {draft.row}
            if word.key is None:
                self._drop(rows | {draft.row}, "outcome", f"the {word.kind} '{word.text}'")
            if word.key is not None and rows - self._dropped:
                yield draft, word.key
            else:
                self._composed.left_out["measurement"] += 1

    def _drop(self, rows: set[int], field: str, what: str) -> None:
        for row in sorted(rows - self._dropped):
            self._composed.refuse(row, field, f"{what} is to be ignored")
        self._dropped |= rows

    # the study itself

    def _new(self, reports: Sequence[Taken], arms: Mapping[str, str]) -> Record:
        draft, passage = self._draft, self._passages.in_file(self._draft.row)
        roles = {self._source.report: "companion" if reports else "primary"}
        for taken in reports:
            roles.setdefault(taken.key, "companion" if len(roles) > 1 else "primary")
        return {
            "key": self._composed.key,
            "label": label(draft),
            "title": draft.title,
            "year": self._year(),
            "design": self._tag(Kind.DESIGN, draft.design) or NOT_STATED,
            "design_detail": draft.design_detail,
            "registration": draft.registration,
            "passage": passage,
            "reports": [{"report": key, "role": role} for key, role in roles.items()],
            "countries": self._tags(Kind.COUNTRY, draft.countries),
            "cancers": self._tags(Kind.CANCER, draft.cancers),
            "participants": list(self._participants(arms)),
            "characteristics": [
                {
                    "key": f"{self._prefix}{slug(topic)}",
                    "topic": topic,
                    "statement": statement,
                    "passage": passage,
                }
                for topic, statement in draft.characteristics.items()
            ],
        }

    def _year(self) -> int | None:
        year = self._draft.year
        if year is None or year in _YEARS:
            return year
        message = f"{self._draft.name}: {year} is no year of a study"
        self._composed.warn(self._draft.row, "year", "year left out", message)
        return None

    def _standing(self, reports: Iterable[Taken]) -> Record:
        """Return a study of another source as it stands, and say what the file tells otherwise."""
        assert self._stands is not None
        roles = {taken.key: "companion" for taken in reports}
        roles |= {self._source.report: "companion"} | self._stands.reports
        self._composed.naming("report", *self._stands.named)
        self._tell_otherwise(self._stands)
        listed = [{"report": key, "role": role} for key, role in roles.items()]
        return self._stands.record | {"reports": listed}

    def _tell_otherwise(self, stands: StandingStudy) -> None:
        draft = self._draft
        countries = {self._tag(Kind.COUNTRY, country) for country in draft.countries} - {None}
        told = (
            ("year", draft.year, stands.record.get("year")),
            ("design", self._tag(Kind.DESIGN, draft.design), stands.record.get("design")),
            ("countries", _listed(countries), _listed(stands.countries)),
            ("randomised", _listed({draft.randomised} - {None}), _listed(stands.randomised)),
        )
        for what, said, here in told:
            if said and here and said != here:
                message = f"{draft.name}: the file says {said}, this base {here}, which stays"
                self._composed.warn(draft.row, what, "told otherwise", message)

    def _tag(self, kind: Kind, text: str | None) -> str | None:
        return self._words.term(kind, text, self._draft.row).key if text else None

    def _tags(self, kind: Kind, texts: Iterable[str]) -> list[Record]:
        keys = dict.fromkeys(self._tag(kind, text) for text in texts)
        passage = self._passages.in_file(self._draft.row)
        return [{kind.value: key, "passage": passage} for key in keys if key]

    def _participants(self, arms: Mapping[str, str]) -> Iterator[Record]:
        draft = self._draft
        counts: list[tuple[str, str | None, int | None, int]] = [
            ("enrolled", None, draft.enrolled, draft.row),
            ("randomised", None, draft.randomised, draft.row),
            *(
                ("randomised", arm.name, arm.randomised, arm.row)
                for arm in draft.arms
                if arm.name in arms
            ),
        ]
        alike = Counter(slug(arm.name) for arm in draft.arms)
        for flow, arm, number, row in counts:
            if number is not None:
                own = slug(" ".join((flow, arm or "")))
                apart = f"-{digest(arm)}" if arm and alike[slug(arm)] > 1 else ""
                yield {
                    "key": f"{self._prefix}{own}{apart}",
                    "kind": "patients",
                    "flow": flow,
                    "arm": None if arm is None else arms[arm],
                    "number": number,
                    "passage": self._passages.of(row),
                }

    # what reviewers say

    def _risk_of_bias(self, review: str) -> list[Given]:
        merged = Merged(self._passages, self._composed.rows)
        for draft in self._draft.risk_of_bias:
            if draft.row not in self._dropped:
                record = {
                    "tool": draft.tool,
                    "domain": draft.domain,
                    "judgement": draft.judgement,
                    "assessor": review or self._source.file,
                    "support": draft.support,
                }
                own = slug(f"{draft.tool} {draft.domain}")
                merged.add(f"{self._prefix}{own}", record, draft.row)
        return list(merged.records())

    def _inclusion(self, review: str) -> Record:
        self._composed.naming("review", review)
        return {
            "key": f"{self._prefix}{review}",
            "review": review,
            "status": "confirmed",
            "basis": f"The file {self._source.file} holds it among the studies of the review.",
            "passage": self._passages.of(self._draft.row),
        }


def rows_of(draft: StudyDraft) -> set[int]:
    """Return the rows that a draft stands in."""
    parts: list[Any] = [draft, *draft.reports, *draft.arms, *draft.risk_of_bias]
    for measurement in draft.measurements:
        parts += [measurement, *measurement.arm_results, *measurement.contrasts]
    return {part.row for part in parts}


def _rows_with(draft: StudyDraft, arm: str) -> set[int]:
    """Return the rows of results that need an arm."""
    rows = {r.row for m in draft.measurements for r in m.arm_results if r.arm == arm}
    contrasts = (c for m in draft.measurements for c in m.contrasts)
    return rows | {c.row for c in contrasts if arm in {c.arm, c.comparator}}


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, values)))
