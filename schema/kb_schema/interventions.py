"""Arms and the interventions they received, in the terms of TIDieR."""

from kb_schema.base import (
    Sourced,
    check,
    key,
    one_of,
    optional,
    optional_one_of,
    optional_reference,
    reference,
    required,
)
from kb_schema.codes import ArmRole, Delivery, Frequency, Mode


class Intervention(Sourced, table=True):
    """An intervention as one study describes it. Numbers in parentheses are TIDieR items."""

    __tablename__ = "intervention"
    __table_args__ = (
        check("minutes", "session_minutes_low > 0 AND session_minutes_low <= session_minutes_high"),
        check("sessions", "sessions_low > 0 AND sessions_low <= sessions_high"),
        check("weeks", "weeks > 0"),
        check("group_size", "group_size_low > 0 AND group_size_low <= group_size_high"),
    )

    key: str = key()
    study_key: str = reference("study")
    name: str = required("What it is called (1).")
    theory: str | None = optional("Theory or aim behind it (2).")
    materials: str | None = optional("Manual and materials (3).")
    procedures: str | None = optional("What happens in it (4).")
    facilitation: str | None = optional("Who provides it, and how they work together (5).")
    delivery: Delivery | None = optional_one_of(Delivery, "Group or individual (6).")
    setting: str | None = optional("Where it is given (7).")
    frequency: Frequency | None = optional_one_of(Frequency, "How often sessions are held (8).")
    session_minutes_low: float | None = optional("Shortest length of a session, minutes (8).")
    session_minutes_high: float | None = optional("Longest length of a session, minutes (8).")
    sessions_low: int | None = optional("Smallest planned number of sessions (8).")
    sessions_high: int | None = optional("Largest planned number of sessions (8).")
    weeks: float | None = optional("Planned duration in weeks (8).")
    schedule: str | None = optional("When and how much, in words (8).")
    tailoring: str | None = optional("Planned fitting to the person or group (9).")
    modifications: str | None = optional("Changes made along the way (10).")
    fidelity: str | None = optional("How well it was delivered: plan and findings (11, 12).")
    group_size_low: int | None = optional("Smallest group size.")
    group_size_high: int | None = optional("Largest group size.")
    membership: str | None = optional("Open or closed group, who may join.")


class Arm(Sourced, table=True):
    """A group of participants of a study, by what it was offered."""

    __tablename__ = "arm"
    __table_args__ = (
        check("comparator_of_control", "comparator_key IS NULL OR role = 'control'"),
        check("control_has_comparator", "role <> 'control' OR comparator_key IS NOT NULL"),
    )

    key: str = key()
    study_key: str = reference("study")
    role: ArmRole = one_of(ArmRole, "Intervention or control.")
    label: str = required("What the arm was offered, in a few words.")
    intervention_key: str | None = optional_reference(
        "intervention", "The intervention it received."
    )
    comparator_key: str | None = optional_reference("comparator", "Kind of control condition.")


class InterventionApproach(Sourced, table=True):
    """A therapeutic approach that an intervention follows."""

    __tablename__ = "intervention_approach"

    intervention_key: str = reference("intervention", primary=True)
    approach_key: str = reference("approach", primary=True)


class InterventionComponent(Sourced, table=True):
    """An ingredient that an intervention holds."""

    __tablename__ = "intervention_component"

    intervention_key: str = reference("intervention", primary=True)
    component_key: str = reference("component", primary=True)


class InterventionMode(Sourced, table=True):
    """A means by which an intervention is delivered."""

    __tablename__ = "intervention_mode"

    intervention_key: str = reference("intervention", primary=True)
    mode: Mode = one_of(Mode, "By what means.", primary=True)


class InterventionFacilitator(Sourced, table=True):
    """A profession that leads or delivers an intervention."""

    __tablename__ = "intervention_facilitator"

    intervention_key: str = reference("intervention", primary=True)
    profession_key: str = reference("profession", primary=True)
