"""The brief: what is known of a topic on one page, how surely, and what is not known."""

from kb.brief.making import brief
from kb.brief.topic import topic_of

__all__ = ["brief", "topic_of"]
