"""What the words of a foreign file mean: terms that are known, and those that a person decides on.

A word that means nothing here, or several things, is never settled in silence. A person says in a
file of words what each means: a key, `new` for a term of its own, or `ignore`; and under `better`
which end of an outcome is better, where nothing tells.
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kb.curation.parsing import Located
from kb.curation.reading import Problem, read_file
from kb.curation.shape import TOP_LEVEL
from kb.curation.wording import counted, listed, nearest, shown
from kb.errors import KbError
from kb.exchange.asking import Terms
from kb.exchange.naming import digest, slug
from kb.vocabulary import plain

NEW, IGNORE = "new", "ignore"
BETTER = "better"
"""The section of a file of words that says which end of an outcome is better."""

_ENDS = ("higher", "lower")
_LONGEST = 200
_SHORT, _ALIKE, _SHORT_ALIKE = 6, 0.6, 0.75
"""How alike words must be to be offered; short ones are abbreviations and alike by chance."""
_WHAT = {
    NEW: "a term of its own, marked as not verified; for a study or an arm, one of its own",
    IGNORE: "for an outcome, approach, comparator, arm or study its rows are left out, "
    "else only the word",
}


class Kind(StrEnum):
    """What a word may name. All but a study and an arm are vocabularies."""

    STUDY = "study"
    ARM = "arm"
    DESIGN = "design"
    APPROACH = "approach"
    COMPARATOR = "comparator"
    OUTCOME = "outcome"
    INSTRUMENT = "instrument"
    COUNTRY = "country"
    CANCER = "cancer"
    PROFESSION = "profession"


_CODE = re.compile(r"[A-Z]{3}")
_BY_CODE = "of three letters (ISO 3166), such as DEU"


class State(StrEnum):
    """How it came to be known what a word means, or that it is not."""

    KNOWN = "known"
    DECIDED = "decided"
    NEW = "new"
    IGNORED = "ignored"
    UNDECIDED = "undecided"


@dataclass
class Word:
    """A word of the file: what it is taken for, how often it stands there and where first.

    An undecided word that may become a new term has that term's key for the time being.
    `nearest` holds the keys of what it may mean, `code` the ISO code of a country that is new.
    """

    kind: Kind
    text: str
    state: State
    key: str | None
    row: int
    uses: int = 0
    nearest: tuple[str, ...] = ()
    why: str = ""
    code: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether the word gets a term of its own, for now or for good."""
        named = self.kind not in {Kind.STUDY, Kind.ARM}
        return named and self.state in {State.NEW, State.UNDECIDED} and self.key is not None

    def as_dict(self) -> dict[str, object]:
        """Return the word as plain data."""
        return {
            "kind": self.kind.value,
            "word": self.text,
            "state": self.state.value,
            "key": None if self.state is State.UNDECIDED else self.key,
            "uses": self.uses,
            "first_row": self.row,
            "nearest": list(self.nearest),
            "why": self.why or None,
        }


@dataclass(frozen=True)
class Decisions:
    """What a person decided, by kind and plain word: a key, `new` or `ignore`.

    Under `BETTER` it is which end of an outcome is better: `higher` or `lower`.
    """

    choices: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, section: str, word: str) -> str | None:
        """Return the decision on a word."""
        return self.choices.get((section, plain(word)))


class WordProblems(KbError):
    """A file of words that cannot be used; carries everything that is wrong with it."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(f"{name} has {counted(len(problems), 'problem')}.", "Nothing was read.")


def read_decisions(path: Path, terms: Terms) -> Decisions:
    """Return the decisions in a file of words. Raises `WordProblems`."""
    problems: list[Problem] = []
    if not path.exists():
        raise KbError(f"There is no file {path}.", "--write-words FILE makes one.")
    document = read_file(path, path.name, problems)
    choices = _choices(document, path.name, terms, problems) if document else {}
    if problems:
        raise WordProblems(path.name, sorted(problems))
    return Decisions(choices)


def _choices(
    document: Located, name: str, terms: Terms, problems: list[Problem]
) -> dict[tuple[str, str], str]:
    choices: dict[tuple[str, str], str] = {}
    for section, word, cell in _cells(document, name, problems):
        if cell.value is None:
            continue
        place = f"{section}.{shown(word)}"
        message, near = _no_end(cell) if section == BETTER else _unfit(Kind(section), cell, terms)
        if message:
            problems.append(Problem(name, cell.line, place, message, ", ".join(near)))
        elif choices.setdefault((section, plain(word)), cell.text) != cell.text:
            first = choices[section, plain(word)]
            message = f"is decided twice, as {shown(first)} and {shown(cell.text)}; keep one."
            problems.append(Problem(name, cell.line, place, message))
    return choices


def _cells(
    document: Located, name: str, problems: list[Problem]
) -> Iterator[tuple[str, str, Located]]:
    kinds = [*(kind.value for kind in Kind), BETTER]
    if not isinstance(document.value, dict):
        message = f"must hold kinds of words such as 'outcome:'; found {shown(document.value)}."
        problems.append(Problem(name, document.line, "file", message))
        return
    for kind, words in document.value.items():
        if kind not in kinds:
            message = f"is not a kind of word; use {listed(kinds)}."
            problems.append(Problem(name, words.line, kind, message, "".join(nearest(kind, kinds))))
        elif isinstance(words.value, dict):
            yield from ((kind, word, cell) for word, cell in words.value.items())
        elif words.value is not None:
            message = f"must hold words with a decision each; found {shown(words.value)}."
            problems.append(Problem(name, words.line, kind, message))


def _no_end(cell: Located) -> tuple[str, tuple[str, ...]]:
    """Return why a decision names no end of an outcome, and what is nearest."""
    if cell.value in _ENDS:
        return "", ()
    return f"must be {' or '.join(_ENDS)}; found {shown(cell.value)}.", nearest(cell.text, _ENDS)


def _unfit(kind: Kind, cell: Located, known: Terms) -> tuple[str, tuple[str, ...]]:
    """Return why a decision cannot be followed, and what is nearest."""
    if isinstance(cell.value, dict | list):
        return f"must be a key, {NEW} or {IGNORE}; found {shown(cell.value)}.", ()
    if kind is Kind.COUNTRY and cell.text == NEW:
        return f"cannot be {NEW}: give its code {_BY_CODE}.", ()
    if cell.text in {NEW, IGNORE} or kind is Kind.ARM or _is_code(kind, cell.text):
        return "", ()
    terms = known.terms(kind)
    if cell.text in terms:
        return "", ()
    words = {term.name: key for key, term in terms.items()} | {key: key for key in terms}
    message = f"{shown(cell.text)} is no key of kind {kind}; give one, or {NEW}, or {IGNORE}."
    return message, nearest(cell.text, words, 3)


class Words:
    """The words of one file and what they are taken for.

    `accept` takes every word that is unknown for a new term, where that is possible. `ends` holds
    which end of an outcome is better, by its word, where that was asked for and decided.
    """

    def __init__(self, known: Terms, decisions: Decisions, *, accept: bool) -> None:
        self._known = known
        self._decisions = decisions
        self._accept = accept
        self.ends: dict[str, str] = {}
        self._found: dict[tuple[Kind, str], Word] = {}
        self._spelt: dict[tuple[Kind, str], Word] = {}
        self._keys: dict[tuple[Kind, str], str] = {}
        self._not_taken: list[Word] = []

    def term(self, kind: Kind, text: str, row: int) -> Word:
        """Return what a word of a vocabulary is taken for."""
        word = self._spelt.get((kind, text))
        if word is None:
            word = self._spelt[kind, text] = self._term(kind, text[:_LONGEST], row)
        word.uses += 1
        return word

    def _term(self, kind: Kind, text: str, row: int) -> Word:
        place = kind, plain(text)
        if place not in self._found:
            word = self._found[place] = self._resolved(kind, text, row)
            if word.is_new:
                self._not_taken.append(word)
        return self._found[place]

    def is_understood(self, kind: Kind, text: str) -> bool:
        """Return whether a word names one thing here, or was decided on."""
        return self.decision(kind, text) is not None or len(self._meanings(kind, text)) == 1

    def decision(self, kind: Kind, text: str) -> str | None:
        """Return what a person decided a word to be: a key, `new` or `ignore`."""
        return self._decisions.of(kind, text[:_LONGEST])

    def better(self, outcome: str) -> str | None:
        """Return which end of an outcome a person said is better: `higher` or `lower`."""
        said = self._decisions.of(BETTER, outcome[:_LONGEST])
        if said:
            self.ends[outcome] = said
        return said

    def ask(self, kind: Kind, text: str, row: int, near: Sequence[str], why: str) -> None:
        """Note that a person must say what a study or an arm is."""
        text = text[:_LONGEST]
        word = Word(kind, text, State.UNDECIDED, None, row, nearest=tuple(near), why=why)
        self._found.setdefault((kind, plain(text)), word).uses += 1

    def settle(self, kind: Kind, text: str, row: int, choice: str) -> None:
        """Note that a decision on a study or an arm was followed."""
        text = text[:_LONGEST]
        states = {NEW: State.NEW, IGNORE: State.IGNORED}
        key = None if choice in states else choice
        word = Word(kind, text, states.get(choice, State.DECIDED), key, row)
        self._found.setdefault((kind, plain(text)), word).uses += 1

    def take_new(self) -> list[Word]:
        """Return the words with terms of their own that were not returned before."""
        taken, self._not_taken = self._not_taken, []
        return taken

    def undecided(self) -> list[Word]:
        """Return the words that a person must decide on, with what is nearest, by kind."""
        found = [word for word in self._found.values() if word.state is State.UNDECIDED]
        for word in found:
            if not word.nearest:
                word.nearest = self._nearest(word)
        return sorted(found, key=lambda word: (list(Kind).index(word.kind), word.row, word.text))

    def unknown(self) -> list[Word]:
        """Return the words that the store does not know, decided or not, by kind."""
        known = (word for word in self._found.values() if word.state is not State.KNOWN)
        return sorted(known, key=lambda word: (list(Kind).index(word.kind), word.row, word.text))

    def _meanings(self, kind: Kind, text: str) -> list[str]:
        if text in self._known.terms(kind):
            return [text]
        return self._known.names(kind).get(plain(text), [])

    def _resolved(self, kind: Kind, text: str, row: int) -> Word:
        choice = self.decision(kind, text)
        return (
            self._looked_up(kind, text, row)
            if choice is None
            else (self._decided(kind, text, row, choice))
        )

    def _decided(self, kind: Kind, text: str, row: int, choice: str) -> Word:
        if choice == IGNORE:
            return Word(kind, text, State.IGNORED, None, row)
        if choice == NEW:
            return self._new(kind, text, row)
        if _is_code(kind, choice):
            return self._country(text, choice, row)
        return Word(kind, text, State.DECIDED, choice, row)

    def _new(self, kind: Kind, text: str, row: int) -> Word:
        """Return a word as a term of its own: the one that already has just this name."""
        name, terms = plain(text), self._known.terms(kind)
        same = [key for key in self._meanings(kind, text) if plain(terms[key].name) == name]
        if same:
            return Word(kind, text, State.DECIDED, same[0], row)
        return Word(kind, text, State.NEW, self._new_key(kind, text), row)

    def _looked_up(self, kind: Kind, text: str, row: int) -> Word:
        meanings = self._meanings(kind, text)
        if len(meanings) == 1:
            return Word(kind, text, State.KNOWN, meanings[0], row)
        key = None if kind is Kind.COUNTRY else self._new_key(kind, text)
        why = "" if key else "give its code of three letters"
        if meanings:
            why = "may mean any of these"
        state = State.NEW if self._accept and key and not meanings else State.UNDECIDED
        return Word(kind, text, state, key, row, nearest=tuple(meanings), why=why)

    def _country(self, text: str, code: str, row: int) -> Word:
        """Return what a country is by its code: one that is known, or a new one."""
        known = self._meanings(Kind.COUNTRY, code)
        if known:
            return Word(Kind.COUNTRY, text, State.DECIDED, known[0], row)
        key = self._new_key(Kind.COUNTRY, text)
        return Word(Kind.COUNTRY, text, State.NEW, key, row, code=code)

    def _new_key(self, kind: Kind, text: str) -> str:
        """Return a key that no other term has."""
        key = slug(text)
        if key in self._known.terms(kind) or self._keys.get((kind, key), text) != text:
            key = f"{key}.{digest(text)}"
        self._keys[kind, key] = text
        return key

    def _nearest(self, word: Word) -> tuple[str, ...]:
        names = self._known.names(word.kind)
        wanted = plain(word.text)
        parts = set(wanted.split())
        like = _ALIKE if len(wanted) > _SHORT else _SHORT_ALIKE
        close = difflib.get_close_matches(wanted, names, n=6, cutoff=like)
        holding = [n for n in names if parts and (parts <= set(n.split()) or n in parts)]
        keys = dict.fromkeys(key for name in [*close, *holding] for key in names[name])
        return tuple(keys)[:3]


def new_term(word: Word, file: str) -> tuple[str, dict[str, object]]:
    """Return the section of a seed file for a new term, and its record."""
    note = f"Named by the file {file}; known by name only, and not placed in the vocabulary."
    record: dict[str, object] = {"key": word.key, "name": word.text, "iso": word.code}
    return TOP_LEVEL[word.kind], record | {"verified": False, "note": note}


def words_file(words: Iterable[Word], file: str, ends: Mapping[str, str | None]) -> str:
    """Return a file of words to decide on; what was decided already stands in it.

    `ends` are the outcomes of which the file does not tell which end is better, and what was said.
    """
    lines = [
        f"# Words of {file} that this evidence base does not know.",
        "# Write behind each what it is: a key of its kind (`kb terms outcome` lists them), or",
        *(f"# {choice}: {what}." for choice, what in _WHAT.items()),
        "# The word for an arm may stand under approach or under comparator: move it where it",
        f"# belongs. A country that is new gets its code {_BY_CODE}.",
    ]
    kind = None
    for word in words:
        if word.kind is not kind:
            kind = word.kind
            lines += ["", f"{kind}:"]
        lines.append(f"  {_quoted(word.text)}: {_decided(word)}")
    if ends:
        lines += ["", "# Whether more of an outcome, or more such events, is better for the"]
        lines += [f"# participant ({_ENDS[0]}) or worse ({_ENDS[1]}).", f"{BETTER}:"]
    lines += [f"  {_quoted(word)}: {said or ''}".rstrip() for word, said in ends.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text[:_LONGEST], ensure_ascii=False)


def _decided(word: Word) -> str:
    if word.state is State.UNDECIDED:
        near = f"; nearest: {', '.join(word.nearest)}" if word.nearest else ""
        return f" # {counted(word.uses, 'use')}, first in row {word.row}{near}"
    if word.state is State.NEW:
        return word.code or NEW
    return IGNORE if word.state is State.IGNORED else str(word.key)


def _is_code(kind: Kind, text: str) -> bool:
    return kind is Kind.COUNTRY and bool(_CODE.fullmatch(text))
