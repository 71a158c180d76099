"""The facets by which evidence is asked for: the same for words, flags and Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb_schema import codes


@dataclass(frozen=True)
class Facet:
    """A property of the evidence that a question may fix.

    A facet takes its values from a `vocabulary` (a table of the store), from a closed set of
    `codes`, from a range of numbers, or from free text.
    """

    name: str
    help: str
    vocabulary: str = ""
    codes: type[StrEnum] | None = None
    is_range: bool = False
    example: str = ""
    spoken: Mapping[str, str] = field(default_factory=dict)
    """Everyday words for the codes of the facet."""


_ALL = (
    Facet("design", "Study design.", "design", example="rct"),
    Facet("approach", "Therapeutic approach of the intervention.", "approach", example="segt"),
    Facet("component", "Ingredient of the intervention.", "component", example="self-hypnosis"),
    Facet(
        "delivery",
        "Group or individual.",
        codes=codes.Delivery,
        example="group",
        spoken={
            "groups": "group",
            "one to one": "individual",
            "individually": "individual",
            "couples": "couple",
        },
    ),
    Facet(
        "mode",
        "In person, by telephone, online.",
        codes=codes.Mode,
        example="telephone",
        spoken={
            "face to face": "in-person",
            "phone": "telephone",
            "by phone": "telephone",
            "teleconference": "telephone",
            "internet": "online",
            "web": "online",
        },
    ),
    Facet("facilitator", "Profession that leads.", "profession", example="social-worker"),
    Facet("comparator", "Kind of control condition.", "comparator", example="usual-care"),
    Facet("outcome", "What was measured.", "outcome", example="pain"),
    Facet("instrument", "What it was measured with.", "instrument", example="poms"),
    Facet("cancer", "Cancer of the participants.", "cancer", example="metastatic-breast"),
    Facet("country", "Country of the study.", "country", example="canada"),
    Facet("year", "Year of the study's first report.", is_range=True, example="1990..2005"),
    Facet("n", "Number of participants.", is_range=True, example=">=100"),
    Facet("review", "Review that includes the study.", "review", example="cochrane-2013"),
    Facet("status", "How surely the inclusion is known.", codes=codes.Status, example="confirmed"),
    Facet("theme", "Qualitative theme.", "theme", example="social-connectedness"),
    Facet("construct", "CFIR 2.0 construct.", "construct", example="funding"),
    Facet("domain", "CFIR 2.0 domain.", "construct", example="inner-setting"),
    Facet(
        "valence",
        "Barrier or facilitator.",
        codes=codes.Valence,
        example="barrier",
        spoken={"barriers": "barrier", "facilitators": "facilitator", "enabler": "facilitator"},
    ),
    Facet("study", "One study, by key or name.", "study", example="goodwin-2001"),
    Facet("text", "Words found by full-text search.", example="hypnosis"),
)

FACETS: dict[str, Facet] = {facet.name: facet for facet in _ALL}

ABOUT_FACTORS = ("construct", "domain", "valence")
ABOUT_THEMES = ("theme",)
ABOUT_MEASUREMENTS = ("outcome", "instrument")
ABOUT_INTERVENTIONS = ("approach", "component", "delivery", "mode", "facilitator")
ABOUT_INCLUSIONS = ("review", "status")
