"""The brief in short: a few sentences, each made by rule from what stands below."""

from collections.abc import Iterator

from kb.brief.brief import Block, Section, Statement
from kb.brief.effect import Effect
from kb.brief.effects import alone, effect_text, meaning, sureness
from kb.brief.implementing import barriers_told, endorsed_first, share
from kb.brief.material import Material, for_construct
from kb.brief.unknown import judged, unlocks
from kb.brief.valued import foremost_themes
from kb.brief.wording import MEMBERS, counted, joined, of_studies, sentence
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
    people = f", with {counted(sum(sizes), 'participant')} in all" if sizes else ""
    people += f" (number not known of {unknown})" if sizes and unknown else ""
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
        ways = "; ".join(f"{each.name.lower()}: {_ways(each)}" for each in others[:_OUTCOMES])
        more = len(others) - _OUTCOMES
        lead = "No effect can be pooled" if not with_numbers else "Nothing else can be pooled"
        yield Statement(
            f"{lead}; trials tell only which way they point. {ways[:1].upper()}{ways[1:]}"
            f"{f'; and {more} more below' if more > 0 else ''}.",
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
    if effect.numbers:
        numbers = effect.numbers
        lead = f"{effect.pooled.selection.trials} of {counted(len(effect.trials), 'trial')} pooled"
    else:
        numbers = alone(effect) or (0.0, 0.0, 0.0)
        lead = "One trial alone"
    return Statement(
        f"{lead}: {effect_text(effect, *numbers)}. {meaning(effect, *numbers[1:])}".strip(),
        (
            *(passage for entry in effect.pooled.entries for passage in entry.passages),
            *(row["passage"] for row in effect.certainty),
        ),
        effect.name,
        sureness(effect),
        effect.pooled.command(),
        "pooled here" if effect.numbers else "chosen here",
    )


def _ways(effect: Effect) -> str:
    """Return how many trials point which way: "1 of 3 trials favours the intervention"."""
    total = len(effect.trials)
    words = {
        "favours-intervention": ("favours the intervention", "favour the intervention"),
        "favours-control": ("favours the control", "favour the control"),
        "no-difference": ("finds no difference", "find no difference"),
        "mixed": ("is mixed", "are mixed"),
        "unclear": ("is unclear", "are unclear"),
    }
    told = [
        f"{len(found)} {words[way][len(found) > 1]}"
        for way in words
        if (found := effect.pointing.get(way))
    ]
    if total == 1:
        return f"the only trial {told[0].partition(' ')[2]}" if told else "one trial"
    return f"of {total} trials {', '.join(told)}"


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
        f"{counted(len(material.trials), 'trial')}. A direction says nothing of the size of an "
        f"effect.{_harm(material)}",
        about="How surely",
        command=material.topic.question("sof").command(),
        how="what bears on it",
    )


def _harm(material: Material) -> str:
    """Return that no study is known to have looked for harm, where the question is open to it."""
    measured = {key for row in material.studies for key in row.get("outcomes", ())}
    if material.topic.outcomes or _HARM in measured:
        return ""
    return " None of the studies is known to have measured harm."


def _said(material: Material) -> Iterator[Statement]:
    """Yield the foremost themes of those whom a group is for."""
    told, topic = material.themes, material.topic
    own = [row for row in told.own if row["voice"] in MEMBERS]
    rows = own or [row for row in told.elsewhere if row["voice"] in MEMBERS]
    themes = foremost_themes(rows)[:_THEMES]
    if not themes:
        return
    where = f"studies of {topic.approach_name}" if own else "other studies of groups"
    names = joined(found[0]["theme_name"].lower() for found in themes)
    most = max(len(of_studies(found)) for found in themes)
    yield Statement(
        f"In {where}, those who took part speak foremost of {names} (each told in "
        f"{'1 study' if most == 1 else f'up to {most} studies'}).",
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
        yield Statement(
            "Rate the certainty of each effect; the summary of findings shows what bears on it."
            f"{ask}",
            about="Next, for a guideline",
            command=topic.question("sof").command(),
            how="start with",
        )
    yield from _for_a_team(material)


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
        f" For barriers of this kind experts chose most often: {each['statement'].lower()} "
        f"({share(each)}; opinion, not evidence of effect)."
        for each in chosen
    )
    yield Statement(
        f"Plan for what stands in the way. Foremost in {where} (CFIR: {row['construct_name']}): "
        f"{sentence(row['statement'])}{fitting}",
        tuple(each["passage"] for each in (row, *chosen)),
        "Next, for a team that runs groups",
        command=for_construct(construct).command(),
        how="strategies for it",
    )
