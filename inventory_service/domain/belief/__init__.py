"""How likely the shelf has it: evidence, its age and what is known of its source become a probability and a word.

The mathematics, the priors and where they come from: docs/CONFIDENCE.md.
"""
