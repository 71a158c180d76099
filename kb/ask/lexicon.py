"""The words of questions that are not terms of the field's vocabularies."""

from collections.abc import Mapping


def _phrases(text: str) -> list[str]:
    """Return the phrases of a text, which commas separate."""
    return [" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip()]


def _words(text: str) -> set[str]:
    return set(text.split())


def _by_phrase(texts: Mapping[str, str]) -> dict[str, str]:
    return {phrase: key for key, text in texts.items() for phrase in _phrases(text)}


# --- what is asked for

SUBJECT_WORDS = _by_phrase(
    {
        "studies": "study, studies, paper, papers, literature",
        "results": """
            result, results, effect, effects, effect size, effect sizes, effective,
            effectiveness, efficacy, finding, findings, work, works, worked, numbers,
            hazard ratio, hazard ratios, odds ratio, odds ratios, risk ratio, risk ratios,
            relative risk, relative risks, risk difference, risk differences, mean difference,
            mean differences, standardised mean difference, standardised mean differences,
            standardized mean difference, standardized mean differences, smd,
            outcome data, every number, each number, all numbers, all the numbers,
            help with, helps with, what helps with, help, helps, helpful for, beneficial,
            impact, hr, affect, affects, affected, reduce, reduces, reduced, improve,
            improves, improved, increase, increases, decrease, decreases, lower, lowers,
            relieve, relieves, ease, eases, prolong, prolongs, extend, extends, lengthen""",
        "pool": """
            pool, pools, pooled, pooling, poolable, pooled effect, pooled effects,
            pooled estimate, pooled estimates, pooled result, pooled results, meta analyse,
            meta analyze, metaanalyse, metaanalyze, forest plot, summary effect,
            overall effect, combined effect""",
        "interventions": """
            intervention, interventions, therapies, treatment, treatments, programme,
            programmes, program, programs, what was given, what was offered, who led,
            who leads, who should lead, who can lead, who runs, who ran, who delivers,
            who delivered, who facilitated, how many sessions, how long, how often,
            how frequently""",
        "outcomes": """
            outcome, outcomes, what was measured, what was studied, what did they measure,
            outcome measures, endpoint, endpoints""",
        "instruments": """
            instrument, instruments, questionnaire, questionnaires, scale, scales, tool,
            tools, measurement tools, measures of, used to measure, used to assess""",
        "barriers": """
            barrier, barriers, obstacle, obstacles, hinder, hinders, hindered, hindrance,
            hindrances, challenge, challenges, difficulty, difficulties, in the way,
            problem, problems, makes it hard, make it hard, what makes it hard,
            what makes it difficult, what stops people, stops people, prevents, prevent,
            impede, impedes, impeded, discourages, goes wrong, went wrong, not come, not attend,
            not join, not participate, not take part, stay away""",
        "facilitators": """
            facilitators, enabler, enablers, what makes, what made, what keeps, what kept,
            success factors, makes groups succeed, that helped, that help, enable, enables,
            enabled""",
        "factors": """
            factor, factors, determinant, determinants, implementation factors,
            barriers and facilitators, facilitators and barriers""",
        "strategies": """
            strategy, strategies, strategies fit, strategy fits, implementation strategies,
            what can be done, what could be done, what can we do, what could we do,
            overcome, how to overcome, how can we overcome, how do we overcome, solution,
            solutions""",
        "themes": """
            theme, themes, experiences, experience, perceived benefits, voices, views,
            perspectives, qualitative findings, qualitative evidence, what matters""",
        "reviews": """
            review, reviews, systematic review, systematic reviews, scoping reviews,
            meta analysis, meta analyses, metaanalysis, metaanalyses""",
    }
)
"""Phrases that say what is asked for."""

WEAK_SUBJECT_WORDS = _by_phrase(
    {
        "studies": """
            country, countries, design, designs, sample size, sample sizes, comparator,
            comparators, comparison, controls, control group, control groups,
            control condition, control conditions, control arm, control arms,
            how many participants, how many patients, how many women, how many people,
            cancer types, types of cancer""",
        "interventions": """
            approach, approaches, session, sessions, duration, dose, profession,
            professions, component, components, ingredient, ingredients, facilitator,
            leader, leaders""",
        "instruments": "measures",
        "strategies": """
            how to, how do we, how do i, how can we, how can i, how could we, how should we,
            what do we need, what do i need, what should we do""",
        "factors": "construct, constructs, domain, domains, cfir, cfir construct, cfir constructs",
    }
)
"""Phrases that say so only where nothing else does."""

RESULTS_IF_OUTCOME = _by_phrase(
    {
        "facilitators": "helped, helpful, what helped, what helps, what helped with",
        "themes": "benefit, benefits, benefited, advantages, gain, gains",
    }
)
"""Phrases that ask for results where an outcome is named, and otherwise for something else."""

EFFECT_OVER = {"interventions", "outcomes"}
"""Subjects that give way to results where an effect is asked for: 'which therapies improve'."""

NEVER_POOLED = {"reviews", "barriers", "facilitators", "factors", "strategies", "themes"}
"""Subjects that a pooled effect gives way to: 'the pooled results of reviews'."""

BEFORE_POOLING = _words(
    "a an can conduct could do i make me my new of our own perform please run the we you"
)
"""Words before 'meta-analysis' where one is to be made: 'do a meta-analysis', not 'find one'."""

MEASURES = _by_phrase(
    {
        "HR": "hazard ratio, hazard ratios, hr",
        "OR": "odds ratio, odds ratios",
        "RR": "risk ratio, risk ratios, relative risk, relative risks",
        "RD": "risk difference, risk differences",
        "MD": "mean difference, mean differences",
        "SMD": """
            standardised mean difference, standardised mean differences,
            standardized mean difference, standardized mean differences, smd""",
    }
)
"""The measure that is to be pooled."""

VOICES = _words(
    """
    participant participants patient patients member members woman women people person caregiver
    caregivers carer carers leader leaders survivors men they
    """
)
VOICE_VERBS = _words(
    """
    say says said value values valued feel feels felt think thinks thought want wants wanted
    appreciate appreciated enjoy enjoyed prefer preferred liked perceive perceived
    """
)
"""What participants value, say or feel are themes."""

IMPLEMENTATION = {"barriers", "facilitators", "factors", "strategies"}
VALENCE_OF = {"barriers": "barrier", "facilitators": "facilitator"}
YIELDING = {"studies", "interventions"}
"""Subjects that, where weakly named, give way to what the facets ask for by themselves."""

NATURAL_SUBJECT = {
    "construct": "factors",
    "domain": "factors",
    "theme": "themes",
    "review": "reviews",
}
"""What is asked for where only values of this facet are named."""

EXPLAINED_BY = {
    "approach": "interventions",
    "component": "interventions",
    "instrument": "instruments",
}
"""What explains a value: 'what is SEGT?'."""

# --- names of values, beside those of the vocabularies

MORE_NAMES = [
    ("individuals domain", "domain", "individuals"),
    ("domain individuals", "domain", "individuals"),
    ("group psychotherapy", "delivery", "group"),
    ("nurse-led", "facilitator", "nurse"),
    ("nurse-delivered", "facilitator", "nurse"),
    *(
        (words, "mode", mode)
        for words in ("remote", "remotely", "virtual", "telehealth")
        for mode in ("telephone", "video", "online")
    ),
]
"""A name that stands here means only what stands here."""

GENERIC_DESIGN = {"trial", "trials", "clinical trial", "clinical trials"}
"""Names of a design that add nothing where another design is named: 'crossover trials'."""

_ORDER = (
    "design",
    "outcome",
    "instrument",
    "approach",
    "component",
    "cancer",
    "country",
    "study",
    "review",
    "comparator",
    "facilitator",
    "delivery",
    "mode",
    "status",
    "construct",
    "domain",
    "theme",
)
_OF_IMPLEMENTATION: tuple[str, ...] = ("construct", "domain")
_OF_THEMES: tuple[str, ...] = ("theme",)
_MEASURED: tuple[str, ...] = ("outcome", "instrument")


def preference(subject: str, *, measured: bool) -> list[str]:
    """Return the facets in the order in which an ambiguous word is taken for a subject.

    What a study measured says nothing about its barriers and themes: such a word narrows them
    only where the question says that it was measured.
    """
    if subject in IMPLEMENTATION:
        first, without = _OF_IMPLEMENTATION, (*_MEASURED, "theme")
    elif subject == "themes":
        first, without = _OF_THEMES, (*_MEASURED, *_OF_IMPLEMENTATION)
    else:
        return list(_ORDER)
    kept = [name for name in _ORDER if name not in first and name not in without]
    return [*first, *kept, *(without if measured else ())]


BEFORE = (
    (_words("led by facilitated run delivered"), "facilitator"),
    (_words("versus vs v against than compared comparator control"), "comparator"),
)
"""Words before a name that settle which facet it is of."""

AFTER = _words("control controls comparator comparison")
"""Words after a name that make it a comparator."""

HEADED = {"review": "review", "trial": "study", "study": "study", "paper": "study"}
"""Words after a name that settle it: 'the Goodwin review', 'the CALM trial'."""

# --- words that are names only sometimes

CAPITALS_ONLY = {"can", "us", "best", "aim", "imp", "mac", "iam"}
"""Names that are everyday words unless they stand in capitals."""

SURNAMES_OF_EVERY_DAY = {"low", "street", "bell", "baker", "moore", "oh", "ye"}
"""Authors who are named only where a capital and no other word begins the name."""

EVERYDAY = _words(
    """
    trust control need needs time space data process people staff access fit goals goal policy
    policies standards targets values value information knowledge communication communications
    content format structure understanding understood practical connection community
    contribution purpose motivation burden room rooms building manual characteristics roles
    planning plans plan doing engage engaging adaptation complex complexity competition
    recognition rewards guidance guidelines promotion awareness commitment networks design
    layout mission composition priorities priority leadership evidence meaning advantage
    monitoring schedule recruit recruiting referring training skills skill culture standard
    relationships gender recipients
    """
)
"""Names of themes and constructs that count only where themes or implementation are asked for."""

NEVER = {"people", "individuals", "doing", "need", "data", "i", "v", "i.e", "evidence base"}
"""Names of terms that questions use in another sense only."""

EVERYDAY_OUTCOMES = _words(
    """
    affect hope meaning needs growth participation confidence adjustment restraint suffering
    """
)
MEASURING = _words(
    """
    measure measured measures measuring measurement assess assessed assesses assessing outcome
    outcomes evaluated
    """
)
AFTER_MEASURING = MEASURING | _words(
    """
    on of for in and or about improve improves improved reduce reduces reduced increase
    increases increased more less not without positive affects affect raise raises
    """
)
"""Words after which an everyday word means an outcome: 'measured hope', not 'I hope'."""

GROUPS = {"group", "groups", "support group", "support groups"}
"""What barriers, strategies and themes are about anyway."""

NOT_AN_INTERVENTION = _words(
    """
    control intervention treatment comparison each both focus same other study age
    """
)
"""Words before 'group' that make it an arm and not a way of delivery."""

DELIVERED = _words(
    """
    therapy therapies psychotherapy treatment treatments intervention interventions session
    sessions format support counselling counseling delivery programme programmes program
    programs or and
    """
)
"""Words around 'individual' that make it a way of delivery: not 'individual studies'."""

MANNER = set(
    _phrases(
        """
        i hope, we hope, in the hope, over time, at the same time, first time, time point,
        time points, time frame, whether or not, why not, not only, not just, mixed results,
        mixed evidence, mixed findings, mixed effects, description of, evaluation of,
        peer reviewed, written by, written in, confidence interval, confidence intervals,
        information about, information on, data on, data about, as well as, cancer centre,
        cancer centres, cancer center, cancer centers, cancer patients, for example,
        such as, a lot, evidence base, the meaning of, in terms of, what is known, in need,
        at all, at least one, no idea, as control, as controls, as a control,
        as the control, as comparator, as a comparator, individual studies,
        individual patient data, suffering from
        """
    )
)
"""Phrases that mean nothing for a question, though a word of theirs might."""

SCOPE = set(_phrases("advanced cancer, metastatic cancer, all cancers, incurable cancer"))
"""What the whole base is about; it would be wrong to narrow by it."""

# --- words about the answer

SOURCE_WORDS = _words(
    """
    source sources sourced citation citations cited passage passages quote quotes quoted
    reference references provenance
    """
)
COUNTING = ("how many", "number of", "count")
UNCOUNTED = VOICES | {"sessions", "weeks", "minutes"}

NEGATIONS = _phrases(
    """
    not, without, except, except for, excluding, exclude, excludes, non, no, nor, neither, never,
    other than, rather than, instead of, apart from, outside, minus, lacking, missing from,
    absent from, omitted from, excluded from, left out of
    """
)
MISSED = {"no", "lacking", "without"}
"""Negations that make a construct a lack and not an exclusion: 'no money'."""

WISHES = (
    (
        "table guideline guidelines csv excel spreadsheet xlsx json markdown export download",
        "For a table to keep: --format markdown, csv or json, with --output FILE.",
    ),
    (
        "certain certainty grade confidence sure reliable bias quality risk",
        "This version rates no certainty; --sources shows what each row rests on.",
    ),
    (
        "omitted missing lacking gaps gap left",
        "What was left out stands below the rows with its reason; kb summary says what is lacking.",
    ),
    ("large larger largest small smaller smallest big", "Say sizes in numbers: over 100 patients."),
    (
        "recent recently latest newest newer new last past old older oldest first earliest early",
        "Studies are listed by year; to narrow by it, say years in numbers: since 2015.",
    ),
    (
        "months month weeks week",
        "No facet narrows by time point, but kb pool --window does; each row says when it was.",
    ),
    ("heterogeneity heterogeneous", "kb pool shows heterogeneity."),
    ("plot plots graph chart figure diagram", "kb pool draws plots: --plot FILE."),
)
"""Words that ask for something about the answer, and what to say to them."""

SILENT = _words(
    """
    a about across after against all also although am among an and any anyone anything are as
    ask asked at available base based be because been before being between both but by came can
    carried cancer cancers cared collected come comes compare compared comparing comparison
    conducted consider considered contain contains could day deal described did different do
    does done during each either else ever every everything evidence examine examined examining
    exist exists face faced few find focus focused for found from gave get gets give given gives
    go going good group groups had happen happened happens has have having held her here him his
    how however i if in include included includes including into involve involved investigate
    investigated is it its just keep kb kind kinds know known lead leading led let like list
    look looked looking made main make makes many may me mean means measure measured measures
    measuring measurement assess assessed members might more most much must my need number of
    off offer offered offering often on one ones only or other others our out over own
    participant participants particular patient patients people per person persons please
    practice present print provide provided psychological psychosocial published put question
    questions ran receive received recipients recorded regarding relate related report reported
    reporting reports run running runs s same see seen set setting several should show shown
    shows so some someone something start starting still studied such summarise summarize
    support supported take taken tell test tested testing tests than that the their them
    themselves then therapy there these they thing things this those through to today together
    told too took treat treated tried try trying type types under up upon us use used user uses
    using various versus very via vs want wants was way ways we well were what whatever when
    where whether which while who whom whose why will wish with within women would year years
    yes yet you your advanced metastatic professional professionally e.g i.e eg ie etc hi hello
    thanks thank hey oh ok okay dear centre center aimed aim best participated facilitated
    delivered overall exactly actually really currently back down again able around toward
    towards help specific specifically say says according concerning least average typically
    usually topic topics addition lack expert experts choose chose chosen eric inclusions
    inclusion meet meets met facilitating implementation implement implementing implemented
    """
)
"""Words that carry no meaning of their own for a question."""
