"""Two stores, or versions of the data: which rows differ, and which answers moved.

opening:     a store, or a folder of seed files loaded into one that lasts as long as it is read
rows:        the rows that one of them lacks or has otherwise
pools:       pooled answers that moved, and the rule by which they did
questions:   questions that other studies and findings answer now
claims:      claims and printed results with another verdict in the ledger
difference:  all of it together
"""
