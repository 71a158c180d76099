"""Text of a field without mark-up: 'a <i>group</i> &amp; more' is 'a group & more'."""

import re
from html import unescape

from kb.exchange.files import printable

_MARKUP = re.compile(r"</?(?:i|b|em|strong|u|sub|sup|sc|span(?: [^<>]{0,200})?)>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:p|br|div)\s*/?>", re.IGNORECASE)


def plain(text: str | None) -> str | None:
    """Return a text in one line without mark-up and entities, or None where nothing is left."""
    return printable(unescape(_BREAK.sub(" ", _MARKUP.sub("", text)))) or None if text else None
