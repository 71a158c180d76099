"""The closed sets of codes, one class each. Open vocabularies are tables (see `vocabulary`)."""

from enum import StrEnum


class ReportKind(StrEnum):
    """Kind of publication, as the type of a CSL-JSON item."""

    ARTICLE = "article-journal"
    CONFERENCE = "paper-conference"
    CHAPTER = "chapter"
    BOOK = "book"
    MANUSCRIPT = "manuscript"
    WEB_PAGE = "webpage"
    NEWS = "article-newspaper"
    DATA_SET = "dataset"
    REPORT = "report"


class Seen(StrEnum):
    """How a passage was seen by the curators."""

    FULL_TEXT = "full-text"
    AT_SOURCE = "at-source"
    RECORD = "record"
    MIRROR = "mirror-copy"
    DATA_FILE = "data-file"
    COMPARISON = "comparison"


class Status(StrEnum):
    """How surely something is known."""

    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    INFERRED = "inferred"


class ReportRole(StrEnum):
    """What a report is to its study."""

    PRIMARY = "primary"
    COMPANION = "companion"
    METHODS = "methods"
    COMMENT = "comment"


class ParticipantKind(StrEnum):
    """Who took part."""

    PATIENTS = "patients"
    CAREGIVERS = "caregivers"
    PROFESSIONALS = "professionals"
    LEADERS = "leaders"
    MEMBERS = "members"


class Flow(StrEnum):
    """The point in the flow of participants at which they were counted (CONSORT)."""

    APPROACHED = "approached"
    ENROLLED = "enrolled"
    RANDOMISED = "randomised"
    ANALYSED = "analysed"
    COMPLETED = "completed"


class Topic(StrEnum):
    """What a study characteristic is about."""

    AGE = "age"
    ALLOCATION = "allocation"
    ATTENDANCE = "attendance"
    BASELINE = "baseline"
    BLINDING = "blinding"
    COST = "cost"
    DATA = "data"
    FOLLOW_UP = "follow-up"
    FUNDING = "funding"
    HYPOTHESIS = "hypothesis"
    MODERATOR = "moderator"
    MORTALITY = "mortality"
    PROGNOSIS = "prognosis"
    RECRUITMENT = "recruitment"
    SETTING = "setting"
    TREATMENT = "treatment"
    OTHER = "other"


class ArmRole(StrEnum):
    """What an arm is for."""

    INTERVENTION = "intervention"
    CONTROL = "control"


class Delivery(StrEnum):
    """To whom an intervention is delivered at a time (TIDieR item 6)."""

    GROUP = "group"
    INDIVIDUAL = "individual"
    COUPLE = "couple"
    FAMILY = "family"


class Mode(StrEnum):
    """By what means an intervention is delivered (TIDieR item 6)."""

    IN_PERSON = "in-person"
    TELEPHONE = "telephone"
    VIDEO = "video"
    ONLINE = "online"
    WRITTEN = "written"


class Frequency(StrEnum):
    """How often sessions are held."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    DAILY = "daily"
    ONCE = "once"
    VARYING = "varying"


class Direction(StrEnum):
    """Which arm an effect favours, in terms of benefit to the participants."""

    FAVOURS_INTERVENTION = "favours-intervention"
    FAVOURS_CONTROL = "favours-control"
    NO_DIFFERENCE = "no-difference"
    MIXED = "mixed"
    UNCLEAR = "unclear"


class Basis(StrEnum):
    """What a direction of effect rests on (SWiM item 'standardised metric')."""

    INTERVAL = "interval"
    TEST = "test"
    SIGNIFICANCE = "significance-statement"
    ESTIMATE = "estimate"
    STATEMENT = "statement"


class Statistic(StrEnum):
    """The statistic of a contrast between arms; the names are metafor's where it has them."""

    HAZARD_RATIO = "HR"
    ODDS_RATIO = "OR"
    RISK_RATIO = "RR"
    RISK_DIFFERENCE = "RD"
    MEAN_DIFFERENCE = "MD"
    STANDARDISED_MEAN_DIFFERENCE = "SMD"
    EFFECT_SIZE = "ES"
    COHENS_D = "d"
    REGRESSION = "b"
    T = "t"
    F = "F"
    ETA_SQUARED = "eta2"
    P_ONLY = "p"


class Relation(StrEnum):
    """How a reported p value relates to the printed number."""

    EQUAL = "="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"


class Better(StrEnum):
    """Which end of a scale is better for the participant."""

    HIGHER = "higher"
    LOWER = "lower"
    BY_SUBSCALE = "by-subscale"
    NEITHER = "neither"


class Valence(StrEnum):
    """Whether a factor hinders or helps implementation."""

    BARRIER = "barrier"
    FACILITATOR = "facilitator"
    MIXED = "mixed"
    NEUTRAL = "neutral"


class Voice(StrEnum):
    """Who says it. Members are patients and caregivers whom the source does not tell apart."""

    PATIENTS = "patients"
    CAREGIVERS = "caregivers"
    MEMBERS = "members"
    DELIVERERS = "deliverers"
    PROFESSIONALS = "professionals"
    AUTHORS = "authors"
    REVIEWERS = "reviewers"
    SERVICE = "service"


class Timing(StrEnum):
    """Whether an implementation outcome is anticipated or actual (CFIR Outcomes Addendum)."""

    ANTICIPATED = "anticipated"
    ACTUAL = "actual"


class CodedBy(StrEnum):
    """Who assigned a code to a statement."""

    SOURCE = "source"
    CURATORS = "curators"


class ConstructLevel(StrEnum):
    """Level of an entry in the CFIR tree."""

    DOMAIN = "domain"
    SUBDOMAIN = "subdomain"
    CONSTRUCT = "construct"
    SUBCONSTRUCT = "subconstruct"


class OutcomeLevel(StrEnum):
    """Proctor's three kinds of outcome."""

    IMPLEMENTATION = "implementation"
    SERVICE = "service"
    CLIENT = "client"


class ReviewKind(StrEnum):
    """Kind of review."""

    SYSTEMATIC = "systematic"
    SCOPING = "scoping"
    META_ANALYSIS = "meta-analysis"
    NARRATIVE = "narrative"


class ClaimKind(StrEnum):
    """What a claim is."""

    NUMBER = "number"
    FINDING = "finding"
    INCONSISTENCY = "inconsistency"
    INTERPRETATION = "interpretation"
    RECOMMENDATION = "recommendation"
    BIBLIOGRAPHIC = "bibliographic"


class RiskOfBiasTool(StrEnum):
    """Tool with which risk of bias was judged."""

    ROB1 = "RoB 1"
    ROB2 = "RoB 2"
    ROBINS_I = "ROBINS-I"


class CertaintyApproach(StrEnum):
    """Approach to rating certainty: GRADE for effects, CERQual for qualitative findings."""

    GRADE = "GRADE"
    CERQUAL = "GRADE-CERQual"


class CertaintyLevel(StrEnum):
    """Level of certainty or confidence."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very low"


class CertaintyDomain(StrEnum):
    """What a rating of certainty rests on: reasons of GRADE, down and up; components of CERQual."""

    RISK_OF_BIAS = "risk of bias"
    INCONSISTENCY = "inconsistency"
    INDIRECTNESS = "indirectness"
    IMPRECISION = "imprecision"
    PUBLICATION_BIAS = "publication bias"
    LARGE_EFFECT = "large effect"
    DOSE_RESPONSE = "dose-response"
    CONFOUNDING = "plausible confounding"
    LIMITATIONS = "methodological limitations"
    COHERENCE = "coherence"
    ADEQUACY = "adequacy"
    RELEVANCE = "relevance"


class Concern(StrEnum):
    """How much a component of CERQual lowers confidence."""

    NONE = "no or very minor"
    MINOR = "minor"
    MODERATE = "moderate"
    SERIOUS = "serious"


class EventKind(StrEnum):
    """How the evidence in a store came to change."""

    LOAD = "load"
    IMPORT = "import"
    UNDO = "undo"


class ChangeKind(StrEnum):
    """What happened to a record."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
