"""Tables brought along: CSV files with metafor's columns."""
