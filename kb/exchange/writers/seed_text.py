"""Records as the YAML of seed files: in blocks, with each passage on one line."""

from collections.abc import Mapping
from functools import cache
from typing import Any

_WIDTH = 1_000_000
"""Longer than any line: a text stays on one, as curators write it."""


class Flow(dict[str, Any]):
    """A record that is written on one line."""


def as_yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML; what is repeated is written out again."""
    import yaml

    return yaml.dump(
        dict(document), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=_WIDTH
    )


@cache
def _dumper() -> Any:
    import yaml

    fast: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(fast):  # type: ignore[misc]
        def ignore_aliases(self, _data: Any) -> bool:
            return True

    Dumper.add_representer(Flow, _flow)
    Dumper.add_representer(float, _number)
    return Dumper


def _flow(dumper: Any, record: Flow) -> Any:
    return dumper.represent_mapping("tag:yaml.org,2002:map", record, flow_style=True)


def _number(dumper: Any, value: float) -> Any:
    """Write whole numbers without a point, and others with all their digits."""
    if value.is_integer() and abs(value) < 2**53:
        return dumper.represent_int(int(value))
    return dumper.represent_float(value)
