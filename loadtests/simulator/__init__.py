"""Stores with hidden true shelves, and what feeds, staff and shoppers tell of them. Seeded; imports nothing of ours.

Rates, and the studies that they are drawn from: habits.py.
"""
