"""What was tried, and on whom."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kb.answers.shared import grouped
from kb.base import Record
from kb.brief.brief import Section, Statement, blocks
from kb.brief.material import Material
from kb.brief.wording import joined, the_rest, upper
from kb.pages.page import span
from kb.store.relations import Relation, arm, participants

_MOST = 8
_MOST_VALUES = 4


def tried(material: Material) -> Section:
    """Return what was given in the studies, and who took part: trials first."""
    return Section(
        "tried",
        "What was tried, on whom",
        blocks(("", [*_meant(material), *_given(material)]), ("", _studies(material))),
    )


def _meant(material: Material) -> Iterator[Statement]:
    """Yield what the words of the topic mean in this base."""
    topic = material.topic
    for table, keys in (("approach", topic.approaches), ("outcome", topic.outcomes)):
        for key in keys:
            row = material.base.record(Relation(table), key)
            if row and row["definition"]:
                yield Statement(
                    row["definition"],
                    about=row["name"],
                    command=f"kb show {table}:{key}",
                    how="in the words of this base",
                )


def _given(material: Material) -> Iterator[Statement]:
    """Yield what the interventions have in common, counted."""
    rows = material.interventions
    if not rows:
        return
    told = [
        f"{label}: {values}"
        for label, values in (
            ("approach", _approaches(material)),
            ("form", _values([row["delivery"]] for row in rows)),
            ("mode", _values(row["modes"] for row in rows)),
            ("frequency", _values([row["frequency"]] for row in rows)),
            ("session", _values([_minutes(row)] for row in rows)),
            ("duration", _values([_length(row)] for row in rows)),
            ("led by", _values(_leaders(material, row) for row in rows)),
        )
        if values
    ]
    several = f" In brackets: in how many of {len(rows)} interventions; of the others not known."
    yield Statement(
        f"{upper('; '.join(told))}.{several if len(rows) > 1 else ''}",
        tuple(row["passage"] for row in rows),
        "What was given",
        command=material.topic.question("interventions").command(),
        how="counted here",
    )


def _approaches(material: Material) -> str:
    """Return the approaches where the topic does not name one."""
    if len(material.topic.approaches) == 1:
        return ""
    return _values(
        [material.label("approach", key) for key in row["approaches"]]
        for row in material.interventions
    )


def _values(several: Iterable[Sequence[str | None]]) -> str:
    """Return values with the number of interventions that have them, the most frequent first."""
    each = list(several)
    counts = Counter(value for values in each for value in values if value)
    listed = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    more = len(listed) - _MOST_VALUES
    told = ", ".join(
        f"{value} ({count})" if len(each) > 1 else value for value, count in listed[:_MOST_VALUES]
    )
    return f"{told} and {more} more" if more > 0 else told


def _minutes(row: Record) -> str:
    return span(row["session_minutes_low"], row["session_minutes_high"], "minutes")


def _length(row: Record) -> str:
    return (
        f"{row['weeks']:g} weeks"
        if row["weeks"]
        else span(row["sessions_low"], row["sessions_high"], "sessions")
    )


def _leaders(material: Material, row: Record) -> list[str]:
    return [material.label("profession", key).lower() for key in row["facilitators"]]


def _studies(material: Material) -> Iterator[Statement]:
    """Yield a line for each study, trials first."""
    topic = material.topic
    if not material.studies:
        yield Statement(
            f"This base holds no study of it ({topic.title}). That is a gap of this base, and need "
            "not be one of the literature.",
            command=topic.question("studies").command(),
            how="searched",
        )
        return
    trials = {row["key"] for row in material.trials}
    ordered = sorted(material.studies, key=lambda row: row["key"] not in trials)
    passages = _passages(material, [row["key"] for row in ordered[:_MOST]])
    for row in ordered[:_MOST]:
        yield Statement(_told(row), (row["passage"], *passages[row["key"]]), row["label"])
    yield from the_rest(len(ordered) - _MOST, "study", topic.question("studies").command())


def _told(row: Record) -> str:
    size = "number of participants not known"
    if row["n"] is not None:
        size = f"{row['n']:,} {row['n_counted']}"
    against = joined(name.lower() for name in row["comparator_names"])
    parts = [
        row["design_name"],
        size,
        joined(row["cancer_names"]) or "cancer not known",
        joined(row["country_names"]) or "country not known",
    ]
    return f"{'; '.join(parts)}{f'; compared with {against}' if against else ''}."


def _passages(material: Material, keys: Sequence[str]) -> dict[str, list[Record]]:
    """Return the passages behind the number of participants and the control arm, by study."""
    base = material.base
    sizes = {row["key"]: (row["n"], row["n_counted"]) for row in material.studies}
    rows = [
        row
        for row in base.records(participants, keys, by="study_key")
        if row["arm_key"] is None
        and (row["number"], f"{row['kind']} {row['flow']}") == sizes[row["study_key"]]
    ]
    arms = [r for r in base.records(arm, keys, by="study_key") if r["comparator_key"] is not None]
    passages = base.passages(row["passage_key"] for row in (*rows, *arms))
    by_study = grouped([*rows, *arms], "study_key")
    return {key: [passages[row["passage_key"]] for row in by_study.get(key, ())] for key in keys}
