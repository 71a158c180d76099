"""What the formats of citations have in common: names, identifiers, pages, years, kinds."""
