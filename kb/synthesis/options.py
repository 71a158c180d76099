"""The options of a pooled analysis: their codes, which are metafor's, and their full names."""

from dataclasses import dataclass

from kb.synthesis.errors import BadOption
from kb.synthesis.estimates import check_level
from kb.synthesis.estimators import ESTIMATORS

COMMON_EFFECT = "EE"

METHODS = {COMMON_EFFECT: "common effect"} | {
    code: f"random effects, {estimator.name}" for code, estimator in ESTIMATORS.items()
}

TESTS = {
    "z": "Wald, normal",
    "t": "Wald, t",
    "knha": "Hartung-Knapp",
    "adhoc": "Hartung-Knapp, never narrower than Wald",
}

PREDICTIONS = {
    "metafor": "same distribution as the confidence interval",
    "HTS": "t with k - 2 degrees of freedom",
}

_SAME = {"FE": COMMON_EFFECT, "CE": COMMON_EFFECT, "MP": "PM"}


def method_of(code: str) -> str:
    """Return the code of a method as METHODS has it; FE and CE are other names of EE, MP of PM."""
    code = _SAME.get(code, code)
    return code if code in METHODS else _chosen("method", code, METHODS)


def test_of(code: str) -> str:
    """Return the code of a test; raise BadOption if there is none of this name."""
    return code if code in TESTS else _chosen("test", code, TESTS)


def prediction_of(code: str) -> str:
    """Return the code of a prediction interval; raise BadOption if there is none of this name."""
    return code if code in PREDICTIONS else _chosen("prediction interval", code, PREDICTIONS)


def _chosen(what: str, code: str, known: dict[str, str]) -> str:
    """Return the known code that differs from this one in case alone."""
    for name in known:
        if name.casefold() == str(code).casefold():
            return name
    raise BadOption(f"There is no {what} {code!r}. Choose one of {', '.join(known)}.")


@dataclass(frozen=True, slots=True)
class Options:
    """How to pool: metafor's codes of method and test, level, prediction interval."""

    method: str
    test: str
    level: float
    prediction: str

    @classmethod
    def of(cls, method: str, test: str, level: float, prediction: str) -> "Options":
        """Check the options."""
        return cls(method_of(method), test_of(test), check_level(level), prediction_of(prediction))
