"""A study that a file tells of, as a record of a seed file with all that is nested in it.

What is nested has a key that begins with the name of its source, so that it is never taken for what
another source says. Keys follow from what a record says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kb.curation.given import Given
from kb.curation.shape import FURTHER
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


class _Count(NamedTuple):
    """How many a file says were counted at a point of the flow: in all, or in an arm.

    `arm` is what the file calls the arm, `in_arm` its key within the study.
    """

    flow: str
    number: int | None
    row: int
    arm: str | None = None
    in_arm: str | None = None


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
        own = self._new(reports, keys) if self._stands is None else self._standing(reports, keys)
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
            "participants": [self._counted(each) for each in self._counts(arms)],
            "characteristics": self._characteristics(),
        }

    def _characteristics(self) -> list[Record]:
        passage = self._passages.in_file(self._draft.row)
        return [
            {
                "key": f"{self._prefix}{slug(topic)}",
                "topic": topic,
                "statement": statement,
                "passage": passage,
            }
            for topic, statement in self._draft.characteristics.items()
        ]

    def _year(self) -> int | None:
        year = self._draft.year
        if year is None or year in _YEARS:
            return year
        message = f"{self._draft.name}: {year} is no year of a study"
        self._composed.warn(self._draft.row, "year", "year left out", message)
        return None

    def _standing(self, reports: Iterable[Taken], arms: Mapping[str, str]) -> Record:
        """Return a study of another source as it stands, with what it lacks and the file tells.

        Say what the file tells otherwise.
        """
        assert self._stands is not None
        stands, draft = self._stands, self._draft
        roles = {taken.key: "companion" for taken in reports}
        roles |= {self._source.report: "companion"} | stands.reports
        self._composed.naming("report", *stands.named)
        self._tell_otherwise(stands)
        return {
            **stands.record,
            **self._lacking_registration(stands),
            "reports": [{"report": key, "role": role} for key, role in roles.items()],
            "countries": self._tags(Kind.COUNTRY, [] if stands.countries else draft.countries),
            "cancers": self._tags(Kind.CANCER, [] if stands.has_cancers else draft.cancers),
            "participants": list(self._lacking_counts(stands, arms)),
            "characteristics": self._characteristics(),
        }

    def _lacking_registration(self, stands: StandingStudy) -> Record:
        draft = self._draft
        if draft.registration is None or stands.record.get("registration"):
            return {}
        passage = self._passages.in_file(draft.row)
        further = Given({**passage.fields, "field": "registration"}, draft.row)
        return {"registration": draft.registration, FURTHER: [further]}

    def _lacking_counts(self, stands: StandingStudy, arms: Mapping[str, str]) -> Iterator[Record]:
        """Yield the counts that a study has none of; tell those that differ."""
        for count in self._counts(arms):
            of_all = stands.counts.get(("randomised", None), frozenset())
            known = stands.counts.get((count.flow, count.in_arm), frozenset())
            if known and count.number not in known:
                what = f"{count.flow}{f' in {count.arm}' if count.arm else ''}"
                self._tell(what, count.number, _listed(known), count.row)
            if count.flow == "enrolled" and not known and of_all - {count.number}:
                message = (
                    f"{self._draft.name}: the file says {count.number} were enrolled, this base "
                    f"{_listed(of_all)} randomised; both stand"
                )
                self._composed.warn(count.row, count.flow, "told otherwise", message)
            if not known:
                yield self._counted(count)

    def _tell_otherwise(self, stands: StandingStudy) -> None:
        draft, record = self._draft, stands.record
        told = (
            ("year", draft.year, record.get("year")),
            ("design", self._tag(Kind.DESIGN, draft.design), record.get("design")),
            ("registration", draft.registration, record.get("registration")),
            ("start", draft.started, record.get("recruitment_start")),
            ("countries", _listed(self._countries(stands)), _listed(stands.countries)),
        )
        for what, said, here in told:
            if said and here and said != here:
                self._tell(what, said, here, draft.row)

    def _countries(self, stands: StandingStudy) -> set[str]:
        """Return the countries to hold against those of a study; no word is asked for this."""
        told = self._draft.countries if stands.countries else []
        known = {text for text in told if self._words.is_understood(Kind.COUNTRY, text)}
        keys = {self._tag(Kind.COUNTRY, text) for text in known}
        return {key for key in keys if key} | (set(told) - known)

    def _tell(self, what: str, said: Any, here: Any, row: int) -> None:
        message = f"{self._draft.name}: the file says {said}, this base {here}, which stays"
        self._composed.warn(row, what, "told otherwise", message)

    def _tag(self, kind: Kind, text: str | None) -> str | None:
        return self._words.term(kind, text, self._draft.row).key if text else None

    def _tags(self, kind: Kind, texts: Iterable[str]) -> list[Record]:
        keys = dict.fromkeys(self._tag(kind, text) for text in texts)
        passage = self._passages.in_file(self._draft.row)
        return [{kind.value: key, "passage": passage} for key in keys if key]

    def _counts(self, arms: Mapping[str, str]) -> list[_Count]:
        """Return how many the file says took part, in the arms that are taken too."""
        draft = self._draft
        counts = [
            _Count("enrolled", draft.enrolled, draft.row),
            _Count("randomised", draft.randomised, draft.row),
            *(
                _Count("randomised", arm.randomised, arm.row, arm.name, arms[arm.name])
                for arm in draft.arms
                if arm.name in arms
            ),
        ]
        return [count for count in counts if count.number is not None]

    def _counted(self, count: _Count) -> Record:
        alike = [arm for arm in self._draft.arms if slug(arm.name) == slug(count.arm or "")]
        own = slug(" ".join((count.flow, count.arm or "")))
        apart = f"-{digest(count.arm)}" if count.arm and len(alike) > 1 else ""
        return {
            "key": f"{self._prefix}{own}{apart}",
            "kind": "patients",
            "flow": count.flow,
            "arm": count.in_arm,
            "number": count.number,
            "passage": self._passages.of(count.row),
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
