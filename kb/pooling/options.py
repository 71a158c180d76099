"""How to pool: the options of `kb pool`, with metafor's codes where it has them."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any, TypeVar

from kb.errors import KbError
from kb.question import bounds
from kb.synthesis.errors import BadOption
from kb.synthesis.measures import measure_of
from kb.synthesis.options import METHODS, Options, method_of

T = TypeVar("T")

RANDOM_MH = "MH-DL"

COUNT_METHODS = {
    "MH": "Mantel-Haenszel",
    RANDOM_MH: "random effects, DerSimonian-Laird with Q about the Mantel-Haenszel estimate",
    "PETO": "Peto's method",
}
"""Methods that pool counts, not effects with their variances."""

MODELS = {"common": "EE", "random": "REML"}
"""What the two models are estimated by when no method is named."""

CORRECTED = {
    "only0": "each table with a zero",
    "all": "every table",
    "none": "no table",
}
"""To which tables something is added: metafor's codes but "if0all", by which the effect of a study
would depend on which others enter."""

INCLUDABLE = {
    "individual-times": "effects computed from individual survival times",
    "subsets": "effects in part of a trial's participants",
    "derived-variances": "variances derived from a p-value or from the sizes of the arms",
    "unsigned": "estimates printed without their sign, signed by the finding in words",
    "not-randomised": "studies that are not randomised trials",
}
"""What is set aside unless it is asked for."""

RULES = {
    "primary": "the trial's primary outcome",
    "common-instrument": "the instrument that most trials used",
    "intention-to-treat": "all who were randomised",
    "computed": "computed from what the arms showed",
    "reported": "reported as a comparison",
    "last": "the last time point",
    "first": "the first time point",
    "newest": "the newest report",
    "oldest": "the oldest report",
    "least-favourable": "the effect least in favour of the intervention",
    "most-favourable": "the effect most in favour of the intervention",
}
"""What one effect of a trial may be preferred to another for."""

LAST_RESORT = ("least-favourable", "most-favourable")
"""Of RULES, what decides only where nothing else does: by the numbers, never by a name."""

DEFAULT_RULE = (
    "intention-to-treat",
    "primary",
    "common-instrument",
    "last",
    "computed",
    "newest",
)
"""What comes before the last resort, which is the least favourable effect."""

DEPENDENCE = {
    "one": "one effect per trial",
    "aggregate": "all effects of a trial, averaged with correlation rho",
    "three-level": "all effects, nested in trials",
    "robust": "all effects, with cluster-robust variances",
}


class UnknownOption(KbError):
    """An option of pooling with a value that does not exist, or not beside the others."""


@dataclass(frozen=True)
class PoolOptions:
    """How to pool. Build it with `PoolOptions.of`, which checks.

    Attributes:
        measure: metafor's code; None for the one that most trials have.
        method: EE, DL, ..., REML, MH or PETO.
        test: z, t, knha or adhoc.
        level: of both intervals, in percent.
        prediction: metafor or HTS.
        adjusted: take estimates adjusted for covariates in place of unadjusted ones.
        window: the months, such as "3..12", in which the time point must lie.
        rule: what comes before the default preferences among the effects of one trial.
        include: of INCLUDABLE, what is not set aside.
        exclude: keys of studies or results that are left out.
        subgroup: what the trials are grouped by: a facet of the store or a column of the file.
        moderators: columns of the file, or `year`, of a meta-regression.
        dependence: what becomes of several effects of one trial.
        rho: the correlation assumed between them.
        as_of: take only what was published by the end of this year.
        add: what is added to counts, for the effects of single studies and in the sums of methods
            that pool counts; None as in metafor, (0.5, 0) for most measures.
        to: to which tables, of CORRECTED, for both; None as in metafor, ("only0", "none").
        drop00: whether studies without events in both arms, or with nothing else, are left out of
            both; None for what is usual where the effects come from.
    """

    measure: str | None = None
    method: str = "REML"
    test: str = "z"
    level: float = 95.0
    prediction: str = "metafor"
    adjusted: bool = False
    window: str | None = None
    rule: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    subgroup: str | None = None
    moderators: tuple[str, ...] = ()
    dependence: str = "one"
    rho: float = 0.5
    as_of: int | None = None
    add: tuple[float, float] | None = None
    to: tuple[str, str] | None = None
    drop00: tuple[bool, bool] | None = None

    @classmethod
    def of(
        cls,
        *,
        method: str | None = None,
        model: str | None = None,
        measure: str | None = None,
        test: str = "z",
        level: float = 95.0,
        prediction: str = "metafor",
        window: str | None = None,
        rule: Iterable[str] = (),
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        moderators: Iterable[str] = (),
        dependence: str = "one",
        rho: float = 0.5,
        add: Any = None,
        to: Any = None,
        drop00: Any = None,
        **others: Any,
    ) -> "PoolOptions":
        """Check the options; raise `UnknownOption` for a value that does not exist.

        A level may be given in percent or as a share; lists may hold commas. Of `add`, `to` and
        `drop00` one value is that for single studies, as in metafor.
        """
        percent = 100 * level if 0 < level < 1 else level
        if not 0 < percent < 100:
            raise UnknownOption(f"A level of {level:g} percent does not exist.", "Try --level 95.")
        estimator = _method(method, model)
        try:
            checked = Options.of(
                "EE" if estimator in COUNT_METHODS else estimator, test, percent / 100, prediction
            )
            code = None if measure is None else measure_of(measure).code
        except BadOption as error:
            raise _from_synthesis(error) from None
        if window is not None:
            bounds(window, "window")
        if not -1 <= rho <= 1:
            raise UnknownOption(f"A correlation of {rho:g} does not exist.", "Try --rho 0.5.")
        return cls(
            measure=code,
            method=estimator,
            test=checked.test,
            level=percent,
            prediction=checked.prediction,
            window=window,
            rule=_known("rule", rule, RULES),
            include=_known("include", include, INCLUDABLE),
            exclude=_split(exclude),
            moderators=_split(moderators),
            dependence=_known("dependence", [dependence], DEPENDENCE)[0],
            rho=rho,
            add=_pair("add", add, _amount, other=0.0),
            to=_pair("to", to, _tables, other="none"),
            drop00=_pair("drop00", drop00, _truth, other=False),
            **others,
        )

    @property
    def share(self) -> float:
        """The level as a share, which is how the engine takes it."""
        return self.level / 100

    @property
    def preferences(self) -> tuple[str, ...]:
        """The rule but for its last resort: what was asked for, then the rest of the default."""
        opposites = {"first": "last", "last": "first", "newest": "oldest", "oldest": "newest"}
        opposites |= {"computed": "reported", "reported": "computed"}
        unwanted = {opposites.get(name) for name in self.rule}
        first = [name for name in self.rule if name not in LAST_RESORT]
        rest = [name for name in DEFAULT_RULE if name not in {*first, *unwanted}]
        return (*first, *rest)

    @property
    def last_resort(self) -> str:
        """The first of LAST_RESORT that was asked for, else the least favourable effect."""
        return next((name for name in self.rule if name in LAST_RESORT), LAST_RESORT[0])

    def as_dict(self) -> dict[str, Any]:
        """Return the options as plain data."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    def flags(self) -> list[str]:
        """Return the command-line words that say the same, leaving out what is the default."""
        words: list[str] = []
        default = PoolOptions()
        for field in fields(self):
            value = getattr(self, field.name)
            if value == getattr(default, field.name):
                continue
            flag = f"--{'moderator' if field.name == 'moderators' else field.name}"
            flag = flag.replace("_", "-")
            if value is True:
                words.append(flag)
            elif isinstance(value, tuple):
                words += [flag, ",".join(map(_word, value))]
            else:
                words += [flag, _word(value)]
        return words


def method_in_words(code: str) -> str:
    """Return the field's full name of a method."""
    return COUNT_METHODS.get(code) or METHODS[code]


def is_common(code: str) -> bool:
    """Return whether a method is of the common-effect model."""
    return code == MODELS["common"] or (code in COUNT_METHODS and code != RANDOM_MH)


def _method(method: str | None, model: str | None) -> str:
    if model is not None and model.lower() not in MODELS:
        raise UnknownOption(f"There is no model '{model}'.", f"Choose {' or '.join(MODELS)}.")
    if method is None:
        return MODELS[model.lower()] if model else "REML"
    code = method.upper() if method.upper() in COUNT_METHODS else _estimator(method)
    if code == "MH" and model is not None and model.lower() == "random":
        return RANDOM_MH
    common = is_common(code)
    if model is not None and common is (model.lower() == "random"):
        raise UnknownOption(
            f"--method {code} is of the {'common-effect' if common else 'random-effects'} model, "
            f"and --model {model.lower()} asks for the other.",
            "Give only one of them.",
        )
    return code


def _estimator(method: str) -> str:
    try:
        return method_of(method)
    except BadOption:
        known = ", ".join([*METHODS, *COUNT_METHODS])
        raise UnknownOption(f"There is no method '{method}'.", f"Choose one of {known}.") from None


def _from_synthesis(error: BadOption) -> UnknownOption:
    problem, _, remedy = str(error).partition(". ")
    return UnknownOption(f"{problem}." if remedy else problem, remedy)


def _pair(
    option: str, given: Any, read: Callable[[Any], T | None], *, other: T
) -> tuple[T, T] | None:
    """Return the two values of an option, the second by metafor's default where there is one."""
    if given is None:
        return None
    parts = given.split(",") if isinstance(given, str) else given
    values = [read(part) for part in (parts if isinstance(parts, list | tuple) else [parts])]
    match values:
        case [only] if only is not None:
            return only, other
        case [first, second] if first is not None and second is not None:
            return first, second
    known = {"add": "a number from 0", "to": "only0, all or none", "drop00": "true or false"}
    raise UnknownOption(
        f"'{given}' is nothing that --{option} takes.",
        f"It takes {known[option]}; a second value, after a comma, is for the sums.",
    )


def _amount(value: Any) -> float | None:
    """Return what is added to a count; None for what cannot be."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < inf and not isinstance(value, bool) else None


def _tables(value: Any) -> str | None:
    """Return the code of the tables that are corrected; None for what is none."""
    code = str(value).strip().casefold()
    return code if code in CORRECTED else None


def _truth(value: Any) -> bool | None:
    """Return what is true or false, as metafor or a person writes it; None for anything else."""
    said = str(value).strip().casefold()
    return True if said in {"true", "yes"} else False if said in {"false", "no"} else None


def _word(value: Any) -> str:
    """Return a value as it stands on a command line."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _split(values: Iterable[str]) -> tuple[str, ...]:
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _known(option: str, values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    given = _split(values)
    for value in given:
        if value not in known:
            raise UnknownOption(
                f"'{value}' is nothing that --{option} takes.", f"It takes {', '.join(known)}."
            )
    return given
