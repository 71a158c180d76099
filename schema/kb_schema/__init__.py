"""The words of the field as tables: studies, interventions, outcomes, factors, themes, reviews.

A *study* is not a *report* of it; an *arm* receives an *intervention*; an *outcome* is what is
measured and an *instrument* is what it is measured with. Every row that states a fact points at a
*passage*, the place in a report that carries it. This package does no input or output.

`kb_schema.tables` gathers all tables; `kb_schema.codes` holds the closed sets of codes.
"""
