"""The words of questions that are not terms of the field's vocabularies."""

from kb.vocabulary import plain

_SUBJECTS = {
    "studies": "study, studies",
    "results": "result, results, effect, effects, effective, effectiveness, work, works, finding, "
    "findings, efficacy, pool, pooled, pooled effect, numbers, hazard ratio, hazard ratios, "
    "outcome data, every number, each number, all numbers, help with, reduce, reduces, improve, improves, affect, affects",
    "interventions": "intervention, interventions, therapies, treatments, treatment, programmes, programs, "
    "what was given, what was offered",
    "outcomes": "outcome, outcomes, what was measured, what was studied, endpoints",
    "instruments": "instrument, instruments, questionnaire, questionnaires, scale, scales, measured with, "
    "measurement tools, tools",
    "barriers": "barrier, barriers, obstacle, obstacles, hinder, hinders, hindered, challenge, challenges, "
    "difficulty, difficulties, in the way, problems, makes it hard, stops people",
    "facilitators": "facilitators, enabler, enablers, helped, helps, what helped, what helps, "
    "what makes it work, success factors, makes groups succeed",
    "factors": "factor, factors, determinants, implementation factors, barriers and facilitators, "
    "barriers and enablers, facilitators and barriers, barriers or facilitators, what hinders and helps",
    "strategies": "strategy, strategies, strategies fit, strategies fits, implementation strategies, what can be done, overcome, "
    "how to overcome, solutions",
    "themes": "theme, themes, benefits, perceived benefits, benefit, experiences, experience, value, values, "
    "participants say, patients say, women say, participants value, patients value, say, voices, "
    "qualitative findings",
    "reviews": "review, reviews, systematic reviews, meta analyses, meta analysis",
}

SUBJECT_WORDS = {
    plain(phrase): subject
    for subject, phrases in _SUBJECTS.items()
    for phrase in phrases.split(",")
}
"""Phrases that say what is asked for."""

VALENCE_OF = {"barriers": "barrier", "facilitators": "facilitator"}

NEGATIONS = {"not", "without", "except", "excluding", "non", "but not", "other than", "no"}

SOURCE_WORDS = {"source", "sources", "sourced", "citation", "citations", "passage", "passages", "quote"}

POOLING_WORDS = {"pool", "pooled", "pooling", "pooled effect", "meta analysis"}

COUNTING_WORDS = {"how many", "number of", "count"}

SILENT = set(
    """a about across against all also am among an and any anyone are as asked at be because been being
    between both but by came can cancer cancers could described deal did do does done during each either else
    every evaluated evidence examined exist exists face faced find for found from gave get give given go good
    had has have having her here how i if in include included includes including into is it its just kind kinds
    know known led like list look looked looking made main many may me measure measured measures measuring
    members more most much my need number of offered on one only or other our out over own participant
    participants patient patients people person persons please practice published question questions receive
    received recipients recorded report reported reporting reports run running seen set should show shown some
    someone studied such support supported taken tell test tested testing than that the their them themselves
    then there these they things this those through to told took tried try type types under up us use used uses
    using versus vs want was way we well were what when where whether which who whom whose why will with
    women would year years you your advanced metastatic psychological professionally professional let see
    compare compared comparing conducted held ran carried everything anything something available start
    starting set up setting base kb s groups group therapy therapies""".split()
)
"""Words that carry no meaning of their own for a question."""

IMPLEMENTATION = {"barriers", "facilitators", "factors", "strategies"}

_ORDER = (
    "study",
    "design",
    "outcome",
    "instrument",
    "approach",
    "component",
    "cancer",
    "country",
    "review",
    "comparator",
    "facilitator",
    "delivery",
    "mode",
    "status",
    "theme",
    "construct",
    "domain",
)
_LATE = ("outcome", "instrument", "theme")


def preference(subject: str) -> list[str]:
    """Return the facets in the order in which an ambiguous word is taken for a subject."""
    if subject in IMPLEMENTATION:
        first = ["construct", "domain"]
        return [*first, *(f for f in _ORDER if f not in (*first, *_LATE)), *_LATE]
    if subject == "themes":
        return ["theme", *(f for f in _ORDER if f != "theme")]
    return list(_ORDER)
