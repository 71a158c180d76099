"""The arms that a file tells of: those of a study that the store has, and new ones."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kb.curation.given import Given
from kb.exchange.drafts import ArmDraft, StudyDraft
from kb.exchange.naming import digest, slug
from kb.exchange.records import Composed, Passages, Record
from kb.exchange.standing import StandingArm, StandingStudy
from kb.exchange.words import IGNORE, NEW, Kind, State, Word, Words
from kb.vocabulary import plain
from kb_schema.codes import Delivery


@dataclass(frozen=True)
class ComposedArm:
    """An arm: its key within the study, and its records where it is a new one."""

    name: str
    key: str
    record: Given | None = None
    intervention: Given | None = None


class ArmRecords:
    """Composes the arms of one study; `stands` is the study where the store has it."""

    def __init__(
        self,
        draft: StudyDraft,
        composed: Composed,
        passages: Passages,
        words: Words,
        prefix: str,
        stands: StandingStudy | None,
    ) -> None:
        self._draft = draft
        self._composed = composed
        self._passages = passages
        self._words = words
        self._prefix = prefix
        self._stands = stands
        self._first = _first_in_comparisons(draft)
        self._alike = Counter(map(self._offered, draft.arms)) if stands else Counter()

    def compose(self) -> Iterator[ComposedArm]:
        """Yield the arms that are taken."""
        for draft in self._draft.arms:
            arm = self._arm(draft)
            if arm is not None:
                yield arm

    def _arm(self, draft: ArmDraft) -> ComposedArm | None:
        kind, text = self._offered(draft)
        word = self._words.term(kind, text, draft.row)
        stands = self._standing(draft, kind, word)
        if IGNORE in {stands, _choice(word)}:
            return None
        if stands:
            self._composed.naming("arm", f"{self._composed.key}/{stands}")
            return ComposedArm(draft.name, stands)
        key = self._own_key(draft)
        record: Record = {
            "key": key,
            "label": f"{draft.name}: {draft.detail}" if draft.detail else draft.name,
            "passage": self._passages.of(draft.row),
        }
        if kind is Kind.COMPARATOR:
            record |= {"role": "control", "comparator": word.key}
            return ComposedArm(draft.name, key, Given(record, draft.row))
        record |= {"role": "intervention", "intervention": key}
        arm = Given(record, draft.row)
        return ComposedArm(draft.name, key, arm, self._intervention(draft, key, word))

    def _own_key(self, draft: ArmDraft) -> str:
        """Return the key of an arm of this file, which no other arm of the study has."""
        own = slug(draft.name)
        alike = [arm for arm in self._draft.arms if slug(arm.name) == own]
        return f"{self._prefix}{own}{f'-{digest(draft.name)}' if len(alike) > 1 else ''}"

    def _intervention(self, draft: ArmDraft, key: str, word: Word) -> Given:
        passage = self._passages.of(draft.row)
        record: Record = {
            "key": key,
            "name": draft.name,
            "delivery": draft.delivery if draft.delivery in set(Delivery) else None,
            "sessions_low": draft.sessions or None,
            "sessions_high": draft.sessions or None,
            "weeks": draft.weeks or None,
            "passage": passage,
            "approaches": [{"approach": word.key, "passage": passage}],
        }
        return Given(record, draft.row)

    def _offered(self, draft: ArmDraft) -> tuple[Kind, str]:
        """Return the kind of an arm's word, and the word: without what is in brackets behind it.

        A word that names nothing gives way to one of the others that the file has for the arm.
        Where the file does not tell the role of an arm, its word may be of either kind; one that
        names nothing is asked for as a comparator where other arms are compared with it.
        """
        roles = {"intervention": [Kind.APPROACH], "control": [Kind.COMPARATOR]}
        kinds = roles.get(draft.role or "", [Kind.APPROACH, Kind.COMPARATOR])
        if draft.role is None and draft.name not in self._first:
            kinds.reverse()
        whole = draft.offered or draft.name
        base = _without_brackets(whole)
        for text in dict.fromkeys((whole, base, *draft.otherwise)):
            for kind in kinds:
                if self._words.is_understood(kind, text):
                    return kind, text
        return kinds[0], base

    def _standing(self, draft: ArmDraft, kind: Kind, word: Word) -> str:
        """Return which arm of a study of the store an arm is, or nothing where it is a new one."""
        if self._stands is None:
            return ""
        text = f"{self._composed.key}: {draft.name}"
        choice = self._words.decision(Kind.ARM, text)
        if choice is not None:
            self._words.settle(Kind.ARM, text, draft.row, choice)
            return "" if choice == NEW else choice
        own = self._own_key(draft)
        arms = self._stands.arms
        if not arms or any(arm.key == own for arm in arms):
            return ""
        like = [arm for arm in arms if _is_same(arm, draft, kind, word)]
        if len(like) == 1 and self._alike[self._offered(draft)] == 1:
            return like[0].key
        near = tuple(arm.key for arm in like or arms)
        self._words.ask(Kind.ARM, text, draft.row, near, "which arm of that study it is")
        return ""


def _without_brackets(name: str) -> str:
    """Return a name without what is in brackets at its end, where anything stands before them."""
    depth = 0
    for place in range(len(name) - 1, 0, -1):
        depth += (name[place] == ")") - (name[place] == "(")
        if depth <= 0:
            return name[:place].rstrip() if name[place] == "(" else name
    return name


def _choice(word: Word) -> str:
    return IGNORE if word.state is State.IGNORED else ""


def _first_in_comparisons(draft: StudyDraft) -> set[str]:
    """Return the arms that others are compared with, and not the other way round."""
    firsts = {m.arm_results[0].arm for m in draft.measurements if m.arm_results}
    return firsts | {c.arm for m in draft.measurements for c in m.contrasts if c.arm}


def _is_same(arm: StandingArm, draft: ArmDraft, kind: Kind, word: Word) -> bool:
    if plain(draft.name) in {plain(arm.label), plain(arm.key)}:
        return True
    if kind is Kind.COMPARATOR:
        return arm.role == "control" and arm.comparator == word.key
    return arm.role == "intervention" and word.key in arm.approaches
