"""Small-study effects: whether small studies show larger effects, and what would follow.

A funnel plot that is not symmetric may come of unpublished studies, of small studies done
differently or in other patients, or of chance; no analysis here can tell which (Sterne et al. 2011,
BMJ 343:d4002).
"""
