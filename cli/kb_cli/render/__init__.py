"""Draw answers and pages. No SQL and no statistics here."""
