"""Retailers to fit on, and others to be judged on: other seeds, other feeds' manners and other rates."""

from loadtests.simulator.habits import Habits
from loadtests.simulator.world import World

DAYS = 60
ASKED_FROM_DAY = 10
"""In the training worlds, for the baselines' constants."""
JUDGED_FROM_DAY = 35
"""Of a held-out retailer what is earlier may be fitted to, as the service does with its own retailers."""

TRAINING = (
    World("alder", Habits("till"), 11, DAYS),
    World("birch", Habits("nightly", per_day=(0.1, 0.3, 1.0, 2.0), gaps_noticed=0.04), 12, DAYS),
    World("cedar", Habits("till", per_day=(0.05, 0.2, 0.6, 3.0), outage=0.06, stolen_of_sales=0.02), 13, DAYS),
    World("dogwood", Habits("weekly", lead_days=2.0, late=0.15), 14, DAYS),
    World("alnus", Habits("nightly", cover_days=12.0, missed_nights=0.03, filled=0.9), 15, DAYS),
)

HELD_OUT = (
    World("elm", Habits("till", per_day=(0.12, 0.4, 1.2, 4.0), stolen_of_sales=0.018, gaps_noticed=0.05), 101, DAYS),
    World("fir", Habits("nightly", per_day=(0.06, 0.2, 0.7, 1.8), missed_nights=0.12, misplaced=0.003), 102, DAYS),
    World(
        "ginkgo", Habits("till", outage=0.1, outage_days=3.0, missing=0.03, counted=0.004, staff_errs=0.04), 103, DAYS
    ),
    World("hazel", Habits("weekly", per_day=(0.07, 0.3, 0.9, 2.0), late=0.35, gaps_noticed=0.09), 104, DAYS),
    World("ivy", Habits("nightly", lead_days=4.0, cover_days=14.0, wrong_scan=0.01, filled=0.7, looks=2.0), 105, DAYS),
    World("juniper", Habits("nightly", per_day=(0.1, 0.3, 0.9, 3.5), gaps_noticed=0.045, stolen=0.002), 106, DAYS),
)
"""Looked at by `make calibration` alone: nothing is chosen by what they show."""

CHECKED = World("larch", Habits("till", stores=8, products=50, per_day=(0.1, 0.35, 1.0, 3.0), looks=0.5), 201, 42)
"""For confirmations by the check list and at random."""
CHECKED_FROM_DAY = 32
