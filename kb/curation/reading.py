"""Read YAML so that every value remembers its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SIZE_LIMIT = 4_000_000
"""Bytes that one seed file may hold; the largest shipped is a tenth of it."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = {
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a seed file: where, what was found, what is allowed."""

    file: str
    line: int
    field: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        nearest = f" Nearest: {self.nearest}." if self.nearest else ""
        return f"{self.file}:{self.line}: {self.field}: {self.message}{nearest}"


@dataclass(frozen=True)
class Located:
    """A value from a file with its line. Mappings hold `Located` values, and so do lists."""

    value: Any
    line: int


class UnreadableFile(Exception):
    """A file that is not readable as YAML; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def seed_files(path: Path) -> list[Path]:
    """Return the seed files at `path`: itself, or every YAML file below it, in order."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*.y*ml") if p.suffix in {".yaml", ".yml"})
    return [path]


def read_file(path: Path, name: str, problems: list[Problem]) -> Located | None:
    """Read one file. Appends to `problems` and returns None where it cannot be read."""
    try:
        return _parse(path, name)
    except UnreadableFile as error:
        problems.append(error.problem)
        return None


def _parse(path: Path, name: str) -> Located:
    def unreadable(message: str, line: int = 1) -> UnreadableFile:
        return UnreadableFile(Problem(name, line, "file", message))

    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise unreadable(f"is larger than {SIZE_LIMIT:,} bytes; split it.")
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_Loader)
    except OSError as error:
        raise unreadable(f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise unreadable("is not UTF-8 text.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise unreadable(
            f"is not valid YAML: {error.problem}.", mark.line + 1 if mark else 1
        ) from error
    except yaml.YAMLError as error:
        raise unreadable(f"is not valid YAML: {error}.") from error
    if node is None:
        raise unreadable("is empty.")
    return _Builder(name).build(node)


class _Builder:
    """Turns YAML nodes into located values; an aliased node is built once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._loader = _Loader("")
        self._built: dict[int, Located] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Located:
        identity = id(node)
        line = node.start_mark.line + 1
        if identity in self._open:
            raise UnreadableFile(Problem(self._file, line, "file", "holds an alias of itself."))
        if identity not in self._built:
            self._open.add(identity)
            self._built[identity] = Located(self._value(node), line)
            self._open.discard(identity)
        return self._built[identity]

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item) for item in node.value]
        if node.tag in _SCALARS:
            return self._loader.construct_object(node)
        return node.value

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, Located]]:
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise UnreadableFile(
                    Problem(
                        self._file, key.start_mark.line + 1, name, "is given twice in one record."
                    )
                )
            seen.add(name)
            yield name, self.build(value)
