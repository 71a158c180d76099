"""Our own sheet for extracting data from reports: one row for what an arm showed, or a contrast."""
