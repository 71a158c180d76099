"""Baujat's plot: each study's part in the heterogeneity and its influence on the pooled effect."""

from collections.abc import Iterable

from kb.pooling.sensitivities.sensitivity import Sensitivity
from kb.synthesis.options import METHODS
from kb_cli.figures.drawing import Drawing
from kb_cli.figures.page import MARGIN, Page
from kb_cli.figures.scatter import Point, draw_points
from kb_cli.figures.text import sentence
from kb_cli.figures.wording import missing_part, paragraph

_SIZE = (5.7, 3.9)
_NAMED = 12


def drawn(subject: Sensitivity) -> Drawing:
    """Draw the studies; those with the largest values have their names beside them."""
    found = subject.baujat
    if found is None:
        raise missing_part("plot of Baujat", subject.notes)
    points = [Point(one.heterogeneity, one.influence, one.label) for one in found.points]
    named = sorted(points, key=lambda point: point.y, reverse=True)[:_NAMED]
    title = f"Heterogeneity and influence, {found.k} studies (Baujat)"
    notes = [f"{sentence(METHODS[found.method])}."]
    if found.k > _NAMED:
        notes.append(f"The {_NAMED} studies with the largest influence are named.")
    page = Page(7.0, _SIZE[1] + 0.65, title, subject.answer.command("sensitivity"), notes)
    axes = page.axes(MARGIN + 0.65, 0.0, *_SIZE)
    axes.set_xlabel(sentence(found.x_name))
    axes.set_ylabel("Influence on the pooled effect")
    axes.set_xlim(0.0, _beyond(point.x for point in points))
    axes.set_ylim(0.0, _beyond(point.y for point in points))
    draw_points(axes, points, named, _SIZE)
    told = [
        f"{point.name}: {found.x_name} {point.x:.3g}, influence {point.y:.3g}" for point in points
    ]
    return Drawing(page.figure, title, paragraph([title, *told, *notes]))


def _beyond(values: Iterable[float]) -> float:
    """Return the end of an axis from 0 that holds these values."""
    return 1.08 * max(values) or 1.0
