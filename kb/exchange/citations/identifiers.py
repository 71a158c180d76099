"""DOI, PMID and PMCID wherever a file puts them: bare, with a prefix, in an address."""

import re
from html import unescape
from urllib.parse import unquote, urlsplit

_LONGEST = 2_000
"""Letters that a text with an identifier may have; a longer one is something else."""

_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_RESOLVER = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(\S+)", re.IGNORECASE)
_PREFIX = re.compile(r"(?:doi\s*[:=]?\s*)+", re.IGNORECASE)
_MARK = re.compile(r"\s*\[doi\]", re.IGNORECASE)

_NUMBER = r"0*([1-9][0-9]{0,8})"
_BARE = re.compile(_NUMBER)
_NAMED = re.compile(rf"\b(?:PMID|PUBMED)(?:\s*ID)?\s*[:#]?\s*{_NUMBER}(?![0-9])", re.IGNORECASE)
_MARKED = re.compile(rf"{_NUMBER}\s*\[pmid\]", re.IGNORECASE)
_PUBMED = re.compile(
    rf"https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/{_NUMBER}/?",
    re.IGNORECASE,
)
_PMCID = re.compile(
    r"(?:PMCID\s*:?\s*)?PMC\s?([0-9]+)(?:\.[0-9]+)?(?:\s*\[pmcid\])?", re.IGNORECASE
)
_PMC = re.compile(
    r"https?://(?:www\.)?(?:pmc\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pmc)/articles/PMC([0-9]+)",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"\s*(DOI|PMID|PMCID)\s*:\s*(\S+?)[.;,]?\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")

Labels = dict[str, list[str]]


def doi(text: str) -> str | None:
    """Return the DOI that a text is, without prefix, resolver and points after it; else None."""
    if len(text) > _LONGEST:
        return None
    text = unescape(text.strip())
    if resolved := _RESOLVER.match(text):
        text = unquote(resolved[1])
    text = _PREFIX.sub("", _MARK.sub("", text), count=1).strip().rstrip(".,; ")
    while text.endswith(")") and text.count(")") > text.count("("):
        text = text[:-1].rstrip(".,;")
    return text if _DOI.fullmatch(text) and text.isprintable() else None


def pmid(text: str) -> str | None:
    """Return the PMID that a text is: a number, with or without a prefix; else None."""
    text = text.strip()
    return _first(_BARE.fullmatch(text)) or named_pmid(text)


def named_pmid(text: str) -> str | None:
    """Return the PMID that a text says to be one, by a word or as an address of PubMed."""
    if len(text) > _LONGEST:
        return None
    return _first(_NAMED.search(text) or _MARKED.search(text) or _PUBMED.match(text.strip()))


def pmcid(text: str) -> str | None:
    """Return the PMCID that a text is, with or without a prefix or an address; else None."""
    text = text.strip()
    number = _first(_PMCID.fullmatch(text) or _PMC.match(text))
    return f"PMC{number}" if number else None


def address(text: str) -> str | None:
    """Return the address that a text is, or None."""
    text = text.strip()
    if not (_ADDRESS.fullmatch(text) and text.isprintable()):
        return None
    try:
        return text if urlsplit(text).hostname else None
    except ValueError:
        return None


def labelled(text: str | None) -> tuple[Labels, str]:
    """Return what lines such as 'PMID: 123' of a note give, by label, and the rest of the note.

    Reference managers keep so what they have no field for.
    """
    labels: Labels = {"doi": [], "pmid": [], "pmcid": []}
    rest = []
    for line in (text or "").splitlines():
        if found := _LABELLED.fullmatch(line):
            labels[found[1].lower()].append(found[2])
        else:
            rest.append(line)
    return labels, "\n".join(rest)


def is_identifier(text: str) -> bool:
    """Return whether an address is that of a DOI or of a PMID."""
    return bool(doi(text) or _PUBMED.match(text))


def _first(match: re.Match[str] | None) -> str | None:
    return match[1] if match else None
