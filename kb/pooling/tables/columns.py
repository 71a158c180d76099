"""Which columns of a table an effect is computed from, and what it then measures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.errors import KbError
from kb.pooling.analysing.fit import MANTEL_HAENSZEL, RANDOM_MANTEL_HAENSZEL
from kb.pooling.options import RANDOM_MH, PoolOptions
from kb.synthesis.effect_sizes import columns_of
from kb.synthesis.measures import MEASURES

_MOST_SHOWN = 12
_GIVEN = (("yi", "vi"), ("yi", "sei"))
_COUNTED: Mapping[str, Iterable[str]] = {"MH": MANTEL_HAENSZEL, RANDOM_MH: RANDOM_MANTEL_HAENSZEL}
"""The measures of methods that pool counts of several measures."""


@dataclass(frozen=True)
class Way:
    """A way from columns to an effect.

    `inputs` are the columns of the file by metafor's names; `rule` says, where several ways were
    open, which was taken.
    """

    measure: str
    inputs: Mapping[str, str]
    rule: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether the effects themselves stand in the table."""
        return "yi" in self.inputs

    @property
    def basis(self) -> str:
        """What the effect is made of, in words."""
        columns = _listed(tuple(self.inputs.values()))
        return f"as given in {columns}" if self.is_given else f"computed from {columns}"


def find(columns: Mapping[str, object], name: str) -> str | None:
    """Return the column of this name: in this case if there is one, else in any."""
    if name in columns:
        return name
    return next((each for each in columns if each.casefold() == name.casefold()), None)


def choose_way(file: str, columns: Mapping[str, object], options: PoolOptions) -> Way:
    """Return how the effects are had from these columns; raise a KbError that says what fits.

    The measure that is asked for is computed where its columns are there, otherwise yi with vi or
    sei is taken for it. Without one yi and vi are taken as they are, or the only measure that the
    columns give.
    """
    given = _present(columns, _GIVEN)
    measure = options.measure
    if options.method == "PETO" and measure in {None, "OR"}:
        measure = "PETO"
    if measure is not None:
        return _asked(file, columns, measure, given)
    codes = _COUNTED.get(options.method, MEASURES)
    raw = {code: way for code in codes if (way := _raw(columns, code))}
    if given and not (raw and options.method in _COUNTED):
        return Way("GEN", given, _unused(raw, given))
    if len(raw) == 1:
        code, inputs = raw.popitem()
        return Way(code, inputs)
    if raw:
        raise KbError(
            f"From the columns of {file} several measures can be computed.",
            f"Choose one with --measure: {', '.join(raw)}.",
        )
    raise KbError(
        f"No columns of {file} give an effect: it has {_some(columns)}.",
        "metafor's names are read, such as yi and vi (or sei); ai, bi, ci and di (or ai, n1i, ci "
        "and n2i); m1i, sd1i, n1i, m2i, sd2i and n2i; xi and ni; ri and ni.",
    )


def computable(columns: Mapping[str, object]) -> tuple[str, ...]:
    """Return the measures that can be computed from these columns."""
    return tuple(code for code in MEASURES if _raw(columns, code))


def _asked(
    file: str, columns: Mapping[str, object], measure: str, given: Mapping[str, str] | None
) -> Way:
    raw = _raw(columns, measure)
    if raw:
        instead = f"{measure} is computed from {_listed(tuple(raw.values()))}"
        unused = f"{instead}; {_listed(tuple(given.values()))} are not used." if given else ""
        return Way(measure, raw, (unused,) if unused else ())
    if given:
        return Way(measure, given)
    needed = " or from ".join(map(_listed, columns_of(measure)))
    raise KbError(
        f"The columns of {file} do not give {measure}: it has {_some(columns)}.",
        f"{measure} is computed from {needed}, or given as yi and vi.",
    )


def _raw(columns: Mapping[str, object], measure: str) -> Mapping[str, str] | None:
    """Return the columns that a measure is computed from, the usual ones first."""
    return _present(columns, tuple(way for way in columns_of(measure) if "yi" not in way))


def _present(
    columns: Mapping[str, object], ways: tuple[tuple[str, ...], ...]
) -> Mapping[str, str] | None:
    for way in ways:
        found = {name: column for name in way if (column := find(columns, name))}
        if len(found) == len(way):
            return found
    return None


def _unused(raw: Mapping[str, Mapping[str, str]], given: Mapping[str, str]) -> tuple[str, ...]:
    if not raw:
        return ()
    taken = f"The effects are those of {_listed(tuple(given.values()))}"
    return (f"{taken}; --measure {', '.join(raw)} is computed from other columns.",)


def _some(columns: Mapping[str, object]) -> str:
    names = tuple(columns)
    more = len(names) - _MOST_SHOWN
    return _listed((*names[:_MOST_SHOWN], f"{more} more") if more > 0 else names)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
