"""The brief in short: a few sentences, each made by rule from what stands below."""

from collections import defaultdict
from collections.abc import Iterator

from kb.brief.brief import Block, Section, Statement
from kb.brief.effect import Effect
from kb.brief.effects import (
    alone,
    cautious,
    effect_text,
    is_clear,
    meaning,
    others_ways,
    sureness,
    ways,
)
from kb.brief.implementing import barriers_told, endorsed_first, share
from kb.brief.material import Material, for_construct
from kb.brief.unknown import judged, unlocks
from kb.brief.valued import foremost_themes
from kb.brief.wording import MEMBERS, counted, joined, of_studies, sentence, upper
from kb.question import Question

_OUTCOMES = 3
_THEMES = 3
_HARM = "harm"


def in_short(material: Material) -> Section:
    """Return what is known, how surely, what is not, and what to do next."""
    told = (
        *_held(material),
        *_effects(material),
        *_surely(material),
        *_said(material),
        *_next(material),
    )
    return Section("in-short", "In short", (Block("", told),))


def _held(material: Material) -> Iterator[Statement]:
    """Yield how many studies there are, and how many randomised."""
    topic, studies, trials = material.topic, material.studies, material.trials
    command = topic.question("studies").command()
    if not studies:
        yield Statement(
            f"This base holds no study of it ({topic.title}): nothing is known here.",
            command=command,
            how="searched",
        )
        return
    sizes = [row["n"] for row in trials if row["n"] is not None]
    unknown = len(trials) - len(sizes)
    of_others = f"; number not known of {unknown}" if unknown else ""
    people = f" ({counted(sum(sizes), 'participant')}{of_others})" if sizes else ""
    cancers = joined(name.lower() for row in trials for name in row["cancer_names"])
    of = f" The trials are on {cancers}." if cancers else ""
    yield Statement(
        f"This base holds {counted(len(studies), 'study')}, {_randomised(material)}{people}.{of}",
        tuple(row["passage"] for row in trials or studies),
        command=command,
        how="counted here",
    )


def _randomised(material: Material) -> str:
    """Return how many of the studies are randomised trials: "4 of them randomised trials"."""
    studies, trials = len(material.studies), len(material.trials)
    if studies == 1:
        return "a randomised trial" if trials else "not a randomised trial"
    if not trials:
        return "none of them a randomised trial"
    share = "all" if trials == studies else str(trials)
    return f"{share} of them {'a randomised trial' if trials == 1 else 'randomised trials'}"


def _effects(material: Material) -> Iterator[Statement]:
    """Yield the effects with numbers, then the directions of the outcomes most studied."""
    told = [each for each in material.effects if each.trials]
    with_numbers = [each for each in told if each.numbers or alone(each)]
    others = [each for each in told if each not in with_numbers]
    for effect in with_numbers[:_OUTCOMES]:
        yield _number(effect)
    if others:
        pointing = "; ".join(f"{each.name.lower()}: {ways(each)}" for each in others[:_OUTCOMES])
        more = len(others) - _OUTCOMES
        lead = "No effect can be pooled" if not with_numbers else "Nothing else can be pooled"
        yield Statement(
            f"{lead}; trials tell only which way they point, on an outcome or a kind of it. "
            f"{upper(pointing)}{f'; and {more} more below' if more > 0 else ''}.",
            tuple(row["passage"] for each in others[:_OUTCOMES] for row in each.directions),
            command=others[0].pooled.command(),
            how="counted here; the first",
        )
    if material.studies and not told:
        yield Statement(
            "No randomised trial here tells whether it works.",
            command=material.topic.question("results").command(),
            how="searched",
        )


def _number(effect: Effect) -> Statement:
    more = ""
    if effect.numbers:
        numbers, few = effect.numbers, cautious(effect)
        more = " ".join(
            filter(None, (few and f"Most cautious interval: {few}.", others_ways(effect)))
        )
        lead = f"{effect.pooled.selection.trials} of {counted(len(effect.trials), 'trial')} pooled"
    else:
        numbers = alone(effect) or (0.0, 0.0, 0.0)
        lead = "One trial alone"
    return Statement(
        " ".join(
            filter(
                None,
                (f"{lead}: {effect_text(effect, *numbers)}.", meaning(effect, *numbers[1:]), more),
            )
        ),
        (
            *(passage for entry in effect.pooled.entries for passage in entry.passages),
            *(row["passage"] for row in effect.directions if row["study"] not in effect.entered),
            *(row["passage"] for row in effect.certainty),
        ),
        effect.name,
        sureness(effect),
        effect.pooled.command(),
        "pooled here" if effect.numbers else "chosen here",
    )


def _surely(material: Material) -> Iterator[Statement]:
    """Yield how surely effects are known."""
    told = [each for each in material.effects if each.trials]
    if not told:
        return
    rated = [each for each in told if each.certainty]
    how = (
        f"{len(rated)} of {len(told)} effects have a rating of certainty (GRADE)"
        if rated
        else "Nobody has rated the certainty of these effects (GRADE) in this base"
    )
    judgements = len(judged(material)) or "none"
    yield Statement(
        f"{how}, and the risk of bias is judged for {judgements} of "
        f"{counted(len(material.trials), 'trial')}. {_read(material)} 'Favours' means that a "
        "report says which side did better, and nothing of how much: the size of such an effect "
        f"is not known here.{_harm(material)}",
        about="How surely",
        command=material.topic.question("sof").command(),
        how="what bears on it",
    )


def reports_behind(material: Material) -> tuple[int, int]:
    """Return how many reports the effects of trials rest on, and how many were read in full."""
    seen: dict[str, set[str]] = defaultdict(set)
    for effect in material.effects:
        behind = (
            *(passage for entry in effect.pooled.entries for passage in entry.passages),
            *(row["passage"] for row in effect.directions),
        )
        for passage in behind:
            seen[passage["report"]].add(passage["seen"])
    return len(seen), sum("full-text" in ways for ways in seen.values())


def _read(material: Material) -> str:
    reports, full = reports_behind(material)
    return (
        f"Of {counted(reports, 'report')} behind them {full or 'none'} "
        f"{'was' if full < 2 else 'were'} read in full for this base."
    )


def _harm(material: Material) -> str:
    """Return that no study is known to have looked for harm, where the question is open to it."""
    measured = {key for row in material.studies for key in row.get("outcomes", ())}
    if material.topic.outcomes or _HARM in measured:
        return ""
    return " None of the studies is known here to have measured harm."


def _said(material: Material) -> Iterator[Statement]:
    """Yield the foremost themes of those whom a group is for."""
    told, topic = material.themes, material.topic
    own = [row for row in told.own if row["voice"] in MEMBERS]
    rows = own or [row for row in told.elsewhere if row["voice"] in MEMBERS]
    every = foremost_themes(rows)
    themes = every[:_THEMES]
    if not themes:
        return
    where = f"studies of {topic.approach_name}" if own else "other studies of groups"
    names = joined(found[0]["theme_name"].lower() for found in themes)
    most = max(len(of_studies(found)) for found in themes)
    yield Statement(
        f"In {where}, those who took part speak of {names} "
        f"({'one study each' if most == 1 else f'up to {most} studies each'})"
        f"{f'; {len(every)} themes of theirs in all' if every[_THEMES:] else ''}.",
        tuple(found[0]["passage"] for found in themes),
        "What they value, and find hard",
        command=(topic.of_its_approach("themes") if own else Question("themes")).command(),
        how="counted here",
    )


def _next(material: Material) -> Iterator[Statement]:
    """Yield what to do next, for those who make a guideline and those who run a group."""
    topic, missing = material.topic, unlocks(material)
    if any(each.trials for each in material.effects):
        ask = f" Then ask for what is missing, first: {missing[0][0]}" if missing else ""
        reports, full = reports_behind(material)
        read = "Read the trials' reports in full, and rate" if full < reports else "Rate"
        yield Statement(
            f"{read} the certainty of each effect; the summary of findings shows what bears on it."
            f"{ask}",
            about="Next, for a guideline",
            command=topic.question("sof").command(),
            how="start with",
        )
        yield _for_a_service(material)
    yield from _for_a_team(material)


def _for_a_service(material: Material) -> Statement:
    """Return on how much of what a service may hope for there is a number at all."""
    told = [each for each in material.effects if each.trials]
    clear = [
        each for each in told if (found := each.numbers or alone(each)) and is_clear(each, found)
    ]
    numbers = [each for each in told if each.numbers or alone(each)]
    of = counted(len(told), "outcome" if not material.topic.outcomes else "effect")
    which = f" (clear for {joined(each.name.lower() for each in clear)})" if clear else ""
    which = which or (", and no clear effect" if numbers else "")
    return Statement(
        f"Of {of} told of here {len(numbers) or 'none'} has a number{which}; how large any other "
        "benefit or harm is, cannot be said from here. Before deciding, hold the people you serve "
        "against those of the trials, and ask for cost, staff and local need.",
        about="Next, for those who decide on a service",
        command=material.topic.question("studies", design="rct").command(),
        how="the trials",
    )


def _for_a_team(material: Material) -> Iterator[Statement]:
    """Yield a barrier to plan for, and what experts chose most for such barriers."""
    barriers = barriers_told(material)
    if not barriers:
        return
    row, construct = barriers[0][0], barriers[0][0]["construct"]
    own = row in material.factors.own
    where = f"studies of {material.topic.approach_name}" if own else "other studies of groups"
    chosen = endorsed_first(material, construct)[:1]
    fitting = "".join(
        f" Experts asked about a wider barrier, {each['barrier']}, chose most often: "
        f"{each['statement'].lower()} ({share(each)}; opinion, not evidence that it works)."
        for each in chosen
    )
    count = counted(
        len(of_studies(barriers[0])) or 1, "study" if of_studies(barriers[0]) else "review"
    )
    yield Statement(
        f"Decide beforehand how to meet what stands in the way. First in {where} ({count}; CFIR: "
        f"{row['construct_name']}): {sentence(row['statement'])}{fitting}",
        tuple(each["passage"] for each in (row, *chosen)),
        "Next, for a team that runs groups",
        command=for_construct(construct).command(),
        how="strategies for it",
    )
