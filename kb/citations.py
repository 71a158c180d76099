"""Reports by their short names and addresses."""

from collections.abc import Mapping
from typing import Any

SEEN_IN_WORDS = {
    "full-text": "read in full",
    "at-source": "seen at the source",
    "record": "seen in a bibliographic record",
    "mirror-copy": "seen in a mirror copy",
    "data-file": "read in the data file",
    "comparison": "compared here",
}
"""How a passage was seen, by its code."""


def citation(row: Mapping[str, Any]) -> str:
    """Return a report as 'Spiegel & Bloom 1983'."""
    names = [name for name in (row["authors"] or "").split(", ") if name and name != "et al."]
    families = [_family(name) for name in names]
    year = f" {row['year']}" if row["year"] else ""
    if not families:
        title = str(row["title"]).strip("[]")
        return (title if len(title) <= 48 else f"{title[:47].rstrip()}…") + year
    if len(families) == 2 and "et al" not in row["authors"]:
        return f"{families[0]} & {families[1]}{year}"
    return (
        f"{families[0]} et al.{year}"
        if len(families) > 1 or "et al" in row["authors"]
        else (f"{families[0]}{year}")
    )


def address(row: Mapping[str, Any]) -> str:
    """Return where a report is found: its DOI, else its PMID, else its page."""
    if row["doi"]:
        return f"doi:{row['doi']}"
    if row["pmid"]:
        return f"PMID {row['pmid']}"
    return str(row["url"] or "no stable address")


def _family(name: str) -> str:
    words = name.removesuffix(" et al.").removesuffix(".").split()
    initials = words[-1].isupper() and len(words[-1]) <= 4 and len(words) > 1
    return " ".join(words[:-1]) if initials else (words[-1] if words else name)
