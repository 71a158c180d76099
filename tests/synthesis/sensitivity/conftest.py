import numpy as np
import pytest

from kb.synthesis.effects import Effects
from kb.synthesis.measures import MEASURES

# Thirteen trials of the BCG vaccine against tuberculosis: Colditz GA et al. JAMA 1994;271:698-702,
# as in metadat's dat.bcg: cases and non-cases, vaccinated and not, and the year.
TRIALS = [
    ("Aronson", 1948, 4, 119, 11, 128),
    ("Ferguson & Simes", 1949, 6, 300, 29, 274),
    ("Rosenthal 1960", 1960, 3, 228, 11, 209),
    ("Hart & Sutherland", 1977, 62, 13536, 248, 12619),
    ("Frimodt-Moller", 1973, 33, 5036, 47, 5761),
    ("Stein & Aronson", 1953, 180, 1361, 372, 1079),
    ("Vandiviere", 1973, 8, 2537, 10, 619),
    ("TPT Madras", 1980, 505, 87886, 499, 87892),
    ("Coetzee & Berjak", 1968, 29, 7470, 45, 7232),
    ("Rosenthal 1961", 1961, 17, 1699, 65, 1600),
    ("Comstock 1974", 1974, 186, 50448, 141, 27197),
    ("Comstock & Webster", 1969, 5, 2493, 3, 2338),
    ("Comstock 1976", 1976, 27, 16886, 29, 17825),
]


@pytest.fixture
def bcg() -> Effects:
    labels = [trial[0] for trial in TRIALS]
    a, b, c, d = np.array([trial[2:] for trial in TRIALS], dtype=float).T
    yi = np.log(a / (a + b)) - np.log(c / (c + d))
    vi = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    return Effects.of(yi, vi, labels, measure=MEASURES["RR"])


@pytest.fixture
def bcg_odds() -> Effects:
    labels = [trial[0] for trial in TRIALS]
    a, b, c, d = np.array([trial[2:] for trial in TRIALS], dtype=float).T
    yi, vi = np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    return Effects.of(yi, vi, labels, measure=MEASURES["OR"])


@pytest.fixture
def years() -> list[int]:
    return [trial[1] for trial in TRIALS]
