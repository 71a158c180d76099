"""Cumulative meta-analysis: the pooled effect as the studies come in."""

from kb.pooling.sensitivities.sensitivity import Sensitivity
from kb.synthesis.options import METHODS, TESTS
from kb_cli.figures.drawing import Drawing
from kb_cli.figures.repooled import drawn_repooled
from kb_cli.figures.text import sentence
from kb_cli.figures.wording import missing_part
from kb_cli.render.repooled import Repooled


def drawn(subject: Sensitivity) -> Drawing:
    """Draw the pooled effects of the first study, the first two, and so on to all of them."""
    found = subject.cumulative
    if found is None:
        raise missing_part("cumulative meta-analysis", subject.notes)
    rows = [
        Repooled(
            f"+ {step.label}" if place else step.label,
            step.estimate,
            step.heterogeneity,
            ("" if step.key is None else f"{step.key:g}", str(step.k)),
        )
        for place, step in enumerate(found.steps)
    ]
    last = found.steps[-1]
    whole = Repooled(
        "All studies", last.estimate, last.heterogeneity, ("", str(last.k)), is_whole=True
    )
    return drawn_repooled(
        subject,
        found.effects,
        [*rows, whole],
        title=f"{sentence(found.effects.measure.reported)} as the studies come in",
        label="Study that comes in",
        before=("Year", "Studies"),
        notes=(f"{sentence(METHODS[found.method])}; interval: {TESTS[found.test]}.", *found.notes),
    )
