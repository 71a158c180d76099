"""The words of a question, in the one form in which names are compared with them."""

import re
from dataclasses import dataclass

from kb.spelling import without_accents

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


@dataclass(frozen=True)
class Word:
    """A word of a question: in lower case without accents, and whether it stands in capitals."""

    plain: str
    capitals: bool = False
    capital: bool = False


def read_words(text: str) -> list[Word]:
    """Return the words of a text; signs for 'more than', 'and' and 'not' become words too."""
    folded = without_accents(text)
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
