"""Drafts of a foreign file as records of seed files, for which every check of those holds."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from kb.curation.given import Given
from kb.exchange.asking import Ask
from kb.exchange.drafts import ReportDraft, ReviewDraft, StudyDraft, StudyName
from kb.exchange.matching import Present, StudyMatch, label, study_slug
from kb.exchange.naming import digest
from kb.exchange.publications import Publications
from kb.exchange.records import Composed, Source
from kb.exchange.review_records import ReviewRecords
from kb.exchange.standing import StandingStudy, standing_study
from kb.exchange.study_records import StudyRecords, rows_of
from kb.exchange.words import IGNORE, NEW, Kind, Words, new_term
from kb.store.relations import instrument, outcome


class Composer:
    """Composes what one file says, study by study."""

    def __init__(self, ask: Ask, source: Source, words: Words, present: Present) -> None:
        self._ask = ask
        self._source = source
        self._words = words
        self._present = present
        self._publications = Publications(ask, source.slug, present)
        self._ends = ask(_ends)
        self._taken: dict[str, str] = {}
        self._bearers: dict[str, str] = {}

    def expect(self, studies: Iterable[StudyName | StudyDraft]) -> None:
        """Take in all studies first: which of several has a key must not hang on their order.

        The one has it that has it in the store, or else the first in the order of their names.
        """
        named: dict[str, set[tuple[str, str]]] = {}
        for study in studies:
            named.setdefault(self._free_key(study), set()).add((label(study), study.name))
        for key, names in named.items():
            here = self._present.studies.get(key)
            stands = [each for each in names if here is not None and each[0] == here.label]
            self._bearers[key] = min(stands or names)[1]

    def file(self) -> Given:
        """Return the file itself as a report."""
        return Given({"reports": [self._source.record]}, 1)

    def terms(self) -> Given | None:
        """Return the new terms that were met since this was last asked."""
        sections: dict[str, list[Given]] = {}
        for word in self._words.take_new():
            section, record = new_term(word, self._source.file)
            sections.setdefault(section, []).append(Given(record, word.row))
        return Given(sections, 1) if sections else None

    def reports(self, drafts: Iterable[ReportDraft]) -> Composed:
        """Return reports that the file tells of without a study."""
        composed = Composed()
        records = []
        for draft in drafts:
            taken = self._publications.take(draft)
            composed.notes += taken.notes
            if taken.key:
                composed.rows.add(draft.row)
            if taken.by:
                composed.known.append((draft.name, taken.key, taken.by))
                composed.as_they_are += taken.record is None
            if taken.record:
                records.append(Given(taken.record, draft.row))
        composed.document = Given({"reports": records}, 1) if records else None
        return composed

    def review(self, draft: ReviewDraft) -> Composed:
        """Return the review that the file is of."""
        records = ReviewRecords(self._ask, self._source, self._words, self._publications)
        return records.compose(draft)

    def study(self, draft: StudyDraft, refused: set[int], review: str = "") -> Composed:
        """Return a study with all that the file says of it, but for the `refused` rows.

        `review` is the key of the review that the file says includes it.
        """
        composed = Composed()
        choice = self._words.decision(Kind.STUDY, draft.name)
        if choice is not None:
            self._words.settle(Kind.STUDY, draft.name, draft.row, choice)
        if choice == IGNORE:
            composed.left_out["study"] += 1
            for row in sorted(rows_of(draft) - refused):
                composed.refuse(row, "study", f"the study '{draft.name}' is to be ignored")
            return composed
        publications = [self._publications.take(report) for report in draft.reports]
        match = self._match(draft, choice, [taken.key for taken in publications])
        composed.key, composed.by = match.key, match.by
        if (other := self._bearer(draft)) != draft.name and not match.by:
            message = f"{draft.name}: taken for another study than {other}, almost the same name"
            composed.warn(draft.row, "study", "names almost the same", message)
        records = StudyRecords(
            draft,
            composed,
            self._source,
            self._words,
            self._ends,
            stands=self._standing(match) if match.by else None,
            dropped=refused,
            again=self._taken.setdefault(match.key, draft.name) != draft.name,
        )
        records.compose(publications, review)
        if composed.document is None:
            for report, taken in zip(draft.reports, publications, strict=True):
                if taken.record:
                    self._publications.give_back(report, taken)
        return composed

    def _standing(self, match: StudyMatch) -> StandingStudy:
        return self._ask(standing_study, match.key, f"{self._source.slug}.")

    def _match(self, draft: StudyDraft, choice: str | None, reports: Iterable[str]) -> StudyMatch:
        """Return which study of the store a draft is, or a new one under a key of its own."""
        if choice is not None and choice != NEW:
            return StudyMatch(choice, by="" if self._is_own(choice) else "the file of words")
        own = self._own_key(draft)
        if choice == NEW or self._is_own(own):
            return StudyMatch(own)
        match = self._present.study(draft, reports)
        if match.key:
            return match
        if match.candidates:
            self._words.ask(Kind.STUDY, draft.name, draft.row, match.candidates, match.why)
        return StudyMatch(own)

    def _own_key(self, draft: StudyDraft) -> str:
        """Return the key of a study as one of this file: no other study's, here or there."""
        key = self._free_key(draft)
        return key if self._bearer(draft) == draft.name else f"{key}-{digest(draft.name)}"

    def _free_key(self, study: StudyName | StudyDraft) -> str:
        """Return the key of a study by its name, that no other source has."""
        key = study_slug(study)
        taken = key in self._present.studies and not self._is_own(key)
        return f"{key}.{self._source.slug}" if taken else key

    def _bearer(self, draft: StudyDraft) -> str:
        """Return the name of the study of this file that has the key of a draft to itself."""
        return self._bearers.get(self._free_key(draft), draft.name)

    def _is_own(self, key: str) -> bool:
        here = self._present.studies.get(key)
        return here is not None and here.source == self._source.report


def _ends(connection: Connection) -> dict[tuple[Kind, str], str]:
    """Return which end is better, by key, for the outcomes and instruments that say."""
    ends: dict[tuple[Kind, str], str] = {}
    for kind, table in ((Kind.OUTCOME, outcome), (Kind.INSTRUMENT, instrument)):
        query = select(table.key, table.better).where(table.better.is_not(None))
        ends |= {(kind, key): better for key, better in connection.execute(query)}
    return ends
