"""Words in the forms in which they are compared: letters alone, plurals and spellings as one."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")
_SPELLINGS = (
    (r"is(?=e|ing|ation)", "iz"),
    (r"our", "or"),
    (r"tre(?=d)", "tere"),
    (r"tre(?=s?\b)", "ter"),
    (r"mme", "m"),
    (r"ll", "l"),
    (r"ae|oe", "e"),
)
_AMERICAN = [(re.compile(pattern), new) for pattern, new in _SPELLINGS]
_EITHER_WAY = (
    *(("is", "iz"), ("our", "or"), ("tre", "tere"), ("tre", "ter"), ("mme", "m"), ("ll", "l")),
    *(("ae", "e"), ("oe", "e")),
)
"""What `american` takes for the same, in either direction."""

_LONGEST = 40
"""Letters of the longest word that is worth another spelling."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def without_accents(text: str) -> str:
    """Return a text with its letters and digits in their plain form."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def indexed_words(text: str) -> list[str]:
    """Return the words of a text as the full-text index tells them apart, in the case written."""
    return _WORD.findall(without_accents(text))


def american(words: str) -> str:
    """Return words in a spelling that British and American writers share, for comparison only."""
    for pattern, new in _AMERICAN:
        words = pattern.sub(new, words)
    return words


def singular(words: str) -> str:
    """Return words with each plural ending off; a word that has none stays as it is."""
    return " ".join(_without_plural(word) for word in words.split())


def forms(word: str) -> set[str]:
    """Return a word with its plural or singular, and as others spell it, in one place at a time."""
    if len(word) > _LONGEST:
        return {word}
    found = {word, f"{word}s", _without_plural(word)}
    for pair in _EITHER_WAY:
        for old, new in (pair, pair[::-1]):
            places = (match.start() for match in re.finditer(old, word))
            found |= {word[:at] + new + word[at + len(old) :] for at in places}
    return found


def alike(words: str) -> str:
    """Return words in the form that all their `forms` share."""
    return american(singular(words))


def slips(word: str) -> set[str]:
    """Return what was meant if a letter is wrong, missing, too many or in its neighbour's place."""
    return {word} if len(word) > _LONGEST else set(_slips(word))


def _slips(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in _LETTERS)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _without_plural(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return f"{word[:-3]}y"
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word
