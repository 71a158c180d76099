"""What holds for every question, whatever it asks for."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.base import Base
from kb.facets import FACETS
from kb.question import SUBJECTS
from kb.selection import study_keys
from kb.vocabulary import facet_values

RANGES = {
    "year": st.sampled_from(["1981", "<1990", ">=2010", "1995..2007", "..2001", "2015.."]),
    "n": st.sampled_from(["<50", ">=100", "50..200", "86", "..20", "1000.."]),
}
WORDS = ("hypnosis", "pain", "group leaders", "fear of dying", "telephone", "zzz", "'; --")
FACET = st.sampled_from(sorted(FACETS))
QUICK = settings(
    max_examples=100,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def values(base: Base, facet: str) -> st.SearchStrategy[str]:
    """Return values that a facet may be asked for."""
    if facet == "text":
        return st.sampled_from(WORDS)
    if facet in RANGES:
        return RANGES[facet]
    return st.sampled_from([value for value, _ in facet_values(base.vocabulary, facet)])


def criteria(base: Base) -> st.SearchStrategy[dict[str, list[str]]]:
    """Return combinations of a few facets, each with some wanted and unwanted values."""
    several = {
        name: st.lists(
            st.tuples(st.sampled_from(["", "", "!"]), values(base, name)).map("".join),
            min_size=1,
            max_size=3,
        )
        for name in FACETS
    }
    return st.lists(FACET, max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: several[name] for name in names})
    )


def studies(base: Base, **facets: Any) -> set[str]:
    """Return the keys of the studies that meet a question."""
    return set(study_keys(base, base.question(**facets)))


@QUICK
@given(data=st.data())
def test_any_question_is_answered(data: st.DataObject, base: Base) -> None:
    question = base.question(data.draw(st.sampled_from(SUBJECTS)), **data.draw(criteria(base)))
    answer = base.answer(question)

    assert answer.as_dict()["count"] == len(answer.rows)
    assert answer.rows or answer.notes
    for near in answer.nearby:
        assert near.count > 0


@QUICK
@given(data=st.data())
def test_another_criterion_never_adds_studies(data: st.DataObject, base: Base) -> None:
    facets = data.draw(criteria(base))
    more = {name: v for name, v in data.draw(criteria(base)).items() if name not in facets}

    assert studies(base, **facets, **more) <= studies(base, **facets)


@QUICK
@given(data=st.data(), facet=FACET)
def test_excluding_is_the_rest_of_all_studies(data: st.DataObject, facet: str, base: Base) -> None:
    value = data.draw(values(base, facet))
    wanted, others = studies(base, **{facet: value}), studies(base, **{facet: f"!{value}"})

    assert wanted & others == set()
    assert wanted | others == studies(base)
    assert studies(base, **{facet: [value, f"!{value}"]}) == set()


@QUICK
@given(data=st.data(), facet=FACET)
def test_several_values_mean_any_of_them(data: st.DataObject, facet: str, base: Base) -> None:
    one, other = data.draw(values(base, facet)), data.draw(values(base, facet))

    assert studies(base, **{facet: [one, other]}) == (
        studies(base, **{facet: one}) | studies(base, **{facet: other})
    )
    assert studies(base, **{facet: [f"!{one}", f"!{other}"]}) == (
        studies(base, **{facet: f"!{one}"}) & studies(base, **{facet: f"!{other}"})
    )


@QUICK
@given(data=st.data())
def test_question_is_rebuilt_from_its_own_words(data: st.DataObject, base: Base) -> None:
    question = base.question("results", **data.draw(criteria(base)))
    said = {c.facet: [*c.wanted, *(f"!{value}" for value in c.unwanted)] for c in question.criteria}

    assert base.question("results", **said) == question
