"""From stored results, or a table brought along, to a verdict and a pooled effect.

pooling:       puts the parts below together into an answer
selecting:     which effect each trial contributes, aligned in direction, and what is set aside
tables:        the same from a CSV file with metafor's columns
analysing:     the pooled effect, with its panel, subgroups and moderators
verdict:       whether the effects may be pooled, why, and what would unlock it
answer:        all of it together, as it is shown, exported and kept in a receipt
receipts:      what was done, to be run again; r_scripts: the same for R's metafor
sensitivities: what the result hangs on; multiverses: every defensible way to it
"""
