"""Files that come from elsewhere: opened within limits, read with a checksum, decoded."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO

from kb.errors import KbError
from kb.exchange.drafts import Fate, Note
from kb.exchange.file_kinds import HOW_TO_SAVE_TEXT, unreadable_kind

MOST_BYTES = 256_000_000
MOST_HELD = 64_000_000
MOST_IN_A_LINE = 8_000_000
LONGEST_CELL = 2_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FALLBACKS = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}
_CHUNK = 1 << 20
_START = 16


class FileProblem(KbError):
    """A foreign file that cannot be read, or not safely."""


@dataclass(frozen=True)
class ForeignFile:
    """A file that was found readable.

    Attributes:
        name: what messages and the store call it; never with the folders above it.
        path: where it is.
        checksum: SHA-256 of its bytes, in hexadecimal digits.
        size: in bytes.
    """

    name: str
    path: Path
    checksum: str
    size: int

    def open(self) -> IO[bytes]:
        """Return its bytes as a stream; raise OSError where it may not be read."""
        return self.path.open("rb")


def open_file(path: Path, *, name: str = "", most: int = MOST_BYTES) -> ForeignFile:
    """Return the file at a path, called `name` or as it is called there.

    Raise `FileProblem` where there is none, where it is empty, or larger than `most` bytes.
    """
    name = name or printable(path.name)
    try:
        if not path.exists():
            raise FileProblem(
                f"There is no file {printable(str(path))}.", "Give the path of a file."
            )
        if not path.is_file():
            raise FileProblem(f"{printable(str(path))} is not a file.", "Give the path of a file.")
        size = path.stat().st_size
        if size > most:
            raise FileProblem(
                f"{name} is larger than {_megabytes(most)}.", "Give a part of it at a time."
            )
        with path.open("rb") as stream:
            checksum = file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from None
    if size == 0:
        raise FileProblem(f"{name} is empty.", "Give a file that holds something.")
    return ForeignFile(name, path, checksum, size)


def content(file: ForeignFile, *, most: int = MOST_HELD) -> bytes:
    """Return the bytes of a file; raise `FileProblem` for more than `most`, or for other ones."""
    if file.size > most:
        raise FileProblem(
            f"{file.name} is larger than {_megabytes(most)}.", "Give a part of it at a time."
        )
    try:
        with file.open() as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise _unreadable(file.name, error) from None
    if sha256(data).hexdigest() != file.checksum:
        raise FileProblem(f"{file.name} changed while it was read.", "Try again.")
    return data


def text_of(file: ForeignFile) -> tuple[str, Note | None]:
    """Return the text of a file with LF as its line ends, and a note where its code was guessed.

    It is UTF-8, or UTF-16 where a byte-order mark says so; what is neither is read as
    Windows-1252, or as Latin-1. Raise `FileProblem` for what is no text.
    """
    data = content(file)
    codec = _codec(file)
    text = io.TextIOWrapper(io.BytesIO(data), encoding=codec, newline=None).read()
    return text, _guess(codec)


def decoded_lines(file: ForeignFile) -> Iterator[str]:
    """Yield the lines of a file as `text_of` has them, each with its end, without holding them."""
    codec = _codec(file)
    with io.TextIOWrapper(file.open(), encoding=codec, newline=None) as stream:
        while line := stream.readline(MOST_IN_A_LINE):
            if len(line) == MOST_IN_A_LINE:
                raise FileProblem(
                    f"{file.name} has a line of more than {MOST_IN_A_LINE:,} characters.",
                    "See whether it is a text file.",
                )
            yield line


def encoding_note(file: ForeignFile) -> Note | None:
    """Return the note of `text_of` for a file that is read by its lines."""
    return _guess(_codec(file))


def refuse_unreadable_kind(file: ForeignFile, *, packed: bool = True) -> None:
    """Raise `FileProblem` for a PDF, a picture and the like; where `packed`, for a ZIP file too."""
    try:
        with file.open() as stream:
            found = unreadable_kind(stream.read(_START), packed=packed)
    except OSError as error:
        raise _unreadable(file.name, error) from None
    if found is not None:
        kind, remedy = found
        raise FileProblem(f"{file.name} is {kind}.", remedy)


def no_text(name: str) -> FileProblem:
    """Return the error for a file that is no text and shows nothing else that it is."""
    return FileProblem(f"{name} is not a text file.", HOW_TO_SAVE_TEXT)


def printable(text: str) -> str:
    """Return a text in one line, without characters that a terminal would act upon."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def cut(text: str, longest: int = LONGEST_CELL) -> str:
    """Return a text of at most `longest` characters, the last of them `…` where it had more."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def quoted(text: str) -> str:
    """Return a word of a file as a message shows it."""
    return f"'{cut(printable(text), 40)}'"


def _codec(file: ForeignFile) -> str:
    """Return the codec that decodes the whole file; raise `FileProblem` where it is no text."""
    refuse_unreadable_kind(file)
    try:
        with file.open() as stream:
            start = stream.read(4)
        marked = next((codec for mark, codec in _MARKS if start.startswith(mark)), None)
        candidates = (marked,) if marked else ("utf-8", *_FALLBACKS)
        codec = next((each for each in candidates if _decodes(file, each)), None)
    except OSError as error:
        raise _unreadable(file.name, error) from None
    if codec is None:
        raise FileProblem(
            f"{file.name} begins like a text in {marked} and is none.", "Save it as UTF-8."
        )
    return codec


def _decodes(file: ForeignFile, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    with file.open() as stream:
        try:
            while chunk := stream.read(_CHUNK):
                if "\0" in decoder.decode(chunk):
                    raise no_text(file.name)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _guess(codec: str) -> Note | None:
    if codec not in _FALLBACKS:
        return None
    message = f"The file is not UTF-8; its letters were read as {_FALLBACKS[codec]}."
    return Note(0, "", Fate.EXPLAINED, "encoding", message)


def _megabytes(most: int) -> str:
    return f"{most // 1_000_000} MB"


def _unreadable(name: str, error: OSError | ValueError) -> FileProblem:
    reason = getattr(error, "strerror", None) or str(error)
    return FileProblem(f"{name} cannot be read: {reason}.", "See whether it may be read.")
