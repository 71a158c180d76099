"""Questions in words: understood by vocabulary alone, with no model and no network."""

from kb.ask.understanding import Understood, understand

__all__ = ["Understood", "understand"]
