"""How far effects and themes can be trusted: ratings that people entered, and what helps to rate.

ratings:             the ratings in the store, each with its reasons
suggestions:         what the numbers suggest for the domains of GRADE; never a rating
absolute:            an effect as a difference of risk, for a stated baseline risk
summary_of_findings: a row for each outcome (GRADE)
evidence_profile:    a row for each theme (GRADE-CERQual)
"""
