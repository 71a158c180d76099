"""The keys that `--exclude` takes: of studies, measurements and results."""

import difflib

from sqlalchemy import select

from kb.base import Base
from kb.errors import UnknownValue
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.candidates import Found
from kb.store.relations import arm_result, contrast, measurement, study


def check_exclusions(base: Base, found: Found, options: PoolOptions) -> None:
    """Raise `UnknownValue`, with the nearest, for a key of nothing that can be left out."""
    known = {
        key
        for relation in (study, measurement, contrast, arm_result)
        for key in base.keys(select(relation.key).where(relation.key.in_(options.exclude)))
    }
    for key in options.exclude:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(_keys(found)), n=3, cutoff=0.5)
            nearest = f"Nearest: {', '.join(near)}." if near else "'kb results' shows the keys."
            raise UnknownValue(f"No study, measurement or result has the key '{key}'.", nearest)


def _keys(found: Found) -> set[str]:
    rows = [*found.contrasts.values(), *found.arm_results.values()]
    return {
        *found.places,
        *(place.study for place in found.places.values()),
        *(row["key"] for group in rows for row in group),
    }
