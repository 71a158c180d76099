"""JSON that comes from elsewhere: parsed within limits, and asked without trusting its shape."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kb.exchange.drafts import Note
from kb.exchange.files import FileProblem, ForeignFile, text_of

MOST_NESTED = 64

_REMEDY = "Export the file again from where it comes."


def parsed_json(file: ForeignFile) -> tuple[Any, Note | None]:
    """Return what a JSON file holds, and the note of `text_of`.

    Raise `FileProblem` where it is not JSON, or nested more than `MOST_NESTED` deep.
    """
    document, note = text_of(file)
    try:
        value = json.loads(document, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        problem = f"{file.name} is not JSON: {error.msg}, at line {error.lineno}."
        raise FileProblem(problem, _REMEDY) from None
    except ValueError:
        raise FileProblem(f"{file.name} holds a number of too many digits.", _REMEDY) from None
    except RecursionError:
        raise _too_deep(file) from None
    _check_depth(file, value)
    return value, note


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return an array, or what else there is as the only item of one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def text(value: Any) -> str | None:
    """Return a text or a number as text, or None."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def texts(value: Any) -> Iterator[str]:
    """Yield the texts and numbers of an array, or the only one that is there."""
    yield from (found for each in sequence(value) if (found := text(each)))


def _check_depth(file: ForeignFile, value: Any) -> None:
    level = [value]
    for _ in range(MOST_NESTED):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise _too_deep(file)


def _too_deep(file: ForeignFile) -> FileProblem:
    return FileProblem(f"{file.name} is nested more than {MOST_NESTED} deep.", _REMEDY)
