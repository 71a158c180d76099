"""Receipts of pooled answers, and their replay."""
