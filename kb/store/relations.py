"""The tables of the store as the asking side sees them: by name, with columns as attributes.

The models of `kb_schema` define the tables. Building those fifty classes takes longer than any
question does to answer, so questions are put to these light stand-ins; a test holds every column
that is used here against the models.
"""

from typing import Any

from sqlalchemy import ColumnClause, TableClause, column, table


class Relation:
    """A table known by its name. `study.year` is the column `year` of `study`."""

    def __init__(self, name: str) -> None:
        self.table: TableClause = table(name)

    def __getattr__(self, name: str) -> ColumnClause[Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.named(name)

    def named(self, name: str) -> ColumnClause[Any]:
        """Return the column of that name."""
        if name not in self.table.c:
            self.table.append_column(column(name))
        found: ColumnClause[Any] = self.table.c[name]
        return found


arm = Relation("arm")
arm_result = Relation("arm_result")
certainty = Relation("certainty")
certainty_reason = Relation("certainty_reason")
cfir_eric_match = Relation("cfir_eric_match")
characteristic = Relation("characteristic")
claim = Relation("claim")
claim_check = Relation("claim_check")
claim_value = Relation("claim_value")
construct = Relation("construct")
contrast = Relation("contrast")
derivation = Relation("derivation")
disagreement = Relation("disagreement")
eric_strategy = Relation("eric_strategy")
event = Relation("event")
factor = Relation("factor")
finding = Relation("finding")
further_passage = Relation("further_passage")
gap = Relation("gap")
implementation_finding = Relation("implementation_finding")
inclusion = Relation("inclusion")
instrument = Relation("instrument")
intervention = Relation("intervention")
intervention_approach = Relation("intervention_approach")
intervention_component = Relation("intervention_component")
intervention_facilitator = Relation("intervention_facilitator")
intervention_mode = Relation("intervention_mode")
measurement = Relation("measurement")
minimal_important_difference = Relation("minimal_important_difference")
outcome = Relation("outcome")
participants = Relation("participants")
passage = Relation("passage")
position = Relation("position")
published_pool = Relation("published_pool")
record_change = Relation("record_change")
reference_deviation = Relation("reference_deviation")
report = Relation("report")
review = Relation("review")
risk_of_bias = Relation("risk_of_bias")
scale = Relation("scale")
search_entry = Relation("search_entry")
store_fact = Relation("store_fact")
strategy = Relation("strategy")
study = Relation("study")
study_cancer = Relation("study_cancer")
study_country = Relation("study_country")
study_report = Relation("study_report")
survival_time = Relation("survival_time")
synonym = Relation("synonym")
theme = Relation("theme")
theme_finding = Relation("theme_finding")
