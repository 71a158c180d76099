"""How a brief is made: the evidence is read once, and each part puts its share in words."""

from kb.base import Base
from kb.brief.brief import Brief
from kb.brief.effects import effects
from kb.brief.implementing import factors, strategies
from kb.brief.material import Material
from kb.brief.short import in_short
from kb.brief.topic import Topic
from kb.brief.tried import tried
from kb.brief.unknown import unknown
from kb.brief.valued import valued

_PARTS = (in_short, tried, effects, valued, factors, strategies, unknown)


def brief(base: Base, topic: Topic) -> Brief:
    """Return what is known of a topic: each statement with its sources or the command behind it."""
    material = Material(base, topic)
    sections = (part(material) for part in _PARTS)
    return Brief(topic, tuple(each for each in sections if each.blocks), base.data)
