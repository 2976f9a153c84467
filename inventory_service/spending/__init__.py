"""What may be spent, by whom, and what was (docs/KEYS.md)."""
