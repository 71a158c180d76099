"""What was found: effects pooled here or their directions, how surely, and what reviews pooled."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kb.answers.shared import grouped
from kb.base import Record
from kb.brief.brief import Section, Statement, blocks
from kb.brief.effect import Effect
from kb.brief.material import Material
from kb.brief.wording import counted, joined, number, sentence, the_rest, upper
from kb.pooling.analysing.engine import readers_scale
from kb.pooling.flat import own_interval
from kb.pooling.sign_test import BY_SUBGROUP
from kb.store.relations import inclusion

_NOT_RATED = "certainty not yet rated"
POINTING = {
    "favours-intervention": "favours the intervention",
    "favours-control": "favours the control",
    "no-difference": "no difference",
    "mixed": "mixed",
    "unclear": "direction unclear",
}
"""Which way a trial points, by its code."""

_CLEAR = {"favours-intervention", "favours-control"}
_SAFEGUARDED = "Hartung-Knapp, safeguarded"
_FEW = 3
_MOST = 4
_MOST_FINDINGS = 8
_MOST_REPORTED = 2


def effects(material: Material) -> Section:
    """Return what was found on each outcome, and what reviews have pooled."""
    told = [each for each in material.effects if each.trials]
    return Section(
        "effects",
        "What was found",
        blocks(
            (
                "Randomised trials, pooled or counted by direction here",
                [*(_statement(material, each) for each in told[:_MOST]), *_rest(material)],
            ),
            ("What each trial found", _each_trial(material) if material.topic.outcomes else ()),
            ("Pooled by reviews, not mixed in", _reported(material)),
        ),
    )


def effect_text(effect: Effect, estimate: float, low: float, high: float) -> str:
    """Return an effect as "hazard ratio 0.99 (95% CI 0.79 to 1.22)"."""
    assert effect.pooled.analysis is not None
    level, null = f"{effect.pooled.options.level:g}% CI", _null(effect)
    measure = effect.pooled.analysis.back["measure"]
    span = f"{number(low, null)} to {number(high, null)}"
    return f"{measure} {number(estimate)} ({level} {span})"


def meaning(effect: Effect, low: float, high: float) -> str:
    """Return how an interval lies to no effect, in a sentence; "" where there is no such value."""
    null, favours = _null(effect), effect.pooled.selection.favours
    if null is None:
        return ""
    told = f"{favours[:1].upper()}{favours[1:]}; the" if favours else "The"
    if low <= null <= high:
        held = f"interval holds {null:g}, no effect, so benefit and harm are both possible"
        return f"{told} {held}: no clear effect."
    return f"{told} interval does not hold {null:g}, no effect."


def is_clear(effect: Effect, numbers: tuple[float, float, float]) -> bool:
    """Return whether the interval of an effect leaves out no effect."""
    null, (_, low, high) = _null(effect), numbers
    return null is not None and not low <= null <= high


def alone(effect: Effect) -> tuple[float, float, float] | None:
    """Return the effect of the only trial that has one, with its interval."""
    if effect.pooled.selection.k != 1 or effect.pooled.analysis is None:
        return None
    estimate, low, high = own_interval(effect.pooled, 0)
    return None if estimate is None or low is None or high is None else (estimate, low, high)


def _statement(material: Material, effect: Effect) -> Statement:
    """Return all that is told of one effect."""
    shown = effect.entered if effect.numbers or alone(effect) else []
    rest = [row for row in effect.directions if row["study"] not in shown]
    sentences = [*_numbers(material, effect), *_directions(material, effect, rest)]
    entries = effect.pooled.entries if shown else ()
    passages = [
        *(passage for entry in entries for passage in entry.passages),
        *(row["passage"] for row in (*rest, *effect.certainty)),
    ]
    return Statement(
        " ".join(filter(None, sentences)),
        tuple(passages),
        effect.name,
        sureness(effect),
        effect.pooled.command(),
        "pooled here" if effect.numbers else "counted here",
    )


def _each_trial(material: Material) -> Iterator[Statement]:
    """Yield what each trial found on the outcome asked for."""
    effect = material.effects[0]
    for row in effect.directions[:_MOST_FINDINGS]:
        yield Statement(
            sentence(row["statement"]),
            (row["passage"],),
            f"{material.name(row['study'])}, {row['outcome_name'].lower()}",
            _way(row),
        )
    yield from the_rest(len(effect.directions) - _MOST_FINDINGS, "finding", effect.pooled.command())


def sureness(effect: Effect) -> str:
    """Return the verdict on a pool, and how sure those are who rated the effect, if anybody did."""
    verdict, cautions = effect.pooled.verdict, len(effect.pooled.verdict.reasons)
    rated = []
    for row in effect.certainty:
        of = row["of_approach_name"] or "all that it covers"
        by = f"{row['approach']}, {row['review_label']}, {row['outcome_name']}, of {of}"
        rated.append(f"certainty {row['level']} ({by})")
    told = f"pooled with {counted(cautions, 'caution')}, which the command lists"
    pooled = [told if cautions else verdict.status]
    return "; ".join([*(pooled if effect.numbers else []), *(rated or [_NOT_RATED])])


def ways(effect: Effect) -> str:
    """Return how many trials point which way: "of 3 trials 1 favours the intervention"."""
    told = _counts_of_ways(effect.pointing)
    if len(effect.trials) == 1:
        return f"the only trial {told[0].partition(' ')[2]}" if told else "one trial"
    return f"of {len(effect.trials)} trials {', '.join(told)}"


def others_ways(effect: Effect) -> str:
    """Return which way the trials point that are not pooled, in a sentence; "" without any."""
    pointing = {
        way: [study for study in studies if study not in effect.entered]
        for way, studies in effect.pointing.items()
    }
    told = _counts_of_ways(pointing)
    return f"Of the trials not pooled {', '.join(told)}." if told else ""


def cautious(effect: Effect) -> str:
    """Return the most cautious interval of few trials as "0.24 to 4.00"; "" where there is none."""
    assert effect.pooled.analysis is not None
    row = next((r for r in effect.pooled.analysis.panel if r.name == _SAFEGUARDED), None)
    if row is None or effect.pooled.selection.trials > _FEW:
        return ""
    _, low, high = row.back
    null = _null(effect)
    return "" if low is None or high is None else f"{number(low, null)} to {number(high, null)}"


def _counts_of_ways(pointing: Mapping[str, Sequence[str]]) -> list[str]:
    words = {
        "favours-intervention": ("favours the intervention", "favour the intervention"),
        "favours-control": ("favours the control", "favour the control"),
        "no-difference": ("finds no difference", "find no difference"),
        "mixed": ("is mixed", "are mixed"),
        "unclear": ("is unclear", "are unclear"),
    }
    return [
        f"{len(found)} {words[way][len(found) > 1]}"
        for way in words
        if (found := pointing.get(way))
    ]


def _numbers(material: Material, effect: Effect) -> Iterator[str]:
    """Yield the pooled effect or that of the only trial with a number, or why there is none."""
    selection, trials = effect.pooled.selection, len(effect.trials)
    if effect.numbers:
        people = [n for entry in effect.pooled.entries for n in entry.n if n is not None]
        size = f" ({counted(sum(people), 'participant')})" if people else ""
        lead = f"Pooled from {selection.trials} of {counted(trials, 'trial')}{size}"
        yield f"{lead}: {effect_text(effect, *effect.numbers)}."
        yield meaning(effect, *effect.numbers[1:])
        yield from _with_few(effect)
    elif found := alone(effect):
        name = material.name(selection.entries[0].study)
        of = "The only trial" if trials == 1 else f"One of {trials} trials"
        yield f"{of}, {name}, has a usable number: {effect_text(effect, *found)}."
        yield meaning(effect, *found[1:])
    else:
        yield f"{counted(trials, 'trial')}, not pooled."


def _with_few(effect: Effect) -> Iterator[str]:
    """Yield what a cautious interval says where few trials were pooled."""
    if span := cautious(effect):
        yield (
            "So few trials can hardly show how much effects differ; the most cautious interval "
            f"(safeguarded Hartung-Knapp) is {span}."
        )


def _directed(effects: Sequence[Effect]) -> tuple[Record, ...]:
    return tuple(row["passage"] for effect in effects for row in effect.directions)


def _directions(material: Material, effect: Effect, rows: Sequence[Record]) -> Iterator[str]:
    """Yield which way trials point, an outcome at a time."""
    ordered = sorted(rows, key=lambda row: row["outcome_name"] != effect.name)
    by_outcome = grouped(ordered, "outcome")
    lead = "Without a usable number: " if rows and len(rows) < len(effect.directions) else ""
    for found in by_outcome.values():
        ways: dict[str, list[str]] = defaultdict(list)
        for row in found:
            ways[_way(row)].append(_who(material, row))
        name = found[0]["outcome_name"]
        of = "" if _is_only(effect, name) else f"{name}: "
        told = "; ".join(f"{way} in {joined(who)}" for way, who in ways.items())
        text = f"{lead}{of}{told}"
        yield sentence(text[:1].upper() + text[1:])
        lead = ""


def _is_only(effect: Effect, outcome: str) -> bool:
    """Return whether all that is told is of one outcome, which the name of the effect implies."""
    terms = {row["outcome_name"] for row in effect.directions}
    return terms == {outcome} and outcome.lower().endswith(effect.name.lower())


def _way(row: Record) -> str:
    return BY_SUBGROUP if row["apart"] == BY_SUBGROUP else POINTING[row["direction"]]


def _who(material: Material, row: Record) -> str:
    """Return the trial of a row with what qualifies its direction."""
    stated = row["basis"] == "statement" and row["direction"] in _CLEAR
    apart = "" if row["apart"] == BY_SUBGROUP else row["apart"]
    about = [apart or row["population"] or "", "no test seen" if stated else ""]
    told = ", ".join(filter(None, about))
    return f"{material.name(row['study'])}{f' ({told})' if told else ''}"


def _rest(material: Material) -> Iterator[Statement]:
    """Yield which outcomes are not told of here, and that nothing was found."""
    told = [each for each in material.effects if each.trials]
    topic, results = material.topic, material.topic.question("results").command()
    if not told:
        yield Statement(
            f"No randomised trial in this base tells an effect of it ({topic.title}).",
            command=results,
            how="searched",
        )
    if len(told) > _MOST:
        fewer = "; ".join(f"{each.name.lower()}: {ways(each)}" for each in told[_MOST:])
        yield Statement(f"{upper(fewer)}.", _directed(told[_MOST:]), "Besides", "", results, "all")
    silent = [each.name for each in material.effects if not each.trials]
    if silent and (told or not topic.outcomes):
        yield Statement(
            f"Measured, but no randomised trial tells a direction: {joined(silent)}.",
            command=results,
            how="all",
        )


def _reported(material: Material) -> Iterator[Statement]:
    """Yield pooled effects of reviews that include the studies in question, the newest first."""
    keys = [row["key"] for row in material.studies]
    included = grouped(material.base.records(inclusion, keys, by="study_key"), "review_key")
    pools = {row["key"]: row for effect in material.effects for row in effect.pooled.reported}
    of_these = [row for row in pools.values() if row["review"] in included]
    for row in of_these[:_MOST_REPORTED]:
        yield _of_review(row, included[row["review"]])
    others = len(pools) - len(of_these[:_MOST_REPORTED])
    if others:
        effect = next(each for each in material.effects if each.pooled.reported)
        yield Statement(
            f"{counted(others, 'pooled effect')} that {'other ' if of_these else ''}reviews print, "
            "none of which is known to include these studies."
            if others == len(pools) - len(of_these)
            else f"And {counted(others, 'more pooled effect')} that reviews print.",
            command=effect.pooled.command(),
            how="all",
        )


def _of_review(row: Record, included: Sequence[Record]) -> Statement:
    limits = (row["ci_low"], row["ci_high"])
    span = "" if None in limits else f" ({number(limits[0])} to {number(limits[1])})"
    value = "" if row["estimate"] is None else f" {number(row['estimate'])}"
    size = counted(row["studies"], "study") if row["studies"] else ""
    about = (POINTING.get(row["direction"], ""), row["time"], row["population"], size)
    told = ", ".join(filter(None, (f"{row['statistic']}{value}{span}", *about)))
    studies = {each["study_key"] for each in included}
    sure = {each["study_key"] for each in included if each["status"] == "confirmed"}
    of = (
        f"The review includes {len(studies)} of these studies as far as known, {len(sure)} of them "
        "confirmed."
    )
    note = sentence(row["note"]) if row["note"] else ""
    return Statement(
        " ".join(filter(None, (f"{row['outcome_name']}: {told}.", note, of))),
        (row["passage"],),
        row["review_label"],
    )


def _null(effect: Effect) -> float | None:
    """Return no effect on the reader's scale; None where the measure has no such value."""
    analysis = effect.pooled.analysis
    assert analysis is not None
    return readers_scale(analysis.effects, analysis.measure.null)[0]
