"""The options of all commands that pool, declared once, and what was asked with them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb.errors import KbError
from kb_cli.options import with_facets

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer
    from kb.pooling.options import PoolOptions

VALUES: Mapping[str, tuple[str, ...]] = {
    "measure": (
        *("HR", "OR", "RR", "RD", "PETO", "AS", "IRR", "IRD", "MD", "SMD", "SMDH", "ROM"),
        *("MC", "SMCC", "SMCR", "PR", "PLO", "PAS", "PFT", "ZCOR", "GEN"),
    ),
    "model": ("common", "random"),
    "method": (
        *("REML", "EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "EB", "PM", "PMM"),
        *("MH", "MH-DL", "PETO"),
    ),
    "test": ("z", "t", "knha", "adhoc"),
    "to": ("only0", "all", "none"),
    "prediction": ("metafor", "HTS"),
    "rule": (
        *("primary", "common-instrument", "intention-to-treat", "computed", "reported"),
        *("last", "first", "newest", "oldest", "least-favourable", "most-favourable"),
    ),
    "include": ("individual-times", "subsets", "derived-variances", "unsigned", "not-randomised"),
    "dependence": ("one", "aggregate", "three-level", "robust"),
}
"""The codes of the options, here because help loads nothing that computes."""

_HOW = "How to pool"
_WHICH = "Which effects enter"
_TABLE = "A table of your own"


@dataclass(frozen=True)
class Asked:
    """What is to be pooled, and how.

    Attributes:
        facets: what narrows the evidence of the store.
        data: the table that was brought along in its place.
        given: the options of pooling that were named, as `PoolOptions.of` takes them.
    """

    facets: Mapping[str, list[str]]
    data: Path | None
    given: Mapping[str, Any]

    @property
    def options(self) -> "PoolOptions":
        """The options, checked."""
        from kb.pooling.options import PoolOptions

        return PoolOptions.of(**self.given)

    def check(self) -> None:
        """Raise KbError for what goes with neither a store nor a table."""
        if self.data is not None and self.facets:
            raise KbError(
                f"--data pools a table, and --{next(iter(self.facets))} narrows the store.",
                "Give only one of them; --exclude leaves rows of a table out.",
            )
        if self.data is None and not self.facets.keys() & {"outcome", "instrument"}:
            raise KbError(
                "It is not said what to pool.",
                "Name an outcome with --outcome, or a table of your own with --data.",
            )

    def answered(self, db: str | None) -> "PooledAnswer":
        """Return the pooled answer from the table or, where there is none, from the store."""
        from kb.pooling.pooling import pool, pool_table

        self.check()
        options = self.options
        if self.data is not None:
            return pool_table(self.data, options)

        from kb.store.opening import open_base
        from kb_cli.diagnostics import tell

        with open_base(db, tell) as base:
            return pool(base, base.question("results", **self.facets), options)


def with_pooling(
    command: Callable[..., None], name: str, *, without: Collection[str] = ()
) -> Callable[..., None]:
    """Give a command all facets and options of pooling; it receives them in `asked`.

    `without` names options that mean nothing to it.
    """
    options = [option for option in _OPTIONS if option.name not in without]

    def run(facets: dict[str, list[str]], data: Path | None = None, **given: Any) -> None:
        named = {option.name: given.pop(option.name) for option in options if option.name != "data"}
        named = {name: value for name, value in named.items() if value is not None}
        command(asked=Asked(facets, data, named), **given)

    own = [p for p in signature(command).parameters.values() if p.name != "asked"]
    facets = Parameter("facets", Parameter.POSITIONAL_OR_KEYWORD)
    run.__signature__ = Signature(  # type: ignore[attr-defined]
        [facets, *options, *(p.replace(kind=Parameter.KEYWORD_ONLY) for p in own)]
    )
    run.__doc__ = command.__doc__
    return with_facets(run, name)


def _option(
    name: str, takes: Any, metavar: str, told: str, panel: str, *flags: str, **more: Any
) -> Parameter:
    """Return the parameter of one option; None where it is not given."""
    values = VALUES.get(name)
    option = typer.Option(
        *(flags or (f"--{name}",)),
        metavar=metavar,
        help=f"{told} {', '.join(values)}." if values else told,
        autocompletion=_completed(values) if values else None,
        rich_help_panel=panel,
        show_default=False,
        **more,
    )
    annotation = Annotated[takes | None, option]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _completed(values: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Return what completes one of these values, also after a comma."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{value}" for value in values if value.startswith(last)]

    return complete


_OPTIONS = (
    _option(
        "data",
        Path,
        "FILE",
        "CSV with metafor's columns (ai bi ci di, m1i sd1i n1i ..., or yi vi); no store is read.",
        _TABLE,
    ),
    _option("measure", str, "CODE", "Measure of effect, else that of most trials:", _HOW),
    _option("model", str, "MODEL", "Model, else random:", _HOW),
    _option(
        "method", str, "CODE", "Estimator or method for counts (MH-DL: random MH), else REML:", _HOW
    ),
    _option("test", str, "CODE", "Test and interval, else z:", _HOW, "--test", "--interval"),
    _option(
        "add",
        str,
        "N,N",
        "Added to counts: for single studies and in MH and PETO sums; else 0.5,0.",
        _HOW,
    ),
    _option(
        "to",
        str,
        "CODE,CODE",
        "To which tables, for both; else only0,none:",
        _HOW,
    ),
    _option(
        "drop00",
        str,
        "BOOL,BOOL",
        "Leave out studies without events: for themselves, in the sums; true or false.",
        _HOW,
    ),
    _option("level", float, "PERCENT", "Level of the intervals, else 95.", _HOW),
    _option("prediction", str, "CODE", "Prediction interval, else metafor:", _HOW),
    _option(
        "subgroup", str, "NAME", "Group by approach, comparator, ... or a column of a table.", _HOW
    ),
    _option(
        "moderators",
        list[str],
        "NAME",
        "Meta-regression on year, n or columns of a table.",
        _HOW,
        "--moderator",
    ),
    _option("dependence", str, "CODE", "Several effects of a trial, else one:", _HOW),
    _option("rho", float, "NUMBER", "Correlation assumed between them, else 0.5.", _HOW),
    _option("window", str, "LO..HI", "Months in which the time point must lie: 3..12.", _WHICH),
    _option("rule", list[str], "NAME", "Prefer among the effects of a trial:", _WHICH),
    _option(
        "adjusted",
        bool,
        "",
        "Take estimates adjusted for covariates, not unadjusted ones.",
        _WHICH,
        "--adjusted",
    ),
    _option("include", list[str], "NAME", "Let in what is set aside:", _WHICH),
    _option("exclude", list[str], "KEY", "Leave out studies or results, by key.", _WHICH),
    _option(
        "as_of", int, "YEAR", "Only what was published by the end of a year.", _WHICH, "--as-of"
    ),
)
NAMES = tuple(option.name for option in _OPTIONS)
"""The names of the options, as parameters."""
