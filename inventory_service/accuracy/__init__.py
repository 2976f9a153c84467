"""How right our answers turned out to be, and how fresh what they stand on is."""
