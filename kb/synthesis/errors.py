"""What can be wrong with the data of a synthesis: one small tree of errors.

SynthesisError
├── BadStudy        one study's numbers cannot be used; names it
├── BadTable        columns that are missing, of unequal length, or of the wrong kind
├── BadOption       a model, method, measure or level that does not exist, or not here
└── TooFewStudies   the analysis needs more studies than there are
"""


class SynthesisError(ValueError):
    """Something that keeps a synthesis from being made, and what to do about it."""


class BadStudy(SynthesisError):
    """The numbers of one study cannot be used."""

    def __init__(self, label: str, what: str, remedy: str) -> None:
        super().__init__(f"{label}: {what}. {remedy}")
        self.label = label


class BadTable(SynthesisError):
    """The columns do not make a table of studies."""


class BadOption(SynthesisError):
    """An option has a value that does not exist, or none that works here."""


class TooFewStudies(SynthesisError):
    """The analysis needs more studies than there are, or more of what `noun` calls them.

    `noun` is what is needed, in the number that is needed: studies with an effect by default.
    """

    def __init__(self, what: str, needed: int, found: int, noun: str | None = None) -> None:
        if noun is None:
            noun = f"{'studies' if needed > 1 else 'study'} with an effect and its variance"
            having = "no study has" if found == 0 else f"{found} {'have' if found > 1 else 'has'}"
            there = f"{having} them"
        else:
            there = "there is 1" if found == 1 else f"there are {found or 'none'}"
        super().__init__(f"{what} needs at least {needed} {noun}; {there}.")
        self.needed = needed
        self.found = found
