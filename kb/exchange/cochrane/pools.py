"""The pooled results that a Cochrane review states, with the data that went in."""

from collections.abc import Iterable, Iterator, Mapping

from kb.exchange.cochrane.analyses import Analysis, ArmData, DataRow, DataType, Result
from kb.exchange.drafts import Fate, Note, StatedEffect, StatedPool

_ARMS = ("1", "2")


def stated_pools(analyses: Iterable[Analysis]) -> tuple[list[StatedPool], list[Note]]:
    """Return the results over all studies and by subgroup, and notes on those that are none."""
    pools: list[StatedPool] = []
    notes: list[Note] = []
    for analysis in analyses:
        for subgroup, result in _results(analysis):
            reason = _not_taken(analysis, subgroup, result)
            if reason:
                message = f"Analysis {_title(analysis, subgroup)}: {reason}"
                notes.append(Note(analysis.row, "", Fate.WARNED, "no pooled result", message))
            else:
                pools.append(_pool(analysis, subgroup, result))
    return pools, notes


def _results(analysis: Analysis) -> Iterator[tuple[str | None, Result]]:
    if analysis.overall is not None:
        yield None, analysis.overall
    yield from analysis.subgroups.items()


def _title(analysis: Analysis, subgroup: str | None) -> str:
    return f"{analysis.title} ({subgroup})" if subgroup else analysis.title


def _not_taken(analysis: Analysis, subgroup: str | None, result: Result) -> str | None:
    """Return why a result is not taken, None where it is."""
    numbers = (result.estimate, result.ci_low, result.ci_high)
    ratio = analysis.measure is not None and analysis.measure.is_ratio
    reason = None
    if result.wrong:
        reason = f"{result.wrong}; the result is not taken."
    elif all(each is None for each in numbers):
        reason = "the file states no pooled result."
    elif analysis.measure is None:
        reason = f"the base has no statistic for '{analysis.effect}'; the result is not taken."
    elif not any(numbers):
        reason = _not_computed(analysis, subgroup)
    elif result.estimate is None:
        reason = "the file states an interval without an estimate."
    elif ratio and any(each is not None and each <= 0 for each in numbers):
        reason = "the file states a ratio that is not above 0, perhaps as a logarithm; not taken."
    return reason


def _not_computed(analysis: Analysis, subgroup: str | None) -> str:
    from kb.exchange.restating import given_by_rows

    given = given_by_rows(_pool(analysis, subgroup, Result(0.0, 0.0, 0.0)))
    return (
        "the file states 0 [0, 0], which RevMan writes where it has not computed a result: it is "
        f"not taken for one. {given}"
    )


def _pool(analysis: Analysis, subgroup: str | None, result: Result) -> StatedPool:
    assert analysis.measure is not None
    assert result.estimate is not None
    rows = [row for row in analysis.rows if _belongs(row, subgroup)]
    weighted = subgroup is None or analysis.overall is None
    members = tuple(_member(analysis, row, weighted=weighted) for row in rows)
    people = [_people(row) for row in rows if row.estimable]
    return StatedPool(
        row=analysis.row,
        name=_title(analysis, subgroup),
        outcome=analysis.name,
        statistic=analysis.measure.statistic,
        model=analysis.model,
        method=analysis.method,
        estimate=result.estimate,
        ci_low=result.ci_low,
        ci_high=result.ci_high,
        ci_level=analysis.level,
        p=result.p,
        tau2=result.tau2 if analysis.model == "random" else None,
        i2=result.i2 if len(members) > 1 else None,
        q=result.q if len(members) > 1 else None,
        participants=sum(people) if people and all(people) else None,
        data_type=str(analysis.data_type),
        subgroup=subgroup,
        members=members,
        estimator=analysis.estimator,
        test=analysis.test,
        swapped=analysis.swapped,
    )


def _belongs(row: DataRow, subgroup: str | None) -> bool:
    if row.wrong is not None or not row.estimable:
        return False
    return row.in_overall if subgroup is None else row.in_subgroup and row.subgroup == subgroup


def _people(row: DataRow) -> int:
    return (row.experimental.n or 0) + (row.control.n or 0)


def _member(analysis: Analysis, row: DataRow, *, weighted: bool) -> StatedEffect:
    """Return a study's part; weights stand beside the result that they are percents of."""
    return StatedEffect(
        row.row,
        row.study,
        {name: number for name, number in _data(analysis, row).items() if number is not None},
        estimate=row.estimate,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        weight=row.weight if weighted else None,
        subgroup=row.subgroup,
    )


def _data(analysis: Analysis, row: DataRow) -> Mapping[str, float | None]:
    """Return what went in, by metafor's names."""
    match analysis.data_type:
        case DataType.DICHOTOMOUS if row.has_arms:
            first = _events(row.experimental, swapped=analysis.swapped)
            second = _events(row.control, swapped=analysis.swapped)
            sizes = row.experimental.n, row.control.n
            return {"ai": first, "n1i": sizes[0], "ci": second, "n2i": sizes[1]}
        case DataType.CONTINUOUS if row.has_arms:
            return {
                f"{name}{arm}i": number
                for arm, data in zip(_ARMS, (row.experimental, row.control), strict=True)
                for name, number in (("m", data.mean), ("sd", data.sd), ("n", data.n))
            }
        case DataType.LOG_RANK:
            return {"o_minus_e": row.o_minus_e, "v": row.v}
        case _:
            return {"yi": row.yi, "sei": row.sei}


def _events(arm: ArmData, *, swapped: bool) -> int | None:
    if arm.n is None or arm.events is None:
        return None
    return arm.n - arm.events if swapped else arm.events
