"""How far the probability is from the truth, on worlds that it was not fitted to."""
