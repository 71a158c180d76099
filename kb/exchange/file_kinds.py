"""What a file is by its first bytes, where it is of a kind from which nothing can be read."""

HOW_TO_SAVE_AS = "Save it as a workbook (.xlsx or .ods), or the sheet as CSV in UTF-8."
HOW_TO_SAVE_TEXT = "See whether it is the file that you mean; save a text as UTF-8."

_BY_HAND = "Type its numbers into a table; `kb template` makes an empty one."
_UNPACK = "Unpack it, and give what is in it."

_KINDS = (
    (b"%PDF", "a PDF", _BY_HAND),
    (b"\xff\xd8\xff", "a picture (JPEG)", _BY_HAND),
    (b"\x89PNG", "a picture (PNG)", _BY_HAND),
    (b"GIF8", "a picture (GIF)", _BY_HAND),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old workbook (.xls) or document (.doc), or one with a password",
        f"{HOW_TO_SAVE_AS} Leave out the password.",
    ),
    (b"\x1f\x8b", "packed with gzip", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a packed file (7z)", _UNPACK),
    (b"Rar!\x1a\x07", "a packed file (RAR)", _UNPACK),
)
_PACKED = (
    b"PK\x03\x04",
    "a workbook, a document or another packed file (ZIP)",
    "Give it the ending that it had, such as .xlsx; or save the sheet as CSV in UTF-8.",
)


def unreadable_kind(start: bytes, *, packed: bool = True) -> tuple[str, str] | None:
    """Return what a file with this beginning is and what to do instead, None for other files.

    A ZIP file, which a workbook is too, is one of them only where `packed` is set.
    """
    kinds = (*_KINDS, _PACKED) if packed else _KINDS
    found = ((kind, remedy) for mark, kind, remedy in kinds if start.startswith(mark))
    return next(found, None)
