"""Words and probabilities of levels, compiled: as domain/confidence.py, whose `fresh_probability` is a table here."""

import math

import numpy as np

from geo.compiled import compiled

IN_STOCK, LIMITED, UNKNOWN, OUT_OF_STOCK = 0, 1, 2, 3
LIKELY_CLASS, UNKNOWN_CLASS, OUT_CLASS = 0, 1, 2
CLASSES = 3
NO_STEP = -1
STEPS = 20.0
TIE = 1e-9
"""Nearer than this to the middle between two public steps, decimal arithmetic has to decide."""
MOST_ASKED = 3
"""Quantities up to this are judged by `fresh`'s table."""


@compiled
def judge(one, quantity, arrival_us, horizon_us, fresh):
    """Writes the word of one of FOUND; returns whether it is sure."""
    low, high = one.low, one.high
    one.word = UNKNOWN
    if arrival_us - one.covered_us > horizon_us:
        return True
    if 0 <= high < quantity:
        one.word = OUT_OF_STOCK
    elif low >= quantity:
        one.word = IN_STOCK if low >= MOST_ASKED else LIMITED
    elif quantity > MOST_ASKED:
        return False
    elif _fresh(one, quantity, fresh) >= 0.5:
        one.word = LIMITED
    return True


@compiled
def weigh(one, quantity, arrival_us, horizon_us, fresh):
    """Writes the step; returns whether it is sure. Above MOST_ASKED pieces nobody is told steps."""
    one.step = NO_STEP
    if one.word == UNKNOWN or quantity > MOST_ASKED:
        return True
    share = np.float64(max(arrival_us - one.covered_us, 0)) / np.float64(horizon_us)
    steps = STEPS * _leaned(0.5 + (_fresh(one, quantity, fresh) - 0.5) * 2.0 ** (-2.0 * share), one.leaning)
    one.step = np.int64(np.rint(steps))
    return abs(steps - math.floor(steps) - 0.5) > TIE


@compiled
def _leaned(probability, hundredths):
    """As domain/shoppers.py."""
    if hundredths == 0:
        return probability
    return probability / (probability + (1.0 - probability) * math.exp(-hundredths / 100.0))


@compiled
def class_of(one):
    return LIKELY_CLASS if one.word <= LIMITED else (UNKNOWN_CLASS if one.word == UNKNOWN else OUT_CLASS)


@compiled
def _fresh(one, quantity, fresh):
    high = MOST_ASKED if one.high < 0 else min(one.high, MOST_ASKED)
    return fresh[quantity - 1, min(one.low, MOST_ASKED), high]
