"""A publication from the citation that a registry prints of it."""

import re

from kb.exchange.citations.identifiers import doi
from kb.exchange.citations.names import authors, joined
from kb.exchange.citations.numbering import pages, year
from kb.exchange.citations.wording import plain
from kb.exchange.drafts import ReportDraft
from kb.exchange.files import cut

_CITATION = re.compile(
    r"(?P<authors>[^.]+)\. (?P<title>.+?[.?!]) (?P<container>[^.;]+)\. (?P<year>[12][0-9]{3})\b"
    r"(?P<rest>[^:]*(?::[^.]*)?)"
)
_ISSUE = re.compile(r";(?P<volume>[^(:;]+)?(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>.*))?")
_DOI = re.compile(r"\bdoi:\s*(\S+)", re.IGNORECASE)
_LONGEST = 1_500


def publication(row: int, pmid: str | None, citation: str | None) -> ReportDraft | None:
    """Return the publication, or None where there is neither a PMID nor a DOI to know it by.

    A citation in the style of PubMed, 'Family AB. Title. Journal. 2001 Dec;3(4):5-6.', is taken
    apart; another one becomes a title in brackets, as it is not the title as printed.
    """
    whole = cut(plain(citation) or "", _LONGEST)
    found = _DOI.search(whole)
    number = doi(found[1]) if found else None
    if not (pmid or number):
        return None
    draft = ReportDraft(row, f"PMID {pmid}" if pmid else f"doi:{number}", doi=number, pmid=pmid)
    parts = _CITATION.match(whole)
    if parts is None:
        draft.title = f"[{whole or f'A publication known by its PMID {pmid}'}]"
        return draft
    draft.authors = joined(authors(parts["authors"]))
    draft.title = parts["title"].removesuffix(".")
    draft.container = parts["container"]
    draft.year = year(parts["year"])
    if issue := _ISSUE.search(parts["rest"]):
        draft.volume, draft.issue = issue["volume"], issue["issue"]
        draft.pages = pages(issue["pages"] or "")
    return draft
