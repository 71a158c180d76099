"""Points with their names, which are moved so that they do not cover each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from matplotlib.axes import Axes

from kb_cli.figures.drawing import BLUE, QUIET, SMALL
from kb_cli.figures.page import LINE
from kb_cli.figures.text import cleaned, width

_LONGEST = 34
_RING = 0.14
_RINGS = 24
_DIRECTIONS = (0, 1, 7, 4, 3, 5, 2, 6)
"""Eighths of a turn: names stand right of their points where there is room."""


@dataclass(frozen=True)
class Point:
    """A point with its name."""

    x: float
    y: float
    name: str


@dataclass(frozen=True)
class _Box:
    """The place of a text, in inches from the lower left corner of the axes."""

    left: float
    bottom: float
    right: float
    top: float

    def touches(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def draw_points(
    axes: Axes, points: Sequence[Point], named: Sequence[Point], size: tuple[float, float]
) -> None:
    """Draw points, some of them with names, on axes of a size in inches.

    The limits and the scales of the axes are set before.
    """
    for number, point in enumerate(points, 1):
        axes.plot(
            [point.x],
            [point.y],
            marker="o",
            markersize=6,
            color=BLUE,
            markeredgecolor="white",
            markeredgewidth=0.6,
            zorder=4,
            clip_on=False,
            gid=f"point-{number}",
        )
    places = [_inches(axes, point, size) for point in points]
    taken = [_Box(x - 0.05, y - 0.05, x + 0.05, y + 0.05) for x, y in places]
    for point in named:
        taken.append(_draw_name(axes, _short(point.name), _inches(axes, point, size), taken, size))


def _inches(axes: Axes, point: Point, size: tuple[float, float]) -> tuple[float, float]:
    shares = axes.transAxes.inverted().transform(axes.transData.transform((point.x, point.y)))
    return float(shares[0]) * size[0], float(shares[1]) * size[1]


def _draw_name(
    axes: Axes,
    name: str,
    place: tuple[float, float],
    taken: Sequence[_Box],
    size: tuple[float, float],
) -> _Box:
    """Write a name near its point, with a line to it where it had to be moved away."""
    boxes = list(_boxes(place, width(name, SMALL)))
    inside = [box for box in boxes if _is_inside(box, size)] or boxes
    free = (box for box in inside if not any(box.touches(other) for other in taken))
    box = next(free, inside[-1])
    middle = (box.bottom + box.top) / 2
    is_right = box.left > place[0]
    is_left = box.right < place[0]
    edge = box.left if is_right else box.right if is_left else (box.left + box.right) / 2
    if (edge - place[0]) ** 2 + (middle - place[1]) ** 2 > (1.4 * _RING) ** 2:
        ends = [(place[0], edge), (place[1], middle)]
        axes.plot(
            [x / size[0] for x in ends[0]],
            [y / size[1] for y in ends[1]],
            color=QUIET,
            linewidth=0.5,
            transform=axes.transAxes,
            zorder=3,
        )
    axes.text(
        box.left / size[0],
        middle / size[1],
        name,
        fontsize=SMALL,
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        transform=axes.transAxes,
        zorder=5,
    )
    return box


def _boxes(place: tuple[float, float], room: float) -> Iterator[_Box]:
    """Yield where a name may stand: right of its point, around it, then farther away."""
    for ring in range(1, _RINGS + 1):
        for eighth in _DIRECTIONS:
            across, up = cos(eighth * pi / 4), sin(eighth * pi / 4)
            x, y = place[0] + across * ring * _RING * 0.8, place[1] + up * ring * _RING
            left = x if across > 0.1 else x - room if across < -0.1 else x - room / 2
            yield _Box(left, y - LINE / 2 + 0.02, left + room, y + LINE / 2 - 0.02)


def _is_inside(box: _Box, size: tuple[float, float]) -> bool:
    return box.left > 0 and box.bottom > 0 and box.right < size[0] and box.top < size[1]


def _short(name: str) -> str:
    name = cleaned(name)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
