"""Leave-one-out: the pooled effect without each study in turn."""

from kb.pooling.sensitivities.sensitivity import Sensitivity
from kb.synthesis.options import METHODS, TESTS
from kb_cli.figures.drawing import Drawing
from kb_cli.figures.repooled import drawn_repooled
from kb_cli.figures.text import sentence
from kb_cli.figures.wording import missing_part
from kb_cli.render.repooled import Repooled


def drawn(subject: Sensitivity) -> Drawing:
    """Draw the pooled effects without one study each, and that of all studies."""
    found = subject.leave_one_out
    if found is None:
        raise missing_part("leave-one-out analysis", subject.notes)
    whole = found.whole
    rows = [
        Repooled(f"Without {each.label}", each.estimate, each.heterogeneity)
        for each in found.studies
    ]
    last = Repooled(f"All {whole.k} studies", whole.estimate, whole.heterogeneity, is_whole=True)
    how = f"{sentence(METHODS[whole.method])}, estimated anew each time"
    return drawn_repooled(
        subject,
        whole.effects,
        [*rows, last],
        title=f"{sentence(whole.effects.measure.reported)} without each study in turn",
        notes=(f"{how}; interval: {TESTS[whole.test]}.", *found.notes),
    )
