"""Other people's data in and out: formats to drafts, drafts to rows, and rows to formats."""
