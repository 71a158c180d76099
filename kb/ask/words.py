"""The words of a question, in the one form in which names are compared with them."""

import re
import unicodedata
from dataclasses import dataclass

_HUNDREDS = enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine"), start=2)
_REWRITTEN = (
    *((rf"\b{word} hundred\b", f"{number}00") for number, word in _HUNDREDS),
    (r"[‘’ʼ`´]", "'"),
    (r"[‐‑‒–—−]", "-"),
    (r"\bcan(?:no|')t\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\bwhy (do|does|did)n't (\w+)", r"why \1 \2 not"),
    (r"n't\b", " not"),
    (r"'s\b|'(?!\w)|(?<!\w)'", " "),
    (r"\bet al\b", " "),
    (r"[&+](?!\d)(?<!\d\+)", " and "),
    (r"(?<=\d)\+", " or more "),
    (r"(?:>=|=>|≥)(?= ?\d)", " at least "),
    (r"(?:<=|=<|≤)(?= ?\d)", " at most "),
    (r">(?= ?\d)", " more than "),
    (r"<(?= ?\d)", " fewer than "),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"(?<=\d)\.\.(?=\d)", " to "),
    (r"\b((?:19|20)(?=\d\d-))(\d\d)-(\d\d)\b", r"\1\2 to \1\3"),
    (r"(?<![\w-])(\d+) ?- ?(\d+)(?![\w-])", r"\1 to \2"),
)
_REWRITES = [(re.compile(pattern, re.IGNORECASE), new) for pattern, new in _REWRITTEN]
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+|\.[^\W_]\b|(?<=\d)\.\d+)*")
"""Letters and digits, with what may stand within a word: o'brien, u.s.a, iii.j.1, 1.46."""

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


@dataclass(frozen=True)
class Word:
    """A word of a question: in lower case without accents, and whether it stands in capitals."""

    plain: str
    capitals: bool = False
    capital: bool = False


def read_words(text: str) -> list[Word]:
    """Return the words of a text; signs for 'more than', 'and' and 'not' become words too."""
    folded = unicodedata.normalize("NFKD", text)
    folded = "".join(character for character in folded if not unicodedata.combining(character))
    for pattern, new in _REWRITES:
        folded = pattern.sub(new, folded)
    loud = folded.isupper()
    return [
        Word(word.lower(), word.isupper() and not loud, word[0].isupper() and not loud)
        for word in _WORD.findall(folded)
    ]


def plain_words(text: str) -> str:
    """Return a text as its plain words with single spaces."""
    return " ".join(word.plain for word in read_words(text))


def american(words: str) -> str:
    """Return words in a spelling that British and American writers share, for comparison only."""
    for pattern, new in _AMERICAN:
        words = pattern.sub(new, words)
    return words


def singular(words: str) -> str:
    """Return words with each plural ending off; a word that has none stays as it is."""
    return " ".join(_without_plural(word) for word in words.split())


def _without_plural(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return f"{word[:-3]}y"
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word
