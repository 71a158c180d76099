"""The evidence gap map: how many studies there are for every pair of terms, and where none is."""

from kb.gaps.mapping import gap_map

__all__ = ["gap_map"]
