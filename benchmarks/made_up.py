"""Made-up trials by the ten thousand, in the tables and vocabularies of a real store.

Nobody took part in them. They serve to measure speed, are named "(made up)", and stand in a store
that a benchmark makes and deletes. Their words are searched as those of real trials are. The same
seed makes the same trials.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert

from kb.curation.applying import Written
from kb.curation.indexing import SEARCHED, index_words
from kb_schema.tables import metadata

Row = dict[str, Any]
Rows = dict[str, list[Row]]

INSTRUMENTS = {
    "anxiety": ("stai", "gad7"),
    "depression": ("ces-d", "bdi", "phq9"),
    "traumatic-stress": ("ies", "ies-r"),
    "mood-disturbance": ("poms",),
    "distress": ("distress-thermometer", "bsi"),
    "hopelessness": ("bhs",),
    "spiritual-wellbeing": ("facit-sp",),
    "pain": ("pain-vas", "bpi"),
    "fatigue": ("mfi20",),
    "sleep": ("psqi", "isi"),
    "quality-of-life": ("fact-g", "eortc-qlq-c30"),
    "self-esteem": ("rses",),
    "social-support": ("mspss",),
    "growth": ("ptgi",),
    "survival": (None,),
}
APPROACHES = (
    "segt",
    "cbt",
    "cognitive-therapy",
    "cognitive-existential",
    "meaning-centered",
    "mcgp",
    "imcp",
    "calm",
    "expressive-writing",
    "supportive-psychotherapy",
    "support-group",
    "supportive-information",
    "mentor-supportive-expressive",
)
COUNTRIES = {"usa": 0.4, "uk": 0.2, "canada": 0.15, "australia": 0.15, "china": 0.1}
CANCERS = ("metastatic-breast", "early-breast", "advanced-ovarian", "mixed-advanced", "colorectal")
CONTROLS = ("usual-care", "waiting-list", "educational-materials", "attention-control")
DOMAINS = ("randomisation process", "measurement of the outcome")
TREES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Yew")
ENDINGS = (
    *("", "beck", "by", "croft", "dale", "field", "garth", "ham", "holm", "ley", "man", "more"),
    *("ridge", "shaw", "son", "stead", "thorpe", "ton", "wick", "worth"),
)
NAMES = [f"{tree}{ending}" for tree, ending in product(TREES, ENDINGS)]
MONTHS = (3.0, 6.0, 12.0)
_BATCH = 500


def fill(connection: Connection, results: int, seed: int = 20261121) -> int:
    """Add made-up trials until they have that many results; return the number of trials."""
    rng = np.random.default_rng(seed)
    made = trials = 0
    while made < results:
        rows: Rows = defaultdict(list)
        for _ in range(_BATCH):
            trials += 1
            _trial(rows, rng, trials)
        for table in metadata.sorted_tables:
            if table.name in rows:
                _add(connection, table.name, rows[table.name])
        index_words(connection, list(_written(rows)))
        made += len(rows["arm_result"]) + len(rows["contrast"])
    return trials


def _add(connection: Connection, table: str, rows: list[Row]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(insert(metadata.tables[table]), rows)
        return
    columns = ", ".join(rows[0])
    driver = connection.connection.cursor()
    with driver.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def _written(rows: Rows) -> Iterator[Written]:
    """Yield the rows of which words are searched, with all their columns."""
    for name in SEARCHED:
        empty = dict.fromkeys(metadata.tables[name].columns.keys())
        yield from (Written(name, (row["key"],), None, empty | row) for row in rows.get(name, []))


def _trial(rows: Rows, rng: np.random.Generator, number: int) -> None:
    key, name = f"made-up-{number:06}", NAMES[number % len(NAMES)]
    year, size = int(rng.integers(1980, 2026)), int(rng.integers(20, 200))
    source = {"passage_key": f"{key}/table-2"}
    rows["passage"].append(
        {
            "key": source["passage_key"],
            "report_key": key,
            "locator": "table 2",
            "quote": "made up to measure speed",
            "seen": "data-file",
        }
    )
    rows["study"].append(
        {
            "key": key,
            "label": f"{name} {year} ({number}, made up)",
            "year": year,
            "design_key": "rct",
            **source,
        }
    )
    rows["study_report"].append({"study_key": key, "report_key": key, "role": "primary"})
    country = str(rng.choice(list(COUNTRIES), p=list(COUNTRIES.values())))
    rows["study_country"].append({"study_key": key, "country_key": country, **source})
    cancer = CANCERS[number % len(CANCERS)]
    rows["study_cancer"].append({"study_key": key, "cancer_key": cancer, **source})
    approach = _arms(rows, rng, key, source)
    rows["participants"].append(
        {
            "key": f"{key}/randomised",
            "study_key": key,
            "kind": "patients",
            "flow": "randomised",
            "number": 2 * size,
            **source,
        }
    )
    for domain in DOMAINS:
        rows["risk_of_bias"].append(
            {
                "key": f"{key}/{domain.replace(' ', '-')}",
                "study_key": key,
                "tool": "RoB 2",
                "domain": domain,
                "judgement": ("low", "some concerns", "high")[int(rng.integers(3))],
                "assessor": "nobody (made up)",
                **source,
            }
        )
    measured = list(_measured(rng))
    for outcome, instrument, months in measured:
        _measurement(rows, rng, key, size, (outcome, instrument, months), source)
    outcomes = " and ".join(dict.fromkeys(outcome.replace("-", " ") for outcome, _, _ in measured))
    second = NAMES[7 * number % len(NAMES)]
    rows["report"].append(
        {
            "key": key,
            "kind": "article-journal",
            "title": f"{outcomes.capitalize()} after {approach} in {cancer}: a made-up trial",
            "authors": f"{name} A, {second} B",
            "year": year,
        }
    )


def _arms(rows: Rows, rng: np.random.Generator, key: str, source: Row) -> str:
    """Add the arms with what they received; return the approach of the first."""
    given = f"{key}/given"
    approach = APPROACHES[int(rng.integers(len(APPROACHES)))]
    delivery = ("group", "individual")[int(rng.integers(2))]
    rows["intervention"].append(
        {
            "key": given,
            "study_key": key,
            "name": "a made-up intervention",
            "delivery": delivery,
            **source,
        }
    )
    rows["intervention_approach"].append(
        {"intervention_key": given, "approach_key": approach, **source}
    )
    control = CONTROLS[int(rng.integers(len(CONTROLS)))]
    for role, received, kind in (("intervention", given, None), ("control", None, control)):
        rows["arm"].append(
            {
                "key": f"{key}/{role}",
                "study_key": key,
                "role": role,
                "label": f"made-up {role}",
                "intervention_key": received,
                "comparator_key": kind,
                **source,
            }
        )
    return approach


def _measured(rng: np.random.Generator) -> Iterator[tuple[str, str | None, float]]:
    """Yield two to four outcomes, each with one instrument, at two or three points of time."""
    outcomes = rng.choice(list(INSTRUMENTS), size=int(rng.integers(2, 5)), replace=False).tolist()
    for outcome, months in product(outcomes, MONTHS[int(rng.integers(2)) :]):
        known = INSTRUMENTS[outcome]
        yield outcome, known[len(outcomes) % len(known)], months


def _measurement(
    rows: Rows,
    rng: np.random.Generator,
    study: str,
    size: int,
    what: tuple[str, str | None, float],
    source: Row,
) -> None:
    outcome, instrument, months = what
    key = f"{study}/{outcome}-{months:g}m"
    rows["measurement"].append(
        {
            "key": key,
            "study_key": study,
            "report_key": study,
            "outcome_key": outcome,
            "instrument_key": instrument,
            "time": f"{months:g} months",
            "months": months,
            **source,
        }
    )
    if outcome == "survival":
        _hazard_ratio(rows, rng, key, study, source)
    elif rng.random() < 0.9:
        _means(rows, rng, key, study, size, source)
    else:
        rows["finding"].append(
            {
                "key": f"{key}/main",
                "measurement_key": key,
                "direction": "no-difference",
                "basis": "significance-statement",
                "statement": "The arms did not differ significantly (made up).",
                **source,
            }
        )


def _hazard_ratio(rows: Rows, rng: np.random.Generator, key: str, study: str, source: Row) -> None:
    log, se = float(rng.normal(-0.1, 0.3)), float(rng.uniform(0.1, 0.4))
    low, estimate, high = (float(np.exp(log + z * se)) for z in (-1.96, 0, 1.96))
    rows["contrast"].append(
        _contrast(key, study, "HR", estimate, source) | {"ci_low": low, "ci_high": high}
    )


def _means(
    rows: Rows, rng: np.random.Generator, key: str, study: str, size: int, source: Row
) -> None:
    sd = float(rng.uniform(5, 15))
    means = rng.normal([20 - sd * 0.3, 20], sd / np.sqrt(size)).round(2).tolist()
    for role, mean in zip(("intervention", "control"), means, strict=True):
        rows["arm_result"].append(
            {
                "key": f"{key}/{role}",
                "measurement_key": key,
                "arm_key": f"{study}/{role}",
                "n": size,
                "mean": mean,
                "sd": round(sd, 2),
                **source,
            }
        )
    if rng.random() < 0.9:
        difference, half = means[0] - means[1], 1.96 * sd * np.sqrt(2 / size).item()
        limits = {"ci_low": difference - half, "ci_high": difference + half}
        rows["contrast"].append(_contrast(key, study, "MD", difference, source) | limits)


def _contrast(key: str, study: str, statistic: str, estimate: float, source: Row) -> Row:
    return {
        "key": f"{key}/{statistic.lower()}",
        "measurement_key": key,
        "arm_key": f"{study}/intervention",
        "comparator_arm_key": f"{study}/control",
        "statistic": statistic,
        "estimate": estimate,
        "ci_low": None,
        "ci_high": None,
        "ci_level": 95.0,
        "adjusted": False,
        **source,
    }
