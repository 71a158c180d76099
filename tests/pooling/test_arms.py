"""Which arm is compared with which."""

from kb.pooling.selecting.arms import Arm, Asked, compare

GROUP = Arm("t/group", "t", "intervention", "the group", "t/segt", None)
OTHER = Arm("t/other", "t", "intervention", "the other group", "t/cbt", None)
CONTROL = Arm("t/control", "t", "control", "usual care", None, "usual-care")
OPEN = Asked(None, None)


def test_the_intervention_comes_first_whichever_way_the_source_names_them() -> None:
    straight, turned = compare(GROUP, CONTROL, OPEN), compare(CONTROL, GROUP, OPEN)
    assert (straight.treated, straight.control, straight.turned) == (GROUP, CONTROL, False)
    assert (turned.treated, turned.control, turned.turned) == (GROUP, CONTROL, True)
    assert straight.reason == turned.reason == ""


def test_an_arm_that_is_not_named_is_told_of() -> None:
    assert compare(GROUP, None, OPEN).reason == "which arm the estimate is of is not said"


def test_two_interventions_are_no_comparison_with_a_control() -> None:
    assert compare(GROUP, OTHER, OPEN).reason.startswith("it compares two interventions")


def test_of_two_interventions_the_one_asked_for_is_the_treated_one() -> None:
    found = compare(OTHER, GROUP, Asked({"t/segt"}, None))
    assert (found.treated, found.control, found.turned, found.reason) == (GROUP, OTHER, True, "")


def test_another_intervention_or_control_than_asked_for_is_told_of() -> None:
    other = compare(OTHER, CONTROL, Asked({"t/segt"}, None))
    assert other.reason == "its intervention is not the one asked for: the other group"
    control = compare(GROUP, CONTROL, Asked(None, {"waiting-list"}))
    assert control.reason == "its control condition is not the one asked for: usual care"
