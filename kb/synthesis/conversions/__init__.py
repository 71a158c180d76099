"""From what trials report to means, standard deviations and effects: one formula each.

Every function takes numbers and returns numbers, or takes columns of equal length, or columns and
numbers, and returns columns; NaN where a value is missing stays NaN. A value that cannot be is an
error that names it.
"""

from kb.synthesis.conversions.between_measures import (
    Converted,
    d_to_log_odds,
    d_to_r,
    log_odds_to_d,
    r_to_d,
)
from kb.synthesis.conversions.differences import (
    d_from_f,
    d_from_p,
    d_from_t,
    g_from_d,
    hedges_correction,
)
from kb.synthesis.conversions.medians import (
    MeanBy,
    MeanSD,
    from_five_numbers,
    from_quartiles,
    from_range,
)
from kb.synthesis.conversions.standard_deviations import (
    Group,
    combine_groups,
    correlation_from_change,
    sd_from_ci,
    sd_from_se,
    sd_from_se_of_difference,
    sd_from_t,
    sd_of_change,
    se_from_ci,
    se_from_p,
    se_from_t,
)
from kb.synthesis.conversions.t_values import (
    t_from_p,
)

__all__ = [
    "Converted",
    "Group",
    "MeanBy",
    "MeanSD",
    "combine_groups",
    "correlation_from_change",
    "d_from_f",
    "d_from_p",
    "d_from_t",
    "d_to_log_odds",
    "d_to_r",
    "from_five_numbers",
    "from_quartiles",
    "from_range",
    "g_from_d",
    "hedges_correction",
    "log_odds_to_d",
    "r_to_d",
    "sd_from_ci",
    "sd_from_se",
    "sd_from_se_of_difference",
    "sd_from_t",
    "sd_of_change",
    "se_from_ci",
    "se_from_p",
    "se_from_t",
    "t_from_p",
]
