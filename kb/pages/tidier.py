"""An intervention in the twelve items of TIDieR."""

from collections.abc import Iterable

from sqlalchemy import select

from kb.base import Base, Record
from kb.pages.page import Fact, Page, names, sections, span
from kb.store.relations import (
    Relation,
    intervention,
    intervention_approach,
    intervention_component,
    intervention_facilitator,
    intervention_mode,
    study,
)


def intervention_page(base: Base, key: str) -> Page | None:
    """Return the page of an intervention, or None where there is none of that key."""
    row = base.record(intervention, key)
    if row is None:
        return None
    of = base.record(study, row["study_key"])
    label = of["label"] if of else row["study_key"]
    facts = intervention_facts(base, row)
    also = sections(("TIDieR", facts), ("Study", [Fact("study", label, key=row["study_key"])]))
    return Page("intervention", key, row["name"], f"as studied in {label}", also)


def intervention_facts(base: Base, row: Record) -> Iterable[Fact]:
    """Return what is told of an intervention; the numbers are TIDieR items."""
    passage = base.passages([row["passage_key"]])[row["passage_key"]]

    def listed(relation: Relation, column: str) -> list[str]:
        query = select(relation.named(column)).where(relation.intervention_key == row["key"])
        return sorted(base.keys(query))

    approaches = names(base, "approach", listed(intervention_approach, "approach_key"))
    components = names(base, "component", listed(intervention_component, "component_key"))
    professions = names(base, "profession", listed(intervention_facilitator, "profession_key"))
    modes = ", ".join(listed(intervention_mode, "mode"))
    how = ", ".join(filter(None, [row["delivery"], modes]))
    size = span(row["group_size_low"], row["group_size_high"], "members")
    dose = [
        row["frequency"],
        span(row["session_minutes_low"], row["session_minutes_high"], "minutes"),
        span(row["sessions_low"], row["sessions_high"], "sessions"),
        f"{row['weeks']:g} weeks" if row["weeks"] else "",
    ]
    told = {
        "1 name": row["name"],
        "approach": approaches,
        "2 why": row["theory"],
        "3 materials": row["materials"],
        "4 procedures": row["procedures"],
        "holds": components,
        "5 who": row["facilitation"] or professions,
        "6 how": "; ".join(filter(None, [how, size, row["membership"]])),
        "7 where": row["setting"],
        "8 when, how much": "; ".join(
            filter(None, [", ".join(filter(None, dose)), row["schedule"]])
        ),
        "9 tailoring": row["tailoring"],
        "10 modifications": row["modifications"],
        "11-12 how well": row["fidelity"],
    }
    for label, value in told.items():
        if value:
            yield Fact(label, value, passage if label == "1 name" else None, key=row["key"])
