"""Tables whose rows compare two arms of a study: from rows to drafts of studies.

A reader gives its rows as lines with the following names; only the outcome must be there.
Texts: outcome, instrument, rating, time, analysed, effect_source, better, country, format,
reference, and of either arm condition_arm1, multi_arm1, detail_arm1; role_arm2.
Numbers: time_weeks, months, year, randomised, sessions, and of either arm mean_arm1, sd_arm1,
n_arm1, event_arm1, totaln_arm1, n_change_arm1, randomised_arm1.
"""

ARMS = (1, 2)
