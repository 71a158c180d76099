"""Answers as web pages that stand alone: no network, no script, readable without colour."""
