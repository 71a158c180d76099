"""XML that comes from elsewhere: no document types, no entities, nothing fetched, within limits."""

from typing import TYPE_CHECKING

from kb.exchange.files import MOST_HELD, FileProblem, ForeignFile, content

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_ELEMENTS = 2_000_000
MOST_DEPTH = 200


class _TooMuch(Exception):
    """More elements, or deeper ones, than a file of the field has."""


def parsed_xml(file: ForeignFile, *, most: int = MOST_HELD) -> "Element":
    """Return the root of an XML file of at most `most` bytes, as `parsed` does."""
    return parsed(content(file, most=most), file.name)


def parsed(data: bytes, name: str) -> "Element":
    """Return the root of an XML document, called `name`.

    The code is the one that it declares. Raise `FileProblem` for what is not well-formed, declares
    a document type or an entity, or goes beyond the limits.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    parser = DefusedXMLParser(target=_limited_builder(), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except _TooMuch as error:
        raise FileProblem(f"{name} {error}.", "See whether it is the right file.") from None
    except DefusedXmlException:
        raise FileProblem(
            f"{name} declares a document type or entities, which no file of this kind needs.",
            "Remove the declaration, if you trust the file.",
        ) from None
    except (ParseError, LookupError, ValueError) as error:
        raise FileProblem(
            f"{name} is not well-formed XML: {error}.", "Save it again as it came."
        ) from None
    return root


def _limited_builder() -> object:
    """Return a builder of trees that keeps to the limits."""
    from xml.etree.ElementTree import Element, TreeBuilder

    class Limited(TreeBuilder):
        def __init__(self) -> None:
            super().__init__()
            self.elements = self.depth = 0

        def start(self, tag: str, attrs: dict[str, str], /) -> Element:
            self.elements += 1
            self.depth += 1
            if self.elements > MOST_ELEMENTS:
                raise _TooMuch(f"has more than {MOST_ELEMENTS:,} elements")
            if self.depth > MOST_DEPTH:
                raise _TooMuch(f"nests its elements more than {MOST_DEPTH} deep")
            return super().start(tag, attrs)

        def end(self, tag: str, /) -> Element:
            self.depth -= 1
            return super().end(tag)

    return Limited()
