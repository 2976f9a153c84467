"""Chance: one generator for each purpose, so that no part of a world depends on which other part was drawn before."""

from zlib import crc32

import numpy as np


def generator(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """The same for the same seed, purpose and numbers, in every process."""
    return np.random.default_rng([seed, crc32(purpose.encode()), *numbers])
