"""From stored results, or a table brought along, to a verdict and a pooled effect.

selection: which effect each trial contributes, aligned in direction, and what is set aside
table:     the same from a CSV file with metafor's columns
analysis:  the pooled effect, with its panel, subgroups and moderators
verdict:   whether the effects may be pooled, why, and what would unlock it
answer:    all of it together, as it is shown, exported and kept in a receipt
"""
