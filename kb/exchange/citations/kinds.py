"""Kinds of publication in the words of each format."""

from collections.abc import Iterable, Mapping

from kb.exchange.citations.identifiers import address, is_identifier
from kb_schema.codes import ReportKind

TO_RIS: Mapping[str, str] = {
    ReportKind.ARTICLE: "JOUR",
    ReportKind.CONFERENCE: "CPAPER",
    ReportKind.CHAPTER: "CHAP",
    ReportKind.BOOK: "BOOK",
    ReportKind.MANUSCRIPT: "MANSCPT",
    ReportKind.WEB_PAGE: "ELEC",
    ReportKind.NEWS: "NEWS",
    ReportKind.DATA_SET: "DATA",
    ReportKind.REPORT: "RPRT",
}
FROM_RIS: Mapping[str, ReportKind] = {
    **{code: ReportKind(kind) for kind, code in TO_RIS.items()},
    "EJOUR": ReportKind.ARTICLE,
    "INPR": ReportKind.ARTICLE,
    "JFULL": ReportKind.ARTICLE,
    "ABST": ReportKind.CONFERENCE,
    "CONF": ReportKind.CONFERENCE,
    "ECHAP": ReportKind.CHAPTER,
    "EBOOK": ReportKind.BOOK,
    "EDBOOK": ReportKind.BOOK,
    "UNPB": ReportKind.MANUSCRIPT,
    "UNPD": ReportKind.MANUSCRIPT,
    "BLOG": ReportKind.WEB_PAGE,
    "ICOMM": ReportKind.WEB_PAGE,
    "AGGR": ReportKind.DATA_SET,
    "DBASE": ReportKind.DATA_SET,
    "GOVDOC": ReportKind.REPORT,
}

TO_BIBTEX: Mapping[str, str] = {
    ReportKind.ARTICLE: "article",
    ReportKind.CONFERENCE: "inproceedings",
    ReportKind.CHAPTER: "incollection",
    ReportKind.BOOK: "book",
    ReportKind.MANUSCRIPT: "unpublished",
    ReportKind.WEB_PAGE: "online",
    ReportKind.NEWS: "article",
    ReportKind.DATA_SET: "dataset",
    ReportKind.REPORT: "techreport",
}
"""An article of a newspaper is an `article` with the `entrysubtype` `newspaper`, as in biblatex."""

FROM_BIBTEX: Mapping[str, ReportKind] = {
    **{code: ReportKind(kind) for kind, code in TO_BIBTEX.items()},
    "article": ReportKind.ARTICLE,
    "conference": ReportKind.CONFERENCE,
    "inbook": ReportKind.CHAPTER,
    "collection": ReportKind.BOOK,
    "mvbook": ReportKind.BOOK,
    "electronic": ReportKind.WEB_PAGE,
    "www": ReportKind.WEB_PAGE,
    "report": ReportKind.REPORT,
    "manual": ReportKind.REPORT,
}

FROM_CSL: Mapping[str, ReportKind] = {
    **{str(kind): kind for kind in ReportKind},
    "article": ReportKind.MANUSCRIPT,
    "entry-encyclopedia": ReportKind.CHAPTER,
    "periodical": ReportKind.ARTICLE,
    "post-weblog": ReportKind.WEB_PAGE,
    "review": ReportKind.ARTICLE,
    "journal-article": ReportKind.ARTICLE,
    "proceedings-article": ReportKind.CONFERENCE,
    "book-chapter": ReportKind.CHAPTER,
    "monograph": ReportKind.BOOK,
    "edited-book": ReportKind.BOOK,
    "posted-content": ReportKind.MANUSCRIPT,
}
"""Types of CSL, and those of Crossref, which calls some of them otherwise."""

FROM_MEDLINE: Mapping[str, ReportKind] = {
    "newspaper article": ReportKind.NEWS,
    "dataset": ReportKind.DATA_SET,
    "technical report": ReportKind.REPORT,
    "preprint": ReportKind.MANUSCRIPT,
    "congress": ReportKind.CONFERENCE,
    "meeting abstract": ReportKind.CONFERENCE,
    "congresses": ReportKind.CONFERENCE,
}
"""Publication types of MEDLINE that are no article of a journal."""


def nearest(*, container: str | None, urls: Iterable[str]) -> ReportKind:
    """Return what a publication of another kind is taken for."""
    if container:
        return ReportKind.ARTICLE
    on_the_web = any(address(url) and not is_identifier(url) for url in urls)
    return ReportKind.WEB_PAGE if on_the_web else ReportKind.REPORT
