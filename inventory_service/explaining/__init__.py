"""Why we said what we said of a shelf at a moment: what was held then, and how the answer followed from it."""
