"""Read a receipt from a file that may hold anything."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, get_type_hints

from kb.errors import KbError
from kb.pooling.options import PoolOptions
from kb.pooling.receipts.receipt import FORMAT, VERSION, identity

SIZE_LIMIT = 50_000_000
"""Bytes that a receipt may have; one of a thousand trials has a fiftieth of it."""

_ANEW = "Name a file that `kb pool --receipt FILE` wrote."
_LARGEST = 2**53
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that neither a file nor a store can hold."""

_PARTS: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "question": (dict,),
    "verdict": (dict,),
    "result": (dict, NoneType),
    "back": (dict, NoneType),
    "studies": (list,),
    "left_out": (list,),
    "selection": (dict,),
    "directions": (list,),
    "reported": (list,),
    "data": (dict, NoneType),
    "software": (dict,),
}
_OF_QUESTION: Mapping[str, tuple[type, ...]] = {
    "facets": (dict,),
    "file": (dict, NoneType),
    "options": (dict,),
    "command": (str,),
}
_OPTIONS = get_type_hints(PoolOptions)
_PAIRS: Mapping[str, Callable[[Any], bool]] = {
    "add": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "to": lambda value: isinstance(value, str),
    "drop00": lambda value: isinstance(value, bool),
}
"""The options that hold two values, and what each of the two may be."""


@dataclass(frozen=True)
class KeptReceipt:
    """A receipt as it was read; `altered` where its content does not belong to its id."""

    content: Mapping[str, Any]
    altered: bool

    @property
    def id(self) -> str:
        """The id that it bears."""
        return str(self.content["id"])

    @property
    def command(self) -> str:
        """The command line that gave the answer."""
        return str(self.content["question"]["command"])

    @property
    def facets(self) -> Mapping[str, list[str]]:
        """What was asked of the store."""
        facets: Mapping[str, list[str]] = self.content["question"]["facets"]
        return facets

    @property
    def file(self) -> str | None:
        """The name of the file that was pooled; None where it was the store."""
        file = self.content["question"]["file"]
        return None if file is None else str(file["name"])

    @property
    def options(self) -> PoolOptions:
        """How it was pooled. Raises `KbError` for an option that does not exist any more."""
        return PoolOptions.of(**self.content["question"]["options"])


def read_receipt(path: Path) -> KeptReceipt:
    """Return the receipt in a file; raise `KbError` where there is none that can be replayed."""
    content = _parsed(path, _text(path))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise KbError(f"{path} is not a receipt.", _ANEW)
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        raise KbError(
            f"{path} is a receipt of version {version}, and this program reads version {VERSION}.",
            "Replay it with the newer program that wrote it.",
        )
    _check(path, content)
    return KeptReceipt(content, altered=identity(content) != content["id"])


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise KbError(f"There is no file {path}.", _ANEW)
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KbError(f"{path} cannot be read: {reason}.", _ANEW) from error
    if len(content) > SIZE_LIMIT:
        raise KbError(f"{path} has more than {SIZE_LIMIT:,} bytes, which no receipt has.", _ANEW)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KbError(f"{path} is not a receipt: it is not UTF-8 text.", _ANEW) from error


def _parsed(path: Path, text: str) -> Any:
    try:
        content = json.loads(text, parse_int=_whole, parse_constant=_unknown)
        written = json.dumps(content, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(":")[0] or "nested too deep"
        raise KbError(f"{path} is not a receipt: it is not JSON ({reason}).", _ANEW) from error
    if _UNWRITABLE.search(written) or "\\u0000" in written:
        raise KbError(f"{path} is not a receipt: it holds characters of no text.", _ANEW)
    return content


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > _LARGEST:
        raise ValueError("a number beyond all counts")
    return int(digits)


def _unknown(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _check(path: Path, content: Mapping[str, Any]) -> None:
    """Raise `KbError` for the first part that is missing or is of another kind."""
    wrong = _first_wrong(content)
    if wrong:
        raise KbError(
            f"{path} is not a whole receipt: '{wrong}' is missing or not what it should be.",
            "Take the file as `kb pool --receipt FILE` wrote it.",
        )


def _first_wrong(content: Mapping[str, Any]) -> str:
    question = content.get("question")
    if not isinstance(question, dict):
        return "question"
    kinds = [(content, _PARTS), (question, _OF_QUESTION)]
    missing = [
        name
        for record, parts in kinds
        for name, kind in parts.items()
        if name not in record or not isinstance(record[name], kind)
    ]
    if missing:
        return missing[0]
    file, options = question["file"], question["options"]
    held = {
        "facets": all(_texts(values) for values in question["facets"].values()),
        "file": file is None or all(isinstance(file.get(n), str) for n in ("name", "sha256")),
        "options": options.keys() <= _OPTIONS.keys(),
        "studies": all(_named(row, "label", "key") for row in content["studies"]),
        "left_out": all(_named(row, "label", "what") for row in content["left_out"]),
    }
    wrong = [name for name, holds in held.items() if not holds]
    wrong += [name for name, value in options.items() if not _fits(name, value)]
    return wrong[0] if wrong else ""


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _named(row: Any, *names: str) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), str) for name in names)


def _fits(name: str, value: Any) -> bool:
    """Return whether a value read from JSON is one of the type of this option."""
    kind: Any = _OPTIONS[name]
    if name in _PAIRS:
        return value is None or (
            isinstance(value, list) and len(value) == 2 and all(map(_PAIRS[name], value))
        )
    if kind == tuple[str, ...]:
        return _texts(value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)
