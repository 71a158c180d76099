"""The arithmetic of a pooled answer."""
