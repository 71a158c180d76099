"""ZIP archives that come from elsewhere: unpacked within limits, under names that lead nowhere."""

import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath, PureWindowsPath
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from kb.exchange.files import FileProblem, ForeignFile, printable, quoted

MOST_MEMBERS = 2_000
MOST_UNPACKED = 256_000_000
MOST_RATIO = 200
SMALL = 1_000_000
"""What may be packed at any ratio: a short file of the same row again and again is no bomb."""

_CHUNK = 1 << 20
_DAMAGED = "It may not have been copied whole; get it again."
_UNUSUAL = "Unpack it yourself, look at what it holds, and pack the files that are wanted."


@dataclass(frozen=True)
class _Member(ForeignFile):
    """A file of an archive, unpacked as it is read; its path is the one in the archive."""

    archive: ZipFile
    info: ZipInfo

    def open(self) -> IO[bytes]:
        return self.archive.open(self.info)


@contextmanager
def unpacked(file: ForeignFile) -> Iterator[Mapping[str, ForeignFile]]:
    """Yield the files of a ZIP archive by their paths in it; they can be read until the end.

    Nothing is written that another program sees, or that stays where this one is stopped. Empty
    files are left out. An archive in the archive is unpacked too, its files under `its-name.zip/`;
    one deeper is a file like any other. Raise `FileProblem` for what is no ZIP, is damaged or
    encrypted, leads out of the archive by a path or a link, names a file twice, or goes beyond the
    limits, of which both levels together have one share.
    """
    with ExitStack() as opened:
        room = _Room(file.name, opened)
        found: dict[str, ForeignFile] = {}
        for path, member in room.unpack(file.path):
            if not path.casefold().endswith(".zip"):
                found[path] = member
                continue
            inner = {f"{path}/{name}": each for name, each in room.unpack(room.copy(member))}
            found |= inner
        try:
            yield found
        except (BadZipFile, zlib.error, EOFError):
            raise FileProblem(f"{file.name} changed while it was read.", "Try again.") from None
        except FileProblem as error:
            if file.name in error.problem:
                raise
            raise FileProblem(f"In {file.name}, {error.problem}", error.remedy) from None


@dataclass
class _Room:
    """Archives that are open until `opened` ends, with what they took of the limits together."""

    name: str
    opened: ExitStack
    members: int = 0
    taken: int = 0

    def unpack(self, archive: Path | IO[bytes]) -> list[tuple[str, _Member]]:
        """Return the members of an archive by their paths, each read through once."""
        try:
            packed = self.opened.enter_context(ZipFile(archive))
            infos = [info for info in packed.infolist() if not info.is_dir()]
            self._check(infos)
            return [(_path(info), self._member(packed, info)) for info in infos if info.file_size]
        except (BadZipFile, zlib.error, EOFError) as error:
            problem = f"{self.name} is no ZIP archive, or it is damaged: {printable(str(error))}."
            raise FileProblem(problem, _DAMAGED) from None
        except (NotImplementedError, RuntimeError, OSError, ValueError) as error:
            problem = f"{self.name} cannot be unpacked: {printable(str(error))}."
            raise FileProblem(problem, _UNUSUAL) from None

    def copy(self, member: _Member) -> IO[bytes]:
        """Return what a member holds as a file that has no name, and in which one can go back."""
        copy = self.opened.enter_context(TemporaryFile())  # noqa: SIM115 - until the end
        with member.open() as source:
            copyfileobj(source, copy, _CHUNK)
        return copy

    def _check(self, infos: list[ZipInfo]) -> None:
        """Refuse by what the archive says of itself, before anything is unpacked."""
        self.members += len(infos)
        if self.members > MOST_MEMBERS:
            raise self._problem(f"holds more than {MOST_MEMBERS:,} files")
        if self.taken + sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise self._too_large()
        paths = set()
        for info in infos:
            for what in _wrong_with(info):
                raise self._problem(f"holds {quoted(info.filename)}, {what}")
            if (path := _path(info).casefold()) in paths:
                raise self._problem(f"holds {quoted(info.filename)} twice")
            paths.add(path)

    def _member(self, packed: ZipFile, info: ZipInfo) -> _Member:
        """Return a member; what an archive says of its size and its bytes may be untrue."""
        size, digest = 0, sha256()
        with packed.open(info) as source:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                digest.update(chunk)
                if self.taken + size > MOST_UNPACKED:
                    raise self._too_large()
        if size != info.file_size:
            raise BadZipFile(f"{quoted(info.filename)} is not as long as the archive says")
        self.taken += size
        path = PurePosixPath(_path(info))
        return _Member(printable(path.name), Path(path), digest.hexdigest(), size, packed, info)

    def _too_large(self) -> FileProblem:
        return self._problem(f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB")

    def _problem(self, what: str) -> FileProblem:
        return FileProblem(f"{self.name} {what}.", _UNUSUAL)


def _path(info: ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _wrong_with(info: ZipInfo) -> Iterator[str]:
    """Yield what speaks against unpacking a member."""
    path = PurePosixPath(_path(info))
    if path.is_absolute() or PureWindowsPath(info.filename).drive:
        yield "a path that does not start in the archive"
    if ".." in path.parts:
        yield "a path that leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        yield "a link"
    if info.flag_bits & 0x1:
        yield "which is encrypted"
    if info.file_size > max(SMALL, MOST_RATIO * info.compress_size):
        yield f"packed to less than a {MOST_RATIO}th of its size"
