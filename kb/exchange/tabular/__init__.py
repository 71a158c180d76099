"""What the formats that are tables have in common: columns, rows of a study, references."""
