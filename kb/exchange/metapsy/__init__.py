"""Metapsy databases of psychotherapy trials: one row per comparison, outcome and time."""
