"""A receipt: all that a pooled answer rests on, kept so that it can be checked later."""

import json
from collections.abc import Mapping
from hashlib import sha256
from platform import python_version
from typing import Any

import numpy as np
import scipy

import kb
from kb.pooling.answer import PooledAnswer

FORMAT = "evidence-kb receipt"
VERSION = 1


def receipt(answer: PooledAnswer) -> dict[str, Any]:
    """Return an answer with its raw counts, the versions of the software, and an id.

    It holds what JSON holds and no time of day: the same answer has the same id.
    """
    told = answer.as_dict()
    counts = answer.selection.counts or {}
    studies = [
        {**study, "counts": {name: column[i] for name, column in counts.items()} or None}
        for i, study in enumerate(told["studies"])
    ]
    content = {
        "format": FORMAT,
        "version": VERSION,
        **told,
        "studies": studies,
        "software": software(),
    }
    kept: dict[str, Any] = json.loads(json.dumps(content, allow_nan=False))
    return {"format": FORMAT, "version": VERSION, "id": identity(kept), **kept}


def identity(receipt: Mapping[str, Any]) -> str:
    """Return the id that belongs to a receipt.

    It is the first 16 hexadecimal digits of the SHA-256 of all but the id, written as JSON with
    sorted names and no spaces. Raises `ValueError` for a number that JSON does not know.
    """
    content = {name: value for name, value in receipt.items() if name != "id"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(canonical.encode("ascii")).hexdigest()[:16]


def software() -> dict[str, str]:
    """Return the versions of what computes."""
    return {
        "kb": kb.__version__,
        "python": python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
