"""What a review states, what its rows give, and what `kb pool` gives of it from the store."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base
from kb.exchange.drafts import StatedPool
from kb.exchange.files import open_file
from kb.exchange.formats import format_named
from kb.exchange.importing import Import, bring
from kb.exchange.naming import slug
from kb.exchange.restating import Restated, Verdict, restate
from kb.store.opening import open_base, open_store
from kb.store.relations import risk_of_bias
from tests.exchange.revman_files import MADE_UP, Record, analysis, package, rm5

FORMATS: dict[str, tuple[Callable[[Sequence[Record]], bytes], str]] = {
    "revman5": (rm5, "rm5"),
    "cochrane-package": (package, "zip"),
}
IN_BOTH = [each for each in MADE_UP if each["number"] != "2.2"]
"""RevMan 5 has no restricted likelihood."""

APART = {
    "1.4": "Greenland and Robins",
    "1.5": "as they were entered",
    "1.7": "formulas of the standardised mean difference",
    "3.6": "as they were entered",
}
"""Results that `kb pool` gives otherwise, by what it says of why."""

NAMES = [
    " ".join(filter(None, (each["number"], subgroup)))
    for each in IN_BOTH
    for subgroup in ("", *each.get("subgroups", {}))
]
SAME = [name for name in NAMES if name not in APART]


@dataclass
class Imported:
    """A made-up review in a store of its own."""

    base: Base
    pools: Mapping[str, StatedPool]
    digits: float

    def pooled(self, found: Restated) -> dict[str, Any]:
        """Return the numbers that `kb pool` gives with the options that are said to be those."""
        names = found.flags[::2]
        options = dict(
            zip((name.removeprefix("--") for name in names), found.flags[1::2], strict=True)
        )
        studies = [slug(member.study) for member in found.pool.members]
        outcome = slug(found.pool.outcome)
        answer = self.base.pool(outcome=outcome, study=studies, **typed(options))
        assert answer.analysis is not None, answer.verdict
        return {**answer.analysis.result, **answer.analysis.back}


def typed(options: Mapping[str, str]) -> dict[str, Any]:
    return {name: float(said) if name == "level" else said for name, said in options.items()}


def order_of(path: Path, form: str) -> Import:
    known, file = format_named(form), open_file(path)
    reading = known.reader()(file, {"design": "rct", "better": "lower"})
    return Import(file, known, reading, accept=True)


@contextmanager
def imported(
    folder: Path, shipped: Path, form: str, made: list[Record] | bytes
) -> Iterator[Imported]:
    write, ending = FORMATS[form]
    path = folder / f"made-up-review.{ending}"
    path.write_bytes(made if isinstance(made, bytes) else write(made))
    store = str(shutil.copy(shipped, folder / "store.db"))
    order = order_of(path, form)
    with open_store(store, lambda _: None) as engine:
        done = bring(engine, order)
    assert done.event is not None
    assert order.reading.review is not None
    pools = {
        " ".join(filter(None, (pool.name.split(" ")[0], pool.subgroup))): pool
        for pool in order.reading.review.pools
    }
    with open_base(store) as base:
        yield Imported(base, pools, 1e-9 if form == "revman5" else 1.001e-6)


@pytest.fixture(scope="module", params=list(FORMATS))
def review(
    request: pytest.FixtureRequest, shipped: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Imported]:
    folder = tmp_path_factory.mktemp(request.param)
    with imported(folder, shipped, request.param, IN_BOTH) as found:
        yield found


def off(pool: StatedPool, numbers: Mapping[str, Any]) -> float:
    """Return how far the effect or one of its limits is from what the file states."""
    stated = {"estimate": pool.estimate, "ci_low": pool.ci_low, "ci_high": pool.ci_high}
    return max(
        abs(told - float(numbers[name])) for name, told in stated.items() if told is not None
    )


@pytest.mark.parametrize("name", SAME)
def test_what_is_stated_is_what_the_rows_and_the_store_give(name: str, review: Imported) -> None:
    pool = review.pools[name]
    found = restate(pool)
    assert (found.verdict, found.apart) == (Verdict.AGREES, ""), found.sentence
    numbers = review.pooled(found)
    assert numbers["k"] == len(pool.members) - len(found.left_out)
    assert off(pool, numbers) <= review.digits
    for what in ("q", "i2", "p", "tau2"):
        stated = getattr(pool, what)
        if stated is not None:
            assert numbers[what] == pytest.approx(stated, rel=1e-8, abs=review.digits)


@pytest.mark.parametrize("name", APART)
def test_what_the_store_gives_otherwise_is_said_with_its_reason(
    name: str, review: Imported
) -> None:
    pool = review.pools[name]
    found = restate(pool)
    assert found.verdict == Verdict.AGREES, found.sentence
    assert APART[name] in found.apart
    numbers = review.pooled(found)
    assert off(pool, numbers) > review.digits or numbers["q"] != pytest.approx(pool.q, rel=1e-4)


def test_a_study_in_two_subgroups_is_a_subset_in_the_store(shipped: Path, tmp_path: Path) -> None:
    made = analysis("3.3")
    columns = {name: list(values) for name, values in made["data"].items()}
    columns["study"][1] = columns["study"][0]
    with imported(tmp_path, shipped, "revman5", [{**made, "data": columns}]) as found:
        answer = found.base.pool(outcome="made-up-pain", measure="RR", method="DL")
        assert [entry.study for entry in answer.entries] == [
            "cedar-2003",
            "dogwood-2004",
            "elm-2005",
            "fir-2006",
        ]
        reasons = {item.reason for item in answer.selection.set_aside}
    assert reasons == {"in a subset: online", "in a subset: in person"}


def test_an_analysis_without_a_total_keeps_its_subgroups_apart(
    shipped: Path, tmp_path: Path
) -> None:
    made = {**analysis("3.3"), "totals": "SUB"}
    with imported(tmp_path, shipped, "revman5", [made]) as found:
        assert list(found.pools) == ["3.3 online", "3.3 in person"]
        answer = found.base.pool(outcome="made-up-pain", measure="RR", method="DL")
        assert answer.entries == ()
        asked = {item.ask for item in answer.selection.set_aside}
    assert asked == {"--include subsets"}


def test_differences_keep_the_standard_error_that_was_entered(
    shipped: Path, tmp_path: Path
) -> None:
    """An interval of a small trial would be taken as one of t, and that of a file is rounded."""
    made = analysis("3.7")
    rows = {**made["rows"], "ci_low": [-3.0] * 5, "ci_high": [3.0] * 5}
    with imported(tmp_path, shipped, "revman5", [{**made, "rows": rows}]) as found:
        assert off(found.pools["3.7"], found.pooled(restate(found.pools["3.7"]))) <= 1e-9


@pytest.mark.parametrize(
    ("number", "options", "basis"),
    [
        (
            "1.8",
            {"measure": "HR"},
            (
                "; taken from made-up-review.rm5: exp(logarithm); its interval exp(logarithm ± z · "
                "standard error)"
            ),
        ),
        (
            "1.9",
            {"measure": "HR"},
            (
                "; taken from made-up-review.rm5: exp((O - E) / V), standard error of the "
                "logarithm 1 / sqrt(V); its interval exp(logarithm ± z · standard error)"
            ),
        ),
        ("3.7", {"measure": "MD"}, ", as reported"),
    ],
    ids=["logarithm", "log-rank", "difference"],
)
def test_an_effect_of_a_file_says_which_file_and_how(
    number: str, options: Record, basis: str, shipped: Path, tmp_path: Path
) -> None:
    made = analysis(number)
    with imported(tmp_path, shipped, "revman5", [made]) as found:
        answer = found.base.pool(outcome=slug(made["name"]), **options)
        assert len(answer.entries) == len(made["data"]["study"])
        assert all(entry.basis.endswith(basis) for entry in answer.entries)
        own = found.base.pool(outcome="survival", include="individual-times", rule="reported")
        assert any("computed by the curators" in entry.basis for entry in own.entries)
        assert not any("taken from" in entry.basis for entry in own.entries)


def test_risk_of_bias_comes_into_the_store_with_its_support(shipped: Path, tmp_path: Path) -> None:
    items = (
        '<QUALITY_ITEM NO="1"><NAME>Allocation concealment</NAME><QUALITY_ITEM_DATA>'
        '<QUALITY_ITEM_DATA_ENTRY RESULT="YES" STUDY_ID="STD-Ash-2001"><DESCRIPTION>'
        "<P>Made-up sealed envelopes</P></DESCRIPTION></QUALITY_ITEM_DATA_ENTRY>"
        "</QUALITY_ITEM_DATA></QUALITY_ITEM>"
    )
    content = rm5([analysis("3.1")], items=items)
    with imported(tmp_path, shipped, "revman5", content) as found:
        (judged,) = found.base.records(risk_of_bias, ["ash-2001"], by="study_key")
        answer = found.base.pool(outcome="made-up-depression", measure="OR", method="MH")
    assert (judged["tool"], judged["domain"]) == ("RoB 1", "Allocation concealment")
    assert (judged["judgement"], judged["support"]) == ("Low risk", "Made-up sealed envelopes")
    assert answer.entries[0].bias == (("Allocation concealment", "Low risk"),)


def test_a_second_import_of_a_review_changes_nothing(shipped: Path, tmp_path: Path) -> None:
    path = tmp_path / "made-up-review.rm5"
    path.write_bytes(rm5(IN_BOTH))
    store = str(shutil.copy(shipped, tmp_path / "store.db"))
    with open_store(store, lambda _: None) as engine:
        first, again = (bring(engine, order_of(path, "revman5")) for _ in range(2))
    assert (first.changes > 0, again.changes, again.event) == (True, 0, None)
