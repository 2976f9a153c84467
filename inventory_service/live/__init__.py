"""Open streams of answers, and what makes them be looked at anew (docs/LIVE.md)."""
