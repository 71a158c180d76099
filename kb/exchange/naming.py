"""Keys for what a foreign file names: readable, of the form of every key, the same in each run."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

LONGEST = 60
"""Characters of a name that a key keeps; what is longer ends in a digest of the whole."""

_OTHER = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """Return a text as a part of a key; a digest of it where none of its letters can stand there.

    Letters with marks lose them. Texts that differ in signs alone give the same slug.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    words = _OTHER.sub("-", plain).strip("-")
    if not words:
        return digest(text)
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip('-')}-{digest(text)}"


def digest(*texts: object) -> str:
    """Return eight characters that stand for texts."""
    return sha256("\x1f".join(map(str, texts)).encode()).hexdigest()[:8]
